package conversation

import (
	"context"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	cameSQL = `SELECT c.id FROM conversation c WHERE c.customer_id = $1
AND EXISTS (SELECT 1 FROM conversation_join x WHERE x.conversation_id = c.id AND x.join_id IN (`
	sinceSQL = `SELECT c.id FROM conversation c WHERE c.customer_id = $1
AND EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND ` + arrived + ` >= $2) ORDER BY c.id`
	saidSinceSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.kind IN ('incoming', 'outgoing')
AND ` + arrived + ` >= $2 ORDER BY ` + arrived + `, m.id`
	wroteSQL = `SELECT ` + messageColumns + ` FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE c.customer_id = $1
AND m.kind = 'incoming' AND m.author_kind = 'customer' AND m.author_id = $2`
	signSQL = `UPDATE message SET author_id = $2, author_name = $3 WHERE id = $1`
	// What was merged into it says nothing of who began it.
	firstSaidSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.kind IN ('incoming', 'outgoing')
AND NOT EXISTS (SELECT 1 FROM message_move x WHERE x.message_id = m.id AND x.into_id = m.conversation_id) ORDER BY ` + arrived + `, m.id LIMIT 1`
	handBackSQL    = `UPDATE conversation SET customer_id = $2, version = version + 1 WHERE id = $1`
	forgetJoinsSQL = `DELETE FROM conversation_join WHERE conversation_id = $1 AND join_id NOT IN (`
	crossingSQL    = `SELECT a.id FROM conversation a WHERE a.customer_id = $1
AND (SELECT b.customer_id FROM conversation b WHERE b.id = a.merged_into) = $2 ORDER BY a.id`
	mergeEntrySQL = `SELECT event_id FROM message_move WHERE from_id = $1 AND into_id = $2 ORDER BY event_id DESC LIMIT 1`
)

// parting is two customers who are two again.
type parting struct {
	customer.Parted
	theirs map[string]bool // the folded addresses of who goes back
}

// Part takes back that two customers are one. Who went is a customer of their own
// again, with the addresses and conversations that came from them, the
// conversations that began at those addresses since, and what was said from and to
// them in a conversation that was joined with one of the other's: that is split
// again, as is what either said in a conversation of the other's alone. Cases and responses follow their conversations. Errors as those of
// customer.Book.PartTx.
func (t Clerk) Part(ctx context.Context, by actor.Actor, joinID string) (back customer.Customer, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		parted, err := t.Customers.PartTx(ctx, tx, by, joinID)
		if err != nil {
			return err
		}
		p := parting{Parted: parted, theirs: map[string]bool{}}
		for _, point := range p.Back.Points {
			p.theirs[keyOf(point.Address)] = true
		}
		back = p.Back
		return t.part(ctx, tx, by, p)
	})
	return back, err
}

func (t Clerk) part(ctx context.Context, tx *sqldb.Tx, by actor.Actor, p parting) error {
	ids, err := p.conversations(ctx, tx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := p.handBack(ctx, tx, id); err != nil {
			return err
		}
	}
	for address := range p.theirs {
		for _, holder := range p.Through {
			if _, err := tx.Exec(ctx, `UPDATE participant SET customer_id = $2 WHERE customer_id = $1 AND address_key = $3`, holder, p.Back.ID, address); err != nil {
				return err
			}
		}
	}
	for _, holder := range p.Through {
		for _, pair := range [][2]string{{p.Back.ID, holder}, {holder, p.Back.ID}} {
			if err := t.freeAll(ctx, tx, by, p, pair); err != nil {
				return err
			}
		}
	}
	if err := t.toJoiner().sortStrays(ctx, tx, by, p); err != nil {
		return err
	}
	if err := p.sign(ctx, tx); err != nil {
		return err
	}
	return t.tellParted(ctx, tx, by, p)
}

// freeAll parts the conversations of one customer from those of another.
func (t Clerk) freeAll(ctx context.Context, tx *sqldb.Tx, by actor.Actor, p parting, pair [2]string) error {
	crossing, err := sqldb.List(ctx, tx, scanText, crossingSQL, pair[0], pair[1])
	if err != nil {
		return err
	}
	for _, id := range crossing {
		if err := t.toJoiner().free(ctx, tx, by, p, ID(id)); err != nil {
			return err
		}
	}
	return nil
}

// handBack gives a conversation back. No join above brings it along any more:
// else its parting would take it away from here.
func (p parting) handBack(ctx context.Context, tx *sqldb.Tx, id string) error {
	if _, err := tx.Exec(ctx, handBackSQL, id, p.Back.ID); err != nil {
		return err
	}
	marks, args := sqldb.In(2, p.Joins)
	_, err := tx.Exec(ctx, forgetJoinsSQL+marks+`)`, append([]any{id}, args...)...)
	return err
}

// sign writes the name of who goes back under what they wrote since the join, as
// whoever had them.
func (p parting) sign(ctx context.Context, tx *sqldb.Tx) error {
	for _, holder := range p.Through {
		for _, with := range append([]string{p.Back.ID}, p.Through...) {
			list, err := sqldb.List(ctx, tx, scanMessage, wroteSQL, with, holder)
			if err != nil {
				return err
			}
			for _, m := range list {
				name := m.Envelope.From.Name
				if name == "" || name != m.AuthorName {
					name = p.Back.Label()
				}
				if !p.between(m) {
					continue
				}
				if _, err := tx.Exec(ctx, signSQL, string(m.ID), p.Back.ID, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// conversations are those that go back: what came by the join, and what began at
// an address that goes back since.
func (p parting) conversations(ctx context.Context, tx *sqldb.Tx) (out []string, err error) {
	for _, holder := range p.Through {
		theirs, err := p.conversationsOf(ctx, tx, holder)
		if err != nil {
			return nil, err
		}
		out = append(out, theirs...)
	}
	return out, nil
}

func (p parting) conversationsOf(ctx context.Context, tx *sqldb.Tx, holder string) ([]string, error) {
	marks, args := sqldb.In(2, p.Joins)
	out, err := sqldb.List(ctx, tx, scanText, cameSQL+marks+`)) ORDER BY c.id`, append([]any{holder}, args...)...)
	if err != nil {
		return nil, err
	}
	since, err := sqldb.List(ctx, tx, scanText, sinceSQL, holder, p.At.UnixMilli())
	if err != nil {
		return nil, err
	}
	for _, id := range since {
		first, err := sqldb.List(ctx, tx, scanMessage, firstSaidSQL, id)
		if err != nil {
			return nil, err
		}
		if len(first) == 0 || !p.between(first[0]) || slices.Contains(out, id) {
			continue
		}
		// What a mail server had before the join may have reached us after it.
		at, err := turnOf(ctx, tx, first[0].ID)
		if err != nil {
			return nil, err
		}
		if at.arrival >= p.At.UnixMilli() {
			out = append(out, id)
		}
	}
	return out, nil
}

// between reports whether a message was said from or to those who go back alone.
func (p parting) between(m Message) bool {
	whom := []channel.Address{m.Envelope.From}
	if m.Kind == Outgoing {
		whom = slices.Concat(m.Envelope.To, m.Envelope.Cc)
	}
	return len(whom) > 0 && !slices.ContainsFunc(whom, func(a channel.Address) bool { return !p.theirs[keyOf(a.Address)] })
}

// free parts a conversation from the one that took it in, though that may have
// been taken in by a third since: the two others stay one.
func (t joiner) free(ctx context.Context, tx *sqldb.Tx, by actor.Actor, p parting, id ID) error {
	c, err := byID(ctx, tx, id)
	if err != nil || c.MergedInto == "" {
		return err
	}
	host, err := byID(ctx, tx, c.MergedInto)
	if err != nil {
		return err
	}
	above := host.MergedInto
	if above != "" {
		if err := t.free(ctx, tx, by, p, host.ID); err != nil {
			return err
		}
	}
	if host, err = hold(ctx, tx, host.ID); err != nil {
		return err
	}
	entry, err := sqldb.List(ctx, tx, scanText, mergeEntrySQL, string(c.ID), string(host.ID))
	if err != nil {
		return err
	}
	if len(entry) == 0 {
		return fault.New(fault.Conflict, "error.conversation.unmerged")
	}
	e, err := messageByID(ctx, tx, MessageID(entry[0]))
	if err != nil {
		return err
	}
	if c, err = t.unmerge(ctx, tx, by, host, e); err != nil {
		return err
	}
	if c.CustomerID != host.CustomerID {
		if err := t.sort(ctx, tx, p, c.ID, host.ID); err != nil {
			return err
		}
	}
	if above == "" {
		return nil
	}
	gone, kept, err := t.both(ctx, tx, host.ID, above)
	if err != nil || gone.CustomerID != kept.CustomerID {
		return err
	}
	_, err = t.mergeTx(ctx, tx, by, joining{gone: gone, kept: kept})
	return err
}

// sort brings what was said since the join to the conversation of whom it was said
// with.
func (t joiner) sort(ctx context.Context, tx *sqldb.Tx, p parting, a, b ID) error {
	one, other, err := holdBoth(ctx, tx, a, b)
	if err != nil {
		return err
	}
	if one.CustomerID != p.Back.ID {
		one, other = other, one
	}
	moved, err := t.sortInto(ctx, tx, p, other, one)
	if err != nil || !moved {
		return err
	}
	if _, err := tx.Exec(ctx, moveMentionsSQL, string(one.ID)); err != nil {
		return err
	}
	if err := t.joinAll(ctx, tx, one); err != nil {
		return err
	}
	return t.rederive(ctx, tx, &one, &other)
}

// sortInto moves the messages of those who go back out of a conversation of the
// other's, and reports whether there were any.
func (t joiner) sortInto(ctx context.Context, tx *sqldb.Tx, p parting, from, into Conversation) (moved bool, err error) {
	list, err := sqldb.List(ctx, tx, scanMessage, saidSinceSQL, string(from.ID), p.At.UnixMilli())
	if err != nil {
		return false, err
	}
	for _, m := range list {
		if !p.between(m) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE message SET conversation_id = $2 WHERE id = $1`, string(m.ID), string(into.ID)); err != nil {
			return false, err
		}
		moved = true
	}
	return moved, nil
}

const partedSQL = `SELECT id FROM conversation WHERE customer_id = $1 AND merged_into IS NULL ORDER BY id`

// tellParted leaves an entry in each conversation that went back.
func (t Clerk) tellParted(ctx context.Context, tx *sqldb.Tx, by actor.Actor, p parting) error {
	ids, err := sqldb.List(ctx, tx, scanText, partedSQL, p.Back.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c, err := hold(ctx, tx, ID(id))
		if err != nil {
			return err
		}
		e := EventData{Name: EntryParted, Data: map[string]string{"customerId": p.Kept.ID, "name": p.Kept.Label()}}
		if _, err := t.entry(ctx, tx, by, c, e); err != nil {
			return err
		}
		t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"customer", "entries"}})
	}
	return nil
}

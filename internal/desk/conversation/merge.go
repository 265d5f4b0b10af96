package conversation

import (
	"cmp"
	"context"
	"strconv"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// holdBoth holds two conversations, always in the same order, so that two
// merges cannot wait for each other.
func holdBoth(ctx context.Context, tx *sqldb.Tx, a, b ID) (first, second Conversation, err error) {
	if b < a {
		second, first, err = holdBoth(ctx, tx, b, a)
		return first, second, err
	}
	if first, err = hold(ctx, tx, a); err != nil {
		return first, second, err
	}
	second, err = hold(ctx, tx, b)
	return first, second, err
}

const (
	noteMovesSQL = `INSERT INTO message_move (event_id, message_id, from_id, into_id)
SELECT $1, m.id, m.conversation_id, $3 FROM message m WHERE m.conversation_id = $2`
	moveAllSQL      = `UPDATE message SET conversation_id = $2 WHERE conversation_id = $1`
	moveMentionsSQL = `UPDATE mention SET conversation_id = $1 WHERE message_id IN (SELECT id FROM message WHERE conversation_id = $1)`
)

// Merge puts all messages of one conversation into another, which it leads to
// from now on. Splitting at the entry this leaves undoes it. fault.Invalid when
// both are one, or belong to different brands.
func (t *Threads) Merge(ctx context.Context, by actor.Actor, from, into ID) (c Conversation, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		gone, kept, err := t.toJoiner().both(ctx, tx, from, into)
		if err != nil {
			return err
		}
		c, err = t.toJoiner().mergeTx(ctx, tx, by, joining{gone: gone, kept: kept})
		return err
	})
	return c, err
}

// both holds two conversations that can be one.
func (t joiner) both(ctx context.Context, tx *sqldb.Tx, from, into ID) (gone, kept Conversation, err error) {
	if gone, kept, err = holdBoth(ctx, tx, from, into); err != nil {
		return gone, kept, err
	}
	var check fault.Check
	check.That(gone.ID != kept.ID, "body.intoId", "error.conversation.same")
	check.That(gone.BrandID == kept.BrandID, "body.intoId", "error.conversation.brand")
	return gone, kept, check.Err()
}

// joining is two conversations that become one.
type joining struct {
	gone, kept Conversation
	to         string // the inbox in which kept goes on; "" where it stands
}

func (t joiner) mergeTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, j joining) (Conversation, error) {
	gone, kept, entry := j.gone, j.kept, about(EntryMerged, j.gone)
	if j.to != "" {
		entry.Data["inboxId"] = kept.InboxID // where it goes back to
	}
	e, err := t.entry(ctx, tx, by, kept, entry)
	if err != nil {
		return kept, err
	}
	if _, err := tx.Exec(ctx, noteMovesSQL, string(e.ID), string(gone.ID), string(kept.ID)); err != nil {
		return kept, err
	}
	if _, err := tx.Exec(ctx, moveAllSQL, string(gone.ID), string(kept.ID)); err != nil {
		return kept, err
	}
	if _, err := tx.Exec(ctx, moveMentionsSQL, string(kept.ID)); err != nil {
		return kept, err
	}
	if err := t.unite(ctx, tx, e.ID, gone, kept); err != nil {
		return kept, err
	}
	wasOpen := gone.Status == Open
	gone.MergedInto = kept.ID
	if err := t.Queue.Cancel(ctx, tx, wakeDuty, string(gone.ID)); err != nil {
		return kept, err
	}
	if wasOpen && kept.Status != Open && kept.Status.MayBecome(Open) {
		if err := t.setStatus(ctx, tx, by, &kept, statusChange{to: Open}); err != nil {
			return kept, err
		}
	}
	if err := t.rederive(ctx, tx, &gone, &kept); err != nil {
		return kept, err
	}
	t.Journal.Emit(tx, MergedFact, string(gone.ID), by, MergedData{Place: gone.place(), Into: kept.ID})
	t.tellMoved(tx, by, kept)
	kept.TagIDs, err = tagsOf(ctx, tx, kept.ID)
	return kept, err
}

func about(name string, c Conversation) EventData {
	return EventData{Name: name, Data: map[string]string{"conversationId": string(c.ID), "ref": strconv.FormatInt(c.Ref, 10)}}
}

func (t *core) tellMoved(tx *sqldb.Tx, by actor.Actor, c Conversation) {
	t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"messages"}})
}

// rederive computes and saves conversations whose messages were moved.
func (t *core) rederive(ctx context.Context, tx *sqldb.Tx, list ...*Conversation) error {
	for _, c := range list {
		if err := derive(ctx, tx, c); err != nil {
			return err
		}
		if err := save(ctx, tx, c); err != nil {
			return err
		}
	}
	return nil
}

// Split undoes a join. Given the entry of a merge it brings back the merged
// conversation with exactly its messages, and the other loses the people and
// tags that came with it (what agents have begun to write stays where it is); given a message it opens a new
// conversation with that message and all after it. It returns the conversation
// that was brought back or opened. fault.Invalid if nothing would be left.
func (t *Threads) Split(ctx context.Context, by actor.Actor, id ID, at MessageID) (out Conversation, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		m, err := messageByID(ctx, tx, at)
		if err != nil {
			return err
		}
		switch {
		case m.ConversationID != c.ID:
			return fault.New(fault.NotFound, "error.message.notFound")
		case m.Kind == Event && m.Event.Name == EntryMerged:
			out, err = t.toJoiner().unmerge(ctx, tx, by, c, m)
		case m.Kind == Event:
			return fault.New(fault.Invalid, "error.conversation.split")
		default:
			out, err = t.toJoiner().splitTx(ctx, tx, by, c, m)
		}
		return err
	})
	return out, err
}

const moveBackSQL = `UPDATE message SET conversation_id = $3 WHERE conversation_id = $2
AND id IN (SELECT message_id FROM message_move WHERE event_id = $1 AND from_id = $3)`

// goBack lets a conversation go on in the inbox that it was in before a merge.
func (t joiner) goBack(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, inboxID string) error {
	if inboxID == "" || c.InboxID == inboxID {
		return nil
	}
	box, err := t.Inboxes.ByID(ctx, tx, inboxID)
	if fault.Is(err, fault.NotFound) || err == nil && !box.Active {
		return nil
	}
	if err != nil {
		return err
	}
	return t.goOnIn(ctx, tx, by, c, box)
}

func (t joiner) unmerge(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation, e Message) (Conversation, error) {
	id := ID(e.Event.Data["conversationId"])
	if err := tx.Lock(ctx, "conversation", string(id)); err != nil {
		return Conversation{}, err
	}
	back, err := byID(ctx, tx, id)
	if err != nil {
		return back, err
	}
	if back.MergedInto != c.ID {
		return back, fault.New(fault.Conflict, "error.conversation.unmerged")
	}
	if _, err := tx.Exec(ctx, moveBackSQL, string(e.ID), string(c.ID), string(back.ID)); err != nil {
		return back, err
	}
	if _, err := tx.Exec(ctx, moveMentionsSQL, string(back.ID)); err != nil {
		return back, err
	}
	if err := t.part(ctx, tx, e.ID, c.ID); err != nil {
		return back, err
	}
	back.MergedInto = ""
	if _, err := t.letGo(ctx, tx, by, &back); err != nil {
		return back, err
	}
	if err := t.planWake(ctx, tx, back); err != nil {
		return back, err
	}
	if err := t.goBack(ctx, tx, by, &c, e.Event.Data["inboxId"]); err != nil {
		return back, err
	}
	if err := t.tellBoth(ctx, tx, by, pair{c, EntryUnmerged}, pair{back, EntryUnmerged}); err != nil {
		return back, err
	}
	if err := t.rederive(ctx, tx, &back, &c); err != nil {
		return back, err
	}
	t.Journal.Emit(tx, UnmergedFact, string(back.ID), by, UnmergedData{Place: back.place(), From: c.ID})
	t.tellMoved(tx, by, c)
	t.tellMoved(tx, by, back)
	back.TagIDs, err = tagsOf(ctx, tx, back.ID)
	return back, err
}

type pair struct {
	c    Conversation
	name string // of the entry in c, about the other
}

func (t *core) tellBoth(ctx context.Context, tx *sqldb.Tx, by actor.Actor, a, b pair) error {
	if _, err := t.entry(ctx, tx, by, a.c, about(a.name, b.c)); err != nil {
		return err
	}
	_, err := t.entry(ctx, tx, by, b.c, about(b.name, a.c))
	return err
}

const (
	anyBeforeSQL = `SELECT id, at FROM message WHERE conversation_id = $1 AND kind IN ('incoming', 'outgoing') AND withdrawn_at IS NULL
AND (at, id) < ($2, $3) LIMIT 1`
	moveFromSQL = `UPDATE message SET conversation_id = $2 WHERE conversation_id = $1 AND kind <> 'event' AND (at, id) >= ($3, $4)`
)

func (t joiner) splitTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation, m Message) (Conversation, error) {
	before, _, err := moment(ctx, tx, anyBeforeSQL, string(c.ID), m.At.UnixMilli(), string(m.ID))
	if err != nil {
		return c, err
	}
	if before == "" {
		return c, fault.New(fault.Invalid, "error.conversation.split")
	}
	box, err := t.Inboxes.ByID(ctx, tx, c.InboxID)
	if err != nil {
		return c, err
	}
	person, err := t.personOf(ctx, tx, c, m, box)
	if err != nil {
		return c, err
	}
	subject := mime.BaseSubject(m.Subject)
	part, err := t.openTx(ctx, tx, opening{inbox: box, customerID: person, subject: cmp.Or(subject, c.Subject), origin: sideOf(m.Kind),
		muted: c.Muted, at: m.At, by: by, links: []Link{{ID: c.ID, Reason: LinkSplit}}})
	if err != nil {
		return c, err
	}
	if _, err := tx.Exec(ctx, moveFromSQL, string(c.ID), string(part.ID), m.At.UnixMilli(), string(m.ID)); err != nil {
		return c, err
	}
	if _, err := tx.Exec(ctx, moveMentionsSQL, string(part.ID)); err != nil {
		return c, err
	}
	if err := t.joinAll(ctx, tx, part); err != nil {
		return c, err
	}
	if err := t.tellBoth(ctx, tx, by, pair{c, EntrySplit}, pair{part, EntryCameFrom}); err != nil {
		return c, err
	}
	part.Priority, part.AssigneeID, part.TeamID = c.Priority, c.AssigneeID, c.TeamID
	if _, err := t.letGo(ctx, tx, by, &part); err != nil {
		return c, err
	}
	if part.AssigneeID+part.TeamID != "" {
		t.Journal.Emit(tx, AssignedFact, string(part.ID), by, AssignedData{Place: part.place(), AssigneeID: part.AssigneeID, TeamID: part.TeamID})
	}
	if err := t.rederive(ctx, tx, &part, &c); err != nil {
		return c, err
	}
	t.tellMoved(tx, by, c)
	return part, nil
}

// personOf is whom a split-off conversation is with: who wrote its first
// message, if that was a customer.
func (t joiner) personOf(ctx context.Context, tx *sqldb.Tx, c Conversation, m Message, box inbox.Inbox) (string, error) {
	if m.Kind != Incoming {
		return c.CustomerID, nil
	}
	person, err := t.Customers.ByID(ctx, tx, m.AuthorID)
	return person.ID, err
}

const allMessagesSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 ORDER BY ` + arrived + `, m.id`

// joinAll notes the participants of a conversation from its messages' envelopes.
func (t joiner) joinAll(ctx context.Context, tx *sqldb.Tx, c Conversation) error {
	list, err := sqldb.List(ctx, tx, scanMessage, allMessagesSQL, string(c.ID))
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := t.join(ctx, tx, c.ID, m.people()); err != nil {
			return err
		}
	}
	return nil
}

package conversation

import (
	"context"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const saidBeforeSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.kind IN ('incoming', 'outgoing')
AND ` + arrived + ` < $2 ORDER BY ` + arrived + `, m.id`

// side is one of two customers who are two again: what was said with them alone
// since the join, in conversations of the other's, comes to them.
type side struct {
	parting
	who string // whose addresses theirs are
}

// sides are both, as seen from each.
func (p parting) sides() (back, kept side) {
	other := p
	other.theirs = map[string]bool{}
	for _, point := range p.Kept.Points {
		other.theirs[keyOf(point.Address)] = true
	}
	return side{p, p.Back.ID}, side{other, p.Kept.ID}
}

// sortStrays looks where nothing was joined: on channels where nothing is quoted,
// both went on in whatever was the latest of the one that they were. An answer
// there must not reach the other.
func (t joiner) sortStrays(ctx context.Context, tx *sqldb.Tx, by actor.Actor, p parting) error {
	back, kept := p.sides()
	for _, holder := range p.Through {
		if err := t.takeStrays(ctx, tx, by, back, holder); err != nil {
			return err
		}
	}
	return t.takeStrays(ctx, tx, by, kept, p.Back.ID)
}

// takeStrays brings to one side what is theirs in the conversations of a customer.
func (t joiner) takeStrays(ctx context.Context, tx *sqldb.Tx, by actor.Actor, s side, holder string) error {
	ids, err := sqldb.List(ctx, tx, scanText, sinceSQL, holder, s.At.UnixMilli())
	if err != nil {
		return err
	}
	for _, id := range ids {
		list, err := s.strays(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		from, err := hold(ctx, tx, ID(id))
		if err != nil {
			return err
		}
		if err := t.takeHome(ctx, tx, by, s, from, list[0]); err != nil {
			return err
		}
	}
	return nil
}

// strays are what was said with this side alone since the join, unless they took
// part before: then it is their place, too.
func (s side) strays(ctx context.Context, tx *sqldb.Tx, id string) ([]Message, error) {
	before, err := sqldb.List(ctx, tx, scanMessage, saidBeforeSQL, id, s.At.UnixMilli())
	if err != nil {
		return nil, err
	}
	for _, m := range before {
		if slices.ContainsFunc(m.people(), func(a channel.Address) bool { return s.theirs[keyOf(a.Address)] }) {
			return nil, nil
		}
	}
	since, err := sqldb.List(ctx, tx, scanMessage, saidSinceSQL, id, s.At.UnixMilli())
	return slices.DeleteFunc(since, func(m Message) bool { return !s.between(m) }), err
}

// takeHome moves this side's messages from a conversation to where they would have
// gone on in that inbox, or to a new one.
func (t joiner) takeHome(ctx context.Context, tx *sqldb.Tx, by actor.Actor, s side, from Conversation, first Message) error {
	home, err := t.home(ctx, tx, by, s, from, first)
	if err != nil {
		return err
	}
	if _, err := t.sortInto(ctx, tx, s.parting, from, home); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, moveMentionsSQL, string(home.ID)); err != nil {
		return err
	}
	if err := t.joinAll(ctx, tx, home); err != nil {
		return err
	}
	if err := t.tellBoth(ctx, tx, by, pair{from, EntrySplit}, pair{home, EntryCameFrom}); err != nil {
		return err
	}
	if from.Status == Open && home.Status != Open {
		if err := t.setStatus(ctx, tx, by, &home, statusChange{to: Open}); err != nil {
			return err
		}
	}
	if err := t.rederive(ctx, tx, &home, &from); err != nil {
		return err
	}
	t.tellMoved(tx, by, from)
	t.tellMoved(tx, by, home)
	return nil
}

// home is the latest conversation of this side in the inbox of a message, if it can
// be gone on with.
func (t joiner) home(ctx context.Context, tx *sqldb.Tx, by actor.Actor, s side, from Conversation, first Message) (Conversation, error) {
	found, err := sqldb.List(ctx, tx, scanConversation, currentSQL, s.who, first.InboxID)
	if err != nil {
		return Conversation{}, err
	}
	if len(found) > 0 && found[0].BrandID == from.BrandID && found[0].Status.MayBecome(Open) {
		return hold(ctx, tx, found[0].ID)
	}
	box, err := t.Inboxes.ByID(ctx, tx, first.InboxID)
	if err != nil {
		return Conversation{}, err
	}
	return t.openTx(ctx, tx, opening{inbox: box, customerID: s.who, subject: from.Subject, origin: sideOf(first.Kind),
		muted: from.Muted, at: first.At, by: by, links: []Link{{ID: from.ID, Reason: LinkSplit}}})
}

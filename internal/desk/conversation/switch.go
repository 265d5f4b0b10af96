package conversation

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const moveSQL = `UPDATE conversation SET inbox_id = $2 WHERE id = $1`

// goOnIn lets a conversation go on in another inbox, because its customer writes
// there now or an agent writes to them there. The caller saves the conversation.
func (t *core) goOnIn(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, to inbox.Inbox) error {
	from, err := t.Inboxes.ByID(ctx, tx, c.InboxID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, moveSQL, string(c.ID), to.ID); err != nil {
		return err
	}
	c.InboxID = to.ID
	t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"inbox"}})
	_, err = t.entry(ctx, tx, by, *c, EventData{Name: EntrySwitched, Data: map[string]string{
		"fromId": from.ID, "fromName": from.Name, "toId": to.ID, "toName": to.Name}})
	return err
}

// applyInbox lets a conversation go on where an agent wants to write: in an inbox
// of the same brand whose channel reaches the customer.
func (t patcher) applyInbox(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, p Patch) error {
	if p.InboxID == nil || *p.InboxID == c.InboxID {
		return nil
	}
	var check fault.Check
	to, err := t.Inboxes.ByID(ctx, tx, *p.InboxID)
	if fault.Is(err, fault.NotFound) {
		check.Add("body.inboxId", "error.inbox.notFound")
		return check.Err()
	}
	if err != nil {
		return err
	}
	check.That(to.Active && to.BrandID == c.BrandID && t.Inboxes.Sends(to), "body.inboxId", "error.conversation.switch")
	who, err := t.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil {
		return err
	}
	check.That(reachable(who, t.kindOf(to)), "body.inboxId", "error.conversation.noPoint")
	if err := check.Err(); err != nil {
		return err
	}
	return t.goOnIn(ctx, tx, by, c, to)
}

// kindOf is the channel of an inbox; of one that is not installed only the name.
func (t *core) kindOf(box inbox.Inbox) channel.Kind {
	if kind, ok := t.Inboxes.Kind(box.Kind); ok {
		return kind
	}
	return channel.Kind{Name: box.Kind}
}

// reachable reports whether a customer has an address on a channel and has not
// stopped messages there.
func reachable(who customer.Customer, kind channel.Kind) bool {
	for _, p := range who.Points {
		if kind.Reaches(p.Kind, p.Address) && p.EndedAt.IsZero() {
			return true
		}
	}
	return false
}

const wasInSQL = `SELECT COUNT(*) FROM (SELECT 1 FROM message WHERE conversation_id = $1 AND inbox_id = $2 AND kind IN ('incoming', 'outgoing') LIMIT 1) x`

// wasIn reports whether a conversation was carried on in an inbox: what comes in
// there may still belong to it.
func wasIn(ctx context.Context, tx *sqldb.Tx, c Conversation, inboxID string) (bool, error) {
	if c.InboxID == inboxID {
		return true, nil
	}
	var n int
	err := tx.QueryRow(ctx, wasInSQL, string(c.ID), inboxID).Scan(&n)
	return n > 0, err
}

// elsewhere reports whether a message came by a channel that reaches people under
// other addresses than the one on which its conversation goes on.
func (t writer) elsewhere(ctx context.Context, tx *sqldb.Tx, c Conversation, m Message) (bool, error) {
	if m.ID == "" || m.InboxID == c.InboxID {
		return false, nil
	}
	was, err := t.Inboxes.ByID(ctx, tx, m.InboxID)
	if err != nil {
		return false, err
	}
	is, err := t.Inboxes.ByID(ctx, tx, c.InboxID)
	if err != nil {
		return false, err
	}
	address := m.Envelope.From.Address
	if m.Kind == Outgoing {
		address = ""
		if len(m.Envelope.To) > 0 {
			address = m.Envelope.To[0].Address
		}
	}
	return !t.kindOf(is).Reaches(t.kindOf(was).PointOf(address), address), nil
}

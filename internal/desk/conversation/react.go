package conversation

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// OnDelivery reacts to delivery.changed for messages of threads: a message that
// was to resolve its conversation does so once it is sent, and one that did not
// arrive gives the conversation back to the agents.
func (t Reactor) OnDelivery(ctx context.Context, tx *sqldb.Tx, f event.Fact, d delivery.ChangedData) error {
	if d.MessageID == "" {
		return nil
	}
	m, err := messageByID(ctx, tx, MessageID(d.MessageID))
	if err != nil {
		return err
	}
	c, err := hold(ctx, tx, m.ConversationID)
	if err != nil {
		return err
	}
	t.Journal.Emit(tx, DeliveredFact, string(c.ID), f.Actor, DeliveredData{Place: c.place(), MessageID: m.ID, State: string(d.State)})
	switch d.State {
	case delivery.Sent:
		if d.Error != "" { // some recipients were refused, the others have it
			if err := t.tellUndelivered(ctx, tx, f.Actor, c, d); err != nil {
				return err
			}
		}
		return t.afterSent(ctx, tx, c, m)
	case delivery.Failed, delivery.Ambiguous:
		if err := t.tellUndelivered(ctx, tx, f.Actor, c, d); err != nil {
			return err
		}
		return t.giveBack(ctx, tx, c, f.Actor)
	case delivery.Bounced:
		return t.giveBack(ctx, tx, c, f.Actor)
	}
	return nil
}

func (t *core) tellUndelivered(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation, d delivery.ChangedData) error {
	_, err := t.entry(ctx, tx, by, c, EventData{Name: EntryDelivery,
		Data: map[string]string{"messageId": d.MessageID, "state": string(d.State), "error": d.Error}})
	return err
}

// afterSent resolves, if the writer wanted it and the customer has not written since.
func (t Reactor) afterSent(ctx context.Context, tx *sqldb.Tx, c Conversation, m Message) error {
	i, found, err := intentOf(ctx, tx, m.ID)
	if err != nil || !found || !i.resolve {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE message_intent SET resolve = false WHERE message_id = $1`, string(m.ID)); err != nil {
		return err
	}
	ours, err := turnOf(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	later, _, err := met(ctx, tx, firstIncomingSQL, string(c.ID), ours.arrival, ours.id)
	if err != nil || later.id != "" || !c.Status.Active() {
		return err
	}
	by := actor.Actor{Kind: actor.Kind(m.AuthorKind), ID: m.AuthorID}
	if err := t.setStatus(ctx, tx, by, &c, statusChange{to: Resolved}); err != nil {
		return err
	}
	return save(ctx, tx, &c)
}

// giveBack opens a conversation whose answer did not reach the customer.
func (t Reactor) giveBack(ctx context.Context, tx *sqldb.Tx, c Conversation, by actor.Actor) error {
	if c.Status != Pending && c.Status != Resolved {
		return nil
	}
	if err := t.setStatus(ctx, tx, by, &c, statusChange{to: Open}); err != nil {
		return err
	}
	return save(ctx, tx, &c)
}

const noteJoinSQL = `INSERT INTO conversation_join (join_id, conversation_id) SELECT j.id, c.id FROM customer_join j JOIN conversation c ON c.customer_id = $2
WHERE j.id = $1 ON CONFLICT DO NOTHING`

// OnCustomerMerged moves the conversations of a customer who was merged into
// another, and notes which they were, so that they can go back.
func (t Reactor) OnCustomerMerged(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d customer.MergedData) error {
	if _, err := tx.Exec(ctx, noteJoinSQL, d.JoinID, d.From); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE conversation SET customer_id = $2, version = version + 1 WHERE customer_id = $1`, d.From, d.Into); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE participant SET customer_id = $2 WHERE customer_id = $1`, d.From, d.Into)
	return err
}

const readSQL = `INSERT INTO conversation_read (conversation_id, agent_id, read_at) VALUES ($1, $2, $3)
ON CONFLICT (conversation_id, agent_id) DO UPDATE SET read_at = excluded.read_at`

// Read notes that an agent has seen a conversation up to now. It makes no fact:
// it concerns nobody else, and happens more often than everything else together.
func (t *Threads) Read(ctx context.Context, by actor.Actor, id ID) error {
	if by.AgentID() == "" {
		return fault.New(fault.Denied, "error.draft.agent")
	}
	return t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := follow(ctx, tx, id)
		if err != nil {
			return err
		}
		was, err := readAt(ctx, tx, c.ID, by.AgentID())
		if err != nil {
			return err
		}
		if !unread(c, was) && !was.IsZero() {
			return nil
		}
		at := tx.Now
		if c.LastAt.After(at) {
			at = c.LastAt
		}
		if t.Looked != nil {
			tx.AfterCommit(func() { t.Looked(c.ID, at) })
		}
		_, err = tx.Exec(ctx, readSQL, string(c.ID), by.AgentID(), at.UnixMilli())
		return err
	})
}

// unread reports whether the customer said something after a moment.
func unread(c Conversation, readAt time.Time) bool {
	return c.LastFrom == "customer" && c.LastAt.After(readAt)
}

func readAt(ctx context.Context, tx *sqldb.Tx, id ID, agentID string) (at time.Time, err error) {
	err = tx.QueryRow(ctx, `SELECT read_at FROM conversation_read WHERE conversation_id = $1 AND agent_id = $2`, string(id), agentID).Scan(sqldb.At(&at))
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, err
}

const namedSQL = `UPDATE message SET author_name = $2 WHERE conversation_id IN (SELECT id FROM conversation WHERE customer_id = $1)
AND author_kind = 'customer' AND author_id = $1 AND author_name = $3`

// OnCustomerNamed names who wrote what was signed by an address only, because
// nobody knew more when it came.
func (t Reactor) OnCustomerNamed(ctx context.Context, tx *sqldb.Tx, f event.Fact, _ customer.Data) error {
	who, err := t.Customers.ByID(ctx, tx, f.Subject)
	if fault.Is(err, fault.NotFound) || err == nil && who.Name == "" {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range who.Points {
		if _, err := tx.Exec(ctx, namedSQL, who.ID, who.Name, p.Address); err != nil {
			return err
		}
	}
	return nil
}

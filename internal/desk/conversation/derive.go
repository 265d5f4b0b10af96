package conversation

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// previewLength is how many characters of the last message a list shows.
const previewLength = 140

func preview(body string) string {
	return text.Clip(strings.Join(strings.Fields(body), " "), previewLength)
}

// human reports whether a message was written by a person for a person: such
// messages start and stop the clocks.
func (m Message) human() bool {
	if m.Kind == Outgoing {
		return m.AuthorKind == string(actor.Agent) && !m.Automatic
	}
	return m.Kind == Incoming && !m.Automatic
}

// take brings a conversation up to date with a message that was just added. It
// must agree with derive, which computes the same from all messages.
func (c *Conversation) take(m Message) {
	if m.Kind != Incoming && m.Kind != Outgoing {
		return
	}
	c.MessageCount++
	if c.Muted || m.Kind == Outgoing || !m.Automatic {
		if !m.At.Before(c.LastAt) || c.MessageCount == 1 {
			c.LastAt, c.LastFrom, c.Preview = m.At, sideOf(m.Kind), preview(m.Body)
		}
	}
	c.Muted = c.Muted && m.Kind == Incoming // we wrote: it is a thread of people now
	if !m.human() {
		return
	}
	if m.Kind == Incoming {
		if c.FirstCustomerAt.IsZero() {
			c.FirstCustomerAt = m.At
		}
		if c.WaitingSince.IsZero() {
			c.WaitingSince = m.At
		}
		return
	}
	c.WaitingSince = time.Time{}
	if c.FirstResponseAt.IsZero() && !c.FirstCustomerAt.IsZero() {
		c.FirstResponseAt = m.At
	}
}

func sideOf(k Kind) string {
	if k == Incoming {
		return "customer"
	}
	return "agent"
}

const (
	countSQL = `SELECT COUNT(*), COALESCE(MIN(at), 0) FROM message
WHERE conversation_id = $1 AND kind IN ('incoming', 'outgoing') AND withdrawn_at IS NULL`
	lastSQL = `SELECT at, kind, body FROM message WHERE conversation_id = $1 AND kind IN ('incoming', 'outgoing') AND withdrawn_at IS NULL
AND ($2 OR kind = 'outgoing' OR NOT automatic) ORDER BY at DESC, id DESC LIMIT 1`
	firstIncomingSQL = `SELECT ` + arrived + `, id, at FROM message WHERE conversation_id = $1 AND kind = 'incoming' AND NOT automatic
AND (` + arrived + `, id) > ($2, $3) ORDER BY ` + arrived + `, id LIMIT 1`
	firstAnswerSQL = `SELECT ` + arrived + `, id, at FROM message WHERE conversation_id = $1 AND kind = 'outgoing' AND NOT automatic AND author_kind = 'agent'
AND withdrawn_at IS NULL AND (` + arrived + `, id) > ($2, $3) ORDER BY ` + arrived + `, id LIMIT 1`
	lastAnswerSQL = `SELECT ` + arrived + `, id, at FROM message WHERE conversation_id = $1 AND kind = 'outgoing' AND NOT automatic AND author_kind = 'agent'
AND withdrawn_at IS NULL ORDER BY ` + arrived + ` DESC, id DESC LIMIT 1`
)

// derive computes from the messages what take keeps up to date step by step.
func derive(ctx context.Context, tx *sqldb.Tx, c *Conversation) error {
	var earliest time.Time
	if err := tx.QueryRow(ctx, countSQL, string(c.ID)).Scan(&c.MessageCount, sqldb.At(&earliest)); err != nil {
		return err
	}
	c.FirstCustomerAt, c.FirstResponseAt, c.WaitingSince = time.Time{}, time.Time{}, time.Time{}
	if c.MessageCount == 0 {
		c.Preview = ""
		return nil
	}
	if err := c.deriveLast(ctx, tx); err != nil {
		return err
	}
	first, at, err := met(ctx, tx, firstIncomingSQL, string(c.ID), 0, "")
	if err != nil || first.id == "" {
		return err
	}
	c.FirstCustomerAt = at
	if _, c.FirstResponseAt, err = met(ctx, tx, firstAnswerSQL, string(c.ID), first.arrival, first.id); err != nil {
		return err
	}
	return c.deriveWaiting(ctx, tx)
}

// deriveLast finds the last message: a person's, unless there are only
// machines'. In the second case nobody expects an answer: the thread is muted.
func (c *Conversation) deriveLast(ctx context.Context, tx *sqldb.Tx) error {
	var kind Kind
	var body string
	for _, machines := range []bool{false, true} {
		err := tx.QueryRow(ctx, lastSQL, string(c.ID), machines).Scan(sqldb.At(&c.LastAt), &kind, &body)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		c.Muted, c.LastFrom, c.Preview = machines, sideOf(kind), preview(body)
		return err
	}
	return nil
}

// deriveWaiting finds since when the customer waits: the first message of a
// person after our last answer and after what was settled.
func (c *Conversation) deriveWaiting(ctx context.Context, tx *sqldb.Tx) error {
	c.WaitingSince = time.Time{}
	if !c.Status.Active() {
		return nil
	}
	last, _, err := met(ctx, tx, lastAnswerSQL, string(c.ID))
	if err != nil {
		return err
	}
	settled, err := turnOf(ctx, tx, c.Settled)
	if err != nil {
		return err
	}
	if last.before(settled) {
		last = settled
	}
	_, c.WaitingSince, err = met(ctx, tx, firstIncomingSQL, string(c.ID), last.arrival, last.id)
	return err
}

// moment reads the id and time of one message; "" if there is none.
func moment(ctx context.Context, tx *sqldb.Tx, query string, args ...any) (id string, at time.Time, err error) {
	err = tx.QueryRow(ctx, query, args...).Scan(&id, sqldb.At(&at))
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, nil
	}
	return id, at, err
}

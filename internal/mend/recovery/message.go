package recovery

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Letter is a message to the customer, written from a case. It goes into the
// case's own conversation; Reply.ConversationID is filled in.
type Letter struct {
	CaseID  ID
	Reply   conversation.Reply
	StepID  string // the step that it finishes, "" for none
	Promise *Word  // what it promises, nil for nothing
}

// Write sends a message to the customer, finishes the step it is for and keeps
// the promise it makes, in one transaction: none of the three without the others.
func (x *Cases) Write(ctx context.Context, by actor.Actor, l Letter) (conversation.Message, error) {
	var m conversation.Message
	_, err := x.change(ctx, by, l.CaseID, func(f *file) error {
		var s *Step
		if l.StepID != "" {
			var err error
			if s, err = f.workable(l.StepID); err != nil {
				return err
			}
		}
		if l.Promise != nil {
			var c fault.Check
			l.Promise.check(&c, "body.promise", f.tx.Now)
			if err := c.Err(); err != nil {
				return err
			}
		}
		reply := l.Reply
		reply.ConversationID = conversation.ID(f.c.ConversationID)
		var err error
		if m, err = f.Threads.PostTx(ctx, f.tx, by, reply); err != nil {
			return err
		}
		return writer{f}.wrote(ctx, m, s, l.Promise)
	})
	return m, err
}

// maxExcerpt is how much of a message the story repeats, in characters; the
// message itself is one click away.
const maxExcerpt = 500

const wroteSQL = `INSERT INTO case_message (message_id, case_id, step_id, promise_id) VALUES ($1, $2, $3, $4)`

// writer keeps what was written from a case in work.
type writer struct{ *file }

func (f writer) wrote(ctx context.Context, m conversation.Message, s *Step, w *Word) error {
	f.touch("message")
	if err := f.tell(ctx, "wrote", "text", text.Clip(m.Body, maxExcerpt), "messageId", string(m.ID)); err != nil {
		return err
	}
	var promiseID, stepID string
	if w != nil {
		p, err := promiser{f.file}.promise(ctx, *w, string(m.ID))
		if err != nil {
			return err
		}
		promiseID = p.ID
	}
	if s != nil {
		stepID = s.ID
		if err := f.tell(ctx, "step.done", "step", string(s.Key), "messageId", string(m.ID)); err != nil {
			return err
		}
		if err := f.end(ctx, s, Done, Evidence{MessageID: string(m.ID)}); err != nil {
			return err
		}
	}
	_, err := f.tx.Exec(ctx, wroteSQL, string(m.ID), string(f.c.ID), sqldb.Null(stepID), sqldb.Null(promiseID))
	return err
}

const writtenSQL = `SELECT case_id, step_id, promise_id FROM case_message WHERE message_id = $1`

// OnDelivery reacts to delivery.changed: a message written from a case that was
// taken back, refused or returned proves nothing. The step it finished is on
// again, the customer counts as not informed by it, and a promise that was taken
// back before it was sent was never made.
func (x *Cases) OnDelivery(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d delivery.ChangedData) error {
	if d.MessageID == "" || d.State != delivery.Cancelled && d.State != delivery.Failed && d.State != delivery.Bounced {
		return nil
	}
	var id ID
	var stepID, promiseID string
	err := tx.QueryRow(ctx, writtenSQL, d.MessageID).Scan(&id, sqldb.Str(&stepID), sqldb.Str(&promiseID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := x.take(ctx, tx, self(), id)
	if err != nil {
		return err
	}
	if err := f.tell(ctx, "notDelivered."+string(d.State), "text", d.Error, "messageId", d.MessageID); err != nil {
		return err
	}
	f.touch("message")
	if f.c.State != Surveyed && f.c.State != Closed {
		if err := (writer{f}).disprove(ctx, d.MessageID, stepID); err != nil {
			return err
		}
	}
	if promiseID != "" && d.State == delivery.Cancelled {
		if err := (writer{f}).unpromise(ctx, promiseID); err != nil {
			return err
		}
	}
	return f.save(ctx)
}

// disprove takes back what a message proved.
func (f writer) disprove(ctx context.Context, messageID, stepID string) error {
	if f.c.InformedID == messageID {
		f.c.InformedAt, f.c.InformedID = time.Time{}, ""
		f.touch("informed")
	}
	if s := f.stepByID(stepID); s != nil && s.State == Done && s.Evidence.MessageID == messageID {
		return f.returnStep(ctx, s)
	}
	return nil
}

func (f writer) unpromise(ctx context.Context, promiseID string) error {
	f.touch("promise")
	if err := f.Queue.Cancel(ctx, f.tx, promiseDuty, promiseID); err != nil {
		return err
	}
	if _, err := f.tx.Exec(ctx, `UPDATE case_message SET promise_id = NULL WHERE promise_id = $1`, promiseID); err != nil {
		return err
	}
	_, err := f.tx.Exec(ctx, `DELETE FROM promise WHERE id = $1 AND state = 'open'`, promiseID)
	return err
}

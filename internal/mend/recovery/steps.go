package recovery

import (
	"context"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Steps works through a case's playbook.
type Steps struct{ *core }

// Take says that an agent has taken the present step on: it is escalated no
// more. A case without an owner becomes theirs. Errors: fault.Denied for anybody
// but an agent; fault.Conflict when no step is on.
func (x *Steps) Take(ctx context.Context, by actor.Actor, id ID) (Case, error) {
	if by.AgentID() == "" {
		return Case{}, fault.New(fault.Denied, "error.recovery.agentOnly")
	}
	return x.change(ctx, by, id, func(f *file) error {
		s := f.active()
		if s == nil {
			return fault.New(fault.Conflict, "error.recovery.noStep")
		}
		if s.TakenBy == by.AgentID() {
			return nil
		}
		s.TakenBy = by.AgentID()
		f.touch("taken")
		if err := f.Queue.Cancel(ctx, f.tx, escalateDuty, s.ID); err != nil {
			return err
		}
		if err := putStep(ctx, f.tx, f.c.ID, *s); err != nil {
			return err
		}
		if err := f.tell(ctx, "taken", "step", string(s.Key)); err != nil {
			return err
		}
		if f.c.OwnerID == "" {
			return f.give(ctx, by.AgentID())
		}
		return nil
	})
}

// Complete finishes the present step with what shows that it was done. Errors:
// fault.Invalid for missing evidence; fault.Conflict when the step is not on, is
// the survey (closing the case does it), or a remedy is still on its way.
func (x *Steps) Complete(ctx context.Context, by actor.Actor, at StepRef, e Evidence) (Case, error) {
	e, err := e.normal("body.evidence")
	if err != nil {
		return Case{}, err
	}
	return x.change(ctx, by, at.CaseID, func(f *file) error {
		s, err := f.workable(at.StepID)
		if err != nil {
			return err
		}
		if s.Key == StepRemedy {
			pending, err := pendingRemedies(ctx, f.tx, f.c.ID)
			if err != nil {
				return err
			}
			if pending > 0 {
				return fault.New(fault.Conflict, "error.recovery.remedyPending")
			}
		}
		if err := checkMessage(ctx, f, e.MessageID); err != nil {
			return err
		}
		if err := f.tell(ctx, "step.done", "step", string(s.Key), "text", e.Text, "link", e.Link, "messageId", e.MessageID); err != nil {
			return err
		}
		return f.end(ctx, s, Done, e)
	})
}

// Skip leaves the present step out, for a reason.
func (x *Steps) Skip(ctx context.Context, by actor.Actor, at StepRef, reason string) (Case, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	checkText(&c, "body.reason", reason, true)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return x.change(ctx, by, at.CaseID, func(f *file) error {
		s, err := f.workable(at.StepID)
		if err != nil {
			return err
		}
		if err := f.tell(ctx, "step.skipped", "step", string(s.Key), "text", reason); err != nil {
			return err
		}
		return f.end(ctx, s, Skipped, Evidence{Text: reason})
	})
}

// StepRef names a step of a case.
type StepRef struct {
	CaseID ID
	StepID string
}

// workable returns a step that a person may finish or skip now.
func (f *file) workable(stepID string) (*Step, error) {
	s := f.stepByID(stepID)
	switch {
	case s == nil:
		return nil, fault.New(fault.NotFound, "error.recovery.stepNotFound")
	case s.State != Active:
		return nil, fault.New(fault.Conflict, "error.recovery.stepNotOn")
	case s.Key == StepSurvey:
		return nil, fault.New(fault.Conflict, "error.recovery.surveyByClosing")
	}
	return s, nil
}

// checkMessage makes sure that a message which is to prove something was sent in
// the case's conversation.
func checkMessage(ctx context.Context, f *file, messageID string) error {
	if messageID == "" {
		return nil
	}
	m, err := f.Threads.Message(ctx, f.tx, conversation.MessageID(messageID))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || string(m.ConversationID) != f.c.ConversationID {
		var c fault.Check
		c.Add("body.evidence.messageId", "error.recovery.foreignMessage")
		return c.Err()
	}
	return nil
}

// returnStep turns a finished step on again, because what proved it did not
// arrive; whatever waited behind it waits again. Finished later steps stay.
func (f *file) returnStep(ctx context.Context, s *Step) error {
	if now := f.active(); now != nil {
		now.State, now.TakenBy = Waiting, ""
		if err := f.Queue.Cancel(ctx, f.tx, escalateDuty, now.ID); err != nil {
			return err
		}
		if err := putStep(ctx, f.tx, f.c.ID, *now); err != nil {
			return err
		}
	}
	s.Evidence, s.DoneBy, s.TakenBy, s.DoneAt = Evidence{}, "", "", time.Time{}
	return f.turnOn(ctx, s)
}

const pendingSQL = `SELECT COUNT(*) FROM remedy WHERE case_id = $1 AND state IN ('proposed', 'approved')`

// pendingRemedies counts the remedies that are neither refused nor delivered.
func pendingRemedies(ctx context.Context, tx *sqldb.Tx, id ID) (n int, err error) {
	err = tx.QueryRow(ctx, pendingSQL, string(id)).Scan(&n)
	return n, err
}

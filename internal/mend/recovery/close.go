package recovery

import (
	"context"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Closing says how a case is to be closed: with a follow-up survey, which leaves
// the outcome to the customer, or with an outcome and the reason for it.
type Closing struct {
	FollowUp bool
	Outcome  Outcome
	Reason   string
}

func (g *Closing) check() error {
	g.Reason = strings.TrimSpace(g.Reason)
	var c fault.Check
	checkText(&c, "body.reason", g.Reason, false)
	switch {
	case g.FollowUp:
		c.That(g.Outcome == "", "body.outcome", "error.recovery.outcomeByCustomer")
	case g.Outcome == Recovered:
		c.Add("body.outcome", "error.recovery.outcomeByCustomer")
	case g.Outcome == "":
		c.Add("body.outcome", "error.field.required")
	default:
		_, known := gates[g.Outcome]
		c.That(known, "body.outcome", "error.recovery.outcome")
	}
	return c.Err()
}

// Close ends our work on a case. With a follow-up survey the case waits for the
// customer's answer in the state surveyed. Errors: fault.Invalid with one field
// for each missing part of the gate; fault.Conflict when it is closed, or asked
// already.
func (x *Cases) Close(ctx context.Context, by actor.Actor, id ID, g Closing) (Case, error) {
	if err := g.check(); err != nil {
		return Case{}, err
	}
	return x.change(ctx, by, id, func(f *file) error {
		if f.c.State == Closed || g.FollowUp && f.c.State == Surveyed {
			return fault.New(fault.Conflict, "error.recovery.closedAlready")
		}
		var c fault.Check
		for _, p := range Missing(f.c, g.Outcome, g.Reason) {
			c.Add("body."+string(p), "error.recovery.gate."+string(p))
		}
		if err := (promiser{f}).mustBeNone(ctx, &c); err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		if g.FollowUp {
			return f.ask(ctx)
		}
		f.c.CloseReason = g.Reason
		if err := f.skipUntil(ctx, StepLearn); err != nil {
			return err
		}
		return f.close(ctx, g.Outcome, 0)
	})
}

// ask ends the work and sends the first follow-up survey.
func (f *file) ask(ctx context.Context) error {
	if err := f.skipUntil(ctx, StepSurvey); err != nil {
		return err
	}
	if s := f.active(); s != nil && s.Key == StepSurvey {
		if err := f.end(ctx, s, Done, Evidence{}); err != nil {
			return err
		}
	}
	f.move(Surveyed)
	f.c.DueAt = time.Time{}
	f.c.Tries = 0
	if err := f.tell(ctx, "surveyed", "reason", f.c.CloseReason); err != nil {
		return err
	}
	return f.askAgain(ctx, 0)
}

// close gives a case its outcome. score is the customer's answer, 0 without one.
func (f *file) close(ctx context.Context, outcome Outcome, score int) error {
	f.move(Closed)
	f.c.Outcome, f.c.ClosedAt, f.c.DueAt = outcome, f.tx.Now, time.Time{}
	if score != 0 {
		f.c.ConfirmedAt = f.tx.Now
	}
	if err := f.Queue.Cancel(ctx, f.tx, awaitDuty, string(f.c.ID)); err != nil {
		return err
	}
	if err := f.tell(ctx, "closed", "outcome", string(outcome), "text", f.c.CloseReason, "score", itoa(score)); err != nil {
		return err
	}
	f.Journal.Emit(f.tx, ClosedFact, string(f.c.ID), f.by, ClosedData{Place: f.place(), Outcome: outcome, Score: score})
	return nil
}

// Reopen takes a case up again by hand: the recovery failed. Errors:
// fault.Conflict when it is still being worked on.
func (x *Cases) Reopen(ctx context.Context, by actor.Actor, id ID, reason string) (Case, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	checkText(&c, "body.reason", reason, true)
	if err := c.Err(); err != nil {
		return Case{}, err
	}
	return x.change(ctx, by, id, func(f *file) error { return f.reopen(ctx, "hand", reason) })
}

// reopen starts a new round after a failed recovery: a double deviation, a
// manager's, with its first human contact within one open hour. What the failed
// round told the customer and did about it counts no more; the cause is kept.
func (f *file) reopen(ctx context.Context, why, text string) error {
	if !CanMove(f.c.State, Reopened) {
		return fault.New(fault.Conflict, "error.recovery.notClosed")
	}
	if err := f.retire(ctx); err != nil {
		return err
	}
	c := &f.c
	c.State, c.Outcome, c.CloseReason = Reopened, "", ""
	c.ClosedAt, c.ConfirmedAt, c.InformedAt, c.InformedID, c.Measure = time.Time{}, time.Time{}, time.Time{}, "", nil
	c.Reopened++
	c.Tries = 0
	c.Inputs.DoubleDeviation = true
	c.Severity, c.DoubleDeviation = c.Inputs.Severity(), true
	for _, field := range []string{"state", "severity", "informed", "measure"} {
		f.touch(field)
	}
	if err := f.tell(ctx, "reopened."+why, "text", text, "severity", itoa(c.Severity)); err != nil {
		return err
	}
	if err := f.elevate(ctx); err != nil {
		return err
	}
	return f.startRound(ctx)
}

// retire ends what is left of a round: its open steps and the wait for an answer.
func (f *file) retire(ctx context.Context) error {
	if err := f.Queue.Cancel(ctx, f.tx, awaitDuty, string(f.c.ID)); err != nil {
		return err
	}
	for i := range f.steps {
		s := &f.steps[i]
		if s.Over() {
			continue
		}
		s.State, s.DoneAt, s.DoneBy = Skipped, f.tx.Now, actorText(self())
		if err := f.Queue.Cancel(ctx, f.tx, escalateDuty, s.ID); err != nil {
			return err
		}
		if err := putStep(ctx, f.tx, f.c.ID, *s); err != nil {
			return err
		}
	}
	return nil
}

const (
	// askEvery lies between two tries to reach a customer by survey.
	askEvery = 3 * 24 * time.Hour
	// maxTries is how often a customer is asked before they count as unreachable.
	maxTries = 3
	// openFor is how long one try can be answered.
	openFor = 7 * 24 * time.Hour
	// longestWait bounds one try, should nobody report that it went unanswered:
	// openFor and what quiet hours may add to it.
	longestWait = openFor + 2*24*time.Hour
)

// awaited says which try a wait is for.
type awaited struct {
	Round int `json:"round"`
	Try   int `json:"try"`
}

// askAgain sends the next follow-up survey after a delay.
func (f *file) askAgain(ctx context.Context, delay time.Duration) error {
	at := awaited{Round: f.c.Round(), Try: f.c.Tries + 1}
	_, err := f.Program.AskTx(ctx, f.tx, self(), survey.Ask{Kind: survey.FollowUp, Link: link(f.c.ID, at),
		ConversationID: f.c.ConversationID, Delay: delay, OpenFor: openFor})
	if err != nil {
		return err
	}
	return f.Queue.Replace(ctx, f.tx, job.Duty{Kind: awaitDuty, Key: string(f.c.ID), Subject: string(f.c.ID), Data: at,
		RunAt: f.tx.Now.Add(delay + longestWait)})
}

// await is the duty that ends a try of which nothing was heard.
func (x *Cases) await(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var at awaited
	if err := j.Decode(&at); err != nil {
		return job.Give(err)
	}
	return x.silence(ctx, tx, ID(j.Subject), at)
}

// silence counts a try that stayed without an answer; after the last one the
// customer is unreachable. It does nothing for a try that is over.
func (x *Cases) silence(ctx context.Context, tx *sqldb.Tx, id ID, at awaited) error {
	f, err := x.take(ctx, tx, self(), id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.c.State != Surveyed || at.Round != f.c.Round() || at.Try != f.c.Tries+1 {
		return nil
	}
	f.c.Tries++
	f.touch("tries")
	if err := f.tell(ctx, "unanswered", "n", itoa(f.c.Tries)); err != nil {
		return err
	}
	if f.c.Tries >= maxTries {
		err = f.close(ctx, Unreachable, 0)
	} else {
		err = f.askAgain(ctx, askEvery)
	}
	if err != nil {
		return err
	}
	return f.save(ctx)
}

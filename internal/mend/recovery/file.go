package recovery

import (
	"context"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// file is a case in work, inside one transaction. Its methods keep the
// invariants; save writes what changed and tells it once.
type file struct {
	*core
	tx    *sqldb.Tx
	by    actor.Actor
	c     Case
	book  Playbook
	cal   *worktime.Calendar
	steps []Step // of the present round

	fields    []string // what changed, for the fact
	approvers []string
	remedyID  string
	newOwner  bool
}

// touch notes that a field changed.
func (f *file) touch(field string) {
	if !slices.Contains(f.fields, field) {
		f.fields = append(f.fields, field)
	}
}

// tell writes an entry of the case's story; data are pairs.
func (f *file) tell(ctx context.Context, kind string, data ...string) error {
	e := Entry{At: f.tx.Now, Kind: kind, Actor: f.by, Data: map[string]string{}}
	for i := 0; i+1 < len(data); i += 2 {
		e.Data[data[i]] = data[i+1]
	}
	return insertEntry(ctx, f.tx, f.c.ID, e)
}

func (f *file) place() Place {
	return Place{CaseID: f.c.ID, Ref: f.c.Ref, BrandID: f.c.BrandID, CustomerID: f.c.CustomerID,
		ConversationID: f.c.ConversationID, OwnerID: f.c.OwnerID, Severity: f.c.Severity}
}

// save writes the case and emits one case.updated with everything that changed.
func (f *file) save(ctx context.Context) error {
	if len(f.fields) == 0 {
		return nil
	}
	f.c.Version++
	if err := updateCase(ctx, f.tx, f.c); err != nil {
		return err
	}
	f.Journal.Emit(f.tx, UpdatedFact, string(f.c.ID), f.by, UpdatedData{Place: f.place(), Fields: f.fields, State: f.c.State,
		DueAt: f.c.DueAt, Approvers: f.approvers, RemedyID: f.remedyID, NewOwner: f.newOwner})
	return nil
}

// move takes the case to a milestone if the state machine has such a move; a
// milestone behind the case leaves it where it is.
func (f *file) move(to State) {
	if to != "" && CanMove(f.c.State, to) {
		f.c.State = to
		f.touch("state")
	}
}

// active returns the step that is on, nil if none is.
func (f *file) active() *Step {
	for i := range f.steps {
		if f.steps[i].State == Active {
			return &f.steps[i]
		}
	}
	return nil
}

func (f *file) stepByID(id string) *Step {
	for i := range f.steps {
		if f.steps[i].ID == id {
			return &f.steps[i]
		}
	}
	return nil
}

// startRound lays out the playbook's steps anew and turns the first one on.
func (f *file) startRound(ctx context.Context) error {
	f.c.RoundAt = f.tx.Now
	f.steps = nil
	for i, r := range f.book.Steps {
		s := Step{ID: f.IDs.New("step"), Round: f.c.Round(), Position: i + 1, Key: r.Key, State: Waiting}
		if !r.After {
			s.DueAt = due(f.cal, f.c.RoundAt, r.span(f.c.Severity, f.c.DoubleDeviation))
		}
		f.steps = append(f.steps, s)
		if err := putStep(ctx, f.tx, f.c.ID, s); err != nil {
			return err
		}
	}
	f.touch("step")
	return f.advance(ctx)
}

// advance turns on the first step that still waits, if none is on.
func (f *file) advance(ctx context.Context) error {
	f.c.DueAt = time.Time{}
	if f.active() != nil {
		f.c.DueAt = f.active().DueAt
		return nil
	}
	for i := range f.steps {
		if f.steps[i].State == Waiting {
			return f.turnOn(ctx, &f.steps[i])
		}
	}
	return nil
}

func (f *file) turnOn(ctx context.Context, s *Step) error {
	r, _ := f.book.recipe(s.Key)
	s.State = Active
	if s.DueAt.IsZero() {
		s.DueAt = due(f.cal, f.tx.Now, r.span(f.c.Severity, f.c.DoubleDeviation))
	}
	return f.clockIn(ctx, s, r)
}

// clockIn keeps an active step and plans what happens when its time is over.
func (f *file) clockIn(ctx context.Context, s *Step, r Recipe) error {
	f.touch("step")
	f.c.DueAt = time.Time{}
	if r.Escalates {
		f.c.DueAt = s.DueAt
		at := s.DueAt
		if at.Before(f.tx.Now) {
			at = f.tx.Now
		}
		if err := f.Queue.Replace(ctx, f.tx, job.Duty{Kind: escalateDuty, Key: s.ID, Subject: string(f.c.ID), RunAt: at}); err != nil {
			return err
		}
	}
	return putStep(ctx, f.tx, f.c.ID, *s)
}

// end finishes or skips a step, and turns on the next.
func (f *file) end(ctx context.Context, s *Step, how StepState, e Evidence) error {
	s.State, s.Evidence, s.DoneAt, s.DoneBy = how, e, f.tx.Now, actorText(f.by)
	f.touch("step")
	if err := f.Queue.Cancel(ctx, f.tx, escalateDuty, s.ID); err != nil {
		return err
	}
	if err := putStep(ctx, f.tx, f.c.ID, *s); err != nil {
		return err
	}
	r, _ := f.book.recipe(s.Key)
	if how == Done {
		f.move(r.State)
		if r.Informs {
			f.inform(e.MessageID)
		}
	}
	return f.advance(ctx)
}

// inform notes that the customer knows what is done about the failure.
func (f *file) inform(messageID string) {
	f.c.InformedAt, f.c.InformedID = f.tx.Now, messageID
	f.touch("informed")
}

// skipUntil skips every step before key that is not over.
func (f *file) skipUntil(ctx context.Context, key StepKey) error {
	for {
		s := f.active()
		if s == nil || s.Key == key || s.Key == StepLearn {
			return nil
		}
		if err := f.end(ctx, s, Skipped, Evidence{}); err != nil {
			return err
		}
	}
}

// rate computes the severity from the inputs; when it changed, clocks that run
// are set again from the start of the round, and a case that has become a
// manager's goes to one.
func (f *file) rate(ctx context.Context) error {
	was, double := f.c.Severity, f.c.DoubleDeviation
	f.c.Severity, f.c.DoubleDeviation = f.c.Inputs.Severity(), f.c.Inputs.DoubleDeviation
	if f.c.Severity == was && f.c.DoubleDeviation == double {
		return nil
	}
	f.touch("severity")
	if err := f.tell(ctx, "severity", "from", itoa(was), "to", itoa(f.c.Severity)); err != nil {
		return err
	}
	if f.c.State == Surveyed || f.c.State == Closed {
		return nil
	}
	if err := f.reclock(ctx); err != nil {
		return err
	}
	return f.elevate(ctx)
}

func (f *file) reclock(ctx context.Context) error {
	for i := range f.steps {
		s := &f.steps[i]
		r, _ := f.book.recipe(s.Key)
		if s.Over() || r.After {
			continue
		}
		s.DueAt = due(f.cal, f.c.RoundAt, r.span(f.c.Severity, f.c.DoubleDeviation))
		var err error
		if s.State == Active {
			err = f.clockIn(ctx, s, r)
		} else {
			err = putStep(ctx, f.tx, f.c.ID, *s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// elevate gives the case to a manager if its rule asks for one and its owner is none.
func (f *file) elevate(ctx context.Context) error {
	owner, err := f.owner(ctx, f.tx, needsManager(f.c), f.c.OwnerID)
	if err != nil {
		return err
	}
	return f.give(ctx, owner)
}

// give makes somebody responsible. Whoever had taken the present step on has
// not taken it for the new owner.
func (f *file) give(ctx context.Context, owner string) error {
	if owner == f.c.OwnerID {
		return nil
	}
	f.c.OwnerID, f.newOwner = owner, true
	f.touch("owner")
	if s := f.active(); s != nil && s.TakenBy != "" && s.TakenBy != owner {
		s.TakenBy = ""
		r, _ := f.book.recipe(s.Key)
		if err := f.clockIn(ctx, s, r); err != nil {
			return err
		}
	}
	return f.tell(ctx, "owner", "agent", owner)
}

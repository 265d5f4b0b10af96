package recovery

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Tools are what recovery works with.
type Tools struct {
	DB      *sqldb.DB
	IDs     *id.Source
	Journal *event.Journal
	Queue   *job.Queue
	Agents  *team.Agents
	Brands  *brand.Brands
	Threads *conversation.Threads
	Program *survey.Program
}

// Handles are the doors into recovery. Each is safe for concurrent use.
type Handles struct {
	Cases     *Cases
	Steps     *Steps
	Promises  *Promises
	Remedies  *Remedies
	Chronicle *Chronicle
}

// New returns the handles and registers recovery's duties with the queue.
func New(t Tools) Handles {
	k := &core{t}
	h := Handles{Cases: &Cases{k}, Steps: &Steps{k}, Promises: &Promises{k}, Remedies: &Remedies{k}, Chronicle: &Chronicle{k}}
	t.Queue.Do(escalateDuty, h.Steps.escalate)
	t.Queue.Do(promiseDuty, h.Promises.fallDue)
	t.Queue.Do(awaitDuty, h.Cases.await)
	return h
}

// The duties of this package.
const (
	escalateDuty = "recovery.escalate" // key: the step
	promiseDuty  = "recovery.promise"  // key: the promise
	awaitDuty    = "recovery.await"    // key: the case
)

// core is what all handles share.
type core struct{ Tools }

// self is the actor of what recovery does by its own rules.
func self() actor.Actor { return actor.OfSystem("recovery") }

// change opens a case as by, lets fn work on it and saves it, in one transaction.
func (k *core) change(ctx context.Context, by actor.Actor, id ID, fn func(f *file) error) (Case, error) {
	var out Case
	err := k.DB.Write(ctx, func(tx *sqldb.Tx) error {
		f, err := k.take(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := fn(f); err != nil {
			return err
		}
		if err := f.save(ctx); err != nil {
			return err
		}
		out = f.c
		return nil
	})
	return out, err
}

// take takes a case into work: locked, with its steps, until the transaction ends.
func (k *core) take(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id ID) (*file, error) {
	if err := tx.Lock(ctx, "recovery_case", string(id)); err != nil {
		return nil, err
	}
	c, err := ByID(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	f := &file{core: k, tx: tx, by: by, c: c}
	if f.book, err = playbookByID(ctx, tx, c.PlaybookID); err != nil {
		return nil, err
	}
	if f.cal, err = k.calendar(ctx, tx, c.BrandID); err != nil {
		return nil, err
	}
	f.steps, err = stepsOf(ctx, tx, id, c.Round())
	return f, err
}

// calendar returns a brand's business hours.
func (k *core) calendar(ctx context.Context, tx *sqldb.Tx, brandID string) (*worktime.Calendar, error) {
	b, err := k.Brands.ByID(ctx, tx, brandID)
	if err != nil {
		return nil, err
	}
	return b.Calendar()
}

package app

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	rollDays  = "insight.roll"
	rollEvery = time.Minute
	// rollPause lets others write between two days; SQLite has one writer.
	rollPause = 5 * time.Millisecond
)

// roller stores the days of the reports that changed.
type roller struct{ *App }

// register makes the duty that does the work.
func (a roller) register() { a.queue.Call(rollDays, housekeeping, time.Hour, a.roll) }

// run looks now and every minute of real time whether there is work. A duty that
// came back by itself would be done for every minute of the past as well, where
// a demonstration or a test lets months go by; reports are right without it.
func (a roller) run(ctx context.Context) error {
	tick := time.NewTicker(rollEvery)
	defer tick.Stop()
	for {
		if err := a.db.Write(ctx, func(tx *sqldb.Tx) error { return a.look(ctx, tx) }); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "looking for changed days of reports", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a roller) look(ctx context.Context, tx *sqldb.Tx) error {
	stale, err := insight.Stale(ctx, tx)
	if err != nil || !stale {
		return err
	}
	return a.queue.Add(ctx, tx, job.Duty{Kind: rollDays, Key: job.Recurring})
}

func (a roller) roll(ctx context.Context, _ job.Job) error {
	for more := true; more; {
		err := a.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
			more, err = insight.Roll(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rollPause):
		}
	}
	return nil
}

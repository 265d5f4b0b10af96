package app

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	rollDuty  = "insight.due"
	rollDays  = "insight.roll"
	rollEvery = time.Minute
	// rollPause lets others write between two days; SQLite has one writer.
	rollPause = 5 * time.Millisecond
)

// roller stores the days of the reports that changed.
type roller struct{ *App }

// register makes the duties: a look every minute, and the work if there is any.
func (a roller) register() {
	a.queue.Every(rollDuty, func(now time.Time) time.Time { return now.Add(rollEvery) }, a.look)
	a.queue.Call(rollDays, housekeeping, time.Hour, a.roll)
}

func (a roller) look(ctx context.Context, tx *sqldb.Tx, _ job.Job) error {
	stale, err := insight.Stale(ctx, tx)
	if err != nil || !stale {
		return err
	}
	return a.queue.Add(ctx, tx, job.Duty{Kind: rollDays, Key: "every"})
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

package job

import (
	"context"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const failSQL = `UPDATE job SET state = $2, run_at = $3, owner = '', attempt = $4, last_error = $5 WHERE id = $1`

// If the same key waits already, that duty will do what this one would.
const supersededSQL = `DELETE FROM job WHERE id = $1 AND key <> '' AND EXISTS (
	SELECT 1 FROM job other WHERE other.kind = $2 AND other.key = $3 AND other.state = 'ready' AND other.id <> $1)`

// failed records what a failure means for its duty: again later, or dead.
func (q *Queue) failed(ctx context.Context, j Job, cause error) error {
	return q.db.Write(ctx, func(tx *sqldb.Tx) error {
		state, at, text, attempt := "ready", tx.Now.Add(Pause(j.Attempt)), clip(cause.Error()), j.Attempt
		var v *verdict
		switch {
		case errors.As(cause, &v) && !v.at.IsZero():
			at, text, attempt = v.at, j.LastError, 0
		case errors.As(cause, &v) && v.dead, j.Attempt >= MaxAttempts && j.Key != everyKey:
			state = "dead"
		case errors.Is(cause, context.Canceled) || fault.Is(cause, fault.Unavailable):
			at, attempt = tx.Now.Add(time.Second), j.Attempt-1 // stopped or away: no fault of the duty
		}
		if state == "ready" {
			if n, err := tx.Exec(ctx, supersededSQL, j.ID, j.Kind, j.Key); err != nil || n > 0 {
				return err
			}
		}
		_, err := tx.Exec(ctx, failSQL, j.ID, state, at.UnixMilli(), attempt, text)
		if err == nil && v == nil {
			q.log.WarnContext(ctx, "duty failed", "kind", j.Kind, "job", j.ID, "subject", j.Subject, "attempt", j.Attempt, "state", state, "error", cause)
		}
		return err
	})
}

func clip(s string) string {
	r := []rune(s)
	if len(r) > maxError {
		return string(r[:maxError]) + "…"
	}
	return s
}

func (q *Queue) watchOrphans(ctx context.Context) {
	for ctx.Err() == nil {
		if n, err := q.Reclaim(ctx); err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "looking for orphaned duties", "error", err)
		} else if n > 0 {
			q.log.InfoContext(ctx, "took back duties of a process that ended", "count", n)
		}
		q.rest(ctx, reclaim)
	}
}

// Reclaim frees the duties of members that are no longer alive, and returns how many.
func (q *Queue) Reclaim(ctx context.Context) (int, error) {
	freed := 0
	err := q.db.Write(ctx, func(tx *sqldb.Tx) error {
		freed = 0
		orphans, err := q.orphans(ctx, tx)
		if err != nil {
			return err
		}
		for _, j := range orphans {
			n, err := tx.Exec(ctx, supersededSQL, j.ID, j.Kind, j.Key)
			if err != nil {
				return err
			}
			if n == 0 {
				if _, err := tx.Exec(ctx, `UPDATE job SET state = 'ready', owner = '' WHERE id = $1 AND state = 'running'`, j.ID); err != nil {
					return err
				}
			}
			freed++
		}
		return nil
	})
	if freed > 0 {
		for name := range q.lanes {
			q.nudge(name)
		}
	}
	return freed, err
}

func (q *Queue) orphans(ctx context.Context, tx *sqldb.Tx) ([]Job, error) {
	type owned struct {
		Job
		owner string
	}
	running, err := sqldb.List(ctx, tx, func(r rows) (o owned, err error) {
		err = r.Scan(&o.ID, &o.Kind, &o.Key, &o.owner)
		return o, err
	}, `SELECT id, kind, key, owner FROM job WHERE state = 'running'`)
	if err != nil || len(running) == 0 {
		return nil, err
	}
	var owners []string
	for _, o := range running {
		owners = append(owners, o.owner)
	}
	alive, err := tx.Members(ctx, q.db, owners)
	var out []Job
	for _, o := range running {
		if !alive[o.owner] {
			out = append(out, o.Job)
		}
	}
	return out, err
}

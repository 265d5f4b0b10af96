package job

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// SQLite waits for the disk at each commit, so its one worker does several
// duties in one. PostgreSQL's workers wait side by side, and locks of several
// duties at once would make them wait for one another.
const (
	batchSize = 16                   // duties of one transaction
	batchTime = 8 * time.Millisecond // after which it takes no more, as others want to write
)

// batch does due duties one after the other in one transaction and returns how
// many. If one of them fails none was done: the caller then takes them singly,
// so that the failure is that duty's alone.
func batch(ctx context.Context, q *Queue) (n int, err error) {
	err = q.db.Write(ctx, func(tx *sqldb.Tx) error {
		n = 0
		for began := q.db.Clock().Now(); n < batchSize && q.db.Clock().Now().Sub(began) < batchTime; n++ {
			_, failure, err := take(ctx, tx, q)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err := errors.Join(err, failure); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// take does the next due duty of the lane inside a transaction. failure is the
// duty's own; err tells why there was none to do: sql.ErrNoRows, or what the
// database says.
func take(ctx context.Context, tx *sqldb.Tx, q *Queue) (j Job, failure, err error) {
	found, err := next(ctx, tx, q)
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, nil, q.lanes[DoLane].lookAhead(ctx, tx, DoLane)
	}
	if err != nil {
		return Job{}, nil, err
	}
	defer q.lanes[DoLane].helped()()
	if _, err := tx.Exec(ctx, `DELETE FROM job WHERE id = $1`, found.ID); err != nil {
		return found, nil, err
	}
	found.Attempt++
	return found, fault.Guard(func() error { return q.kinds[found.Kind].do(ctx, tx, found) }), nil
}

// takeSQL goes on with the kinds that are left to others.
const (
	takeSQL   = `SELECT ` + columns + ` FROM job WHERE lane = $1 AND state = 'ready' AND run_at <= $2 AND kind NOT IN (`
	takeOrder = `) ORDER BY run_at, id LIMIT 1`
)

// next finds the next due duty of the lane that this program does.
func next(ctx context.Context, tx *sqldb.Tx, q *Queue) (Job, error) {
	for {
		marks, args := q.lanes[DoLane].avoided(DoLane, tx.Now.UnixMilli())
		j, err := scan(tx.QueryRow(ctx, takeSQL+marks+takeOrder+tx.Dialect().SkipLocked(), args...))
		if err != nil || q.kinds.does(DoLane, j.Kind) {
			return j, err
		}
		q.lanes[DoLane].avoid(j.Kind)
	}
}

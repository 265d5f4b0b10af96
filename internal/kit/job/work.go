package job

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Run joins the database as a member and works until ctx ends; then it waits
// for what is running, for Grace. If the membership is lost (PostgreSQL gone, network cut)
// running calls are told to stop and it joins again.
func (q *Queue) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		m, err := q.db.Join(ctx, q.ids.New("node"))
		if err != nil {
			if !fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
				return err
			}
			if ctx.Err() == nil {
				q.log.WarnContext(ctx, "cannot join the database; trying again", "error", err)
			}
			rest(ctx, poll)
			continue
		}
		(&crew{q: q, member: m}).work(ctx)
		if err := m.Leave(); err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "leaving the database", "error", err)
		}
	}
	return nil
}

// crew is the workers of one membership.
type crew struct {
	q       *Queue
	member  *sqldb.Member
	missing map[string]bool // members that were not alive when last looked for
}

func (c *crew) work(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hands, drop := context.WithCancel(context.WithoutCancel(ctx))
	defer drop()
	over := make(chan struct{})
	go func() {
		defer close(over)
		c.linger(ctx, hands, drop)
	}()
	var g errgroup.Group
	g.Go(func() error {
		select {
		case <-c.member.Lost():
			c.q.log.WarnContext(ctx, "lost the database; work pauses")
			drop()
			cancel()
		case <-ctx.Done():
		}
		return nil
	})
	g.Go(func() error { c.watchOrphans(ctx); return nil })
	for name, l := range c.q.lanes {
		for range l.workers {
			g.Go(func() error { c.loop(ctx, hands, name, l); return nil })
		}
	}
	_ = g.Wait() // the goroutines report by the log
	drop()
	cancel()
	<-over
}

// linger drops what is still in hand when the time after the end is over.
func (c *crew) linger(ctx, hands context.Context, drop context.CancelFunc) {
	<-ctx.Done()
	t := time.NewTimer(c.q.Grace)
	defer t.Stop()
	select {
	case <-t.C:
		drop()
	case <-c.member.Lost():
		drop()
	case <-hands.Done():
	}
}

// Another worker is woken when there is reason to think that it will find
// something: each look of one that finds nothing costs the database as much as
// half a small duty.
const (
	patience = 5 * time.Millisecond // how long others may wait behind one duty
	deep     = 8                    // duties in a row that mean that there are many
)

// loop takes duties until ctx ends; hands is the context of the one it has.
func (c *crew) loop(ctx, hands context.Context, name string, l *lane) {
	singly := 0 // how many duties to take one by one, after one failed among several
	row := 0    // how many were done without a pause
	for ctx.Err() == nil {
		did, err := c.round(hands, name, &singly)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.q.log.WarnContext(ctx, "working on duties", "lane", name, "error", err)
			rest(ctx, poll)
		case did > 0:
			if row += did; row >= deep {
				l.nudge()
				row = 0
			}
		default:
			row = 0
			t := time.NewTimer(l.idle(c.q.db.Clock().Now()))
			select {
			case <-ctx.Done():
			case <-l.wake:
			case <-t.C:
			}
			t.Stop()
		}
	}
}

// round does what is due, one duty or several, and returns how many.
func (c *crew) round(hands context.Context, name string, singly *int) (did int, err error) {
	if name == DoLane && *singly == 0 && c.q.db.Dialect() == sqldb.SQLite {
		did, failure := batch(hands, c.q)
		if failure != nil {
			*singly = batchSize
			did = 1
		}
		return did, nil
	}
	*singly = max(*singly-1, 0)
	ok, err := c.q.Step(hands, name, c.member.ID())
	if ok {
		did = 1
	}
	return did, err
}

const dueNextSQL = `SELECT run_at FROM job WHERE lane = $1 AND state = 'ready' AND run_at > $2 ORDER BY run_at, id LIMIT 1`

// lookAhead notes when the next duty of a lane will be due, for who found none
// in the same transaction: that is the error, unless there is a worse one.
func (l *lane) lookAhead(ctx context.Context, tx *sqldb.Tx, name string) error {
	var at int64 // long ago if there is none
	err := tx.QueryRow(ctx, dueNextSQL, name, tx.Now.UnixMilli()).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	l.due.Store(at)
	return sql.ErrNoRows
}

// helped lets another worker of the lane look for more while a duty takes long.
// The caller calls done after it.
func (l *lane) helped() (done func() bool) { return time.AfterFunc(patience, l.nudge).Stop }

// idle is how long there is nothing to do: until the next duty, a poll at most.
// What is due already and was not taken is in the hands of another.
func (l *lane) idle(now time.Time) time.Duration {
	wait := time.UnixMilli(l.due.Load()).Sub(now)
	if wait <= 0 || wait > poll {
		return poll
	}
	return wait
}

func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

const columns = `id, kind, key, subject, data, state, run_at, created_at, attempt, last_error`

func scan(r interface{ Scan(...any) error }) (j Job, err error) {
	var data string
	err = r.Scan(&j.ID, &j.Kind, &j.Key, &j.Subject, &data, &j.State, sqldb.At(&j.RunAt), sqldb.At(&j.CreatedAt), &j.Attempt, &j.LastError)
	j.Data = []byte(data)
	return j, err
}

// Step does at most one due duty of a lane as a member, and reports whether
// there was one. A duty's own failure is recorded, not returned.
func (q *Queue) Step(ctx context.Context, lane, member string) (bool, error) {
	if lane == DoLane {
		return q.stepDo(ctx)
	}
	return q.stepCall(ctx, lane, member)
}

func (q *Queue) stepDo(ctx context.Context) (bool, error) {
	var j Job
	var failure error
	err := q.db.Write(ctx, func(tx *sqldb.Tx) error {
		var err error
		if j, failure, err = take(ctx, tx, q); err != nil {
			return err
		}
		return failure
	})
	switch {
	case errors.Is(err, sql.ErrNoRows) && j.ID == "":
		return false, nil
	case err == nil:
		return true, nil
	case j.ID == "", failure == nil && fault.Is(err, fault.Unavailable), sqldb.IsAway(err):
		return false, err // the database is away: that is not the duty's failure
	}
	return true, q.failed(ctx, j, "", err)
}

// claimSQL goes on with the kinds that are left to others.
const (
	claimSQL = `UPDATE job SET state = 'running', owner = $1, attempt = attempt + 1 WHERE id = (
	SELECT id FROM job WHERE lane = $2 AND state = 'ready' AND run_at <= $3 AND (key = '' OR NOT EXISTS (
		SELECT 1 FROM job other WHERE other.kind = job.kind AND other.key = job.key AND other.state = 'running')) AND kind NOT IN (`
	claimOrder = `) ORDER BY run_at, id LIMIT 1`
)

func (q *Queue) stepCall(ctx context.Context, lane, member string) (bool, error) {
	owner := q.claims.begin(member)
	defer q.claims.end(owner)
	j, err := claim(ctx, q, lane, owner)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer q.lanes[lane].helped()()
	k := q.kinds[j.Kind]
	limited, cancel := context.WithTimeout(ctx, k.timeout)
	err = fault.Guard(func() error { return k.call(limited, j) })
	cancel()
	return true, q.settle(ctx, j, owner, err)
}

// errForeign undoes a claim: nobody of this program does such duties.
var errForeign = errors.New("job: left to others")

// claim marks the next due duty of a lane as an owner's. sql.ErrNoRows if there is none.
func claim(ctx context.Context, q *Queue, lane, owner string) (j Job, err error) {
	for {
		err = q.db.Write(ctx, func(tx *sqldb.Tx) error {
			marks, args := q.lanes[lane].avoided(owner, lane, tx.Now.UnixMilli())
			j, err = scan(tx.QueryRow(ctx, claimSQL+marks+claimOrder+tx.Dialect().SkipLocked()+`) RETURNING `+columns, args...))
			if err == nil && !q.kinds.does(lane, j.Kind) {
				return errForeign
			}
			if errors.Is(err, sql.ErrNoRows) {
				return q.lanes[lane].lookAhead(ctx, tx, lane)
			}
			return err
		})
		if !errors.Is(err, errForeign) {
			return j, err
		}
		q.lanes[lane].avoid(j.Kind)
	}
}

// settle records how a call ended. It must be recorded while the membership
// lasts, so it is tried until it is; when ctx ends first, the row stays with an
// owner that is no longer alive, and the duty will run again.
func (q *Queue) settle(ctx context.Context, j Job, owner string, outcome error) error {
	for {
		err := func() error {
			limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
			defer cancel()
			if outcome != nil {
				if ctx.Err() != nil && errors.Is(outcome, context.Canceled) {
					return q.postpone(limited, j, owner)
				}
				return q.failed(limited, j, owner, outcome)
			}
			return q.db.Write(limited, func(tx *sqldb.Tx) error {
				_, err := tx.Exec(limited, `DELETE FROM job WHERE id = $1 AND owner = $2`, j.ID, owner)
				return err
			})
		}()
		if err == nil || ctx.Err() != nil {
			return err
		}
		q.log.WarnContext(ctx, "recording the end of a duty; trying again", "kind", j.Kind, "job", j.ID, "error", err)
		rest(ctx, poll)
	}
}

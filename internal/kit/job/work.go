package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Run joins the database as a member and works until ctx ends; then it waits
// for what is running. If the membership is lost (PostgreSQL gone, network cut)
// running calls are told to stop and it joins again.
func (q *Queue) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		m, err := q.db.Join(ctx, q.ids.New("node"))
		if err != nil {
			if !fault.Is(err, fault.Unavailable) {
				return err
			}
			q.log.WarnContext(ctx, "cannot join the database; trying again", "error", err)
			q.rest(ctx, poll)
			continue
		}
		q.work(ctx, m)
		if err := m.Leave(); err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "leaving the database", "error", err)
		}
	}
	return nil
}

func (q *Queue) work(ctx context.Context, m *sqldb.Member) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var g errgroup.Group
	g.Go(func() error {
		select {
		case <-m.Lost():
			q.log.WarnContext(ctx, "lost the database; work pauses")
			cancel()
		case <-ctx.Done():
		}
		return nil
	})
	g.Go(func() error { q.watchOrphans(ctx); return nil })
	for name, l := range q.lanes {
		for range l.workers {
			g.Go(func() error { q.loop(ctx, name, l, m.ID()); return nil })
		}
	}
	_ = g.Wait() // the goroutines report by the log
}

func (q *Queue) loop(ctx context.Context, name string, l *lane, member string) {
	for ctx.Err() == nil {
		did, err := q.Step(ctx, name, member)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			q.log.WarnContext(ctx, "working on duties", "lane", name, "error", err)
			q.rest(ctx, poll)
		case did:
			q.nudge(name) // there may be more for another worker
		default:
			t := time.NewTimer(q.idle(ctx, name))
			select {
			case <-ctx.Done():
			case <-l.wake:
			case <-t.C:
			}
			t.Stop()
		}
	}
}

const dueNextSQL = `SELECT run_at FROM job WHERE lane = $1 AND state = 'ready' ORDER BY run_at, id LIMIT 1`

// idle is how long nothing is due: until the next duty, a poll at most.
func (q *Queue) idle(ctx context.Context, lane string) time.Duration {
	wait := poll
	err := q.db.Read(ctx, func(tx *sqldb.Tx) error {
		var at time.Time
		err := tx.QueryRow(ctx, dueNextSQL, lane).Scan(sqldb.At(&at))
		if err == nil {
			wait = min(max(at.Sub(tx.Now), time.Millisecond), poll)
		}
		return err
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return poll
	}
	return wait
}

func (q *Queue) rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
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
		j, failure = Job{}, nil
		j, err = scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM job WHERE lane = $1 AND state = 'ready' AND run_at <= $2
			ORDER BY run_at, id LIMIT 1`+tx.Dialect().SkipLocked(), DoLane, tx.Now.UnixMilli()))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM job WHERE id = $1`, j.ID); err != nil {
			return err
		}
		j.Attempt++
		failure = guard(func() error { return q.kinds[j.Kind].perform(ctx, tx, j) })
		return failure
	})
	switch {
	case errors.Is(err, sql.ErrNoRows) && j.ID == "":
		return false, nil
	case err == nil:
		return true, nil
	case j.ID == "", failure != nil && fault.Is(failure, fault.Unavailable), failure == nil && fault.Is(err, fault.Unavailable):
		return false, err // the database is away: that is not the duty's failure
	}
	return true, q.failed(ctx, j, err)
}

func (k kind) perform(ctx context.Context, tx *sqldb.Tx, j Job) error {
	if k.do == nil {
		return Give(errors.New("nobody does duties of kind " + j.Kind))
	}
	return k.do(ctx, tx, j)
}

func (q *Queue) stepCall(ctx context.Context, lane, member string) (bool, error) {
	var j Job
	err := q.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		j, err = scan(tx.QueryRow(ctx, `UPDATE job SET state = 'running', owner = $1, attempt = attempt + 1 WHERE id = (
			SELECT id FROM job WHERE lane = $2 AND state = 'ready' AND run_at <= $3 ORDER BY run_at, id LIMIT 1`+
			tx.Dialect().SkipLocked()+`) RETURNING `+columns, member, lane, tx.Now.UnixMilli()))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	k := q.kinds[j.Kind]
	if k.call == nil {
		return true, q.failed(ctx, j, Give(errors.New("nobody does duties of kind "+j.Kind)))
	}
	limited, cancel := context.WithTimeout(ctx, k.timeout)
	err = guard(func() error { return k.call(limited, j) })
	cancel()
	if err != nil {
		return true, q.failed(context.WithoutCancel(ctx), j, err)
	}
	ctx = context.WithoutCancel(ctx) // it is done; being told to stop must not undo that
	return true, q.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM job WHERE id = $1 AND owner = $2 AND state = 'running'`, j.ID, member)
		return err
	})
}

// guard turns a panic into an error: it costs one duty, never the process.
func guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

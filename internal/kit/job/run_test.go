package job_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

type rows = *sql.Rows

// real opens both engines with the machine's clock.
func real(t *testing.T, fn func(t *testing.T, db *sqldb.DB)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); fn(t, dbtest.SQLite(t, clock.System{})) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); fn(t, dbtest.Postgres(t, clock.System{})) })
}

func TestRunIsOnTime(t *testing.T) {
	real(t, func(t *testing.T, db *sqldb.DB) {
		q := newQueue(db)
		q.Lane("mail", 2)
		late := make(chan time.Duration, 20)
		measure := func(j job.Job) error {
			late <- time.Since(j.RunAt)
			return nil
		}
		q.Do("do", func(_ context.Context, _ *sqldb.Tx, j job.Job) error { return measure(j) })
		q.Call("call", "mail", time.Minute, func(_ context.Context, j job.Job) error { return measure(j) })
		ctx, cancel := context.WithCancel(t.Context())
		var g errgroup.Group
		g.Go(func() error { return q.Run(ctx) })
		add := func(q *job.Queue, kind string, wait time.Duration) {
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				return q.Add(t.Context(), tx, job.Duty{Kind: kind, RunAt: tx.Now.Add(wait)})
			}); err != nil {
				t.Error(err)
			}
		}
		other := newQueue(db) // a node that adds but does not work, so that nobody is nudged
		other.Lane("mail", 1)
		other.Do("do", nil)
		other.Call("call", "mail", time.Minute, nil)
		for _, kind := range []string{"do", "call"} {
			for _, wait := range []time.Duration{0, 300 * time.Millisecond, 1200 * time.Millisecond} {
				add(q, kind, wait)
				add(other, kind, wait)
			}
		}
		for range 12 {
			select {
			case d := <-late:
				if d > 2*time.Second {
					t.Errorf("%v late", d)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("a duty did not run")
			}
		}
		cancel()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// TestManyNodes lets several nodes work on one database while some of them are
// stopped and, on PostgreSQL, have their connections cut.
func TestManyNodes(t *testing.T) {
	real(t, func(t *testing.T, db *sqldb.DB) {
		const duties = 120
		f := &field{db: db, ran: map[string]int{}}
		nodes := 3
		ctx, cancel := context.WithCancel(t.Context())
		var g errgroup.Group
		for range nodes {
			g.Go(func() error { return f.node(ctx) })
		}
		giver := f.queue()
		for n := range duties {
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				return giver.Add(t.Context(), tx, job.Duty{Kind: []string{"do", "call"}[n%2], Subject: fmt.Sprint(n), RunAt: tx.Now.Add(time.Duration(n%10) * 50 * time.Millisecond)})
			}); err != nil {
				t.Fatal(err)
			}
			if n%30 == 29 && db.Dialect() == sqldb.Postgres {
				f.cut(t)
			}
		}
		f.await(t)
		cancel()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		f.judge(t, duties)
	})
}

// field is where nodes work; it watches what runs.
type field struct {
	db      *sqldb.DB
	mu      sync.Mutex
	running sync.Map
	ran     map[string]int
	twice   atomic.Int64
	lastCut time.Time
}

func (f *field) queue() *job.Queue {
	q := newQueue(f.db)
	q.Lane("mail", 3)
	q.Do("do", func(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
		if rand.IntN(8) == 0 {
			return job.Later(tx.Now.Add(20 * time.Millisecond))
		}
		_, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1`, j.Subject)
		return err
	})
	q.Call("call", "mail", time.Minute, func(ctx context.Context, j job.Job) error {
		if _, busy := f.running.LoadOrStore(j.Subject, true); busy {
			f.twice.Add(1)
		}
		defer f.running.Delete(j.Subject)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(rand.IntN(30)) * time.Millisecond):
		}
		if rand.IntN(8) == 0 {
			return job.Later(time.Now().Add(20 * time.Millisecond))
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.ran[j.Subject]++
		return nil
	})
	return q
}

// node is a process that is stopped and started again and again.
func (f *field) node(ctx context.Context) error {
	for ctx.Err() == nil {
		life, stop := context.WithTimeout(ctx, time.Duration(200+rand.IntN(800))*time.Millisecond)
		err := f.queue().Run(life)
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// cut ends every membership's connection, as a failing network would.
func (f *field) cut(t *testing.T) {
	t.Helper()
	f.lastCut = time.Now()
	_, err := f.db.Pool().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%advisory_lock%'`)
	if err != nil {
		t.Error(err)
	}
}

func (f *field) await(t *testing.T) {
	t.Helper()
	helper := f.queue()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		left := 0
		if err := f.db.Read(t.Context(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM job`).Scan(&left)
		}); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d duties are still there after a minute", left)
		}
		if time.Since(f.lastCut) < time.Second {
			continue // Run, too, gives those who were cut off a moment to stop
		}
		if _, err := helper.Reclaim(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (f *field) judge(t *testing.T, duties int) {
	t.Helper()
	done := map[string]int{}
	if err := f.db.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(t.Context(), func(r rows) error {
			var name string
			var n int
			err := r.Scan(&name, &n)
			done[name] = n
			return err
		}, `SELECT name, value FROM counter`)
	}); err != nil {
		t.Fatal(err)
	}
	for n := range duties {
		name := fmt.Sprint(n)
		if n%2 == 0 && done[name] != 1 {
			t.Errorf("duty %d was done %d times, want once", n, done[name])
		}
		if n%2 == 1 && f.ran[name] < 1 {
			t.Errorf("call %d never succeeded", n)
		}
	}
	if n := f.twice.Load(); n > 0 {
		t.Errorf("%d calls ran twice at the same time", n)
	}
}

// TestLostMembership cuts a member's connection on PostgreSQL: its calls are told
// to stop, and it joins again and does them.
func TestLostMembership(t *testing.T) {
	db := dbtest.Postgres(t, clock.System{})
	q := newQueue(db)
	q.Lane("mail", 1)
	var tries atomic.Int64
	began, told := make(chan struct{}, 2), make(chan error, 1)
	q.Call("call", "mail", time.Minute, func(ctx context.Context, _ job.Job) error {
		began <- struct{}{}
		if tries.Add(1) == 1 {
			<-ctx.Done()
			told <- ctx.Err()
			return ctx.Err()
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { return q.Run(ctx) })
	if err := db.Write(ctx, func(tx *sqldb.Tx) error { return q.Add(ctx, tx, job.Duty{Kind: "call"}) }); err != nil {
		t.Fatal(err)
	}
	wait := func(what string, ch <-chan struct{}) {
		t.Helper()
		select {
		case <-ch:
		case <-time.After(20 * time.Second):
			t.Fatal(what)
		}
	}
	wait("the call did not begin", began)
	at := time.Now()
	(&field{db: db}).cut(t)
	select {
	case err := <-told:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the call was told %v", err)
		}
		if d := time.Since(at); d > 3*time.Second {
			t.Errorf("the call was told after %v", d)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the call was not told to stop")
	}
	wait("the call did not run again", began)
	cancel()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

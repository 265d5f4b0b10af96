package job_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// rig is a queue whose duties write down that they ran.
type rig struct {
	t     *testing.T
	db    *sqldb.DB
	clock *clock.Manual
	*job.Queue
	ran []string
	end map[string]error // what a duty's next run returns, by subject
}

func newRig(t *testing.T, db *sqldb.DB, c *clock.Manual) *rig {
	r := &rig{t: t, db: db, clock: c, Queue: newQueue(db), end: map[string]error{}}
	r.Lane("mail", 1)
	r.Do("note", func(_ context.Context, _ *sqldb.Tx, j job.Job) error { return r.run(j) })
	r.Call("send", "mail", time.Second, func(_ context.Context, j job.Job) error { return r.run(j) })
	r.Call("slow", "mail", 30*time.Millisecond, func(ctx context.Context, _ job.Job) error { <-ctx.Done(); return ctx.Err() })
	r.Do("broken", func(context.Context, *sqldb.Tx, job.Job) error { panic("dropped the cup") })
	return r
}

func newQueue(db *sqldb.DB) *job.Queue {
	return job.New(db, id.NewSource(clock.System{}, rand.Reader), slog.New(slog.DiscardHandler))
}

func (r *rig) run(j job.Job) error {
	r.ran = append(r.ran, j.Subject)
	err := r.end[j.Subject]
	delete(r.end, j.Subject)
	return err
}

func (r *rig) write(fn func(ctx context.Context, tx *sqldb.Tx) error) {
	r.t.Helper()
	ctx := r.t.Context()
	if err := r.db.Write(ctx, func(tx *sqldb.Tx) error { return fn(ctx, tx) }); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) add(d job.Duty) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *sqldb.Tx) error { return r.Add(ctx, tx, d) })
}

// rest lets everything run that is due, and returns what ran.
func (r *rig) rest() string {
	r.t.Helper()
	r.ran = nil
	if _, err := r.Drain(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(r.ran, " ")
}

func (r *rig) list(state string) (out []job.Job) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *sqldb.Tx) (err error) {
		out, err = r.List(ctx, tx, state, "", 100)
		return err
	})
	return out
}

func (r *rig) want(got, want string) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("ran %q, want %q", got, want)
	}
}

func eachRig(t *testing.T, fn func(r *rig)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(newRig(t, db, c)) })
}

func TestDutiesRunWhenDueInOrder(t *testing.T) {
	eachRig(t, func(r *rig) {
		r.add(job.Duty{Kind: "note", Subject: "later", RunAt: r.clock.Now().Add(time.Hour)})
		r.add(job.Duty{Kind: "note", Subject: "second"})
		r.add(job.Duty{Kind: "note", Subject: "first", RunAt: r.clock.Now().Add(-time.Hour)})
		r.add(job.Duty{Kind: "send", Subject: "mail"})
		r.want(r.rest(), "first second mail")
		r.want(r.rest(), "")
		r.clock.Advance(time.Hour)
		r.want(r.rest(), "later")
		if n := len(r.list("ready")); n != 0 {
			t.Errorf("%d duties are left", n)
		}
	})
}

func TestADutyOfARolledBackTransactionDoesNotExist(t *testing.T) {
	eachRig(t, func(r *rig) {
		boom := errors.New("boom")
		err := r.db.Write(r.t.Context(), func(tx *sqldb.Tx) error {
			return errors.Join(r.Add(r.t.Context(), tx, job.Duty{Kind: "note", Subject: "ghost"}), boom)
		})
		if !errors.Is(err, boom) {
			r.t.Fatal(err)
		}
		r.want(r.rest(), "")
		err = r.db.Write(r.t.Context(), func(tx *sqldb.Tx) error {
			return r.Add(r.t.Context(), tx, job.Duty{Kind: "nobody's"})
		})
		if err == nil {
			r.t.Error("a duty that nobody does was taken")
		}
	})
}

func TestKeysWaitOnce(t *testing.T) {
	eachRig(t, func(r *rig) {
		at := r.clock.Now()
		r.add(job.Duty{Kind: "note", Key: "k", Subject: "one", RunAt: at.Add(time.Hour)})
		r.add(job.Duty{Kind: "note", Key: "k", Subject: "two"})
		r.add(job.Duty{Kind: "send", Key: "k", Subject: "other kind"})
		r.want(r.rest(), "other kind")
		r.write(func(ctx context.Context, tx *sqldb.Tx) error {
			return r.Replace(ctx, tx, job.Duty{Kind: "note", Key: "k", Subject: "three", RunAt: at.Add(time.Minute)})
		})
		if l := r.list("ready"); len(l) != 1 || l[0].Subject != "three" || !l[0].RunAt.Equal(at.Add(time.Minute)) {
			r.t.Fatalf("after Replace: %+v", l)
		}
		r.clock.Advance(time.Minute)
		r.want(r.rest(), "three")
		r.add(job.Duty{Kind: "note", Key: "k", Subject: "four", RunAt: at.Add(time.Hour)})
		r.write(func(ctx context.Context, tx *sqldb.Tx) error { return r.Cancel(ctx, tx, "note", "k") })
		r.clock.Advance(2 * time.Hour)
		r.want(r.rest(), "")
	})
}

func TestFailuresPauseAndThenDie(t *testing.T) {
	for _, kind := range []string{"note", "send"} {
		t.Run(kind, func(t *testing.T) {
			eachRig(t, func(r *rig) {
				r.add(job.Duty{Kind: kind, Subject: "s"})
				for n := 1; n <= job.MaxAttempts; n++ {
					r.end["s"] = errors.New("not today")
					r.want(r.rest(), "s")
					r.want(r.rest(), "") // it pauses
					if n == job.MaxAttempts {
						break
					}
					l := r.list("ready")
					if len(l) != 1 || l[0].Attempt != n || l[0].LastError != "not today" {
						r.t.Fatalf("after failure %d: %+v", n, l)
					}
					if wait := l[0].RunAt.Sub(r.clock.Now()); wait <= 0 || wait > 3*time.Hour {
						r.t.Fatalf("the pause after failure %d is %v", n, wait)
					}
					r.clock.Set(l[0].RunAt)
				}
				dead := r.list("dead")
				if len(dead) != 1 || len(r.list("ready")) != 0 {
					r.t.Fatalf("it should lie dead: %+v", dead)
				}
				r.clock.Advance(1000 * time.Hour)
				r.want(r.rest(), "")
				r.write(func(ctx context.Context, tx *sqldb.Tx) error { return r.Revive(ctx, tx, dead[0].ID) })
				r.want(r.rest(), "s")
				if len(r.list("dead"))+len(r.list("ready")) != 0 {
					r.t.Error("something is left")
				}
			})
		})
	}
}

func TestVerdicts(t *testing.T) {
	eachRig(t, func(r *rig) {
		at := r.clock.Now()
		for _, kind := range []string{"note", "send"} {
			r.end["s"] = job.Later(at.Add(time.Hour))
			r.add(job.Duty{Kind: kind, Subject: "s"})
			r.want(r.rest(), "s")
			if l := r.list("ready"); len(l) != 1 || l[0].Attempt != 0 || !l[0].RunAt.Equal(at.Add(time.Hour)) || l[0].LastError != "" {
				r.t.Fatalf("%s, later: %+v", kind, l)
			}
			r.clock.Advance(time.Hour)
			r.end["s"] = job.Give(errors.New("never"))
			r.want(r.rest(), "s")
			if l := r.list("dead"); len(l) != 1 || l[0].LastError != "never" {
				r.t.Fatalf("%s, given up: %+v", kind, l)
			}
			r.write(func(ctx context.Context, tx *sqldb.Tx) error { return r.Revive(ctx, tx, r.dead(ctx, tx)) })
			r.want(r.rest(), "s")
			r.clock.Set(at)
		}
		if err := errors.Unwrap(job.Give(fault.New(fault.Denied, "x"))); !fault.Is(err, fault.Denied) {
			r.t.Errorf("Give hides its cause: %v", err)
		}
	})
}

func (r *rig) dead(ctx context.Context, tx *sqldb.Tx) string {
	l, err := r.List(ctx, tx, "dead", "", 1)
	if err != nil || len(l) != 1 {
		r.t.Fatal(l, err)
	}
	return l[0].ID
}

func TestPanicsAndTimeoutsAreFailures(t *testing.T) {
	eachRig(t, func(r *rig) {
		r.add(job.Duty{Kind: "broken", Subject: "b"})
		r.add(job.Duty{Kind: "slow", Subject: "s"})
		r.want(r.rest(), "")
		l := r.list("ready")
		if len(l) != 2 || !strings.Contains(l[0].LastError, "dropped the cup") || !strings.Contains(l[1].LastError, "deadline") {
			r.t.Fatalf("%+v", l)
		}
	})
}

// A part that is away (storage, a server) is not the database: the duty waits its
// pause, and the next one runs.
func TestOneUnavailableDutyHoldsUpNoOther(t *testing.T) {
	eachRig(t, func(r *rig) {
		r.end["a"] = fault.New(fault.Unavailable, "error.storage.away")
		r.add(job.Duty{Kind: "note", Subject: "a", RunAt: r.clock.Now().Add(-time.Hour)})
		r.add(job.Duty{Kind: "note", Subject: "b"})
		r.want(r.rest(), "a b")
		if l := r.list("ready"); len(l) != 1 || l[0].Attempt != 1 {
			r.t.Fatalf("%+v", l)
		}
	})
}

func TestEveryComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		r := newRig(t, db, c)
		hourly := func(now time.Time) time.Time { return now.Truncate(time.Hour).Add(time.Hour) }
		r.Every("hourly", hourly, func(_ context.Context, _ *sqldb.Tx, j job.Job) error {
			j.Subject = "tick"
			return r.run(j)
		})
		start := func() {
			r.write(func(ctx context.Context, tx *sqldb.Tx) error { return r.Start(ctx, tx, "hourly") })
		}
		start()
		start() // another node, or the next start
		r.want(r.rest(), "tick")
		start()
		r.want(r.rest(), "")
		c.Advance(time.Hour)
		r.end["tick"] = job.Give(errors.New("not today"))
		r.want(r.rest(), "tick")
		if l := r.list("dead"); len(l) != 0 {
			t.Fatalf("a recurring duty lies dead: %+v", l)
		}
		c.Advance(3 * time.Hour)
		r.want(r.rest(), "tick")
		if l := r.list("ready"); len(l) != 1 || !l[0].RunAt.Equal(hourly(c.Now())) {
			t.Fatalf("waiting: %+v", l)
		}
	})
}

func TestLag(t *testing.T) {
	eachRig(t, func(r *rig) {
		r.end["d"] = job.Give(errors.New("x"))
		r.add(job.Duty{Kind: "note", Subject: "d"})
		r.rest()
		r.add(job.Duty{Kind: "note", Subject: "a"})
		r.add(job.Duty{Kind: "note", Subject: "b", RunAt: r.clock.Now().Add(time.Hour)})
		r.clock.Advance(time.Minute)
		r.write(func(ctx context.Context, tx *sqldb.Tx) error {
			l, err := r.Lag(ctx, tx)
			if want := (job.Lag{Ready: 2, Dead: 1, Late: time.Minute}); !reflect.DeepEqual(l, want) {
				r.t.Errorf("lag %+v, want %+v", l, want)
			}
			return err
		})
	})
}

func TestReviveRefuses(t *testing.T) {
	eachRig(t, func(r *rig) {
		ctx := r.t.Context()
		err := r.db.Write(ctx, func(tx *sqldb.Tx) error { return r.Revive(ctx, tx, "job_none") })
		if !fault.Is(err, fault.NotFound) {
			r.t.Errorf("an unknown duty: %v", err)
		}
	})
}

func TestPauseGrows(t *testing.T) {
	for n := 1; n < 40; n++ {
		full := min(time.Second<<min(n-1, 20), 3*time.Hour)
		for range 50 {
			if p := job.Pause(n); p > full || p < full*3/4 {
				t.Fatalf("pause %d is %v, want within a quarter below %v", n, p, full)
			}
		}
	}
}

// late is a failure that lets something happen between the end of a duty's
// transaction and the record of its failure, when it is looked at first.
type late struct {
	once sync.Once
	do   func()
}

func (*late) Error() string { return "too late" }

// As implements what errors.As looks for.
func (l *late) As(any) bool {
	l.once.Do(l.do)
	return false
}

// A duty that is replaced while its failure is being recorded keeps its own
// time, data and tries.
func TestAFailureDoesNotTouchWhatReplacedItsDuty(t *testing.T) {
	for name, verdict := range map[string]func(error) error{"a failure": func(err error) error { return err }, "a last failure": job.Give} {
		t.Run(name, func(t *testing.T) {
			eachRig(t, func(r *rig) {
				at := r.clock.Now().Add(time.Minute)
				r.end["old"] = verdict(&late{do: func() {
					r.write(func(ctx context.Context, tx *sqldb.Tx) error {
						return r.Replace(ctx, tx, job.Duty{Kind: "note", Key: "k", Subject: "new", RunAt: at})
					})
				}})
				r.add(job.Duty{Kind: "note", Key: "k", Subject: "old"})
				r.want(r.rest(), "old")
				l := r.list("ready")
				if len(l) != 1 || l[0].Subject != "new" || !l[0].RunAt.Equal(at) || l[0].Attempt != 0 || l[0].LastError != "" {
					r.t.Fatalf("the duty that took its place: %+v", l)
				}
				if dead := r.list("dead"); len(dead) != 0 {
					r.t.Errorf("dead: %+v", dead)
				}
				r.clock.Set(at)
				r.want(r.rest(), "new")
			})
		})
	}
}

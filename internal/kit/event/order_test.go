package event_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func newJournal(db *sqldb.DB) (*event.Journal, *job.Queue) {
	q := job.New(db, id.NewSource(clock.System{}, rand.Reader), slog.New(slog.DiscardHandler))
	return event.NewJournal(db, q), q
}

func since(t testing.TB, db *sqldb.DB, j *event.Journal, after int64, limit int) (facts []event.Fact) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *sqldb.Tx) (err error) {
		facts, err = j.Since(t.Context(), tx, after, limit)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return facts
}

// TestReadersMissNothing lets writers commit and roll back at the same time while
// readers follow with a cursor: what each reader saw is the whole journal, in
// order, without gaps, at every moment.
func TestReadersMissNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		const writers, rounds = 6, 25
		j, _ := newJournal(db)
		ctx, cancel := context.WithCancel(t.Context())
		var readers, g errgroup.Group
		ends := make(chan int64, 3)
		for range cap(ends) {
			readers.Go(func() error {
				last, err := follow(ctx, db, j)
				ends <- last
				return err
			})
		}
		committed := make([]int, writers)
		for w := range writers {
			g.Go(func() error {
				for n := range rounds {
					facts, undo := 1+mrand.IntN(3), mrand.IntN(4) == 0
					err := write(ctx, db, j, fmt.Sprintf("w%d", w), n, facts, undo)
					if err != nil {
						return err
					}
					if !undo {
						committed[w] += facts
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		cancel()
		if err := readers.Wait(); err != nil {
			t.Error(err)
		}
		total := 0
		for _, n := range committed {
			total += n
		}
		for range cap(ends) {
			if last := <-ends; last != int64(total) {
				t.Errorf("a reader ended at %d of %d facts", last, total)
			}
		}
		judge(t, since(t, db, j, 0, 10000), total)
	})
}

type step struct{ N, I int }

var errUndo = errors.New("undo")

func write(ctx context.Context, db *sqldb.DB, j *event.Journal, who string, n, facts int, undo bool) error {
	err := db.Write(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		for i := range facts {
			j.Emit(tx, "step.done", who, actor.OfSystem(who), step{n, i})
		}
		time.Sleep(time.Duration(mrand.IntN(3)) * time.Millisecond)
		if undo {
			return errUndo
		}
		return nil
	})
	if undo && errors.Is(err, errUndo) {
		return nil
	}
	return err
}

// follow reads the journal with a cursor until ctx has ended and it is at the end.
func follow(ctx context.Context, db *sqldb.DB, j *event.Journal) (last int64, err error) {
	news, stop := j.Follow()
	defer stop()
	for over := false; ; {
		var facts []event.Fact
		err := db.Read(context.WithoutCancel(ctx), func(tx *sqldb.Tx) (err error) {
			facts, err = j.Since(context.WithoutCancel(ctx), tx, last, 7)
			return err
		})
		if err != nil {
			return last, err
		}
		for _, f := range facts {
			if f.Seq != last+1 {
				return last, fmt.Errorf("after %d came %d", last, f.Seq)
			}
			last = f.Seq
		}
		if len(facts) > 0 {
			continue
		}
		if over {
			return last, nil
		}
		select {
		case <-ctx.Done():
			over = true // one more look
		case <-news:
		}
	}
}

func judge(t *testing.T, facts []event.Fact, total int) {
	t.Helper()
	if len(facts) != total {
		t.Fatalf("%d facts, want %d", len(facts), total)
	}
	at := map[string]step{}
	for i, f := range facts {
		if f.Seq != int64(i+1) {
			t.Fatalf("fact %d has number %d", i+1, f.Seq)
		}
		var s step
		if err := f.Decode(&s); err != nil {
			t.Fatal(err)
		}
		if old, ok := at[f.Subject]; ok && (s.N < old.N || s.N == old.N && s.I != old.I+1) {
			t.Fatalf("%s: %+v came after %+v", f.Subject, s, old)
		}
		at[f.Subject] = s
	}
}

// TestListenersExactlyOnce plays any order of emitting, undoing and working, with
// listeners that fail now and then: in the database each committed fact has had
// each of its effects once.
func TestListenersExactlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		rapid.Check(t, func(rt *rapid.T) { playListeners(t, rt, db, c) })
	})
}

func playListeners(t *testing.T, rt *rapid.T, db *sqldb.DB, c *clock.Manual) {
	ctx := t.Context()
	must := func(err error) {
		if err != nil {
			rt.Fatalf("%v", err)
		}
	}
	must(db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, table := range []string{"job", "journal", "counter"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		return nil
	}))
	j, q := newJournal(db)
	fails := map[string]int{}
	for _, name := range []string{"one", "two"} {
		event.On(j, "step.done", name, func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d step) error {
			key := fmt.Sprintf("%s:%d", name, f.Seq)
			if _, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1`, key); err != nil {
				return err
			}
			if d.N < 3 { // a fact brings about another, in the same transaction
				j.Emit(tx, "step.done", f.Subject, actor.OfSystem(name), step{N: d.N + 3})
			}
			if fails[key] > 0 {
				fails[key]--
				return errors.New("not today")
			}
			return nil
		})
	}
	committed := int64(0)
	rt.Repeat(map[string]func(*rapid.T){
		"emit": func(rt *rapid.T) {
			d, undo := step{N: rapid.IntRange(0, 5).Draw(rt, "n")}, rapid.Bool().Draw(rt, "undo")
			must(write(ctx, db, j, "s", d.N, 1, undo))
			if !undo {
				committed++
				for _, name := range []string{"one", "two"} {
					fails[fmt.Sprintf("%s:%d", name, lastSeq(t, db, j))] = rapid.IntRange(0, 2).Draw(rt, "failures")
				}
			}
		},
		"work": func(rt *rapid.T) {
			_, err := q.Step(ctx, job.DoLane, "")
			must(err)
		},
		"wait": func(rt *rapid.T) { c.Advance(time.Duration(rapid.IntRange(-2, 5).Draw(rt, "minutes")) * time.Minute) },
	})
	for range 12 {
		c.Advance(24 * time.Hour)
		_, err := q.Drain(ctx)
		must(err)
	}
	facts := since(t, db, j, 0, 10000)
	want := map[string]bool{}
	for i, f := range facts {
		if f.Seq != int64(i+1) {
			rt.Fatalf("fact %d has number %d", i+1, f.Seq)
		}
		want[fmt.Sprintf("one:%d", f.Seq)], want[fmt.Sprintf("two:%d", f.Seq)] = true, true
	}
	must(db.Read(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Query(ctx, `SELECT name, value FROM counter`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var n int
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			if !want[name] || n != 1 {
				rt.Fatalf("%s happened %d times, expected: %v", name, n, want[name])
			}
			delete(want, name)
		}
		return rows.Err()
	}))
	if len(want) > 0 || int64(len(facts)) < committed {
		rt.Fatalf("%d of %d facts, effects missing: %v", len(facts), committed, want)
	}
}

func lastSeq(t testing.TB, db *sqldb.DB, j *event.Journal) (seq int64) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *sqldb.Tx) (err error) {
		seq, err = j.Last(t.Context(), tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return seq
}

// TestNewsReachesOtherNodes follows on one node what another writes.
func TestNewsReachesOtherNodes(t *testing.T) {
	url := dbtest.PostgresURL(t)
	open := func() *sqldb.DB {
		db, err := sqldb.Open(t.Context(), url, sqldb.Options{MaxConns: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	}
	a, b := open(), open()
	if _, err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ja, _ := newJournal(a)
	jb, _ := newJournal(b)
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { return ja.Run(ctx) })
	g.Go(func() error { return jb.Run(ctx) })
	news, stop := jb.Follow()
	defer stop()
	<-news // it listens now, and says once that something may have been missed
	if err := write(ctx, a, ja, "a", 1, 1, false); err != nil {
		t.Fatal(err)
	}
	select {
	case <-news:
	case <-time.After(10 * time.Second):
		t.Error("the other node was not told")
	}
	if len(since(t, b, jb, 0, 10)) != 1 {
		t.Error("the other node does not see the fact")
	}
	cancel()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAbout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		j, _ := newJournal(db)
		for _, who := range []string{"a", "b", "a"} {
			if err := write(t.Context(), db, j, who, 1, 1, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
			facts, err := j.About(t.Context(), tx, "a")
			if len(facts) != 2 || facts[0].Seq != 1 || facts[1].Seq != 3 || facts[0].Actor != actor.OfSystem("a") || !facts[0].At.Equal(c.Now()) {
				t.Errorf("about a: %+v", facts)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

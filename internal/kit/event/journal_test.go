package event_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

type thing struct{ N int }

func TestListenersRunOncePerCommittedFact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx := t.Context()
		q := job.New(db, id.NewSource(c, rand.Reader), slog.New(slog.DiscardHandler))
		j := event.NewJournal(db, q)
		var mu sync.Mutex
		got := map[int]int{}
		event.On(j, "thing.done", "test.count", func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d thing) error {
			mu.Lock()
			defer mu.Unlock()
			got[d.N]++
			if d.N == 3 && got[3] == 1 {
				return errors.New("once more, please")
			}
			return nil
		})
		for n := range 5 {
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				j.Emit(tx, "thing.done", "thing_1", actor.OfSystem("test"), thing{n})
				j.Emit(tx, "thing.unheard", "thing_1", actor.OfSystem("test"), thing{n})
				if n == 2 {
					return errors.New("rolled back")
				}
				return nil
			})
			if (err != nil) != (n == 2) {
				t.Fatal(err)
			}
		}
		if _, err := q.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		c.Advance(job.Pause(1) * 2)
		if _, err := q.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if got[2] != 0 || got[0] != 1 || got[4] != 1 || got[3] != 2 {
			t.Fatalf("runs by fact: %v", got)
		}
		if err := db.Read(ctx, func(tx *sqldb.Tx) error {
			facts, err := j.Since(ctx, tx, 2, 100)
			if len(facts) != 6 || facts[0].Seq != 3 || facts[5].Seq != 8 {
				t.Errorf("facts after 2: %+v", facts)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A hook that runs before the commit may emit, whenever it was registered: no
// fact is lost, and none is written twice.
func TestHooksMayEmit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx, by := t.Context(), actor.OfSystem("test")
		q := job.New(db, id.NewSource(c, rand.Reader), slog.New(slog.DiscardHandler))
		j := event.NewJournal(db, q)
		emit := func(tx *sqldb.Tx, n int) { j.Emit(tx, "thing.done", "thing_1", by, thing{n}) }
		for _, first := range []bool{true, false} { // with and without a fact before the hooks
			if err := db.Write(ctx, func(tx *sqldb.Tx) error {
				if first {
					emit(tx, 1)
				}
				tx.BeforeCommit(func(_ context.Context, tx *sqldb.Tx) error {
					emit(tx, 2)
					tx.BeforeCommit(func(_ context.Context, tx *sqldb.Tx) error {
						emit(tx, 3)
						emit(tx, 4)
						return nil
					})
					return nil
				})
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Read(ctx, func(tx *sqldb.Tx) error {
			facts, err := j.Since(ctx, tx, 0, 100)
			got := []int{}
			for i, f := range facts {
				var d thing
				if err := f.Decode(&d); err != nil || f.Seq != int64(i+1) {
					t.Errorf("fact %d: %+v %v", i, f, err)
				}
				got = append(got, d.N)
			}
			if want := []int{1, 2, 3, 4, 2, 3, 4}; !slices.Equal(got, want) {
				t.Errorf("facts %v, want %v", got, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

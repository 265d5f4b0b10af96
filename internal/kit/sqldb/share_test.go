package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

const putSQL = `INSERT INTO counter (name, value) VALUES ($1, 1)`

// forever counts until somebody interrupts it.
const foreverSQL = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) INSERT INTO counter (name, value) SELECT 'sum', SUM(i) FROM n`

// TestManyWritersAtOnce has writers succeed, fail, panic, collide and give up at
// the same time: what is there afterwards is what Write said it wrote.
func TestManyWritersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		const writers, rounds = 16, 25
		boom := errors.New("boom")
		var mu sync.Mutex
		var want, unknown []string // PostgreSQL may have done what was given up at the commit
		var hooks atomic.Int64
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(w), 7))
				for r := range rounds {
					name := fmt.Sprintf("%02d.%02d", w, r)
					fate := rng.IntN(10)
					ctx, cancel := context.WithCancel(t.Context())
					if fate == 4 {
						time.AfterFunc(time.Duration(rng.IntN(800))*time.Microsecond, cancel)
					}
					err := write(db, ctx, func(tx *sqldb.Tx) error {
						tx.AfterCommit(func() { hooks.Add(1) })
						if _, err := tx.Exec(ctx, putSQL, name); err != nil {
							return err
						}
						switch fate {
						case 1:
							return boom
						case 2:
							panic("boom")
						case 3:
							_, err := tx.Exec(ctx, putSQL, name) // there already
							return err
						}
						return nil
					})
					cancel()
					mu.Lock()
					if err == nil {
						want = append(want, name)
					} else if fate == 4 && db.Dialect() == sqldb.Postgres {
						unknown = append(unknown, name)
					}
					mu.Unlock()
					if (err != nil) != (fate >= 1 && fate <= 3) && fate != 4 {
						t.Errorf("%s, fate %d: %v", name, fate, err)
					}
				}
			})
		}
		all.Wait()
		slices.Sort(want)
		got := slices.DeleteFunc(names(t, db), func(name string) bool { return slices.Contains(unknown, name) })
		if !slices.Equal(got, want) {
			t.Errorf("%d rows, %d were promised", len(got), len(want))
		}
		if hooks.Load() != int64(len(want)) {
			t.Errorf("%d hooks ran after %d commits", hooks.Load(), len(want))
		}
	})
}

// write is Write that makes an error of a panic.
func write(db *sqldb.DB, ctx context.Context, fn func(*sqldb.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return db.Write(ctx, fn)
}

func names(t *testing.T, db *sqldb.DB) (out []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT name FROM counter ORDER BY name`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			out = append(out, name)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestInterruptedNeighbour interrupts a statement among writers who share a
// transaction, at which SQLite rolls back all of it: the others' rows are there
// all the same, once.
func TestInterruptedNeighbour(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		var all sync.WaitGroup
		inside, others := make(chan struct{}), 0
		var once sync.Once // it may run again
		all.Go(func() {    // holds the turn until the rest are waiting
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				once.Do(func() {
					close(inside)
					time.Sleep(50 * time.Millisecond)
				})
				_, err := tx.Exec(t.Context(), putSQL, "first")
				return err
			}); err != nil {
				t.Error(err)
			}
		})
		<-inside
		for i := range 8 {
			all.Go(func() {
				if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
					_, err := tx.Exec(t.Context(), putSQL, fmt.Sprintf("other %d", i))
					return err
				}); err != nil {
					t.Error(err)
				}
			})
			others++
			if i == 3 {
				all.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
					defer cancel()
					err := db.Write(ctx, func(tx *sqldb.Tx) error {
						_, err := tx.Exec(ctx, foreverSQL)
						return err
					})
					if err == nil {
						t.Error("it counted to the end")
					}
				})
			}
		}
		all.Wait()
		if got := names(t, db); len(got) != 1+others {
			t.Errorf("rows %v", got)
		}
	})
}

// BenchmarkWriters measures how many small transactions a second one and sixteen
// writers commit, with every commit on disk.
func BenchmarkWriters(b *testing.B) {
	db, err := sqldb.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "b.db"), sqldb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			b.SetParallelism(writers) // times GOMAXPROCS
			put := func() {
				name := fmt.Sprint(n.Add(1))
				if err := db.Write(b.Context(), func(tx *sqldb.Tx) error {
					_, err := tx.Exec(b.Context(), putSQL, name)
					return err
				}); err != nil {
					b.Error(err)
				}
			}
			if writers == 1 {
				for b.Loop() {
					put()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					put()
				}
			})
		})
	}
}

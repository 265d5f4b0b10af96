package job_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestOneFailureAmongMany lets one of many waiting duties fail: the others are
// done, each once, and only the failure is recorded.
func TestOneFailureAmongMany(t *testing.T) {
	real(t, func(t *testing.T, db *sqldb.DB) {
		q := newQueue(db)
		q.Do("count", func(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
			if _, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1`, j.Subject); err != nil {
				return err
			}
			if j.Subject == "k" {
				return errors.New("not this one")
			}
			return nil
		})
		const all = "abcdefghijklmnopqrstuvwxyz"
		if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			for _, s := range all {
				if err := q.Add(t.Context(), tx, job.Duty{Kind: "count", Subject: string(s)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var g errgroup.Group
		g.Go(func() error { return q.Run(ctx) })
		for {
			var counted, most, tried, left int
			err := db.Read(ctx, func(tx *sqldb.Tx) error {
				return tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM counter), (SELECT COALESCE(MAX(value), 0) FROM counter),
	(SELECT COALESCE(SUM(attempt), 0) FROM job), (SELECT COUNT(*) FROM job)`).Scan(&counted, &most, &tried, &left)
			})
			if err != nil {
				t.Fatal(err)
			}
			if counted == len(all)-1 && tried > 0 {
				if most != 1 || left != 1 {
					t.Errorf("a duty was done %d times; %d wait", most, left)
				}
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

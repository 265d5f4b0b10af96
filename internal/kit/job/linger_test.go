package job_test

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestGrace ends Run while a call is in hand: with time enough it finishes, and
// without it is told to stop and waits to run again.
func TestGrace(t *testing.T) {
	real(t, func(t *testing.T, db *sqldb.DB) {
		for _, c := range []struct {
			grace    time.Duration
			finishes bool
		}{{time.Minute, true}, {100 * time.Millisecond, false}, {0, false}} {
			q := newQueue(db)
			q.Grace = c.grace
			q.Lane("mail", 1)
			began, ended := make(chan struct{}), make(chan error, 1)
			q.Call("call", "mail", time.Minute, func(ctx context.Context, _ job.Job) error {
				close(began)
				select {
				case <-ctx.Done():
					ended <- ctx.Err()
					return ctx.Err()
				case <-time.After(time.Second):
					ended <- nil
					return nil
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			var g errgroup.Group
			g.Go(func() error { return q.Run(ctx) })
			if err := db.Write(ctx, func(tx *sqldb.Tx) error { return q.Add(ctx, tx, job.Duty{Kind: "call"}) }); err != nil {
				t.Fatal(err)
			}
			<-began
			stopped := time.Now()
			cancel()
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
			if err := <-ended; (err == nil) != c.finishes {
				t.Errorf("grace %s: the call ended with %v", c.grace, err)
			}
			if took := time.Since(stopped); !c.finishes && took > 900*time.Millisecond {
				t.Errorf("grace %s: it took %s to stop", c.grace, took)
			}
			left := 0
			if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				if err := tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM job WHERE state = 'ready'`).Scan(&left); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), `DELETE FROM job`)
				return err
			}); err != nil || (left == 0) != c.finishes {
				t.Errorf("grace %s: %d duties wait, %v", c.grace, left, err)
			}
		}
	})
}

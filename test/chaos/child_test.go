package chaos

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"os"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// childEnv makes this test binary a small product of its own: a journal, a
// queue, three listeners and duties for later. Its value is the database's url.
const childEnv = "KINTSUGI_CHAOS_CHILD"

// childSince is the last number of a fact before the child began, and childUntil
// how many there are to be.
const (
	childFrom  = "KINTSUGI_CHAOS_FROM"
	childFacts = "KINTSUGI_CHAOS_FACTS"
)

// childSchema is what the listeners write into. Nothing in it forbids to write
// twice: that is what the test looks for.
const childSchema = `CREATE TABLE effect (who TEXT NOT NULL, n BIGINT NOT NULL);
CREATE TABLE due (n BIGINT NOT NULL, run_at BIGINT NOT NULL, done_at BIGINT NOT NULL)`

const (
	happened = "thing.happened"
	dueDuty  = "thing.due"
	callDuty = "thing.call"
)

type thing struct {
	N  int64 `json:"n"`
	At int64 `json:"at"`
}

// childMain emits facts from a number on, prints each that is committed, and
// reacts to them, until it is killed.
func childMain() int {
	if err := childRun(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	return 0
}

func childRun(ctx context.Context) error {
	db, err := sqldb.Open(ctx, os.Getenv(childEnv), sqldb.Options{})
	if err != nil {
		return err
	}
	from, err := strconv.ParseInt(os.Getenv(childFrom), 10, 64)
	if err != nil {
		return err
	}
	facts, err := strconv.ParseInt(os.Getenv(childFacts), 10, 64)
	if err != nil {
		return err
	}
	q := job.New(db, id.NewSource(clock.System{}, rand.Reader), slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	j := event.NewJournal(db, q)
	for _, who := range []string{"a", "b", "c"} {
		event.On(j, happened, who, func(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d thing) error {
			if mrand.IntN(50) == 0 {
				return fmt.Errorf("%s fails now and then", who)
			}
			_, err := tx.Exec(ctx, `INSERT INTO effect (who, n) VALUES ($1, $2)`, who, d.N)
			return err
		})
	}
	q.Do(dueDuty, func(ctx context.Context, tx *sqldb.Tx, d job.Job) error {
		var v thing
		if err := d.Decode(&v); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO due (n, run_at, done_at) VALUES ($1, $2, $3)`, v.N, v.At, tx.Now.UnixMilli())
		return err
	})
	q.Lane("slow", 2)
	q.Call(callDuty, "slow", time.Minute, func(ctx context.Context, d job.Job) error {
		var v thing
		if err := d.Decode(&v); err != nil {
			return err
		}
		fmt.Println("begin", v.N)
		pause(ctx, time.Duration(mrand.IntN(20))*time.Millisecond)
		fmt.Println("end", v.N)
		return nil
	})
	var g errgroup.Group
	g.Go(func() error { return q.Run(ctx) })
	g.Go(func() error { return j.Run(ctx) })
	g.Go(func() error { return childEmit(ctx, db, j, q, from, facts) })
	return g.Wait()
}

// childEmit emits the facts from number from on.
func childEmit(ctx context.Context, db *sqldb.DB, j *event.Journal, q *job.Queue, from, facts int64) error {
	for n := from; n < facts; n++ {
		for { // also while the database is away
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				at := tx.Now.Add(time.Duration(mrand.IntN(3000)) * time.Millisecond)
				j.Emit(tx, happened, "thing_1", actor.OfSystem("chaos"), thing{N: n})
				if err := q.Add(ctx, tx, job.Duty{Kind: callDuty, Data: thing{N: n}}); err != nil {
					return err
				}
				return q.Add(ctx, tx, job.Duty{Kind: dueDuty, Data: thing{N: n, At: at.UnixMilli()}, RunAt: at})
			})
			if err == nil {
				break
			}
			if !sqldb.IsAway(err) {
				return err
			}
			// Nobody knows whether it was committed: this number is done with.
			fmt.Println("unknown", n)
			pause(ctx, 50*time.Millisecond)
			n++
		}
		fmt.Println("acked", n)
		pause(ctx, time.Duration(mrand.IntN(8))*time.Millisecond)
	}
	<-ctx.Done()
	return nil
}

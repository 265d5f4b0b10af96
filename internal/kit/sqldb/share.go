package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// SQLite waits for the disk at each commit, and has one writer. Those who wait
// for their turn while another writes therefore share one transaction, each
// behind a savepoint of their own, and one wait for the disk at its end.
const (
	sharers   = 64                   // who share one commit at most
	shareTime = 5 * time.Millisecond // after which nobody else is let in
)

// errDropped tells those of a shared transaction that it was rolled back for
// another one's sake: they run again, each alone.
var errDropped = errors.New("the shared transaction was rolled back")

// share is where SQLite's writers meet.
type share struct {
	pool    *sql.DB
	clock   clock.Clock
	turn    chan struct{} // full while one of them writes
	waiting atomic.Int32  // for their turn; the last one commits
	open    *shared       // what is not committed yet, nil for nothing; belongs to who has the turn
}

// shared is one transaction of several.
type shared struct {
	raw     *sql.Tx
	members int
	began   time.Time
	done    chan struct{} // closed at its end
	err     error         // why it was not committed; read after done
}

func newShare(pool *sql.DB, c clock.Clock) *share {
	return &share{pool: pool, clock: c, turn: make(chan struct{}, 1)}
}

// take waits for the turn.
func (g *share) take(ctx context.Context) error {
	g.waiting.Add(1)
	select {
	case g.turn <- struct{}{}:
		g.waiting.Add(-1)
		return nil
	case <-ctx.Done():
		go func() { // whoever wrote last may have left the commit to us
			g.turn <- struct{}{}
			g.waiting.Add(-1)
			g.pass()
		}()
		return ctx.Err()
	}
}

// pass gives the turn on, and commits if nobody waits who would.
func (g *share) pass() {
	if g.open != nil && (g.waiting.Load() == 0 || g.full()) {
		g.commit()
	}
	<-g.turn
}

// full reports whether nobody else is let into what is not committed yet.
func (g *share) full() bool {
	return g.open.members >= sharers || g.clock.Now().Sub(g.open.began) >= shareTime
}

func (g *share) commit() { g.end(g.open.raw.Commit()) }

func (g *share) end(err error) {
	s := g.open
	g.open = nil
	s.err = err
	close(s.done)
}

// join returns the transaction to write in, behind a savepoint unless it is new.
// No context ends it: it belongs to several.
func (g *share) join(ctx context.Context, alone bool) (*shared, error) {
	if g.open != nil && (alone || g.full()) {
		g.commit()
	}
	if g.open == nil {
		raw, err := g.pool.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return nil, err
		}
		g.open = &shared{raw: raw, began: g.clock.Now(), done: make(chan struct{})}
		return g.open, nil
	}
	_, err := g.open.raw.ExecContext(context.WithoutCancel(ctx), "SAVEPOINT member")
	return g.open, err
}

// keep makes what the one with the turn wrote part of the whole.
func (g *share) keep(ctx context.Context) error {
	if g.open.members > 0 {
		if _, err := g.open.raw.ExecContext(context.WithoutCancel(ctx), "RELEASE member"); err != nil {
			return err
		}
	}
	g.open.members++
	return nil
}

// undo takes back what the one with the turn wrote. The engine may have rolled
// back everything by itself (a full disk, an interrupted statement); then the
// others must write again.
func (g *share) undo(ctx context.Context) error {
	s := g.open
	if s.members > 0 {
		_, err := s.raw.ExecContext(context.WithoutCancel(ctx), "ROLLBACK TO member")
		if err == nil {
			_, err = s.raw.ExecContext(context.WithoutCancel(ctx), "RELEASE member")
		}
		if err == nil {
			return nil
		}
	}
	err := s.raw.Rollback()
	g.end(errDropped)
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

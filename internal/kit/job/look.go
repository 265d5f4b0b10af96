package job

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

type rows = *sql.Rows

// List returns duties in a state, oldest first, after an id ("" for the first
// page). StateStranded asks for those in ready that nobody takes. fault.Invalid
// for what is no id.
func (q *Queue) List(ctx context.Context, tx *sqldb.Tx, state, after string, limit int) ([]Job, error) {
	if after != "" && !id.Is("job", after) {
		return nil, fault.New(fault.Invalid, "error.cursor")
	}
	if state == StateStranded {
		return q.kinds.stranded(ctx, tx, after, limit)
	}
	return sqldb.List(ctx, tx, func(r rows) (Job, error) { return scan(r) },
		`SELECT `+columns+` FROM job WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3`, state, after, limit)
}

// Revive lets a dead duty, or one that waits after a failure, run now.
func (q *Queue) Revive(ctx context.Context, tx *sqldb.Tx, id string) error {
	j, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM job WHERE id = $1`, id))
	if err != nil {
		return sqldb.NotFound(err, "error.job.notFound")
	}
	if j.State == "running" {
		return fault.New(fault.Conflict, "error.job.running")
	}
	if n, err := tx.Exec(ctx, supersededSQL, j.ID, "", j.Kind, j.Key); err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE job SET state = 'ready', run_at = $2, attempt = 0, owner = '' WHERE id = $1 AND state <> 'running'`, id, tx.Now.UnixMilli())
	tx.AfterCommit(func() {
		for name := range q.lanes {
			q.lanes[name].nudge()
		}
	})
	return err
}

// StrandedAfter is how long a duty that this program does not do may be due
// before it is stranded: a node that does it would have taken it.
const StrandedAfter = time.Hour

// StateStranded is no state of a row: List finds by it what is stranded.
const StateStranded = "stranded"

// Stranded tells how many duties of a kind nobody takes, and since when the
// oldest is due. A newer release asked for them, and no node of it runs.
type Stranded struct {
	Kind  string
	Count int
	Since time.Time
}

// Lag tells how many duties wait, run and lie dead, how late the oldest due one
// is that this program does, and which are stranded.
type Lag struct {
	Ready, Running, Dead int
	Late                 time.Duration
	Stranded             []Stranded // by kind
}

// Lag measures the queue.
func (q *Queue) Lag(ctx context.Context, tx *sqldb.Tx) (l Lag, err error) {
	err = tx.Each(ctx, func(r rows) error {
		var state string
		var n int
		if err := r.Scan(&state, &n); err != nil {
			return err
		}
		switch state {
		case "ready":
			l.Ready = n
		case "running":
			l.Running = n
		case "dead":
			l.Dead = n
		}
		return nil
	}, `SELECT state, COUNT(*) FROM job GROUP BY state`)
	if err != nil {
		return l, err
	}
	return l, l.due(ctx, tx, q.kinds)
}

const (
	dueSQL = `SELECT lane, kind, COUNT(*) FILTER (WHERE run_at <= $2), MIN(run_at) FROM job WHERE state = 'ready' AND run_at <= $1 GROUP BY lane, kind`
	// A space stands in no name of a lane.
	strandedSQL = `SELECT ` + columns + ` FROM job WHERE state = 'ready' AND run_at <= $1 AND id > $2 AND lane || ' ' || kind NOT IN (`
)

// due measures what is due: what this program does may be late, and what it does
// not do may be stranded.
func (l *Lag) due(ctx context.Context, tx *sqldb.Tx, known kinds) error {
	err := tx.Each(ctx, func(r rows) error {
		var lane, kind string
		var n int
		var since time.Time
		if err := r.Scan(&lane, &kind, &n, sqldb.At(&since)); err != nil {
			return err
		}
		switch {
		case known.does(lane, kind):
			l.Late = max(l.Late, tx.Now.Sub(since))
		case n > 0:
			l.Stranded = append(l.Stranded, Stranded{Kind: kind, Count: n, Since: since})
		}
		return nil
	}, dueSQL, tx.Now.UnixMilli(), tx.Now.Add(-StrandedAfter).UnixMilli())
	slices.SortFunc(l.Stranded, func(a, b Stranded) int { return strings.Compare(a.Kind, b.Kind) })
	return err
}

// stranded lists what is.
func (all kinds) stranded(ctx context.Context, tx *sqldb.Tx, after string, limit int) ([]Job, error) {
	known := []string{""} // a list has something in it
	for name, k := range all {
		known = append(known, k.lane+" "+name)
	}
	marks, kinds := sqldb.In(4, known)
	return sqldb.List(ctx, tx, func(r rows) (Job, error) { return scan(r) }, strandedSQL+marks+`) ORDER BY id LIMIT $3`,
		append([]any{tx.Now.Add(-StrandedAfter).UnixMilli(), after, limit}, kinds...)...)
}

// Drain does everything that is due, and what that brings about, in the
// caller's goroutine. It is how tests and flows let the system come to rest.
func (q *Queue) Drain(ctx context.Context) (int, error) {
	m, err := q.db.Join(ctx, q.ids.New("node"))
	if err != nil {
		return 0, err
	}
	total, err := q.drain(ctx, m.ID())
	return total, errors.Join(err, m.Leave())
}

func (q *Queue) drain(ctx context.Context, member string) (total int, err error) {
	for {
		did := 0
		for _, name := range slices.Sorted(maps.Keys(q.lanes)) { // always in the same order
			for {
				ok, err := q.Step(ctx, name, member)
				if err != nil {
					return total, err
				}
				if !ok {
					break
				}
				did++
			}
		}
		total += did
		if did == 0 {
			return total, nil
		}
	}
}

// Recurring is the key of duties that come back, by themselves or because
// somebody asks time and again: one waits at most, and it never lies dead.
const Recurring = "every"

// Every registers a duty that comes back by itself: next tells when, after now.
// It runs on the first start, and then whenever next said, once however many
// nodes there are.
func (q *Queue) Every(name string, next func(now time.Time) time.Time, fn Doer) {
	q.Do(name, func(ctx context.Context, tx *sqldb.Tx, j Job) error {
		if err := q.Add(ctx, tx, Duty{Kind: name, Key: Recurring, RunAt: next(tx.Now)}); err != nil {
			return err
		}
		return fn(ctx, tx, j)
	})
}

// Start makes sure that a recurring duty is planned.
func (q *Queue) Start(ctx context.Context, tx *sqldb.Tx, name string) error {
	return q.Add(ctx, tx, Duty{Kind: name, Key: Recurring})
}

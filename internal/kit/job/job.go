package job

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of the queue.
const (
	MaxAttempts = 14               // failures before a duty lies dead: about a day of growing pauses
	firstPause  = time.Second      // after the first failure
	longPause   = 3 * time.Hour    // no pause is longer
	poll        = time.Second      // how late a duty of another process is seen at most
	reclaim     = 10 * time.Second // how often orphans of dead members are looked for
	settling    = 10 * time.Second // how long one try to record a duty's end may take
	maxError    = 2000             // characters kept of a failure's text
)

// Duty is something to be done. Kind says by whom; RunAt when (zero: now).
// While one of the same Kind and non-empty Key waits, another is not added; while
// one runs, another may wait but does not run.
// Subject is the id of what it is about, for those who look at the queue.
type Duty struct {
	Kind    string
	Key     string
	Subject string
	Data    any
	RunAt   time.Time
}

// Job is a duty as its handler gets it.
type Job struct {
	ID        string
	Kind      string
	Key       string
	Subject   string
	Data      json.RawMessage
	State     string
	RunAt     time.Time
	CreatedAt time.Time
	Attempt   int // 1 at the first try
	LastError string
}

// Decode reads the duty's data into v.
func (j Job) Decode(v any) error { return json.Unmarshal(j.Data, v) }

// Doer does a duty inside the transaction that also removes it.
type Doer func(ctx context.Context, tx *sqldb.Tx, j Job) error

// Caller does a duty outside any transaction.
type Caller func(ctx context.Context, j Job) error

// Queue holds the duties and those who do them. Register doers and callers
// before Run; afterwards it is safe for concurrent use.
type Queue struct {
	db    *sqldb.DB
	ids   *id.Source
	log   *slog.Logger
	lanes map[string]*lane
	kinds kinds

	// Grace is how long duties in hand may go on after Run's context has ended,
	// before theirs ends too. Set it before Run.
	Grace time.Duration

	claims claims
}

// kinds is who does what.
type kinds map[string]kind

type kind struct {
	lane    string
	do      Doer
	call    Caller
	timeout time.Duration
}

// lane is a line of duties with workers of its own.
type lane struct {
	workers int
	wake    chan struct{}
	due     atomic.Int64 // when the next duty will be, in Unix milliseconds, as last seen

	mu      sync.Mutex
	foreign []any // kinds that were met and that nobody of this program does here
}

// does reports whether somebody of this program does duties of a kind on a lane.
// While a fleet is being upgraded, nodes of two releases share the queue, and
// what only the newer one knows waits for it.
func (all kinds) does(lane, kind string) bool {
	k, ok := all[kind]
	return ok && k.lane == lane
}

// avoid lets workers pass over a foreign kind from now on.
func (l *lane) avoid(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.foreign, any(kind)) {
		l.foreign = append(l.foreign, kind)
	}
}

// avoided makes the placeholders of the foreign kinds, which follow those of
// args, and all arguments. A list of what is met, not of what is known: between
// nodes of one release it has nothing but the name that no kind has, and costs
// a claim nothing.
func (l *lane) avoided(args ...any) (marks string, all []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sqldb.Marks(len(args)+1, 1+len(l.foreign)), append(append(args, ""), l.foreign...)
}

// DoLane is the lane of all duties that run inside a transaction.
const DoLane = "do"

// New returns an empty queue.
func New(db *sqldb.DB, ids *id.Source, log *slog.Logger) *Queue {
	workers := 1 // SQLite has one writer; more would only wait for it
	if db.Dialect() == sqldb.Postgres {
		workers = 4
	}
	q := &Queue{db: db, ids: ids, log: log, lanes: map[string]*lane{}, kinds: kinds{}}
	q.Lane(DoLane, workers)
	return q
}

// Lane makes a lane with a number of workers. Slow kinds have lanes of their
// own, so that they hold up nothing else.
func (q *Queue) Lane(name string, workers int) {
	q.lanes[name] = &lane{workers: workers, wake: make(chan struct{}, 1)}
}

// Do registers who does duties of a kind inside a transaction.
func (q *Queue) Do(name string, fn Doer) { register(q, name, kind{lane: DoLane, do: fn}) }

// Call registers who does duties of a kind outside any transaction, on a lane,
// with a time limit for one try.
func (q *Queue) Call(name, lane string, timeout time.Duration, fn Caller) {
	register(q, name, kind{lane: lane, call: fn, timeout: timeout})
}

func register(q *Queue, name string, k kind) {
	if _, twice := q.kinds[name]; twice {
		panic("job: two handlers for " + name)
	}
	if _, ok := q.lanes[k.lane]; !ok {
		panic("job: no lane " + k.lane)
	}
	q.kinds[name] = k
}

const addSQL = `INSERT INTO job (id, kind, lane, key, subject, data, state, run_at, owner, attempt, last_error, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'ready', $7, '', 0, '', $8) ON CONFLICT DO NOTHING`

// A replaced duty is another one, with an id of its own: what became of the one
// it took the place of is recorded under the old id, and finds nothing.
const replaceSQL = `INSERT INTO job (id, kind, lane, key, subject, data, state, run_at, owner, attempt, last_error, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'ready', $7, '', 0, '', $8)
ON CONFLICT (kind, key) WHERE key <> '' AND state = 'ready'
DO UPDATE SET id = excluded.id, subject = excluded.subject, data = excluded.data, run_at = excluded.run_at, attempt = 0, last_error = ''`

// Add writes a duty in the caller's transaction.
func (q *Queue) Add(ctx context.Context, tx *sqldb.Tx, d Duty) error {
	return q.add(ctx, tx, addSQL, d)
}

func (q *Queue) add(ctx context.Context, tx *sqldb.Tx, query string, d Duty) error {
	k, ok := q.kinds[d.Kind]
	if !ok {
		return errors.New("job: nobody does " + d.Kind)
	}
	if d.RunAt.IsZero() {
		d.RunAt = tx.Now
	}
	_, err := tx.Exec(ctx, query, q.ids.New("job"), d.Kind, k.lane, d.Key, d.Subject, sqldb.JSON{V: d.Data},
		d.RunAt.UnixMilli(), tx.Now.UnixMilli())
	if err == nil && d.RunAt.Sub(tx.Now) < poll { // what is later is seen by polling
		tx.AfterCommit(func() { q.lanes[k.lane].nudge() })
	}
	return err
}

// Replace adds a duty in place of the waiting one of the same kind and key.
func (q *Queue) Replace(ctx context.Context, tx *sqldb.Tx, d Duty) error {
	return q.add(ctx, tx, replaceSQL, d)
}

// Cancel removes a waiting duty, if there is one. One that runs at this moment
// cannot be called back: handlers look at the state they find.
func (q *Queue) Cancel(ctx context.Context, tx *sqldb.Tx, kind, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM job WHERE kind = $1 AND key = $2 AND state = 'ready'`, kind, key)
	return err
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default: // somebody is awake already
	}
}

// Pause returns how long to wait after the nth failure: doubling from a second
// to three hours, with a random quarter so that many do not return at once.
func Pause(attempt int) time.Duration {
	d := longPause
	if attempt < 15 {
		d = min(firstPause<<max(attempt-1, 0), longPause)
	}
	return d - time.Duration(rand.Int64N(int64(d)/4))
}

// Give is an error after which a duty is not tried again by itself.
func Give(err error) error { return &verdict{err: err, dead: true} }

// Later is not a failure: the duty asks to run again at a time.
func Later(at time.Time) error { return &verdict{at: at} }

type verdict struct {
	err  error
	dead bool
	at   time.Time
}

func (v *verdict) Error() string {
	if v.err != nil {
		return v.err.Error()
	}
	return "later, at " + v.at.Format(time.RFC3339)
}

func (v *verdict) Unwrap() error { return v.err }

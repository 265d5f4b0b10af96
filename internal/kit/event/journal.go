package event

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Fact is something that happened to Subject (an id), named "noun.happened".
type Fact struct {
	Seq     int64           `json:"seq"`
	Name    string          `json:"name"`
	Subject string          `json:"subject"`
	Actor   actor.Actor     `json:"actor"`
	At      time.Time       `json:"at"`
	Data    json.RawMessage `json:"data"`
}

// Decode reads the fact's data into v.
func (f Fact) Decode(v any) error { return json.Unmarshal(f.Data, v) }

// Handler reacts to a fact inside the transaction that ends its duty.
type Handler func(ctx context.Context, tx *sqldb.Tx, f Fact) error

// Journal is the journal of one database. Register listeners before work
// starts; afterwards it is safe for concurrent use.
type Journal struct {
	db        *sqldb.DB
	queue     *job.Queue
	listeners map[string][]string // fact name → job kinds
	news      *news
	whispers  whispers
}

// NewJournal returns the journal of a database, whose listeners' duties wait in queue.
func NewJournal(db *sqldb.DB, queue *job.Queue) *Journal {
	return &Journal{db: db, queue: queue, listeners: map[string][]string{}, news: newNews(), whispers: newWhispers()}
}

// Listen lets h react to every fact called name from now on. listener names the
// reaction ("survey.plan"): it is unique, and stays the same over releases, as
// it is what waiting duties are found by.
func (j *Journal) Listen(name, listener string, h Handler) {
	kind := "fact:" + listener + "<" + name
	j.queue.Do(kind, func(ctx context.Context, tx *sqldb.Tx, d job.Job) error {
		var f Fact
		if err := d.Decode(&f); err != nil {
			return job.Give(err)
		}
		return h(ctx, tx, f)
	})
	j.listeners[name] = append(j.listeners[name], kind)
}

// On is Listen for a handler that wants the fact's data decoded.
func On[T any](j *Journal, name, listener string, h func(ctx context.Context, tx *sqldb.Tx, f Fact, data T) error) {
	j.Listen(name, listener, func(ctx context.Context, tx *sqldb.Tx, f Fact) error {
		var data T
		if err := f.Decode(&data); err != nil {
			return job.Give(err)
		}
		return h(ctx, tx, f, data)
	})
}

// Listeners returns which duties each fact brings about, for the docs and tests.
func (j *Journal) Listeners() map[string][]string { return j.listeners }

type stagedKey struct{}

// Emit records that name happened to subject, by an actor, in the caller's
// transaction, also from within a hook that runs before the commit. It panics if data cannot be encoded, which is a defect of the caller.
func (j *Journal) Emit(tx *sqldb.Tx, name, subject string, by actor.Actor, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		panic("event: data of " + name + ": " + err.Error())
	}
	staged, _ := tx.Value(stagedKey{}).(*[]Fact)
	if staged == nil {
		staged = &[]Fact{}
		tx.SetValue(stagedKey{}, staged)
		tx.BeforeCommit(func(ctx context.Context, tx *sqldb.Tx) error {
			// What another hook emits after this one stages anew: no fact comes too late.
			tx.SetValue(stagedKey{}, (*[]Fact)(nil))
			return j.append(ctx, tx, *staged)
		})
	}
	*staged = append(*staged, Fact{Name: name, Subject: subject, Actor: by, At: tx.Now, Data: b})
}

const appendSQL = `INSERT INTO journal (seq, name, subject, actor_kind, actor_id, at, data) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// append numbers the staged facts. The lock is held until the commit, so that
// numbers become visible in their order.
func (j *Journal) append(ctx context.Context, tx *sqldb.Tx, facts []Fact) error {
	if err := tx.Serialize(ctx, "journal"); err != nil {
		return err
	}
	last, err := j.Last(ctx, tx)
	if err != nil {
		return err
	}
	for i := range facts {
		f := &facts[i]
		last++
		f.Seq = last
		if _, err := tx.Exec(ctx, appendSQL, f.Seq, f.Name, f.Subject, string(f.Actor.Kind), f.Actor.ID, f.At.UnixMilli(), string(f.Data)); err != nil {
			return err
		}
		for _, kind := range j.listeners[f.Name] {
			if err := j.queue.Add(ctx, tx, job.Duty{Kind: kind, Subject: f.Subject, Data: f}); err != nil {
				return err
			}
		}
	}
	tx.AfterCommit(func() { j.news.tell(last) })
	return nil
}

// Last returns the number of the newest fact, 0 if there is none.
func (j *Journal) Last(ctx context.Context, tx *sqldb.Tx) (seq int64, err error) {
	err = tx.QueryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM journal`).Scan(&seq)
	return seq, err
}

const selectSQL = `SELECT seq, name, subject, actor_kind, actor_id, at, data FROM journal`

// Since returns facts after a number, oldest first, at most limit.
func (j *Journal) Since(ctx context.Context, tx *sqldb.Tx, seq int64, limit int) ([]Fact, error) {
	return sqldb.List(ctx, tx, scanFact, selectSQL+` WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, limit)
}

// About returns the facts about one subject, oldest first.
func (j *Journal) About(ctx context.Context, tx *sqldb.Tx, subject string) ([]Fact, error) {
	return sqldb.List(ctx, tx, scanFact, selectSQL+` WHERE subject = $1 ORDER BY seq`, subject)
}

func scanFact(r *sql.Rows) (f Fact, err error) {
	var data string
	err = r.Scan(&f.Seq, &f.Name, &f.Subject, &f.Actor.Kind, &f.Actor.ID, sqldb.At(&f.At), &data)
	f.Data = []byte(data)
	return f, err
}

package recovery

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Promises keeps what customers were told, as dates.
type Promises struct{ *core }

// maxPromise is how far ahead a promise may lie.
const maxPromise = 2 * 365 * 24 * time.Hour

// Word is a promise to be made.
type Word struct {
	Text  string
	DueAt time.Time
}

func (w *Word) check(c *fault.Check, path string, now time.Time) {
	w.Text = strings.TrimSpace(w.Text)
	checkText(c, path+".text", w.Text, true)
	c.That(w.DueAt.After(now) && w.DueAt.Before(now.Add(maxPromise)), path+".dueAt", "error.recovery.promiseDue")
}

// Make keeps a promise that was made to the customer outside a message, say on
// the telephone.
func (x *Promises) Make(ctx context.Context, by actor.Actor, id ID, w Word) (Promise, error) {
	var out Promise
	_, err := x.change(ctx, by, id, func(f *file) error {
		var c fault.Check
		w.check(&c, "body", f.tx.Now)
		if err := c.Err(); err != nil {
			return err
		}
		var err error
		out, err = promiser{f}.promise(ctx, w, "")
		return err
	})
	return out, err
}

// promiser keeps the promises of a case in work.
type promiser struct{ *file }

// promise writes a promise and plans the moment at which it is broken.
func (f promiser) promise(ctx context.Context, w Word, messageID string) (Promise, error) {
	p := Promise{ID: f.IDs.New("prom"), CaseID: f.c.ID, Text: w.Text, DueAt: w.DueAt.UTC().Truncate(time.Millisecond), State: PromiseOpen,
		MessageID: messageID, CreatedBy: actorText(f.by), CreatedAt: f.tx.Now}
	if err := putPromise(ctx, f.tx, p); err != nil {
		return p, err
	}
	f.touch("promise")
	if err := f.tell(ctx, "promise.made", "text", p.Text, "at", p.DueAt.Format(time.RFC3339), "messageId", messageID); err != nil {
		return p, err
	}
	return p, f.Queue.Add(ctx, f.tx, job.Duty{Kind: promiseDuty, Key: p.ID, Subject: string(p.CaseID), RunAt: p.DueAt})
}

// Keep says that a promise was kept. A broken one stays broken, with the time
// at which it was made good. Errors: fault.NotFound; fault.Conflict when that
// was said already.
func (x *Promises) Keep(ctx context.Context, by actor.Actor, id ID, promiseID string) (Promise, error) {
	var p Promise
	_, err := x.change(ctx, by, id, func(f *file) (err error) {
		if p, err = promiseByID(ctx, f.tx, id, promiseID); err != nil {
			return err
		}
		if !p.KeptAt.IsZero() {
			return fault.New(fault.Conflict, "error.recovery.promiseKept")
		}
		p.KeptAt = f.tx.Now
		if p.State == PromiseOpen {
			p.State = PromiseKept
			if f.tx.Now.After(p.DueAt) { // its duty is only about to run
				p.State, p.BrokenAt = PromiseBroken, p.DueAt
				promiser{f}.broken(p)
			}
		}
		f.touch("promise")
		if err := f.Queue.Cancel(ctx, f.tx, promiseDuty, p.ID); err != nil {
			return err
		}
		if err := f.tell(ctx, "promise.kept", "text", p.Text); err != nil {
			return err
		}
		return putPromise(ctx, f.tx, p)
	})
	return p, err
}

// Withdraw takes back a promise whose time has not passed: it was never to be
// kept. The story tells who did. Errors: fault.NotFound; fault.Conflict when it
// was kept or broken.
func (x *Promises) Withdraw(ctx context.Context, by actor.Actor, id ID, promiseID string) error {
	_, err := x.change(ctx, by, id, func(f *file) error {
		p, err := promiseByID(ctx, f.tx, id, promiseID)
		if err != nil {
			return err
		}
		if p.State != PromiseOpen || f.tx.Now.After(p.DueAt) {
			return fault.New(fault.Conflict, "error.recovery.promiseOver")
		}
		if err := f.tell(ctx, "promise.withdrawn", "text", p.Text); err != nil {
			return err
		}
		return writer{f}.unpromise(ctx, p.ID)
	})
	return err
}

// mustBeNone notes that something promised to the customer is still open: what
// is due first names the time.
func (f promiser) mustBeNone(ctx context.Context, c *fault.Check) error {
	all, err := promisesOf(ctx, f.tx, f.c.ID)
	if err != nil {
		return err
	}
	var first time.Time
	for _, p := range all {
		if p.State == PromiseOpen && (first.IsZero() || p.DueAt.Before(first)) {
			first = p.DueAt
		}
	}
	c.That(first.IsZero(), "body."+string(NeedsPromises), "error.recovery.gate."+string(NeedsPromises),
		"until", first.In(f.cal.Zone()).Format("2006-01-02 15:04"))
	return nil
}

// fallDue is the duty that looks at a promise when its time has come.
func (x *Promises) fallDue(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	f, err := x.take(ctx, tx, self(), ID(j.Subject))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := promiseByID(ctx, tx, f.c.ID, j.Key)
	if fault.Is(err, fault.NotFound) || err == nil && p.State != PromiseOpen {
		return nil
	}
	if err != nil {
		return err
	}
	p.State, p.BrokenAt = PromiseBroken, tx.Now
	if err := putPromise(ctx, tx, p); err != nil {
		return err
	}
	promiser{f}.broken(p)
	f.touch("promise")
	if err := f.tell(ctx, "promise.broken", "text", p.Text); err != nil {
		return err
	}
	return f.save(ctx)
}

func (f promiser) broken(p Promise) {
	f.Journal.Emit(f.tx, BrokenFact, string(f.c.ID), f.by, BrokenData{Place: f.place(), PromiseID: p.ID, Text: p.Text, DueAt: p.DueAt,
		CreatedBy: ParseActor(p.CreatedBy).AgentID()})
}

const promiseColumns = `id, case_id, text, due_at, state, kept_at, broken_at, message_id, created_by, created_at`

func scanPromise(r row) (p Promise, err error) {
	err = r.Scan(&p.ID, &p.CaseID, &p.Text, sqldb.At(&p.DueAt), &p.State, sqldb.At(&p.KeptAt), sqldb.At(&p.BrokenAt),
		sqldb.Str(&p.MessageID), &p.CreatedBy, sqldb.At(&p.CreatedAt))
	return p, err
}

func promiseByID(ctx context.Context, tx *sqldb.Tx, id ID, promiseID string) (Promise, error) {
	p, err := scanPromise(tx.QueryRow(ctx, `SELECT `+promiseColumns+` FROM promise WHERE id = $1 AND case_id = $2`, promiseID, string(id)))
	return p, sqldb.NotFound(err, "error.recovery.promiseNotFound")
}

func promisesOf(ctx context.Context, tx *sqldb.Tx, id ID) ([]Promise, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (Promise, error) { return scanPromise(r) },
		`SELECT `+promiseColumns+` FROM promise WHERE case_id = $1 ORDER BY created_at, id`, string(id))
}

const putPromiseSQL = `INSERT INTO promise (` + promiseColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, kept_at = excluded.kept_at, broken_at = excluded.broken_at`

func putPromise(ctx context.Context, tx *sqldb.Tx, p Promise) error {
	_, err := tx.Exec(ctx, putPromiseSQL, p.ID, string(p.CaseID), p.Text, sqldb.Millis(p.DueAt), string(p.State), sqldb.Millis(p.KeptAt),
		sqldb.Millis(p.BrokenAt), sqldb.Null(p.MessageID), p.CreatedBy, p.CreatedAt.UnixMilli())
	return err
}

package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// writeAttempts bounds how often Write runs its function when PostgreSQL
// reports a serialisation failure or a deadlock, or SQLite rolled back what
// several shared.
const writeAttempts = 8

// Tx is a transaction with one fixed time.
type Tx struct {
	// Now is the time of everything this transaction does, UTC, to the millisecond.
	Now time.Time

	tx      statements
	dialect Dialect
	values  map[any]any
	before  []func(context.Context, *Tx) error
	after   []func()
}

// statements runs statements: a transaction, or a connection without one.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Write runs fn in one transaction and commits it if fn returns nil.
// fn may run more than once; only the last run takes effect. On SQLite those who
// write at the same time share a commit; when Write returns nil, it is on disk.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	once := func(bool) error { return db.once(ctx, db.write, nil, fn) }
	if db.share != nil {
		once = func(alone bool) error { return db.together(ctx, alone, fn) }
	}
	alone := false
	for attempt := 1; ; attempt++ {
		err := once(alone)
		if err == nil || attempt == writeAttempts || !retryable(err) {
			return Classify(err)
		}
		if errors.Is(err, errDropped) {
			alone = true
			continue
		}
		pause := time.Duration(rand.IntN(5<<attempt)) * time.Millisecond
		select {
		case <-ctx.Done():
			return Classify(err)
		case <-time.After(pause):
		}
	}
}

// Read runs fn in a read-only transaction: all its queries see one state.
func (db *DB) Read(ctx context.Context, fn func(tx *Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.dialect == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return Classify(db.once(ctx, db.read, opts, fn))
}

// Look runs fn, which reads by a single statement, without a transaction around
// it: on PostgreSQL that is one way there and back instead of three. Of several
// statements each would see a state of its own.
func (db *DB) Look(ctx context.Context, fn func(tx *Tx) error) error {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return Classify(err)
	}
	err = fn(&Tx{Now: db.clock.Now(), tx: conn, dialect: db.dialect})
	return Classify(errors.Join(err, conn.Close()))
}

// once runs fn in a transaction of its own.
func (db *DB) once(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(tx *Tx) error) (err error) {
	raw, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	tx := &Tx{Now: db.clock.Now(), tx: raw, dialect: db.dialect}
	done := false
	defer func() {
		if !done { // an error or a panic
			if e := raw.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) && err != nil {
				err = fmt.Errorf("%w (rollback: %w)", err, e)
			}
		}
	}()
	if err := tx.run(ctx, fn); err != nil {
		return err
	}
	settled := func(error) {}
	if opts == nil {
		settled = witnessed(ctx)
	}
	err = raw.Commit()
	settled(err)
	if err != nil {
		return err
	}
	done = true
	tx.committed()
	return nil
}

// together runs fn in a transaction that it shares with others unless it is to
// run alone, and returns when that is on disk.
func (db *DB) together(ctx context.Context, alone bool, fn func(tx *Tx) error) error {
	if err := db.share.take(ctx); err != nil {
		return err
	}
	tx, part, err := db.shared(ctx, alone, fn)
	if err != nil {
		return err
	}
	settled := witnessed(ctx)
	<-part.done
	settled(part.err)
	if part.err == nil {
		tx.committed()
	}
	return part.err
}

// shared is what together does while it has the turn, which it gives on.
func (db *DB) shared(ctx context.Context, alone bool, fn func(tx *Tx) error) (tx *Tx, part *shared, err error) {
	defer db.share.pass()
	if part, err = db.share.join(ctx, alone); err != nil {
		return nil, nil, err
	}
	tx = &Tx{Now: db.clock.Now(), tx: part.raw, dialect: db.dialect}
	kept := false
	defer func() {
		if !kept { // an error or a panic
			if e := db.share.undo(ctx); e != nil && err != nil {
				err = fmt.Errorf("%w (rollback: %w)", err, e)
			}
		}
	}()
	if err = tx.run(ctx, fn); err != nil {
		return nil, nil, err
	}
	if err = db.share.keep(ctx); err != nil {
		return nil, nil, err
	}
	kept = true
	if alone {
		db.share.commit()
	}
	return tx, part, nil
}

// run does fn, and then what is to be done before the commit.
func (tx *Tx) run(ctx context.Context, fn func(tx *Tx) error) error {
	if err := fn(tx); err != nil {
		return err
	}
	for i := 0; i < len(tx.before); i++ { // a hook may register another
		if err := tx.before[i](ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// committed tells those who wait for the commit.
func (tx *Tx) committed() {
	for _, f := range tx.after {
		f()
	}
}

// Exec runs a statement and returns how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query runs a query that returns rows. The caller closes them before its next statement.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.tx.QueryContext(ctx, query, args...)
}

// QueryRow runs a query that returns at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.tx.QueryRowContext(ctx, query, args...)
}

// Dialect tells which engine runs this transaction.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// BeforeCommit registers fn to run as the last act inside the transaction.
func (tx *Tx) BeforeCommit(fn func(context.Context, *Tx) error) { tx.before = append(tx.before, fn) }

// AfterCommit registers fn to run once the transaction is durable, never if it is not.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Value returns what SetValue kept under key for this transaction, or nil.
func (tx *Tx) Value(key any) any { return tx.values[key] }

// SetValue keeps a value for the life of this transaction.
func (tx *Tx) SetValue(key, value any) {
	if tx.values == nil {
		tx.values = map[any]any{}
	}
	tx.values[key] = value
}

// Each runs a query and calls scan for every row.
func (tx *Tx) Each(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err below has already reported what matters
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// List runs a query and returns what scan makes of each row; an empty result is an empty slice.
func List[T any](ctx context.Context, tx *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	out := []T{}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		v, err := scan(r)
		out = append(out, v)
		return err
	}, query, args...)
	return out, err
}

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
// reports a serialisation failure or a deadlock.
const writeAttempts = 8

// Tx is a transaction with one fixed time.
type Tx struct {
	// Now is the time of everything this transaction does, UTC, to the millisecond.
	Now time.Time

	tx      *sql.Tx
	dialect Dialect
	values  map[any]any
	before  []func(context.Context, *Tx) error
	after   []func()
}

// Write runs fn in one transaction and commits it if fn returns nil.
// fn may run more than once; only the last run takes effect.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, db.write, nil, fn)
		if err == nil || attempt == writeAttempts || !retryable(err) {
			return Classify(err)
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
	if err := fn(tx); err != nil {
		return err
	}
	for i := 0; i < len(tx.before); i++ { // a hook may register another
		if err := tx.before[i](ctx, tx); err != nil {
			return err
		}
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
	for _, f := range tx.after {
		f()
	}
	return nil
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

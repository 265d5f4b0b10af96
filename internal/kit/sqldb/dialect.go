package sqldb

import (
	"context"
	"fmt"
	"hash/fnv"
)

// Dialect is one of the two engines.
type Dialect int

// The engines.
const (
	SQLite Dialect = iota
	Postgres
)

// String returns the engine's name.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// SkipLocked is the clause by which a claim passes over rows that another
// transaction is claiming. SQLite has one writer and needs none.
func (d Dialect) SkipLocked() string {
	if d == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// Veiled is the text column, which is never "-", written so that SQLite walks no
// index of it. PostgreSQL knows how common values are and needs no such hint.
func (d Dialect) Veiled(column string) string {
	if d == SQLite {
		return "COALESCE(" + column + ", '-')"
	}
	return column
}

// Lock holds the row of table with this id until the transaction ends, so that
// what is read next stays true. SQLite's writer is alone already. table is a
// constant of the caller, never input.
func (tx *Tx) Lock(ctx context.Context, table, id string) error {
	if tx.dialect == SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, "SELECT 1 FROM "+table+" WHERE id = $1 FOR UPDATE", id) // arch:postgres-only
	return err
}

// Serialize lets only one transaction at a time hold name, until it ends.
func (tx *Tx) Serialize(ctx context.Context, name string) error {
	if tx.dialect == SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lockKey(name)) // arch:postgres-only
	return err
}

func lockKey(name string) int64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, name) // a hash never fails to write
	return int64(h.Sum64())
}

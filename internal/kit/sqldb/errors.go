package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Classify turns the drivers' words for "the database is away, full or cannot
// be written" into fault.Unavailable, and those for "this is no text" into
// fault.Invalid; every other error passes unchanged.
func Classify(err error) error {
	if err == nil {
		return nil
	}
	var classified *fault.Error
	if errors.As(err, &classified) {
		return err
	}
	if away(err) {
		return fault.Wrap(err, fault.Unavailable, awayKey)
	}
	if noText(err) {
		return fault.Wrap(err, fault.Invalid, "error.noText")
	}
	return err
}

const awayKey = "error.database.away"

// IsAway reports whether err says that the database itself is away, and not
// another part that somebody called unavailable.
func IsAway(err error) bool {
	var classified *fault.Error
	return errors.As(err, &classified) && classified.Kind == fault.Unavailable && classified.Key == awayKey
}

func away(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
			return true
		}
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if retryable(err) { // again and again: too much at once, and nobody's fault
			return true
		}
		for _, class := range []string{"08", "53", "57P", "58", "25006", "25P03"} {
			if strings.HasPrefix(pg.Code, class) {
				return true
			}
		}
		return false
	}
	var op *net.OpError
	var connect *pgconn.ConnectError
	return errors.As(err, &op) || errors.As(err, &connect) || pgconn.SafeToRetry(err)
}

// noText reports whether PostgreSQL was given text that it cannot hold: a NUL, or
// bytes that are no UTF-8. The doors turn such input away; this is behind them.
func noText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "22021" || pg.Code == "22P05")
}

// retryable reports whether the database says that it did not do the transaction
// and that it may succeed when it is tried again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errDropped) || errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// IsUnique reports whether err says that a row of this key exists already. On
// PostgreSQL the transaction is dead then: return the error, do not go on.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// IsReferenced reports whether err says that other rows point to the row that
// was to be deleted, or that a row pointed to does not exist. On PostgreSQL the
// transaction is dead then: return the error, do not go on.
func IsReferenced(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23503"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// NotFound turns sql.ErrNoRows into fault.NotFound with key; other errors pass.
func NotFound(err error, key string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(err, fault.NotFound, key)
	}
	return err
}

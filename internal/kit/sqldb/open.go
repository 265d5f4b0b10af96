package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the embedded engine with database/sql

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Options tune a database. The zero value is right for production.
type Options struct {
	// Relaxed drops durability on power loss (SQLite synchronous=OFF). For tests,
	// demonstrations and bulk loading only.
	Relaxed bool
	// MaxConns bounds the readers (SQLite; 0: 2 a core) or the connections of the
	// pool (PostgreSQL; 0: 20), which members and listeners do not come from.
	MaxConns int
	// Existing refuses to make a SQLite file that is not there.
	Existing bool
	// Clock gives each transaction its Now. nil: the machine's.
	Clock clock.Clock
}

// DB is an open database.
type DB struct {
	dialect Dialect
	url     string
	path    string // of the SQLite file
	write   *sql.DB
	read    *sql.DB
	share   *share // of SQLite's writers; nil on PostgreSQL
	clock   clock.Clock

	postgres *pgx.ConnConfig // nil on SQLite

	mu      sync.Mutex
	members map[string]chan struct{} // live members of this process (SQLite); closed when one leaves
	serving *os.File                 // locked while there are any
}

// Open opens the database at url: "postgres://…", or "sqlite:" and a file path.
// It does not migrate.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	db := &DB{url: url, clock: o.Clock, members: map[string]chan struct{}{}}
	var err error
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		db.dialect = Postgres
		err = db.openPostgres(o)
	case strings.HasPrefix(url, "sqlite:"):
		db.dialect = SQLite
		err = db.openSQLite(strings.TrimPrefix(url, "sqlite:"), o)
	default:
		return nil, fmt.Errorf("database %q: want sqlite:PATH or postgres://USER@HOST/NAME", Redact(url))
	}
	if err == nil {
		if away := db.Ping(ctx); away != nil {
			err = fmt.Errorf("database %s: %w", Redact(url), away)
		}
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) openSQLite(path string, o Options) error {
	if o.Existing {
		if _, err := os.Stat(path); err != nil {
			return fault.Wrap(fmt.Errorf("there is no database at %s: %w", path, err), fault.Unavailable, awayKey)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := private(path); err != nil {
		return err
	}
	db.path = path
	sync := "FULL"
	if o.Relaxed {
		sync = "OFF"
	}
	common := "_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=mmap_size(268435456)"
	file := "file:" + (&url.URL{Path: path}).EscapedPath()
	w, err := openKept(file + "?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(" + sync + ")&_pragma=cache_size(-32000)&" + common)
	if err != nil {
		return err
	}
	db.write = w
	w.SetMaxOpenConns(1)
	w.SetMaxIdleConns(1)
	w.SetConnMaxLifetime(0)
	db.share = newShare(w, o.Clock)
	if err := w.Ping(); err != nil { // creates the file before a reader asks for it
		return fmt.Errorf("database file %s: %w", path, err)
	}
	r, err := openKept(file + "?_pragma=query_only(1)&_pragma=cache_size(-8000)&" + common)
	if err != nil {
		return err
	}
	db.read = r
	n := o.MaxConns
	if n == 0 {
		n = 2 * runtime.NumCPU()
	}
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	r.SetConnMaxIdleTime(5 * time.Minute)
	return nil
}

// private makes the file before SQLite does, which would let others read it; its
// log takes after it.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.Wrap(fmt.Errorf("database file: %w", err), fault.Unavailable, awayKey)
	}
	return f.Close()
}

func (db *DB) openPostgres(o Options) error {
	cfg, err := parsePostgres(db.url)
	if err != nil {
		return fmt.Errorf("database %s: %w", Redact(db.url), unquoted(db.url, err))
	}
	db.postgres = cfg
	p := stdlib.OpenDB(*cfg.Copy(), stdlib.OptionAfterConnect(settle))
	n := o.MaxConns
	if n == 0 {
		n = 20
	}
	p.SetMaxOpenConns(n)
	p.SetMaxIdleConns(n)
	p.SetConnMaxIdleTime(5 * time.Minute)
	db.write, db.read = p, p
	return nil
}

// unquoted returns why the driver refuses a url without the url itself, which it
// quotes, with everything that stands in a url that cannot be read.
func unquoted(raw string, err error) error {
	_, unreadable := url.Parse(raw)
	if cause := errors.Unwrap(err); cause != nil && unreadable == nil {
		return cause
	}
	return errors.New("it cannot be read; want postgres://USER@HOST/NAME, with @ and % in a password written as %40 and %25")
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return Classify(db.read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Dialect tells which engine this is.
func (db *DB) Dialect() Dialect { return db.dialect }

// Path returns the SQLite file's path, "" on PostgreSQL.
func (db *DB) Path() string { return db.path }

// Clock returns the clock that transactions take their Now from.
func (db *DB) Clock() clock.Clock { return db.clock }

// Pool returns the writing pool for the few who need the driver itself
// (migrations, backup, tests). Slices use Read and Write.
func (db *DB) Pool() *sql.DB { return db.write }

// Close closes all connections.
func (db *DB) Close() error {
	var errs []error
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	if db.read != nil && db.read != db.write {
		errs = append(errs, db.read.Close())
	}
	return errors.Join(errs...)
}

// hidden stands where a secret was, as in net/url.
const hidden = "xxxxx"

// Redact returns a database url without its passwords, wherever they stand. Of
// one that cannot be read only the scheme is left: nobody knows where its
// password stands.
func Redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		scheme, _, _ := strings.Cut(raw, ":")
		return scheme + ":…"
	}
	if u.User != nil {
		raw = u.Redacted()
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, hidden)
			raw = ""
		}
	}
	if raw == "" {
		u.RawQuery = query.Encode()
		return u.Redacted()
	}
	return raw
}

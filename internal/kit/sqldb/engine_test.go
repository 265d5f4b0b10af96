package sqldb_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestSerialize counts under contention: a read before a write is safe behind a name.
func TestSerialize(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		const workers, rounds = 6, 20
		ctx := t.Context()
		var g errgroup.Group
		for range workers {
			g.Go(func() error {
				for range rounds {
					if err := db.Write(ctx, func(tx *sqldb.Tx) error { return countUp(ctx, tx) }); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if n := counted(t, db); n != workers*rounds {
			t.Errorf("counted %d, want %d", n, workers*rounds)
		}
	})
}

func countUp(ctx context.Context, tx *sqldb.Tx) error {
	if err := tx.Serialize(ctx, "count"); err != nil {
		return err
	}
	var n int
	err := tx.QueryRow(ctx, `SELECT value FROM counter WHERE name = 'n'`).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ('n', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, n+1)
	return err
}

func counted(t *testing.T, db *sqldb.DB) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT value FROM counter WHERE name = 'n'`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDeadlockRunsAgain crosses two locks: PostgreSQL ends one of the two, and
// Write runs it again.
func TestDeadlockRunsAgain(t *testing.T) {
	db := dbtest.Postgres(t, clock.System{})
	ctx := t.Context()
	if err := db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ('a', 0), ('b', 0)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	runs := make(chan struct{}, 10)
	cross := func(first, second string, mine, other chan struct{}) func() error {
		met := false
		return func() error {
			return db.Write(ctx, func(tx *sqldb.Tx) error {
				runs <- struct{}{}
				if _, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE name = $1`, first); err != nil {
					return err
				}
				if !met {
					met = true
					close(mine)
					<-other
				}
				_, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE name = $1`, second)
				return err
			})
		}
	}
	x, y := make(chan struct{}), make(chan struct{})
	var g errgroup.Group
	g.Go(cross("a", "b", x, y))
	g.Go(cross("b", "a", y, x))
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	// Two, and one again; on a busy machine the second may meet the first once more.
	if n := len(runs); n < 3 {
		t.Errorf("%d runs, want at least 3: two, and one again", n)
	}
}

func TestHooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		ctx := t.Context()
		var log []string
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			tx.AfterCommit(func() { log = append(log, "after") })
			tx.BeforeCommit(func(_ context.Context, tx *sqldb.Tx) error {
				log = append(log, "before")
				tx.BeforeCommit(func(context.Context, *sqldb.Tx) error { log = append(log, "before, added late"); return nil })
				return nil
			})
			tx.SetValue("k", 1)
			log = append(log, fmt.Sprint("body ", tx.Value("k"), tx.Value("none")))
			return nil
		})
		if got := fmt.Sprint(log); err != nil || got != "[body 1 <nil> before before, added late after]" {
			t.Errorf("%v %v", got, err)
		}
		log = nil
		boom := errors.New("boom")
		err = db.Write(ctx, func(tx *sqldb.Tx) error {
			tx.AfterCommit(func() { log = append(log, "after") })
			tx.BeforeCommit(func(context.Context, *sqldb.Tx) error { return boom })
			_, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ('gone', 1)`)
			return err
		})
		if !errors.Is(err, boom) || len(log) != 0 {
			t.Errorf("a hook's error: %v, %v", err, log)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Write(ctx, func(*sqldb.Tx) error { panic("dropped") }) // it panics
		}()
		if err := db.Read(ctx, func(tx *sqldb.Tx) error { // the pool is not one connection short
			var n int
			err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM counter`).Scan(&n)
			if n != 0 {
				t.Errorf("%d rows of rolled back transactions", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

type name string

func TestValues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx := t.Context()
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ('s', $1)`, sqldb.JSON{V: map[string]int{"n": 7}}); err != nil {
				return err
			}
			var m map[string]int
			if err := tx.QueryRow(ctx, `SELECT value FROM setting WHERE name = 's'`).Scan(sqldb.JSON{V: &m}); err != nil || m["n"] != 7 {
				return fmt.Errorf("JSON %v: %w", m, err)
			}
			at, none, text, empty := c.Now().Add(time.Hour), c.Now(), name("old"), name("old")
			err := tx.QueryRow(ctx, `SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT)`,
				sqldb.Millis(at), sqldb.Millis(time.Time{}), sqldb.Null(name("x")), sqldb.Null(name(""))).
				Scan(sqldb.At(&at), sqldb.At(&none), sqldb.Str(&text), sqldb.Str(&empty))
			if err != nil || !at.Equal(c.Now().Add(time.Hour)) || !none.IsZero() || text != "x" || empty != "" {
				return fmt.Errorf("%v %v %q %q: %w", at, none, text, empty, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		list, err := listed(ctx, db)
		if err != nil || list == nil || len(list) != 0 {
			t.Errorf("an empty list: %v, %v", list, err)
		}
	})
	for what, scan := range map[string]error{
		"time": sqldb.At(new(time.Time)).Scan("noon"), "text": sqldb.Str(new(string)).Scan(1.5), "json": sqldb.JSON{}.Scan(1),
	} {
		if scan == nil {
			t.Errorf("%s of a wrong type was taken", what)
		}
	}
}

func listed(ctx context.Context, db *sqldb.DB) (out []string, err error) {
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		out, err = sqldb.List(ctx, tx, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) }, `SELECT name FROM counter`)
		return err
	})
	return out, err
}

// TestLost notices at once that PostgreSQL ended a member's connection.
func TestLost(t *testing.T) {
	db := dbtest.Postgres(t, clock.System{})
	ctx := t.Context()
	m, err := db.Join(ctx, "node_1")
	if err != nil {
		t.Fatal(err)
	}
	alive := func() (is bool) {
		t.Helper()
		if err := db.Read(ctx, func(tx *sqldb.Tx) error {
			found, err := tx.Members(ctx, db, []string{m.ID()})
			is = found[m.ID()]
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return is
	}
	if !alive() {
		t.Fatal("a member that joined is not alive")
	}
	if _, err := db.Pool().ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	select {
	case <-m.Lost():
	case <-time.After(4 * time.Second):
		t.Error("the loss was not noticed")
	}
	for deadline := time.Now().Add(10 * time.Second); alive(); time.Sleep(10 * time.Millisecond) { // the server hangs up first and lets go then
		if time.Now().After(deadline) {
			t.Fatal("a member without connection stays alive")
		}
	}
	_ = m.Leave() // there is nothing left to close properly
}

// TestOneServingProcess holds the data folder for as long as anybody serves it.
func TestOneServingProcess(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "deep", "er", "k.db")
	open := func() *sqldb.DB {
		db, err := sqldb.Open(t.Context(), file, sqldb.Options{Relaxed: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	}
	a, b := open(), open()
	join := func(db *sqldb.DB, id string) *sqldb.Member {
		t.Helper()
		m, err := db.Join(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first, second := join(a, "1"), join(a, "2")
	if _, err := b.Join(t.Context(), "3"); err == nil {
		t.Fatal("two processes serve one file")
	}
	if err := first.Leave(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Join(t.Context(), "3"); err == nil {
		t.Fatal("two processes serve one file after the first member of one left")
	}
	if err := second.Leave(); err != nil {
		t.Fatal(err)
	}
	if err := join(b, "3").Leave(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=2", "sqlite:" + os.DevNull + "/x/k.db"} {
		db, err := sqldb.Open(t.Context(), url, sqldb.Options{})
		if err == nil {
			_ = db.Close() // it should not be open
			t.Errorf("%q opened", url)
		} else if s := err.Error(); url != "" && strings.Contains(s, "secret") {
			t.Errorf("the error tells the password: %s", s)
		}
	}
	if got := sqldb.Redact("postgres://u:secret@h/n"); got != "postgres://u:xxxxx@h/n" {
		t.Errorf("Redact: %s", got)
	}
	if got := sqldb.Redact("postgres://u:100%secret@h/n"); got != "postgres:…" {
		t.Errorf("Redact of a url that cannot be read: %s", got)
	}
}

func TestClassify(t *testing.T) {
	plain, denied := errors.New("plain"), fault.New(fault.Denied, "x")
	for _, x := range []struct {
		err  error
		away bool
	}{
		{driver.ErrBadConn, true}, {sql.ErrConnDone, true},
		{&pgconn.PgError{Code: "57P01"}, true}, {&pgconn.PgError{Code: "53300"}, true}, {&pgconn.PgError{Code: "08006"}, true},
		{fmt.Errorf("while writing: %w", driver.ErrBadConn), true},
		{&pgconn.PgError{Code: "23505"}, false}, {plain, false}, {denied, false}, {context.Canceled, false}, {sql.ErrNoRows, false},
		{fault.New(fault.Unavailable, "error.storage.away"), false},
	} {
		got := sqldb.Classify(x.err)
		if sqldb.IsAway(got) != x.away || !errors.Is(got, x.err) {
			t.Errorf("%v: %v", x.err, got)
		}
	}
	if sqldb.Classify(nil) != nil || sqldb.IsAway(nil) || sqldb.IsUnique(nil) {
		t.Error("no error is an error")
	}
	if err := sqldb.NotFound(sql.ErrNoRows, "error.x"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if err := sqldb.NotFound(plain, "error.x"); !errors.Is(err, plain) || fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestMigrateTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		n, err := db.Migrate(t.Context())
		if err != nil || n != 0 {
			t.Errorf("a second run took %d steps: %v", n, err)
		}
		have, want, err := db.Migrations(t.Context())
		if err != nil || have != want || want == 0 {
			t.Errorf("version %d of %d: %v", have, want, err)
		}
	})
}

// TestMigrateTogether starts several nodes on an empty PostgreSQL at once.
func TestMigrateTogether(t *testing.T) {
	url := dbtest.PostgresURL(t)
	var g errgroup.Group
	for range 3 {
		g.Go(func() error {
			db, err := sqldb.Open(t.Context(), url, sqldb.Options{MaxConns: 2})
			if err != nil {
				return err
			}
			_, err = db.Migrate(t.Context())
			return errors.Join(err, db.Close())
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// The file holds customers' mail: whoever else has an account on the machine
// cannot read it, wherever it lies.
func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	db, err := sqldb.Open(t.Context(), "sqlite:"+path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
	}
}

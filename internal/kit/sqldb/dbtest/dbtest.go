// Package dbtest opens fresh, migrated databases for tests: SQLite always, and
// PostgreSQL where KINTSUGI_TEST_POSTGRES names a throw-away cluster
// (`make test` starts one). Nothing is mocked.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Env names the variable with the url of a cluster in which databases may be made and dropped.
const Env = "KINTSUGI_TEST_POSTGRES"

// Start is when the manual clocks of tests begin: a Wednesday morning in Japan.
var Start = time.Date(2026, 4, 15, 1, 0, 0, 0, time.UTC)

var serial atomic.Int64

// Each runs fn once on each engine, as parallel subtests, each with its own
// empty database and a manual clock at Start.
func Each(t *testing.T, fn func(t *testing.T, db *sqldb.DB, c *clock.Manual)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		c := clock.NewManual(Start)
		fn(t, SQLite(t, c), c)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		c := clock.NewManual(Start)
		fn(t, Postgres(t, c), c)
	})
}

// SQLite returns an empty, migrated database in a file of its own.
func SQLite(t testing.TB, c clock.Clock) *sqldb.DB {
	t.Helper()
	db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), c)
	return db
}

// Postgres returns an empty, migrated PostgreSQL database, dropped when the test
// ends. Without a cluster the test is skipped with the way to get one.
func Postgres(t testing.TB, c clock.Clock) *sqldb.DB {
	t.Helper()
	return open(t, PostgresURL(t), c)
}

// PostgresURL makes an empty database, not migrated, and returns its url.
func PostgresURL(t testing.TB) string {
	t.Helper()
	admin := os.Getenv(Env)
	if admin == "" {
		t.Skip("no PostgreSQL: " + Env + " is not set; `make test` starts a throw-away cluster and sets it")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatalf("%s: %v", Env, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	name := fmt.Sprintf("t%d_%d_%d", os.Getpid(), time.Now().UnixNano()%1e9, serial.Add(1))
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, admin, name) })
	cfg := conn.Config()
	url := fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d", cfg.User, name, cfg.Host, cfg.Port)
	if !strings.HasPrefix(cfg.Host, "/") {
		url = fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", cfg.User, cfg.Password, cfg.Host, cfg.Port, name)
	}
	return url
}

func drop(t testing.TB, admin, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Logf("drop %s: %v", name, err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		t.Logf("drop %s: %v", name, err)
	}
}

func open(t testing.TB, url string, c clock.Clock) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), url, sqldb.Options{Relaxed: true, MaxConns: 8, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

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
	file := filepath.Join(t.TempDir(), "test.db")
	if err := copyTemplate(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+file, c)
}

// Postgres returns an empty, migrated PostgreSQL database, dropped when the test
// ends. Without a cluster the test is skipped with the way to get one.
func Postgres(t testing.TB, c clock.Clock) *sqldb.DB {
	t.Helper()
	return open(t, MigratedURL(t), c)
}

// PostgresURL makes an empty database, not migrated, and returns its url.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return create(t, func(context.Context, *pgx.Conn) (string, error) { return "template1", nil })
}

// MigratedURL makes an empty, migrated database and returns its url.
func MigratedURL(t testing.TB) string {
	t.Helper()
	return create(t, postgresTemplate)
}

// create makes a database after a template and returns its url.
func create(t testing.TB, template func(context.Context, *pgx.Conn) (string, error)) string {
	t.Helper()
	admin := os.Getenv(Env)
	if admin == "" {
		t.Skip("no PostgreSQL: " + Env + " is not set; `make test` starts a throw-away cluster and sets it")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatalf("%s: %v", Env, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	after, err := template(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d_%d_%d", os.Getpid(), time.Now().UnixNano()%1e9, serial.Add(1))
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+after); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, admin, name) })
	return urlOf(conn.Config(), name)
}

func urlOf(cfg *pgx.ConnConfig, name string) string {
	if strings.HasPrefix(cfg.Host, "/") {
		return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d", cfg.User, name, cfg.Host, cfg.Port)
	}
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", cfg.User, cfg.Password, cfg.Host, cfg.Port, name)
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
	return db
}

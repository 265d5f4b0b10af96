package dbtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Migrating takes long beside what most tests do, so it is done once for each
// state of the migrations, and tests get copies.

// copyTemplate makes file a copy of a migrated SQLite database.
func copyTemplate(ctx context.Context, file string) error {
	print, err := sqldb.Fingerprint(sqldb.SQLite)
	if err != nil {
		return err
	}
	template := filepath.Join(os.TempDir(), "kintsugi-test-"+print+".db")
	b, err := os.ReadFile(template)
	if errors.Is(err, os.ErrNotExist) {
		if err = makeTemplate(ctx, template); err == nil {
			b, err = os.ReadFile(template)
		}
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600)
}

// makeTemplate migrates a database aside and then gives it its name, so that
// nobody reads half of it and several processes may do it at once.
func makeTemplate(ctx context.Context, template string) (err error) {
	dir, err := os.MkdirTemp("", "kintsugi-test-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	aside := filepath.Join(dir, "template.db")
	if err := migrate(ctx, "sqlite:"+aside); err != nil {
		return err
	}
	return os.Rename(aside, template)
}

func migrate(ctx context.Context, url string) error {
	db, err := sqldb.Open(ctx, url, sqldb.Options{Relaxed: true, MaxConns: 2})
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx)
	return errors.Join(err, db.Close())
}

// templateLock keeps two processes from making the template at once.
const templateLock = 0x6b696e75

// postgresTemplate returns the name of a migrated database in the cluster, which
// is made if need be.
func postgresTemplate(ctx context.Context, conn *pgx.Conn) (string, error) {
	print, err := sqldb.Fingerprint(sqldb.Postgres)
	if err != nil {
		return "", err
	}
	name := "kintsugi_test_" + print
	exists := func() (is bool, err error) {
		err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&is) // arch:postgres-only
		return is, err
	}
	if is, err := exists(); is || err != nil {
		return name, err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil { // arch:postgres-only
		return "", err
	}
	defer func() { _, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", templateLock) }() // arch:postgres-only; closing the connection frees it, too
	if is, err := exists(); is || err != nil {
		return name, err
	}
	aside := name + "_new"
	for _, do := range []string{"DROP DATABASE IF EXISTS " + aside + " WITH (FORCE)", "CREATE DATABASE " + aside} {
		if _, err := conn.Exec(ctx, do); err != nil {
			return "", err
		}
	}
	if err := migrate(ctx, urlOf(conn.Config(), aside)); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+aside+" RENAME TO "+name)
	return name, err
}

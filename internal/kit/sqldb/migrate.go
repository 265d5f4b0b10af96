package sqldb

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema up to date and returns how many steps it took.
// A schema newer than this program is refused.
// Several nodes may call it at once on PostgreSQL: one works, the others wait.
func (db *DB) Migrate(ctx context.Context) (int, error) {
	p, err := db.provider()
	if err != nil {
		return 0, err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	if have > want {
		return 0, fmt.Errorf("the schema is at version %d and this program knows only %d: a newer program wrote it; use that one", have, want)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Migrations reports the schema's version and the newest this program knows.
func (db *DB) Migrations(ctx context.Context) (have, want int64, err error) {
	p, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	return p.GetVersions(ctx)
}

// Fingerprint names the schema that this program's steps make on an engine:
// other steps, another name.
func Fingerprint(d Dialect) (string, error) {
	list, err := steps(d)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = fs.WalkDir(list, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(list, name)
		if err == nil {
			_, err = fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}

func (db *DB) provider() (*goose.Provider, error) {
	list, err := steps(db.dialect)
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if db.dialect == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, db.write, list, opts...)
}

// overlay shows the steps that both engines share and those of one engine as
// one numbered list.
type overlay []fs.FS

func steps(d Dialect) (fs.FS, error) {
	var o overlay
	for _, dir := range []string{"migrations/common", "migrations/" + d.String()} {
		sub, err := fs.Sub(migrations, dir)
		if err != nil {
			return nil, err
		}
		o = append(o, sub)
	}
	return o, nil
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	for _, layer := range o {
		if f, err := layer.Open(name); err == nil {
			return f, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS; the steps of both come in one order.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, layer := range o {
		entries, err := fs.ReadDir(layer, name)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}

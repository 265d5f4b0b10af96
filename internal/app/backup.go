package app

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Names inside a backup and a data folder.
const (
	databaseFile = "kintsugi.db"
	blobFolder   = "blobs"
	keyFile      = "key"
	manifestFile = "manifest.json"
)

// Summary says what a backup holds.
type Summary struct {
	MadeAt        time.Time         `json:"madeAt"`
	Version       string            `json:"version"`
	Schema        int64             `json:"schema"`
	Conversations int               `json:"conversations"`
	Messages      int               `json:"messages"`
	Blobs         int               `json:"blobs"`
	Bytes         int64             `json:"bytes"`
	HasKey        bool              `json:"hasKey"`
	Sums          map[string]string `json:"sums"` // SHA-256 by name, of everything else in the file
	Waiting       Waiting           `json:"-"`    // after Restore: what is not sent by itself
}

// KeyPath is where the instance key lives.
func (c Config) KeyPath() string { return filepath.Join(c.DataDir, keyFile) }

func (c Config) blobPath() string { return filepath.Join(c.DataDir, blobFolder) }

// Backup writes a consistent copy of an instance, which may be running, into
// one file: a snapshot of the database first, then every blob that the snapshot
// mentions. Blobs are never changed, and swept only long after nothing mentions
// them, so the two fit together.
func Backup(ctx context.Context, cfg Config, to string, withKey bool) (sum Summary, err error) {
	if !cfg.embedded() {
		return sum, errors.New("backup copies the embedded database; on PostgreSQL use pg_dump, and then copy the folder " + cfg.blobPath() + " (docs/OPERATE.md)")
	}
	if _, err := os.Lstat(to); err == nil {
		return sum, fmt.Errorf("%s is there already; give another name, or remove it", to)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return sum, err
	}
	db, err := sqldb.Open(ctx, cfg.Database, sqldb.Options{Clock: cfg.Clock, Existing: true})
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blobs, err := blob.Open(cfg.blobPath())
	if err != nil {
		return sum, err
	}
	scratch, err := os.MkdirTemp(filepath.Dir(to), ".kintsugi-backup-*")
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	snapshot := filepath.Join(scratch, databaseFile)
	if _, err := db.Pool().ExecContext(ctx, "VACUUM INTO $1", snapshot); err != nil { // arch:sqlite-only
		return sum, fmt.Errorf("snapshot: %w", err)
	}
	keys, err := describe(ctx, snapshot, &sum)
	if err != nil {
		return sum, err
	}
	sum.MadeAt, sum.Version, sum.HasKey, sum.Sums = cfg.Clock.Now(), cfg.Version, withKey, map[string]string{}
	p := &packer{sum: &sum, blobs: blobs}
	err = p.write(ctx, filepath.Join(scratch, "new"), func() error {
		if err := p.file(databaseFile, snapshot); err != nil {
			return err
		}
		if withKey {
			if err := p.file(keyFile, cfg.KeyPath()); err != nil {
				return err
			}
		}
		for _, key := range keys {
			if err := p.blob(ctx, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	if err := os.Rename(filepath.Join(scratch, "new"), to); err != nil {
		return sum, err
	}
	return sum, flushFolder(filepath.Dir(to))
}

// flushFolder makes sure that the names in a folder are on disk.
func flushFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// embedded reports whether the database is a SQLite file.
func (c Config) embedded() bool { return strings.HasPrefix(c.Database, "sqlite:") }

// databasePath is the file of the embedded database.
func (c Config) databasePath() string { return strings.TrimPrefix(c.Database, "sqlite:") }

// describe counts what a snapshot holds and returns the blobs it mentions.
func describe(ctx context.Context, snapshot string, sum *Summary) (keys []string, err error) {
	db, err := sqldb.Open(ctx, "sqlite:"+snapshot, sqldb.Options{Relaxed: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if sum.Schema, _, err = db.Migrations(ctx); err != nil {
		return nil, err
	}
	return keys, db.Read(ctx, func(tx *sqldb.Tx) error {
		if sum.Conversations, sum.Messages, err = counted(ctx, tx); err != nil {
			return err
		}
		keys, err = mentioned(ctx, tx)
		return err
	})
}

func counted(ctx context.Context, tx *sqldb.Tx) (conversations, messages int, err error) {
	err = tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM conversation), (SELECT COUNT(*) FROM message)`).Scan(&conversations, &messages)
	return conversations, messages, err
}

// mentionedSQL lists every table that names a blob.
const mentionedSQL = `SELECT blob_key FROM attachment UNION SELECT raw_key FROM ledger WHERE raw_key <> '' UNION SELECT blob_key FROM ledger_file ORDER BY 1`

func mentioned(ctx context.Context, tx *sqldb.Tx) ([]string, error) {
	return sqldb.List(ctx, tx, scanText, mentionedSQL)
}

type packer struct {
	sum   *Summary
	blobs *blob.Store
	tar   *tar.Writer
}

// write makes the archive with what fill adds, and the manifest last.
func (p *packer) write(ctx context.Context, path string, fill func() error) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := gzip.NewWriter(f)
	p.tar = tar.NewWriter(z)
	if err := fill(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(p.sum, "", "  ")
	if err != nil {
		return err
	}
	if err := p.tar.WriteHeader(&tar.Header{Name: manifestFile, Mode: 0o600, Size: int64(len(b)), ModTime: p.sum.MadeAt}); err != nil {
		return err
	}
	if _, err := p.tar.Write(b); err != nil {
		return err
	}
	return errors.Join(p.tar.Close(), z.Close(), f.Sync(), ctx.Err())
}

func (p *packer) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(p.add(name, f), f.Close())
}

func (p *packer) blob(ctx context.Context, key string) error {
	r, err := p.blobs.Get(ctx, key)
	if err != nil {
		return fmt.Errorf("blob %s: %w", key, err)
	}
	p.sum.Blobs++
	return errors.Join(p.add(blobFolder+"/"+key, r), r.Close())
}

func (p *packer) add(name string, r io.ReadSeeker) error {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := p.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: p.sum.MadeAt}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(p.tar, h), r); err != nil {
		return err
	}
	p.sum.Bytes += size
	p.sum.Sums[name] = hex.EncodeToString(h.Sum(nil))
	return nil
}

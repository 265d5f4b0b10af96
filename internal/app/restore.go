package app

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// maxManifest bounds a backup's manifest: about 100 bytes a file, ten million files.
const maxManifest = 1 << 30

var entryShape = regexp.MustCompile(`^(kintsugi\.db|key|manifest\.json|blobs/[0-9a-f]{64})$`)

// Restore unpacks a backup into an empty data folder and proves it: every
// checksum, the database's own integrity check, and that every file which the
// database mentions is there. Until all is proven the folder stays as it was.
func Restore(ctx context.Context, cfg Config, from string) (sum Summary, err error) {
	if _, err := os.Stat(filepath.Join(cfg.DataDir, databaseFile)); err == nil {
		return sum, fmt.Errorf("%s holds a database already; restore into an empty folder with --data", cfg.DataDir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return sum, err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return sum, err
	}
	scratch, err := os.MkdirTemp(cfg.DataDir, ".restore-*")
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	sums, err := unpack(ctx, from, scratch, &sum)
	if err != nil {
		return sum, fmt.Errorf("%s: %w", from, err)
	}
	if err := prove(ctx, scratch, sum, sums); err != nil {
		return sum, fmt.Errorf("%s is damaged: %w", from, err)
	}
	return sum, settle(cfg, scratch, sum)
}

func unpack(ctx context.Context, from, dir string, sum *Summary) (sums map[string]string, err error) {
	f, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.New("not a backup of Kintsugi")
	}
	blobs, err := blob.Open(filepath.Join(dir, blobFolder))
	if err != nil {
		return nil, err
	}
	sums = map[string]string{}
	var manifest bytes.Buffer
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg || !entryShape.MatchString(h.Name) {
			return nil, fmt.Errorf("it holds %q, which does not belong into a backup", h.Name)
		}
		switch h.Name {
		case manifestFile:
			_, err = io.Copy(&manifest, io.LimitReader(r, maxManifest))
		case databaseFile, keyFile:
			sums[h.Name], err = write(filepath.Join(dir, h.Name), r)
		default:
			sums[h.Name], _, err = blobs.Put(ctx, r)
		}
		if err != nil {
			return nil, err
		}
	}
	if manifest.Len() == 0 {
		return nil, errors.New("it ends before its manifest")
	}
	return sums, json.Unmarshal(manifest.Bytes(), sum)
}

func write(path string, r io.Reader) (sum string, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Sync(), f.Close())
}

func prove(ctx context.Context, dir string, sum Summary, sums map[string]string) (err error) {
	for name, want := range sum.Sums {
		if got := sums[name]; got != want {
			return fmt.Errorf("%s has the checksum %q, not %q", name, got, want)
		}
	}
	db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(dir, databaseFile), sqldb.Options{Relaxed: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.Pool().QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict); err != nil { // arch:sqlite-only
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the database's integrity check says %q", verdict)
	}
	var table string
	err = db.Pool().QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check`).Scan(&table) // arch:sqlite-only
	switch {
	case err == nil:
		return fmt.Errorf("rows of %s point nowhere", table)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	return db.Read(ctx, func(tx *sqldb.Tx) error {
		keys, err := mentioned(ctx, tx)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if sums[blobFolder+"/"+key] != key {
				return fmt.Errorf("the file %s is missing", key)
			}
		}
		return nil
	})
}

// settle moves a proven backup to its place; the database comes last, as its
// presence is what makes the folder an instance.
func settle(cfg Config, scratch string, sum Summary) error {
	if _, err := os.Stat(cfg.blobPath()); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(filepath.Join(scratch, blobFolder), cfg.blobPath()); err != nil {
			return err
		}
	} else {
		return fmt.Errorf("%s exists already; restore into an empty folder with --data", cfg.blobPath())
	}
	if sum.HasKey {
		if err := os.Rename(filepath.Join(scratch, keyFile), cfg.KeyPath()); err != nil {
			return err
		}
	}
	return os.Rename(filepath.Join(scratch, databaseFile), filepath.Join(cfg.DataDir, databaseFile))
}

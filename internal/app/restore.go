package app

import (
	"archive/tar"
	"bytes"
	"compress/flate"
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
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// maxManifest bounds a backup's manifest: about 100 bytes a file, ten million files.
const maxManifest = 1 << 30

var entryShape = regexp.MustCompile(`^(kintsugi\.db|key|manifest\.json|blobs/[0-9a-f]{64})$`)

// Restore unpacks a backup into an empty data folder and proves it: every
// checksum, the database's own integrity check, its counts, and that every file
// which the database mentions is there. Until all is proven the folder stays as
// it was, and nothing is left of a backup that fails. A key that is in the folder
// already stays, unless the backup brings another and replaceKey says so. What
// waited to be sent when the backup was made is not sent by itself; see AfterRestore.
func Restore(ctx context.Context, cfg Config, from string, replaceKey bool) (sum Summary, err error) {
	if !cfg.embedded() {
		return sum, errors.New("restore unpacks the embedded database; on PostgreSQL use pg_restore, and then copy the folder blobs (docs/OPERATE.md)")
	}
	if cfg.databasePath() != filepath.Join(cfg.DataDir, databaseFile) {
		return sum, errors.New("restore unpacks into the data folder; leave --database away")
	}
	fresh, err := vacant(cfg.DataDir)
	if err != nil {
		return sum, err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return sum, err
	}
	scratch, err := os.MkdirTemp(cfg.DataDir, ".restore-*")
	if err != nil {
		return sum, err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(scratch))
		if err != nil && fresh {
			_ = os.Remove(cfg.DataDir) // it was made for nothing; if it is not empty it stays
		}
	}()
	sums, err := unpack(ctx, from, scratch, &sum)
	if err != nil {
		return sum, fmt.Errorf("%s: %w", from, err)
	}
	if err := prove(ctx, scratch, sum, sums); err != nil {
		return sum, fmt.Errorf("%s is damaged: %w", from, err)
	}
	if sum.Waiting, err = markCopy(ctx, cfg, scratch); err != nil {
		return sum, err
	}
	return sum, settle(cfg, scratch, sum, replaceKey)
}

// vacant reports whether a data folder is not there yet; one that holds anything
// but an instance key is refused.
func vacant(dir string) (fresh bool, err error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	for _, e := range list {
		if e.Name() != keyFile {
			return false, fmt.Errorf("%s is not empty, it holds %s; restore into an empty folder with --data", dir, e.Name())
		}
	}
	return false, err
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
			return nil, cutShort(err)
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
			return nil, cutShort(err)
		}
	}
	// The archive's own checksum comes after its last byte.
	if _, err := io.Copy(io.Discard, z); err != nil {
		return nil, cutShort(err)
	}
	if manifest.Len() == 0 {
		return nil, errors.New("it is no whole backup: it ends before its manifest")
	}
	if err := json.Unmarshal(manifest.Bytes(), sum); err != nil {
		return nil, fmt.Errorf("its manifest is damaged: %w", err)
	}
	return sums, nil
}

// cutShort says in words what an archive that ends too early means.
func cutShort(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut short: the copy is not whole")
	}
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("it is damaged: %w", err)
	}
	var bits flate.CorruptInputError
	if errors.As(err, &bits) {
		return fmt.Errorf("it is damaged: %w", err)
	}
	return err
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
	if err := compareSums(sum, sums); err != nil {
		return err
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
	have, want, err := db.Migrations(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		return fmt.Errorf("its schema is at version %d and this program knows only %d; restore with the newer program", have, want)
	}
	return db.Read(ctx, func(tx *sqldb.Tx) error {
		conversations, messages, err := counted(ctx, tx)
		if err != nil {
			return err
		}
		if conversations != sum.Conversations || messages != sum.Messages {
			return fmt.Errorf("it holds %d conversations and %d messages, and its manifest says %d and %d", conversations, messages, sum.Conversations, sum.Messages)
		}
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

// markCopy marks a proven copy as restored.
func markCopy(ctx context.Context, cfg Config, dir string) (w Waiting, err error) {
	db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(dir, databaseFile), sqldb.Options{Clock: cfg.Clock})
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return markRestored(ctx, db)
}

// compareSums looks whether a backup holds what its manifest lists, all of it
// and nothing else.
func compareSums(sum Summary, sums map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(sum.Sums)) {
		switch got := sums[name]; got {
		case sum.Sums[name]:
		case "":
			return fmt.Errorf("%s is missing", name)
		default:
			return fmt.Errorf("%s has the checksum %q, not %q", name, got, sum.Sums[name])
		}
	}
	for name := range sums {
		if _, ok := sum.Sums[name]; !ok {
			return fmt.Errorf("%s is not in its manifest", name)
		}
	}
	if _, ok := sums[databaseFile]; !ok {
		return errors.New("it holds no database")
	}
	if _, ok := sums[keyFile]; ok != sum.HasKey {
		return errors.New("its manifest and its key do not agree")
	}
	return nil
}

// settle moves a proven backup to its place; the database comes last, as its
// presence is what makes the folder an instance.
func settle(cfg Config, scratch string, sum Summary, replaceKey bool) error {
	if sum.HasKey {
		if err := settleKey(cfg.KeyPath(), filepath.Join(scratch, keyFile), replaceKey); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(scratch, blobFolder), cfg.blobPath()); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(scratch, databaseFile), cfg.databasePath()); err != nil {
		return err
	}
	f, err := os.Open(cfg.databasePath()) // opening it to prove it wrote a little
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), flushFolder(cfg.DataDir))
}

func settleKey(path, brought string, replace bool) error {
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && !replace {
		bring, err := os.ReadFile(brought)
		if err != nil || bytes.Equal(bytes.TrimSpace(have), bytes.TrimSpace(bring)) {
			return err
		}
		return fmt.Errorf("%s is another key than the backup's, and the backup's mailbox passwords cannot be read with it; --replace-key puts the backup's in its place", path)
	}
	return os.Rename(brought, path)
}

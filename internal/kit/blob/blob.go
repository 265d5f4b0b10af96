// Package blob keeps bytes too large for the database: raw mail and
// attachments. A key is the SHA-256 of the content, so the same bytes are kept
// once, a key can be verified, and writing twice does no harm.
//
// Put happens before the transaction that mentions the key; what a crash leaves
// unmentioned is swept later.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Store keeps blobs in a folder: two levels of directories by the key's first characters.
type Store struct {
	dir     string
	relaxed bool

	// sweeping keeps, in this process, a sweep apart from those who put and get:
	// they share it, and the sweep has it alone for one file at a time.
	sweeping sync.RWMutex
}

// Open returns the store in dir, which is created if missing.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Store{dir: dir}, nil
}

// OpenRelaxed is Open for a store that need not survive the loss of power:
// demonstrations and tests, which would spend their time waiting for the disk.
func OpenRelaxed(dir string) (*Store, error) {
	s, err := Open(dir)
	if err == nil {
		s.relaxed = true
	}
	return s, err
}

var keyShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (s *Store) path(key string) (string, error) {
	if !keyShape.MatchString(key) {
		return "", fault.New(fault.NotFound, "error.blob.notFound")
	}
	return filepath.Join(s.dir, key[:2], key[2:4], key), nil
}

// Put keeps what r gives and returns its key and size. When it returns, the
// bytes are on disk: file and directory are synced.
func (s *Store) Put(_ context.Context, r io.Reader) (key string, size int64, err error) {
	tmp, err := os.CreateTemp(s.dir, newPrefix+"*")
	if err != nil {
		return "", 0, unavailable(err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()           // the first error is the one to tell
			_ = os.Remove(tmp.Name()) // what is left over is swept
		}
	}()
	h := sha256.New()
	if size, err = io.Copy(io.MultiWriter(tmp, h), r); err != nil {
		return "", 0, unavailable(err)
	}
	key = hex.EncodeToString(h.Sum(nil))
	final, err := s.path(key)
	if err != nil {
		return "", 0, err
	}
	if err := errors.Join(s.sync(tmp), tmp.Close()); err != nil {
		return "", 0, unavailable(err)
	}
	return key, size, unavailable(s.place(tmp.Name(), final))
}

// place gives the bytes their name, also when it is taken by the same: the file
// is young again then, and the sweep of any process leaves it.
func (s *Store) place(tmp, final string) error {
	s.sweeping.RLock()
	defer s.sweeping.RUnlock()
	dir := filepath.Dir(final)
	_, err := os.Stat(dir)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Rename(tmp, final); err != nil {
		return err
	}
	// An entry, of a file or of a new folder, is on disk only when the folder
	// that holds it is.
	if fresh {
		if err := errors.Join(s.flush(filepath.Dir(dir)), s.flush(s.dir)); err != nil {
			return err
		}
	}
	return s.flush(dir)
}

func (s *Store) sync(f *os.File) error {
	if s.relaxed {
		return nil
	}
	return f.Sync()
}

func (s *Store) flush(dir string) error {
	if s.relaxed {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get opens a blob. The caller closes it.
func (s *Store) Get(_ context.Context, key string) (io.ReadSeekCloser, error) {
	p, err := s.path(key)
	if err != nil {
		return nil, err
	}
	s.sweeping.RLock()
	f, err := os.Open(p)
	s.sweeping.RUnlock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "error.blob.notFound")
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return f, nil
}

// Read returns a whole blob.
func (s *Store) Read(ctx context.Context, key string) ([]byte, error) {
	r, err := s.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(unavailable(err), r.Close())
}

// Verify reports an error if a blob is missing or its bytes are not those of its key.
func (s *Store) Verify(ctx context.Context, key string) error {
	b, err := s.Read(ctx, key)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != key {
		return fmt.Errorf("blob %s: the content has changed", key)
	}
	return nil
}

// Walk calls fn with every key and when it was last put.
func (s *Store) Walk(ctx context.Context, fn func(key string, at time.Time, size int64) error) error {
	return filepath.WalkDir(s.dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed while walking
		}
		if err != nil || !keyShape.MatchString(d.Name()) {
			return err
		}
		return fn(d.Name(), info.ModTime(), info.Size())
	})
}

// Remove deletes a blob; a missing one is no error.
func (s *Store) Remove(_ context.Context, key string) error {
	p, err := s.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err)
	}
	return nil
}

func unavailable(err error) error {
	return fault.Wrap(err, fault.Unavailable, "error.storage.away")
}

package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What stands in the store's folder for a moment: bytes that come in, and a blob
// that is being judged by a sweep. Only a crash leaves them there.
const (
	newPrefix   = ".new-"
	judgePrefix = ".old-"
)

// Sweep removes the blobs that were put before a time and that wanted says nobody
// wants. A blob that is put again meanwhile, by this process or another on the
// same folder, stays. It returns how many were removed.
func (s *Store) Sweep(ctx context.Context, before time.Time, wanted func(key string) bool) (removed int, err error) {
	err = s.Walk(ctx, func(key string, at time.Time, _ int64) error {
		if !at.Before(before) || wanted(key) {
			return nil
		}
		gone, err := s.judge(key, before)
		if gone {
			removed++
		}
		return err
	})
	return removed, err
}

// judge removes a blob if it is still as old as it seemed. Between looking and
// removing another process may put the same bytes again, and would lose them. So
// the blob is taken aside first: what is put from then on has a file of its own,
// and what is aside changes no more and can be looked at in peace. A young one
// goes back.
func (s *Store) judge(key string, before time.Time) (gone bool, err error) {
	final, err := s.path(key)
	if err != nil {
		return false, err
	}
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	if info, err := os.Stat(final); err != nil || !info.ModTime().Before(before) {
		return false, ignore(err, fs.ErrNotExist)
	}
	aside := filepath.Join(s.dir, judgePrefix+key)
	if err := os.Rename(final, aside); err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	info, err := os.Stat(aside)
	if err != nil {
		return false, unavailable(err)
	}
	if !info.ModTime().Before(before) {
		err = ignore(os.Link(aside, final), fs.ErrExist)
	}
	if err != nil {
		return false, unavailable(err)
	}
	return info.ModTime().Before(before), unavailable(os.Remove(aside))
}

// Tidy removes what crashes left in the folder and that is older than a time:
// bytes that never got their name. A blob that a sweep had aside goes back; the
// next sweep judges it again. It returns how many were found.
func (s *Store) Tidy(ctx context.Context, before time.Time) (found int, err error) {
	list, err := os.ReadDir(s.dir)
	if err != nil {
		return 0, unavailable(err)
	}
	for _, e := range list {
		key, judged := strings.CutPrefix(e.Name(), judgePrefix)
		if !judged && !strings.HasPrefix(e.Name(), newPrefix) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return found, err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // finished while we looked
		}
		if err != nil {
			return found, unavailable(err)
		}
		// What is aside keeps its age, so of that the age says nothing.
		if !judged && !info.ModTime().Before(before) {
			continue
		}
		if err := s.putBack(filepath.Join(s.dir, e.Name()), key, judged); err != nil {
			return found, unavailable(err)
		}
		found++
	}
	return found, nil
}

func (s *Store) putBack(path, key string, judged bool) error {
	if !judged {
		return ignore(os.Remove(path), fs.ErrNotExist)
	}
	final, err := s.path(key)
	if err != nil {
		return nil // not of our making
	}
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	if err := ignore(os.Link(path, final), fs.ErrExist); err != nil {
		return ignore(err, fs.ErrNotExist)
	}
	return ignore(os.Remove(path), fs.ErrNotExist)
}

// ignore drops an error that is expected.
func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

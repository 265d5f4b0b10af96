package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

func open(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func put(t *testing.T, s *blob.Store, text string) string {
	t.Helper()
	key, size, err := s.Put(t.Context(), strings.NewReader(text))
	if err != nil || size != int64(len(text)) {
		t.Fatalf("put %d bytes of %d: %v", size, len(text), err)
	}
	return key
}

func TestSameBytesOnce(t *testing.T) {
	s, _ := open(t)
	a, b, empty := put(t, s, "one"), put(t, s, "two"), put(t, s, "")
	if put(t, s, "one") != a || a == b {
		t.Fatal("keys do not follow the content")
	}
	for key, want := range map[string]string{a: "one", b: "two", empty: ""} {
		got, err := s.Read(t.Context(), key)
		if err != nil || string(got) != want {
			t.Errorf("%q: %v", got, err)
		}
	}
	n := 0
	if err := s.Walk(t.Context(), func(string, time.Time, int64) error { n++; return nil }); err != nil || n != 3 {
		t.Errorf("%d blobs: %v", n, err)
	}
}

func TestManyPutTheSame(t *testing.T) {
	s, _ := open(t)
	content := bytes.Repeat([]byte("x"), 100_000)
	var g errgroup.Group
	for range 16 {
		g.Go(func() error {
			key, _, err := s.Put(t.Context(), bytes.NewReader(content))
			return errors.Join(err, s.Verify(t.Context(), key))
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line went dead") }

func TestAFailedPutLeavesNothing(t *testing.T) {
	s, dir := open(t)
	_, _, err := s.Put(t.Context(), io.MultiReader(strings.NewReader("half"), broken{}))
	if err == nil {
		t.Fatal("it was kept")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestUnknownAndUnsafeKeys(t *testing.T) {
	s, _ := open(t)
	for _, key := range []string{"", "x", "../../etc/passwd", strings.Repeat("0", 64), strings.Repeat("A", 64), strings.Repeat("0", 63) + "/"} {
		if _, err := s.Get(t.Context(), key); !fault.Is(err, fault.NotFound) {
			t.Errorf("get %q: %v", key, err)
		}
	}
	if err := s.Remove(t.Context(), strings.Repeat("0", 64)); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
	if err := s.Remove(t.Context(), "../x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("removing outside: %v", err)
	}
}

func TestVerifyAndRemove(t *testing.T) {
	s, dir := open(t)
	key := put(t, s, "truth")
	if err := s.Verify(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, key[:2], key[2:4], key)
	if err := os.WriteFile(path, []byte("lies!"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), key); err == nil {
		t.Error("changed bytes pass")
	}
	if err := s.Remove(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), key); !fault.Is(err, fault.NotFound) {
		t.Errorf("after removal: %v", err)
	}
}

// A blob that is put again is young again: the sweep of old unmentioned blobs
// must not take what a transaction is about to mention.
func TestPutAgainIsYoung(t *testing.T) {
	s, dir := open(t)
	key := put(t, s, "again")
	old := time.Now().Add(-100 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, key[:2], key[2:4], key), old, old); err != nil {
		t.Fatal(err)
	}
	put(t, s, "again")
	err := s.Walk(t.Context(), func(_ string, at time.Time, size int64) error {
		if time.Since(at) > time.Hour || size != 5 {
			t.Errorf("put at %v, %d bytes", at, size)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWalkEndsWithItsContext(t *testing.T) {
	s, _ := open(t)
	put(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Walk(ctx, func(string, time.Time, int64) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestStorageAway(t *testing.T) {
	s, dir := open(t)
	key := put(t, s, "x")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Put(t.Context(), strings.NewReader("y")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("put into a folder that is gone: %v", err)
	}
	if _, err := s.Read(t.Context(), key); !fault.Is(err, fault.NotFound) {
		t.Errorf("read: %v", err)
	}
}

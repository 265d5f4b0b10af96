package blob_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
)

func keep(t testing.TB, s *blob.Store, text string) string {
	t.Helper()
	key, _, err := s.Put(context.Background(), bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func age(t testing.TB, dir, key string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(filepath.Join(dir, key[:2], key[2:4], key), at, at); err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s, err := blob.OpenRelaxed(dir)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	old, wanted, young, again := keep(t, s, "old"), keep(t, s, "wanted"), keep(t, s, "young"), keep(t, s, "again")
	for _, key := range []string{old, wanted, again} {
		age(t, dir, key, now.Add(-72*time.Hour))
	}
	keep(t, s, "again")
	n, err := s.Sweep(t.Context(), now.Add(-48*time.Hour), func(key string) bool { return key == wanted })
	if err != nil || n != 1 {
		t.Errorf("removed %d, %v", n, err)
	}
	for key, there := range map[string]bool{old: false, wanted: true, young: true, again: true} {
		if err := s.Verify(t.Context(), key); (err == nil) != there {
			t.Errorf("%s: there %v, %v", key, there, err)
		}
	}
}

// TestSweepAndPut puts the same few contents again and again, in two stores on one
// folder as two nodes have it, while both sweep everything that seems old. What
// was put after the sweep's time must be there, whole.
func TestSweepAndPut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp("", "blob-")
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		var stores [2]*blob.Store
		for i := range stores {
			if stores[i], err = blob.OpenRelaxed(dir); err != nil {
				r.Fatal(err)
			}
		}
		texts := rapid.IntRange(1, 3).Draw(r, "texts")
		past := time.Now().Add(-time.Hour)
		before := time.Now().Add(-time.Minute)
		for i := range texts {
			age(t, dir, keep(t, stores[0], fmt.Sprint(i)), past)
		}
		var wg sync.WaitGroup
		trouble := make(chan error, 100)
		for n := range 4 {
			s := stores[n%2]
			wg.Go(func() {
				for i := range 5 {
					key, _, err := s.Put(context.Background(), bytes.NewReader([]byte(fmt.Sprint(i%texts))))
					if err != nil || len(key) != 64 {
						trouble <- fmt.Errorf("put: %w", err)
					}
				}
			})
			wg.Go(func() {
				for range 3 {
					if _, err := s.Sweep(context.Background(), before, func(string) bool { return false }); err != nil {
						trouble <- fmt.Errorf("sweep: %w", err)
					}
				}
			})
		}
		wg.Wait()
		close(trouble)
		for err := range trouble {
			r.Error(err)
		}
		for i := range texts {
			key := keep(t, stores[1], fmt.Sprint(i)) // the same again changes nothing
			if err := stores[0].Verify(context.Background(), key); err != nil {
				r.Errorf("%d: %v", i, err)
			}
		}
		if left, err := os.ReadDir(dir); err != nil {
			r.Error(err)
		} else {
			for _, e := range left {
				if !e.IsDir() {
					r.Errorf("left over: %s", e.Name())
				}
			}
		}
	})
}

// TestSweptOncePut is TestSweepAndPut without the last look: everything that was
// put at least once after the sweep's time must be there as it stands.
func TestSweptOncePut(t *testing.T) {
	dir := t.TempDir()
	s, err := blob.OpenRelaxed(dir)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 100 {
		text := fmt.Sprint(round)
		key := keep(t, s, text)
		age(t, dir, key, time.Now().Add(-time.Hour))
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Sweep(context.Background(), time.Now().Add(-time.Minute), func(string) bool { return false }); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { keep(t, s, text) })
		wg.Wait()
		if err := s.Verify(t.Context(), key); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

func TestTidy(t *testing.T) {
	dir := t.TempDir()
	s, err := blob.OpenRelaxed(dir)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	key := keep(t, s, "kept")
	for name, at := range map[string]time.Time{".new-1": now.Add(-2 * time.Hour), ".new-2": now, "note": now.Add(-2 * time.Hour)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	// A sweep was killed with a blob in its hand.
	if err := os.Rename(filepath.Join(dir, key[:2], key[2:4], key), filepath.Join(dir, ".old-"+key)); err != nil {
		t.Fatal(err)
	}
	n, err := s.Tidy(t.Context(), now.Add(-time.Hour))
	if err != nil || n != 2 {
		t.Errorf("found %d, %v", n, err)
	}
	for name, there := range map[string]bool{".new-1": false, ".new-2": true, "note": true, ".old-" + key: false} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Verify(t.Context(), key); err != nil {
		t.Error(err)
	}
}

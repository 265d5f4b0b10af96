package corpus

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Seeds returns files of the corpus folder sub as seeds of a fuzz target: those
// whose name ends in ext, at most n of them, spread evenly, none longer than
// max bytes. Without a corpus there are none: a target's own seeds must do.
func Seeds(t testing.TB, sub, ext string, n, max int) [][]byte {
	t.Helper()
	root, _ := find()
	if root == "" {
		return nil
	}
	var paths []string
	err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(sub)), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ext) {
			return err
		}
		if info, err := d.Info(); err == nil && info.Size() <= int64(max) {
			paths = append(paths, p)
		}
		return nil
	})
	if err != nil {
		t.Logf("no seeds from %s: %v", sub, err)
		return nil
	}
	var out [][]byte
	step := (len(paths) + n - 1) / n
	for i := 0; i < len(paths); i += step {
		b, err := os.ReadFile(paths[i])
		if err != nil {
			t.Logf("seed: %v", err)
			continue
		}
		out = append(out, b)
	}
	return out
}

package corpus

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// EnvUpdate names the environment variable that makes Golden rewrite its file.
const EnvUpdate = "KINTSUGI_UPDATE"

// Golden compares got with the file at path (relative to the package under
// test). With KINTSUGI_UPDATE=1, or a -update flag that the test binary
// defines, the file is written instead.
func Golden(t testing.TB, path, got string) {
	t.Helper()
	if os.Getenv(EnvUpdate) == "1" || updating() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden file: %v (write it with %s=1)", err, EnvUpdate)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-kept +now):\n%s\nif the change is meant: %s=1 go test", path, diff, EnvUpdate)
	}
}

package flows

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestFlows plays every scenario on both databases.
func TestFlows(t *testing.T) {
	files, err := filepath.Glob("*.flow")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := parse(file, string(b))
		if err != nil {
			t.Error(err)
			continue
		}
		t.Run(strings.TrimSuffix(file, ".flow"), func(t *testing.T) {
			t.Parallel()
			t.Run("sqlite", func(t *testing.T) { play(t, "", lines) })
			t.Run("postgres", func(t *testing.T) { play(t, dbtest.MigratedURL(t), lines) })
		})
	}
}

// play runs one scenario on one database.
func play(t *testing.T, database string, lines []line) {
	w := newWorld(t, database)
	for _, l := range lines {
		w.do(l)
	}
	w.judge()
}

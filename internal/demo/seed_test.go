package demo_test

import (
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/demo"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// fingerprint is a query whose result tells two seeds apart.
const fingerprint = `SELECT COUNT(*), SUM(LENGTH(body)), MIN(id), MAX(id) FROM message`

func seeded(t *testing.T, database string, n int) (app.Inside, [4]any) {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{DataDir: t.TempDir(), Database: database, Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	until := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	if _, err := demo.Seed(t.Context(), a.Inside(), demo.SeedOptions{Conversations: n, Seed: 42, Until: until}); err != nil {
		t.Fatal(err)
	}
	var count, size int64
	var first, last string
	err = a.Inside().DB.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.QueryRow(t.Context(), fingerprint).Scan(&count, &size, &first, &last)
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Inside(), [4]any{count, size, first, last}
}

func TestSeedIsTheSameEveryTimeAndOnBothDatabases(t *testing.T) {
	in, want := seeded(t, "", 300)
	if _, again := seeded(t, "", 300); again != want {
		t.Fatalf("second seed %v, first %v", again, want)
	}
	found(t, in)
	t.Run("postgres", func(t *testing.T) {
		in, got := seeded(t, dbtest.PostgresURL(t), 300)
		if got != want {
			t.Fatalf("PostgreSQL has %v, SQLite %v", got, want)
		}
		found(t, in)
	})
}

func found(t *testing.T, in app.Inside) {
	t.Helper()
	err := in.DB.Read(t.Context(), func(tx *sqldb.Tx) error {
		page, err := in.Finder.Find(t.Context(), tx, search.Query{Text: "返金", Limit: 5})
		if err == nil && len(page.Hits) == 0 {
			page, err = in.Finder.Find(t.Context(), tx, search.Query{Text: "配送", Limit: 5})
		}
		if len(page.Hits) == 0 {
			t.Error("seeded messages are not found")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

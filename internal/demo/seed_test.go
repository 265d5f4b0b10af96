package demo_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/demo"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// written is everything that a seed writes by itself, in an order and a form that
// both databases share. Brands, inboxes and agents are made by their slices, which
// give them ids of their own.
func written() []string {
	return []string{
		`SELECT id, name, locale, created_at FROM customer ORDER BY id`,
		`SELECT id, address FROM point ORDER BY id`,
		`SELECT id, ref, customer_id, subject, status, priority, preview, last_at, message_count, resolved_at FROM conversation ORDER BY id`,
		`SELECT id, conversation_id, kind, author_name, at, subject, body, external_id FROM message ORDER BY id`,
		`SELECT id, message_id, state, state_at FROM delivery ORDER BY id`,
		`SELECT id, conversation_id, state, reason, sent_at FROM invitation ORDER BY id`,
		`SELECT id, invitation_id, score, band, comment, answered_at FROM response ORDER BY id`,
		`SELECT id, ref, conversation_id, severity, state, outcome, cause ->> 'text', opened_at, closed_at FROM recovery_case ORDER BY id`,
		`SELECT case_id, position, key, state, due_at FROM case_step ORDER BY id`,
		`SELECT n, kind, subject FROM search_doc WHERE kind = 'message' ORDER BY n`,
	}
}

// digest sums up every row of written, a line for each query.
func digest(t *testing.T, db *sqldb.DB) (lines string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		for _, query := range written() {
			rows, h := 0, sha256.New()
			err := tx.Each(t.Context(), func(r *sql.Rows) error {
				cols, err := r.Columns()
				if err != nil {
					return err
				}
				cells := make([]sql.NullString, len(cols))
				at := make([]any, len(cols))
				for i := range cells {
					at[i] = &cells[i]
				}
				rows++
				if err := r.Scan(at...); err != nil {
					return err
				}
				_, err = fmt.Fprintf(h, "%v\n", cells)
				return err
			}, query)
			if err != nil {
				return err
			}
			if rows == 0 {
				t.Errorf("no rows: %s", query)
			}
			lines += fmt.Sprintf("%x %d rows of %s\n", h.Sum(nil)[:8], rows, query)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func seeded(t *testing.T, database string, n int, seed uint64) (app.Inside, string) {
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
	if _, err := demo.Seed(t.Context(), a.Inside(), demo.SeedOptions{Conversations: n, Seed: seed, Until: until}); err != nil {
		t.Fatal(err)
	}
	return a.Inside(), digest(t, a.Inside().DB)
}

func TestSeedIsTheSameEveryTimeAndOnBothDatabases(t *testing.T) {
	in, want := seeded(t, "", 300, 42)
	if _, again := seeded(t, "", 300, 42); again != want {
		t.Fatal(cmp.Diff(want, again))
	}
	if _, other := seeded(t, "", 300, 43); other == want {
		t.Fatal("another seed writes the same")
	}
	found(t, in)
	t.Run("postgres", func(t *testing.T) {
		in, got := seeded(t, dbtest.PostgresURL(t), 300, 42)
		if got != want {
			t.Error(cmp.Diff(want, got))
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

// BenchmarkSeed writes 5,000 conversations into the embedded database.
func BenchmarkSeed(b *testing.B) {
	until := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		a, err := app.New(b.Context(), app.Config{DataDir: b.TempDir(), Relaxed: true})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := demo.Seed(b.Context(), a.Inside(), demo.SeedOptions{Conversations: 5000, Seed: 1, Until: until}); err != nil {
			b.Fatal(err)
		}
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

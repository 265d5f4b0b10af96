package search_test

import (
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestTwoDutiesForOneMessage lets several make one thing findable at the same
// moment, as when it is amended while it is still new.
func TestTwoDutiesForOneMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		for round := range 10 {
			var g errgroup.Group
			for who := range 4 {
				g.Go(func() error {
					return db.Write(t.Context(), func(tx *sqldb.Tx) error {
						return search.PutTx(t.Context(), tx, search.Document{Kind: search.Customer, Subject: fmt.Sprint("cust_", round), Text: fmt.Sprint("word", who)})
					})
				})
			}
			if err := g.Wait(); err != nil {
				t.Fatal(err)
			}
		}
		err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
			var n int
			if err := tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM search_doc`).Scan(&n); err != nil {
				return err
			}
			if n != 10 {
				t.Errorf("%d documents of 10 things", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

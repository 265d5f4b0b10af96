package search_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestRebuild loses part of the index and puts a document into it of which there
// is nothing. A rebuild in small steps, stopped and taken up again by another
// program, makes it whole.
func TestRebuild(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		ctx := t.Context()
		names := []string{"Ana Gold", "Ben Gold", "Cleo Gold", "Dora Gold", "Emil Gold"}
		customers(t, db, names...)
		write := func(fn func(tx *sqldb.Tx) error) {
			t.Helper()
			if err := db.Write(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *sqldb.Tx) error {
			for _, id := range []string{"cus_001", "cus_003"} {
				if err := search.DropTx(ctx, tx, search.Customer, id); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, `UPDATE customer SET name = 'Cleo Silver' WHERE id = 'cus_002'`); err != nil {
				return err
			}
			return search.PutTx(ctx, tx, search.Document{Kind: search.Message, Subject: "msg_gone", Text: "Gold"})
		})
		var p search.Progress
		steps := 0
		step := func(x *search.Finder) {
			t.Helper()
			write(func(tx *sqldb.Tx) (err error) {
				if p, err = x.SavedTx(ctx, tx); err == nil {
					if p, err = x.RebuildTx(ctx, tx, p, 2); err == nil {
						err = x.SaveTx(ctx, tx, p)
					}
				}
				return err
			})
			steps++
		}
		step(search.New())
		if p.Customers != 2 || p.Done() {
			t.Fatalf("after one step of two: %+v", p)
		}
		for !p.Done() && steps < 50 {
			step(search.New()) // a new one knows only what was saved
		}
		want := search.Progress{Stage: p.Stage, Number: p.Number, Customers: 5, Removed: 1}
		if !p.Done() || p != want {
			t.Errorf("in the end: %+v", p)
		}
		found, _ := find(t, db, search.Query{Text: "gold", Limit: 10})
		if d := cmp.Diff([]string{"Dora Gold", "Ben Gold", "Emil Gold", "Ana Gold"}, found); d != "" {
			t.Error(d)
		}
		if found, _ := find(t, db, search.Query{Text: "silver", Limit: 10}); len(found) != 1 {
			t.Errorf("the new name: %q", found)
		}
		err := db.Read(ctx, func(tx *sqldb.Tx) (err error) {
			p, err = search.New().SavedTx(ctx, tx)
			return err
		})
		if err != nil || p != (search.Progress{}) {
			t.Errorf("nothing is left to go on with: %+v %v", p, err)
		}
	})
}

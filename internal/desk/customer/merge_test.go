package customer_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Whatever is merged in whatever order, every id that was ever given leads to
// exactly the one customer who has the address now, and no address is lost.
func TestMergesKeepEveryAddress(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	// One engine is enough for the rule; TestMergesCannotLeadInACircle is about locks.
	d := newDesk(t, dbtest.SQLite(t, c), c)
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		n := rapid.IntRange(2, 6).Draw(r, "customers")
		ids, group := make([]string, n), make([]int, n)
		address := func(i int) string { return fmt.Sprintf("r%d-c%d@example.jp", round, i) }
		for i := range ids {
			c, _ := d.see(address(i), "")
			ids[i], group[i] = c.ID, i
		}
		for range rapid.IntRange(1, 6).Draw(r, "merges") {
			from, into := rapid.IntRange(0, n-1).Draw(r, "from"), rapid.IntRange(0, n-1).Draw(r, "into")
			_, err := d.book.Merge(d.Context(), agent, ids[from], ids[into])
			if same := group[from] == group[into]; same != fault.Is(err, fault.Invalid) || !same && err != nil {
				r.Fatalf("merging %d into %d, one already: %v, gave %v", from, into, same, err)
			}
			gone := group[from]
			for i := range group {
				if group[i] == gone {
					group[i] = group[into]
				}
			}
		}
		for i := range ids {
			c := d.byID(ids[i])
			if c.ID != ids[group[i]] || c.MergedInto != "" {
				r.Fatalf("customer %d leads to %s, want %s", i, c.ID, ids[group[i]])
			}
			if owner, _ := d.see(address(i), ""); owner.ID != c.ID {
				r.Fatalf("address %d belongs to %s, want %s", i, owner.ID, c.ID)
			}
			if want := members(group, group[i]); len(c.Points) != want {
				r.Fatalf("customer %d has %d points, want %d", i, len(c.Points), want)
			}
		}
	})
}

func members(group []int, of int) (n int) {
	for _, g := range group {
		if g == of {
			n++
		}
	}
	return n
}

// A listener that hears late of a merge is told who has the customer now.
func TestALateListenerFindsTheCustomer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := newDesk(t, db, c)
		var ids []string
		for _, address := range []string{"a@x.example", "b@x.example", "c@x.example"} {
			who, _ := d.see(address, "")
			ids = append(ids, who.ID)
		}
		for i := range 2 {
			if _, err := d.book.Merge(t.Context(), agent, ids[i], ids[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		heard := ""
		listen := d.book.Present(func(_ context.Context, _ *sqldb.Tx, _ event.Fact, m customer.MergedData) error {
			heard = m.Into
			return nil
		})
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			return listen(t.Context(), tx, event.Fact{Subject: ids[0]}, customer.MergedData{From: ids[0], Into: ids[1]})
		})
		if err != nil || heard != ids[2] {
			t.Errorf("told of %s, want %s: %v", heard, ids[2], err)
		}
	})
}

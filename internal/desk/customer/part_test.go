package customer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// What was joined by proof is beyond doubt, what an agent decided is not until it
// is taken back; and only what somebody has changed since stays of what was learned.
func TestPartingAndProof(t *testing.T) {
	each(t, func(d *desk) {
		kept, _ := d.see("kept@x.example", "")
		proven, _ := d.see("proven@x.example", "")
		decided, _ := d.see("decided@x.example", "Decided")
		beyondDoubt := func(want bool) {
			d.Helper()
			d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) error {
				got, err := d.book.OneAllAlong(d.Context(), tx, kept.ID)
				if got != want {
					d.Errorf("beyond doubt: %v, want %v", got, want)
				}
				return err
			}))
		}
		beyondDoubt(true)
		_, err := d.book.Merge(d.Context(), actor.OfSystem("chat"), proven.ID, kept.ID)
		d.must(err)
		beyondDoubt(true)
		_, err = d.book.Merge(d.Context(), agent, decided.ID, kept.ID)
		d.must(err)
		beyondDoubt(false)
		note := "written since"
		_, err = d.book.Change(d.Context(), agent, kept.ID, customer.Change{Note: &note})
		d.must(err)

		var joins []customer.Join
		d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) (err error) {
			joins, err = d.book.Joins(d.Context(), tx, kept.ID)
			return err
		}))
		if len(joins) != 2 || joins[0].Name != "Decided" || joins[0].Proven || joins[1].Name != "proven@x.example" || !joins[1].Proven {
			d.Fatalf("joins %+v", joins)
		}
		part := func(id string) error {
			return d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
				_, err := d.book.PartTx(d.Context(), tx, agent, id)
				return err
			})
		}
		d.must(part(joins[0].ID))
		beyondDoubt(true)
		if one, two := d.byID(kept.ID), d.byID(decided.ID); one.Name != "" || one.Note != note || len(one.Points) != 2 || two.Name != "Decided" || len(two.Points) != 1 {
			d.Errorf("kept %+v, back %+v", one, two)
		}
		if err := part("join_none"); !fault.Is(err, fault.NotFound) {
			d.Errorf("no join: %v", err)
		}
	})
}

// A listener waits for a parting that is under way, and then hears of nothing.
func TestAListenerWaitsForAParting(t *testing.T) {
	each(t, func(d *desk) {
		back, _ := d.see("back@x.example", "")
		kept, _ := d.see("kept@x.example", "")
		_, err := d.book.Merge(d.Context(), agent, back.ID, kept.ID)
		d.must(err)
		heard := make(chan error, 1)
		listen := d.book.Present(func(context.Context, *sqldb.Tx, event.Fact, customer.MergedData) error {
			return errors.New("told of a join that was taken back")
		})
		d.must(d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
			joins, err := d.book.Joins(d.Context(), tx, kept.ID)
			if err != nil {
				return err
			}
			if _, err := d.book.PartTx(d.Context(), tx, agent, joins[0].ID); err != nil {
				return err
			}
			go func() {
				heard <- d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
					return listen(d.Context(), tx, event.Fact{Subject: back.ID}, customer.MergedData{From: back.ID, Into: kept.ID})
				})
			}()
			time.Sleep(200 * time.Millisecond) // let it begin
			return nil
		}))
		if err := <-heard; err != nil {
			d.Error(err)
		}
	})
}

// A note goes with whom it is about, whoever took them in, and in whatever order
// they are parted.
func TestPartingTakesTheNoteAlong(t *testing.T) {
	for name, into := range map[string][2]int{"side by side": {2, 2}, "in a chain": {1, 2}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(d *desk) {
				var ids []string
				for _, who := range []string{"a", "b", "k"} {
					c, _ := d.see(who+"@x.example", "")
					if note := "note of " + who; who != "k" {
						_, err := d.book.Change(d.Context(), agent, c.ID, customer.Change{Note: &note})
						d.must(err)
					}
					ids = append(ids, c.ID)
				}
				for i := range 2 {
					d.clock.Advance(time.Second)
					_, err := d.book.Merge(d.Context(), agent, ids[i], ids[into[i]])
					d.must(err)
				}
				for i, want := range [][3]string{{"note of a", "note of b", "note of b"}, {"note of a", "note of b", ""}} {
					d.must(d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
						joins, err := d.book.Joins(d.Context(), tx, ids[2])
						for _, j := range joins {
							if j.From == ids[i] {
								_, err = d.book.PartTx(d.Context(), tx, agent, j.ID)
							}
						}
						return err
					}))
					for n, id := range ids {
						if got := d.byID(id).Note; got != want[n] {
							d.Errorf("after parting %d: %d has %q, want %q", i, n, got, want[n])
						}
					}
				}
			})
		})
	}
}

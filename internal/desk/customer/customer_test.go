package customer_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// desk is the slice on one database.
type desk struct {
	*testing.T
	db      *sqldb.DB
	clock   *clock.Manual
	journal *event.Journal
	book    *customer.Book
	read    int64
}

var agent = actor.ForAgent("agt_1")

func each(t *testing.T, fn func(d *desk)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(newDesk(t, db, c)) })
}

func newDesk(t *testing.T, db *sqldb.DB, c *clock.Manual) *desk {
	ids := id.NewSource(c, rand.Reader)
	j := event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler)))
	return &desk{T: t, db: db, clock: c, journal: j, book: customer.NewBook(db, ids, j)}
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// see resolves a sign of life, a second after the last.
func (d *desk) see(address, name string) (c customer.Customer, created bool) {
	d.Helper()
	d.clock.Advance(time.Second)
	d.must(d.db.Write(d.Context(), func(tx *sqldb.Tx) (err error) {
		c, created, err = d.book.ResolveTx(d.Context(), tx, customer.Seen{Kind: customer.Email, Address: address, Name: name})
		return err
	}))
	return c, created
}

func (d *desk) byID(id string) (c customer.Customer) {
	d.Helper()
	d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) (err error) {
		c, err = d.book.ByID(d.Context(), tx, id)
		return err
	}))
	return c
}

func (d *desk) wantFacts(want ...string) (data []json.RawMessage) {
	d.Helper()
	var got []string
	d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) error {
		facts, err := d.journal.Since(d.Context(), tx, d.read, 1000)
		for _, f := range facts {
			d.read = f.Seq
			got, data = append(got, f.Name+" "+f.Subject), append(data, f.Data)
		}
		return err
	}))
	if !slices.Equal(got, want) {
		d.Errorf("facts\n%v, want\n%v", got, want)
	}
	return data
}

func TestResolve(t *testing.T) {
	each(t, func(d *desk) {
		c, created := d.see(" Hanako@Example.jp ", "")
		if !created || c.Name != "" || c.Address(customer.Email) != "Hanako@Example.jp" || c.Label() != "Hanako@Example.jp" {
			d.Errorf("made %v %+v", created, c)
		}
		d.wantFacts(customer.CreatedFact + " " + c.ID)
		again, created := d.see("hanako@example.JP", "佐藤\r\n花子")
		if created || again.ID != c.ID || again.Name != "佐藤 花子" || !again.SeenAt.Equal(d.clock.Now()) {
			d.Errorf("found %v %+v", created, again)
		}
		d.wantFacts(customer.UpdatedFact + " " + c.ID)
		again, _ = d.see("hanako@example.jp", "Somebody Else")
		if again.Name != "佐藤 花子" {
			d.Errorf("a later header renamed the customer to %s", again.Name)
		}
		d.wantFacts()
		if diff := cmp.Diff(again, d.byID(c.ID)); diff != "" {
			d.Errorf("returned and stored differ:\n%s", diff)
		}
		other, _ := d.see("taro@example.jp", "TARO@example.jp")
		if other.Name != "" {
			d.Errorf("an address became the name %q", other.Name)
		}
	})
}

func TestResolveRefusesNoAddress(t *testing.T) {
	each(t, func(d *desk) {
		for _, s := range []customer.Seen{
			{Kind: customer.Email}, {Kind: customer.Email, Address: " \u200b "}, {Address: "a@b.jp"},
			{Kind: customer.Email, Address: strings.Repeat("a", 400) + "@b.jp"},
		} {
			err := d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
				_, _, err := d.book.ResolveTx(d.Context(), tx, s)
				return err
			})
			if !fault.Is(err, fault.Invalid) {
				d.Errorf("%+v: %v", s, err)
			}
		}
		d.wantFacts()
	})
}

func TestTwoFirstMailsMakeOneCustomer(t *testing.T) {
	each(t, func(d *desk) {
		var wg sync.WaitGroup
		got := make([]string, 8)
		errs := make([]error, len(got))
		for n := range got {
			wg.Go(func() {
				errs[n] = d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
					c, _, err := d.book.ResolveTx(d.Context(), tx, customer.Seen{Kind: customer.Email, Address: "new@example.jp"})
					got[n] = c.ID
					return err
				})
			})
		}
		wg.Wait()
		for n := range got {
			if errs[n] != nil || got[n] != got[0] {
				d.Errorf("mail %d: %s %v", n, got[n], errs[n])
			}
		}
		d.wantFacts(customer.CreatedFact + " " + got[0])
	})
}

func TestChange(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		c, _ := d.see("a@example.jp", "A")
		d.wantFacts(customer.CreatedFact + " " + c.ID)
		name, note, org, locale := " 青木 ", "prefers mail\nin the evening", "Aoki KK", "ja"
		got, err := d.book.Change(ctx, agent, c.ID, customer.Change{Name: &name, Note: &note, Organization: &org, Locale: &locale, Version: c.Version})
		d.must(err)
		if got.Name != "青木" || got.Note != note || got.Version != c.Version+1 {
			d.Errorf("changed to %+v", got)
		}
		d.wantFacts(customer.UpdatedFact + " " + c.ID)
		if diff := cmp.Diff(got, d.byID(c.ID)); diff != "" {
			d.Errorf("stored:\n%s", diff)
		}
		_, err = d.book.Change(ctx, agent, c.ID, customer.Change{Name: &note, Version: c.Version})
		if !fault.Is(err, fault.Conflict) {
			d.Errorf("an old version: %v", err)
		}
		_, err = d.book.Change(ctx, agent, c.ID, customer.Change{Name: &note})
		if !fault.Is(err, fault.Invalid) { // a line break
			d.Errorf("a name of two lines: %v", err)
		}
		_, err = d.book.Change(ctx, agent, c.ID, customer.Change{Name: &name})
		d.must(err)
		d.wantFacts()
		_, err = d.book.Change(ctx, agent, "cust_none", customer.Change{Name: &name})
		if !fault.Is(err, fault.NotFound) {
			d.Errorf("nobody: %v", err)
		}
	})
}

func TestMerge(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		first, _ := d.see("first@example.jp", "")
		second, _ := d.see("second@example.jp", "Second")
		third, _ := d.see("third@example.jp", "Third")
		note := "from the second"
		_, err := d.book.Change(ctx, agent, second.ID, customer.Change{Note: &note})
		d.must(err)
		d.wantFacts(customer.CreatedFact+" "+first.ID, customer.CreatedFact+" "+second.ID, customer.CreatedFact+" "+third.ID, customer.UpdatedFact+" "+second.ID)

		got, err := d.book.Merge(ctx, agent, second.ID, first.ID)
		d.must(err)
		if got.ID != first.ID || got.Name != "Second" || got.Note != note || len(got.Points) != 2 || !got.SeenAt.Equal(second.SeenAt) || !got.CreatedAt.Equal(first.CreatedAt) {
			d.Errorf("merged into %+v", got)
		}
		data := d.wantFacts(customer.MergedFact+" "+second.ID, customer.UpdatedFact+" "+first.ID)
		var m customer.MergedData
		d.must(json.Unmarshal(data[0], &m))
		if m.From != second.ID || m.Into != first.ID || !slices.Equal(m.PointIDs, []string{second.Points[0].ID}) {
			d.Errorf("the fact says %+v", m)
		}
		if diff := cmp.Diff(got, d.byID(second.ID)); diff != "" {
			d.Errorf("the old id leads to:\n%s", diff)
		}
		if c, created := d.see("second@example.jp", "Again"); created || c.ID != first.ID {
			d.Errorf("the moved address belongs to %+v", c)
		}

		// A chain keeps one step: second → first → third.
		got, err = d.book.Merge(ctx, agent, first.ID, third.ID)
		d.must(err)
		if got.Name != "Third" || len(got.Points) != 3 || d.byID(second.ID).ID != third.ID || d.byID(first.ID).ID != third.ID {
			d.Errorf("after a chain: %+v", got)
		}
		for _, pair := range [][2]string{{third.ID, third.ID}, {second.ID, first.ID}, {third.ID, first.ID}} {
			if _, err := d.book.Merge(ctx, agent, pair[0], pair[1]); !fault.Is(err, fault.Invalid) {
				d.Errorf("merging %v, one person already: %v", pair, err)
			}
		}
		if _, err := d.book.Merge(ctx, agent, "cust_none", third.ID); !fault.Is(err, fault.NotFound) {
			d.Errorf("merging nobody: %v", err)
		}
	})
}

func TestMergesCannotLeadInACircle(t *testing.T) {
	each(t, func(d *desk) {
		a, _ := d.see("a@example.jp", "A")
		b, _ := d.see("b@example.jp", "B")
		var wg sync.WaitGroup
		for _, pair := range [][2]string{{a.ID, b.ID}, {b.ID, a.ID}} {
			wg.Go(func() {
				// The later of the two finds them one already.
				if _, err := d.book.Merge(d.Context(), agent, pair[0], pair[1]); err != nil && !fault.Is(err, fault.Invalid) {
					d.Error(err)
				}
			})
		}
		wg.Wait()
		if x, y := d.byID(a.ID), d.byID(b.ID); x.ID != y.ID || x.MergedInto != "" || len(x.Points) != 2 {
			d.Errorf("a leads to %+v, b to %+v", x, y)
		}
	})
}

func TestList(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		for n := range 7 {
			d.see(fmt.Sprintf("c%d@shop%d.example", n, n%2), fmt.Sprintf("Customer %d", n))
		}
		taro, _ := d.see("50%_off@example.jp", "タロウ スズキ")
		gone, _ := d.see("gone@example.jp", "Gone")
		_, err := d.book.Merge(ctx, agent, gone.ID, taro.ID)
		d.must(err)
		list := func(q customer.Query) (names []string, next string) {
			d.must(d.db.Read(ctx, func(tx *sqldb.Tx) error {
				page, err := d.book.List(ctx, tx, q)
				for _, c := range page.Items {
					names = append(names, c.Name)
					if len(c.Points) == 0 {
						d.Errorf("%s has no points", c.Name)
					}
				}
				next = page.Next
				return err
			}))
			return names, next
		}
		var all []string
		for next, pages := "", 0; pages == 0 || next != ""; pages++ {
			var names []string
			names, next = list(customer.Query{Cursor: next, Limit: 3})
			all = append(all, names...)
		}
		want := []string{"タロウ スズキ", "Customer 6", "Customer 5", "Customer 4", "Customer 3", "Customer 2", "Customer 1", "Customer 0"}
		if !slices.Equal(all, want) {
			d.Errorf("all: %v", all)
		}
		for text, want := range map[string][]string{
			"ﾀﾛｳ":         {"タロウ スズキ"},
			"スズキ":         {"タロウ スズキ"},
			"ロウ":          nil, // not a beginning
			"CUSTOMER 3":  {"Customer 3"},
			"c2@":         {"Customer 2"},
			"shop1.exam":  {"Customer 5", "Customer 3", "Customer 1"},
			"50%_":        {"タロウ スズキ"},
			"5%":          nil,
			"_":           nil,
			"gone@exampl": {"タロウ スズキ"}, // the address moved
			"Gone":        {"タロウ スズキ"},
			"'; DROP":     nil,
		} {
			if got, _ := list(customer.Query{Text: text}); !slices.Equal(got, want) {
				d.Errorf("%q finds %v, want %v", text, got, want)
			}
		}
		d.must(d.db.Read(ctx, func(tx *sqldb.Tx) error {
			_, err := d.book.List(ctx, tx, customer.Query{Cursor: "%%%"})
			if !fault.Is(err, fault.Invalid) {
				d.Errorf("a cursor that is none: %v", err)
			}
			return nil
		}))
	})
}

func TestBounced(t *testing.T) {
	each(t, func(d *desk) {
		c, _ := d.see("a@example.jp", "A")
		d.must(d.db.Write(d.Context(), func(tx *sqldb.Tx) error {
			return d.book.BouncedTx(d.Context(), tx, customer.Email, "A@EXAMPLE.JP")
		}))
		if p := d.byID(c.ID).Points[0]; !p.BouncedAt.Equal(d.clock.Now()) {
			d.Errorf("point %+v", p)
		}
	})
}

func TestByPoint(t *testing.T) {
	each(t, func(d *desk) {
		c, _ := d.see("a@example.jp", "A")
		d.must(d.db.Read(d.Context(), func(tx *sqldb.Tx) error {
			got, found, err := d.book.ByPoint(d.Context(), tx, customer.Email, "A@example.jp")
			if !found || err != nil || cmp.Diff(c, got) != "" {
				d.Errorf("by point: %v %v %+v", found, err, got)
			}
			_, found, err = d.book.ByPoint(d.Context(), tx, "line", "a@example.jp")
			if found {
				d.Error("an address of one kind was found as another")
			}
			return err
		}))
	})
}

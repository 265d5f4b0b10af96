package contact_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

func TestNumbers(t *testing.T) {
	cases := []struct {
		number string
		class  contact.Class
		dial   string
	}{
		{"0120-123-456", contact.Free, "0120123456"},
		{"０１２０（１２３）４５６", contact.Free, "0120123456"},
		{"0800-123-4567", contact.Free, "08001234567"},
		{"0570-012-345", contact.Navi, "0570012345"},
		{"050-1234-5678", contact.IP, "+815012345678"},
		{"090-1234-5678", contact.Mobile, "+819012345678"},
		{"+81 80 1234 5678", contact.Mobile, "+818012345678"},
		{"+81 (0)3 1234 5678", contact.Landline, "+81312345678"},
		{"03-1234-5678", contact.Landline, "+81312345678"},
		{"0120-12-34567", contact.Landline, "+811201234567"}, // one digit too many: no toll-free number
		{"+44 20 7946 0018", contact.Abroad, "+442079460018"},
		{"1-800-555-0100", contact.Abroad, "18005550100"},
	}
	for _, c := range cases {
		if got := contact.Classify(c.number); got != c.class {
			t.Errorf("%q is %s, want %s", c.number, got, c.class)
		}
		if got := contact.Dial(c.number); got != c.dial {
			t.Errorf("%q is dialled %q, want %q", c.number, got, c.dial)
		}
	}
}

// desk is the registry on one database, with two brands.
type desk struct {
	*testing.T
	db          *sqldb.DB
	points      *contact.Points
	boxes       *inbox.Inboxes
	shop, other brand.Brand
}

var by = actor.ForAgent("agt_1")

func each(t *testing.T, fn func(d *desk)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ids := id.NewSource(c, rand.Reader)
		journal := event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler)))
		brands, boxes := brand.NewBrands(db, ids, journal), inbox.NewInboxes(db, ids, journal, seal.Random())
		d := &desk{T: t, db: db, boxes: boxes, points: contact.New(contact.Tools{DB: db, IDs: ids, Journal: journal, Brands: brands, Inboxes: boxes})}
		for name, to := range map[string]*brand.Brand{"Shop": &d.shop, "Other": &d.other} {
			var err error
			if *to, err = brands.Create(t.Context(), by, brand.Change{Name: &name}); err != nil {
				t.Fatal(err)
			}
		}
		fn(d)
	})
}

func (d *desk) phone() contact.Change {
	c := contact.Content{Kind: contact.Phone, Value: "0120-123-456", Label: phrase.Words{Ja: "修理受付"}, Languages: []string{"ja", "zh-Hans"}, Access: []contact.Access{contact.Relay}}
	return contact.Change{BrandID: &d.shop.ID, Content: &c}
}

func TestRegistry(t *testing.T) {
	each(t, func(d *desk) {
		one, err := d.points.Create(d.Context(), by, d.phone())
		if err != nil {
			d.Fatal(err)
		}
		second, off := 1, false
		ch := d.phone()
		ch.Position = &second
		two, err := d.points.Create(d.Context(), by, ch)
		if err != nil {
			d.Fatal(err)
		}
		first := -1 // in front of all
		if two, err = d.points.Change(d.Context(), by, two.ID, contact.Change{Position: &first, Version: two.Version}); err != nil {
			d.Fatal(err)
		}
		if _, err := d.points.Change(d.Context(), by, two.ID, contact.Change{Position: &second, Version: 1}); !fault.Is(err, fault.Conflict) {
			d.Errorf("a stale change: %v", err)
		}
		if got := d.of(); !slices.Equal(got, []string{two.ID, one.ID}) {
			d.Errorf("order %v", got)
		}
		if _, err := d.points.Change(d.Context(), by, two.ID, contact.Change{Active: &off}); err != nil {
			d.Fatal(err)
		}
		if got := d.of(); !slices.Equal(got, []string{one.ID}) {
			d.Errorf("customers see %v", got)
		}
		if err := d.points.Delete(d.Context(), by, one.ID); err != nil {
			d.Fatal(err)
		}
		if err := d.points.Delete(d.Context(), by, one.ID); !fault.Is(err, fault.NotFound) {
			d.Errorf("deleted twice: %v", err)
		}
	})
}

func (d *desk) of() (ids []string) {
	d.Helper()
	if err := d.db.Read(d.Context(), func(tx *sqldb.Tx) error {
		list, err := d.points.Of(d.Context(), tx, d.shop.ID)
		for _, p := range list {
			ids = append(ids, p.ID)
		}
		return err
	}); err != nil {
		d.Fatal(err)
	}
	return ids
}

func TestRefusals(t *testing.T) {
	each(t, func(d *desk) {
		elsewhere := d.other.ID
		box, err := d.boxes.Create(d.Context(), by, inbox.Change{BrandID: &elsewhere, Name: ref("s"), Address: ref("s@other.example")})
		if err != nil {
			d.Fatal(err)
		}
		cases := map[string]func(*contact.Change){
			"body.brandId":     func(ch *contact.Change) { ch.BrandID = ref("brand_unknown") },
			"body.inboxId":     func(ch *contact.Change) { ch.InboxID = &box.ID }, // of another brand
			"body.kind":        func(ch *contact.Change) { ch.Content.Kind = "pigeon" },
			"body.value":       func(ch *contact.Change) { ch.Content.Value = "call us" },
			"body.url":         func(ch *contact.Change) { ch.Content.URL = "javascript:alert(1)" },
			"body.languages.0": func(ch *contact.Change) { ch.Content.Languages = []string{"Japanese"} },
			"body.access":      func(ch *contact.Change) { ch.Content.Access = []contact.Access{"magic"} },
			"body.label.ja":    func(ch *contact.Change) { ch.Content.Label.Ja = strings.Repeat("長", 101) },
			"body.note.en":     func(ch *contact.Change) { ch.Content.Note.En = "a\x00b" },
			"body.hours": func(ch *contact.Change) {
				ch.Content.Hours = &worktime.Hours{Week: worktime.Week{Mon: []worktime.Range{{From: "18:00", To: "09:00"}}}}
			},
		}
		for path, spoil := range cases {
			ch := d.phone()
			spoil(&ch)
			_, err := d.points.Create(d.Context(), by, ch)
			var f *fault.Error
			if !errors.As(err, &f) || !slices.ContainsFunc(f.Fields, func(one fault.Field) bool { return one.Path == path }) {
				d.Errorf("%s: %v", path, err)
			}
		}
		for _, kind := range []contact.Kind{contact.Mail, contact.Chat, contact.Form, contact.Social, contact.Shop, contact.Post, contact.Fax} {
			ch := d.phone()
			*ch.Content = contact.Content{Kind: kind}
			if _, err := d.points.Create(d.Context(), by, ch); !fault.Is(err, fault.Invalid) {
				d.Errorf("an empty %s: %v", kind, err)
			}
		}
	})
}

func ref[T any](v T) *T { return &v }

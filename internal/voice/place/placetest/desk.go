// Package placetest sets up a desk with a place, for tests of what happens where
// its stickers hang.
package placetest

import (
	"context"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	sent "github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
)

// PublicURL is how the desk is reached.
const PublicURL = "https://desk.example"

// Desk is a desk in Japan whose shop has one sticker at its counter.
type Desk struct {
	*threadtest.Desk
	Places  *place.Places
	Forms   *form.Forms
	Shop    place.Place
	Counter place.Sticker
}

// New sets one up.
func New(t testing.TB, db *sqldb.DB, c *clock.Manual) *Desk {
	t.Helper()
	d := &Desk{Desk: threadtest.New(t, db, c)}
	door := intake.New(intake.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Blobs: d.Blobs, Kinds: []channel.Kind{d.Wire.Kind(), sent.Kind, sent.Anonymous},
		Inboxes: d.Inboxes, Customers: d.Customers, Outbox: d.Outbox, Threads: d.Threads, Queue: d.Queue})
	d.Forms = form.New(form.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Key: d.Key, Words: d.Phrases, Brands: d.Brands, Tags: d.Tags, Customers: d.Customers,
		Inboxes: d.Inboxes, Outbox: d.Outbox, Threads: d.Threads, Door: door, PublicURL: PublicURL,
		Elsewhere: func(ctx context.Context, tx *sqldb.Tx, id string) (form.Form, error) {
			return d.Places.Form(ctx, tx, id)
		}})
	d.Places = place.New(place.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Key: d.Key, Words: d.Phrases, Brands: d.Brands, Inboxes: d.Inboxes,
		Forms: d.Forms, Contacts: contact.New(contact.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Brands: d.Brands, Inboxes: d.Inboxes}), PublicURL: PublicURL})
	event.On(d.Journal, conversation.ReceivedFact, "form.received", d.Forms.OnReceived)
	var err error
	d.Shop, err = d.Places.Create(d.Context(), d.Hana, place.Change{InboxID: &d.Support.ID, Name: &phrase.Words{Ja: "新宿店", En: "Shinjuku shop"}})
	if err != nil {
		t.Fatal(err)
	}
	d.Counter = d.Issue("2F レジ")
	return d
}

// Issue issues a sticker of the shop.
func (d *Desk) Issue(label string) place.Sticker {
	d.Helper()
	list, err := d.Places.Issue(d.Context(), d.Hana, d.Shop.ID, []string{label})
	if err != nil {
		d.Fatal(err)
	}
	return list[0]
}

// Opened is what the code of a sticker leads to.
func (d *Desk) Opened(s place.Sticker) place.Opened {
	d.Helper()
	opened, err := d.Places.Open(d.Context(), s.Code)
	if err != nil {
		d.Fatal(err)
	}
	return opened
}

// Days returns what was counted of a sticker: day → scans, starts, submits, kiosk,
// complaints, and the five scores from the lowest.
func (d *Desk) Days(s place.Sticker) map[int][10]int {
	d.Helper()
	out := map[int][10]int{}
	d.Read(func(tx *sqldb.Tx) error {
		rows, err := tx.Query(d.Context(), `SELECT day, scans, starts, submits, kiosk, complaints, s1, s2, s3, s4, s5 FROM sticker_day WHERE sticker_id = $1`, s.ID)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var day int
			var n [10]int
			if err := rows.Scan(&day, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9]); err != nil {
				return err
			}
			out[day] = n
		}
		return rows.Err()
	})
	return out
}

// Package surveytest sets up a small desk that asks its customers, for tests of
// surveys and of what follows from them.
package surveytest

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// PublicURL is how the desk is reached.
const PublicURL = "https://desk.example"

// Desk is a desk whose support inbox asks its customers.
type Desk struct {
	*threadtest.Desk
	Program *survey.Program
}

// New sets up a desk in Japan with surveys switched on: an hour after the
// resolution, everybody, a rest of 14 days, quiet from 21:00 to 08:00.
func New(t testing.TB, db *sqldb.DB, c *clock.Manual) *Desk {
	t.Helper()
	d := &Desk{Desk: threadtest.New(t, db, c)}
	p, err := survey.New(survey.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Queue: d.Queue, Brands: d.Brands, Customers: d.Customers,
		Inboxes: d.Inboxes, Threads: d.Threads, Post: d.Outbox, Words: d.Phrases, PublicURL: PublicURL + "/"})
	d.must(err)
	d.Program = p
	event.On(d.Journal, conversation.ResolvedFact, "survey.plan", p.OnResolved)
	event.On(d.Journal, delivery.Changed, "survey.delivery", p.OnDelivery)
	event.On(d.Journal, customer.MergedFact, "survey.customer", p.OnCustomerMerged)
	by := actor.OfSystem("test")
	d.Brand, err = d.Brands.Change(t.Context(), by, d.Brand.ID, brand.Change{Name: new("山吹堂"), Color: new("#f2b705")})
	d.must(err)
	d.Support, err = d.Inboxes.Change(t.Context(), by, d.Support.ID, inbox.Change{SenderName: new("山吹堂サポート"),
		Signature: new("山吹堂 お客様サポート\nsupport@shop.example")})
	d.must(err)
	d.Policy(func(p *survey.Policy) { p.Enabled = true })
	return d
}

func (d *Desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// Policy changes the support inbox's policy.
func (d *Desk) Policy(change func(*survey.Policy)) {
	d.Helper()
	var p survey.Policy
	d.Read(func(tx *sqldb.Tx) (err error) {
		p, err = d.Program.Policy(d.Context(), tx, d.Support.ID)
		return err
	})
	change(&p)
	_, err := d.Program.SetPolicy(d.Context(), d.Hana, p)
	d.must(err)
}

// Mail is what a customer writes. InReplyTo is a Message-ID it answers.
type Mail struct {
	From, Name, Subject, Text, Language string
	InReplyTo                           string
	Automatic                           bool // a machine's
}

// Take takes a mail in and returns the conversation it went to.
func (d *Desk) Take(m Mail) conversation.ID {
	d.Helper()
	in := channel.Message{ExternalID: strings.ToLower(rand.Text()) + "@mail.example", From: channel.Address{Name: m.Name, Address: m.From},
		Subject: m.Subject, Text: m.Text, Language: m.Language, At: d.Clock.Now()}
	if m.InReplyTo != "" {
		in.InReplyTo = []string{m.InReplyTo}
	}
	if m.Automatic {
		in.Auto = "auto-generated"
	}
	return d.Receive(threadtest.Mail{Message: in, Muted: m.Automatic}).ConversationID
}

// Hanako writes a mail about a teapot.
func (d *Desk) Hanako() conversation.ID {
	d.Helper()
	return d.Take(Mail{From: "hanako@example.jp", Name: "山田 花子", Subject: "急須のふたが欠けていました", Text: "届いた急須のふたが欠けていました。", Language: "ja"})
}

// Set changes a conversation's status as the agent Hana does, who takes it first.
func (d *Desk) Set(id conversation.ID, s conversation.Status) {
	d.Helper()
	_, err := d.Threads.Change(d.Context(), d.Hana, id, conversation.Patch{Status: &s, AssigneeID: &d.Hana.ID})
	d.must(err)
	d.Rest()
}

// Resolve resolves a conversation.
func (d *Desk) Resolve(id conversation.ID) { d.Helper(); d.Set(id, conversation.Resolved) }

// Invitations returns all invitations, the oldest first.
func (d *Desk) Invitations() []survey.Invitation {
	d.Helper()
	var page survey.InvitationPage
	d.Read(func(tx *sqldb.Tx) (err error) {
		page, err = d.Program.Invitations(d.Context(), tx, survey.InvitationQuery{Limit: 200})
		return err
	})
	out := page.Items
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// Told returns the facts of a name, oldest first.
func (d *Desk) Told(name string) []event.Fact {
	d.Helper()
	var all, out []event.Fact
	d.Read(func(tx *sqldb.Tx) (err error) {
		all, err = d.Journal.Since(d.Context(), tx, 0, 100_000)
		return err
	})
	for _, f := range all {
		if f.Name == name {
			out = append(out, f)
		}
	}
	return out
}

// Token returns the token in the links of a letter.
func Token(m channel.Outgoing) string {
	_, after, _ := strings.Cut(m.Text, PublicURL+"/s/")
	token, _, _ := strings.Cut(after, "?")
	return token
}

// Asked has Hanako write, the agent resolve and the survey sent, and returns the mail.
func (d *Desk) Asked() channel.Outgoing {
	d.Helper()
	d.Resolve(d.Hanako())
	return d.Surveyed()
}

// Surveyed lets time pass until something is sent, over a night at most, and
// returns it.
func (d *Desk) Surveyed() channel.Outgoing {
	d.Helper()
	before := len(d.Wire.Sent())
	for range 4 {
		d.Wait(6 * time.Hour)
		if sent := d.Wire.Sent(); len(sent) > before {
			return sent[before]
		}
	}
	d.Fatalf("no survey was sent; invitations: %+v", d.Invitations())
	return channel.Outgoing{}
}

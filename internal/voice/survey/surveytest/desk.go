// Package surveytest sets up a small desk for tests of surveys: one brand, one
// inbox, one agent, the real slices on a real database, and a post office that
// keeps what is sent.
package surveytest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/web"
)

// PublicURL is how the desk is reached.
const PublicURL = "https://desk.example"

// Desk is a small desk.
type Desk struct {
	T         testing.TB
	DB        *sqldb.DB
	Clock     *clock.Manual
	Journal   *event.Journal
	Queue     *job.Queue
	Agents    *team.Agents
	Brands    *brand.Brands
	Customers *customer.Book
	Inboxes   *inbox.Inboxes
	Threads   *conversation.Threads
	Post      *delivery.Post
	Program   *survey.Program
	Words     *phrase.Catalogue
	Office    *Office

	Brand brand.Brand
	Inbox inbox.Inbox
	Agent team.Agent
}

// New sets up a desk in Japan with surveys switched on: an hour after the
// resolution, everybody, a rest of 14 days, quiet from 21:00 to 08:00.
func New(t testing.TB, db *sqldb.DB, c *clock.Manual) *Desk {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	ids := id.NewSource(c, rand.Reader)
	queue := job.New(db, ids, log)
	journal := event.NewJournal(db, queue)
	words, err := phrase.Load(web.Messages())
	must(t, err)
	blobs, err := blob.Open(t.TempDir())
	must(t, err)
	key := seal.Random()
	d := &Desk{T: t, DB: db, Clock: c, Journal: journal, Queue: queue, Words: words, Office: &Office{}}
	d.Brands, d.Customers = brand.NewBrands(db, ids, journal), customer.NewBook(db, ids, journal)
	d.Inboxes = inbox.NewInboxes(db, ids, journal, key)
	d.Post = delivery.New(delivery.Tools{DB: db, IDs: ids, Journal: journal, Queue: queue, Blobs: blobs, Log: log,
		Open: func(context.Context, string) (channel.Channel, error) { return d.Office, nil }})
	d.Agents = team.NewAgents(db, ids, journal)
	d.Threads = conversation.New(conversation.Tools{DB: db, IDs: ids, Journal: journal, Queue: queue, Outbox: d.Post, Inboxes: d.Inboxes,
		Brands: d.Brands, Customers: d.Customers, Agents: d.Agents, Tags: tag.NewTags(db, ids, journal), Phrases: words, Key: key})
	d.Program, err = survey.New(survey.Tools{DB: db, IDs: ids, Journal: journal, Queue: queue, Brands: d.Brands, Customers: d.Customers,
		Inboxes: d.Inboxes, Threads: d.Threads, Post: d.Post, Words: words, PublicURL: PublicURL + "/"})
	must(t, err)
	event.On(journal, conversation.ResolvedFact, "survey.plan", d.Program.OnResolved)
	event.On(journal, delivery.Changed, "survey.delivery", d.Program.OnDelivery)
	event.On(journal, customer.MergedFact, "survey.merge", d.Program.OnCustomerMerged)
	d.furnish()
	return d
}

func (d *Desk) furnish() {
	d.T.Helper()
	ctx, by := d.T.Context(), actor.OfSystem("test")
	var err error
	d.Brand, err = d.Brands.Create(ctx, by, brand.Change{Name: new("山吹堂"), Locale: new("ja"), Zone: new("Asia/Tokyo"), Color: new("#f2b705")})
	must(d.T, err)
	d.Inbox, err = d.Inboxes.Create(ctx, by, inbox.Change{BrandID: &d.Brand.ID, Name: new("サポート"), Address: new("support@yamabuki.example"),
		SenderName: new("山吹堂サポート"), Signature: new("山吹堂 お客様サポート\nsupport@yamabuki.example")})
	must(d.T, err)
	d.Agent, err = d.Agents.Create(ctx, by, team.NewAgent{Name: "佐藤 美咲", Email: "sato@yamabuki.example", Role: team.Worker, Password: "correct horse battery"})
	must(d.T, err)
	d.Policy(func(p *survey.Policy) { p.Enabled = true })
}

// Policy changes the inbox's policy.
func (d *Desk) Policy(change func(*survey.Policy)) {
	d.T.Helper()
	var p survey.Policy
	d.Read(func(tx *sqldb.Tx) (err error) {
		p, err = d.Program.Policy(d.T.Context(), tx, d.Inbox.ID)
		return err
	})
	change(&p)
	_, err := d.Program.SetPolicy(d.T.Context(), actor.ForAgent(d.Agent.ID), p)
	must(d.T, err)
}

// Read runs fn in a read transaction.
func (d *Desk) Read(fn func(tx *sqldb.Tx) error) {
	d.T.Helper()
	must(d.T, d.DB.Read(d.T.Context(), fn))
}

// Write runs fn in a write transaction.
func (d *Desk) Write(fn func(tx *sqldb.Tx) error) {
	d.T.Helper()
	must(d.T, d.DB.Write(d.T.Context(), fn))
}

// Run does everything that is due until nothing is.
func (d *Desk) Run() {
	d.T.Helper()
	for did := true; did; {
		did = false
		for _, lane := range []string{job.DoLane, delivery.MailLane} {
			did1, err := d.Queue.Step(d.T.Context(), lane, "test")
			must(d.T, err)
			did = did || did1
		}
	}
}

// Mail is what a customer writes. InReplyTo is a Message-ID it answers.
type Mail struct {
	From, Name, Subject, Text, Language string
	InReplyTo                           string
	Automatic                           string // why it is a machine's; "" for a person's
}

// Receive takes a mail in, as intake does, and returns the conversation it went to.
func (d *Desk) Receive(m Mail) conversation.ID {
	d.T.Helper()
	var to conversation.ID
	d.Write(func(tx *sqldb.Tx) error {
		ctx := d.T.Context()
		who, _, err := d.Customers.ResolveTx(ctx, tx, customer.Seen{Kind: customer.Email, Address: m.From, Name: m.Name, Locale: m.Language})
		if err != nil {
			return err
		}
		in := &channel.Message{ExternalID: strings.ToLower(rand.Text()) + "@mail.example", From: channel.Address{Name: m.Name, Address: m.From},
			Subject: m.Subject, Text: m.Text, Visible: m.Text, Language: m.Language, Auto: m.Automatic, At: tx.Now}
		if m.InReplyTo != "" {
			in.InReplyTo = []string{m.InReplyTo}
		}
		match, err := d.Threads.MatchTx(ctx, tx, conversation.Evidence{InboxID: d.Inbox.ID, Senders: []string{m.From}, CustomerID: who.ID, InReplyTo: in.InReplyTo})
		if err != nil {
			return err
		}
		msg, err := d.Threads.ReceiveTx(ctx, tx, conversation.Received{Inbox: d.Inbox, Customer: who, Match: match, Message: in, Muted: m.Automatic != ""})
		to = msg.ConversationID
		return err
	})
	return to
}

// Hanako writes a mail about a teapot.
func (d *Desk) Hanako() conversation.ID {
	d.T.Helper()
	return d.Receive(Mail{From: "hanako@example.jp", Name: "山田 花子", Subject: "急須のふたが欠けていました", Text: "届いた急須のふたが欠けていました。", Language: "ja"})
}

// Set changes a conversation's status as the agent does, who takes it first.
func (d *Desk) Set(id conversation.ID, s conversation.Status) {
	d.T.Helper()
	_, err := d.Threads.Change(d.T.Context(), actor.ForAgent(d.Agent.ID), id, conversation.Patch{Status: &s, AssigneeID: &d.Agent.ID})
	must(d.T, err)
	d.Run()
}

// Resolve resolves a conversation.
func (d *Desk) Resolve(id conversation.ID) { d.T.Helper(); d.Set(id, conversation.Resolved) }

// Invitations returns all invitations, the oldest first.
func (d *Desk) Invitations() []survey.Invitation {
	d.T.Helper()
	var page survey.InvitationPage
	d.Read(func(tx *sqldb.Tx) (err error) {
		page, err = d.Program.Invitations(d.T.Context(), tx, survey.InvitationQuery{Limit: 200})
		return err
	})
	out := page.Items
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// Facts returns the facts about a subject by name.
func (d *Desk) Facts(name string) []event.Fact {
	d.T.Helper()
	var all, out []event.Fact
	d.Read(func(tx *sqldb.Tx) (err error) {
		all, err = d.Journal.Since(d.T.Context(), tx, 0, 100_000)
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
	d.T.Helper()
	d.Resolve(d.Hanako())
	return d.Surveyed()
}

// Surveyed lets time pass until something is sent, over a night at most, and
// returns it.
func (d *Desk) Surveyed() channel.Outgoing {
	d.T.Helper()
	before := len(d.Office.Sent())
	for range 4 {
		d.Clock.Advance(6 * time.Hour)
		d.Run()
		if sent := d.Office.Sent(); len(sent) > before {
			return sent[before]
		}
	}
	d.T.Fatalf("no survey was sent; invitations: %+v", d.Invitations())
	return channel.Outgoing{}
}

// Office is a channel that keeps what is sent.
type Office struct {
	mu   sync.Mutex
	sent []channel.Outgoing
	Fail error // what sending meets; nil: success
}

// Send implements channel.Channel.
func (o *Office) Send(ctx context.Context, m *channel.Outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m.Committing != nil {
		if err := m.Committing(ctx); err != nil {
			return err
		}
	}
	if o.Fail != nil {
		return o.Fail
	}
	o.sent = append(o.sent, *m)
	return nil
}

// Close implements channel.Channel.
func (o *Office) Close() error { return nil }

// Sent returns what was sent.
func (o *Office) Sent() []channel.Outgoing {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]channel.Outgoing(nil), o.sent...)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

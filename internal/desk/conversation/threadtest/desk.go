// Package threadtest sets up a small desk for tests: one brand, two inboxes,
// two agents, an outbox whose far side is a Wire, and the threads, all on a real
// database.
package threadtest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
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
)

// The addresses of the desk.
const (
	Support = "support@shop.example" // alias help@shop.example
	Alias   = "help@shop.example"
	Sales   = "sales@shop.example"
)

// Desk is everything a test needs. Hana and Ken are agents.
type Desk struct {
	testing.TB
	DB        *sqldb.DB
	Clock     *clock.Manual
	Queue     *job.Queue
	IDs       *id.Source
	Journal   *event.Journal
	Blobs     *blob.Store
	Key       *seal.Key
	Phrases   *phrase.Catalogue
	Customers *customer.Book
	Agents    *team.Agents
	Teams     *team.Teams
	Brands    *brand.Brands
	Tags      *tag.Tags
	Inboxes   *inbox.Inboxes
	Outbox    *delivery.Post
	Threads   *conversation.Threads
	Drafts    *conversation.Drafts
	Files     *conversation.Files
	Wire      *Wire
	More      []channel.Kind  // channels beside the Wire's; for Beside
	Far       channel.Channel // the far side of every inbox in the Wire's place; for Beside

	Brand          brand.Brand
	Support, Sales inbox.Inbox
	Hana, Ken      actor.Actor
}

// New sets up a desk in an empty database.
func New(t testing.TB, db *sqldb.DB, c *clock.Manual) *Desk {
	t.Helper()
	d := &Desk{TB: t, DB: db, Clock: c, Key: seal.Random(), Wire: &Wire{}, Phrases: Phrases(t)}
	d.Blobs = must(blob.Open(t.TempDir()))(t)
	d.build()
	d.furnish()
	return d
}

// Beside is another node on the same database, which mints ids of its own. The
// clock is everybody's: set it to what the node that acts next believes.
func (d *Desk) Beside() *Desk {
	other := *d
	other.build()
	return &other
}

func (d *Desk) build() {
	db, log := d.DB, slog.New(slog.DiscardHandler)
	d.IDs = id.NewSource(d.Clock, rand.Reader)
	d.Queue = job.New(db, d.IDs, log)
	d.Journal = event.NewJournal(db, d.Queue)
	d.Customers = customer.NewBook(db, d.IDs, d.Journal)
	d.Agents, d.Teams = team.NewAgents(db, d.IDs, d.Journal), team.NewTeams(db, d.IDs, d.Journal)
	d.Brands, d.Tags = brand.NewBrands(db, d.IDs, d.Journal), tag.NewTags(db, d.IDs, d.Journal)
	d.Inboxes = inbox.NewInboxes(db, d.IDs, d.Journal, d.Key).Over(append([]channel.Kind{d.Wire.Kind(), webchat.Kind}, d.More...)...)
	d.Outbox = delivery.New(delivery.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Queue: d.Queue, Blobs: d.Blobs, Log: log,
		Open: d.Open})
	d.Threads = conversation.New(conversation.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Queue: d.Queue, Outbox: d.Outbox,
		Inboxes: d.Inboxes, Brands: d.Brands, Customers: d.Customers, Agents: d.Agents, Teams: d.Teams, Tags: d.Tags,
		Phrases: d.Phrases, Key: d.Key})
	d.Drafts = conversation.NewDrafts(db, d.Journal)
	d.Files = conversation.NewFiles(db, d.IDs, d.Blobs)
	event.On(d.Journal, delivery.Changed, "conversation.delivery", d.Threads.Reactor().OnDelivery)
	event.On(d.Journal, customer.MergedFact, "conversation.customer", d.Customers.Present(d.Threads.Reactor().OnCustomerMerged))
	event.On(d.Journal, customer.UpdatedFact, "conversation.named", d.Threads.Reactor().OnCustomerNamed)
}

// Open returns the far side of an inbox.
func (d *Desk) Open(context.Context, string) (channel.Channel, error) {
	if d.Far != nil {
		return d.Far, nil
	}
	return d.Wire, nil
}

func (d *Desk) furnish() {
	ctx, sys := d.Context(), actor.OfSystem("test")
	d.Brand = must(d.Brands.Create(ctx, sys, brand.Change{Name: ref("金継堂"), Locale: ref("ja"), Zone: ref("Asia/Tokyo")}))(d)
	box := func(name, address string, aliases ...string) inbox.Inbox {
		return must(d.Inboxes.Create(ctx, sys, inbox.Change{BrandID: &d.Brand.ID, Name: &name, Address: &address, Aliases: &aliases,
			SenderName: ref("金継堂サポート"), Signature: ref("金継堂 お客様窓口\n電話 03-0000-0000")}))(d)
	}
	d.Support, d.Sales = box("Support", Support, Alias), box("Sales", Sales)
	hana := must(d.Agents.Create(ctx, sys, team.NewAgent{Name: "佐藤花", Email: "hana@shop.example", Role: team.Worker}))(d)
	ken := must(d.Agents.Create(ctx, sys, team.NewAgent{Name: "Ken Mori", Email: "ken@shop.example", Role: team.Worker}))(d)
	d.Hana, d.Ken = actor.ForAgent(hana.ID), actor.ForAgent(ken.ID)
}

func ref[T any](v T) *T { return &v }

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Phrases loads the catalogue of the checkout.
func Phrases(t testing.TB) *phrase.Catalogue {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
	return must(phrase.Load(os.DirFS(filepath.Join(root, "web", "messages"))))(t)
}

// Write runs fn in a transaction; a failure ends the test.
func (d *Desk) Write(fn func(tx *sqldb.Tx) error) {
	d.Helper()
	if err := d.DB.Write(d.Context(), fn); err != nil {
		d.Fatal(err)
	}
}

// Read runs fn in a reading transaction; a failure ends the test.
func (d *Desk) Read(fn func(tx *sqldb.Tx) error) {
	d.Helper()
	if err := d.DB.Read(d.Context(), fn); err != nil {
		d.Fatal(err)
	}
}

// Rest does everything that is due.
func (d *Desk) Rest() {
	d.Helper()
	if _, err := d.Queue.Drain(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// Wait moves the clock and does everything that is due by then.
func (d *Desk) Wait(span time.Duration) {
	d.Helper()
	d.Clock.Advance(span)
	d.Rest()
}

// Mail is an incoming message of a test.
type Mail struct {
	channel.Message
	Inbox inbox.Inbox // zero: Support
	At    time.Time
	Muted bool
	Files []conversation.Attachment // Content-ID, name and type; the bytes are the name
}

// Receive puts a message where it belongs, as intake does.
func (d *Desk) Receive(m Mail) conversation.Message {
	d.Helper()
	if m.Inbox.ID == "" {
		m.Inbox = d.Support
	}
	if m.Visible == "" {
		m.Visible = m.Text
	}
	for i, a := range m.Files {
		key, size, err := d.Blobs.Put(d.Context(), strings.NewReader(a.Name))
		if err != nil {
			d.Fatal(err)
		}
		m.Files[i].ID, m.Files[i].BlobKey, m.Files[i].Size = d.IDs.New("att"), key, size
	}
	var out conversation.Message
	d.Write(func(tx *sqldb.Tx) error {
		ctx := d.Context()
		who, _, err := d.Customers.ResolveTx(ctx, tx, customer.Seen{Kind: m.Inbox.Kind, Address: m.From.Address, Name: m.From.Name, Locale: m.Language})
		if err != nil {
			return err
		}
		senders := []string{m.From.Address}
		for _, a := range m.ReplyTo {
			senders = append(senders, a.Address)
		}
		match, err := d.Threads.MatchTx(ctx, tx, conversation.Evidence{InboxID: m.Inbox.ID, Senders: senders, CustomerID: who.ID,
			InReplyTo: m.InReplyTo, References: m.References})
		if err != nil {
			return err
		}
		out, err = d.Threads.ReceiveTx(ctx, tx, conversation.Received{Inbox: m.Inbox, Customer: who, Match: match, Message: &m.Message,
			HTML: conversation.CleanHTML(m.HTML), Attachments: m.Files, At: m.At, Muted: m.Muted})
		return err
	})
	return out
}

// Conversation reads a conversation.
func (d *Desk) Conversation(id conversation.ID) (c conversation.Conversation) {
	d.Helper()
	d.Read(func(tx *sqldb.Tx) (err error) {
		c, err = d.Threads.ByID(d.Context(), tx, id)
		return err
	})
	return c
}

// Thread reads the messages of a conversation, oldest first.
func (d *Desk) Thread(id conversation.ID) []conversation.Message {
	d.Helper()
	var page conversation.Thread
	d.Read(func(tx *sqldb.Tx) (err error) {
		page, err = d.Threads.Messages(d.Context(), tx, conversation.Span{ConversationID: id, Limit: 200})
		return err
	})
	return page.Messages
}

// Facts returns the names of the facts about a subject, oldest first.
func (d *Desk) Facts(subject string) []string {
	d.Helper()
	names := []string{}
	d.Read(func(tx *sqldb.Tx) error {
		facts, err := d.Journal.About(d.Context(), tx, subject)
		for _, f := range facts {
			names = append(names, f.Name)
		}
		return err
	})
	return names
}

// Count counts the rows of a table.
func (d *Desk) Count(table string) (n int) {
	d.Helper()
	d.Read(func(tx *sqldb.Tx) error {
		return tx.QueryRow(d.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n) // arch:composed
	})
	return n
}

// Wire is the far side of the outbox. It accepts everything unless Fail says
// otherwise.
type Wire struct {
	mu   sync.Mutex
	sent []channel.Outgoing
	fail error
	mute bool
}

// Kind is the kind of all inboxes: it says whether the Wire is there at all.
func (w *Wire) Kind() channel.Kind {
	return channel.Kind{Name: inbox.Email, Sends: func([]byte) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return !w.mute
	}}
}

// Mute takes every inbox's way to send away, or gives it back.
func (w *Wire) Mute(mute bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mute = mute
}

// Fail lets all further letters fail with err; nil lets them through again.
func (w *Wire) Fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = err
}

// Sent returns what the far side has accepted.
func (w *Wire) Sent() []channel.Outgoing {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]channel.Outgoing(nil), w.sent...)
}

// Send implements channel.Channel.
func (w *Wire) Send(ctx context.Context, m *channel.Outgoing) error {
	w.mu.Lock()
	fail := w.fail
	w.mu.Unlock()
	if fail != nil && !channel.IsAmbiguous(fail) {
		return fail
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	if fail != nil {
		return fail
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, *m)
	return nil
}

// Close implements channel.Channel.
func (w *Wire) Close() error { return nil }

package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/builtin"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/internal/front/live"
	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/front/push"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/web"
)

// App is one instance of the product: everything, connected. Make it with New,
// then Listen, then Run.
type App struct {
	cfg  Config
	log  *slog.Logger
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	// kit
	db      *sqldb.DB
	ids     *id.Source
	key     *seal.Key
	words   *phrase.Catalogue
	blobs   *blob.Store
	queue   *job.Queue
	journal *event.Journal

	// serve
	agents    *team.Agents
	teams     *team.Teams
	setup     *team.Setup
	brands    *brand.Brands
	tags      *tag.Tags
	customers *customer.Book
	inboxes   *inbox.Inboxes
	outbox    *delivery.Post
	threads   *conversation.Threads
	drafts    *conversation.Drafts
	files     *conversation.Files
	door      *intake.Door
	finder    *search.Finder
	claims    *claim.Claims
	forms     *form.Forms
	contacts  *contact.Points
	reception *reception.Receptions

	// listen, mend
	program  *survey.Program
	places   *place.Places
	recovery recovery.Handles
	bell     *notice.Bell
	byMail   *chat.Mailer
	push     *push.Push

	// outlets
	exchange *exchange
	hub      *live.Hub
	chat     *chat.Chat
	api      *api.Routes
	whispers *whisperer
	metrics  *metrics
	handler  http.Handler
	web      net.Listener
	mail     []*receiver

	strangerProxy sync.Once // warned of a proxy that is not trusted
	newerSchema   sync.Once // warned of a schema that a newer program made
	pulse         pulse
}

// New opens the data of an instance, brings its schema up to date and connects
// all parts. Nothing runs yet.
func New(ctx context.Context, cfg Config) (*App, error) {
	if err := cfg.Prepare(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: cfg.Log, dial: fetch.Dialer{Allow: cfg.AllowNet}.Dial}
	if err := a.openKit(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	kinds := cfg.Kinds
	if kinds == nil {
		kinds = builtin.Kinds()
	}
	if err := a.connect(kinds); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.listeners()
	if err := a.duties(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.outlets(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// openKit opens what the slices stand on.
func (a *App) openKit(ctx context.Context) (err error) {
	cfg := a.cfg
	if a.db, err = sqldb.Open(ctx, cfg.Database, sqldb.Options{Clock: cfg.Clock, Relaxed: cfg.Relaxed, Existing: cfg.Existing}); err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return err
	}
	if cfg.Key != "" {
		a.key, err = seal.Parse(cfg.Key)
	} else {
		a.key, err = seal.Load(cfg.KeyPath())
	}
	if err != nil {
		return fmt.Errorf("instance key: %w", err)
	}
	if a.words, err = phrase.Load(web.Messages()); err != nil {
		return fmt.Errorf("messages: %w", err)
	}
	openBlobs := blob.Open
	if cfg.Relaxed {
		openBlobs = blob.OpenRelaxed
	}
	if a.blobs, err = openBlobs(cfg.blobPath()); err != nil {
		return err
	}
	if _, err := a.db.Migrate(ctx); err != nil {
		return err
	}
	a.ids = id.NewSource(cfg.Clock, rand.Reader)
	a.queue = job.New(a.db, a.ids, a.log)
	a.queue.Grace = cfg.StopGrace
	a.journal = event.NewJournal(a.db, a.queue)
	return nil
}

// connect builds the slices, from the ground up. Each gets what it needs and
// knows nothing of those after it.
func (a *App) connect(kinds []channel.Kind) (err error) {
	db, ids, journal, queue := a.db, a.ids, a.journal, a.queue
	a.agents = team.NewAgents(db, ids, journal)
	a.teams = team.NewTeams(db, ids, journal)
	a.setup = team.NewSetup(a.agents)
	a.brands = brand.NewBrands(db, ids, journal)
	a.tags = tag.NewTags(db, ids, journal)
	a.customers = customer.NewBook(db, ids, journal)
	a.inboxes = inbox.NewInboxes(db, ids, journal, a.key).Over(kinds...)
	a.exchange = newExchange(a, kinds)
	a.outbox = delivery.New(delivery.Tools{
		DB: db, IDs: ids, Journal: journal, Queue: queue, Blobs: a.blobs, Log: a.log,
		Open: a.exchange.channel, Flag: a.flagInbox, Link: outside{a}.linkTo, Preview: outside{a}.previewOf,
	})
	a.whispers = newWhisperer(a)
	a.threads = conversation.New(conversation.Tools{
		DB: db, IDs: ids, Journal: journal, Queue: queue, Outbox: a.outbox, Inboxes: a.inboxes, Brands: a.brands,
		Customers: a.customers, Agents: a.agents, Teams: a.teams, Tags: a.tags, Phrases: a.words, Key: a.key, Looked: a.whispers.looked,
	})
	a.door = intake.New(intake.Tools{
		DB: db, IDs: ids, Journal: journal, Blobs: a.blobs, Kinds: kinds, Inboxes: a.inboxes, Customers: a.customers,
		Outbox: a.outbox, Threads: a.threads, Log: a.log, Queue: queue, Open: a.exchange.channel,
	})
	a.drafts = conversation.NewDrafts(db, journal)
	a.files = conversation.NewFiles(db, ids, a.blobs)
	a.finder = search.New()
	a.claims = claim.New(claim.Tools{DB: db, IDs: ids, Journal: journal, Words: a.words, Brands: a.brands, Customers: a.customers, Inboxes: a.inboxes,
		Outbox: a.outbox, PublicURL: strings.TrimRight(a.cfg.PublicURL, "/")})
	a.forms = form.New(form.Tools{
		DB: db, IDs: ids, Journal: journal, Key: a.key, Words: a.words, Brands: a.brands, Tags: a.tags, Customers: a.customers,
		Inboxes: a.inboxes, Outbox: a.outbox, Threads: a.threads, Door: a.door, PublicURL: strings.TrimRight(a.cfg.PublicURL, "/"),
		Elsewhere: func(ctx context.Context, tx *sqldb.Tx, id string) (form.Form, error) {
			return a.places.Form(ctx, tx, id)
		},
	})
	a.contacts = contact.New(contact.Tools{DB: db, IDs: ids, Journal: journal, Brands: a.brands, Inboxes: a.inboxes})
	a.reception = reception.New(db, journal, a.inboxes)
	a.program, err = survey.New(survey.Tools{
		DB: db, IDs: ids, Journal: journal, Queue: queue, Brands: a.brands, Customers: a.customers, Inboxes: a.inboxes,
		Threads: a.threads, Post: a.outbox, Words: a.words, PublicURL: a.cfg.PublicURL,
	})
	if err != nil {
		return err
	}
	a.places = place.New(place.Tools{
		DB: db, IDs: ids, Journal: journal, Key: a.key, Words: a.words, Brands: a.brands, Inboxes: a.inboxes, Forms: a.forms,
		Contacts: a.contacts, PublicURL: strings.TrimRight(a.cfg.PublicURL, "/"),
	})
	a.recovery = recovery.New(recovery.Tools{
		DB: db, IDs: ids, Journal: journal, Queue: queue, Agents: a.agents, Brands: a.brands, Threads: a.threads, Program: a.program,
	})
	a.bell = notice.New(notice.Tools{
		DB: db, IDs: ids, Journal: journal, Agents: a.agents, Brands: a.brands, Customers: a.customers, Inboxes: a.inboxes,
		Threads: a.threads, Outbox: a.outbox, Words: a.words, PublicURL: a.cfg.PublicURL,
	})
	a.push = push.New(push.Deps{
		DB: db, Queue: queue, Key: a.key, Inboxes: a.inboxes, Brands: a.brands, Threads: a.threads, Words: a.words, Log: a.log, Client: a.exchange.client, Origin: a.cfg.PublicURL,
	})
	a.byMail = chat.NewMailer(chat.MailDeps{Queue: queue, Brands: a.brands, Inboxes: a.inboxes, Outbox: a.outbox, Threads: a.threads, Words: a.words})
	return nil
}

// Close releases everything. It is safe after a failed New.
func (a *App) Close() error {
	var errs []error
	if a.web != nil {
		if err := a.web.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	for _, m := range a.mail {
		errs = append(errs, m.close())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	return errors.Join(errs...)
}

// Run serves until ctx ends, then lets what is under way finish. Everything
// that runs is in this list.
func (a *App) Run(ctx context.Context) error {
	if w, err := AfterRestore(ctx, a.Inside()); ctx.Err() != nil {
		return nil // stopped before anything ran; the mark, if there is one, stays
	} else if err != nil {
		return fmt.Errorf("after a restore: %w", err)
	} else if w != (Waiting{}) {
		a.log.WarnContext(ctx, "restored from a backup; what had waited to be sent is left to the agents", "letters", w.Letters, "notices", w.Notices, "invitations", w.Invitations)
	}
	g, ctx := errgroup.WithContext(ctx)
	if n, err := a.blobs.Tidy(ctx, clock.System{}.Now().Add(-leftAfter)); err != nil || n > 0 {
		a.log.InfoContext(ctx, "removed what a crash had left in the folder of files", "count", n, "error", err)
	}
	g.Go(func() error { return a.queue.Run(ctx) })
	g.Go(func() error { return a.journal.Run(ctx) })
	g.Go(func() error { return a.hub.Run(ctx) })
	g.Go(func() error { return a.chat.Run(ctx) })
	g.Go(func() error { return a.whispers.run(ctx) })
	g.Go(func() error { return roller{a}.run(ctx) })
	g.Go(func() error { return a.exchange.Run(ctx) })
	g.Go(func() error { return atRest(ctx) })
	if a.web != nil {
		g.Go(func() error { return a.serveHTTP(ctx, a.web) })
	}
	for _, m := range a.mail {
		g.Go(func() error { return m.run(ctx) })
	}
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/front/webhook"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// exchange connects inboxes with their channels: it opens them when something
// is to be sent, and keeps those listening that fetch by themselves. When an
// inbox is changed, its channel is opened anew.
type exchange struct {
	app   *App
	kinds map[string]channel.Kind
	odd   tally // calls that were not believed or not understood
	// client is for channels that talk HTTP.
	client *http.Client

	mu     sync.Mutex
	active map[string]channel.Channel // by inbox, those that listen on this node
}

// refreshEvery bounds how long an inbox changed on another node keeps its old channel here.
const refreshEvery = 5 * time.Second

func newExchange(a *App, kinds []channel.Kind) *exchange {
	x := &exchange{app: a, kinds: map[string]channel.Kind{}, active: map[string]channel.Channel{}, client: fetch.Client(a.dial)}
	for _, k := range kinds {
		x.kinds[k.Name] = k
	}
	return x
}

// channel opens the channel of an inbox; the caller closes it.
func (x *exchange) channel(ctx context.Context, id string) (channel.Channel, error) {
	var in inbox.Inbox
	var secrets []byte
	err := x.app.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		if in, err = x.app.inboxes.ByID(ctx, tx, id); err != nil {
			return err
		}
		secrets, err = x.app.inboxes.Secrets(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	host := x.trial(id)
	host.Cursor = x.app.inboxes.CursorOf(id)
	host.Calendar = func(ctx context.Context) (*worktime.Calendar, error) {
		return x.hours(ctx, in.BrandID)
	}
	host.Healthy = func(ctx context.Context, err error) {
		if e := x.app.inboxes.Healthy(ctx, id, inbox.Receiving, err); e != nil && ctx.Err() == nil {
			x.app.log.WarnContext(ctx, "noting an inbox's health", "inbox", id, "error", e)
		}
	}
	return x.make(in.Kind, in.Settings, secrets, host)
}

// hours are the business hours of a brand.
func (x *exchange) hours(ctx context.Context, brandID string) (c *worktime.Calendar, err error) {
	err = x.app.db.Read(ctx, func(tx *sqldb.Tx) error {
		b, err := x.app.brands.ByID(ctx, tx, brandID)
		if err == nil {
			c, err = b.Calendar()
		}
		return err
	})
	return c, err
}

// trial is what a channel is offered that is only being tried: it remembers
// nothing. id is "" for an inbox that is not saved yet.
func (x *exchange) trial(id string) channel.Host {
	host := channel.Host{
		Log:    x.app.log.With("inbox", id),
		Clock:  x.app.cfg.Clock,
		Dial:   x.app.dial,
		Client: x.client,
		Words:  x.app.words.Text,
		Healthy: func(context.Context, error) {
			// An endpoint that is only being tried reports to whoever tries it.
		},
	}
	if id != "" {
		host.Hook = x.app.cfg.PublicURL + webhook.Base + id
	}
	return host
}

func (x *exchange) make(kind string, settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	k, ok := x.kinds[kind]
	if !ok {
		return nil, &channel.SettingsError{Err: fault.New(fault.Invalid, "error.inbox.kind", "kind", kind)}
	}
	return k.Open(settings, secrets, host)
}

// check tries settings that may not be saved yet, of an inbox that may not be
// either, and returns the other side's words.
func (x *exchange) check(ctx context.Context, id, kind string, settings, secrets []byte) ([]channel.Step, error) {
	ch, err := x.make(kind, settings, secrets, x.trial(id))
	if err != nil {
		return []channel.Step{
			{Part: "receive", Name: "settings", Text: err.Error()},
			{Part: "send", Name: "settings", Text: err.Error()},
		}, nil
	}
	defer func() { _ = ch.Close() }() // it was opened only for this
	checker, ok := ch.(channel.Checker)
	if !ok {
		return nil, fault.New(fault.Invalid, "error.inbox.check")
	}
	return checker.Check(ctx), nil
}

// Run keeps every active inbox listening until ctx ends.
func (x *exchange) Run(ctx context.Context) error {
	news, stop := x.app.journal.Follow()
	defer stop()
	running := map[string]*listening{}
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		if err := x.refresh(ctx, running, &wg); err != nil && ctx.Err() == nil {
			x.app.log.WarnContext(ctx, "looking after the inboxes", "error", err)
		}
		select { // inboxes change rarely and facts are many: look at most every few seconds
		case <-ctx.Done():
			return nil
		case <-time.After(refreshEvery):
		}
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		case <-time.After(12 * refreshEvery):
		}
	}
}

type listening struct {
	version int64
	cancel  context.CancelFunc
}

func (x *exchange) refresh(ctx context.Context, running map[string]*listening, wg *sync.WaitGroup) error {
	var list []inbox.Inbox
	err := x.app.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		list, err = x.app.inboxes.List(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	wanted := map[string]int64{}
	for _, in := range list {
		if in.Active {
			wanted[string(in.ID)] = in.Version
		}
	}
	for id, l := range running {
		if v, ok := wanted[id]; !ok || v != l.version {
			l.cancel()
			delete(running, id)
		}
	}
	for id, version := range wanted {
		if running[id] != nil {
			continue
		}
		one, cancel := context.WithCancel(ctx)
		running[id] = &listening{version: version, cancel: cancel}
		wg.Go(func() { x.listen(one, id) })
	}
	return nil
}

// listen receives for one inbox. Of several nodes one listens: the others wait
// for its membership to end.
func (x *exchange) listen(ctx context.Context, id string) {
	for ctx.Err() == nil {
		err := fault.Guard(func() error { return x.session(ctx, id) })
		if ctx.Err() != nil {
			return
		}
		x.ended(ctx, id, err)
		select {
		case <-ctx.Done():
		case <-time.After(refreshEvery):
		}
	}
}

// ended logs why an inbox does not listen any more.
func (x *exchange) ended(ctx context.Context, id string, err error) {
	const message = "an inbox stopped listening; starting again"
	switch stack := fault.Stack(err); {
	case stack != "":
		x.app.log.ErrorContext(ctx, message, "inbox", id, "error", err, "stack", stack)
	case err == nil || fault.Is(err, fault.Unavailable):
		x.app.log.InfoContext(ctx, message, "inbox", id, "error", err)
	default:
		x.app.log.WarnContext(ctx, message, "inbox", id, "error", err)
	}
}

func (x *exchange) session(ctx context.Context, id string) (err error) {
	ch, err := x.channel(ctx, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	listener, ok := ch.(channel.Listener)
	if !ok {
		if c, ok := ch.(channel.Checker); ok {
			x.watch(ctx, id, c)
		}
		<-ctx.Done()
		return nil
	}
	m, err := x.app.db.Join(ctx, "inbox:"+id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Leave()) }()
	// Whatever uses the channel or the membership has ended when they are closed.
	var beside sync.WaitGroup
	defer beside.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	beside.Go(func() {
		select {
		case <-m.Lost():
			cancel()
		case <-ctx.Done():
		}
	})
	x.mark(id, ch)
	defer x.unmark(id, ch)
	if source, ok := ch.(channel.Reconciler); ok {
		beside.Go(func() { x.reconcile(ctx, id, source) })
	}
	return listener.Listen(ctx, func(ctx context.Context, raw channel.Raw) error {
		_, err := x.app.door.Accept(ctx, id, raw)
		return err
	})
}

func (x *exchange) mark(id string, ch channel.Channel) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.active[id] = ch
}

// unmark forgets a channel, unless the inbox was opened anew meanwhile.
func (x *exchange) unmark(id string, ch channel.Channel) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.active[id] == ch {
		delete(x.active, id)
	}
}

// fetch lets an inbox look for mail now, if it listens on this node; elsewhere
// it looks within its own interval.
func (x *exchange) fetch(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if r, ok := x.active[id].(channel.Refresher); ok {
		r.Refresh()
	}
}

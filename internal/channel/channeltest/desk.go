package channeltest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// patience is how long Until waits.
const patience = 20 * time.Second

// Desk is the product as a channel sees it: it takes messages in, keeps each key
// once, as the ledger does, and remembers cursors. Its fields are read after
// Listen was stopped, or under Until.
type Desk struct {
	mu      sync.Mutex
	changed chan struct{}

	Got     []channel.Raw               // in the order in which they came, each key once
	Seen    map[string]int              // how often each key was taken
	Cursors map[string]channel.Position // by folder
	Health  []error                     // what Healthy was told
	Refuse  func(channel.Raw) error     // an error refuses a message; it is not kept
}

// NewDesk returns an empty desk.
func NewDesk() *Desk {
	return &Desk{Cursors: map[string]channel.Position{}, Seen: map[string]int{}, changed: make(chan struct{})}
}

// Change makes a change under the lock and wakes those who wait for one.
func (d *Desk) Change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	close(d.changed)
	d.changed = make(chan struct{})
}

// Get implements channel.Cursor.
func (d *Desk) Get(_ context.Context, folder string) (channel.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Cursors[folder], nil
}

// Set implements channel.Cursor.
func (d *Desk) Set(_ context.Context, folder string, p channel.Position) error {
	d.Change(func() { d.Cursors[folder] = p })
	return nil
}

// Deliver takes a message in.
func (d *Desk) Deliver(_ context.Context, raw channel.Raw) error {
	d.mu.Lock()
	refuse := d.Refuse
	d.mu.Unlock()
	if refuse != nil {
		if err := refuse(raw); err != nil {
			return err
		}
	}
	d.Change(func() {
		if d.Seen[raw.Key]++; d.Seen[raw.Key] == 1 {
			raw.Bytes = slices.Clone(raw.Bytes)
			d.Got = append(d.Got, raw)
		}
	})
	return nil
}

// Healthy is for channel.Host.
func (d *Desk) Healthy(_ context.Context, err error) {
	d.Change(func() { d.Health = append(d.Health, err) })
}

// Host returns a host with d behind it, the machine's clock and network, and the
// test's log.
func (d *Desk) Host(t testing.TB) channel.Host {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	return channel.Host{
		Log:   slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
		Clock: clock.System{}, Dial: dialer.DialContext, Client: fetch.Client(dialer.DialContext), Cursor: d, Healthy: d.Healthy,
	}
}

// Until waits for a condition that a change of the desk brings about.
func (d *Desk) Until(t testing.TB, what string, cond func(d *Desk) bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		d.mu.Lock()
		ok, changed := cond(d), d.changed
		d.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			d.mu.Lock()
			defer d.mu.Unlock()
			t.Fatalf("%s: not within %s; %d messages, cursors %v, health %v", what, patience, len(d.Got), d.Cursors, d.Health)
		}
	}
}

// Listen runs l's Listen until the returned func is called or the test ends.
func (d *Desk) Listen(t testing.TB, l channel.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Listen(ctx, d.Deliver) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Listen: %v", err)
			}
		case <-time.After(patience):
			t.Errorf("Listen goes on after its context has ended")
		}
	})
	t.Cleanup(stop)
	return stop
}

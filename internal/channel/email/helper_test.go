package email_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// desk is the product as a channel sees it: it takes mail in and remembers cursors.
type desk struct {
	mu      sync.Mutex
	cursor  map[string]channel.Position
	got     []channel.Raw
	seen    map[string]int
	refuse  func(channel.Raw) error
	health  []error
	changed chan struct{}
}

func newDesk() *desk {
	return &desk{cursor: map[string]channel.Position{}, seen: map[string]int{}, changed: make(chan struct{})}
}

func (d *desk) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *desk) Get(_ context.Context, folder string) (channel.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cursor[folder], nil
}

func (d *desk) Set(_ context.Context, folder string, p channel.Position) error {
	d.change(func() { d.cursor[folder] = p })
	return nil
}

// deliver keeps each key once, as the ledger does.
func (d *desk) deliver(_ context.Context, raw channel.Raw) error {
	d.mu.Lock()
	refuse := d.refuse
	d.mu.Unlock()
	if refuse != nil {
		if err := refuse(raw); err != nil {
			return err
		}
	}
	d.change(func() {
		if d.seen[raw.Key]++; d.seen[raw.Key] == 1 {
			d.got = append(d.got, raw)
		}
	})
	return nil
}

func (d *desk) healthy(_ context.Context, err error) {
	d.change(func() { d.health = append(d.health, err) })
}

// until waits for a condition that a change can bring about.
func (d *desk) until(t *testing.T, what string, cond func(d *desk) bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
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
			t.Fatalf("%s: not within 20 s; got %d mails, cursor %v, health %v", what, len(d.got), d.cursor, d.health)
		}
	}
}

func (d *desk) host(t *testing.T) channel.Host {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	return channel.Host{
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})), Clock: clock.System{},
		Dial: dialer.DialContext, Cursor: d, Healthy: d.healthy,
	}
}

// open opens a mailbox in a hurry.
func open(t *testing.T, d *desk, settings, secrets []byte) *email.Mailbox {
	t.Helper()
	c, err := email.Kind.Open(settings, secrets, d.host(t))
	if err != nil {
		t.Fatal(err)
	}
	m := c.(*email.Mailbox)
	m.Hurry(nil)
	return m
}

// listen runs Listen until the test ends or the returned func is called.
func (d *desk) listen(t *testing.T, m *email.Mailbox) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Listen(ctx, d.deliver) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Listen: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// edit changes a settings document.
func edit(t *testing.T, doc []byte, change func(map[string]any)) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// part returns a part of a settings document.
func part(m map[string]any, name string) map[string]any { return m[name].(map[string]any) }

package channeltest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Peer is the other side of a channel: a real server of the test's own.
type Peer struct {
	// Settings and Secrets lead to the server.
	Settings, Secrets []byte
	// Put makes the n-th message arrive at the source; nil if the channel does not
	// listen.
	Put func(n int) error
	// Taken returns how many messages the server has accepted from the channel;
	// nil if the channel does not send.
	Taken func() int
	// Outgoing is a message that the server accepts.
	Outgoing func() *channel.Outgoing
}

// garbage is what any channel may be handed from outside.
func garbage() map[string][]byte {
	return map[string][]byte{
		"nothing": nil,
		"zeros":   make([]byte, 1000),
		"noise":   []byte("\x00\xff\xfe\x80\r\n\r\n\x1b$B%\x01{[<"),
		"json":    []byte(`{"a":[{"a":[{"a":1}]}]}`),
		"deep":    []byte(strings.Repeat("{\"a\":[", 50_000)),
		"long":    []byte(strings.Repeat("x", 1<<18)),
	}
}

// Contract plays what the product relies on.
func Contract(t *testing.T, kind channel.Kind, open func(t *testing.T) Peer) {
	t.Run("parse survives garbage", func(t *testing.T) {
		for name, raw := range garbage() {
			t.Run(name, func(t *testing.T) {
				if got := understand(t, kind, raw); len(raw) == 0 && !strings.Contains(got, `"Error"`) {
					t.Errorf("nothing was understood as %s", got)
				}
			})
		}
	})
	t.Run("open refuses broken settings", func(t *testing.T) {
		for _, doc := range []string{`{`, `[]`, `"x"`} {
			if c, err := kind.Open([]byte(doc), nil, NewDesk().Host(t)); !channel.IsSettings(err) {
				t.Errorf("%s: %v, %v", doc, c, err)
			}
		}
	})
	start := func(t *testing.T) (Peer, channel.Channel, *Desk) {
		t.Helper()
		p, d := open(t), NewDesk()
		c, err := kind.Open(p.Settings, p.Secrets, d.Host(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(c.Close(), c.Close()); err != nil {
				t.Errorf("closing twice: %v", err)
			}
		})
		return p, c, d
	}
	t.Run("send", func(t *testing.T) { sends(t, start) })
	t.Run("listen", func(t *testing.T) { listens(t, start) })
	t.Run("check", func(t *testing.T) {
		_, c, _ := start(t)
		if checker, ok := c.(channel.Checker); ok {
			steps := checker.Check(t.Context())
			if len(steps) == 0 || slices.ContainsFunc(steps, func(s channel.Step) bool { return !s.OK || s.Name == "" || s.Part == "" }) {
				t.Errorf("steps %v", steps)
			}
		}
	})
}

type starter func(*testing.T) (Peer, channel.Channel, *Desk)

func sends(t *testing.T, start starter) {
	t.Run("commits once and before the other side has it", func(t *testing.T) {
		p, c, _ := start(t)
		if p.Taken == nil {
			t.Skip("the channel does not send")
		}
		out, commits := p.Outgoing(), 0
		out.Committing = func(context.Context) error {
			if commits++; p.Taken() != 0 {
				t.Error("the other side had it already")
			}
			return nil
		}
		if err := c.Send(t.Context(), out); err != nil || commits != 1 || p.Taken() != 1 {
			t.Errorf("error %v, %d commits, %d taken", err, commits, p.Taken())
		}
	})
	t.Run("sends nothing that may not be sent", func(t *testing.T) {
		p, c, _ := start(t)
		if p.Taken == nil {
			t.Skip("the channel does not send")
		}
		no := errors.New("taken back")
		out := p.Outgoing()
		out.Committing = func(context.Context) error { return no }
		if err := c.Send(t.Context(), out); !errors.Is(err, no) || channel.IsAmbiguous(err) {
			t.Errorf("error %v", err)
		}
		out = p.Outgoing()
		out.To, out.Cc, out.Bcc = nil, nil, nil
		if _, refused := channel.IsRefused(c.Send(t.Context(), out)); !refused {
			t.Error("a message for nobody is not refused")
		}
		out = p.Outgoing()
		out.Only = []string{"somebody.else@elsewhere.example"}
		if _, refused := channel.IsRefused(c.Send(t.Context(), out)); !refused {
			t.Error("a message whose recipients all have it is not refused")
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Send(ended, p.Outgoing()); err == nil || channel.IsAmbiguous(err) {
			t.Errorf("with an ended context: %v", err)
		}
		if n := p.Taken(); n != 0 {
			t.Errorf("the other side has %d messages", n)
		}
	})
}

func listens(t *testing.T, start starter) {
	listener := func(t *testing.T) (Peer, channel.Listener, *Desk) {
		t.Helper()
		p, c, d := start(t)
		l, ok := c.(channel.Listener)
		if !ok || p.Put == nil {
			t.Skip("the channel does not listen")
		}
		return p, l, d
	}
	put := func(t *testing.T, p Peer, from, to int) {
		t.Helper()
		for n := from; n <= to; n++ {
			if err := p.Put(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Run("delivers all, each under its own key", func(t *testing.T) {
		p, l, d := listener(t)
		put(t, p, 1, 3)
		stop := d.Listen(t, l)
		d.Until(t, "what was there", func(d *Desk) bool { return len(d.Got) == 3 })
		put(t, p, 4, 5)
		d.Until(t, "what came later", func(d *Desk) bool { return len(d.Got) == 5 })
		stop()
		for _, raw := range d.Got {
			if raw.Source == "" || raw.Key == "" || len(raw.Bytes) == 0 {
				t.Errorf("delivery %+v", raw)
			}
		}
	})
	t.Run("delivers again under the same key what was not taken", func(t *testing.T) {
		p, l, d := listener(t)
		put(t, p, 1, 2)
		var tries []string
		d.Refuse = func(raw channel.Raw) error {
			if tries = append(tries, raw.Key); len(tries) < 3 {
				return errors.New("not now")
			}
			return nil
		}
		stop := d.Listen(t, l)
		d.Until(t, "both", func(d *Desk) bool { return len(d.Got) == 2 })
		stop()
		if tries[0] != tries[1] || tries[1] != tries[2] {
			t.Errorf("the keys are %v", tries)
		}
		if !slices.ContainsFunc(d.Health, func(err error) bool { return err != nil }) {
			t.Error("nobody was told")
		}
	})
	t.Run("goes on where it was", func(t *testing.T) {
		p, l, d := listener(t)
		put(t, p, 1, 3)
		stop := d.Listen(t, l)
		d.Until(t, "the first", func(d *Desk) bool { return len(d.Got) == 3 })
		d.Until(t, "health", func(d *Desk) bool { return len(d.Health) > 0 })
		stop()
		put(t, p, 4, 4)
		stop = d.Listen(t, l)
		d.Until(t, "the next", func(d *Desk) bool { return len(d.Got) == 4 })
		stop()
		for key, n := range d.Seen {
			if n != 1 {
				t.Errorf("%s was delivered %d times", key, n)
			}
		}
	})
	t.Run("ends with its context", func(t *testing.T) {
		_, l, d := listener(t)
		stop := d.Listen(t, l)
		time.Sleep(10 * time.Millisecond)
		stop()
	})
}

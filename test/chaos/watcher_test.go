package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/lxzan/gws"
)

// watcher is an agent's page: it hears what happens, comes back when the
// connection is lost, and says then what it saw last.
type watcher struct {
	gws.BuiltinEventHandler
	at     func() string // where to connect
	cookie string

	mu      sync.Mutex
	first   int64 // the number the first hello told
	seen    map[int64]time.Time
	names   map[int64]string
	floor   int64 // up to here nothing is missing
	resyncs int
	lost    int // connections
	away    int // times it was told that the database is away
	ready   chan struct{}
	once    sync.Once
	closed  chan struct{}
}

func newWatcher(at func() string, cookie string) *watcher {
	return &watcher{at: at, cookie: cookie, seen: map[int64]time.Time{}, names: map[int64]string{}, first: -1, ready: make(chan struct{})}
}

type heard struct {
	Type    string `json:"type"`
	Seq     int64  `json:"seq"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
}

// OnMessage implements gws.Event.
func (w *watcher) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer func() { _ = m.Close() }() // returns a buffer
	now := time.Now()
	var h heard
	if json.Unmarshal(m.Bytes(), &h) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch h.Type {
	case "hello":
		if w.first < 0 {
			w.first, w.floor = h.Seq, h.Seq
		}
		w.once.Do(func() { close(w.ready) })
	case "fact":
		if _, had := w.seen[h.Seq]; !had {
			w.seen[h.Seq], w.names[h.Seq] = now, h.Name+" "+h.Subject
		}
		for { // what comes in order is settled
			if _, ok := w.seen[w.floor+1]; !ok {
				break
			}
			w.floor++
		}
	case "resync":
		w.resyncs++
	case "away":
		w.away++
	}
}

// OnClose implements gws.Event.
func (w *watcher) OnClose(*gws.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost++
	close(w.closed)
}

// watch stays connected until ctx ends.
func (w *watcher) watch(ctx context.Context) {
	for ctx.Err() == nil {
		conn, _, err := gws.NewClient(w, &gws.ClientOption{Addr: "ws://" + w.at() + "/api/v1/live", HandshakeTimeout: 3 * time.Second,
			RequestHeader: http.Header{"Cookie": {w.cookie}}})
		if err != nil {
			pause(ctx, 100*time.Millisecond)
			continue
		}
		w.mu.Lock()
		w.closed = make(chan struct{})
		closed, since := w.closed, w.floor
		w.mu.Unlock()
		go conn.ReadLoop()
		_ = conn.WriteString(fmt.Sprintf(`{"type":"hello","since":%d}`, since)) // a lost connection shows by itself
		select {
		case <-closed:
		case <-ctx.Done():
			_ = conn.WriteClose(1000, nil) // it may be lost
			<-closed
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// missing counts facts up to a number that it never heard of.
func (w *watcher) missing(last int64) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for seq := w.first + 1; seq <= last; seq++ {
		if _, ok := w.seen[seq]; !ok {
			n++
		}
	}
	return n
}

// when tells when it heard of a fact of a kind about a subject, after a time.
func (w *watcher) when(name, subject string, after time.Time) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for seq, what := range w.names {
		if at := w.seen[seq]; what == name+" "+subject && at.After(after) {
			return at, true
		}
	}
	return time.Time{}, false
}

// signIn starts a session and returns its cookie.
func (v *victim) signIn(email, password string) string {
	v.t.Helper()
	res, err := v.client.Post("http://"+v.web+"/api/v1/session", "application/json", strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)))
	must(v.t, err)
	defer func() { _ = res.Body.Close() }()
	if len(res.Cookies()) == 0 {
		v.t.Fatalf("signing in: %s", res.Status)
	}
	c := res.Cookies()[0]
	return c.Name + "=" + c.Value
}

package live

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of the hub.
const (
	MaxConnections = 20_000           // on one node; more are refused with 503
	maxPending     = 256              // messages a slow reader may be behind before it must load again
	maxCatchUp     = 200              // facts sent after a gap, fewer than may be pending; beyond, the page loads again
	maxFrame       = 4 << 10          // bytes of a message from a browser
	silence        = 75 * time.Second // without a sign of life a connection ends
	heartbeat      = 25 * time.Second // how often a sign of life is asked for
	recheck        = time.Minute      // how often a connection's right to be there is asked again
	tailBatch      = 200
	tailPoll       = time.Second
	tailLimit      = 10 * time.Second // for one look at the journal; then the database is away
)

// Viewer is who watches.
type Viewer struct {
	AgentID string
	// Valid reports whether the viewer is still signed in.
	Valid func(ctx context.Context) bool
}

// Hub holds the connections of one node. Make it with New; it is safe for concurrent use.
type Hub struct {
	db       *sqldb.DB
	journal  *event.Journal
	log      *slog.Logger
	identify func(*http.Request) (Viewer, error)
	upgrader *gws.Upgrader

	seq atomic.Int64 // of the newest fact that was passed on

	typing func(conversation string, on bool) // is told whether agents type

	mu        sync.Mutex
	clients   map[*gws.Conn]*client
	customers map[string]bool // conversations whose customer types
}

type client struct {
	viewer  Viewer
	conn    *gws.Conn
	pending atomic.Int32
	lagging atomic.Bool
	ready   atomic.Bool // said hello
	viewing string      // conversation; guarded by Hub.mu
	typing  bool
}

// New returns a hub that shows a database's journal. identify tells who a
// request is from; an empty AgentID is refused.
func New(db *sqldb.DB, journal *event.Journal, log *slog.Logger, identify func(*http.Request) (Viewer, error)) *Hub {
	h := &Hub{db: db, journal: journal, log: log, identify: identify, clients: map[*gws.Conn]*client{}, customers: map[string]bool{}}
	h.seq.Store(-1)
	h.upgrader = gws.NewUpgrader(&handler{hub: h}, &gws.ServerOption{
		ReadMaxPayloadSize: maxFrame,
		Recovery:           h.recovered,
		Logger:             quiet{log},
	})
	return h
}

// ServeHTTP upgrades a signed-in agent's request to a connection.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	viewer, err := h.identify(r)
	switch {
	case err != nil:
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	case viewer.AgentID == "":
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
		return
	case h.Count() >= MaxConnections:
		w.Header().Set("Retry-After", "30")
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	}
	conn, err := h.upgrader.Upgrade(hijackable{w}, r)
	if err != nil {
		return // the answer has been written
	}
	c := &client{viewer: viewer, conn: conn}
	h.mu.Lock()
	h.clients[conn] = c
	h.mu.Unlock()
	go conn.ReadLoop()
}

// hijackable lets a connection be taken over through whatever middleware wraps
// the writer, as long as that can be unwrapped.
type hijackable struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (w hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Count returns how many browsers are connected to this node.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// Run passes facts on until ctx ends, then closes all connections.
func (h *Hub) Run(ctx context.Context) error {
	news, stop := h.journal.Follow()
	defer stop()
	poll, check, beat := time.NewTicker(tailPoll), time.NewTicker(recheck), time.NewTicker(heartbeat)
	defer poll.Stop()
	defer check.Stop()
	defer beat.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	away := false        // the database, so that pages say so
	var busy atomic.Bool // with the check before: a slow database must not pile them up
	ask := func() {
		defer busy.Store(false)
		if err := fault.Guard(func() error { h.dismiss(ctx); return nil }); err != nil {
			h.log.ErrorContext(ctx, "looking who is still signed in panicked", "error", err, "stack", fault.Stack(err))
		}
	}
	for {
		err := fault.Guard(func() error { return h.tail(ctx) })
		switch stack := fault.Stack(err); {
		case stack != "":
			h.log.ErrorContext(ctx, "live updates panicked; all pages load again", "error", err, "stack", stack)
			h.publish([]byte(`{"type":"resync"}`))
		case err != nil && ctx.Err() == nil:
			h.log.WarnContext(ctx, "reading the journal for live updates", "error", err)
			if !away {
				away = true
				h.publish([]byte(`{"type":"away"}`))
			}
		case err == nil && away:
			away = false
			h.publish([]byte(`{"type":"back"}`))
		}
		select {
		case <-ctx.Done():
			h.closeAll(1001, "restarting")
			return nil
		case <-news:
		case <-poll.C:
		case <-check.C:
			if busy.CompareAndSwap(false, true) {
				asking.Go(ask)
			}
		case <-beat.C:
			for _, c := range h.everybody() {
				c.conn.Async(func() { _ = c.conn.WritePing(nil) }) // the answer, or silence, tells
			}
		}
	}
}

// tail passes on every fact since the last one.
func (h *Hub) tail(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tailLimit)
	defer cancel()
	for {
		var facts []event.Fact
		err := h.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
			from := h.seq.Load()
			if from < 0 { // first look: what is already there, pages load by themselves
				if from, err = h.journal.Last(ctx, tx); err == nil {
					h.seq.Store(from)
				}
				return err
			}
			facts, err = h.journal.Since(ctx, tx, from, tailBatch)
			return err
		})
		if err != nil || len(facts) == 0 {
			return err
		}
		for _, f := range facts {
			h.seq.Store(f.Seq) // before: a fact that panics is not tried for ever
			h.publish(encodeFact(f))
		}
		if len(facts) < tailBatch {
			return nil
		}
	}
}

// publish writes one message to everybody; the frame is made once.
func (h *Hub) publish(payload []byte) {
	b := gws.NewBroadcaster(gws.OpcodeText, payload)
	defer func() { _ = b.Close() }() // returns buffers; it does not fail
	for _, c := range h.everybody() {
		if !c.ready.Load() || !c.room() {
			continue
		}
		if err := b.Broadcast(c.conn); err != nil {
			c.done()
			continue
		}
		// A broadcast has no callback: the writes of a connection are in order, so
		// an empty one behind it tells when it is through.
		c.conn.Async(c.done)
	}
}

func (h *Hub) everybody() []*client {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*client, 0, len(h.clients))
	for _, c := range h.clients {
		out = append(out, c)
	}
	return out
}

// room counts one more message on its way, or notes that the reader is too slow.
func (c *client) room() bool {
	if c.lagging.Load() {
		return false
	}
	if c.pending.Add(1) > maxPending {
		c.lagging.Store(true)
		c.done() // after the note: the last of those before may be through by now
		return false
	}
	return true
}

// done counts one message less; a slow reader that has caught up is told to load again.
func (c *client) done() {
	if c.pending.Add(-1) == 0 && c.lagging.CompareAndSwap(true, false) {
		c.conn.WriteAsync(gws.OpcodeText, []byte(`{"type":"resync"}`), nil)
	}
}

func (c *client) send(v any) {
	b, err := json.Marshal(v)
	if err != nil || !c.room() {
		return
	}
	c.conn.WriteAsync(gws.OpcodeText, b, func(error) { c.done() })
}

func (h *Hub) dismiss(ctx context.Context) {
	for _, c := range h.everybody() {
		if ctx.Err() != nil {
			return // everybody is sent away anyway
		}
		if !c.viewer.Valid(ctx) {
			_ = c.conn.WriteClose(4401, []byte("signed out")) // it may be gone already
		}
	}
}

func (h *Hub) closeAll(code uint16, reason string) {
	for _, c := range h.everybody() {
		_ = c.conn.WriteClose(code, []byte(reason)) // it may be gone already
	}
}

// recovered ends a panic over one browser's message. The library defers it.
func (h *Hub) recovered(gws.Logger) {
	if p := recover(); p != nil {
		h.log.Error("a live message panicked", "panic", p, "stack", string(debug.Stack()))
	}
}

// quiet keeps the library's words out of the log unless debugging: a browser
// that goes away is no news.
type quiet struct{ log *slog.Logger }

// Error implements gws.Logger.
func (q quiet) Error(v ...any) { q.log.Debug("websocket", "detail", v) }

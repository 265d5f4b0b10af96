package chat

import (
	"bufio"
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Limits of the hub.
const (
	MaxConnections = 20_000           // on one node; more are refused with 503
	maxOfVisitor   = 10               // connections of one visitor
	maxFrame       = 4 << 10          // bytes of a message from a page
	maxQueued      = 8                // whispers a slow reader may be behind; further ones are left out
	greetWithin    = 10 * time.Second // a connection must say who it is
	silence        = 75 * time.Second // without a sign of life a connection ends
	heartbeat      = 25 * time.Second
	recheck        = 30 * time.Second // how often it is asked who has left elsewhere
	tailBatch      = 200
	tailPoll       = time.Second
	tailLimit      = 10 * time.Second
)

// Close codes of our own.
const (
	codeSession = 4401 // the session has ended
	codeMany    = 4429 // the visitor has too many connections
)

// hub tells connected pages that there is something to read. It carries no words:
// a page asks for those, and is asked who it is.
type hub struct {
	*Chat
	upgrader *gws.Upgrader
	seq      atomic.Int64 // of the newest fact that was looked at; -1 while nobody listens

	mu      sync.Mutex
	all     map[*gws.Conn]*socket
	writing map[string]bool // conversations in which agents type
}

// socket is one connection of a page.
type socket struct {
	conn    *gws.Conn
	inboxID string // no more of the inbox: there are thousands of connections
	called  bool   // somebody is called when the visitor is away

	who     session  // set by hello; guarded by hub.mu
	own     []string // folded addresses; guarded by hub.mu
	typesIn string   // conversation; guarded by hub.mu
	typedAt time.Time

	queued atomic.Int32
	news   atomic.Bool // is on its way
	more   atomic.Bool // came while news was on its way
}

func newHub(c *Chat) *hub {
	h := &hub{Chat: c, all: map[*gws.Conn]*socket{}, writing: map[string]bool{}}
	h.seq.Store(-1)
	h.upgrader = gws.NewUpgrader(&handler{hub: h}, &gws.ServerOption{ReadMaxPayloadSize: maxFrame, Recovery: h.recovered, Logger: quiet{c.Log}})
	return h
}

// serve upgrades a request to a connection. A WebSocket is opened across sites
// without being asked about, so the site is checked here, whatever it is.
func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	err := h.slow(r, sockets)
	var p place
	if err == nil {
		err = h.DB.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
			p, err = h.at(r.Context(), tx, r.PathValue("inbox"))
			return err
		})
	}
	if err == nil {
		err = h.welcome(w, r, p)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if h.count() >= MaxConnections {
		h.fail(w, r, fault.New(fault.Unavailable, "error.chat.full"))
		return
	}
	conn, err := h.upgrader.Upgrade(hijackable{w}, r)
	if err != nil {
		return // the answer has been written
	}
	h.mu.Lock()
	h.all[conn] = &socket{conn: conn, inboxID: p.box.ID, called: p.settings.PushAddress != ""}
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

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.all)
}

func (h *hub) everybody() []*socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.all))
}

// run tells pages of news until ctx ends, then closes all connections.
func (h *hub) run(ctx context.Context) error {
	news, stop := h.Journal.Follow()
	defer stop()
	poll, check, beat := time.NewTicker(tailPoll), time.NewTicker(recheck), time.NewTicker(heartbeat)
	defer poll.Stop()
	defer check.Stop()
	defer beat.Stop()
	away := false
	for {
		err := fault.Guard(func() error { return h.tail(ctx) })
		switch stack := fault.Stack(err); {
		case stack != "":
			h.Log.ErrorContext(ctx, "telling visitors panicked; all pages look by themselves", "error", err, "stack", stack)
			h.tellAll()
		case err != nil && ctx.Err() == nil && !away:
			h.Log.WarnContext(ctx, "reading the journal for visitors", "error", err)
		}
		if away && err == nil {
			h.tellAll()
		}
		away = err != nil
		select {
		case <-ctx.Done():
			for _, s := range h.everybody() {
				_ = s.conn.WriteClose(1001, []byte("restarting")) // it may be gone already
			}
			return nil
		case <-news:
		case <-poll.C:
		case <-check.C:
			h.dismiss(ctx)
			h.live(ctx, h.everybody())
		case <-beat.C:
			for _, s := range h.everybody() {
				s.conn.Async(func() { _ = s.conn.WritePing(nil) }) // the answer, or silence, tells
			}
		}
	}
}

// tail looks at every fact since the last one. While nobody listens it does not
// look at all.
func (h *hub) tail(ctx context.Context) error {
	if h.count() == 0 {
		h.seq.Store(-1)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, tailLimit)
	defer cancel()
	for {
		var facts []event.Fact
		first := h.seq.Load() < 0
		err := h.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
			if first {
				last, err := h.Journal.Last(ctx, tx)
				h.seq.Store(last)
				return err
			}
			facts, err = h.Journal.Since(ctx, tx, h.seq.Load(), tailBatch)
			return err
		})
		if err != nil {
			return err
		}
		if first {
			h.tellAll() // what came before the first look nobody was told of
			return nil
		}
		if len(facts) > 0 {
			h.seq.Store(facts[len(facts)-1].Seq) // before: a fact that panics is not tried for ever
			if err := h.pass(ctx, facts); err != nil {
				h.tellAll()
				return err
			}
		}
		if len(facts) < tailBatch {
			return nil
		}
	}
}

// pass tells those whom facts concern.
func (h *hub) pass(ctx context.Context, facts []event.Fact) error {
	threads := map[string]bool{}
	for _, f := range facts {
		switch f.Name {
		case inbox.ChangedFact:
			h.reopen(f.Subject)
		case conversation.ReceivedFact, conversation.DeliveredFact, conversation.AmendedFact, conversation.MergedFact, conversation.UnmergedFact, conversation.UpdatedFact:
			threads[f.Subject] = true // wherever it goes on now: one from here may be carried on by mail
		case survey.InvitedFact, survey.RespondedFact, survey.SkippedFact:
			threads[askedIn(f)] = true
		}
	}
	if len(threads) == 0 {
		return nil
	}
	who, err := h.partakers(ctx, slices.Collect(maps.Keys(threads)))
	if err != nil {
		return err
	}
	for _, s := range h.everybody() {
		if h.concerns(s, who) {
			s.tell()
		}
	}
	return nil
}

const partakersSQL = `SELECT address_key FROM participant WHERE conversation_id IN (`

// partakers returns the addresses that take part in conversations. Those of
// visitors are of one inbox each.
func (h *hub) partakers(ctx context.Context, threads []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := h.DB.Read(ctx, func(tx *sqldb.Tx) error {
		marks, args := sqldb.In(1, threads)
		return tx.Each(ctx, func(r rowScanner) error {
			address, err := scanText(r)
			out[address] = true
			return err
		}, partakersSQL+marks+`)`, args...)
	})
	return out, err
}

func (h *hub) concerns(s *socket, who map[string]bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(s.own, func(a string) bool { return who[a] })
}

// reopen closes the connections of an inbox whose settings have changed: pages
// come back, if they still may.
func (h *hub) reopen(inboxID string) {
	for _, s := range h.everybody() {
		if s.inboxID == inboxID {
			_ = s.conn.WriteClose(1012, []byte("settings changed")) // it may be gone already
		}
	}
}

// drop closes the connections of a session that has ended.
func (h *hub) drop(hash string) {
	for _, s := range h.everybody() {
		h.mu.Lock()
		is := s.who.Hash == hash
		h.mu.Unlock()
		if is {
			_ = s.conn.WriteClose(codeSession, []byte("ended")) // it may be gone already
		}
	}
}

// dismiss drops the sessions that ended on another node.
func (h *hub) dismiss(ctx context.Context) {
	if h.count() == 0 {
		return
	}
	var over []string
	err := h.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		over, err = ended(ctx, tx, tx.Now.Add(-2*recheck))
		return err
	})
	if err != nil && ctx.Err() == nil {
		h.Log.WarnContext(ctx, "looking which visitors have left", "error", err)
	}
	for _, hash := range over {
		h.drop(hash)
	}
}

func (h *hub) tellAll() {
	for _, s := range h.everybody() {
		s.tell()
	}
}

// foldAll folds addresses as conversations know them.
func foldAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, text.Fold(a))
	}
	return out
}

// recovered ends a panic over one page's message. The library defers it.
func (h *hub) recovered(gws.Logger) {
	if p := recover(); p != nil {
		h.Log.Error("a visitor's live message panicked", "panic", p, "stack", string(debug.Stack()))
	}
}

// quiet keeps the library's words out of the log unless debugging: a page that
// goes away is no news.
type quiet struct{ log *slog.Logger }

// Error implements gws.Logger.
func (q quiet) Error(v ...any) { q.log.Debug("websocket", "detail", v) }

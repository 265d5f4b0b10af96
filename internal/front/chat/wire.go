package chat

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// signal is a message of a connection, in either direction.
type signal struct {
	Type  string `json:"type"`            // hello, news, typing, seen, ping, pong
	Token string `json:"token,omitempty"` // of hello
	On    bool   `json:"on"`              // of typing

	At *time.Time `json:"at,omitempty"` // of seen
}

// askLimit is how long one question to the database may take.
const askLimit = 10 * time.Second

// asking is the context of a question that a connection brings about: a message
// of a socket brings none.
func asking() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), askLimit)
}

// Whispers about typing.
const (
	typingPause = time.Second     // a page is heard at most so often
	typingEnds  = 8 * time.Second // without another word
)

type handler struct {
	gws.BuiltinEventHandler
	hub *hub
}

func alive(conn *gws.Conn, within time.Duration) {
	_ = conn.SetDeadline(time.Now().Add(within)) // arch:time real sockets
}

// OnOpen implements gws.Event.
func (h *handler) OnOpen(conn *gws.Conn) { alive(conn, greetWithin) }

// OnPing implements gws.Event.
func (h *handler) OnPing(conn *gws.Conn, payload []byte) {
	if s := h.hub.of(conn); s != nil && h.hub.greeted(s) {
		alive(conn, silence)
	}
	_ = conn.WritePong(payload) // it may be gone already
}

// OnPong implements gws.Event.
func (h *handler) OnPong(conn *gws.Conn, _ []byte) {
	if s := h.hub.of(conn); s != nil && h.hub.greeted(s) {
		alive(conn, silence)
	}
}

// OnClose implements gws.Event.
func (h *handler) OnClose(conn *gws.Conn, _ error) {
	h.hub.mu.Lock()
	s := h.hub.all[conn]
	delete(h.hub.all, conn)
	h.hub.mu.Unlock()
	if s != nil {
		h.hub.silent(s)
	}
}

// OnMessage implements gws.Event.
func (h *handler) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer func() { _ = message.Close() }() // returns a buffer
	s := h.hub.of(conn)
	var in signal
	if s == nil || json.Unmarshal(message.Bytes(), &in) != nil {
		return
	}
	known := h.hub.greeted(s)
	switch {
	case in.Type == "hello" && !known: // once: it is written down, which costs more than to say it
		h.hub.hello(s, in.Token)
		return
	case !known:
		return
	}
	alive(conn, silence)
	switch in.Type {
	case "typing":
		h.hub.types(s, in.On)
	case "ping":
		s.send(signal{Type: "pong"})
	}
}

func (h *hub) of(conn *gws.Conn) *socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[conn]
}

func (h *hub) greeted(s *socket) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return s.who.Hash != ""
}

// hello lets a connection hear what concerns its session.
func (h *hub) hello(s *socket, token string) {
	ctx, cancel := asking()
	defer cancel()
	var who session
	var own []string
	err := h.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
		if who, err = h.session(ctx, tx, place{box: inbox.Inbox{ID: s.inboxID}}, token); err != nil || who.Address == "" {
			return err
		}
		if own, err = addresses(ctx, tx, who); err != nil {
			return err
		}
		return h.looked(ctx, tx, who)
	})
	switch {
	case err != nil:
		_ = s.conn.WriteClose(1013, []byte("try again")) // the page reconnects by itself
		return
	case who.Address == "":
		_ = s.conn.WriteClose(codeSession, []byte("no session"))
		return
	}
	h.mu.Lock()
	n := 0
	for _, other := range h.all {
		if other != s && other.who.Address == who.Address && other.inboxID == s.inboxID {
			n++
		}
	}
	if n < maxOfVisitor {
		s.who, s.own = who, foldAll(own)
	}
	h.mu.Unlock()
	if n >= maxOfVisitor {
		_ = s.conn.WriteClose(codeMany, []byte("too many connections"))
		return
	}
	alive(s.conn, silence)
	s.send(signal{Type: "hello"})
}

// tell says that there is something to read. While a word of it is on its way
// there is no need for another: how far behind a reader is does not matter.
func (s *socket) tell() {
	if !s.news.CompareAndSwap(false, true) {
		s.more.Store(true)
		return
	}
	b, err := json.Marshal(signal{Type: "news"})
	if err != nil {
		return
	}
	s.conn.WriteAsync(gws.OpcodeText, b, func(err error) {
		s.news.Store(false)
		if s.more.Swap(false) && err == nil {
			s.tell()
		}
	})
}

// send whispers; a reader who is too far behind misses it.
func (s *socket) send(v signal) {
	if s.queued.Add(1) > maxQueued {
		s.queued.Add(-1)
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		s.queued.Add(-1)
		return
	}
	s.conn.WriteAsync(gws.OpcodeText, b, func(error) { s.queued.Add(-1) })
}

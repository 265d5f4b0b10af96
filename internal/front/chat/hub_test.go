package chat_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
)

// ear is the page's end of a WebSocket.
type ear struct {
	gws.BuiltinEventHandler
	*page
	conn   *gws.Conn
	heard  chan string
	closed chan uint16
}

// OnMessage implements gws.Event.
func (e *ear) OnMessage(_ *gws.Conn, m *gws.Message) {
	e.heard <- m.Data.String()
	_ = m.Close() // returns a buffer
}

// OnClose implements gws.Event.
func (e *ear) OnClose(_ *gws.Conn, err error) {
	var c *gws.CloseError
	code := uint16(0)
	if asClose(err, &c) {
		code = c.Code
	}
	e.closed <- code
}

func asClose(err error, into **gws.CloseError) bool {
	c, ok := err.(*gws.CloseError)
	*into = c
	return ok
}

// run lets the hub tell its pages.
func (r *room) run() {
	ctx, stop := context.WithCancel(context.WithoutCancel(r.Context()))
	done := make(chan error, 1)
	go func() { done <- r.chat.Run(ctx) }()
	r.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			r.Error(err)
		}
	})
}

// dial opens a WebSocket; nil if it was refused, with the status.
func (p *page) dial() (*ear, int) {
	p.Helper()
	e := &ear{page: p, heard: make(chan string, 100), closed: make(chan uint16, 1)}
	conn, res, err := gws.NewClient(e, &gws.ClientOption{Addr: "ws" + strings.TrimPrefix(p.server.URL, "http") + "/chat/" + p.box.ID + "/live",
		RequestHeader: http.Header{"Origin": {p.origin}}})
	if err != nil {
		if res == nil {
			p.Fatal(err)
		}
		return nil, res.StatusCode
	}
	e.conn = conn
	go conn.ReadLoop()
	return e, 101
}

// listen opens a WebSocket and says hello.
func (p *page) listen() *ear {
	p.Helper()
	e, status := p.dial()
	if e == nil {
		p.Fatalf("refused with %d", status)
	}
	p.Cleanup(func() { _ = e.conn.NetConn().Close() }) // it may be closed already
	e.tell(object{"type": "hello", "token": p.token})
	e.hears("hello")
	return e
}

func (e *ear) tell(v object) {
	e.Helper()
	b, err := json.Marshal(v)
	e.must(err)
	e.must(e.conn.WriteMessage(gws.OpcodeText, b))
}

const patience = 15 * time.Second

// hears waits for a message that holds some words, and passes over others.
func (e *ear) hears(want string) {
	e.Helper()
	for wait := time.After(patience); ; {
		select {
		case m := <-e.heard:
			if strings.Contains(m, want) {
				return
			}
		case code := <-e.closed:
			e.Fatalf("closed with %d while waiting for %s", code, want)
		case <-wait:
			e.Fatalf("nobody said %s", want)
		}
	}
}

// ends waits for the connection to be closed.
func (e *ear) ends(want uint16) {
	e.Helper()
	select {
	case code := <-e.closed:
		if code != want {
			e.Errorf("closed with %d, want %d", code, want)
		}
	case <-time.After(patience):
		e.Errorf("the connection was not closed with %d", want)
	}
}

// quiet checks that nothing of a kind is said for a moment.
func (e *ear) quiet(what string) {
	e.Helper()
	for wait := time.After(300 * time.Millisecond); ; {
		select {
		case m := <-e.heard:
			if strings.Contains(m, what) {
				e.Errorf("heard %s", m)
			}
		case <-wait:
			return
		}
	}
}

func TestNewsComesAtOnceAndToItsVisitorOnly(t *testing.T) {
	each(t, func(r *room) {
		r.run()
		ann, bob := r.visitor(), r.visitor()
		ann.say("Hello")
		conv := r.thread()
		bob.say("Hello, too")
		a, b := ann.listen(), bob.listen()
		a.hears("news") // what came before the hub looked
		b.hears("news")
		seq := ann.history("").Seq
		m := r.reply(conv, "Good morning.")
		r.Rest()
		a.quiet("news") // it may still be taken back
		r.Wait(hold)
		a.hears("news")
		if got := ann.history("?since=" + itoa(seq)).words(); got != "us: Good morning." {
			r.Errorf("the news are %q", got)
		}
		b.quiet("news")
		// A second page of Ann's hears of what the first says, and of what was read.
		second := ann.listen()
		ann.say("I have another question")
		second.hears("news")
		a.hears("news")
		ann.call("POST", "/read", object{"upTo": string(m.ID)}).ok(nil)
		second.hears("news")
	})
}

func TestTypingIsHeardOnBothSides(t *testing.T) {
	each(t, func(r *room) {
		r.run()
		ann, bob := r.visitor(), r.visitor()
		bob.say("Hello")
		ann.say("Hello")
		conv := r.thread()
		a, b := ann.listen(), bob.listen()
		r.chat.AgentsType(string(conv), true)
		a.hears(`"typing","on":true`)
		r.chat.AgentsType(string(conv), true) // no news
		r.chat.AgentsType(string(conv), false)
		a.hears(`"typing","on":false`)
		b.quiet("typing")
		told := func(want string) {
			r.Helper()
			select {
			case got := <-r.typing:
				if got != want {
					r.Errorf("agents are told %q, want %q", got, want)
				}
			case <-time.After(patience):
				r.Errorf("agents are not told %q", want)
			}
		}
		a.tell(object{"type": "typing", "on": true})
		told(string(conv) + " true")
		a.tell(object{"type": "typing", "on": false})
		told(string(conv) + " false")
		r.Clock.Advance(time.Minute)
		a.tell(object{"type": "typing", "on": true})
		told(string(conv) + " true")
		_ = a.conn.NetConn().Close() // the page goes away
		told(string(conv) + " false")
	})
}

// TestHelloIsSaidOnce: each is written down, and a page may say it as often as it likes.
func TestHelloIsSaidOnce(t *testing.T) {
	each(t, func(r *room) {
		r.run()
		p := r.visitor()
		e := p.listen()
		for range 50 {
			e.tell(object{"type": "hello", "token": p.token})
		}
		e.tell(object{"type": "ping"})
		e.hears("pong")
		e.quiet("hello")
	})
}

func TestConnectionsOfNobody(t *testing.T) {
	each(t, func(r *room) {
		r.run()
		p := r.visitor()
		good := p.token
		for _, token := range []string{"", "kch_" + strings.Repeat("A", 27)} {
			e, _ := p.dial()
			e.tell(object{"type": "typing", "on": true}) // before hello nothing is heard
			e.tell(object{"type": "hello", "token": token})
			e.ends(4401)
		}
		p.origin = "https://evil.example"
		if _, status := p.dial(); status != http.StatusForbidden {
			r.Errorf("a foreign site is answered %d", status)
		}
		p.origin = site
		e := p.listen()
		for range 9 {
			p.listen()
		}
		more, _ := p.dial()
		more.tell(object{"type": "hello", "token": good})
		more.ends(4429)
		p.call("DELETE", "/session", nil).ok(nil)
		e.ends(4401)

		q := r.visitor()
		e = q.listen()
		e.hears("news")
		none := []any{"https://other.example"}
		if _, err := r.Inboxes.Change(r.Context(), actor.OfSystem("test"), r.box.ID, inbox.Change{Values: inbox.Values{"origins": none}}); err != nil {
			r.Fatal(err)
		}
		e.ends(1012)
		if _, status := q.dial(); status != http.StatusForbidden {
			r.Errorf("a site that was taken off the list is answered %d", status)
		}
	})
}

func TestAVisitorHearsThatTheyWereRead(t *testing.T) {
	each(t, func(r *room) {
		r.run()
		p, q := r.visitor(), r.visitor()
		p.say("Hello")
		conv := r.thread()
		q.say("I, too")
		e, other := p.listen(), q.listen()
		if h := p.history(""); h.SeenTo != nil || h.Messages[0].Seen {
			r.Errorf("before anybody looked: %+v", h)
		}
		r.Clock.Advance(time.Minute)
		r.must(r.Threads.Read(r.Context(), r.Hana, conv))
		r.chat.AgentsLooked(string(conv), r.Clock.Now())
		e.hears(`"type":"seen"`)
		if h := p.history("?since=" + itoa(p.history("").Seq)); h.SeenTo == nil || !h.SeenTo.Equal(r.Clock.Now()) {
			r.Errorf("who comes back reads %+v", h.SeenTo)
		}
		r.chat.AgentsType(string(r.thread()), true)
		other.hears(`"type":"typing"`)
		for len(other.heard) > 0 {
			if m := <-other.heard; strings.Contains(m, "seen") {
				r.Errorf("another visitor hears %s", m)
			}
		}
		// What an agent reads again of before says nothing of what is said now.
		r.Clock.Advance(time.Hour)
		p.say("And?")
		e.hears("news")
		if h := p.history(""); h.Messages[1].Seen || !h.Messages[0].Seen {
			r.Errorf("seen %+v", h.Messages)
		}
	})
}

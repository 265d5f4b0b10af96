package chat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/internal/front/push"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

const (
	site   = "https://www.shop.example"
	secret = "a secret that the site's server knows alone"
)

// room is a desk with a web chat that is reached over HTTP.
type room struct {
	*threadtest.Desk
	box    inbox.Inbox
	chat   *chat.Chat
	asks   *survey.Program
	beside *reception.Receptions
	claims *claim.Claims
	door   *intake.Door
	server *httptest.Server
	typing chan string // what the agents are told: "conv_… true"
	from   string      // the address that requests come from
}

// mailKind is mail as a message in JSON.
var mailKind = channel.Kind{Name: inbox.Email, Parse: func(raw []byte) (*channel.Message, error) {
	var m channel.Message
	err := json.Unmarshal(raw, &m)
	m.Visible = m.Text
	return &m, err
}}

func (r *room) takeMailAt(inboxID string, m channel.Message) intake.Entry {
	r.Helper()
	b, err := json.Marshal(m)
	r.must(err)
	e, err := r.door.Accept(r.Context(), inboxID, channel.Raw{Source: "test", Key: m.ExternalID, Bytes: b})
	r.must(err)
	return e
}

func each(t *testing.T, fn func(r *room)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(newRoom(t, db, c)) })
}

func newRoom(t *testing.T, db *sqldb.DB, c *clock.Manual) *room {
	r := &room{Desk: threadtest.New(t, db, c), typing: make(chan string, 100), from: "203.0.113.7"}
	r.box = r.open("Chat", inbox.Values{"origins": []any{site}, "greetingEn": "How can we help?", "identitySecret": secret})
	r.door = intake.New(intake.Tools{DB: db, IDs: r.IDs, Journal: r.Journal, Blobs: r.Blobs, Kinds: []channel.Kind{webchat.Kind, mailKind},
		Inboxes: r.Inboxes, Customers: r.Customers, Outbox: r.Outbox, Threads: r.Threads, Queue: r.Queue})
	var err error
	r.asks, err = survey.New(survey.Tools{DB: db, IDs: r.IDs, Journal: r.Journal, Queue: r.Queue, Brands: r.Brands, Customers: r.Customers,
		Inboxes: r.Inboxes, Threads: r.Threads, Post: r.Outbox, Words: r.Phrases, PublicURL: "https://desk.example"})
	r.must(err)
	event.On(r.Journal, conversation.ResolvedFact, "survey.plan", r.asks.OnResolved)
	event.On(r.Journal, delivery.Changed, "survey.delivery", r.asks.OnDelivery)
	r.beside = reception.New(db, r.Journal, r.Inboxes)
	r.claims = claim.New(claim.Tools{DB: db, IDs: r.IDs, Journal: r.Journal, Words: r.Phrases, Brands: r.Brands, Customers: r.Customers,
		Inboxes: r.Inboxes, Outbox: r.Outbox, PublicURL: "https://desk.example"})
	r.chat, err = chat.New(chat.Deps{
		DB: db, IDs: r.IDs, Journal: r.Journal, Key: r.Key, Blobs: r.Blobs, Words: r.Phrases, Clock: c, Log: slog.New(slog.DiscardHandler),
		Brands: r.Brands, Inboxes: r.Inboxes, Customers: r.Customers, Outbox: r.Outbox, Threads: r.Threads, Files: r.Files, Door: r.door,
		Surveys: r.asks, Reception: r.beside, Told: r.claims.Hear,
		Built: fstest.MapFS{"loader.js": {Data: []byte("// loader")}, "panel.js": {Data: []byte("// panel")}}, Origin: "https://desk.example",
		Client: func(*http.Request) string { return team.Network(r.from) },
		Push: push.New(push.Deps{DB: db, Queue: r.Queue, Key: r.Key, Inboxes: r.Inboxes, Brands: r.Brands, Threads: r.Threads, Words: r.Phrases,
			Log: slog.New(slog.DiscardHandler), Client: http.DefaultClient, Origin: "https://desk.example"}),
		Typing: func(id string, on bool) { r.typing <- fmt.Sprint(id, " ", on) },
	})
	r.must(err)
	r.server = httptest.NewServer(r.chat)
	t.Cleanup(r.server.Close)
	return r
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// open makes a web chat.
func (r *room) open(name string, values inbox.Values) inbox.Inbox {
	r.Helper()
	box, err := r.Inboxes.Create(r.Context(), actor.OfSystem("test"), inbox.Change{Kind: webchat.Name, BrandID: &r.Brand.ID, Name: &name, Values: values})
	r.must(err)
	return box
}

// page is a visitor's page.
type page struct {
	*room
	box    inbox.Inbox
	origin string
	token  string
	n      int
}

// stranger opens a page on which nobody has begun.
func (r *room) stranger() *page { return &page{room: r, box: r.box, origin: site} }

// visitor opens a page and begins.
func (r *room) visitor() *page {
	r.Helper()
	p := r.stranger()
	p.begin(nil)
	return p
}

type object = map[string]any

// answer is what the outlet said.
type answer struct {
	*room
	what   string
	status int
	header http.Header
	body   []byte
}

func (p *page) call(method, path string, body any) answer {
	p.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		p.must(err)
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(p.Context(), method, p.server.URL+"/chat/"+p.box.ID+path, in)
	p.must(err)
	if p.origin != "" {
		req.Header.Set("Origin", p.origin)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	req.Header.Set("Accept-Language", "en")
	res, err := p.server.Client().Do(req)
	p.must(err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	p.must(err)
	return answer{p.room, method + " " + path, res.StatusCode, res.Header, b}
}

// ok reads a good answer.
func (a answer) ok(into any) answer {
	a.Helper()
	if a.status/100 != 2 {
		a.Fatalf("%s: %d %s", a.what, a.status, a.body)
	}
	if into != nil {
		a.must(json.Unmarshal(a.body, into))
	}
	return a
}

// refused checks the status and the code of a refusal, and that it says so in words.
func (a answer) refused(status int, code string) answer {
	a.Helper()
	var p struct{ Code, Detail string }
	if a.status != status || json.Unmarshal(a.body, &p) != nil || p.Code != code || p.Detail == "" || p.Detail == code {
		a.Fatalf("%s: %d %s, want %d %s", a.what, a.status, a.body, status, code)
	}
	return a
}

type visitorView struct {
	ID, Token, Name, Email string
	Proven, NeedsEmail     bool
}

func (p *page) begin(body object) (v visitorView) {
	p.Helper()
	if body == nil {
		body = object{}
	}
	p.call("POST", "/session", body).ok(&v)
	if v.Token != "" {
		p.token = v.Token
	}
	return v
}

// say sends a message under a client id of its own.
func (p *page) say(text string, files ...string) string {
	p.Helper()
	p.n++
	id := fmt.Sprintf("client-%04d", p.n)
	p.call("POST", "/messages", object{"id": id, "text": text, "files": files}).ok(nil)
	return id
}

type lineView struct {
	ID, Client, Author, Text string
	Asked                    string
	Ours, Seen               bool
	At                       time.Time
	Files                    []struct {
		Name, Type, URL string
		Size            int64
	}
}

type historyView struct {
	Seq      int64
	Messages []lineView
	Older    string
	Unread   int
	Reset    bool
	Talking  bool
	SeenTo   *time.Time
	Survey   *surveyView
}

type surveyView struct {
	ID, Question, Comment, Thanks string
	Score                         int
	Repeated                      *bool
	Repeat                        *struct{ Question, Yes, No, Left string }
	Choices                       []struct {
		Score int
		Label string
	}
}

func (p *page) history(query string) (h historyView) {
	p.Helper()
	p.call("GET", "/messages"+query, nil).ok(&h)
	return h
}

// words are the texts of a history, "us: " before ours.
func (h historyView) words() string {
	var out []string
	for _, l := range h.Messages {
		who := ""
		if l.Ours {
			who = "us: "
		}
		out = append(out, who+l.Text)
	}
	return strings.Join(out, " | ")
}

// thread is the conversation of the newest message.
func (r *room) thread() conversation.ID {
	r.Helper()
	var id conversation.ID
	r.Read(func(tx *sqldb.Tx) error {
		return tx.QueryRow(r.Context(), `SELECT conversation_id FROM message WHERE kind = 'incoming' ORDER BY id DESC LIMIT 1`).Scan(&id)
	})
	return id
}

// reply lets an agent answer; the letter is held.
func (r *room) reply(id conversation.ID, text string) conversation.Message {
	r.Helper()
	m, err := r.Threads.Post(r.Context(), r.Hana, conversation.Reply{ConversationID: id, Text: text})
	r.must(err)
	return m
}

// hold is how long a letter may be taken back.
const hold = 15 * time.Second

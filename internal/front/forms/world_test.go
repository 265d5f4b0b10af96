package forms_test

import (
	"bytes"
	"crypto/sha256"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	sent "github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/front/forms"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// world is a desk with one form whose pages are served.
type world struct {
	*threadtest.Desk
	forms  *form.Forms
	claims *claim.Claims
	form   form.Form
	server *httptest.Server
	client *http.Client
	from   string // the client's address
}

func each(t *testing.T, kind form.Kind, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(t, newWorld(t, db, c, kind)) })
}

func newWorld(t *testing.T, db *sqldb.DB, c *clock.Manual, kind form.Kind) *world {
	t.Helper()
	d := threadtest.New(t, db, c)
	w := &world{Desk: d, from: "203.0.113.1"}
	door := intake.New(intake.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Blobs: d.Blobs, Kinds: []channel.Kind{d.Wire.Kind(), sent.Kind, sent.Anonymous},
		Inboxes: d.Inboxes, Customers: d.Customers, Outbox: d.Outbox, Threads: d.Threads, Queue: d.Queue})
	w.forms = form.New(form.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Key: d.Key, Words: d.Phrases, Brands: d.Brands, Tags: d.Tags, Customers: d.Customers,
		Inboxes: d.Inboxes, Outbox: d.Outbox, Threads: d.Threads, Door: door, PublicURL: "https://desk.example"})
	event.On(d.Journal, conversation.ReceivedFact, "form.received", w.forms.OnReceived)
	w.claims = claim.New(claim.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Words: d.Phrases, Brands: d.Brands, Customers: d.Customers, Inboxes: d.Inboxes, Outbox: d.Outbox, PublicURL: "https://desk.example"})
	pages, err := forms.New(forms.Deps{DB: db, Forms: w.forms, Claims: w.claims, Brands: d.Brands, Inboxes: d.Inboxes, Key: d.Key, Words: d.Phrases, Clock: c,
		Log: slog.New(slog.DiscardHandler), Keep: d.Blobs.Put, ClientAddress: func(*http.Request) string { return w.from }})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(pages)
	t.Cleanup(w.server.Close)
	w.client = w.server.Client()
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.form = w.make("contact-us", kind)
	return w
}

func (w *world) make(slug string, kind form.Kind) form.Form {
	w.Helper()
	content := form.Content{
		Title: phrase.Words{Ja: "お問い合わせ", En: "Write to us"}, AsksFiles: true, Origins: []string{"https://shop.example"},
		Fields: []form.Field{
			{Name: "what", Type: form.Long, Label: phrase.Words{Ja: "内容", En: "What is it about"}, Required: true},
			{Name: "order", Type: form.Order, Label: phrase.Words{Ja: "注文番号", En: "Order"}},
			{Name: "how", Type: form.Choice, Label: phrase.Words{Ja: "種類", En: "Kind"}, Choices: []phrase.Words{{Ja: "配送", En: "Delivery"}, {Ja: "品質", En: "Quality"}}},
		},
	}
	yes := true
	f, err := w.forms.Create(w.Context(), actor.OfSystem("test"), form.Change{InboxID: &w.Support.ID, Slug: &slug, Kind: &kind, Content: &content, Active: &yes})
	if err != nil {
		w.Fatal(err)
	}
	return f
}

// answer is what a page answered.
type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) get(path string, headers ...string) answer {
	w.Helper()
	return w.do(http.MethodGet, path, nil, headers...)
}

func (w *world) do(method, path string, body io.Reader, headers ...string) answer {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, body)
	if err != nil {
		w.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

// entry is what somebody fills in: name → value, and files: name → content.
type entry struct {
	fields map[string]string
	files  [][2]string
}

func (w *world) post(path string, e entry) answer {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range e.fields {
		if err := m.WriteField(k, v); err != nil {
			w.Fatal(err)
		}
	}
	for _, f := range e.files {
		part, err := m.CreateFormFile("files", f[0])
		if err == nil {
			_, err = io.WriteString(part, f[1])
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		w.Fatal(err)
	}
	return w.do(http.MethodPost, path, &b, "Content-Type", m.FormDataContentType(), "Accept-Language", "ja")
}

// ticket opens a page and waits as long as somebody needs to fill it in.
func (w *world) ticket(path string) string {
	w.Helper()
	a := w.get(path, "Accept-Language", "ja")
	t := ticketIn(a.body)
	if t == "" {
		w.Fatalf("no ticket on %s: %d %s", path, a.status, a.body)
	}
	w.Clock.Advance(time.Minute)
	return t
}

func ticketIn(body string) string {
	found := regexp.MustCompile(`name="ticket" value="([^"]+)"`).FindStringSubmatch(body)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// work does what the page's script does.
func work(ticket string) string {
	visit := strings.Split(ticket, ".")[1]
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(visit + "." + strconv.Itoa(n)))
		if sum[0] == 0 && sum[1] == 0 {
			return strconv.Itoa(n)
		}
	}
}

// filled is a whole entry with a ticket.
func (w *world) filled(more map[string]string) entry {
	w.Helper()
	e := entry{fields: map[string]string{"ticket": w.ticket("/c/contact-us"), "name": "山田太郎", "email": "taro@customer.example", "answer-what": "茶碗が割れていました。"}}
	for k, v := range more {
		e.fields[k] = v
	}
	return e
}

// arrived sends an entry, follows its receipt and returns the page's address.
func (w *world) arrived(e entry) string {
	w.Helper()
	a := w.post("/c/contact-us", e)
	if a.status != http.StatusSeeOther {
		w.Fatalf("answered %d: %s", a.status, a.body)
	}
	w.Rest()
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	return path
}

func (w *world) has(a answer, status int, words ...string) {
	w.Helper()
	if a.status != status {
		w.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, s := range words {
		if !strings.Contains(a.body, s) {
			w.Fatalf("the page does not say %q:\n%s", s, a.body)
		}
	}
}

func (w *world) say(lang, key string, args map[string]any) string {
	return html.EscapeString(w.Phrases.Text(lang, key, args))
}

// only is the one conversation there is, with its messages.
func (w *world) only() (conversation.Conversation, []conversation.Message) {
	w.Helper()
	var ids []conversation.ID
	w.Read(func(tx *sqldb.Tx) error {
		row := tx.QueryRow(w.Context(), `SELECT id FROM conversation`)
		var id conversation.ID
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if n := w.Count("conversation"); n != 1 {
		w.Fatalf("%d conversations", n)
	}
	return w.Conversation(ids[0]), w.Thread(ids[0])
}

func threadtestMail(from, words string) threadtest.Mail {
	return threadtest.Mail{Message: channel.Message{ExternalID: "earlier@customer.example", From: channel.Address{Address: from}, Subject: "前の件", Text: words, Language: "ja"}}
}

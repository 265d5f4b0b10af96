package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

const password = "correct horse battery"

// world is one instance of the product, the mail servers around it, and the
// people in it.
type world struct {
	t      *testing.T
	app    *app.App
	in     app.Inside
	clock  *clock.Manual
	zone   *time.Location
	office *emailtest.Office
	faulty map[string]*emailtest.Faulty // by inbox address

	at      line
	brandID string
	cookies map[string]string // agent → session
	names   map[string]string // id → the word for it in scenarios
	ids     map[string]string // and back
	inboxes []string          // addresses, the first is where mail goes by default
	mails   map[string]string // label → Message-ID
	sentIn  int               // mails given to the product
	dead    int               // duties that may lie dead in the end
	subject map[string]string // Message-ID → subject
	rooms   map[string]*room  // vendors that are played, by inbox
	people  map[string]*room  // who is where
}

func newWorld(t *testing.T, database string) *world {
	t.Helper()
	w := &world{
		t: t, clock: clock.NewManual(dbtest.Start), zone: time.UTC, office: emailtest.Open(t, emailtest.Options{}),
		faulty: map[string]*emailtest.Faulty{}, cookies: map[string]string{}, names: map[string]string{}, ids: map[string]string{},
		mails: map[string]string{}, subject: map[string]string{}, rooms: map[string]*room{}, people: map[string]*room{},
	}
	dir := t.TempDir()
	a, err := app.New(t.Context(), app.Config{
		DataDir: dir, Database: database, HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", PublicURL: "https://desk.example",
		AllowNet: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Relaxed:  true, Clock: w.clock, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Version: "flow",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.app, w.in = a, a.Inside()
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the product ended with %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	w.hire("root", team.Administrator)
	return w
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\n\t%s\n\tat %s", w.at, fmt.Sprintf(format, args...), w.clock.Now().In(w.zone).Format("Mon 2006-01-02 15:04:05"))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.fail("%v", err)
	}
}

// name makes a thing known by the word that scenarios use for it.
func (w *world) name(id, word string) { w.names[id], w.ids[word] = word, id }

// id returns the id behind a word.
func (w *world) id(word string) string {
	if id, ok := w.ids[word]; ok {
		return id
	}
	w.fail("nobody and nothing is called %q", word)
	return ""
}

func (w *world) hire(name string, role team.Role) {
	a, err := w.in.Agents.Create(w.t.Context(), actor.OfSystem("flow"), team.NewAgent{Name: name, Email: name + "@desk.example", Role: role, Password: password})
	w.must(err)
	w.name(a.ID, name)
	w.signIn(name)
}

// signIn begins a session, also for whoever was away for so long that the last one ended.
func (w *world) signIn(name string) {
	rec := w.http(http.MethodPost, api.Base+"/session", "", map[string]string{"email": name + "@desk.example", "password": password})
	w.cookies[name] = ""
	for _, c := range rec.Result().Cookies() {
		if c.Name == api.CookieName {
			w.cookies[name] = c.Value
		}
	}
	if w.cookies[name] == "" {
		w.fail("%s cannot sign in: %d %s", name, rec.Code, rec.Body)
	}
}

// http makes a request, with an agent's session if one is named.
func (w *world) http(method, path, agent string, body any) *httptest.ResponseRecorder {
	w.t.Helper()
	var b []byte
	contentType := "application/json"
	switch v := body.(type) {
	case nil:
	case url.Values:
		b, contentType = []byte(v.Encode()), "application/x-www-form-urlencoded"
	default:
		var err error
		b, err = json.Marshal(v)
		w.must(err)
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(b)).WithContext(w.t.Context())
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	req.RemoteAddr = "203.0.113.7:4711"
	if agent != "" {
		req.AddCookie(&http.Cookie{Name: api.CookieName, Value: w.cookies[agent]})
	}
	rec := httptest.NewRecorder()
	w.app.Handler().ServeHTTP(rec, req)
	return rec
}

// object is a JSON object.
type object map[string]any

// ask is a call that an agent makes. It succeeds, or is refused as the scenario says.
func (w *world) ask(agent, method, path string, body any) object {
	w.t.Helper()
	rec := w.http(method, api.Base+path, agent, body)
	if rec.Code == http.StatusUnauthorized {
		w.signIn(agent)
		rec = w.http(method, api.Base+path, agent, body)
	}
	if len(w.at.fails) > 0 && method != http.MethodGet {
		w.refused(rec)
		return object{}
	}
	if rec.Code >= 300 {
		w.fail("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	out := object{}
	if rec.Body.Len() > 0 {
		w.must(json.Unmarshal(rec.Body.Bytes(), &out))
	}
	return out
}

// refused compares a refusal with what the scenario expects: its status, and
// words that its text holds.
func (w *world) refused(rec *httptest.ResponseRecorder) {
	w.t.Helper()
	if fmt.Sprint(rec.Code) != w.at.fails[0] {
		w.fail("answered %d %s, want %s", rec.Code, rec.Body, w.at.fails[0])
	}
	for _, word := range w.at.fails[1:] {
		if !strings.Contains(rec.Body.String(), word) {
			w.fail("the refusal does not mention %q: %s", word, rec.Body)
		}
	}
	w.at.fails = nil
}

func (w *world) get(path string) object {
	w.t.Helper()
	return w.ask("root", http.MethodGet, path, nil)
}

// list returns all items of a list.
func (w *world) list(path string) (out []object) {
	w.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	cursor := ""
	for {
		page := w.get(path + sep + "limit=100" + cursor)
		items, _ := page["items"].([]any)
		for _, i := range items {
			out = append(out, object(i.(map[string]any)))
		}
		next, _ := page["next"].(string)
		if next == "" {
			return out
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// rest lets everything happen that is due, and what it brings about.
func (w *world) rest() {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		_, err := w.in.Queue.Drain(w.t.Context())
		w.must(err)
		busy := 0
		w.must(w.in.DB.Read(w.t.Context(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(w.t.Context(), `SELECT COUNT(*) FROM job WHERE state = 'running' OR state = 'ready' AND run_at <= $1`, tx.Now.UnixMilli()).Scan(&busy)
		}))
		if busy == 0 {
			return
		}
		if time.Now().After(deadline) {
			w.fail("%d duties do not come to rest", busy)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// until moves the clock to a time, and lets everything happen at its time on the way.
func (w *world) until(target time.Time) {
	w.t.Helper()
	for {
		var next time.Time
		w.must(w.in.DB.Read(w.t.Context(), func(tx *sqldb.Tx) error {
			return tx.QueryRow(w.t.Context(), `SELECT MIN(run_at) FROM job WHERE state = 'ready'`).Scan(sqldb.At(&next))
		}))
		if next.IsZero() || next.After(target) {
			break
		}
		if next.After(w.clock.Now()) {
			w.clock.Set(next)
		}
		w.rest()
	}
	if target.After(w.clock.Now()) {
		w.clock.Set(target)
	}
	w.rest()
}

// judge looks for what must hold at the end of every scenario.
func (w *world) judge() {
	w.t.Helper()
	w.at = line{file: w.at.file, n: w.at.n, words: []string{"(the end)"}}
	w.rest()
	if dead := w.list("/jobs?state=dead"); len(dead) != w.dead {
		w.fail("%d duties lie dead, want %d: %v", len(dead), w.dead, dead)
	}
	if n := len(w.list("/ledger")); n != w.sentIn {
		w.fail("the ledger knows %d mails, and %d were accepted", n, w.sentIn)
	}
	var facts, last, letters int
	w.must(w.in.DB.Read(w.t.Context(), func(tx *sqldb.Tx) error {
		if err := tx.QueryRow(w.t.Context(), `SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM journal`).Scan(&facts, &last); err != nil {
			return err
		}
		return tx.QueryRow(w.t.Context(), `SELECT COUNT(*) FROM delivery WHERE state IN ('queued', 'sending')`).Scan(&letters)
	}))
	if facts != last || facts == 0 {
		w.fail("%d facts, the last is number %d", facts, last)
	}
	if letters > 0 {
		w.fail("%d letters are stuck", letters)
	}
}

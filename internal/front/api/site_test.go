package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/web"
)

const password = "correct horse battery"

// site is the API over a database, with the settings slices behind it and
// whatever a test puts in place of the world.
type site struct {
	*testing.T
	api.Deps
	clock   *clock.Manual
	mux     *http.ServeMux
	routes  *api.Routes
	fetched []string
	tried   func(settings, secrets []byte) []channel.Step
}

// onBoth runs fn on each engine, one after the other: the framework keeps its
// error constructor in a variable, which every new API sets.
func onBoth(t *testing.T, fn func(s *site)) {
	for name, open := range map[string]func(testing.TB, clock.Clock) *sqldb.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewManual(dbtest.Start)
			fn(newSite(t, open(t, c), c))
		})
	}
}

func newSite(t *testing.T, db *sqldb.DB, c *clock.Manual) *site {
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	ids, log := id.NewSource(c, rand.Reader), slog.New(slog.DiscardHandler)
	queue := job.New(db, ids, log)
	journal := event.NewJournal(db, queue)
	agents := team.NewAgents(db, ids, journal)
	s := &site{T: t, clock: c, mux: http.NewServeMux()}
	s.Deps = api.Deps{
		DB: db, Journal: journal, Queue: queue, Log: log, Phrases: words, Version: "test",
		Agents: agents, Teams: team.NewTeams(db, ids, journal), Setup: team.NewSetup(agents), Brands: brand.NewBrands(db, ids, journal),
		Tags: tag.NewTags(db, ids, journal), Customers: customer.NewBook(db, ids, journal), Inboxes: inbox.NewInboxes(db, ids, journal, seal.Random()),
		Forms:          form.New(form.Tools{DB: db, IDs: ids, Journal: journal, Inboxes: inbox.NewInboxes(db, ids, journal, seal.Random())}),
		Contacts:       contact.New(contact.Tools{DB: db, IDs: ids, Journal: journal, Brands: brand.NewBrands(db, ids, journal), Inboxes: inbox.NewInboxes(db, ids, journal, seal.Random())}),
		InboxTemplates: func(context.Context, string) ([]channel.Template, error) { return nil, nil },
		InboxQuota:     func(context.Context, string) (int, int, bool, error) { return 0, 0, false, nil },
		CheckInbox: func(_ context.Context, _, kind string, settings, secrets []byte) ([]channel.Step, error) {
			if kind != inbox.Email {
				t.Errorf("checks a %q", kind)
			}
			return s.tried(settings, secrets), nil
		},
		FetchInbox:    func(id string) { s.fetched = append(s.fetched, id) },
		ClientAddress: func(r *http.Request) string { return "203.0.113.7" },
		Secure:        true,
	}
	s.Places = place.New(place.Tools{DB: db, IDs: ids, Journal: journal, Key: seal.Random(), Words: words, Brands: s.Brands, Inboxes: s.Inboxes, PublicURL: "https://desk.example"})
	s.Font = func() ([]byte, error) { return nil, nil }
	own := job.New(db, ids, log) // tests that need more of these two put theirs in their place
	s.Threads = conversation.New(conversation.Tools{DB: db, IDs: ids, Journal: journal, Queue: own, Agents: agents})
	s.Cases = recovery.New(recovery.Tools{DB: db, IDs: ids, Journal: journal, Queue: own, Agents: agents, Threads: s.Threads})
	s.routes = api.New(s.mux, s.Deps)
	return s
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// user is somebody who calls: by cookie, by key, or nobody.
type user struct {
	*site
	cookie string
	key    string
	lang   string
}

func (s *site) nobody() *user { return &user{site: s, lang: "en"} }

// key returns a program with a role.
func (s *site) key(role team.Role) *user {
	s.Helper()
	_, token, err := s.Agents.CreateKey(s.Context(), actor.OfSystem("test"), team.NewKey{Name: string(role), Role: role})
	s.must(err)
	return &user{site: s, key: token, lang: "en"}
}

// agent adds an agent who is signed in.
func (s *site) agent(name string, role team.Role) (*user, team.Agent) {
	s.Helper()
	a, err := s.Agents.Create(s.Context(), actor.OfSystem("test"), team.NewAgent{Name: name, Email: strings.ToLower(name) + "@example.jp", Role: role, Password: password})
	s.must(err)
	_, token, err := s.Agents.SignIn(s.Context(), team.SignIn{Email: a.Email, Password: password})
	s.must(err)
	return &user{site: s, cookie: token, lang: "en"}, a
}

// answer is what the API said.
type answer struct {
	*user
	*httptest.ResponseRecorder
	what string
}

func (u *user) call(method, path string, body any) *answer {
	u.Helper()
	var b []byte
	if body != nil {
		var err error
		b, err = json.Marshal(body)
		u.must(err)
	}
	req := httptest.NewRequest(method, api.Base+path, bytes.NewReader(b)).WithContext(u.Context())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept-Language", u.lang)
	req.Header.Set("User-Agent", "test browser")
	if u.cookie != "" {
		req.AddCookie(&http.Cookie{Name: api.CookieName, Value: u.cookie})
	}
	if u.key != "" {
		req.Header.Set("Authorization", "Bearer "+u.key)
	}
	rec := httptest.NewRecorder()
	u.mux.ServeHTTP(rec, req)
	return &answer{u, rec, method + " " + path}
}

func (u *user) get(path string) *answer             { u.Helper(); return u.call("GET", path, nil) }
func (u *user) post(path string, body any) *answer  { u.Helper(); return u.call("POST", path, body) }
func (u *user) patch(path string, body any) *answer { u.Helper(); return u.call("PATCH", path, body) }
func (u *user) remove(path string) *answer          { u.Helper(); return u.call("DELETE", path, nil) }

// ok checks the status and reads the body into a value.
func (a *answer) ok(status int, into any) *answer {
	a.Helper()
	if a.Code != status {
		a.Fatalf("%s: %d, want %d: %s", a.what, a.Code, status, a.Body)
	}
	if into != nil {
		reflect.ValueOf(into).Elem().SetZero() // what the answer leaves out
		a.must(json.Unmarshal(a.Body.Bytes(), into))
	}
	return a
}

// problem checks that the answer is a problem with a code and, if a field is
// given, with that field named in it ("body.email error.agent.email").
func (a *answer) problem(status int, code string, fields ...string) api.Problem {
	a.Helper()
	var p api.Problem
	if ct := a.Header().Get("Content-Type"); a.Code != status || ct != "application/problem+json" {
		a.Errorf("%s: %d %s, want %d: %s", a.what, a.Code, ct, status, a.Body)
		return p
	}
	a.must(json.Unmarshal(a.Body.Bytes(), &p))
	if p.Code != code || p.Detail == "" || p.Detail == code {
		a.Errorf("%s: %+v, want %s in words", a.what, p, code)
	}
	for _, want := range fields {
		found := false
		for _, f := range p.Errors {
			found = found || f.Location+" "+f.Code == want && f.Message != "" && f.Message != f.Code
		}
		if !found {
			a.Errorf("%s: fields %+v, want %s", a.what, p.Errors, want)
		}
	}
	return p
}

type object = map[string]any

package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// site is one instance that runs.
type site struct {
	*testing.T
	app  *app.App
	in   app.Inside
	log  *logs
	key  string
	stop func()
}

// logs keeps what an instance logs.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was logged.
func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// onBoth runs fn on each database, with an instance that is running.
func onBoth(t *testing.T, change func(c *app.Config), fn func(s *site)) {
	t.Run("sqlite", func(t *testing.T) { fn(open(t, "", change)) })
	t.Run("postgres", func(t *testing.T) { fn(open(t, dbtest.MigratedURL(t), change)) })
}

func open(t *testing.T, database string, change func(c *app.Config)) *site {
	t.Helper()
	s := &site{T: t, log: &logs{}}
	cfg := app.Config{
		DataDir: filepath.Join(t.TempDir(), "data"), Database: database, HTTP: "127.0.0.1:0", Relaxed: true, Version: "test", StopGrace: 5 * time.Second,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	if change != nil {
		change(&cfg)
	}
	a, err := app.New(t.Context(), cfg)
	s.must(err)
	s.app, s.in = a, a.Inside()
	s.must(a.Listen())
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the instance ended with %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	t.Cleanup(s.stop)
	_, s.key, err = s.in.Agents.CreateKey(t.Context(), actor.OfSystem("test"), team.NewKey{Name: "test", Role: team.Administrator})
	s.must(err)
	return s
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// ask makes a request from an address, with a key if there is one.
func (s *site) ask(method, path, from, key, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(s.Context())
	req.RemoteAddr = from
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	s.app.Handler().ServeHTTP(rec, req)
	return rec
}

// exec changes the database behind the instance's back.
func (s *site) exec(query string, args ...any) {
	s.Helper()
	s.must(s.in.DB.Write(s.Context(), func(tx *sqldb.Tx) error { _, err := tx.Exec(s.Context(), query, args...); return err }))
}

// strand leaves a duty that only a newer release would do.
func (s *site) strand(id string, due time.Time) {
	s.Helper()
	s.exec(`INSERT INTO job (id, kind, lane, key, subject, data, state, run_at, owner, attempt, last_error, created_at)
VALUES ($1, 'polish', 'do', '', '', '{}', 'ready', $2, '', 0, '', $2)`, id, due.UnixMilli())
}

const (
	here     = "127.0.0.1:4711"
	stranger = "203.0.113.7:4711"
)

func (s *site) decode(rec *httptest.ResponseRecorder, into any) {
	s.Helper()
	if rec.Code != http.StatusOK {
		s.Fatalf("%d: %s", rec.Code, rec.Body)
	}
	s.must(json.Unmarshal(rec.Body.Bytes(), into))
}

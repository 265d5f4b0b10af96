package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// keyed makes a request with an idempotency key.
func (u *user) keyed(key, path, body string) (status int, answer string, replayed bool) {
	u.Helper()
	req := httptest.NewRequest(http.MethodPost, api.Base+path, strings.NewReader(body)).WithContext(u.Context())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+u.key)
	req.Header.Set("Idempotency-Key", key)
	rec := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }() // the server outside turns it into 500
		u.mux.ServeHTTP(rec, req)
	}()
	return rec.Code, rec.Body.String(), rec.Header().Get("Idempotency-Replayed") == "true"
}

// workshop adds operations that end in every way, and counts how often they ran.
func (s *site) workshop() map[string]int {
	runs := map[string]int{}
	write := func(ctx context.Context) error {
		return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ('workshop', 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1`)
			return err
		})
	}
	fail := func(ctx context.Context) error { // writes, and takes it back
		return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO counter (name, value) VALUES ('lost', 1)`); err != nil {
				return err
			}
			return fault.New(fault.Conflict, "error.stale")
		})
	}
	work := map[string]func(ctx context.Context) error{
		"/bench/written": write,
		"/bench/refused": func(context.Context) error { return fault.New(fault.Conflict, "error.stale") },
		"/bench/undone":  fail,
		"/bench/broken":  func(context.Context) error { return errors.New("before anything was done") },
		"/bench/late": func(ctx context.Context) error {
			return errors.Join(write(ctx), fault.New(fault.Conflict, "error.stale"))
		},
		"/bench/unknown":   func(ctx context.Context) error { return errors.Join(write(ctx), errors.New("the connection broke")) },
		"/bench/exploded":  func(ctx context.Context) error { s.must(write(ctx)); panic("after the commit") },
		"/bench/exploding": func(context.Context) error { panic("before anything was done") },
		"/bench/large":     write,
		"/bench/secret":    write,
	}
	for path, do := range work {
		op := api.Op{Method: http.MethodPost, Path: path, Permission: team.InboxWrite, Summary: path, Secret: path == "/bench/secret"}
		api.Handle(s.routes, op, func(ctx context.Context, _ api.Caller, _ *struct{}) (object, error) {
			runs[path]++
			out := object{"path": path}
			if path == "/bench/large" {
				out["much"] = strings.Repeat("x", 2<<20)
			}
			return out, do(ctx)
		})
	}
	return runs
}

// TestOnce makes every request twice with the same key: what may have been
// written is never done again, and what certainly was not is.
func TestOnce(t *testing.T) {
	onBoth(t, func(s *site) {
		runs := s.workshop()
		u := s.key(team.Administrator)
		for _, c := range []struct {
			path          string
			first, second int
			code          string // of the second answer, if it is a problem
			replayed      bool
			runs          int
		}{
			{"/bench/written", 200, 200, "", true, 1},
			{"/bench/refused", 409, 409, "error.stale", false, 2},
			{"/bench/undone", 409, 409, "error.stale", false, 2},
			{"/bench/broken", 500, 500, "error.internal", false, 2},
			{"/bench/late", 409, 409, "error.stale", true, 1},
			{"/bench/unknown", 500, 409, "error.idempotency.pending", false, 1},
			{"/bench/exploded", 200, 409, "error.idempotency.pending", false, 1}, // a recorder's status; nothing was answered
			{"/bench/exploding", 200, 200, "", false, 2},
			{"/bench/large", 200, 409, "error.idempotency.done", false, 1},
			{"/bench/secret", 200, 409, "error.idempotency.done", false, 1},
		} {
			one, first, replayed := u.keyed("key of "+c.path, c.path, "")
			if one != c.first || replayed {
				s.Errorf("%s: %d %t %.300s", c.path, one, replayed, first)
			}
			two, second, replayed := u.keyed("key of "+c.path, c.path, "")
			if two != c.second || replayed != c.replayed || c.code != "" && !strings.Contains(second, `"code":"`+c.code+`"`) {
				s.Errorf("%s again: %d %t %.300s", c.path, two, replayed, second)
			}
			if c.replayed && strings.TrimSpace(first) != strings.TrimSpace(second) {
				s.Errorf("%s: %s\nand then %s", c.path, first, second)
			}
			if runs[c.path] != c.runs {
				s.Errorf("%s ran %d times, want %d", c.path, runs[c.path], c.runs)
			}
		}
	})
}

// TestOnceTakesWhatTheOperationTakes says much with a key, as our own page does
// for every reply, and more than may be said.
func TestOnceTakesWhatTheOperationTakes(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		u := s.key(team.Manager)
		path := "/conversations/" + string(c.mail(channel.Message{Text: "too long a story"}).ConversationID) + "/messages"
		say := func(key string, n int) (int, string, bool) {
			words := strings.Repeat("word ", n/5)
			return u.keyed(key, path, `{"kind":"reply","to":[{"address":"taro@customer.example"}],"text":"`+words+`","html":"<p>`+words+`</p>"}`)
		}
		status, first, replayed := say("long", 900_000)
		if status != 201 || replayed {
			s.Fatalf("%d %.300s", status, first)
		}
		if status, second, replayed := say("long", 900_000); status != 201 || !replayed || second != first {
			s.Errorf("again: %d %t %.300s", status, replayed, second)
		}
		if status, body, _ := say("longer", 3<<20); status != 413 {
			s.Errorf("too much: %d %.300s", status, body)
		}
	})
}

// TestOnceStandsBehindTheGuard takes the right away between a request and its
// repetition.
func TestOnceStandsBehindTheGuard(t *testing.T) {
	onBoth(t, func(s *site) {
		runs := s.workshop()
		u := s.key(team.Administrator)
		if status, body, _ := u.keyed("k", "/bench/written", ""); status != 200 {
			s.Fatal(status, body)
		}
		s.must(s.DB.Write(s.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(s.Context(), `UPDATE api_key SET role = 'agent'`)
			return err
		}))
		status, body, replayed := u.keyed("k", "/bench/written", "")
		if status != 403 || replayed || runs["/bench/written"] != 1 {
			s.Errorf("%d %t %s", status, replayed, body)
		}
	})
}

// TestOnceTellsRequestsApart uses one key for two requests, and one too long.
func TestOnceTellsRequestsApart(t *testing.T) {
	onBoth(t, func(s *site) {
		u := s.key(team.Administrator)
		tag := func(key, name string) (int, string) {
			status, body, _ := u.keyed(key, "/tags", `{"name":"`+name+`"}`)
			return status, body
		}
		if status, body := tag("k", "one"); status != 201 {
			s.Fatal(status, body)
		}
		if status, body := tag("k", "two"); status != 422 || !strings.Contains(body, "error.idempotency.differs") {
			s.Error(status, body)
		}
		if status, body := tag(strings.Repeat("k", 201), "three"); status != 422 || !strings.Contains(body, "error.idempotency.long") {
			s.Error(status, body)
		}
		if status, body := tag("\xff", "four"); status != 422 || !strings.Contains(body, "error.noText") {
			s.Error(status, body)
		}
		if status, body := tag("", "five"); status != 201 {
			s.Error(status, body)
		}
	})
}

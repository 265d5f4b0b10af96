package webhook_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/front/webhook"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// bell is a channel that believes who knows the word.
type bell struct{ seen *channel.Call }

func (b *bell) Send(context.Context, *channel.Outgoing) error { return nil }
func (b *bell) Close() error                                  { return nil }
func (b *bell) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	b.seen = c
	switch word := c.Header.Get("Word"); {
	case word == "mine":
		panic("a mine")
	case word != "open sesame":
		return channel.Reception{}, &channel.UnverifiedError{Reason: "wrong word"}
	case c.Method == http.MethodGet:
		return channel.Reception{ContentType: "text/plain", Body: []byte(strings.TrimPrefix(c.URL, "https://desk.example"))}, nil
	case string(c.Body) == "?":
		return channel.Reception{}, &channel.MalformedError{Err: errors.New("a question")}
	}
	var got channel.Reception
	for _, one := range strings.Fields(string(c.Body)) {
		got.Raws = append(got.Raws, channel.Raw{Source: "bell", Key: one, Bytes: []byte(one)})
	}
	return got, nil
}

// site is the outlet and what it did.
type site struct {
	*testing.T
	calls *webhook.Calls
	bell  *bell
	kept  []string
	told  []error
	count map[string]int
	full  bool // nothing can be made safe
	clock *clock.Manual
}

func newSite(t *testing.T) *site {
	s := &site{T: t, bell: &bell{}, count: map[string]int{}, clock: clock.NewManual(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))}
	s.calls = webhook.New(webhook.Deps{
		Open: func(_ context.Context, id string) (channel.Channel, error) {
			switch id {
			case "inb_1", "inb_other":
				return s.bell, nil
			case "inb_mail":
				return struct{ channel.Channel }{s.bell}, nil
			}
			return nil, fault.New(fault.NotFound, "error.inbox.notFound")
		},
		Accept: func(_ context.Context, _ string, raw channel.Raw) error {
			if s.full || raw.Key == "bad" {
				return fault.New(fault.Unavailable, "error.database.away")
			}
			if raw.At.IsZero() {
				s.Errorf("%s came at no time", raw.Key)
			}
			s.kept = append(s.kept, raw.Key)
			return nil
		},
		Tell:          func(_ context.Context, _ string, err error) { s.told = append(s.told, err) },
		Count:         func(result string) { s.count[result]++ },
		ClientAddress: func(r *http.Request) string { return r.RemoteAddr },
		Clock:         s.clock, Log: slog.New(slog.DiscardHandler), Origin: "https://desk.example",
	})
	return s
}

func (s *site) call(method, path, word, body string) *http.Response {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Word", word)
	w := httptest.NewRecorder()
	s.calls.ServeHTTP(w, r)
	return w.Result()
}

// from returns how a call from an address to an inbox is answered.
func (s *site) from(address, inbox, word string) int {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), http.MethodPost, "/hook/"+inbox, strings.NewReader("a"))
	r.RemoteAddr = address
	r.Header.Set("Word", word)
	w := httptest.NewRecorder()
	s.calls.ServeHTTP(w, r)
	return w.Code
}

// TestAWrongSecretShutsOutNobodyElse: a vendor calls all inboxes from the same
// addresses, and one of them was given a wrong secret.
func TestAWrongSecretShutsOutNobodyElse(t *testing.T) {
	s := newSite(t)
	for range page.MissBurst + 1 {
		s.from("203.0.113.1", "inb_1", "guess")
	}
	if got := s.from("203.0.113.1", "inb_other", "open sesame"); got != http.StatusOK {
		t.Errorf("the other inbox: %d", got)
	}
	if got := s.from("203.0.113.1", "inb_1", "guess"); got != http.StatusTooManyRequests {
		t.Errorf("trust in one inbox is none in another: %d", got)
	}
}

// TestForgedCallsAreLimited: who is not believed again and again has to wait, unless
// a call from there was believed.
func TestForgedCallsAreLimited(t *testing.T) {
	s := newSite(t)
	from := func(address, word string) int { return s.from(address, "inb_1", word) }
	for range page.MissBurst {
		if got := from("203.0.113.1", "guess"); got != http.StatusUnauthorized {
			t.Fatalf("status %d", got)
		}
	}
	if got := from("203.0.113.1", "open sesame"); got != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %d", got)
	}
	if got := from("203.0.113.2", "open sesame"); got != http.StatusOK {
		t.Errorf("somebody else: %d", got)
	}
	for range 3 * page.MissBurst { // somebody guesses from where the vendor calls, too
		from("203.0.113.2", "guess")
	}
	if got := from("203.0.113.2", "open sesame"); got != http.StatusOK {
		t.Errorf("the vendor: %d", got)
	}
	s.clock.Advance(page.MissEvery)
	if got := from("203.0.113.1", "open sesame"); got != http.StatusOK {
		t.Errorf("after a while: %d", got)
	}
}

func TestCalls(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, word, body string
		status                   int
		kept                     string
	}{
		"believed":               {"POST", "/hook/inb_1", "open sesame", "a b", 200, "a b"},
		"nothing in it":          {"POST", "/hook/inb_1", "open sesame", "", 200, ""},
		"not believed":           {"POST", "/hook/inb_1", "sesame", "a", 401, ""},
		"not understood":         {"POST", "/hook/inb_1", "open sesame", "?", 400, ""},
		"the second is not safe": {"POST", "/hook/inb_1", "open sesame", "a bad c", 503, "a"},
		"a panic":                {"POST", "/hook/inb_1", "mine", "a", 503, ""},
		"no such inbox":          {"POST", "/hook/inb_2", "open sesame", "a", 404, ""},
		"an inbox nobody calls":  {"POST", "/hook/inb_mail", "open sesame", "a", 404, ""},
		"no inbox":               {"POST", "/hook/", "open sesame", "a", 404, ""},
		"too much":               {"POST", "/hook/inb_1", "open sesame", strings.Repeat("x", 9<<20), 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			res := s.call(c.method, c.path, c.word, c.body)
			if res.StatusCode != c.status || strings.Join(s.kept, " ") != c.kept {
				t.Errorf("status %d, kept %q", res.StatusCode, s.kept)
			}
			if c.status == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "" {
				t.Error("nobody says when to call again")
			}
		})
	}
}

// endless is a body of which no end comes, and that counts what was read of it.
type endless struct {
	read atomic.Int64
	stop chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	if e.read.Load() > 1<<20 {
		<-e.stop
		return 0, io.ErrUnexpectedEOF
	}
	e.read.Add(int64(len(p)))
	return len(p), nil
}

// TestAnybodyMayCallButNotFillTheMemory sends large calls that do not end: nothing
// is read for an inbox that there is none of, few are held, usual ones pass.
func TestAnybodyMayCallButNotFillTheMemory(t *testing.T) {
	s := newSite(t)
	body := &endless{stop: make(chan struct{})}
	for _, path := range []string{"/hook/inb_2", "/hook/inb_mail", "/hook/" + strings.Repeat("x", 65), "/hook/a%00b", "/hook/%ff"} {
		w := httptest.NewRecorder()
		s.calls.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", path, body))
		if w.Code != http.StatusNotFound || body.read.Load() != 0 {
			t.Errorf("%s: %d after %d bytes", path, w.Code, body.read.Load())
		}
	}
	var held sync.WaitGroup
	defer held.Wait()
	defer close(body.stop)
	for range 8 {
		one := &endless{stop: body.stop}
		held.Go(func() {
			s.calls.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "POST", "/hook/inb_1", one))
		})
		for one.read.Load() <= 1<<20 {
			time.Sleep(time.Millisecond)
		}
	}
	if res := s.call("POST", "/hook/inb_1", "open sesame", strings.Repeat("x", 1<<20)); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("a ninth large call: %d", res.StatusCode)
	}
	if res := s.call("POST", "/hook/inb_1", "open sesame", "a b"); res.StatusCode != http.StatusOK {
		t.Errorf("a usual call beside them: %d", res.StatusCode)
	}
}

func TestTheChannelAnswersAsItLikes(t *testing.T) {
	s := newSite(t)
	res := s.call("GET", "/hook/inb_1/verify?challenge=7", "open sesame", "")
	b, err := io.ReadAll(res.Body)
	if err != nil || string(b) != "/hook/inb_1/verify?challenge=7" || s.bell.seen.Path != "verify" || res.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("%q, %v, path %q", b, err, s.bell.seen.Path)
	}
}

func TestTheInboxLearnsHowACallWent(t *testing.T) {
	s := newSite(t)
	s.call("POST", "/hook/inb_1", "sesame", "a")
	s.call("POST", "/hook/inb_1", "open sesame", "a")
	s.call("POST", "/hook/inb_1", "open sesame", "?")
	s.call("POST", "/hook/inb_none", "open sesame", "a")
	s.full = true
	s.call("POST", "/hook/inb_1", "open sesame", "b")
	if len(s.told) != 3 || !channel.IsUnverified(s.told[0]) || s.told[1] != nil || !channel.IsMalformed(s.told[2]) {
		t.Errorf("told %v", s.told)
	}
	for _, result := range []string{webhook.Unbelieved, webhook.Taken, webhook.Malformed, webhook.Unknown, webhook.Failed} {
		if s.count[result] != 1 {
			t.Errorf("%s was counted %d times: %v", result, s.count[result], s.count)
		}
	}
}

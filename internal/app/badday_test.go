package app_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook/hooksim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// badDay is an instance with inboxes whose other sides are played.
type badDay struct {
	*site
	brand   string
	clock   *clock.Manual // of the played application
	line    *linesim.Sim
	hook    *hooksim.Sim
	inboxes map[string]string // id by kind
}

// opened adds an inbox.
func (b *badDay) opened(kind string, values inbox.Values) {
	b.Helper()
	name, yes := kind, true
	i, err := b.in.Inboxes.Create(b.Context(), actor.OfSystem("test"), inbox.Change{Kind: kind, BrandID: &b.brand, Name: &name, Active: &yes, Values: values})
	b.must(err)
	b.inboxes[kind] = i.ID
}

func (b *badDay) at(kind string) func() string {
	return func() string { return b.app.URL() + "/hook/" + b.inboxes[kind] }
}

func (b *badDay) vendor(h http.Handler) string {
	srv := httptest.NewServer(h)
	b.Cleanup(srv.Close)
	return srv.URL
}

const whsec = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"

// patient waits for an answer, but not for ever: who is not answered says so.
var patient = &http.Client{Timeout: time.Minute}

func newBadDay(s *site) *badDay {
	b := &badDay{site: s, inboxes: map[string]string{}, clock: clock.NewManual(time.Now())}
	name, lang, zone := "Shop", "en", "Europe/London"
	br, err := s.in.Brands.Create(s.Context(), actor.OfSystem("test"), brand.Change{Name: &name, Locale: &lang, Zone: &zone})
	s.must(err)
	b.brand = br.ID
	b.line = linesim.New(linesim.Config{Secret: "secret", Token: "token", BasicID: "@shop", Name: name, Client: patient, Clock: clock.System{}, Hook: b.at("line")})
	b.opened("line", inbox.Values{"channelSecret": "secret", "channelAccessToken": "token", "basicId": "@shop", "apiBase": b.vendor(b.line)})
	b.hook = hooksim.New(hooksim.Config{Secret: whsec, Hook: b.at("hook"), Client: patient, Clock: b.clock})
	b.opened("hook", inbox.Values{"secret": whsec})
	return b
}

// seen is what the page of an inbox shows.
type seen struct {
	Health struct {
		State    string
		Receive  contactSeen
		Send     contactSeen
		Troubles []struct {
			Sort, Words     string
			Times           int
			FirstAt, LastAt time.Time
		}
	}
}

type contactSeen struct {
	State, LastError string
	LastErrorAt      *time.Time
}

func (b *badDay) page(kind string) (v seen) {
	b.Helper()
	b.decode(b.ask("GET", "/api/v1/inboxes/"+b.inboxes[kind], stranger, b.key, ""), &v)
	return v
}

// TestBadDaysShowOnTheInbox drives what goes wrong between a vendor and us through
// the address that it calls, and reads what the inbox's page shows: of which sort,
// how often, since when, in whose words. Nothing that came is lost meanwhile.
func TestBadDaysShowOnTheInbox(t *testing.T) {
	ana := linesim.Person{Address: "U" + strings.Repeat("a1", 16), Name: "Ana"}
	for name, c := range map[string]struct {
		kind   string
		do     func(ctx context.Context, b *badDay) error
		sort   string // of the trouble; "": sending fails
		times  int
		words  string
		ledger int // how many rows the day adds
	}{
		"a file too large": {"line", func(ctx context.Context, b *badDay) error {
			film := map[string]any{"id": "77", "type": "file", "fileName": "film.mp4", "fileSize": 300 << 20}
			return linesim.Tell(ctx, b.line, ana, "message", map[string]any{"message": film})
		}, "large", 1, "film.mp4", 1},
		"an event nobody has heard of": {"line", func(ctx context.Context, b *badDay) error {
			return linesim.Tell(ctx, b.line, ana, "teleported", nil)
		}, "strange", 1, "teleported", 1},
		"not in UTF-8": {"line", func(ctx context.Context, b *badDay) error {
			_, err := linesim.Post(ctx, b.line, []byte(`{"events":[{"type":"message","webhookEventId":"01X","timestamp":1,"source":{"type":"user","userId":"`+ana.Address+`"},"message":{"id":"78","type":"text","text":"`+"\x82\xb1"+`"}}]}`))
			return err
		}, "garbled", 1, "not UTF-8", 1},
		"broken": {"line", func(ctx context.Context, b *badDay) error {
			if status, _ := linesim.Post(ctx, b.line, []byte(`{"events":[{"type":`)); status != http.StatusBadRequest {
				b.Errorf("status %d", status)
			}
			return nil
		}, "garbled", 1, "malformed", 0},
		"broken, by an application": {"hook", func(ctx context.Context, b *badDay) error {
			if err := b.hook.Tell(ctx, map[string]any{"text": 5}); err == nil {
				b.Error("it was taken")
			}
			return nil
		}, "garbled", 1, "malformed", 0},
		"the token was revoked": {"line", func(ctx context.Context, b *badDay) error {
			linesim.Revoke(b.line)
			return b.line.Picture(ctx, ana, "image/png", []byte("a picture"))
		}, "", 0, "invalid token", 1},
		"our clock is behind": {"line", func(ctx context.Context, b *badDay) error {
			return linesim.Tell(ctx, b.line, ana, "message", map[string]any{"timestamp": time.Now().Add(time.Hour).UnixMilli(), "message": map[string]any{"id": "79", "type": "text", "text": "From tomorrow"}})
		}, "skewed", 1, "+1h0m0s", 1},
		"the application's clock is behind": {"hook", func(ctx context.Context, b *badDay) error {
			b.clock.Set(time.Now().Add(-time.Hour))
			if err := b.hook.Say(ctx, hooksim.Person{Address: "cy", Name: "Cy"}, "Too late"); err == nil {
				b.Error("it was taken")
			}
			return nil
		}, "skewed", 1, "five minutes", 0},
		"signed by somebody else": {"line", func(_ context.Context, b *badDay) error {
			for n := range 3 {
				if n == 2 {
					time.Sleep(1100 * time.Millisecond) // floods are written once a second
				}
				res, err := patient.Post(b.at("line")(), "application/json", bytes.NewReader([]byte(`{"events":[]}`)))
				if err != nil {
					return err
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusUnauthorized {
					b.Errorf("status %d", res.StatusCode)
				}
			}
			return nil
		}, "doubted", 3, "X-Line-Signature", 0},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, loopback, func(s *site) {
				b := newBadDay(s)
				s.must(b.line.Say(s.Context(), ana, "Hello"))
				s.must(b.hook.Say(s.Context(), hooksim.Person{Address: "cy", Name: "Cy"}, "Hello"))
				begun := time.Now().Truncate(time.Millisecond)
				s.must(c.do(s.Context(), b))
				if n := s.count(`SELECT COUNT(*) FROM ledger WHERE state = 'linked'`); n != 2+c.ledger {
					s.Errorf("%d rows in the ledger, want %d", n, 2+c.ledger)
				}
				if c.sort == "" {
					s.within(10*time.Second, "sending is known to fail", func() bool { return b.page(c.kind).Health.Send.State == "failing" })
					if h := b.page(c.kind).Health; !strings.Contains(h.Send.LastError, c.words) || h.Send.LastErrorAt.Before(begun) || h.State != "failing" || h.Receive.State != "ok" {
						s.Errorf("%+v", h)
					}
					return
				}
				s.within(10*time.Second, "the trouble shows", func() bool { return len(b.page(c.kind).Health.Troubles) > 0 })
				h := b.page(c.kind).Health
				if one := h.Troubles[0]; len(h.Troubles) != 1 || one.Sort != c.sort || one.Times != c.times || !strings.Contains(one.Words, c.words) || one.FirstAt.Before(begun) || one.LastAt.Before(one.FirstAt) {
					s.Errorf("%+v", h.Troubles)
				}
				if h.State != "ok" {
					s.Errorf("the inbox itself is %s", h.State)
				}
				if rec := s.ask("DELETE", "/api/v1/inboxes/"+b.inboxes[c.kind]+"/troubles", stranger, s.key, ""); rec.Code != http.StatusNoContent || len(b.page(c.kind).Health.Troubles) != 0 {
					s.Errorf("after somebody looked at it: %d %+v", rec.Code, b.page(c.kind).Health.Troubles)
				}
			})
		})
	}
}

// TestWhatWasSeenIsNotCountedAgain: calls that were held back when somebody looked are
// not counted with the next one.
func TestWhatWasSeenIsNotCountedAgain(t *testing.T) {
	onBoth(t, loopback, func(s *site) {
		b := newBadDay(s)
		s.must(b.line.Say(s.Context(), linesim.Person{Address: "U" + strings.Repeat("a1", 16), Name: "Ana"}, "Hello"))
		doubted := func() {
			res, err := patient.Post(b.at("line")(), "application/json", bytes.NewReader([]byte(`{"events":[]}`)))
			s.must(err)
			s.must(res.Body.Close())
		}
		times := func() int {
			list := b.page("line").Health.Troubles
			if len(list) != 1 {
				s.Fatalf("%+v", list)
			}
			return list[0].Times
		}
		doubted()
		doubted() // held back: floods are written once a second
		if n := times(); n != 1 {
			s.Fatalf("%d were written", n)
		}
		s.ask("DELETE", "/api/v1/inboxes/"+b.inboxes["line"]+"/troubles", stranger, s.key, "")
		time.Sleep(1100 * time.Millisecond)
		doubted()
		if n := times(); n != 1 {
			s.Errorf("%d after somebody looked, want 1", n)
		}
	})
}

// TestCallsToNobodyAreCounted: what has no inbox to show on is a number, however many
// addresses a stranger makes up.
func TestCallsToNobodyAreCounted(t *testing.T) {
	s := open(t, "", func(c *app.Config) { loopback(c) })
	for _, id := range []string{"inb_one", "inb_two", strings.Repeat("x", 99)} {
		if rec := s.ask("POST", "/hook/"+id, stranger, "", "{}"); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", id, rec.Code)
		}
	}
	body := s.ask("GET", "/metrics", here, "", "").Body.String()
	if !strings.Contains(body, `kintsugi_hook_calls_total{result="unknown"} 3`) || strings.Contains(body, "inb_") {
		t.Error(body)
	}
}

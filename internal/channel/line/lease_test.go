package line_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// lender is an account whose tokens end, and what opens endpoints of it with some
// papers.
func lender(t *testing.T, ends time.Time, settings, papers map[string]string) (func() channel.Channel, *linesim.Sim, *clock.Manual) {
	t.Helper()
	now := clock.NewManual(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	host := channeltest.NewDesk().Host(t)
	host.Clock = now
	sim := linesim.New(linesim.Config{Secret: secret, Token: token, ID: "1234567890", Ends: ends, BasicID: "@kinmokusei", Name: "金木犀書店", Clock: now,
		Client: host.Client, Limit: 200})
	api := httptest.NewServer(sim)
	t.Cleanup(api.Close)
	settings["apiBase"] = api.URL
	kind := line.New()
	return func() channel.Channel {
		t.Helper()
		ch, err := kind.Open(doc(t, settings), doc(t, papers), host)
		if err != nil {
			t.Fatal(err)
		}
		return ch
	}, sim, now
}

// TestTokensAreRenewed: with the channel's id a token is lent, used as long as it
// holds, and followed by another one.
func TestTokensAreRenewed(t *testing.T) {
	open, sim, now := lender(t, time.Time{}, map[string]string{"channelId": "1234567890"}, map[string]string{"channelSecret": secret})
	lends := func() (n int) {
		for _, call := range sim.Calls() {
			if strings.HasSuffix(call, "/oauth2/v3/token") {
				n++
			}
		}
		return n
	}
	for i, want := range []int{1, 1, 2, 3} {
		out := answer("承知しました")
		out.ID += strconv.Itoa(i)
		if err := open().Send(t.Context(), out); err != nil { // an endpoint is opened for every message
			t.Fatal(err)
		}
		if lends() != want {
			t.Errorf("after message %d: %d tokens, want %d", i+1, lends(), want)
		}
		now.Advance(time.Duration(i*11+1) * time.Minute) // 1, 12, 23 minutes
	}
	warm, out := answer("承知しました"), answer("承知しました")
	warm.ID += "warm"
	if err := open().Send(t.Context(), warm); err != nil {
		t.Fatal(err)
	}
	had := lends()
	sim.Fail(1, 401, nil) // the token was taken back
	if err := open().Send(t.Context(), out); !channel.IsSettings(err) {
		t.Errorf("a token that is not taken: %v", err)
	}
	if err := open().Send(t.Context(), out); err != nil || lends() != had+1 {
		t.Errorf("after it: %v, %d tokens, want %d", err, lends(), had+1)
	}
	if n := len(sim.Screen(hana.Address)); n != 6 {
		t.Errorf("%d messages arrived", n)
	}
}

// TestNoTokenIsLent: wrong papers are a matter of the settings and tell no secret;
// nothing was sent.
func TestNoTokenIsLent(t *testing.T) {
	open, sim, _ := lender(t, time.Time{}, map[string]string{"channelId": "99"}, map[string]string{"channelSecret": secret})
	ch := open()
	out := answer("承知しました")
	out.Committing = nil // it must not come to that
	if err := ch.Send(t.Context(), out); !channel.IsSettings(err) || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
	sim.Fail(1, 429, map[string][]string{"Retry-After": {"7"}})
	if later, ok := channel.AsLater(ch.Send(t.Context(), out)); !ok || later.After != 7*time.Second {
		t.Errorf("%+v, %v", later, ok)
	}
}

// TestEndOfAToken is told by the check, where there is one.
func TestEndOfAToken(t *testing.T) {
	ends := time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ ends, want time.Time }{"short-lived": {ends, ends}, "long-lived": {time.Time{}, time.Time{}}} {
		open, _, _ := lender(t, c.ends, map[string]string{}, map[string]string{"channelSecret": secret, "channelAccessToken": token})
		var got time.Time
		for _, s := range open().(channel.Checker).Check(t.Context()) {
			if !s.Expires.IsZero() {
				got = s.Expires
			}
		}
		if !got.Equal(c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestSilenceIsNoTokenWithoutEnd: where LINE cannot say when a token ends, the step
// fails and what was known stands.
func TestSilenceIsNoTokenWithoutEnd(t *testing.T) {
	host := channeltest.NewDesk().Host(t)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/oauth/verify" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(api.Close)
	ch, err := line.New().Open(doc(t, map[string]string{"apiBase": api.URL}), doc(t, map[string]string{"channelSecret": secret, "channelAccessToken": token}), host)
	if err != nil {
		t.Fatal(err)
	}
	steps := ch.(channel.Checker).Check(t.Context())
	if len(steps) < 2 || !steps[0].OK || steps[1].Name != "token" || steps[1].OK || steps[1].Text == "" {
		t.Errorf("%+v", steps)
	}
}

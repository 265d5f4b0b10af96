package line_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
)

const (
	replied = "POST /v2/bot/message/reply"
	pushed  = "POST /v2/bot/message/push"
)

// TestConversation plays one: words both ways, by reply and then by push.
func TestConversation(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.Say(t.Context(), hana, "本が届きません"); err != nil {
		t.Fatal(err)
	}
	m := w.heard(t)
	if m.Text != "本が届きません" || m.From.Address != hana.Address || m.Token == "" {
		t.Fatalf("%+v", m)
	}
	for _, words := range []string{"お調べします", "本日お届けします"} { // the token of one message, twice
		out := answer(words)
		out.ID, out.Token = words, m.Token
		if err := w.line.Send(t.Context(), out); err != nil || len(out.Accepted) != 1 {
			t.Fatal(err, out.Accepted)
		}
	}
	if got := w.sim.Calls(); !slices.Equal(got, []string{replied, replied, pushed}) {
		t.Errorf("%v", got)
	}
	texts := []string{}
	for _, l := range w.sim.Screen(hana.Address) {
		texts = append(texts, l.Text)
	}
	if !slices.Equal(texts, []string{"本が届きません", "お調べします", "本日お届けします"}) {
		t.Errorf("the screen shows %q", texts)
	}
	if used, limit, err := w.line.(channel.Metered).Quota(t.Context()); used != 1 || limit != 200 || err != nil {
		t.Errorf("quota %d of %d, %v", used, limit, err)
	}
}

func TestOldTokenIsNotTried(t *testing.T) {
	for _, token := range []string{"", "rt", "rt x", "rt 1", "rt 9793584800000"} {
		w := newWorld(t)
		out := answer("はい")
		out.Token = token
		if err := w.line.Send(t.Context(), out); err != nil || !slices.Equal(w.sim.Calls(), []string{pushed}) {
			t.Errorf("%q: %v, %v", token, w.sim.Calls(), err)
		}
	}
}

// TestLostAnswers is the heart of it: what LINE carried out is never carried out
// a second time by itself.
func TestLostAnswers(t *testing.T) {
	w := newWorld(t)
	w.sim.Lose(2)
	out := answer("一度だけ")
	if err := w.line.Send(t.Context(), out); err != nil || len(out.Accepted) != 1 {
		t.Fatalf("a push whose answer is lost is made again: %v, %v", err, out.Accepted)
	}
	if n := len(w.sim.Screen(hana.Address)); n != 1 {
		t.Errorf("it arrived %d times", n)
	}

	w.sim.Lose(3)
	out = answer("また一度だけ")
	out.ID = "msg_02"
	err := w.line.Send(t.Context(), out)
	if _, refused := channel.IsRefused(err); err == nil || refused || channel.IsAmbiguous(err) {
		t.Fatalf("what can be made again is a failure like any other: %v", err)
	}
	if err := w.line.Send(t.Context(), out); err != nil || len(w.sim.Screen(hana.Address)) != 2 {
		t.Errorf("made again by the product: %v, %v", err, w.sim.Screen(hana.Address))
	}

	w.sim.Lose(3)
	out = answer("昨日の")
	out.ID, out.At = "msg_03", time.Now().Add(-24*time.Hour)
	if err := w.line.Send(t.Context(), out); !channel.IsAmbiguous(err) {
		t.Errorf("LINE may have forgotten the key: %v", err)
	}

	if err := w.sim.Say(t.Context(), hana, "もしもし"); err != nil {
		t.Fatal(err)
	}
	w.sim.Lose(1)
	out = answer("はい")
	out.ID, out.Token = "msg_04", w.heard(t).Token
	if err := w.line.Send(t.Context(), out); !channel.IsAmbiguous(err) {
		t.Errorf("a reply has no key: %v", err)
	}
}

func TestAnswersOfTheOtherSide(t *testing.T) {
	for name, c := range map[string]struct {
		fails, status int
		header        http.Header
		want          func(error) bool
	}{
		"bad request": {1, 400, nil, func(err error) bool {
			r, ok := channel.IsRefused(err)
			return ok && r.Code == 400 && r.Text == "played failure"
		}},
		"wrong token":   {1, 401, nil, channel.IsSettings},
		"not allowed":   {1, 403, nil, channel.IsSettings},
		"slow down":     {1, 429, http.Header{"Retry-After": {"7"}}, waits(7 * time.Second)},
		"slow down now": {1, 429, nil, waits(time.Minute)},
		"broken twice":  {2, 500, nil, func(err error) bool { return err == nil }},
		"broken":        {3, 502, nil, temporary},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sim.Fail(c.fails, c.status, c.header)
			if err := w.line.Send(t.Context(), answer("x")); !c.want(err) || err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("%v", err)
			}
		})
	}
	w := newWorld(t)
	out := answer("x")
	out.To[0].Address = "somebody"
	if r, ok := channel.IsRefused(w.line.Send(t.Context(), out)); !ok || !strings.Contains(r.Text, "'to'") {
		t.Errorf("an address that is none: %v", r)
	}
}

func waits(d time.Duration) func(error) bool {
	return func(err error) bool { l, ok := channel.AsLater(err); return ok && l.After == d }
}

// temporary is an error after which the product tries again by itself: none of the
// network, which it takes for a lost answer.
func temporary(err error) bool {
	var network net.Error
	_, refused := channel.IsRefused(err)
	return err != nil && !errors.As(err, &network) && !refused && !channel.IsSettings(err) && !channel.IsAmbiguous(err)
}

func TestGarbageAndSilence(t *testing.T) {
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  func(error) bool
	}{
		"garbage with success": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, func(err error) bool { return err == nil }},
		"garbage without":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, func(err error) bool { _, ok := channel.IsRefused(err); return ok }},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://localhost:1/", http.StatusTemporaryRedirect)
		}, temporary},
		"silence": {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, temporary},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(c.serve)
			defer srv.Close()
			if c.serve == nil {
				srv.Close()
			}
			w := newWorld(t)
			ch, err := line.New().Open(doc(t, map[string]string{"apiBase": srv.URL}), w.secrets, w.host(t))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if name != "silence" {
				ctx = t.Context()
			}
			if err := ch.Send(ctx, answer("x")); !c.want(err) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestMonthlyLimit waits for somebody to book more: a full month is no passing fault.
func TestMonthlyLimit(t *testing.T) {
	w := newWorld(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"message":"You have reached your monthly limit."}`)
	}))
	defer srv.Close()
	ch, err := line.New().Open(doc(t, map[string]string{"apiBase": srv.URL}), w.secrets, w.host(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.Send(t.Context(), answer("x")); !channel.IsSettings(err) || !strings.Contains(err.Error(), "monthly limit") {
		t.Errorf("%v", err)
	}
}

func TestLongAndMany(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("𠮷", 2500) + "\n\n" + strings.Repeat("い", 25_000) // two units a character, and one
	out := answer(long)
	if err := w.line.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, l := range w.sim.Screen(hana.Address) {
		got += l.Text
	}
	if got != strings.ReplaceAll(long, "\n", "") || len(out.Accepted) != 6 || !slices.Equal(w.sim.Calls(), []string{pushed, pushed}) {
		t.Errorf("%d messages in %v", len(out.Accepted), w.sim.Calls())
	}
	// The second request is refused for good: the first five parts are there.
	w = newWorld(t)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if len(w.sim.Calls()) == 1 {
			w.sim.Fail(1, http.StatusBadRequest, nil)
		}
		w.sim.ServeHTTP(rw, r)
	}))
	defer srv.Close()
	ch, err := line.New().Open(doc(t, map[string]string{"apiBase": srv.URL}), w.secrets, w.host(t))
	if err != nil {
		t.Fatal(err)
	}
	err = ch.Send(t.Context(), answer(long))
	if _, refused := channel.IsRefused(err); !channel.IsAmbiguous(err) || refused || !strings.Contains(err.Error(), "5 of 6") {
		t.Errorf("%v", err)
	}
}

func TestFiles(t *testing.T) {
	file := func(name, contentType string, size int64) channel.OutgoingPart {
		return channel.OutgoingPart{Name: name, ContentType: contentType, Size: size,
			Open: func(context.Context) (io.ReadCloser, error) { return nil, errors.New("LINE fetches them by itself") }}
	}
	w := newWorld(t)
	out := answer("")
	out.Parts = []channel.OutgoingPart{file("棚.jpg", "image/jpeg", 1<<20), file("大きい.png", "image/png", 5<<20), file("約款.pdf", "application/pdf", 1)}
	if r, ok := channel.IsRefused(w.line.Send(t.Context(), out)); !ok || r.Text != "delivery.reason.noLink" || len(w.sim.Calls()) > 0 {
		t.Fatalf("nobody can fetch them: %v", r)
	}
	out.Link = func(n int) string { return "https://desk.example/f/" + string(rune('a'+n)) }
	if err := w.line.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	want := []linesim.Line{{Ours: true, File: "https://desk.example/f/a"},
		{Ours: true, Text: "大きい.png\nhttps://desk.example/f/b\n\n約款.pdf\nhttps://desk.example/f/c"}}
	got := w.sim.Screen(hana.Address)
	for i := range got {
		got[i].At = time.Time{}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	// With previews, large pictures and films stand in the chat, too.
	w = newWorld(t)
	out.Parts = append(out.Parts, file("動画.mp4", "video/mp4", 9<<20))
	out.Preview = func(n int) string {
		if n == 2 {
			return ""
		}
		return "https://desk.example/p/" + string(rune('a'+n))
	}
	if err := w.line.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	files := []string{}
	for _, l := range w.sim.Screen(hana.Address) {
		files = append(files, l.File)
	}
	if !slices.Equal(files, []string{"https://desk.example/f/a", "https://desk.example/f/b", "https://desk.example/f/d", ""}) {
		t.Errorf("%q", files)
	}
	// A recording says how long it is; one that does not goes as a link.
	w = newWorld(t)
	m4a := "\x00\x00\x00\x24moov\x00\x00\x00\x1cmvhd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\xe8\x00\x00\x05\xdc"
	out.ID, out.Parts = "recordings", nil
	for _, content := range []string{m4a, "words"} {
		out.Parts = append(out.Parts, channel.OutgoingPart{Name: "声.m4a", ContentType: "audio/mp4", Size: int64(len(content)),
			Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }})
	}
	if err := w.line.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if got := w.sim.Screen(hana.Address); len(got) != 2 || got[0].File != "https://desk.example/f/a" || got[1].Text != "声.m4a\nhttps://desk.example/f/b" {
		t.Errorf("%+v", got)
	}
	empty := answer(" \n")
	if _, ok := channel.IsRefused(w.line.Send(t.Context(), empty)); !ok {
		t.Error("a message of nothing is not refused")
	}
}

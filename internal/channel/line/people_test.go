package line_test

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
)

// TestWhatPeopleDo lets a customer do everything, and looks at what the desk is told.
func TestWhatPeopleDo(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	for _, c := range []struct {
		name string
		do   func() error
		want func(*channel.Message) bool
	}{
		{"follows", func() error { return w.sim.Follow(ctx, hana) }, func(m *channel.Message) bool { return m.Contact == channel.ContactAllowed && m.Empty() }},
		{"writes", func() error { return w.sim.Say(ctx, hana, "x") }, func(m *channel.Message) bool { return m.Visible == "x" }},
		{"sends a sticker", func() error { return w.sim.Sticker(ctx, hana, "1", "2") }, func(m *channel.Message) bool { return m.Thing.Name == "sticker" }},
		{"sends a place", func() error { return w.sim.Place(ctx, hana, "書店", "東京") }, func(m *channel.Message) bool { return m.Text == "書店\n東京" }},
		{"presses", func() error { return w.sim.Press(ctx, hana, "d") }, func(m *channel.Message) bool { return m.Thing.Name == "choice" && m.Token != "" }},
		{"takes back", func() error { return w.sim.Unsend(ctx, hana) }, func(m *channel.Message) bool { return m.Deletes == w.sim.Sent(hana.Address) && m.Empty() }},
		{"blocks", func() error { return w.sim.Block(ctx, hana) }, func(m *channel.Message) bool { return m.Contact == channel.ContactEnded }},
	} {
		if err := c.do(); err != nil {
			t.Fatal(c.name, err)
		}
		if m := w.heard(t); !c.want(m) || m.From.Address != hana.Address {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
	// LINE accepts what it shows to nobody.
	before := len(w.sim.Screen(hana.Address))
	if err := w.line.Send(ctx, answer("x")); err != nil || len(w.sim.Screen(hana.Address)) != before {
		t.Errorf("to somebody who blocked us: %v", err)
	}
}

func TestRedelivery(t *testing.T) {
	w := newWorld(t)
	w.desk.Refuse = func(channel.Raw) error { return errors.New("not now") }
	if err := w.sim.Say(t.Context(), hana, "x"); err == nil {
		t.Fatal("what was not taken in was acknowledged")
	}
	w.desk.Refuse = nil
	for range 2 {
		if err := w.sim.Again(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.desk.Until(t, "one message, told twice", func(d *channeltest.Desk) bool { return len(d.Got) == 1 && d.Seen[d.Got[0].Key] == 2 })
}

func TestFetch(t *testing.T) {
	w := newWorld(t)
	fetcher := w.line.(channel.Fetcher)
	if err := w.sim.Picture(t.Context(), hana, "image/png", []byte("png")); err != nil {
		t.Fatal(err)
	}
	ref := w.heard(t).Parts[0].Ref
	w.sim.Prepare(w.sim.Sent(hana.Address), 1)
	if _, _, err := fetcher.Fetch(t.Context(), ref); !waits(10e9)(err) {
		t.Errorf("while it is prepared: %v", err)
	}
	r, contentType, err := fetcher.Fetch(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || r.Close() != nil || string(b) != "png" || contentType != "image/png" {
		t.Errorf("%q %s %v", b, contentType, err)
	}
	w.sim.Forget(w.sim.Sent(hana.Address))
	for _, ref := range []string{ref, "message:unknown", "message:", "url:http://a.example/x", "", "what"} {
		if _, _, err := fetcher.Fetch(t.Context(), ref); !isRefused(err) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	w.sim.Fail(1, 500, nil)
	if _, _, err := fetcher.Fetch(t.Context(), ref); !temporary(err) {
		t.Errorf("broken: %v", err)
	}
}

func isRefused(err error) bool { _, ok := channel.IsRefused(err); return ok }

func TestProfile(t *testing.T) {
	w := newWorld(t)
	profiler := w.line.(channel.Profiler)
	if _, err := profiler.Profile(t.Context(), hana.Address); !isRefused(err) {
		t.Errorf("of somebody unknown: %v", err)
	}
	if err := w.sim.Say(t.Context(), hana, "x"); err != nil {
		t.Fatal(err)
	}
	p, err := profiler.Profile(t.Context(), strings.ToLower(hana.Address))
	if err != nil || p.Name != "花" || p.Language != "ja" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestCheck(t *testing.T) {
	w := newWorld(t)
	names := func() (out []string) {
		for _, s := range w.line.(channel.Checker).Check(t.Context()) {
			if !s.OK {
				s.Name += ": " + s.Text
			}
			out = append(out, s.Part+" "+s.Name)
		}
		return out
	}
	if got := strings.Join(names(), "\n"); got != "send login\nsend quota\nreceive webhook\nreceive call" {
		t.Errorf("%s", got)
	}
	w.sim.Fail(1, 401, nil)
	if got := strings.Join(names(), "\n"); got != "send login: LINE: played failure" {
		t.Errorf("%s", got)
	}
	w.sim.UseWebhook(false)
	if got := strings.Join(names(), "\n"); !strings.HasSuffix(got, "receive webhook: channel.line.check.off") {
		t.Errorf("%s", got)
	}
	w.sim.UseWebhook(true)
	host := w.host(t)
	host.Hook = "https://desk.example/hook/inb_2"
	elsewhere, err := line.New().Open(w.settings, w.secrets, host)
	if err != nil {
		t.Fatal(err)
	}
	steps := elsewhere.(channel.Checker).Check(t.Context())
	if last := steps[len(steps)-1]; last.OK || last.Text != "channel.line.check.elsewhere" {
		t.Errorf("%+v", steps)
	}
	nowhere := httptest.NewServer(linesim.New(linesim.Config{Token: token, Clock: hasty{}}))
	defer nowhere.Close()
	if elsewhere, err = line.New().Open(doc(t, map[string]string{"apiBase": nowhere.URL}), w.secrets, w.host(t)); err != nil {
		t.Fatal(err)
	}
	steps = elsewhere.(channel.Checker).Check(t.Context())
	if last := steps[len(steps)-1]; last.OK || last.Text != "channel.line.check.none" {
		t.Errorf("%+v", steps)
	}
	other := newWorldOf(t, "another secret")
	steps = other.line.(channel.Checker).Check(t.Context())
	if last := steps[len(steps)-1]; last.OK || !strings.Contains(last.Text, "401") {
		t.Errorf("with a wrong channel secret: %+v", steps)
	}
}

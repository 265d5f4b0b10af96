package telegram_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
)

// TestWhatPeopleDo lets a customer do everything, and looks at what the desk is told.
func TestWhatPeopleDo(t *testing.T) {
	w, ctx := newWorld(t, "poll"), t.Context()
	w.desk.Listen(t, w.bot.(channel.Listener))
	for i, c := range []struct {
		name string
		do   func() error
		want func(*channel.Message) bool
	}{
		{"starts", func() error { return w.sim.Start(ctx, hana) }, func(m *channel.Message) bool { return m.Contact == channel.ContactAllowed && m.Empty() }},
		{"writes", func() error { return w.sim.Say(ctx, hana, "x") }, func(m *channel.Message) bool { return m.Visible == "x" }},
		{"edits", func() error { return w.sim.Edit(ctx, hana, "y") }, func(m *channel.Message) bool {
			return m.Visible == "y" && strings.HasPrefix(m.ExternalID, m.Edits+"/") && m.Edits != ""
		}},
		{"sends a sticker", func() error { return w.sim.Sticker(ctx, hana, "🙏") }, func(m *channel.Message) bool { return m.Thing.Name == "sticker" && m.Text == "🙏" }},
		{"sends a place", func() error { return w.sim.Place(ctx, hana, "書店", "東京") }, func(m *channel.Message) bool { return m.Text == "書店\n東京" }},
		{"presses", func() error { return w.sim.Press(ctx, hana, "はい", "yes") }, func(m *channel.Message) bool { return m.Thing.Name == "choice" && m.Text == "はい" }},
		{"blocks", func() error { return w.sim.Block(ctx, hana) }, func(m *channel.Message) bool { return m.Contact == channel.ContactEnded }},
		{"comes back", func() error { return w.sim.Start(ctx, hana) }, func(m *channel.Message) bool { return m.Contact == channel.ContactAllowed }},
	} {
		if err := c.do(); err != nil {
			t.Fatal(c.name, err)
		}
		if m := w.heard(t, i+1); !c.want(m) || m.From.Address != hana.Address {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

// TestRenumbering loses nothing when Telegram begins to count anew: after a quiet
// week, and while somebody listens.
func TestRenumbering(t *testing.T) {
	w := newWorld(t, "poll")
	long := uint32(time.Now().Add(-8 * 24 * time.Hour).Unix())
	w.desk.Cursors["updates"] = channel.Position{UIDValidity: long, UID: 900_000_000}
	w.sim.Renumber(500)
	if err := w.sim.Say(t.Context(), hana, "a week later"); err != nil {
		t.Fatal(err)
	}
	w.desk.Listen(t, w.bot.(channel.Listener))
	if m := w.heard(t, 1); m.Text != "a week later" {
		t.Errorf("%+v", m)
	}
	w.desk.Until(t, "a quiet turn", func(*channeltest.Desk) bool { return strings.Count(strings.Join(w.sim.Calls(), " "), "getUpdates") > 2 })
	w.sim.Renumber(20)
	if err := w.sim.Say(t.Context(), hana, "lower"); err != nil {
		t.Fatal(err)
	}
	if m := w.heard(t, 2); m.Text != "lower" {
		t.Errorf("%+v", m)
	}
}

// TestWebhookIsTakenAway lets somebody change from one way to the other.
func TestWebhookIsTakenAway(t *testing.T) {
	w := newWorld(t, "webhook")
	stop := w.desk.Listen(t, w.bot.(channel.Listener))
	w.desk.Until(t, "the webhook", func(d *channeltest.Desk) bool { return len(d.Health) > 0 })
	stop()
	w.desk.Refuse = func(channel.Raw) error { return errors.New("not now") }
	if err := w.sim.Say(t.Context(), hana, "待っています"); err == nil {
		t.Fatal("what was not taken in was acknowledged")
	}
	stop = w.desk.Listen(t, w.bot.(channel.Listener))
	w.desk.Until(t, "that Telegram could not deliver", func(d *channeltest.Desk) bool {
		return slices.ContainsFunc(d.Health, func(err error) bool {
			return err != nil && strings.Contains(err.Error(), "503") && strings.Contains(err.Error(), "1 updates wait")
		})
	})
	stop()
	w.desk.Refuse = nil
	poller, err := telegram.Kind.Open([]byte(strings.Replace(string(w.settings), "webhook", "poll", 1)), w.secrets, w.host)
	if err != nil {
		t.Fatal(err)
	}
	w.desk.Listen(t, poller.(channel.Listener))
	if m := w.heard(t, 1); m.Text != "待っています" {
		t.Errorf("%+v", m)
	}
	if !slices.Contains(w.sim.Calls(), "deleteWebhook") {
		t.Errorf("%v", w.sim.Calls())
	}
}

// TestWebhookOfAnotherSecret is taken over when listening begins.
func TestWebhookOfAnotherSecret(t *testing.T) {
	w := newWorld(t, "webhook")
	stop := w.desk.Listen(t, w.bot.(channel.Listener))
	w.desk.Until(t, "the webhook", func(d *channeltest.Desk) bool { return len(d.Health) > 0 })
	stop()
	var set struct{ APIBase string }
	if err := json.Unmarshal(w.settings, &set); err != nil {
		t.Fatal(err)
	}
	resp, err := w.host.Client.Post(set.APIBase+"/bot"+token+"/setWebhook", "application/json", strings.NewReader(`{"url":"`+w.host.Hook+`","secret_token":"another"}`))
	if err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	if err := w.sim.Say(t.Context(), hana, "x"); err == nil {
		t.Fatal("a foreign secret is believed")
	}
	w.desk.Listen(t, w.bot.(channel.Listener))
	w.desk.Until(t, "the webhook again", func(d *channeltest.Desk) bool { return len(d.Health) > 1 })
	if err := w.sim.Again(t.Context()); err != nil {
		t.Error(err)
	}
	if m := w.heard(t, 1); m.Text != "x" {
		t.Errorf("%+v", m)
	}
}

// TestTroubleIsTold keeps listening through failures and tells of them.
func TestTroubleIsTold(t *testing.T) {
	w := newWorld(t, "poll")
	w.sim.Fail(1, 502, nil)
	w.sim.Fail(1, 429, http.Header{"Retry-After": {"1"}})
	w.sim.Fail(1, 409, nil)
	w.desk.Listen(t, w.bot.(channel.Listener))
	if err := w.sim.Say(t.Context(), hana, "x"); err != nil {
		t.Fatal(err)
	}
	w.heard(t, 1)
	var told []string
	w.desk.Until(t, "health", func(d *channeltest.Desk) bool {
		told = nil
		for _, err := range d.Health {
			if err != nil {
				told = append(told, err.Error())
			}
		}
		return len(told) == 3
	})
	if strings.Contains(strings.Join(told, " "), "AAsecret") || !strings.Contains(told[2], "played failure") {
		t.Errorf("%q", told)
	}
	none, err := telegram.Kind.Open([]byte(`{}`), w.secrets, w.desk.Host(t))
	if err != nil {
		t.Fatal(err)
	}
	before := len(told)
	w.desk.Listen(t, none.(channel.Listener))
	w.desk.Until(t, "that nobody can call this server", func(d *channeltest.Desk) bool {
		return slices.ContainsFunc(d.Health[before:], func(err error) bool { return err != nil && strings.Contains(err.Error(), "no address") })
	})
}

func TestFetchAndProfile(t *testing.T) {
	w, ctx := newWorld(t, "poll"), t.Context()
	w.desk.Listen(t, w.bot.(channel.Listener))
	if err := w.sim.Picture(ctx, hana, "箱", []byte("jpeg")); err != nil {
		t.Fatal(err)
	}
	m := w.heard(t, 1)
	fetcher := w.bot.(channel.Fetcher)
	r, contentType, err := fetcher.Fetch(ctx, m.Parts[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || r.Close() != nil || string(b) != "jpeg" || contentType != "" || m.Parts[0].ContentType != "image/jpeg" {
		t.Errorf("%q %q %v", b, contentType, err)
	}
	if err := w.sim.File(ctx, hana, "large.pdf", make([]byte, 20<<20+1)); err != nil {
		t.Fatal(err)
	}
	large := w.heard(t, 2).Parts[0].Ref
	w.sim.Forget(strings.TrimPrefix(m.Parts[0].Ref, "file:"))
	for _, ref := range []string{large, m.Parts[0].Ref, "file:", "", "what"} {
		if _, _, err := fetcher.Fetch(ctx, ref); !isRefused(err) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	p, err := w.bot.(channel.Profiler).Profile(ctx, hana.Address)
	if err != nil || p.Name != "花" {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := w.bot.(channel.Profiler).Profile(ctx, "77"); !isRefused(err) {
		t.Errorf("of somebody unknown: %v", err)
	}
}

func TestCheck(t *testing.T) {
	for mode, want := range map[string]string{"webhook": "send login, receive register, receive updates", "poll": "send login, receive updates"} {
		w := newWorld(t, mode)
		var names []string
		for _, s := range w.bot.(channel.Checker).Check(t.Context()) {
			names = append(names, s.Part+" "+s.Name)
			if !s.OK {
				t.Errorf("%+v", s)
			}
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%s: %s", mode, got)
		}
		w.sim.Fail(1, 401, nil)
		if steps := w.bot.(channel.Checker).Check(t.Context()); len(steps) != 1 || steps[0].OK || steps[0].Text != "telegram: played failure" {
			t.Errorf("%+v", steps)
		}
	}
}

// hookSecret returns the secret under which a bot registers its webhook, as
// Telegram is told it.
func hookSecret(t testing.TB) (string, channel.Channel) {
	t.Helper()
	secret := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.URL.Path, "/setWebhook") {
			_, rest, _ := strings.Cut(string(b), `"secret_token":"`)
			got, _, _ := strings.Cut(rest, `"`)
			secret <- got
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{}}`)
	}))
	defer srv.Close()
	host := channeltest.NewDesk().Host(t)
	host.Hook = "https://desk.example/hook/inb_1"
	bot, err := telegram.Kind.Open([]byte(`{"apiBase":"`+srv.URL+`"}`), []byte(`{"botToken":"`+token+`"}`), host)
	if err != nil {
		t.Fatal(err)
	}
	if steps := bot.(channel.Checker).Check(t.Context()); len(steps) != 3 {
		t.Fatal(steps)
	}
	return <-secret, bot
}

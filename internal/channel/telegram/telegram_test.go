package telegram_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
)

func TestGoldens(t *testing.T) { channeltest.Goldens(t, telegram.Kind, "testdata/in") }

func TestContract(t *testing.T) {
	channeltest.Contract(t, telegram.Kind, func(t *testing.T) channeltest.Peer {
		w := newWorld(t, "poll")
		return channeltest.Peer{
			Settings: w.settings, Secrets: w.secrets, Outgoing: func() *channel.Outgoing { return answer("承知しました") },
			Taken: func() int { return len(w.ours()) }, Put: func(n int) error { return w.sim.Say(t.Context(), hana, fmt.Sprint(n)) },
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for name, docs := range map[string][2]string{
		"no secrets":        {`{}`, ``},
		"no token":          {`{}`, `{}`},
		"a token that ends": {`{}`, `{"botToken":"1:s3cret/../x"}`},
		"secrets no object": {`{}`, `["s3cret"]`},
		"another mode":      {`{"mode":"pigeon"}`, `{"botToken":"1:s3cret"}`},
		"plain http":        {`{"apiBase":"http://api.example"}`, `{"botToken":"1:s3cret"}`},
	} {
		_, err := telegram.Kind.Open([]byte(docs[0]), []byte(docs[1]), channel.Host{})
		if !channel.IsSettings(err) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	ch, err := telegram.Kind.Open([]byte(`{}`), []byte(`{"botToken":"1:s"}`), channel.Host{})
	if err != nil || ch.Close() != nil {
		t.Errorf("settings alone: %v", err)
	}
}

func TestReceiveBelievesItsSecretOnly(t *testing.T) {
	w := newWorld(t, "webhook")
	stop := w.desk.Listen(t, w.bot.(channel.Listener))
	w.desk.Until(t, "the webhook", func(d *channeltest.Desk) bool { return len(d.Health) > 0 })
	if err := w.sim.Say(t.Context(), hana, "本が届きません"); err != nil {
		t.Fatal(err)
	}
	if m := w.heard(t, 1); m.Text != "本が届きません" || m.From.Address != hana.Address || m.From.Name != "花" {
		t.Errorf("%+v", m)
	}
	stop()
	for name, h := range map[string]http.Header{
		"none":     {},
		"another":  {"X-Telegram-Bot-Api-Secret-Token": {strings.Repeat("0", 64)}},
		"token":    {"X-Telegram-Bot-Api-Secret-Token": {token}},
		"nothing":  {"X-Telegram-Bot-Api-Secret-Token": {""}},
		"elsewise": {"Authorization": {token}},
	} {
		_, err := w.bot.(channel.Receiver).Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: h, Body: []byte(`{"update_id":1}`)})
		if !channel.IsUnverified(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.desk.Got) != 1 || w.desk.Health[0] != nil {
		t.Errorf("%d deliveries, %v", len(w.desk.Got), w.desk.Health)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/in/*.update")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := telegram.Parse(b)
		if (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		if m != nil && !m.Empty() && m.From.Address == "" {
			t.Errorf("nobody said %+v", m)
		}
	})
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"update_id":1,"message":{"message_id":1,"chat":{"id":1},"text":"x"}}`))
	f.Add([]byte(`{}`))
	secret, bot := hookSecret(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := bot.(channel.Receiver).Receive(t.Context(), &channel.Call{Method: http.MethodPost,
			Header: http.Header{"X-Telegram-Bot-Api-Secret-Token": {secret}}, Body: b, At: time.Now()})
		if channel.IsUnverified(err) || err == nil && (len(got.Raws) != 1 || got.Raws[0].Key == "") {
			t.Errorf("%v %v", got, err)
		}
	})
}

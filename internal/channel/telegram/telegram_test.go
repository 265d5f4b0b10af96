package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
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

// TestCorpus takes in what well-known clients of the Bot API test with.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus.Dir(t, "webhooks/telegram"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	camel := regexp.MustCompile(`"([a-z]+)([A-Z][A-Za-z]*)"\s*:`)
	said, groups := 0, 0
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b = camel.ReplaceAllFunc(b, func(m []byte) []byte { // one client renames all members
			return regexp.MustCompile(`[A-Z]`).ReplaceAllFunc(m, func(c []byte) []byte { return []byte("_" + strings.ToLower(string(c))) })
		})
		for _, raw := range updatesIn(t, path, b) {
			first, again := received(t, raw), received(t, raw)
			m, err := telegram.Parse(first.Bytes)
			if err != nil || first.Key == "" || first.Key != again.Key {
				t.Errorf("%s: %q, %q, %v", path, first.Key, again.Key, err)
				continue
			}
			switch {
			case !m.Empty() && m.From.Address == "":
				t.Errorf("%s: nobody said %+v", path, m)
			case !m.Empty():
				said++
			case m.Subject != "":
				groups++
			case m.Contact == "":
				t.Errorf("%s: nothing is kept of %s", path, raw)
			}
		}
	}
	if said < 20 || groups < 20 {
		t.Errorf("only %d say something, %d are events", said, groups)
	}
}

// updatesIn finds the updates of a file: some hold a message alone, some the
// answer to a request.
func updatesIn(t *testing.T, path string, b []byte) (out [][]byte) {
	t.Helper()
	var all struct {
		UpdateID  json.RawMessage `json:"update_id"`
		MessageID json.RawMessage `json:"message_id"`
		Result    json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(path, err)
	}
	var list []json.RawMessage
	switch {
	case all.UpdateID != nil:
		return [][]byte{b}
	case all.MessageID != nil:
		return [][]byte{[]byte(`{"update_id":1,"message":` + string(b) + `}`)}
	case all.Result != nil && json.Unmarshal(all.Result, &list) == nil:
		for _, one := range list {
			out = append(out, one)
		}
	}
	return out
}

func received(t *testing.T, body []byte) channel.Raw {
	t.Helper()
	secret, bot := hookSecret(t)
	got, err := bot.(channel.Receiver).Receive(t.Context(), &channel.Call{Method: http.MethodPost,
		Header: http.Header{"X-Telegram-Bot-Api-Secret-Token": {secret}}, Body: body, At: time.Now()})
	if err != nil || len(got.Raws) != 1 {
		t.Fatal(err, len(got.Raws))
	}
	return got.Raws[0]
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

package line_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const (
	secret = "8f1e0c7a9b2d4e6f8f1e0c7a9b2d4e6f"
	token  = "channel-access-token/+="
)

var hana = linesim.Person{Address: "U11111111111111111111111111111111", Name: "花"}

// world is a LINE, an account of it, and a desk that the account's webhook leads to.
type world struct {
	sim               *linesim.Sim
	desk              *channeltest.Desk
	line              channel.Channel
	settings, secrets []byte
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, secret)
}

// newWorldOf is one whose desk was given a channel secret.
func newWorldOf(t *testing.T, entered string) *world {
	t.Helper()
	w := &world{desk: channeltest.NewDesk(), secrets: doc(t, map[string]string{"channelSecret": entered, "channelAccessToken": token})}
	host := w.host(t)
	hook := ""
	w.sim = linesim.New(linesim.Config{Secret: secret, Token: token, BasicID: "@kinmokusei", Name: "金木犀書店",
		Hook: func() string { return hook }, Client: host.Client, Clock: clock.System{}, Limit: 200})
	api := httptest.NewServer(w.sim)
	t.Cleanup(api.Close)
	w.settings = doc(t, map[string]string{"basicId": "@kinmokusei", "apiBase": api.URL})
	var err error
	if w.line, err = line.New().Open(w.settings, w.secrets, host); err != nil {
		t.Fatal(err)
	}
	outlet := httptest.NewServer(channeltest.Hook(w.line.(channel.Receiver), w.desk))
	t.Cleanup(outlet.Close)
	hook = outlet.URL + "/hook/inb_1"
	return w
}

// hasty is a clock on which nobody waits long.
type hasty struct{ clock.System }

func (h hasty) After(d time.Duration) (<-chan time.Time, func()) { return h.System.After(d / 100) }

func (w *world) host(t *testing.T) channel.Host {
	h := w.desk.Host(t)
	h.Clock = hasty{}
	return h
}

// heard returns the last message that the desk was told of.
func (w *world) heard(t *testing.T) *channel.Message {
	t.Helper()
	var raw channel.Raw
	w.desk.Until(t, "a delivery", func(d *channeltest.Desk) bool {
		if len(d.Got) > 0 {
			raw = d.Got[len(d.Got)-1]
		}
		return len(d.Got) > 0
	})
	m, err := line.Parse(raw.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func doc(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer is a message to Hana, whose address the book keeps folded.
func answer(words string) *channel.Outgoing {
	return &channel.Outgoing{ID: "msg_01@desk.example", To: []channel.Address{{Address: "u11111111111111111111111111111111"}}, Text: words,
		At: time.Now(), Committing: func(context.Context) error { return nil }}
}

func signed(key string, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return http.Header{"X-Line-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
}

func receiver(t *testing.T, key string) channel.Receiver {
	t.Helper()
	ch, err := line.New().Open([]byte(`{}`), doc(t, map[string]string{"channelSecret": key, "channelAccessToken": "t"}), channel.Host{})
	if err != nil {
		t.Fatal(err)
	}
	return ch.(channel.Receiver)
}

func received(t *testing.T, body []byte) []channel.Raw {
	t.Helper()
	got, err := receiver(t, "k").Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: signed("k", body), Body: body, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return got.Raws
}

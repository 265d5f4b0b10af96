package telegram_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram/telegramsim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const token = "123456:AAsecret-part_of-the-token"

var hana = telegramsim.Person{Address: "5964236329", Name: "花"}

// world is a Telegram, a bot of it and a desk.
type world struct {
	sim               *telegramsim.Sim
	desk              *channeltest.Desk
	bot               channel.Channel
	host              channel.Host
	settings, secrets []byte
}

func newWorld(t *testing.T, mode string) *world {
	t.Helper()
	w := &world{desk: channeltest.NewDesk(), secrets: doc(t, map[string]string{"botToken": token})}
	w.host = w.desk.Host(t)
	w.host.Clock = hasty{}
	w.sim = telegramsim.New(telegramsim.Config{Token: token, Username: "kinmokusei_bot", Name: "金木犀書店", Client: w.host.Client, Clock: hasty{}})
	w.sim.Meet(hana)
	api := httptest.NewServer(w.sim)
	t.Cleanup(api.Close)
	w.settings = doc(t, map[string]string{"mode": mode, "apiBase": api.URL})
	outlet := httptest.NewUnstartedServer(nil)
	t.Cleanup(outlet.Close)
	if mode == "webhook" {
		w.host.Hook = "http://" + outlet.Listener.Addr().String() + "/hook/inb_1"
	}
	var err error
	if w.bot, err = telegram.Kind.Open(w.settings, w.secrets, w.host); err != nil {
		t.Fatal(err)
	}
	outlet.Config.Handler = channeltest.Hook(w.bot.(channel.Receiver), w.desk)
	outlet.Start()
	return w
}

// hasty is a clock on which nobody waits long.
type hasty struct{ clock.System }

func (h hasty) After(d time.Duration) (<-chan time.Time, func()) { return h.System.After(d / 100) }

// ours returns what the bot put on Hana's screen.
func (w *world) ours() (out []telegramsim.Line) {
	for _, l := range w.sim.Screen(hana.Address) {
		if l.Ours {
			l.At = time.Time{}
			out = append(out, l)
		}
	}
	return out
}

// heard waits for the nth delivery and returns what it says.
func (w *world) heard(t *testing.T, n int) *channel.Message {
	t.Helper()
	var raw channel.Raw
	w.desk.Until(t, "a delivery", func(d *channeltest.Desk) bool {
		if len(d.Got) >= n {
			raw = d.Got[n-1]
		}
		return len(d.Got) >= n
	})
	m, err := telegram.Parse(raw.Bytes)
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

func answer(words string) *channel.Outgoing {
	return &channel.Outgoing{ID: "msg_01@desk.example", To: []channel.Address{{Address: hana.Address}}, Text: words,
		At: time.Now(), Committing: func(context.Context) error { return nil }}
}

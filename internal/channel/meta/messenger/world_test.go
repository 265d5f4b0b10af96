package messenger_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger/messengersim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const (
	pageID    = "111"
	appSecret = "app-secret"
	token     = "EAAG-token"
)

var hana = messengersim.Person{Address: "4711", Name: "山田 花子"}

// stage is a vendor with a desk behind it.
type stage struct {
	*messengersim.Sim
	kind  channel.Kind
	clock *clock.Manual
	api   *httptest.Server
	desk  *channeltest.Desk
	ch    channel.Channel
}

// both plays a test on a page and on an account.
func both(t *testing.T, play func(t *testing.T, s *stage)) {
	for _, kind := range []channel.Kind{messenger.Kind, messenger.Instagram} {
		t.Run(kind.Name, func(t *testing.T) { play(t, newStage(t, kind)) })
	}
}

func (s *stage) instagram() bool { return s.kind.Name == "instagram" }

func newStage(t *testing.T, kind channel.Kind) *stage {
	t.Helper()
	s := &stage{kind: kind, clock: clock.NewManual(time.Now()), desk: channeltest.NewDesk()}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		channeltest.Hook(s.ch.(channel.Receiver), s.desk).ServeHTTP(w, r)
	}))
	t.Cleanup(hook.Close)
	s.Sim = messengersim.New(messengersim.Config{Instagram: s.instagram(), ID: pageID, Name: "Kintsugi", AppID: "77", AccessToken: token, AppSecret: appSecret,
		Hook: func() string { return hook.URL + "/hook/ib_1" }, Client: hook.Client(), Clock: s.clock})
	s.api = httptest.NewServer(s.Sim)
	t.Cleanup(s.api.Close)
	s.ch = s.open(t, s.api.URL)
	return s
}

func papers(base string, comments bool) (settings, secrets []byte) {
	settings, _ = json.Marshal(messenger.Settings{Name: "Kintsugi", ID: pageID, Login: "instagram", Comments: comments, APIBase: base})
	secrets, _ = json.Marshal(messenger.Secrets{AccessToken: token, AppSecret: appSecret, VerifyToken: "verify me"})
	return settings, secrets
}

func (s *stage) open(t *testing.T, base string) channel.Channel {
	t.Helper()
	settings, secrets := papers(base, true)
	ch, err := s.kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ch.Close(); err != nil {
			t.Error(err)
		}
	})
	return ch
}

func receive(ch channel.Channel, r *http.Request) (channel.Reception, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return channel.Reception{}, err
	}
	c := &channel.Call{Method: r.Method, URL: "https://desk.example" + r.URL.RequestURI(), Header: r.Header, Body: body, At: time.Now()}
	return ch.(channel.Receiver).Receive(r.Context(), c)
}

// post is a call with the app's signature.
func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook/ib_1", strings.NewReader(body))
	r.Header.Set(meta.SignatureHeader, meta.Sign(appSecret, []byte(body)))
	return r
}

// last parses what came in last.
func (s *stage) last(t *testing.T) *channel.Message {
	t.Helper()
	if len(s.desk.Got) == 0 {
		t.Fatal("nothing came in")
	}
	m, err := messenger.Parse(s.desk.Got[len(s.desk.Got)-1].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func letter(words string) *channel.Outgoing {
	return &channel.Outgoing{ID: "letter-1@desk.example", To: []channel.Address{{Address: hana.Address}}, Text: words,
		Committing: func(context.Context) error { return nil }}
}

func TestContract(t *testing.T) {
	for _, kind := range []channel.Kind{messenger.Kind, messenger.Instagram} {
		t.Run(kind.Name, func(t *testing.T) {
			channeltest.Contract(t, kind, func(t *testing.T) channeltest.Peer {
				s := newStage(t, kind)
				if err := s.Say(t.Context(), hana, "こんにちは"); err != nil {
					t.Fatal(err)
				}
				settings, secrets := papers(s.api.URL, true)
				return channeltest.Peer{Settings: settings, Secrets: secrets, Taken: s.Screens, Outgoing: func() *channel.Outgoing { return letter("お調べします。") }}
			})
		})
	}
}

func TestGoldens(t *testing.T) { channeltest.Goldens(t, messenger.Kind, "testdata/in") }

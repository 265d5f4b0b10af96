package whatsapp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp/whatsappsim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const (
	numberID  = "1234567890"
	appSecret = "app-secret"
	token     = "EAAG-token"
)

// hana is a customer.
var hana = whatsappsim.Person{Address: "+819011112222", Name: "山田 花子"}

// stage is a vendor with a desk behind it.
type stage struct {
	*whatsappsim.Sim
	api  *httptest.Server
	desk *channeltest.Desk
	ch   channel.Channel
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{desk: channeltest.NewDesk()}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		channeltest.Hook(s.ch.(channel.Receiver), s.desk).ServeHTTP(w, r)
	}))
	t.Cleanup(hook.Close)
	s.Sim = whatsappsim.New(whatsappsim.Config{
		Number: "+815012345678", Name: "Kintsugi", PhoneNumberID: numberID, AccountID: "900", AppID: "77", AccessToken: token, AppSecret: appSecret,
		Hook: func() string { return hook.URL + "/hook/ib_1" }, Client: hook.Client(), Clock: clock.System{},
	})
	s.api = httptest.NewServer(s.Sim)
	t.Cleanup(s.api.Close)
	s.ch = s.open(t, s.api.URL)
	return s
}

func (s *stage) papers(base string) (settings, secrets []byte) {
	settings, _ = json.Marshal(whatsapp.Settings{Number: "+81 50 1234 5678", PhoneNumberID: numberID, AccountID: "900", APIBase: base})
	secrets, _ = json.Marshal(whatsapp.Secrets{AccessToken: token, AppSecret: appSecret, VerifyToken: "verify me"})
	return settings, secrets
}

func (s *stage) open(t *testing.T, base string) channel.Channel {
	t.Helper()
	settings, secrets := s.papers(base)
	ch, err := whatsapp.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
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

// last parses what came in last.
func (s *stage) last(t *testing.T) *channel.Message {
	t.Helper()
	if len(s.desk.Got) == 0 {
		t.Fatal("nothing came in")
	}
	m, err := whatsapp.Parse(s.desk.Got[len(s.desk.Got)-1].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func letter(words string) *channel.Outgoing {
	return &channel.Outgoing{
		ID: "letter-1@desk.example", To: []channel.Address{{Address: hana.Address}}, Text: words, At: time.Now(),
		Committing: func(context.Context) error { return nil },
	}
}

func TestContract(t *testing.T) {
	channeltest.Contract(t, whatsapp.Kind, func(t *testing.T) channeltest.Peer {
		s := newStage(t)
		if err := s.Say(t.Context(), hana, "こんにちは"); err != nil {
			t.Fatal(err)
		}
		settings, secrets := s.papers(s.api.URL)
		return channeltest.Peer{Settings: settings, Secrets: secrets, Taken: s.Screens, Outgoing: func() *channel.Outgoing { return letter("お調べします。") }}
	})
}

func TestGoldens(t *testing.T) { channeltest.Goldens(t, whatsapp.Kind, "testdata/in") }

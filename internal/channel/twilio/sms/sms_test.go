package sms_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/sms"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/twiliosim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "auth-token"
	number  = "+815012345678"
)

// taro is a customer.
var taro = twiliosim.Person{Address: "+819011112222", Name: "Taro"}

// stage is Twilio with a desk behind it.
type stage struct {
	*twiliosim.Sim
	api  *httptest.Server
	hook *httptest.Server
	desk *channeltest.Desk
	ch   channel.Channel
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{desk: channeltest.NewDesk()}
	s.hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		channeltest.Hook(s.ch.(channel.Receiver), s.desk).ServeHTTP(w, r)
	}))
	t.Cleanup(s.hook.Close)
	s.Sim = twiliosim.New(twiliosim.Config{AccountSID: account, AuthToken: token, Number: number,
		Hook: func() string { return s.hook.URL + "/hook/ib_1" }, Client: s.hook.Client(), Clock: clock.System{}})
	s.api = httptest.NewServer(s.Sim)
	t.Cleanup(s.api.Close)
	s.ch = open(t, s.api.URL, s.hook.URL+"/hook/ib_1")
	return s
}

func papers(base string) (settings, secrets []byte) {
	settings, _ = json.Marshal(twilio.Settings{AccountSID: account, Number: "+81 50-1234-5678", APIBase: base})
	secrets, _ = json.Marshal(twilio.Secrets{AuthToken: token})
	return settings, secrets
}

func open(t *testing.T, base, hook string) channel.Channel {
	t.Helper()
	settings, secrets := papers(base)
	host := channeltest.NewDesk().Host(t)
	host.Hook = hook
	ch, err := sms.Kind.Open(settings, secrets, host)
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

func (s *stage) last(t *testing.T) *channel.Message {
	t.Helper()
	if len(s.desk.Got) == 0 {
		t.Fatal("nothing came in")
	}
	m, err := sms.Parse(s.desk.Got[len(s.desk.Got)-1].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func letter(words string) *channel.Outgoing {
	return &channel.Outgoing{ID: "letter-1@desk.example", To: []channel.Address{{Address: taro.Address}}, Text: words,
		Committing: func(context.Context) error { return nil }}
}

func TestContract(t *testing.T) {
	channeltest.Contract(t, sms.Kind, func(t *testing.T) channeltest.Peer {
		s := newStage(t)
		settings, secrets := papers(s.api.URL)
		return channeltest.Peer{Settings: settings, Secrets: secrets, Taken: s.Screens, Outgoing: func() *channel.Outgoing { return letter("お調べします。") }}
	})
}

func TestGoldens(t *testing.T) { channeltest.Goldens(t, sms.Kind, "testdata/in") }

package webchat_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
)

func TestGoldens(t *testing.T) { channeltest.Goldens(t, webchat.Kind, "testdata/in") }

func TestContract(t *testing.T) {
	channeltest.Contract(t, webchat.Kind, func(t *testing.T) channeltest.Peer {
		// There is no other side: what is committed is with the visitor.
		return channeltest.Peer{Settings: []byte(`{"origins":["https://www.shop.example"]}`), Secrets: []byte(`{}`)}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":"a","from":"b","files":[{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := webchat.Parse(raw)
		if err == nil && (m.From.Address == "" || m.ExternalID == "") {
			t.Errorf("understood without a writer: %+v", m)
		}
	})
}

func TestWhatIsWrittenIsUnderstood(t *testing.T) {
	s := webchat.Said{ID: "client-0001", From: "v-1", Name: "Mei", At: time.Date(2026, 5, 12, 1, 0, 0, 0, time.UTC), Text: "Hello", Lang: "en"}
	raw, err := s.Raw()
	if err != nil {
		t.Fatal(err)
	}
	m, err := webchat.Parse(raw.Bytes)
	if err != nil || raw.Key != "v-1/client-0001" || m.ExternalID != raw.Key || m.Text != "Hello" || m.Visible != "Hello" || m.From != (channel.Address{Name: "Mei", Address: "v-1"}) {
		t.Errorf("%+v %+v %v", raw, m, err)
	}
}

func TestSendAcceptsWhatIsCommitted(t *testing.T) {
	c, err := webchat.Kind.Open([]byte(`{"origins":["https://www.shop.example"]}`), nil, channel.Host{})
	if err != nil {
		t.Fatal(err)
	}
	to := []channel.Address{{Address: "v-1"}}
	commits := 0
	if err := c.Send(t.Context(), &channel.Outgoing{To: to, Committing: func(context.Context) error { commits++; return nil }}); err != nil || commits != 1 {
		t.Errorf("%v after %d commits", err, commits)
	}
	no := errors.New("taken back")
	if err := c.Send(t.Context(), &channel.Outgoing{To: to, Committing: func(context.Context) error { return no }}); !errors.Is(err, no) {
		t.Errorf("what was taken back: %v", err)
	}
	if _, refused := channel.IsRefused(c.Send(t.Context(), &channel.Outgoing{})); !refused {
		t.Error("a message for nobody is not refused")
	}
}

func TestSettings(t *testing.T) {
	for doc, wrong := range map[string]string{
		`{"origins":["https://www.shop.example","https://*.shop.example/","http://localhost:3000"]}`: "",
		`{"origins":["https://xn--r8jz45g.jp"],"color":"#1f4d8a"}`:                                   "",
		`{"origins":["http://www.shop.example"]}`:                                                    "must begin with https://",
		`{"origins":["www.shop.example"]}`:                                                           "not of the form",
		`{"origins":["https://www.shop.example/path"]}`:                                              "not of the form",
		`{"origins":["https://a:b@shop.example"]}`:                                                   "not of the form",
		`{"origins":["*"]}`:                   "not of the form",
		`{"origins":["https://*"]}`:           "not of the form",
		`{"origins":["https://*.example"]}`:   "whole domain",
		`{"origins":["https://a.*.example"]}`: "not of the form",
		`{"origins":[],"color":"blue"}`:       "colour",
		`{"origins":7}`:                       "settings",
	} {
		_, err := webchat.Read([]byte(doc), nil)
		if wrong == "" && err != nil || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%s: %v, want %q", doc, err, wrong)
		}
	}
	if _, err := webchat.Read([]byte(`{}`), []byte(`{"identitySecret":"too short"}`)); err == nil || strings.Contains(err.Error(), "too short") {
		t.Errorf("a short secret: %v", err)
	}
}

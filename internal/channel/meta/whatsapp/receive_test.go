package whatsapp_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp/whatsappsim"
)

func receive(ch channel.Channel, r *http.Request) (channel.Reception, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return channel.Reception{}, err
	}
	c := &channel.Call{Method: r.Method, URL: "https://desk.example" + r.URL.RequestURI(), Header: r.Header, Body: body, At: time.Now()}
	return ch.(channel.Receiver).Receive(r.Context(), c)
}

// post is a call with a signature by secret; "" leaves it out.
func post(body, secret string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook/ib_1", strings.NewReader(body))
	if secret != "" {
		r.Header.Set(meta.SignatureHeader, meta.Sign(secret, []byte(body)))
	}
	return r
}

const two = `{"object":"whatsapp_business_account","entry":[
 {"id":"900","changes":[
  {"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"1234567890"},
   "contacts":[{"profile":{"name":"A"},"wa_id":"819011112222"},{"profile":{"name":"B"},"wa_id":"4915112345"}],
   "messages":[{"from":"819011112222","id":"wamid.1","timestamp":"1700000000","type":"text","text":{"body":"one"},"news":"kept"},
               {"from":"4915112345","id":"wamid.2","timestamp":"1700000001","type":"text","text":{"body":"two"}}],
   "statuses":[{"id":"wamid.9","status":"read","timestamp":"1700000002","recipient_id":"819011112222"}]}},
  {"field":"account_alerts","value":{"alert":"x"}}]},
 {"id":"901","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"42"},
   "messages":[{"from":"819011112222","id":"wamid.3","timestamp":"1700000003","type":"text","text":{"body":"not for us"}}]}}]}]}`

func TestReceiveCutsIntoEvents(t *testing.T) {
	s := newStage(t)
	got, err := receive(s.ch, post(two, appSecret))
	if err != nil {
		t.Fatal(err)
	}
	again, err := receive(s.ch, post(two, appSecret))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ from, name, text, subject string }{
		{"+819011112222", "A", "one", ""},
		{"+4915112345", "B", "two", ""},
		{subject: "status: read"},
		{subject: "account_alerts"},
		{subject: "another number: 42"},
	}
	if len(got.Raws) != len(want) {
		t.Fatalf("%d events", len(got.Raws))
	}
	keys := map[string]bool{}
	for i, w := range want {
		raw := got.Raws[i]
		m, err := whatsapp.Parse(raw.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if m.From.Address != w.from || m.From.Name != w.name || m.Text != w.text || w.subject != "" && m.Subject != w.subject {
			t.Errorf("event %d: %+v", i, m)
		}
		if raw.Key == "" || keys[raw.Key] || raw.Key != again.Raws[i].Key || raw.Source != "whatsapp" {
			t.Errorf("event %d has the key %q, again %q", i, raw.Key, again.Raws[i].Key)
		}
		keys[raw.Key] = true
	}
	if !bytes.Contains(got.Raws[0].Bytes, []byte(`"news":"kept"`)) {
		t.Errorf("a member nobody knows was lost: %s", got.Raws[0].Bytes)
	}
}

func TestReceiveBelievesOnlyTheApp(t *testing.T) {
	s := newStage(t)
	for name, r := range map[string]*http.Request{
		"no signature": post(two, ""), "another secret": post(two, "guess"), "an empty secret": post(two, " "),
		"another token": httptest.NewRequest(http.MethodGet, "/hook/ib_1?hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1", nil),
	} {
		if got, err := receive(s.ch, r); !channel.IsUnverified(err) || len(got.Raws) > 0 || got.Body != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, r := range map[string]*http.Request{
		"no json": post("x", appSecret), "a list": post("[]", appSecret), "nothing": post("{}", appSecret),
		"no challenge": httptest.NewRequest(http.MethodGet, "/hook/ib_1?hub.mode=subscribe&hub.verify_token=verify+me", nil),
		"another verb": httptest.NewRequest(http.MethodPut, "/hook/ib_1", nil),
	} {
		if got, err := receive(s.ch, r); !channel.IsMalformed(err) || len(got.Raws) > 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	got, err := receive(s.ch, httptest.NewRequest(http.MethodGet, "/hook/ib_1?hub.mode=subscribe&hub.verify_token=verify+me&hub.challenge=115599", nil))
	if err != nil || string(got.Body) != "115599" || len(got.Raws) != 0 {
		t.Errorf("the challenge: %+v, %v", got, err)
	}
}

// TestReceiveKeepsWhatItDoesNotUnderstand: a call that is believed loses nothing.
func TestReceiveKeepsWhatItDoesNotUnderstand(t *testing.T) {
	s := newStage(t)
	got, err := receive(s.ch, post(`{"object":"whatsapp_business_account","entry":[{"id":1,"changes":[{"field":"messages","value":{"contacts":7}}]}]}`, appSecret))
	if err != nil || len(got.Raws) != 1 || got.Raws[0].Key == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if m, err := whatsapp.Parse(got.Raws[0].Bytes); err == nil {
		t.Errorf("understood as %+v", m)
	}
}

func TestPeople(t *testing.T) {
	s := newStage(t)
	steps := []struct {
		name string
		do   func() error
		ok   func(m *channel.Message) bool
	}{
		{"say", func() error { return s.Say(t.Context(), hana, "hello") }, func(m *channel.Message) bool { return m.Visible == "hello" && m.From.Name == hana.Name }},
		{"sticker", func() error { return s.Sticker(t.Context(), hana, []byte("webp")) }, func(m *channel.Message) bool { return m.Thing.Name == "sticker" && len(m.Parts) == 1 }},
		{"place", func() error {
			return s.Point(t.Context(), hana, whatsappsim.Place{Name: "駅", Address: "東京", Latitude: 35.6, Longitude: 139.7})
		}, func(m *channel.Message) bool { return m.Thing.Data["latitude"] == "35.6" }},
		{"press", func() error { return s.Press(t.Context(), hana, "Yes", "y") }, func(m *channel.Message) bool { return m.Thing.Name == "choice" && m.Thing.Data["value"] == "y" }},
		{"react", func() error { return s.React(t.Context(), hana, "👍", "wamid.B1") }, func(m *channel.Message) bool { return m.Thing.Data["to"] == "wamid.B1" }},
		{"undelivered", func() error { return s.Undelivered(t.Context(), hana, "wamid.B1", 131026, "Message undeliverable") }, func(m *channel.Message) bool {
			return m.Bounce.Kind == "failed" && m.Bounce.Hard && m.Bounce.OriginalID == "wamid.B1" && m.Bounce.Recipients[0] == hana.Address
		}},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if m := s.last(t); !step.ok(m) {
			t.Errorf("%s: %+v", step.name, m)
		}
	}
}

package voice_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/twiliosim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/voice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/web"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "auth-token"
	number  = "+815012345678"
)

var taro = twiliosim.Person{Address: "+819011112222", Name: "TARO SATO"}

// stage is Twilio with a desk behind it, which takes each key once.
type stage struct {
	*twiliosim.Sim
	api  *httptest.Server
	hook *httptest.Server
	desk *channeltest.Desk
	ch   channel.Channel
}

func newStage(t *testing.T, more string) *stage {
	t.Helper()
	s := &stage{desk: channeltest.NewDesk()}
	s.hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		channeltest.Hook(s.ch.(channel.Receiver), s.desk).ServeHTTP(w, r)
	}))
	t.Cleanup(s.hook.Close)
	s.Sim = twiliosim.New(twiliosim.Config{AccountSID: account, AuthToken: token, Number: number,
		VoiceHook: func() string { return s.hook.URL + "/hook/ib_1" }, Client: s.hook.Client(), Clock: clock.System{}})
	s.api = httptest.NewServer(s.Sim)
	t.Cleanup(s.api.Close)
	settings, secrets := papers(s.api.URL, more)
	host := s.desk.Host(t)
	host.Hook = s.hook.URL + "/hook/ib_1"
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	host.Words = words.Text
	ch, err := voice.Kind.Open(settings, secrets, host)
	if err != nil {
		t.Fatal(err)
	}
	s.ch = ch
	return s
}

func papers(base, more string) (settings, secrets []byte) {
	secrets, _ = json.Marshal(twilio.Secrets{AuthToken: token})
	return fmt.Appendf(nil, `{"accountSid":%q,"number":%q,"apiBase":%q%s}`, account, number, base, more), secrets
}

// said returns what has come of calls, without what only tells that they went on.
func (s *stage) said(t *testing.T) (out []*channel.Message) {
	t.Helper()
	for _, raw := range s.desk.Got {
		m, err := voice.Parse(raw.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Empty() {
			out = append(out, m)
		}
	}
	return out
}

func TestContract(t *testing.T) {
	channeltest.Contract(t, voice.Kind, func(t *testing.T) channeltest.Peer {
		settings, secrets := papers(newStage(t, "").api.URL, "")
		return channeltest.Peer{Settings: settings, Secrets: secrets}
	})
}

func TestGoldens(t *testing.T) { channeltest.Goldens(t, voice.Kind, "testdata/in") }

func TestMissedCall(t *testing.T) {
	s := newStage(t, "")
	heard, err := s.HangUp(t.Context(), taro)
	if err != nil {
		t.Fatal(err)
	}
	if len(heard) == 0 || !strings.Contains(heard[0], "お電話ありがとうございます") {
		t.Errorf("heard %v", heard)
	}
	got := s.said(t)
	if len(got) != 1 || got[0].Thing.Data["state"] != "missed" || got[0].From.Address != taro.Address || got[0].At.IsZero() {
		t.Errorf("%+v", got)
	}
}

// TestMissedWhenTwilioCannotBeAsked: a call is rather shown once too often.
func TestMissedWhenTwilioCannotBeAsked(t *testing.T) {
	s := newStage(t, "")
	s.Fail(1, http.StatusServiceUnavailable, nil)
	if _, err := s.HangUp(t.Context(), taro); err != nil {
		t.Fatal(err)
	}
	if got := s.said(t); len(got) != 1 || got[0].Thing.Data["state"] != "missed" {
		t.Errorf("%+v", got)
	}
}

func TestVoicemail(t *testing.T) {
	s := newStage(t, `,"transcribe":true,"language":"en"`)
	heard, err := s.Voicemail(t.Context(), taro, s.api.URL, []byte("ID3 audio"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(heard, func(h string) bool { return strings.Contains(h, "after the tone") }) {
		t.Errorf("heard %v", heard)
	}
	got := s.said(t)
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	if m := got[0]; m.Thing.Data["state"] != "voicemail" || len(m.Parts) != 1 || m.From.Address != taro.Address || m.From.Name != taro.Name {
		t.Errorf("%+v", m)
	}
	if m := got[1]; m.Thing.Data["state"] != "transcript" || m.Text == "" || m.InReplyTo[0] != got[0].ExternalID {
		t.Errorf("%+v", m)
	}
	r, contentType, err := s.ch.(channel.Fetcher).Fetch(t.Context(), got[0].Parts[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(data) != "ID3 audio" || contentType != "audio/mpeg" {
		t.Errorf("%q, %s, %v", data, contentType, err)
	}
	if _, _, err := s.ch.(channel.Fetcher).Fetch(t.Context(), got[0].Parts[0].Ref+"0"); err == nil {
		t.Error("a recording that is not there was fetched")
	} else if _, gone := channel.IsRefused(err); gone {
		t.Errorf("a recording that is not ready is given up: %v", err)
	}
}

func TestCallBack(t *testing.T) {
	s := newStage(t, `,"callback":true,"language":"both","greetingEn":"Hello from <Kintsugi> & friends","hours":"平日 9時から18時まで"`)
	heard, err := s.CallBack(t.Context(), taro, "2")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Hello from <Kintsugi> & friends", "平日 9時から18時まで", "press 1", "1を押して", "We will call you back."} {
		if !slices.ContainsFunc(heard, func(h string) bool { return strings.Contains(h, want) }) {
			t.Errorf("%q was not heard: %v", want, heard)
		}
	}
	got := s.said(t)
	if len(got) != 1 || got[0].Thing.Data["state"] != "callback" || got[0].Thing.Data["wish"] != "afternoon" || !got[0].Due.IsZero() {
		t.Errorf("%+v", got)
	}
	if _, err := s.CallBack(t.Context(), taro, ""); err != nil {
		t.Fatal(err)
	}
	if got = s.said(t); len(got) != 2 || got[1].Thing.Data["wish"] != "soon" || got[1].From.Address != taro.Address {
		t.Errorf("%+v", got)
	}
}

func TestHiddenNumbersAreDifferentPeople(t *testing.T) {
	s := newStage(t, "")
	for range 2 {
		if _, err := s.Voicemail(t.Context(), twiliosim.Person{Address: "anonymous"}, s.api.URL, []byte("a")); err != nil {
			t.Fatal(err)
		}
	}
	got := s.said(t)
	if len(got) != 2 || got[0].From.Address == got[1].From.Address || !strings.HasPrefix(got[0].From.Address, "anonymous-") {
		t.Errorf("%+v", got)
	}
}

func TestNothingIsSent(t *testing.T) {
	s := newStage(t, "")
	if voice.Kind.Sends(nil) {
		t.Error("the kind says that it sends")
	}
	if _, refused := channel.IsRefused(s.ch.Send(t.Context(), &channel.Outgoing{})); !refused {
		t.Error("something was sent")
	}
}

func TestSettings(t *testing.T) {
	for _, more := range []string{`,"maxSeconds":5`, `,"maxSeconds":1e9`, `,"language":7`, `,"accountSid":"../x"`, `,"number":"050"`, `,"apiBase":"http://elsewhere.example"`} {
		settings, secrets := papers("", more)
		if _, err := voice.Kind.Open(settings, secrets, channel.Host{}); !channel.IsSettings(err) {
			t.Errorf("%s: %v", more, err)
		}
	}
	settings, _ := papers("", "")
	if ch, err := voice.Kind.Open(settings, nil, channel.Host{}); err != nil || ch.Close() != nil {
		t.Errorf("%v", err)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/in/*.call")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "recorded", "From=%2B819011112222&CallSid=CA1&Digits=1")
	}
	settings, secrets := papers("", `,"callback":true`)
	f.Fuzz(func(t *testing.T, b []byte, path, query string) {
		if m, err := voice.Parse(b); (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		form, err := url.ParseQuery(query)
		if err != nil || path == "status" {
			return
		}
		ch, err := voice.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
		if err != nil {
			t.Fatal(err)
		}
		const at = "https://desk.example/hook/ib_1"
		c := &channel.Call{Method: http.MethodPost, URL: at, Path: path, Body: []byte(form.Encode()), Header: http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, twilio.SignatureHeader: {twilio.Sign(token, at, form)}}}
		got, err := ch.(channel.Receiver).Receive(t.Context(), c)
		if err != nil || len(got.Raws) != 1 || got.Raws[0].Key == "" || !json.Valid(got.Raws[0].Bytes) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

package vonage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/vonage"
	"github.com/kintsugi-desk/kintsugi/internal/channel/vonage/vonagesim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

const (
	apiSecret  = "api-secret"
	signSecret = "signature-secret"
	method     = "sha256"
)

var taro = vonagesim.Person{Address: "+819011112222", Name: "Taro"}

// stage is Vonage with a desk behind it.
type stage struct {
	*vonagesim.Sim
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
	s.Sim = vonagesim.New(vonagesim.Config{APIKey: "k", APISecret: apiSecret, Method: method, SignatureSecret: signSecret, Number: "+815012345678",
		Hook: func() string { return hook.URL + "/hook/ib_1" }, Client: hook.Client(), Clock: clock.System{}})
	s.api = httptest.NewServer(s.Sim)
	t.Cleanup(s.api.Close)
	s.ch = open(t, s.api.URL)
	return s
}

func papers(base string) (settings, secrets []byte) {
	settings, _ = json.Marshal(vonage.Settings{Number: "+81 50-1234-5678", APIKey: "k", Method: method, APIBase: base})
	secrets, _ = json.Marshal(vonage.Secrets{APISecret: apiSecret, SignatureSecret: signSecret})
	return settings, secrets
}

func open(t *testing.T, base string) channel.Channel {
	t.Helper()
	settings, secrets := papers(base)
	ch, err := vonage.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
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
	m, err := vonage.Parse(s.desk.Got[len(s.desk.Got)-1].Bytes)
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
	channeltest.Contract(t, vonage.Kind, func(t *testing.T) channeltest.Peer {
		s := newStage(t)
		settings, secrets := papers(s.api.URL)
		return channeltest.Peer{Settings: settings, Secrets: secrets, Taken: s.Screens, Outgoing: func() *channel.Outgoing { return letter("お調べします。") }}
	})
}

func TestGoldens(t *testing.T) { channeltest.Goldens(t, vonage.Kind, "testdata/in") }

func TestTalk(t *testing.T) {
	s := newStage(t)
	if err := s.Say(t.Context(), taro, "こんにちは & = ?"); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); m.Visible != "こんにちは & = ?" || m.From.Address != taro.Address || m.At.IsZero() {
		t.Errorf("%+v", m)
	}
	out := letter(strings.Repeat("長い文です。", 300) + "\n\n")
	if err := s.ch.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if got := s.Screen(taro.Address); len(got) != 3 || got[1].Text+got[2].Text != strings.TrimSpace(out.Text) || len(out.Accepted) != 2 {
		t.Errorf("the screen shows %+v, accepted %v", got, out.Accepted)
	}
	if err := s.Deliver(t.Context(), taro); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); len(m.Receipts) != 1 || m.Receipts[0].ExternalID != out.ID {
		t.Errorf("%+v", m)
	}
	if err := s.ch.Send(t.Context(), letter("again")); err != nil {
		t.Fatal(err)
	}
	if err := s.Undelivered(t.Context(), taro, "9"); err != nil {
		t.Fatal(err)
	}
	if m := s.last(t); m.Bounce == nil || !m.Bounce.Hard || m.Bounce.Recipients[0] != taro.Address {
		t.Errorf("%+v", m)
	}
	s.Bar(taro)
	if err := s.ch.Send(t.Context(), letter("x")); !channel.IsBlocked(err) {
		t.Errorf("%v", err)
	}
}

func TestSendErrors(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	no := func(status string) http.HandlerFunc {
		return says(http.StatusOK, `{"message-count":"1","messages":[{"status":"`+status+`","error-text":"no"}]}`)
	}
	kinds := map[string]func(error) bool{
		"refused":   func(err error) bool { _, ok := channel.IsRefused(err); return ok },
		"later":     func(err error) bool { _, ok := channel.AsLater(err); return ok },
		"blocked":   channel.IsBlocked,
		"settings":  channel.IsSettings,
		"ambiguous": channel.IsAmbiguous,
	}
	for name, c := range map[string]struct {
		api  http.HandlerFunc
		want string // "" is temporary
	}{
		"throttled":           {no("1"), "later"},
		"wrong credentials":   {no("4"), "settings"},
		"no money":            {no("9"), "settings"},
		"their own fault":     {no("5"), ""},
		"barred":              {no("7"), "blocked"},
		"not allowed":         {no("29"), "refused"},
		"no status":           {no("x"), "ambiguous"},
		"401":                 {says(401, ``), "settings"},
		"429":                 {says(429, ``), "later"},
		"400":                 {says(400, ``), "refused"},
		"down":                {says(502, `<html>`), "ambiguous"},
		"garbage":             {says(200, `<html>`), "ambiguous"},
		"nothing was sent":    {says(200, `{"messages":[]}`), "ambiguous"},
		"no answer":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ambiguous"},
		"a part was not sent": {says(200, `{"messages":[{"status":"0","message-id":"1"},{"status":"5"}]}`), "ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			api := httptest.NewServer(c.api)
			defer api.Close()
			err := open(t, api.URL).Send(t.Context(), letter("x"))
			if err == nil {
				t.Fatal("sent")
			}
			for kind, is := range kinds {
				if is(err) != (kind == c.want) {
					t.Errorf("%v is %s: %v", err, kind, is(err))
				}
			}
			if strings.Contains(err.Error(), apiSecret) {
				t.Errorf("the error tells the secret: %v", err)
			}
			if l, ok := channel.AsLater(err); name == "429" && ok && l.After != 17*time.Second {
				t.Errorf("wait %v", l.After)
			}
		})
	}
	hang := make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer api.Close()
	defer close(hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := open(t, api.URL).Send(ctx, letter("x")); !channel.IsAmbiguous(err) {
		t.Errorf("a hang after the commit: %v", err)
	}
}

// signed is a call as Vonage makes it: in the address, as a form, or as JSON.
func signed(t *testing.T, how string, params map[string]string) *channel.Call {
	t.Helper()
	params = maps.Clone(params)
	params["sig"] = vonage.Sign(method, signSecret, params)
	form := url.Values{}
	for name, v := range params {
		form.Set(name, v)
	}
	c := &channel.Call{Method: http.MethodPost, URL: "https://desk.example/hook/ib_1", Header: http.Header{}, At: time.Now()}
	switch how {
	case "address":
		c.Method, c.URL = http.MethodGet, c.URL+"?"+form.Encode()
	case "json":
		doc, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		c.Body = doc
		c.Header.Set("Content-Type", "application/json; charset=utf-8")
	default:
		c.Body = []byte(form.Encode())
		c.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return c
}

func TestReceiveBelievesOnlyVonage(t *testing.T) {
	r := open(t, "").(channel.Receiver)
	params := map[string]string{"msisdn": "819011112222", "messageId": "1", "text": "a & b = c", "timestamp": strconv.FormatInt(time.Now().Unix(), 10)}
	for _, how := range []string{"address", "form", "json"} {
		got, err := r.Receive(t.Context(), signed(t, how, params))
		if err != nil || len(got.Raws) != 1 || got.Raws[0].Key != "message:1" {
			t.Fatalf("%s: %+v, %v", how, got, err)
		}
		if m, err := vonage.Parse(got.Raws[0].Bytes); err != nil || m.Text != "a & b = c" {
			t.Errorf("%s: %+v, %v", how, m, err)
		}
	}
	for name, change := range map[string]func(c *channel.Call){
		"another word": func(c *channel.Call) { c.Body = bytes.Replace(c.Body, []byte("c"), []byte("d"), 1) },
		"one more":     func(c *channel.Call) { c.URL += "?x=1" },
		"no signature": func(c *channel.Call) { c.Body = bytes.Replace(c.Body, []byte("sig="), []byte("sog="), 1) },
		"two days old": func(c *channel.Call) { c.At = c.At.Add(48 * time.Hour) },
	} {
		c := signed(t, "form", params)
		change(c)
		if got, err := r.Receive(t.Context(), c); !channel.IsUnverified(err) || len(got.Raws) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, c := range map[string]*channel.Call{
		"nothing": {Method: http.MethodPost, URL: "https://desk.example/", Header: http.Header{}},
		"no json": {Method: http.MethodPost, URL: "https://desk.example/", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("x")},
	} {
		if _, err := r.Receive(t.Context(), c); !channel.IsMalformed(err) {
			t.Errorf("%s: %v", name, err)
		}
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
		f.Add(b)
	}
	settings, secrets := papers("")
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := vonage.Parse(b); (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		ch, err := vonage.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
		if err != nil {
			t.Fatal(err)
		}
		c := &channel.Call{Method: http.MethodPost, URL: "https://desk.example/", Header: http.Header{"Content-Type": {"application/json"}}, Body: b}
		_, err = ch.(channel.Receiver).Receive(t.Context(), c)
		if !channel.IsMalformed(err) && !channel.IsUnverified(err) {
			t.Errorf("believed: %v", err)
		}
	})
}

package hook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook/hooksim"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

const (
	secret     = "whsec_S2ludHN1Z2kga2VlcHMgdGhlIGdvbGQgaW4u"
	sendSecret = "whsec_VGhlIG90aGVyIHdheSBoYXMgaXRzIG93biBrZXk="
)

var hana = hooksim.Person{Address: "hana-1207", Name: "花"}

// world is an application, a door, and a desk behind it.
type world struct {
	sim               *hooksim.Sim
	desk              *channeltest.Desk
	door              channel.Channel
	settings, secrets []byte
	url               string // of the door
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{desk: channeltest.NewDesk(), secrets: []byte(`{"secret":"` + secret + `","sendSecret":"` + sendSecret + `"}`)}
	host := w.desk.Host(t)
	w.sim = hooksim.New(hooksim.Config{Secret: secret, SendSecret: sendSecret, Hook: func() string { return w.url }, Client: host.Client, Clock: clock.System{}})
	app := httptest.NewServer(w.sim)
	t.Cleanup(app.Close)
	w.settings = []byte(`{"url":"` + app.URL + `/?app=1"}`)
	var err error
	if w.door, err = hook.Kind.Open(w.settings, w.secrets, host); err != nil {
		t.Fatal(err)
	}
	outlet := httptest.NewServer(channeltest.Hook(w.door.(channel.Receiver), w.desk))
	t.Cleanup(outlet.Close)
	w.url = outlet.URL + "/hook/inb_1"
	return w
}

func (w *world) ours() (n int) {
	for _, l := range w.sim.Screen(hana.Address) {
		if l.Ours {
			n++
		}
	}
	return n
}

func answer(words string) *channel.Outgoing {
	return &channel.Outgoing{ID: "01.02@desk.example", To: []channel.Address{{Address: hana.Address}}, Text: words,
		At: time.Now(), Committing: func(context.Context) error { return nil }}
}

func isRefused(err error) bool { _, ok := channel.IsRefused(err); return ok }

func TestGoldens(t *testing.T) { channeltest.Goldens(t, hook.Kind, "testdata/in") }

func TestContract(t *testing.T) {
	channeltest.Contract(t, hook.Kind, func(t *testing.T) channeltest.Peer {
		w := newWorld(t)
		return channeltest.Peer{Settings: w.settings, Secrets: w.secrets, Taken: w.ours, Outgoing: func() *channel.Outgoing { return answer("承知しました") }}
	})
}

func TestOpenRefuses(t *testing.T) {
	for name, docs := range map[string][2]string{
		"no secret":       {`{}`, `{}`},
		"a short one":     {`{}`, `{"secret":"whsec_c2hvcnQ="}`},
		"no base64":       {`{}`, `{"secret":"whsec_~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"}`},
		"no second":       {`{"url":"https://app.example"}`, `{"secret":"` + secret + `"}`},
		"the same twice":  {`{"url":"https://app.example"}`, `{"secret":"` + secret + `","sendSecret":"` + secret + `"}`},
		"plain http":      {`{"url":"http://app.example"}`, `{"secret":"` + secret + `","sendSecret":"` + sendSecret + `"}`},
		"two addresses":   {`{"url":"https://app.example?a b"}`, `{"secret":"` + secret + `","sendSecret":"` + sendSecret + `"}`},
		"secret document": {`{}`, `["` + secret + `"]`},
	} {
		_, err := hook.Kind.Open([]byte(docs[0]), []byte(docs[1]), channel.Host{})
		if !channel.IsSettings(err) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if hook.Kind.Sends([]byte(`{}`)) || !hook.Kind.Sends([]byte(`{"url":"https://app.example"}`)) {
		t.Error("a door sends if it has an address, and only then")
	}
	one, err := hook.Kind.Open([]byte(`{}`), []byte(`{"secret":"`+secret+`"}`), channel.Host{})
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Send(t.Context(), answer("x")); !channel.IsSettings(err) {
		t.Errorf("a door that only lets in: %v", err)
	}
}

// TestSignatures asks of every known signature whether it is judged rightly.
func TestSignatures(t *testing.T) {
	b, err := os.ReadFile(corpus.Dir(t, "signatures/standard-webhooks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Key, Body string
		Now             int64
		Headers         map[string]string
		Valid           bool
	}
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) == 0 {
		t.Fatal(err, len(vectors))
	}
	for _, v := range vectors {
		for name, c := range map[string]struct {
			later  int64
			before string
			valid  bool
		}{
			"now": {0, "", v.Valid}, "five minutes later": {300, "", v.Valid}, "too late": {301, "", false}, "too early": {-301, "", false},
			"second of two": {0, "v1,AAAA v1a,x ", v.Valid}, "eleventh": {0, strings.Repeat("v1,AAAA ", 10), false},
		} {
			h := http.Header{}
			for name, value := range v.Headers {
				h.Set(name, value)
			}
			h.Set("webhook-signature", c.before+h.Get("webhook-signature"))
			door, err := hook.Kind.Open([]byte(`{}`), []byte(`{"secret":"`+v.Key+`"}`), channel.Host{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = door.(channel.Receiver).Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: h, Body: []byte(v.Body), At: time.Unix(v.Now+c.later, 0)})
			if channel.IsUnverified(err) == c.valid {
				t.Errorf("%s, %s: %v", v.Name, name, err)
			}
		}
	}
	for name, h := range map[string]http.Header{"nothing": {}, "no time": {"Webhook-Id": {"1"}, "Webhook-Timestamp": {"noon"}},
		"no signature": {"Webhook-Id": {"1"}, "Webhook-Timestamp": {"1614265330"}}, "long id": {"Webhook-Id": {strings.Repeat("x", 201)}}} {
		w := newWorld(t)
		_, err := w.door.(channel.Receiver).Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: h, At: time.Unix(1614265330, 0)})
		if !channel.IsUnverified(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConversation plays one, with everything that can be told.
func TestConversation(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	last := func(n int) *channel.Message {
		t.Helper()
		var raw channel.Raw
		w.desk.Until(t, "a delivery", func(d *channeltest.Desk) bool {
			if len(d.Got) == n {
				raw = d.Got[n-1]
			}
			return len(d.Got) == n
		})
		m, err := hook.Parse(raw.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if err := w.sim.Say(ctx, hana, "本が届きません"); err != nil {
		t.Fatal(err)
	}
	if m := last(1); m.Text != "本が届きません" || m.From.Address != hana.Address || m.From.Name != "花" {
		t.Errorf("%+v", m)
	}
	if err := w.sim.Again(ctx); err != nil || len(w.desk.Got) != 1 {
		t.Errorf("told twice: %v", err)
	}
	out := answer("お調べします")
	if err := w.door.Send(ctx, out); err != nil || len(out.Accepted) != 1 || strings.Contains(out.Accepted[0], ".") {
		t.Fatal(err, out.Accepted)
	}
	if err := w.sim.Read(ctx, hana); err != nil {
		t.Fatal(err)
	}
	if r := last(2).Receipts; len(r) != 1 || r[0].ExternalID != out.Accepted[0] || r[0].State != "read" {
		t.Errorf("%+v", r)
	}
	if err := w.sim.File(ctx, hana, "a.txt", "text/plain", []byte("hi")); err != nil {
		t.Fatal(err)
	}
	if p := last(3).Parts; len(p) != 1 || string(p[0].Data) != "hi" {
		t.Errorf("%+v", p)
	}
	if err := w.sim.Block(ctx, hana); err != nil {
		t.Fatal(err)
	}
	if m := last(4); m.Contact != channel.ContactEnded {
		t.Errorf("%+v", m)
	}
	blocked := answer("x")
	blocked.ID = "another"
	if err := w.door.Send(ctx, blocked); !channel.IsBlocked(err) {
		t.Errorf("%v", err)
	}
}

// TestWrongIsAnswered tells whoever writes the other side what is wrong.
func TestWrongIsAnswered(t *testing.T) {
	w := newWorld(t)
	err := w.sim.Tell(t.Context(), map[string]any{"text": "x"})
	if err == nil || !strings.Contains(err.Error(), `400 {"error":"from.address is missing"}`) || len(w.desk.Got) != 0 {
		t.Errorf("%v", err)
	}
	w.desk.Refuse = func(channel.Raw) error { return errors.New("not now") }
	if err := w.sim.Say(t.Context(), hana, "x"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("%v", err)
	}
}

func TestAnswersOfTheOtherSide(t *testing.T) {
	waits := func(d time.Duration) func(error) bool {
		return func(err error) bool { l, ok := channel.AsLater(err); return ok && l.After == d }
	}
	for status, want := range map[int]func(error) bool{
		400: isRefused, 422: isRefused, 413: isRefused, 410: channel.IsBlocked, 429: waits(7 * time.Second), 408: waits(7 * time.Second), 500: waits(7 * time.Second),
		503: waits(7 * time.Second), 401: channel.IsSettings, 403: channel.IsSettings, 404: channel.IsSettings, 302: channel.IsSettings, 201: func(err error) bool { return err == nil },
	} {
		w := newWorld(t)
		w.sim.Fail(1, status, http.Header{"Retry-After": {"7"}, "Location": {"/elsewhere"}})
		if err := w.door.Send(t.Context(), answer("x")); !want(err) || err != nil && !strings.Contains(err.Error(), "played failure") {
			t.Errorf("%d: %v", status, err)
		}
	}
	w := newWorld(t)
	w.sim.Lose(1)
	out := answer("x")
	if err := w.door.Send(t.Context(), out); !channel.IsAmbiguous(err) {
		t.Errorf("the answer is lost: %v", err)
	}
	if err := w.door.Send(t.Context(), out); err != nil || w.ours() != 1 {
		t.Errorf("sent again it is the same call: %v, %d", err, w.ours())
	}
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }))
	defer silent.Close()
	for url, want := range map[string]func(error) bool{silent.URL: channel.IsAmbiguous, "http://127.0.0.1:1": func(err error) bool {
		var network net.Error
		return err != nil && !channel.IsAmbiguous(err) && !isRefused(err) && !errors.As(err, &network)
	}} {
		door, err := hook.Kind.Open([]byte(`{"url":"`+url+`"}`), w.secrets, w.desk.Host(t))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if err := door.Send(ctx, answer("x")); !want(err) {
			t.Errorf("%s: %v", url, err)
		}
		cancel()
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
	part := func(n int) channel.OutgoingPart {
		return channel.OutgoingPart{Name: "約款.pdf", ContentType: "application/pdf", Size: int64(n),
			Open: func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(strings.Repeat("x", n))), nil
			}}
	}
	out := answer("")
	out.Parts = []channel.OutgoingPart{part(5<<20 - 1), part(1)}
	if err := w.door.Send(t.Context(), out); err != nil || w.sim.Screen(hana.Address)[0].File != "約款.pdf" {
		t.Errorf("small files go inside: %v", err)
	}
	out.Parts = append(out.Parts, part(1))
	if err := w.door.Send(t.Context(), out); !isRefused(err) {
		t.Errorf("large ones do not: %v", err)
	}
	out.ID, out.Link = "linked", func(int) string { return "https://desk.example/f/1" }
	if err := w.door.Send(t.Context(), out); err != nil || w.ours() != 2 {
		t.Errorf("unless they have an address: %v", err)
	}
	serving := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a" {
			w.WriteHeader(map[string]int{"/gone": 410, "/later": 503}[r.URL.Path])
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "png")
	}))
	defer serving.Close()
	fetcher := w.door.(channel.Fetcher)
	r, contentType, err := fetcher.Fetch(t.Context(), "url:"+serving.URL+"/a?x=1")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || r.Close() != nil || string(b) != "png" || contentType != "image/png" {
		t.Errorf("%q %s %v", b, contentType, err)
	}
	for _, ref := range []string{"url:" + serving.URL + "/gone", "url:http://files.example/a", "url:", "what"} {
		if _, _, err := fetcher.Fetch(t.Context(), ref); !isRefused(err) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if _, _, err := fetcher.Fetch(t.Context(), "url:"+serving.URL+"/later"); isRefused(err) || err == nil {
		t.Errorf("later: %v", err)
	}
}

func TestCheck(t *testing.T) {
	w := newWorld(t)
	w.sim.Fail(1, 401, nil)
	steps := w.door.(channel.Checker).Check(t.Context())
	if last := steps[len(steps)-1]; last.OK || last.Part != "send" || !strings.HasPrefix(last.Text, "401") {
		t.Errorf("%+v", steps)
	}
	if steps = w.door.(channel.Checker).Check(t.Context()); len(steps) != 2 || slices.ContainsFunc(steps, func(s channel.Step) bool { return !s.OK }) || w.ours() != 0 {
		t.Errorf("%+v", steps)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/in/*.doc")
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
		m, err := hook.Parse(b)
		if (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		if m != nil && !m.Empty() && m.From.Address == "" && m.Bounce == nil {
			t.Errorf("nobody said %+v", m)
		}
	})
}

func FuzzReceive(f *testing.F) {
	f.Add("1", "1614265330", "v1,AAAA", []byte(`{}`))
	door, err := hook.Kind.Open([]byte(`{}`), []byte(`{"secret":"whsec_`+base64.StdEncoding.EncodeToString(make([]byte, 32))+`"}`), channel.Host{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id, at, signature string, b []byte) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {signature}}
		got, err := door.(channel.Receiver).Receive(t.Context(), &channel.Call{Method: http.MethodPost, Header: h, Body: b, At: time.Unix(1614265330, 0)})
		if !channel.IsUnverified(err) || len(got.Raws) != 0 {
			t.Errorf("believed: %v %v", got, err)
		}
	})
}

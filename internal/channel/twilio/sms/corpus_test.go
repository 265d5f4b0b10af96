package sms_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/sms"
	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
)

// signed is a form as Twilio posts it.
func signed(form url.Values) *channel.Call {
	const at = "https://desk.example/hook/ib_1"
	return &channel.Call{Method: http.MethodPost, URL: at, Body: []byte(form.Encode()), Header: http.Header{
		"Content-Type":         {"application/x-www-form-urlencoded"},
		twilio.SignatureHeader: {twilio.Sign(token, at, form)},
	}}
}

func TestCorpus(t *testing.T) {
	r := open(t, "", "").(channel.Receiver)
	files, err := filepath.Glob(filepath.Join(corpus.Dir(t, "webhooks/twilio"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		doc, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var params map[string]any
		if err := json.Unmarshal(doc, &params); err != nil {
			t.Fatal(err)
		}
		form := url.Values{}
		for k, v := range params {
			form.Set(k, fmt.Sprint(v))
		}
		first, err := r.Receive(t.Context(), signed(form))
		if err != nil || len(first.Raws) != 1 {
			t.Fatalf("%s: %+v, %v", name, first, err)
		}
		again, err := r.Receive(t.Context(), signed(form))
		if err != nil || again.Raws[0].Key != first.Raws[0].Key || !strings.HasPrefix(first.Raws[0].Key, "message:") {
			t.Errorf("%s: the key is %q, then %q, %v", name, first.Raws[0].Key, again.Raws[0].Key, err)
		}
		m, err := sms.Parse(first.Raws[0].Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if m.From.Address == "" || m.ExternalID == "" || m.Text != form.Get("Body") || (len(m.Parts) > 0) != form.Has("MediaUrl0") {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestSignatures(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus.Dir(t, "signatures"), "twilio.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Key, URL string
		Params         map[string]any
		Body           *string
		Headers        map[string]string
		Valid          bool
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		form := url.Values{}
		for k, one := range v.Params {
			if list, many := one.([]any); many {
				for _, s := range list {
					form.Add(k, s.(string))
				}
				continue
			}
			form.Set(k, one.(string))
		}
		c := &channel.Call{Method: http.MethodPost, URL: v.URL, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode())}
		if v.Body != nil {
			c.Body = []byte(*v.Body)
			c.Header.Set("Content-Type", "application/json")
		}
		for k, s := range v.Headers {
			c.Header.Set(k, s)
		}
		if _, err := twilio.Believe(v.Key, c); (err == nil) != v.Valid {
			t.Errorf("%s: %v", v.Name, err)
		}
		if v.Body != nil {
			c.Body = append(c.Body, ' ')
			if _, err := twilio.Believe(v.Key, c); !channel.IsUnverified(err) {
				t.Errorf("%s, with another body: %v", v.Name, err)
			}
		}
	}
}

func TestReceiveBelievesOnlyTwilio(t *testing.T) {
	r := open(t, "", "").(channel.Receiver)
	form := url.Values{"MessageSid": {"SM1"}, "From": {"+819011112222"}, "Body": {"x"}}
	for name, change := range map[string]func(c *channel.Call){
		"another word":      func(c *channel.Call) { c.Body = []byte(strings.Replace(string(c.Body), "Body=x", "Body=y", 1)) },
		"one more":          func(c *channel.Call) { c.Body = append(c.Body, "&A=1"...) },
		"another address":   func(c *channel.Call) { c.URL += "?x=1" },
		"another host":      func(c *channel.Call) { c.URL = strings.Replace(c.URL, "desk", "disk", 1) },
		"no signature":      func(c *channel.Call) { c.Header.Del(twilio.SignatureHeader) },
		"no base64":         func(c *channel.Call) { c.Header.Set(twilio.SignatureHeader, "*") },
		"not a form at all": func(c *channel.Call) { c.Header.Set("Content-Type", "text/plain") },
	} {
		c := signed(form)
		change(c)
		if got, err := r.Receive(t.Context(), c); !channel.IsUnverified(err) || len(got.Raws) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
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
		if m, err := sms.Parse(b); (m == nil) == (err == nil) {
			t.Errorf("%v, %v", m, err)
		}
		form, err := url.ParseQuery(string(b))
		if err != nil {
			return
		}
		ch, err := sms.Kind.Open(settings, secrets, channeltest.NewDesk().Host(t))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ch.(channel.Receiver).Receive(t.Context(), signed(form))
		if err != nil || len(got.Raws) != 1 || got.Raws[0].Key == "" || !json.Valid(got.Raws[0].Bytes) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

package sms_test

import (
	"encoding/json"
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
)

// signed is a form as Twilio posts it.
func signed(form url.Values) *channel.Call {
	const at = "https://desk.example/hook/ib_1"
	return &channel.Call{Method: http.MethodPost, URL: at, Body: []byte(form.Encode()), Header: http.Header{
		"Content-Type":         {"application/x-www-form-urlencoded"},
		twilio.SignatureHeader: {twilio.Sign(token, at, form)},
	}}
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

package sms

import (
	"context"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

// silence is the answer that makes Twilio say nothing to the customer.
const silence = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`

// statusPath is where Twilio reports on messages of ours, and letterName carries
// our id of the letter there: Twilio's own may not be known yet, or never.
const (
	statusPath = "status"
	letterName = "letter"
)

// Receive implements channel.Receiver.
func (e *Endpoint) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	params, err := twilio.Believe(e.account.Token, c)
	if err != nil {
		return channel.Reception{}, err
	}
	ev := twilio.Event{Path: c.Path, Params: params}
	raw, err := ev.Raw(source, key(ev))
	if err != nil {
		return channel.Reception{}, err
	}
	return channel.Reception{Raws: []channel.Raw{raw}, ContentType: "text/xml; charset=utf-8", Body: []byte(silence)}, nil
}

// key names a call by the vendor's id; "" if it has none.
func key(ev twilio.Event) string {
	sid := sidOf(ev.Params)
	switch {
	case sid == "":
		return ""
	case reports(ev.Params):
		return strings.Join([]string{"status", sid, stateOf(ev.Params), ev.Params["ErrorCode"]}, ":")
	}
	return "message:" + sid
}

func sidOf(p map[string]string) string {
	for _, name := range []string{"MessageSid", "SmsSid", "SmsMessageSid"} {
		if p[name] != "" {
			return p[name]
		}
	}
	return ""
}

func stateOf(p map[string]string) string {
	if p["MessageStatus"] != "" {
		return p["MessageStatus"]
	}
	return p["SmsStatus"]
}

// reports tells a report on a message of ours from a message.
func reports(p map[string]string) bool {
	switch stateOf(p) {
	case "", "received", "receiving":
		return false
	}
	return true
}

package sms

import (
	"context"
	"encoding/json"
	"io"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

const source = "sms"

// Limits of the vendor.
const (
	maxText  = 1600 // UTF-16 units in one message of up to ten segments or more
	maxParts = 5    // messages that one answer may become
	maxFiles = 10   // in one message
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: source, Parse: Parse, Open: open, Points: "phone", Personal: true, Hook: true, Starts: true, Checks: true,
	Fields: []channel.Field{
		{Name: "number", Input: channel.TextInput, Required: true, Max: 30},
		{Name: "accountSid", Input: channel.TextInput, Required: true, Max: 64},
		{Name: "authToken", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "serviceSid", Input: channel.TextInput, Max: 64, Advanced: true},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	},
	Can: can,
	Address: func(settings []byte) string {
		var s twilio.Settings
		if err := json.Unmarshal(settings, &s); err != nil {
			return ""
		}
		return s.Number
	},
}

// can is what fits through the channel.
var can = channel.Can{
	Text: maxText, Unit: channel.UTF16, Parts: maxParts, Files: maxFiles, Plain: true, OneToOne: true, Receipts: true, Cost: "message",
	Media: []channel.Media{
		{Name: "image", Types: []string{"image/jpeg", "image/png", "image/gif"}, Max: 5 << 20},
		{Name: "document", Types: []string{"application/pdf", "text/vcard", "audio/mpeg", "audio/mp4", "video/mp4"}, Max: 600 << 10},
	},
}

// Endpoint is one telephone number. It keeps no connection.
type Endpoint struct {
	account *twilio.Account
	service string // of the messaging service that sends, "" if the number does
}

func open(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	account, err := twilio.Open(settings, secrets, host)
	if err != nil {
		return nil, err
	}
	var more struct {
		ServiceSID string `json:"serviceSid"`
	}
	if err := json.Unmarshal(settings, &more); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	return &Endpoint{account: account, service: more.ServiceSID}, nil
}

// Close implements channel.Channel.
func (e *Endpoint) Close() error { return nil }

// Fetch implements channel.Fetcher.
func (e *Endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	return e.account.Fetch(ctx, ref)
}

// Check implements channel.Checker.
func (e *Endpoint) Check(ctx context.Context) []channel.Step {
	steps, line, ok := e.account.Check(ctx)
	if ok && e.service == "" { // a service has an address of its own
		steps = append(steps, e.account.Called("webhook", line.SMSURL, ""))
	}
	return steps
}

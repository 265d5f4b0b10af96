package voice

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
)

const source = "voice"

// Limits of a message, in seconds.
const (
	usualMessage = 120
	leastMessage = 10
	mostMessage  = 600
)

// The languages in which callers are spoken to.
const (
	japanese = "ja"
	english  = "en"
	both     = "both"
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: source, Parse: Parse, Open: open, Points: "phone", Personal: true, Hook: true, Checks: true,
	Sends: func([]byte) bool { return false },
	Fields: []channel.Field{
		{Name: "number", Input: channel.TextInput, Required: true, Max: 30},
		{Name: "accountSid", Input: channel.TextInput, Required: true, Max: 64},
		{Name: "authToken", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "language", Input: channel.ChoiceInput, Choices: []string{japanese, english, both}, Default: japanese, Required: true},
		{Name: "greetingJa", Input: channel.LongInput, Max: 500},
		{Name: "greetingEn", Input: channel.LongInput, Max: 500},
		{Name: "closedJa", Input: channel.LongInput, Max: 500},
		{Name: "closedEn", Input: channel.LongInput, Max: 500},
		{Name: "hours", Input: channel.LongInput, Max: 500},
		{Name: "callback", Input: channel.SwitchInput, Default: "true"},
		{Name: "maxSeconds", Input: channel.NumberInput, Default: "120"},
		{Name: "transcribe", Input: channel.SwitchInput},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	},
	Can: channel.Can{NoMedia: true, Plain: true, OneToOne: true},
	Address: func(settings []byte) string {
		var s twilio.Settings
		if err := json.Unmarshal(settings, &s); err != nil {
			return ""
		}
		return s.Number
	},
}

// Settings say how callers are spoken to.
type Settings struct {
	Language   string  `json:"language"`
	GreetingJa string  `json:"greetingJa"` // "" is the usual one
	GreetingEn string  `json:"greetingEn"`
	ClosedJa   string  `json:"closedJa"` // in place of the greeting outside business hours
	ClosedEn   string  `json:"closedEn"`
	Hours      string  `json:"hours"`      // said after the greeting, in the first language
	Callback   bool    `json:"callback"`   // a key asks for a call back
	MaxSeconds float64 `json:"maxSeconds"` // of a message
	Transcribe bool    `json:"transcribe"` // English only, says Twilio
}

// Endpoint is one telephone number. It keeps no connection.
type Endpoint struct {
	account  *twilio.Account
	settings Settings
}

func open(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	account, err := twilio.Open(settings, secrets, host)
	if err != nil {
		return nil, err
	}
	e := &Endpoint{account: account, settings: Settings{Language: japanese, MaxSeconds: usualMessage}}
	if err := json.Unmarshal(settings, &e.settings); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	if s := e.settings.MaxSeconds; s < leastMessage || s > mostMessage {
		return nil, &channel.SettingsError{Err: errors.New("a message has from 10 to 600 seconds")}
	}
	return e, nil
}

// Close implements channel.Channel.
func (e *Endpoint) Close() error { return nil }

// Send implements channel.Channel: people are called back by telephone.
func (e *Endpoint) Send(context.Context, *channel.Outgoing) error {
	return &channel.RefusedError{Text: "nothing can be written to a caller"}
}

// Fetch implements channel.Fetcher. A recording may not be ready when we are told
// of it: that it is not there is no reason to give up.
func (e *Endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	r, contentType, err := e.account.Fetch(ctx, ref+".mp3")
	if refused, ok := channel.IsRefused(err); ok && (refused.Code == notFound || refused.Code == noResource) {
		return nil, "", errors.New("the recording is not there (yet)")
	}
	return r, contentType, err
}

// How Twilio says that something is not there.
const (
	notFound   = 404
	noResource = 20404
)

// Check implements channel.Checker.
func (e *Endpoint) Check(ctx context.Context) []channel.Step {
	steps, line, ok := e.account.Check(ctx)
	for i := range steps {
		steps[i].Part = "receive" // nothing is sent
	}
	if !ok {
		return steps
	}
	return append(steps, e.account.Called("webhook", line.VoiceURL, ""), e.account.Called("status", line.Status, "/"+statusPath))
}

// recorded reports whether a call has left a recording, by asking Twilio.
func (e *Endpoint) recorded(ctx context.Context, call string) (bool, error) {
	if !twilio.IsSID(call) {
		return false, nil
	}
	var got struct {
		Recordings []struct {
			Status string `json:"status"`
		} `json:"recordings"`
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := e.account.Get(ctx, "/Calls/"+call+"/Recordings.json", url.Values{"PageSize": {"20"}}, &got); err != nil {
		return false, err
	}
	for _, r := range got.Recordings {
		if r.Status != "absent" && r.Status != "failed" {
			return true, nil
		}
	}
	return false, nil
}

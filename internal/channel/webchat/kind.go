package webchat

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Name is the channel's kind, and the kind of its customers' points.
const Name = "webchat"

// Limits of a message.
const (
	MaxText  = 10_000   // characters
	MaxFile  = 25 << 20 // bytes of one file, and of all in a message
	MaxFiles = 10       // in a message
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: Name, Parse: Parse, Open: open, Fields: fields(), Personal: true, InThread: true,
	Can: channel.Can{
		Text: MaxText, Plain: true, OneToOne: true, Receipts: true, Typing: true,
		Media: []channel.Media{{Name: "document", Max: MaxFile}}, Files: MaxFiles,
	},
}

// The names of the settings.
const (
	fieldOrigins  = "origins"
	fieldGreetEn  = "greetingEn"
	fieldGreetJa  = "greetingJa"
	fieldColor    = "color"
	fieldEmail    = "requireEmail"
	fieldIdentity = "identitySecret"
	fieldPush     = "pushAddress"
	fieldPushKey  = "pushSecret"
)

const (
	maxOrigin   = 200 // characters
	maxGreeting = 500
	minSecret   = 32 // bytes: what HS256 asks of a key
	maxPush     = 500
	minPushKey  = 24 // bytes
)

func fields() []channel.Field {
	return []channel.Field{
		{Name: fieldOrigins, Input: channel.ListInput, Required: true, Max: maxOrigin},
		{Name: fieldGreetJa, Input: channel.LongInput, Max: maxGreeting},
		{Name: fieldGreetEn, Input: channel.LongInput, Max: maxGreeting},
		{Name: fieldColor, Input: channel.TextInput, Max: len("#rrggbb")},
		{Name: fieldEmail, Input: channel.SwitchInput},
		{Name: fieldIdentity, Input: channel.SecretInput, Advanced: true},
		{Name: fieldPush, Input: channel.TextInput, Max: maxPush, Advanced: true},
		{Name: fieldPushKey, Input: channel.SecretInput, Advanced: true},
	}
}

// open checks the papers; there is nothing to connect to.
func open(settings, secrets []byte, _ channel.Host) (channel.Channel, error) {
	if _, err := Read(settings, secrets); err != nil {
		return nil, err
	}
	return endpoint{}, nil
}

// Settings are what an inbox of this kind is set to.
type Settings struct {
	Origins        []string `json:"origins"` // sites that may show the panel, see Allows
	GreetingJa     string   `json:"greetingJa"`
	GreetingEn     string   `json:"greetingEn"`
	Color          string   `json:"color"` // "#rrggbb"; "" is the brand's
	RequireEmail   bool     `json:"requireEmail"`
	PushAddress    string   `json:"pushAddress"` // of the company's server that pushes to its app; "" if there is none
	IdentitySecret string   `json:"-"`           // with which a site proves who its visitor is; "" if none does
	PushSecret     string   `json:"-"`           // with which calls of PushAddress are signed
}

// Read reads an inbox's papers. Errors are channel.SettingsErrors that say what
// is wrong with them.
func Read(settings, secrets []byte) (s Settings, err error) {
	var hidden struct {
		IdentitySecret string `json:"identitySecret"`
		PushSecret     string `json:"pushSecret"`
	}
	if err := channel.ReadPapers(settings, secrets, &s, &hidden); err != nil {
		return s, err
	}
	s.IdentitySecret, s.PushSecret = hidden.IdentitySecret, hidden.PushSecret
	if err := s.check(); err != nil {
		return s, &channel.SettingsError{Err: err}
	}
	return s, nil
}

// endpoint is one inbox's channel.
type endpoint struct{}

// Send implements channel.Channel: the letter is where the visitor reads it.
func (endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	if len(m.Recipients()) == 0 {
		return &channel.RefusedError{Text: "nobody to send to"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.Committing == nil {
		return nil
	}
	return m.Committing(ctx)
}

// Close implements channel.Channel.
func (endpoint) Close() error { return nil }

package vonage

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	source = "vonage"
	vendor = "https://rest.nexmo.com"
)

// Limits of the vendor.
const (
	maxText  = 1600 // UTF-16 units in one message
	maxParts = 5    // messages that one answer may become
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: source, Parse: Parse, Open: open, Points: "phone", Personal: true, Hook: true, Starts: true, Checks: true,
	Fields: []channel.Field{
		{Name: "number", Input: channel.TextInput, Required: true, Max: 30},
		{Name: "apiKey", Input: channel.TextInput, Required: true, Max: 40},
		{Name: "apiSecret", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "method", Input: channel.ChoiceInput, Choices: methods, Default: "sha256", Required: true},
		{Name: "signatureSecret", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "apiBase", Input: channel.URLInput, Advanced: true, Binds: true},
	},
	Can: can,
	Address: func(settings []byte) string {
		var s Settings
		if err := json.Unmarshal(settings, &s); err != nil {
			return ""
		}
		return s.Number
	},
}

// can is what fits through the channel.
var can = channel.Can{
	Text: maxText, Unit: channel.UTF16, Parts: maxParts, NoMedia: true, Plain: true, OneToOne: true, Receipts: true, Cost: "message",
}

// methods are the ways in which Vonage signs, as its dashboard lists them.
var methods = []string{"md5hash", "md5", "sha1", "sha256", "sha512"}

// Settings is an endpoint's settings document.
type Settings struct {
	Number  string `json:"number"` // E.164
	APIKey  string `json:"apiKey"`
	Method  string `json:"method"`
	APIBase string `json:"apiBase"` // "" is Vonage's own
}

// Secrets is the document that is kept sealed.
type Secrets struct {
	APISecret       string `json:"apiSecret"`
	SignatureSecret string `json:"signatureSecret"`
}

// Endpoint is one number of an account. It keeps no connection.
type Endpoint struct {
	settings Settings
	secrets  Secrets
	base     string
	host     channel.Host
}

func open(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	e := &Endpoint{host: host, settings: Settings{Method: "sha256"}}
	if err := channel.ReadPapers(settings, secrets, &e.settings, &e.secrets); err != nil {
		return nil, err
	}
	if !slices.Contains(methods, e.settings.Method) {
		return nil, &channel.SettingsError{Err: errors.New("the signature method is none of Vonage's")}
	}
	if bare(e.settings.Number) == "" {
		return nil, &channel.SettingsError{Err: errors.New("the number must begin with + and the country code")}
	}
	base, err := fetch.Base(e.settings.APIBase, vendor)
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	e.base = base
	return e, nil
}

// Close implements channel.Channel.
func (e *Endpoint) Close() error { return nil }

// bare is a number in E.164 as Vonage writes it, without the plus; "" if it is none.
func bare(number string) string {
	number = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().\u00a0\u3000", r) {
			return -1
		}
		return r
	}, number)
	digits, ok := strings.CutPrefix(number, "+")
	if !ok || len(digits) < 4 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

// address is a number of Vonage's in E.164; senders that are words stay as they are.
func address(s string) string {
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return "+" + s
	}
	return s
}

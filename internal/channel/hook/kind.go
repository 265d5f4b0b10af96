package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{
	Name: "hook", Parse: Parse, Open: open, Fields: fields(), Sends: sends, Can: channel.Can{Plain: true, OneToOne: true, Receipts: true, Choices: maxChoices},
	Personal: true, Numbers: true, Hook: true, Starts: true, Checks: true,
}

// maxChoices is how many quick replies go with a message.
const maxChoices = 13

func fields() []channel.Field {
	return []channel.Field{
		{Name: "secret", Input: channel.SecretInput, Required: true, Max: 200},
		{Name: "url", Input: channel.URLInput, Binds: true},
		{Name: "sendSecret", Input: channel.SecretInput, Max: 200},
	}
}

type settings struct {
	URL string `json:"url"`
}

type secrets struct {
	Secret     string `json:"secret"`
	SendSecret string `json:"sendSecret"`
}

// endpoint is one door.
type endpoint struct {
	host    channel.Host
	url     string // "" if nothing is sent
	in, out key
}

var (
	_ channel.Channel  = (*endpoint)(nil)
	_ channel.Receiver = (*endpoint)(nil)
	_ channel.Checker  = (*endpoint)(nil)
	_ channel.Fetcher  = (*endpoint)(nil)
)

// open is Kind.Open. It looks at the settings only.
func open(doc, secretDoc []byte, host channel.Host) (channel.Channel, error) {
	var set settings
	var sec secrets
	if err := channel.ReadPapers(doc, secretDoc, &set, &sec); err != nil {
		return nil, err
	}
	e := &endpoint{host: host}
	if e.host.Clock == nil {
		e.host.Clock = clock.System{}
	}
	var err error
	if e.in, err = newKey(sec.Secret); err != nil {
		return nil, &channel.SettingsError{Err: fmt.Errorf("the secret: %w", err)}
	}
	if set.URL = strings.TrimSpace(set.URL); set.URL == "" {
		return e, nil
	}
	if e.url, err = destination(set.URL); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	if e.out, err = newKey(sec.SendSecret); err != nil {
		return nil, &channel.SettingsError{Err: fmt.Errorf("the secret for sending: %w", err)}
	}
	if string(e.in) == string(e.out) {
		return nil, &channel.SettingsError{Err: errors.New("both directions have the same secret: what is sent could be played back")}
	}
	return e, nil
}

// destination checks an address as a base is checked, but for its query: some
// receivers are told apart by it.
func destination(s string) (string, error) {
	base, query, _ := strings.Cut(s, "?")
	if _, err := fetch.Base(base, ""); err != nil {
		return "", err
	}
	if strings.ContainsAny(query, "# \t\r\n") {
		return "", fmt.Errorf("%q is not an address", s)
	}
	return s, nil
}

// Close implements channel.Channel.
func (e *endpoint) Close() error { return nil }

func sends(doc []byte) bool {
	var set settings
	return json.Unmarshal(doc, &set) == nil && strings.TrimSpace(set.URL) != ""
}

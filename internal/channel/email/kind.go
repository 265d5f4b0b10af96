package email

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{Name: "email", Parse: Parse, Open: open, Sends: sends, Starts: true, Checks: true}

// Endpoint is one configured place to talk: an account to read, an account to
// send with, or one of the two. It keeps no connection between calls; Listen
// holds one while it runs.
type Endpoint struct {
	settings Settings
	secrets  Secrets
	host     channel.Host
	signer   *signer
	limits   limits
	nudge    chan struct{}
	strikes  *strikes
}

var (
	_ channel.Channel    = (*Endpoint)(nil)
	_ channel.Listener   = (*Endpoint)(nil)
	_ channel.Checker    = (*Endpoint)(nil)
	_ channel.Refresher  = (*Endpoint)(nil)
	_ channel.Reconciler = (*Endpoint)(nil)
)

// open is Kind.Open. It looks at the settings only; the first connection is made
// by the first use.
func open(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	e := &Endpoint{host: host, limits: defaultLimits(), nudge: make(chan struct{}, 1), strikes: newStrikes()}
	if err := decode(settings, &e.settings); err != nil {
		return nil, &channel.SettingsError{Err: fmt.Errorf("settings: %w", err)}
	}
	if err := decode(secrets, &e.secrets); err != nil {
		// The document is secret: its text must not reach a log.
		return nil, &channel.SettingsError{Err: errors.New("secrets: not a JSON object of the expected form")}
	}
	if host.Dial == nil || host.Clock == nil || host.Log == nil {
		return nil, errors.New("email: the host must offer Dial, Clock and Log")
	}
	if err := e.settings.prepare(); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	if n := e.settings.Receive.MaxMessageBytes; n > 0 {
		e.limits.message = n
	}
	var err error
	if e.signer, err = newSigner(e.settings.DKIM, e.secrets.DKIMKey); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	return e, nil
}

func decode(doc []byte, into any) error {
	if len(doc) == 0 {
		return nil
	}
	return json.Unmarshal(doc, into)
}

// Close implements channel.Channel. Calls in flight end with their contexts.
func (e *Endpoint) Close() error { return nil }

// Refresh implements channel.Refresher.
func (e *Endpoint) Refresh() {
	select {
	case e.nudge <- struct{}{}:
	default: // one reminder is enough
	}
}

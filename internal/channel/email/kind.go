package email

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Kind is this channel in the list of channels.
var Kind = channel.Kind{Name: "email", Parse: Parse, Open: open}

// Mailbox is one endpoint: an account to read, an account to send with, or one
// of the two. It keeps no connection between calls; Listen holds one while it runs.
type Mailbox struct {
	settings Settings
	secrets  Secrets
	host     channel.Host
	signer   *signer
	limits   limits
	nudge    chan struct{}
	strikes  *strikes
}

var (
	_ channel.Channel    = (*Mailbox)(nil)
	_ channel.Listener   = (*Mailbox)(nil)
	_ channel.Checker    = (*Mailbox)(nil)
	_ channel.Refresher  = (*Mailbox)(nil)
	_ channel.Reconciler = (*Mailbox)(nil)
)

// open is Kind.Open. It looks at the settings only; the first connection is made
// by the first use.
func open(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
	m := &Mailbox{host: host, limits: defaultLimits(), nudge: make(chan struct{}, 1), strikes: newStrikes()}
	if err := decode(settings, &m.settings); err != nil {
		return nil, &channel.SettingsError{Err: fmt.Errorf("settings: %w", err)}
	}
	if err := decode(secrets, &m.secrets); err != nil {
		// The document is secret: its text must not reach a log.
		return nil, &channel.SettingsError{Err: errors.New("secrets: not a JSON object of the expected form")}
	}
	if host.Dial == nil || host.Clock == nil || host.Log == nil {
		return nil, errors.New("email: the host must offer Dial, Clock and Log")
	}
	if err := m.settings.prepare(); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	if n := m.settings.Receive.MaxMessageBytes; n > 0 {
		m.limits.message = n
	}
	var err error
	if m.signer, err = newSigner(m.settings.DKIM, m.secrets.DKIMKey); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	return m, nil
}

func decode(doc []byte, into any) error {
	if len(doc) == 0 {
		return nil
	}
	return json.Unmarshal(doc, into)
}

// Close implements channel.Channel. Calls in flight end with their contexts.
func (m *Mailbox) Close() error { return nil }

// Refresh implements channel.Refresher.
func (m *Mailbox) Refresh() {
	select {
	case m.nudge <- struct{}{}:
	default: // one reminder is enough
	}
}

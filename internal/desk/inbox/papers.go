package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Values are settings by the names of their channel's fields, as JSON makes
// them. nil and "" empty a setting; an absent secret stays.
type Values map[string]any

// papers are the two documents of an inbox, as they are stored and as its
// channel reads them. secrets are open: they are sealed when they are written.
type papers struct{ settings, secrets []byte }

// edit is a change of an inbox that is being made.
type edit struct {
	inbox  *Inbox
	change Change
	old    papers // without settings: the inbox is new
	kinds  []channel.Kind
	check  fault.Check
	fields []string // what the change named, or changed
}

// compose makes the change and returns the new papers.
func (e *edit) compose() (p papers, err error) {
	e.fields = e.change.apply(&e.check, e.inbox)
	if e.inbox.Kind == Email {
		p, err = e.mail()
	} else {
		p, err = e.other()
	}
	return p, errors.Join(e.check.Err(), err)
}

func (e *edit) mail() (p papers, err error) {
	m := Mail{Receive: Receive{Mode: ModeNone, Folders: []string{}}, Send: Send{Mode: ModeNone}}
	var secrets MailSecrets
	if e.old.settings != nil {
		if err := errors.Join(json.Unmarshal(e.old.settings, &m), json.Unmarshal(e.old.secrets, &secrets)); err != nil {
			return p, err
		}
	}
	e.fields = append(e.fields, e.change.applyMail(&e.check, e.inbox, &m, &secrets)...)
	if p.settings, err = json.Marshal(m); err != nil {
		return p, err
	}
	p.secrets, err = json.Marshal(secrets)
	return p, err
}

// other is for every channel whose settings are fields.
func (e *edit) other() (papers, error) {
	at := slices.IndexFunc(e.kinds, func(k channel.Kind) bool { return k.Name == e.inbox.Kind })
	if at < 0 {
		e.check.Add("body.kind", "error.inbox.kind", "kind", e.inbox.Kind)
		return papers{}, nil
	}
	kind := e.kinds[at]
	p, changed, err := fill(&e.check, kind, e.old, e.change.Values)
	e.fields = append(e.fields, changed...)
	if err != nil || e.check.Err() != nil {
		return p, err
	}
	if kind.Address != nil {
		e.inbox.Address = kind.Address(p.settings)
	}
	return p, tryOpen(kind, p)
}

// tryOpen lets the channel refuse papers that no single field is to blame for.
func tryOpen(kind channel.Kind, p papers) error {
	ch, err := kind.Open(p.settings, p.secrets, channel.Host{})
	if err != nil {
		return invalid("body.settings", "error.inbox.settings", "reason", err.Error())
	}
	return ch.Close()
}

// fill writes values into the papers of a kind and returns the names of the
// fields that are not what they were.
func fill(c *fault.Check, kind channel.Kind, old papers, values Values) (p papers, changed []string, err error) {
	settings, secrets := map[string]any{}, map[string]any{}
	if old.settings != nil {
		if err := errors.Join(json.Unmarshal(old.settings, &settings), json.Unmarshal(old.secrets, &secrets)); err != nil {
			return p, nil, err
		}
	}
	for name := range values {
		known := slices.ContainsFunc(kind.Fields, func(f channel.Field) bool { return f.Name == name })
		c.That(known, "body.settings."+name, "error.field.invalid")
	}
	moved := false
	for _, f := range kind.Fields {
		doc := settings
		if f.Secret() {
			doc = secrets
		}
		if v, named := values[f.Name]; named && !reflect.DeepEqual(doc[f.Name], v) {
			moved = moved || f.Binds && old.settings != nil
			doc[f.Name], changed = v, append(changed, f.Name)
		}
		if v := doc[f.Name]; v == nil || v == "" {
			delete(doc, f.Name)
		}
		if key, args := f.Problem(doc[f.Name]); key != "" {
			c.Add("body.settings."+f.Name, key, args...)
		}
	}
	if moved {
		enterAgain(c, kind, secrets, values)
	}
	if p.settings, err = json.Marshal(settings); err != nil {
		return p, nil, err
	}
	p.secrets, err = json.Marshal(secrets)
	return p, changed, err
}

// enterAgain asks for every secret that was entered for another value than the
// one it would now be used with.
func enterAgain(c *fault.Check, kind channel.Kind, secrets map[string]any, values Values) {
	for _, f := range kind.Fields {
		if _, given := values[f.Name]; f.Secret() && !given && secrets[f.Name] != nil {
			c.Add("body.settings."+f.Name, "error.inbox.password.again")
		}
	}
}

// Kind returns the channel of a name; false if it is not installed.
func (s *Inboxes) Kind(name string) (channel.Kind, bool) {
	at := slices.IndexFunc(s.kinds, func(k channel.Kind) bool { return k.Name == name })
	if at < 0 {
		return channel.Kind{}, false
	}
	return s.kinds[at], true
}

// Point returns the kind of address that customers of a channel have.
func (s *Inboxes) Point(kind string) string {
	if k, ok := s.Kind(kind); ok {
		return k.Point()
	}
	return kind
}

// Kinds lists the channels that are installed.
func (s *Inboxes) Kinds() []channel.Kind { return s.kinds }

// seal returns the secrets as they are stored: "" when there are none.
func (s *Inboxes) seal(p papers) string {
	if len(p.secrets) == 0 || bytes.Equal(p.secrets, []byte("{}")) {
		return ""
	}
	return s.key.Seal(sealPurpose, string(p.secrets))
}

// open reads an inbox with its papers. Secrets that were sealed with another
// instance key are as good as none, so that an administrator can enter them again.
func (s *Inboxes) open(ctx context.Context, tx *sqldb.Tx, id string) (i Inbox, p papers, err error) {
	if i, err = s.ByID(ctx, tx, id); err != nil {
		return i, p, err
	}
	p.settings = i.Settings
	p.secrets, err = s.Secrets(ctx, tx, id)
	var f *fault.Error
	if errors.As(err, &f) && f.Key == sealedKey {
		p.secrets, err = []byte("{}"), nil
	}
	return i, p, err
}

// Has tells by name which secrets are stored for an inbox.
func (s *Inboxes) Has(ctx context.Context, tx *sqldb.Tx, id string) (map[string]bool, error) {
	_, p, err := s.open(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	var secrets map[string]any
	if err := json.Unmarshal(p.secrets, &secrets); err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for name := range secrets {
		has[name] = true
	}
	return has, nil
}

// Trial is settings that are to be tried before they are stored.
type Trial struct {
	InboxID string // "" for a new inbox; else its stored settings fill what is not given
	Kind    string // of a new inbox; "" is Email
	Values  Values // of kinds that are not Email
	Receive *ReceiveChange
	Send    *SendChange
}

// Try returns the kind and the documents with which a channel can be opened to
// test a connection. Nothing is stored. The rules are those of Change. If only
// one direction of mail is named, the other is left out; if none is, a stored
// inbox is tried as it is.
func (s *Inboxes) Try(ctx context.Context, tx *sqldb.Tx, t Trial) (kind string, settings, secrets []byte, err error) {
	var old papers
	kind = t.Kind
	if kind == "" {
		kind = Email
	}
	if t.InboxID != "" {
		var i Inbox
		if i, old, err = s.open(ctx, tx, t.InboxID); err != nil {
			return kind, nil, nil, err
		}
		kind = i.Kind
	}
	var p papers
	var c fault.Check
	if kind == Email {
		p, err = tryMail(&c, t, old)
	} else if k, ok := s.Kind(kind); ok {
		p, _, err = fill(&c, k, old, t.Values)
	} else {
		c.Add("body.kind", "error.inbox.kind", "kind", kind)
	}
	return kind, p.settings, p.secrets, errors.Join(c.Err(), err)
}

func tryMail(c *fault.Check, t Trial, old papers) (p papers, err error) {
	m := Mail{Receive: Receive{Mode: ModeNone}, Send: Send{Mode: ModeNone}}
	var known MailSecrets
	if old.settings != nil {
		if err := errors.Join(json.Unmarshal(old.settings, &m), json.Unmarshal(old.secrets, &known)); err != nil {
			return p, err
		}
	}
	if t.Receive == nil && t.Send != nil {
		m.Receive.Mode = ModeNone
	}
	if t.Send == nil && t.Receive != nil {
		m.Send.Mode = ModeNone
	}
	if t.Receive != nil {
		t.Receive.apply(c, &m.Receive, &known.ReceivePassword)
	}
	if t.Send != nil {
		t.Send.apply(c, &m.Send, &known.SendPassword)
	}
	if p.settings, err = json.Marshal(m); err == nil {
		p.secrets, err = json.Marshal(known)
	}
	return p, err
}

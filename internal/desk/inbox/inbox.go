package inbox

import (
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of what may be entered.
const (
	maxName      = 100    // characters
	maxSignature = 10_000 // characters
	maxAliases   = 50
	maxAddress   = 254 // bytes, RFC 5321
	maxError     = 2000
)

// Email is the channel kind of mail.
const Email = "email"

// Inbox is one configured endpoint of a channel.
type Inbox struct {
	ID         string
	BrandID    string
	Name       string
	Kind       string
	Address    string
	Aliases    []string
	Settings   json.RawMessage // the channel's own document, without secrets; see Mail
	SenderName string
	Signature  string
	CatchAll   bool
	Active     bool
	Health     Health
	ExpiresAt  time.Time // of its credential, as the vendor says; zero: never, or unknown
	told       warning
	CreatedAt  time.Time
	Version    int64
}

// Mail returns the settings of an inbox of kind Email.
func (i Inbox) Mail() (m Mail, err error) {
	err = json.Unmarshal(i.Settings, &m)
	return m, err
}

// Health is how the last contacts with the inbox's servers went: the one mail
// comes from and the one it goes to are well or ill each by itself.
type Health struct {
	Receive Contact
	Send    Contact
}

// Contact is how it went with one server.
type Contact struct {
	SuccessAt time.Time // zero: never
	Error     string    // the last failure, "" after a success
	ErrorAt   time.Time
}

// Direction is one of the ways of mail through an inbox.
type Direction string

// The directions.
const (
	Receiving Direction = "receive"
	Sending   Direction = "send"
)

// of returns the contact of a direction.
func (h *Health) of(d Direction) *Contact {
	if d == Sending {
		return &h.Send
	}
	return &h.Receive
}

// State sums up an inbox's health.
type State string

// The states of health.
const (
	OK      State = "ok"
	Failing State = "failing"
	Idle    State = "idle" // never tried
)

// State returns what the health amounts to: an inbox fails if it cannot do one
// of the two.
func (h Health) State() State { return h.Sum().State() }

// Sum puts both directions into one: the latest times, and the words of
// receiving if both fail.
func (h Health) Sum() Contact {
	c := Contact{SuccessAt: later(h.Receive.SuccessAt, h.Send.SuccessAt), ErrorAt: later(h.Receive.ErrorAt, h.Send.ErrorAt), Error: h.Receive.Error}
	switch {
	case h.Receive.Error != "":
		c.ErrorAt = h.Receive.ErrorAt
	case h.Send.Error != "":
		c.Error, c.ErrorAt = h.Send.Error, h.Send.ErrorAt
	}
	return c
}

// State returns what the contact amounts to.
func (c Contact) State() State {
	switch {
	case c.Error != "":
		return Failing
	case c.SuccessAt.IsZero():
		return Idle
	}
	return OK
}

// Change is what an inbox is made with and what may change of it; nil leaves a
// field, or in a new inbox takes its default.
type Change struct {
	Kind       string // of a new inbox; "" is Email
	Values     Values // of kinds that are not Email
	BrandID    *string
	Name       *string
	Address    *string
	Aliases    *[]string
	SenderName *string
	Signature  *string
	CatchAll   *bool
	Active     *bool
	Receive    *ReceiveChange
	Send       *SendChange
	DKIM       *DKIMChange
}

// apply checks what every inbox has, makes the change, and returns the names of
// the fields it named.
func (ch Change) apply(c *fault.Check, i *Inbox) (fields []string) {
	put(&fields, "brand", &i.BrandID, ch.BrandID)
	put(&fields, "name", &i.Name, trimmed(ch.Name))
	put(&fields, "senderName", &i.SenderName, trimmed(ch.SenderName))
	put(&fields, "signature", &i.Signature, ch.Signature)
	put(&fields, "active", &i.Active, ch.Active)
	c.Require(i.BrandID != "", "body.brandId")
	checkLine(c, "body.name", i.Name)
	c.Require(i.Name != "", "body.name")
	checkLine(c, "body.senderName", i.SenderName)
	c.That(utf8.RuneCountInString(i.Signature) <= maxSignature, "body.signature", "error.text.long", "max", maxSignature)
	return fields
}

// applyMail is apply for what only an inbox of kind Email has.
func (ch Change) applyMail(c *fault.Check, i *Inbox, m *Mail, secrets *MailSecrets) (fields []string) {
	put(&fields, "address", &i.Address, trimmed(ch.Address))
	put(&fields, "catchAll", &i.CatchAll, ch.CatchAll)
	if ch.Aliases != nil {
		i.Aliases, fields = cleanAliases(*ch.Aliases), append(fields, "aliases")
	}
	c.That(validAddress(i.Address), "body.address", "error.inbox.address")
	c.That(len(i.Aliases) <= maxAliases, "body.aliases", "error.inbox.aliases", "max", maxAliases)
	for n, a := range i.Aliases {
		c.That(validAddress(a), aliasPath(n), "error.inbox.address")
	}
	if ch.Receive != nil {
		ch.Receive.apply(c, &m.Receive, &secrets.ReceivePassword)
		fields = append(fields, "receive")
	}
	if ch.Send != nil {
		ch.Send.apply(c, &m.Send, &secrets.SendPassword)
		fields = append(fields, "send")
	}
	if ch.DKIM != nil {
		ch.DKIM.apply(c, &m.DKIM, &secrets.DKIMKey)
		fields = append(fields, "dkim")
	}
	return fields
}

func put[T any](fields *[]string, name string, at, value *T) {
	if value != nil {
		*at, *fields = *value, append(*fields, name)
	}
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}

func cleanAliases(list []string) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		if a = strings.TrimSpace(a); a != "" {
			out = append(out, a)
		}
	}
	return out
}

func checkLine(c *fault.Check, path, s string) {
	c.That(utf8.RuneCountInString(s) <= maxName, path, "error.text.long", "max", maxName)
	c.That(!strings.ContainsFunc(s, unicode.IsControl), path, "error.field.invalid")
}

func validAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= maxAddress
}

// addressKey is what an address is found by.
func addressKey(address string) string { return text.Fold(address) }

// withoutDetail removes what stands after a plus sign in the local part
// ("support+abc@x" is delivered to "support@x"); false if there is none.
func withoutDetail(key string) (string, bool) {
	local, domain, ok := cutLast(key, "@")
	base, _, detail := strings.Cut(local, "+")
	return base + "@" + domain, ok && detail && base != ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// addresses lists the main address and the aliases, each once. Only mail is
// found by address.
func (i Inbox) addresses() []string {
	if i.Kind != Email {
		return nil
	}
	all := append([]string{i.Address}, i.Aliases...)
	var keys, out []string
	for _, a := range all {
		if k := addressKey(a); !slices.Contains(keys, k) {
			keys, out = append(keys, k), append(out, a)
		}
	}
	return out
}

package customer

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits.
const (
	maxName    = 200    // characters
	maxNote    = 20_000 // characters
	maxAddress = 320    // bytes
)

// Email is the point kind of mail addresses.
const Email = "email"

// Customer is a person we serve.
type Customer struct {
	ID           string
	Name         string // "" while nobody knows it
	Locale       string // "ja", "en", or "" while unknown
	Organization string
	Note         string
	MergedInto   string // "" unless merged
	CreatedAt    time.Time
	SeenAt       time.Time // when we last heard from them
	Version      int64
	// Prefers is the kind of point at which they like to be reached, "" for any.
	Prefers string
	// HoursFrom and HoursTo are the hours of the day in which they like to be
	// reached, "18:00" and "21:00" on the brand's clock; "" for any. To before From
	// reaches over midnight.
	HoursFrom, HoursTo string
	Points             []Point
}

// Point is one address of a customer on one channel kind.
type Point struct {
	ID         string
	CustomerID string
	Kind       string
	Address    string
	CreatedAt  time.Time
	BouncedAt  time.Time // zero: mail arrives, as far as we know
	EndedAt    time.Time // since when the customer wants no messages here; zero: they may be sent
}

// Address returns the customer's first address of a kind, "" if there is none.
func (c Customer) Address(kind string) string {
	for _, p := range c.Points {
		if p.Kind == kind {
			return p.Address
		}
	}
	return ""
}

// Label returns what to call the customer: the name, else the first address.
func (c Customer) Label() string {
	if c.Name != "" || len(c.Points) == 0 {
		return c.Name
	}
	return c.Points[0].Address
}

// Seen is a sign of life: somebody wrote from an address, perhaps with a name.
type Seen struct {
	Kind    string
	Address string
	Name    string
	Locale  string
	At      time.Time // zero: now
}

func (s *Seen) clean() error {
	s.Address = strings.TrimSpace(s.Address)
	s.Name = oneLine(s.Name, maxName)
	if text.Fold(s.Name) == text.Fold(s.Address) { // many mail programs put the address where the name goes
		s.Name = ""
	}
	if !slices.Contains(phrase.Languages(), s.Locale) {
		s.Locale = ""
	}
	if s.Kind == "" || addressKey(s.Address) == "" || len(s.Address) > maxAddress {
		return fault.New(fault.Invalid, "error.customer.address")
	}
	return nil
}

// Change is what may change of a customer; nil leaves a field. A Version other
// than 0 must be the customer's.
type Change struct {
	Name         *string
	Locale       *string
	Organization *string
	Note         *string
	Prefers      *string
	HoursFrom    *string
	HoursTo      *string
	Version      int64
}

func (ch Change) apply(c *Customer) (fields []string, err error) {
	var check fault.Check
	put := func(field string, at, value *string, max int) {
		if value == nil {
			return
		}
		check.That(utf8.RuneCountInString(*value) <= max, "body."+field, "error.text.long", "max", max)
		if *at != *value {
			*at, fields = *value, append(fields, field)
		}
	}
	put("name", &c.Name, trimmed(ch.Name), maxName)
	put("locale", &c.Locale, ch.Locale, maxName)
	put("organization", &c.Organization, trimmed(ch.Organization), maxName)
	put("note", &c.Note, ch.Note, maxNote)
	check.That(c.Locale == "" || slices.Contains(phrase.Languages(), c.Locale), "body.locale", "error.field.invalid")
	put("prefers", &c.Prefers, ch.Prefers, maxName)
	put("hoursFrom", &c.HoursFrom, trimmed(ch.HoursFrom), maxName)
	put("hoursTo", &c.HoursTo, trimmed(ch.HoursTo), maxName)
	if ch.Prefers != nil { // a point that has gone since is no reason to refuse other changes
		check.That(c.Prefers == "" || c.Address(c.Prefers) != "", "body.prefers", "error.customer.prefers")
	}
	c.checkHours(&check)
	check.That(!strings.ContainsFunc(c.Name+c.Organization, unicode.IsControl), "body.name", "error.field.invalid")
	return fields, check.Err()
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}

// oneLine makes text from outside fit for a name: no control characters, white
// space as single blanks, at most max characters.
func oneLine(s string, max int) string {
	s = text.Line(s)
	if r := []rune(s); len(r) > max {
		s = strings.TrimSpace(string(r[:max]))
	}
	return s
}

// addressKey is what an address is found by.
func addressKey(address string) string { return text.Fold(address) }

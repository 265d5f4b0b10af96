package contact

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Limits of what may be entered, in characters and pieces.
const (
	maxValue     = 300
	maxLabel     = 100
	maxNote      = 500
	maxURL       = 1000
	maxPrinted   = 500
	maxLanguages = 20
	leastDigits  = 3
)

// Kind is a way of reaching a brand.
type Kind string

// The kinds.
const (
	Phone  Kind = "phone"
	Fax    Kind = "fax"
	Mail   Kind = "mail"
	Chat   Kind = "chat"
	Form   Kind = "form"
	Social Kind = "social" // a handle: LINE, Instagram, X
	Shop   Kind = "shop"   // a counter where one is met
	Post   Kind = "post"   // an address for letters
)

// Kinds returns all kinds in the order in which they are offered.
func Kinds() []Kind { return []Kind{Phone, Mail, Form, Chat, Social, Shop, Post, Fax} }

// Access is something that makes a contact point usable by more people.
type Access string

// What there is.
const (
	Relay      Access = "relay"      // calls by the telephone relay service are taken
	Sign       Access = "sign"       // sign language
	Writing    Access = "writing"    // everything can be done in writing
	Wheelchair Access = "wheelchair" // can be reached by wheelchair
	Plain      Access = "plain"      // plain language is spoken on request
)

// Accesses returns all of them.
func Accesses() []Access { return []Access{Relay, Sign, Writing, Wheelchair, Plain} }

// Content is what a contact point shows.
type Content struct {
	Kind  Kind         `json:"kind"`
	Label phrase.Words `json:"label"` // "修理受付"; may be empty
	Value string       `json:"value"` // the number, address or handle; of Chat and Form it may be empty
	URL   string       `json:"url"`   // what opens; required for Chat, Form and Social
	Note  phrase.Words `json:"note"`  // "番号をよくお確かめください"
	// Cost is what the caller pays, in place of what the number says.
	Cost      phrase.Words    `json:"cost"`
	Hours     *worktime.Hours `json:"hours,omitempty"` // nil: the brand's
	Always    bool            `json:"always"`          // around the clock
	Languages []string        `json:"languages"`       // BCP 47: "ja", "en", "zh-Hans"
	Access    []Access        `json:"access"`
	PrintedOn string          `json:"printedOn"` // where it stands on paper; customers do not see it
}

// Point is one contact point.
type Point struct {
	ID        string
	BrandID   string
	InboxID   string // that answers there, for the waiting time; "" for none
	Position  int    // in the list customers see
	Content   Content
	Active    bool
	CreatedAt time.Time
	Version   int64
}

// Calendar returns when the point is open; nil for around the clock.
func (p Point) Calendar(b brand.Brand) (*worktime.Calendar, error) {
	switch {
	case p.Content.Always:
		return nil, nil
	case p.Content.Hours == nil:
		return b.Calendar()
	}
	h := *p.Content.Hours
	h.Zone = b.Zone
	return h.Calendar()
}

// Link is what a touch on the point opens; "" for nothing.
func (p Point) Link() string {
	c := p.Content
	switch c.Kind {
	case Phone:
		return "tel:" + Dial(c.Value)
	case Mail:
		return "mailto:" + c.Value
	case Fax, Post:
		return ""
	}
	return c.URL
}

// Change is what a contact point is made with and what may change of it; nil
// leaves a field. A Version other than 0 must be the point's.
type Change struct {
	BrandID  *string
	InboxID  *string
	Position *int
	Content  *Content
	Active   *bool
	Version  int64
}

func (ch Change) apply(p *Point) error {
	if ch.BrandID != nil {
		p.BrandID = *ch.BrandID
	}
	if ch.InboxID != nil {
		p.InboxID = *ch.InboxID
	}
	if ch.Position != nil {
		p.Position = *ch.Position
	}
	if ch.Content != nil {
		p.Content = *ch.Content
	}
	if ch.Active != nil {
		p.Active = *ch.Active
	}
	var c fault.Check
	c.Require(p.BrandID != "", "body.brandId")
	p.Content.check(&c)
	return c.Err()
}

func languages() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)
}

func (d *Content) check(c *fault.Check) {
	for _, s := range []*string{&d.Value, &d.URL, &d.PrintedOn, &d.Label.Ja, &d.Label.En, &d.Note.Ja, &d.Note.En, &d.Cost.Ja, &d.Cost.En} {
		*s = strings.TrimSpace(*s)
	}
	c.That(slices.Contains(Kinds(), d.Kind), "body.kind", "error.field.invalid")
	d.checkValue(c)
	checkLine(c, "body.value", d.Value, maxValue)
	checkLine(c, "body.printedOn", d.PrintedOn, maxPrinted)
	for path, w := range map[string]phrase.Words{"body.label": d.Label, "body.cost": d.Cost} {
		checkLine(c, path+".ja", w.Ja, maxLabel)
		checkLine(c, path+".en", w.En, maxLabel)
	}
	checkLine(c, "body.note.ja", d.Note.Ja, maxNote)
	checkLine(c, "body.note.en", d.Note.En, maxNote)
	if d.URL != "" {
		u, err := url.Parse(d.URL)
		c.That(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(d.URL) <= maxURL, "body.url", "error.contact.url")
	}
	c.That(len(d.Languages) <= maxLanguages, "body.languages", "error.list.long", "max", maxLanguages)
	for i, l := range d.Languages {
		c.That(languages().MatchString(l), "body.languages."+strconv.Itoa(i), "error.contact.language")
	}
	for _, a := range d.Access {
		c.That(slices.Contains(Accesses(), a), "body.access", "error.field.invalid")
	}
	if d.Hours != nil {
		h := *d.Hours
		h.Zone = "UTC" // the brand's takes its place
		if _, err := h.Calendar(); err != nil {
			c.Add("body.hours", "error.contact.hours")
		}
	}
}

// checkValue asks for what each kind needs.
func (d *Content) checkValue(c *fault.Check) {
	switch d.Kind {
	case Phone, Fax:
		c.That(len(Digits(d.Value)) >= leastDigits && !strings.ContainsFunc(d.Value, unicode.IsLetter), "body.value", "error.contact.number")
	case Mail:
		local, domain, ok := strings.Cut(d.Value, "@")
		c.That(ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(d.Value, " <>,;\"?&%"), "body.value", "error.contact.mail")
	case Chat, Form, Social:
		c.Require(d.URL != "", "body.url")
	case Shop, Post:
		c.Require(d.Value != "", "body.value")
	}
}

func checkLine(c *fault.Check, path, s string, most int) {
	c.That(utf8.RuneCountInString(s) <= most, path, "error.text.long", "max", most)
	c.That(!strings.ContainsFunc(s, unicode.IsControl), path, "error.field.invalid")
}

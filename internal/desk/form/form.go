package form

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// Limits of what may be designed.
const (
	maxTitle   = 100 // characters
	maxIntro   = 2000
	maxLabel   = 200
	maxFields  = 30
	maxChoices = 50
	maxOrigins = 20
	maxOrigin  = 200
	minSlug    = 3
	maxSlug    = 60
)

// Kind says what a form is for.
type Kind string

// The kinds.
const (
	Contact   Kind = "contact"
	Complaint Kind = "complaint" // what is entered opens a case
)

// Type is what a field takes.
type Type string

// The types.
const (
	Text   Type = "text" // one line
	Long   Type = "long"
	Choice Type = "choice"
	Number Type = "number"
	Date   Type = "date"
	Phone  Type = "phone"
	Order  Type = "order" // the number of an order
)

// Types returns all types in the order in which they are offered.
func Types() []Type { return []Type{Text, Long, Choice, Number, Date, Phone, Order} }

// Field is one question of a form. Name is its key within the form.
type Field struct {
	Name     string         `json:"name"`
	Type     Type           `json:"type"`
	Label    phrase.Words   `json:"label"`
	Required bool           `json:"required"`
	Choices  []phrase.Words `json:"choices,omitempty"` // of Choice
}

// Content is what a form shows and asks. Besides its fields every form asks for
// a name and a mail address; a complaint can be made without either.
type Content struct {
	Title     phrase.Words `json:"title"`
	Intro     phrase.Words `json:"intro"`
	Thanks    phrase.Words `json:"thanks"` // "": the product's own words
	Fields    []Field      `json:"fields"`
	AsksFiles bool         `json:"asksFiles"`
	Origins   []string     `json:"origins"` // sites that may show it in a frame
}

// Form is a page on which customers write to an inbox.
type Form struct {
	ID        string
	InboxID   string
	Slug      string // the public part of its address
	Kind      Kind
	Content   Content
	Active    bool
	CreatedAt time.Time
	Version   int64
}

// NeedsEmail reports whether nobody can write without a mail address.
func (f Form) NeedsEmail() bool { return f.Kind != Complaint }

// Languages returns those in which the form can be read.
func (f Form) Languages() []string {
	var out []string
	if f.Content.Title.Ja != "" {
		out = append(out, phrase.Japanese)
	}
	if f.Content.Title.En != "" {
		out = append(out, phrase.English)
	}
	return out
}

// Change is what a form is made with and what may change of it; nil leaves a
// field. A Version other than 0 must be the form's.
type Change struct {
	InboxID *string
	Slug    *string
	Kind    *Kind
	Content *Content
	Active  *bool
	Version int64
}

// reserved are slugs that mean something else in an address.
func reserved() []string { return []string{"status"} }

func slugs() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`) }
func names() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9]{0,29}$`) }

// apply checks a change and makes it.
func (ch Change) apply(f *Form) error {
	if ch.InboxID != nil {
		f.InboxID = *ch.InboxID
	}
	if ch.Slug != nil {
		f.Slug = strings.TrimSpace(*ch.Slug)
	}
	if ch.Kind != nil {
		f.Kind = *ch.Kind
	}
	if ch.Content != nil {
		f.Content = *ch.Content
	}
	if ch.Active != nil {
		f.Active = *ch.Active
	}
	var c fault.Check
	c.Require(f.InboxID != "", "body.inboxId")
	c.That(f.Kind == Contact || f.Kind == Complaint, "body.kind", "error.field.invalid")
	c.That(len(f.Slug) >= minSlug && len(f.Slug) <= maxSlug && slugs().MatchString(f.Slug) && !slices.Contains(reserved(), f.Slug),
		"body.slug", "error.form.slug", "min", minSlug, "max", maxSlug)
	f.Content.check(&c)
	return c.Err()
}

func (d *Content) check(c *fault.Check) {
	d.Fields, d.Origins = slices.Clone(d.Fields), slices.Clone(d.Origins)
	for _, w := range []*phrase.Words{&d.Title, &d.Intro, &d.Thanks} {
		*w = w.Trim()
	}
	c.Require(d.Title != (phrase.Words{}), "body.title")
	checkWords(c, "body.title", d.Title, limit{maxTitle, true})
	checkWords(c, "body.intro", d.Intro, limit{maxIntro, false})
	checkWords(c, "body.thanks", d.Thanks, limit{maxIntro, false})
	c.That(len(d.Fields) > 0, "body.fields", "error.form.fields")
	c.That(len(d.Fields) <= maxFields, "body.fields", "error.list.long", "max", maxFields)
	seen := map[string]bool{}
	for i := range d.Fields {
		f := &d.Fields[i]
		path := "body.fields." + strconv.Itoa(i)
		c.That(names().MatchString(f.Name) && !seen[f.Name], path+".name", "error.field.invalid")
		seen[f.Name] = true
		f.check(c, path)
	}
	c.That(len(d.Origins) <= maxOrigins, "body.origins", "error.list.long", "max", maxOrigins)
	for i, o := range d.Origins {
		d.Origins[i] = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(o)), "/")
		c.That(validOrigin(d.Origins[i]), "body.origins", "error.form.origin")
	}
}

func (f *Field) check(c *fault.Check, path string) {
	f.Label = f.Label.Trim()
	c.Require(f.Label != (phrase.Words{}), path+".label")
	checkWords(c, path+".label", f.Label, limit{maxLabel, true})
	c.That(slices.Contains(Types(), f.Type), path+".type", "error.field.invalid")
	if f.Type != Choice {
		f.Choices = nil
		return
	}
	f.Choices = slices.Clone(f.Choices)
	c.That(len(f.Choices) >= 2 && len(f.Choices) <= maxChoices, path+".choices", "error.form.choices", "max", maxChoices)
	for i := range f.Choices {
		f.Choices[i] = f.Choices[i].Trim()
		c.Require(f.Choices[i] != (phrase.Words{}), path+".choices")
		checkWords(c, path+".choices", f.Choices[i], limit{maxLabel, true})
	}
}

// limit is how long a text may be, in characters, and whether it is one line.
type limit struct {
	max  int
	line bool
}

func checkWords(c *fault.Check, path string, w phrase.Words, l limit) {
	for _, s := range []string{w.Ja, w.En} {
		if utf8.RuneCountInString(s) > l.max {
			c.Add(path, "error.text.long", "max", l.max)
			return
		}
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && (l.line || r != '\n' && r != '\r' && r != '\t') }) {
			c.Add(path, "error.field.invalid")
			return
		}
	}
}

// validOrigin takes "https://www.example.jp", "https://*.example.jp" and, for
// trying things out on one's own machine, "http://localhost:3000". What passes
// can stand in a header.
func validOrigin(s string) bool {
	if len(s) > maxOrigin || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`;,'"`, r) }) {
		return false
	}
	u, err := url.Parse(strings.Replace(s, "://*.", "://wild.", 1))
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Host, "*") {
		return false
	}
	host := u.Hostname()
	if strings.Contains(s, "://*.") && strings.Count(host, ".") < 2 {
		return false
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1"
	return u.Scheme == "https" || u.Scheme == "http" && local
}

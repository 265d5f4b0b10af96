package reception

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// Limits of what may be designed.
const (
	maxFields  = 5
	maxChoices = 20
	maxPrompts = 10
	maxAnswers = 20
	maxLabel   = 100  // characters
	maxPrompt  = 300  // characters
	maxBody    = 2000 // characters of a quick answer
	maxPattern = 300  // characters
	maxAfter   = 3600 // seconds on a page
	maxPages   = 100
	maxDays    = 365
)

// When says to whom the fields are shown.
type When string

// When a form is shown.
const (
	Never   When = "never"
	Always  When = "always"  // whenever a conversation begins
	Closed  When = "closed"  // outside of business hours
	Unknown When = "unknown" // to who has left neither name nor mail address
)

// Type is what a field takes.
type Type string

// The types. A name and a mail address are kept as those of the visitor.
const (
	Name   Type = "name"
	Email  Type = "email"
	Text   Type = "text" // one line
	Choice Type = "choice"
)

// Field is one question before the first words. Name is its key.
type Field struct {
	Name     string         `json:"name"`
	Type     Type           `json:"type"`
	Label    phrase.Words   `json:"label"` // of Text and Choice; the others have the product's
	Required bool           `json:"required"`
	Choices  []phrase.Words `json:"choices,omitempty"`
}

// Form is what is asked before the first words.
type Form struct {
	When   When    `json:"when"`
	Fields []Field `json:"fields"`
}

// Prompt is what a page says first, once all that it names holds; a zero asks for
// nothing.
type Prompt struct {
	ID        string       `json:"id"`
	Active    bool         `json:"active"`
	Text      phrase.Words `json:"text"`
	Page      string       `json:"page"`      // part of the page's address; * stands for anything
	After     int          `json:"after"`     // seconds on the page
	Pages     int          `json:"pages"`     // seen by the visitor, this one included
	Scroll    int          `json:"scroll"`    // percent of the page
	Returning bool         `json:"returning"` // only to who has written before
	Open      bool         `json:"open"`      // only in business hours
	Days      int          `json:"days"`      // in which it comes once
}

// Answer is a quick answer: a short text that may help before anybody writes.
type Answer struct {
	ID    string       `json:"id"`
	Title phrase.Words `json:"title"`
	Body  phrase.Words `json:"body"` // plain text with addresses of pages
}

// Content is a reception as it is designed.
type Content struct {
	Form    Form     `json:"form"`
	Prompts []Prompt `json:"prompts"`
	Answers []Answer `json:"answers"`
}

// spoken reports whether something can be read in a language: nobody is greeted in
// one that they do not read.
func spoken(w phrase.Words, lang string) bool {
	if lang == phrase.Japanese {
		return w.Ja != ""
	}
	return w.En != ""
}

// PromptsIn are those that stand in a language and may come now: whether the desk
// is open is known here alone.
func (d Content) PromptsIn(lang string, open bool) []Prompt {
	return slices.DeleteFunc(slices.Clone(d.Prompts), func(i Prompt) bool {
		return !i.Active || !spoken(i.Text, lang) || i.Open && !open
	})
}

// AnswersIn are those that stand in a language.
func (d Content) AnswersIn(lang string) []Answer {
	return slices.DeleteFunc(slices.Clone(d.Answers), func(a Answer) bool { return !spoken(a.Title, lang) || !spoken(a.Body, lang) })
}

// Asks reports whether anything is asked before the first words, now.
func (f Form) Asks(open bool) bool {
	return len(f.Fields) > 0 && (f.When == Always || f.When == Unknown || f.When == Closed && !open)
}

func (d *Content) tidy() {
	d.Form.Fields, d.Prompts, d.Answers = slices.Clone(d.Form.Fields), slices.Clone(d.Prompts), slices.Clone(d.Answers)
	if d.Form.When == "" {
		d.Form.When = Never
	}
	for i := range d.Form.Fields {
		f := &d.Form.Fields[i]
		trim(&f.Label)
		f.Choices = slices.Clone(f.Choices)
		if f.Type != Choice {
			f.Choices = nil
		}
		if f.Type == Name || f.Type == Email {
			f.Label = phrase.Words{}
		}
		for n := range f.Choices {
			trim(&f.Choices[n])
		}
	}
	for i := range d.Prompts {
		trim(&d.Prompts[i].Text)
		d.Prompts[i].Page = strings.TrimSpace(d.Prompts[i].Page)
	}
	for i := range d.Answers {
		trim(&d.Answers[i].Title)
		trim(&d.Answers[i].Body)
	}
}

func trim(w *phrase.Words) { *w = w.Trim() }

func (d Content) check() error {
	var c fault.Check
	f := d.Form
	c.That(slices.Contains([]When{Never, Always, Closed, Unknown}, f.When), "body.form.when", "error.field.invalid")
	c.That(f.When == Never || len(f.Fields) > 0, "body.form.fields", "error.form.fields")
	c.That(len(f.Fields) <= maxFields, "body.form.fields", "error.list.long", "max", maxFields)
	seen := keys{}
	for i, one := range f.Fields {
		path := "body.form.fields." + strconv.Itoa(i)
		c.That(seen.take(one.Name), path+".name", "error.field.invalid")
		one.check(&c, path)
	}
	c.That(len(d.Prompts) <= maxPrompts, "body.prompts", "error.list.long", "max", maxPrompts)
	seen = keys{}
	for i, one := range d.Prompts {
		path := "body.prompts." + strconv.Itoa(i)
		c.That(seen.take(one.ID), path+".id", "error.field.invalid")
		one.check(&c, path)
	}
	c.That(len(d.Answers) <= maxAnswers, "body.answers", "error.list.long", "max", maxAnswers)
	seen = keys{}
	for i, one := range d.Answers {
		path := "body.answers." + strconv.Itoa(i)
		c.That(seen.take(one.ID), path+".id", "error.field.invalid")
		c.Require(one.Title != phrase.Words{}, path+".title")
		c.Require(one.Body != phrase.Words{}, path+".body")
		words(&c, path+".title", one.Title, maxLabel)
		words(&c, path+".body", one.Body, maxBody)
	}
	return c.Err()
}

func (f Field) check(c *fault.Check, path string) {
	switch f.Type {
	case Name, Email:
		return
	case Text, Choice:
	default:
		c.Add(path+".type", "error.field.invalid")
		return
	}
	c.Require(f.Label != phrase.Words{}, path+".label")
	words(c, path+".label", f.Label, maxLabel)
	if f.Type != Choice {
		return
	}
	c.That(len(f.Choices) >= 2 && len(f.Choices) <= maxChoices, path+".choices", "error.form.choices", "max", maxChoices)
	for _, w := range f.Choices {
		c.Require(w != phrase.Words{}, path+".choices")
		words(c, path+".choices", w, maxLabel)
	}
}

func (i Prompt) check(c *fault.Check, path string) {
	c.Require(i.Text != phrase.Words{}, path+".text")
	words(c, path+".text", i.Text, maxPrompt)
	c.That(utf8.RuneCountInString(i.Page) <= maxPattern && !strings.ContainsFunc(i.Page, unicode.IsControl), path+".page", "error.text.long", "max", maxPattern)
	for _, n := range []struct {
		name  string
		value int
		max   int
	}{{"after", i.After, maxAfter}, {"pages", i.Pages, maxPages}, {"scroll", i.Scroll, 100}, {"days", i.Days, maxDays}} {
		c.That(n.value >= 0 && n.value <= n.max, path+"."+n.name, "error.reception.number", "max", n.max)
	}
}

// keys are names that stand once in a list.
type keys map[string]bool

func (k keys) take(s string) bool {
	ok := len(s) > 0 && len(s) <= 30 && !k[s] && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	k[s] = true
	return ok
}

func words(c *fault.Check, path string, w phrase.Words, max int) {
	for _, s := range []string{w.Ja, w.En} {
		if utf8.RuneCountInString(s) > max {
			c.Add(path, "error.text.long", "max", max)
			return
		}
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }) {
			c.Add(path, "error.field.invalid")
			return
		}
	}
}

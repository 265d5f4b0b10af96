package brand

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

const (
	maxName      = 100 // characters
	defaultColor = "#8a6a1f"
)

// Brand is a face of the company.
type Brand struct {
	ID        string
	Name      string
	Locale    string // "ja" or "en": what its customers are written to in
	Zone      string // IANA name
	Hours     worktime.Hours
	Color     string // "#rrggbb"
	CreatedAt time.Time
	Version   int64
}

// Calendar returns the business hours in a form that reckons.
func (b Brand) Calendar() (*worktime.Calendar, error) { return b.Hours.Calendar() }

// Change is what a brand is made with and what may change of it; nil leaves a
// field, or in a new brand takes its default.
type Change struct {
	Name   *string
	Locale *string
	Zone   *string
	Hours  *worktime.Hours
	Color  *string

	KeepSpecial bool // Hours do not speak of single dates: those stay
}

// UpdatedFact tells that a brand was made or changed; its subject is the brand's id.
const UpdatedFact = "brand.updated" // UpdatedData

// UpdatedData names what changed.
type UpdatedData struct {
	Created bool     `json:"created,omitempty"`
	Fields  []string `json:"fields,omitempty"`
}

// blank is a brand before anything was said about it.
func blank() Brand {
	return Brand{Locale: phrase.English, Zone: "UTC", Hours: worktime.Weekdays("UTC", "09:00", "18:00"), Color: defaultColor}
}

// apply checks the change, makes it, and returns the names of the fields that
// were named in it.
func (ch Change) apply(b *Brand) (fields []string, err error) {
	var c fault.Check
	if ch.Name != nil {
		b.Name, fields = strings.TrimSpace(*ch.Name), append(fields, "name")
	}
	if ch.Locale != nil {
		b.Locale, fields = *ch.Locale, append(fields, "locale")
	}
	if ch.Zone != nil {
		b.Zone, fields = *ch.Zone, append(fields, "zone")
	}
	if ch.Hours != nil {
		special := b.Hours.Special
		b.Hours, fields = *ch.Hours, append(fields, "hours")
		if ch.KeepSpecial {
			b.Hours.Special = special
		}
	}
	if ch.Color != nil {
		b.Color, fields = strings.ToLower(*ch.Color), append(fields, "color")
	}
	b.Hours.Zone = b.Zone
	if len(fields) == 0 {
		return nil, nil
	}
	c.Require(b.Name != "", "body.name")
	c.That(utf8.RuneCountInString(b.Name) <= maxName, "body.name", "error.text.long", "max", maxName)
	c.That(!strings.ContainsFunc(b.Name, unicode.IsControl), "body.name", "error.field.invalid")
	c.That(slices.Contains(phrase.Languages(), b.Locale), "body.locale", "error.brand.locale")
	c.That(color().MatchString(b.Color), "body.color", "error.brand.color")
	if err := checkHours(&c, b.Hours); err != nil {
		return nil, err
	}
	return fields, c.Err()
}

func color() *regexp.Regexp { return regexp.MustCompile(`^#[0-9a-f]{6}$`) }

// checkHours notes what is wrong with the hours under the paths of the request.
func checkHours(c *fault.Check, h worktime.Hours) error {
	_, err := h.Calendar()
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	for _, field := range f.Fields {
		path := "body.hours." + field.Path
		if field.Path == "zone" {
			path = "body.timeZone"
		}
		args := make([]any, 0, 2*len(field.Args))
		for k, v := range field.Args {
			args = append(args, k, v)
		}
		c.Add(path, field.Key, args...)
	}
	return nil
}

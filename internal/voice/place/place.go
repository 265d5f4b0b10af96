package place

import (
	"strings"
	"time"
	"unicode"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of what may be set up.
const (
	maxName     = 60 // characters
	maxQuestion = 120
	maxLabel    = 40
	// MaxIssue is how many stickers may be issued at once.
	MaxIssue = 200
	// MaxStickers is how many a place may have.
	MaxStickers = 2000
)

// Kind says what a place is.
type Kind string

// The kinds.
const (
	Site    Kind = "place"   // a shop, a counter, a floor
	Asset   Kind = "asset"   // a lift, a vending machine
	Product Kind = "product" // what somebody bought
)

// Place is what carries stickers.
type Place struct {
	ID        string
	BrandID   string
	InboxID   string // the mail inbox in which complaints arrive
	Kind      Kind
	Name      phrase.Words // one language is enough
	Question  phrase.Words // "": the product's own
	Active    bool
	CreatedAt time.Time
	Version   int64
}

// Change is what a place is made with and what may change of it; nil leaves a
// field. A Version other than 0 must be the place's.
type Change struct {
	InboxID  *string
	Kind     *Kind
	Name     *phrase.Words
	Question *phrase.Words
	Active   *bool
	Version  int64
}

// apply checks a change and makes it.
func (ch Change) apply(p *Place) error {
	if ch.InboxID != nil {
		p.InboxID = *ch.InboxID
	}
	if ch.Kind != nil {
		p.Kind = *ch.Kind
	}
	if ch.Name != nil {
		p.Name = ch.Name.Trim()
	}
	if ch.Question != nil {
		p.Question = ch.Question.Trim()
	}
	if ch.Active != nil {
		p.Active = *ch.Active
	}
	var c fault.Check
	c.Require(p.InboxID != "", "body.inboxId")
	c.That(p.Kind == Site || p.Kind == Asset || p.Kind == Product, "body.kind", "error.field.invalid")
	c.Require(p.Name != phrase.Words{}, "body.name")
	checkLine(&c, "body.name", maxName, p.Name.Ja, p.Name.En)
	checkLine(&c, "body.question", maxQuestion, p.Question.Ja, p.Question.En)
	return c.Err()
}

func checkLine(c *fault.Check, path string, longest int, lines ...string) {
	for _, s := range lines {
		switch {
		case text.Length(s) > longest || len(s) > 16*longest:
			c.Add(path, "error.text.long", "max", longest)
			return
		case strings.ContainsFunc(s, unicode.IsControl):
			c.Add(path, "error.field.invalid")
			return
		}
	}
}

// State says whether a sticker is in use.
type State string

// The states.
const (
	Active   State = "active"
	Retired  State = "retired"  // its page says that it is no longer in use
	Replaced State = "replaced" // it still leads to the place, and should be taken down
)

// Sticker is one printed code of a place.
type Sticker struct {
	ID         string
	PlaceID    string
	Code       string
	Label      string // "入口", "2F レジ"; "" for none
	State      State
	ReplacedBy string // the sticker that took its place
	IssuedAt   time.Time
	EndedAt    time.Time // retired or replaced; zero while it is active
	ScannedAt  time.Time // zero: never
	KioskPass  int       // the number of the pass that opens its kiosk; those before are withdrawn
}

// Lingers reports whether somebody scanned a sticker after it was to be gone.
func (s Sticker) Lingers() bool { return s.State != Active && s.ScannedAt.After(s.EndedAt) }

package survey

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Limits of a policy.
const (
	MaxDelay       = 30 * 24 * time.Hour
	MaxCoolDown    = 365 // days
	MaxQuestion    = 200 // characters
	clockLayout    = "15:04"
	day            = 24 * time.Hour
	defaultDelay   = time.Hour
	defaultCool    = 14
	defaultQuietTo = "08:00"
)

// Policy says for one inbox whether, when and how its customers are asked after
// a conversation was resolved.
type Policy struct {
	InboxID    string
	Enabled    bool
	Delay      time.Duration     // from the resolution to the mail; whole minutes
	Sampling   int               // percent of the resolutions that are asked about
	CoolDown   int               // days in which one customer is asked at most once
	QuietFrom  string            // "21:00" of the brand's clock; "" with QuietTo "": no quiet hours
	QuietTo    string            // "08:00"
	Question   map[string]string // own wording by language; a missing one is the product's
	AsksRepeat bool              // also whether the customer had to tell the same thing again
	UpdatedAt  time.Time         // zero: nobody has set a policy yet
	Version    int64
}

// Unset, as the Version of a policy that is to be set, expects that nobody has set one yet.
const Unset int64 = -1

// DefaultPolicy is an inbox's policy until somebody sets one: it asks nobody,
// and holds what is reasonable once it is switched on.
func DefaultPolicy(inboxID string) Policy {
	return Policy{InboxID: inboxID, Delay: defaultDelay, Sampling: 100, CoolDown: defaultCool,
		QuietFrom: "21:00", QuietTo: defaultQuietTo, Question: map[string]string{}}
}

// tidy brings a policy into the form in which it is kept.
func (p Policy) tidy() Policy {
	p.Delay = p.Delay.Truncate(time.Minute)
	p.QuietFrom, p.QuietTo = strings.TrimSpace(p.QuietFrom), strings.TrimSpace(p.QuietTo)
	own := map[string]string{}
	for lang, q := range p.Question {
		if q = strings.Join(strings.Fields(q), " "); q != "" {
			own[lang] = q
		}
	}
	p.Question = own
	return p
}

// check says what is wrong with a policy, by field of the request.
func (p Policy) check() error {
	var c fault.Check
	c.That(p.Delay >= 0 && p.Delay <= MaxDelay, "body.delayMinutes", "error.survey.delay", "max", int(MaxDelay/time.Minute))
	c.That(p.Sampling >= 0 && p.Sampling <= 100, "body.sampling", "error.survey.sampling")
	c.That(p.CoolDown >= 0 && p.CoolDown <= MaxCoolDown, "body.cooldownDays", "error.survey.cooldown", "max", MaxCoolDown)
	c.That(p.QuietFrom == "" || isClock(p.QuietFrom), "body.quietFrom", "error.survey.clock")
	c.That(p.QuietTo == "" || isClock(p.QuietTo), "body.quietTo", "error.survey.clock")
	c.That((p.QuietFrom == "") == (p.QuietTo == ""), "body.quietTo", "error.survey.quietPair")
	for _, lang := range slices.Sorted(maps.Keys(p.Question)) {
		path := "body.question." + lang
		c.That(slices.Contains(phrase.Languages(), lang), path, "error.survey.language")
		c.That(text.Length(p.Question[lang]) <= MaxQuestion, path, "error.survey.question", "max", MaxQuestion)
	}
	return c.Err()
}

func isClock(s string) bool {
	_, err := time.Parse(clockLayout, s)
	return err == nil && len(s) == len(clockLayout)
}

// Awake returns t if mail may go out then, else the end of the quiet hours it
// lies in, on the clock of zone. Equal or empty bounds mean no quiet hours.
func (p Policy) Awake(t time.Time, zone string) (time.Time, error) {
	if p.QuietFrom == p.QuietTo {
		return t, nil
	}
	calendar, err := worktime.EveryDay(zone, p.QuietTo, p.QuietFrom).Calendar()
	if err != nil {
		return time.Time{}, err
	}
	at, err := calendar.NextOpen(t)
	return at.UTC(), err
}

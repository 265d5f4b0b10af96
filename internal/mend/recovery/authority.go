package recovery

import (
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// RemedyType is what is given.
type RemedyType string

// The types of remedies.
const (
	Apology  RemedyType = "apology"
	Refund   RemedyType = "refund"
	Exchange RemedyType = "exchange"
	Redo     RemedyType = "redo"
	Credit   RemedyType = "credit"
)

// RemedyTypes lists all types.
func RemedyTypes() []RemedyType { return []RemedyType{Apology, Refund, Exchange, Redo, Credit} }

// NoLimit as a limit lets a role give any amount.
const NoLimit = -1

// Period is the length of the rolling window of Authority.PerPeriod.
const Period = 30 * 24 * time.Hour

// Authority says how much a role may give by itself, in minor units of the
// currency (yen, cents). Currency "" covers what has no amount, and any currency
// that has no line of its own.
type Authority struct {
	Role      team.Role
	Type      RemedyType
	Currency  string
	PerCase   int64 // all remedies of this type in one case together
	PerPeriod int64 // all that one person decided by themselves within Period
}

// DefaultAuthorities are the lines an installation has until somebody sets its
// own: for every currency that the page offers remedies in.
func DefaultAuthorities() []Authority {
	var out []Authority
	line := func(r team.Role, t RemedyType, cur string, perCase, perPeriod int64) {
		out = append(out, Authority{r, t, cur, perCase, perPeriod})
	}
	for _, r := range []team.Role{team.Worker, team.Manager} {
		for _, t := range []RemedyType{Apology, Exchange, Redo} {
			line(r, t, "", 0, 0)
		}
	}
	for _, t := range []RemedyType{Refund, Exchange, Redo, Credit} {
		line(team.Worker, t, "JPY", 3_000, 30_000)
		line(team.Manager, t, "JPY", 50_000, 500_000)
		for _, cur := range []string{"USD", "EUR", "GBP"} { // alike enough to begin with
			line(team.Worker, t, cur, 30_00, 300_00)
			line(team.Manager, t, cur, 500_00, 5_000_00)
		}
	}
	for _, t := range RemedyTypes() {
		line(team.Administrator, t, "", NoLimit, NoLimit)
	}
	return out
}

// Given is what was given before: in this case to this customer, and by this
// person within the period, of the same type and currency.
type Given struct{ InCase, InPeriod int64 }

// ladder is who comes after whom when an approval is needed.
func ladder() []team.Role { return []team.Role{team.Worker, team.Manager, team.Administrator} }

// Covers reports whether a role may give amount more of a type by itself.
func Covers(lines []Authority, role team.Role, want Offer, before Given) bool {
	a, ok := find(lines, role, want.Type, want.Currency)
	if !ok {
		return false
	}
	return within(a.PerCase, before.InCase, want.Amount) && within(a.PerPeriod, before.InPeriod, want.Amount)
}

func within(limit, before, more int64) bool {
	if limit == NoLimit || more == 0 {
		return true
	}
	return before <= limit && more <= limit-before
}

func find(lines []Authority, role team.Role, t RemedyType, currency string) (Authority, bool) {
	var any *Authority
	for i, a := range lines {
		if a.Role != role || a.Type != t {
			continue
		}
		if a.Currency == currency {
			return a, true
		}
		if a.Currency == "" {
			any = &lines[i]
		}
	}
	if any == nil {
		return Authority{}, false
	}
	return *any, true
}

// NextUp returns the lowest role above role whose authority covers the offer;
// ok is false when no role's does.
func NextUp(lines []Authority, role team.Role, want Offer, inCase int64) (next team.Role, ok bool) {
	steps := ladder()
	for _, r := range steps[slices.Index(steps, role)+1:] {
		if Covers(lines, r, want, Given{InCase: inCase}) {
			return r, true
		}
	}
	return "", false
}

const (
	maxAmount      = 1_000_000_000_000 // minor units; more is a slip of the hand
	maxAuthorities = 500
)

// Offer is a remedy somebody wants to give.
type Offer struct {
	Type     RemedyType
	Amount   int64 // minor units of Currency
	Currency string
	Text     string
}

// normal brings an offer into its stored form and checks it.
func (o Offer) normal() (Offer, error) {
	o.Text = strings.TrimSpace(o.Text)
	o.Currency = strings.ToUpper(strings.TrimSpace(o.Currency))
	if o.Amount == 0 {
		o.Currency = ""
	}
	var c fault.Check
	c.That(slices.Contains(RemedyTypes(), o.Type), "body.type", "error.recovery.remedyType")
	c.That(o.Amount >= 0 && o.Amount <= maxAmount, "body.amount", "error.recovery.amount")
	c.That(o.Type != Apology || o.Amount == 0, "body.amount", "error.recovery.apologyAmount")
	if o.Type == Refund || o.Type == Credit {
		c.That(o.Amount != 0, "body.amount", "error.field.required")
	}
	c.That(o.Amount == 0 || isCurrency(o.Currency), "body.currency", "error.recovery.currency")
	checkText(&c, "body.text", o.Text, false)
	return o, c.Err()
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return true
}

func checkAuthorities(lines []Authority) error {
	var c fault.Check
	c.That(len(lines) <= maxAuthorities, "body.items", "error.recovery.tooManyLines")
	type key struct {
		r team.Role
		t RemedyType
		c string
	}
	seen := map[key]bool{}
	for i, a := range lines {
		at := itemPath("body.items", i)
		c.That(slices.Contains(ladder(), a.Role), at+".role", "error.recovery.role")
		c.That(slices.Contains(RemedyTypes(), a.Type), at+".type", "error.recovery.remedyType")
		c.That(a.Currency == "" || isCurrency(a.Currency), at+".currency", "error.recovery.currency")
		c.That(limitOK(a.PerCase), at+".limit", "error.recovery.amount")
		c.That(limitOK(a.PerPeriod), at+".periodLimit", "error.recovery.amount")
		k := key{a.Role, a.Type, a.Currency}
		c.That(!seen[k], at+".type", "error.recovery.twice")
		seen[k] = true
	}
	return c.Err()
}

func limitOK(n int64) bool { return n == NoLimit || n >= 0 && n <= maxAmount }

package forms

import (
	"crypto/sha256"
	"math/bits"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/page"
)

// What a person takes to fill in a page.
const (
	tooFast = 3 * time.Second
	tooOld  = 24 * time.Hour
)

// workBits is how many leading zero bits the hash of a page's work has: some
// sixty thousand tries, a fraction of a second in a browser.
const workBits = 16

// How often one address may send: with work done, and without. A company's
// customers may share one address.
const (
	quickBurst = 20
	quickEvery = 15 * time.Second
	slowBurst  = 5
	slowEvery  = 2 * time.Minute
)

const ticketPurpose = "form ticket"

// worked reports whether the work of a visit was done.
func worked(visit, work string) bool {
	if work == "" || len(work) > 20 {
		return false
	}
	sum := sha256.Sum256([]byte(visit + "." + work))
	n := 0
	for _, b := range sum {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n >= workBits
}

// attempt is what a page sent beside what somebody entered.
type attempt struct {
	scope, ticket, work, trap, address string
}

// verdict is what becomes of an attempt: it passes if why is "".
type verdict struct {
	visit string
	why   string // phrase key
	busy  bool   // the address has sent too much
}

// judge decides about an attempt. Whatever it refuses passes when it is sent once
// more, after a moment, by a person.
func (p *Pages) judge(a attempt) verdict {
	now := p.Clock.Now()
	t, ok := page.ReadTicket(p.Key, page.Scope{Purpose: ticketPurpose, About: a.scope}, a.ticket)
	switch {
	case !ok:
		return verdict{why: "form.again.expired"}
	case a.trap != "":
		return verdict{visit: t.Visit, why: "form.again.trap"}
	case now.Sub(t.At) < tooFast:
		return verdict{visit: t.Visit, why: "form.again.fast"}
	case now.Sub(t.At) > tooOld:
		return verdict{visit: t.Visit, why: "form.again.expired"}
	}
	l := p.slow
	if worked(t.Visit, a.work) {
		l = p.quick
	}
	if !l.Take(a.address, now) {
		return verdict{visit: t.Visit, why: "form.again.busy", busy: true}
	}
	return verdict{visit: t.Visit}
}

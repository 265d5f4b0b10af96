package forms

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
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
	maxTracked = 10_000 // addresses remembered at once, in each lane
)

const ticketPurpose = "form ticket"

// ticket names one showing of a page, and when that was.
type ticket struct {
	at    time.Time
	visit string
}

// issue makes the ticket of a page; scope is what the page is about, and visit
// the one of the page that is shown again, or "".
func issue(key *seal.Key, scope, visit string, now time.Time) string {
	if visit == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // crypto/rand never fails
		visit = hex.EncodeToString(b[:])
	}
	body := strconv.FormatInt(now.UnixMilli(), 10) + "." + visit
	return body + "." + key.Sign(ticketPurpose, scope+"|"+body)
}

// read checks a ticket; false if it was not made here, or for another page.
func read(key *seal.Key, scope, s string) (ticket, bool) {
	at, rest, _ := strings.Cut(s, ".")
	visit, signature, _ := strings.Cut(rest, ".")
	if len(s) > 200 || !key.Verify(ticketPurpose, scope+"|"+at+"."+visit, signature) {
		return ticket{}, false
	}
	ms, err := strconv.ParseInt(at, 10, 64)
	return ticket{at: time.UnixMilli(ms), visit: visit}, err == nil
}

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

// lane counts what addresses send.
type lane struct {
	mu    sync.Mutex
	every time.Duration
	burst int
	young map[string]*rate.Limiter
	aged  map[string]*rate.Limiter // the generation before, forgotten at the next change
}

func newLane(every time.Duration, burst int) *lane {
	return &lane{every: every, burst: burst, young: map[string]*rate.Limiter{}, aged: map[string]*rate.Limiter{}}
}

// take counts one and reports whether it may pass.
func (l *lane) take(address string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.young[address]
	if !ok {
		if r, ok = l.aged[address]; !ok {
			r = rate.NewLimiter(rate.Every(l.every), l.burst)
		}
		if len(l.young) >= maxTracked/2 {
			l.young, l.aged = map[string]*rate.Limiter{}, l.young
		}
		l.young[address] = r
	}
	return r.AllowN(now, 1)
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
	t, ok := read(p.Key, a.scope, a.ticket)
	switch {
	case !ok:
		return verdict{why: "form.again.expired"}
	case a.trap != "":
		return verdict{visit: t.visit, why: "form.again.trap"}
	case now.Sub(t.at) < tooFast:
		return verdict{visit: t.visit, why: "form.again.fast"}
	case now.Sub(t.at) > tooOld:
		return verdict{visit: t.visit, why: "form.again.expired"}
	}
	l := p.slow
	if worked(t.visit, a.work) {
		l = p.quick
	}
	if !l.take(a.address, now) {
		return verdict{visit: t.visit, why: "form.again.busy", busy: true}
	}
	return verdict{visit: t.visit}
}

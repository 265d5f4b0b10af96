package page

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
)

// Ticket names one showing of a page, and when that was.
type Ticket struct {
	At    time.Time
	Visit string
}

// Scope is what a ticket is good for: a sort of pages, and which of them.
type Scope struct{ Purpose, About string }

// Issue makes the ticket of a page; visit is the one of a page that is shown again,
// or "".
func (s Scope) Issue(key *seal.Key, visit string, now time.Time) string {
	if visit == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // crypto/rand never fails
		visit = hex.EncodeToString(b[:])
	}
	body := strconv.FormatInt(now.UnixMilli(), 10) + "." + visit
	return body + "." + key.Sign(s.Purpose, s.About+"|"+body)
}

// maxTicket bounds what is looked at, in bytes.
const maxTicket = 200

// ReadTicket checks a ticket; false if it was not made here, or for another page.
func ReadTicket(key *seal.Key, s Scope, given string) (Ticket, bool) {
	at, rest, _ := strings.Cut(given, ".")
	visit, signature, _ := strings.Cut(rest, ".")
	if len(given) > maxTicket || !key.Verify(s.Purpose, s.About+"|"+at+"."+visit, signature) {
		return Ticket{}, false
	}
	ms, err := strconv.ParseInt(at, 10, 64)
	return Ticket{At: time.UnixMilli(ms), Visit: visit}, err == nil
}

// Lane counts what addresses, or whatever else is told by a name, send.
type Lane struct {
	mu    sync.Mutex
	every time.Duration
	burst int
	young map[string]*rate.Limiter
	aged  map[string]*rate.Limiter // the generation before, forgotten at the next change
}

// NewLane lets burst pass at once, and one more after each stretch of every.
func NewLane(every time.Duration, burst int) *Lane {
	return &Lane{every: every, burst: burst, young: map[string]*rate.Limiter{}, aged: map[string]*rate.Limiter{}}
}

// Take counts one and reports whether it may pass.
func (l *Lane) Take(name string, now time.Time) bool {
	name = team.Network(name) // an IPv6 client has a whole network of addresses
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.young[name]
	if !ok {
		if r, ok = l.aged[name]; !ok {
			r = rate.NewLimiter(rate.Every(l.every), l.burst)
		}
		if len(l.young) >= maxTracked/2 {
			l.young, l.aged = map[string]*rate.Limiter{}, l.young
		}
		l.young[name] = r
	}
	return r.AllowN(now, 1)
}

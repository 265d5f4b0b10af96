package chat

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// limit is how often something may be done: burst at once, then one every so long.
type limit struct {
	name  string
	burst int
	every time.Duration
}

// The limits. A company's visitors may share one address, so those by address
// leave room for many; those by visitor are for one pair of hands.
var (
	perAddress  = limit{"request", 240, 100 * time.Millisecond}  // any request of an address
	beginnings  = limit{"begin", 30, 6 * time.Second}            // sessions that an address begins
	strangers   = limit{"stranger", 20, 3 * time.Second}         // tokens of an address that do not exist, proofs that fail
	messages    = limit{"message", 20, 2 * time.Second}          // messages of a visitor
	allMessages = limit{"messages", 120, 500 * time.Millisecond} // messages from an address
	megabytes   = limit{"megabyte", 500, 2 * time.Second}        // of files from an address
	files       = limit{"file", 20, 10 * time.Second}            // files of a visitor
	sockets     = limit{"socket", 60, time.Second}               // WebSockets that an address opens
	verdicts    = limit{"verdict", 60, 2 * time.Second}          // of an address, on quick answers
	introducing = limit{"visitor", 10, 10 * time.Second}         // changes of a visitor's name and mail address
)

// maxTracked is how many keys of a limit are remembered at once.
const maxTracked = 20_000

// pace counts what is done, by limit and key.
type pace struct {
	clock clock.Clock
	mu    sync.Mutex
	young map[string]*rate.Limiter
	aged  map[string]*rate.Limiter // the generation before, forgotten at the next change
}

func newPace(c clock.Clock) *pace {
	return &pace{clock: c, young: map[string]*rate.Limiter{}, aged: map[string]*rate.Limiter{}}
}

// of returns the limiter of a key. Two generations bound the memory: a key that
// is still active moves to the new one.
func (p *pace) of(l limit, key string) *rate.Limiter {
	key = l.name + " " + key
	if r, ok := p.young[key]; ok {
		return r
	}
	r, ok := p.aged[key]
	if !ok {
		r = rate.NewLimiter(rate.Every(l.every), l.burst)
	}
	if len(p.young) >= maxTracked/2 {
		p.young, p.aged = map[string]*rate.Limiter{}, p.young
	}
	p.young[key] = r
	return r
}

// take counts one and returns how long to wait first; zero if it may be done.
func (p *pace) take(l limit, key string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if r := p.of(l, key); !r.AllowN(now, 1) {
		return max(time.Duration((1-r.TokensAt(now))*float64(l.every)), time.Second)
	}
	return 0
}

// charge counts n at once, beyond what there is if need be: it happened.
func (p *pace) charge(l limit, key string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of(l, key).ReserveN(p.clock.Now(), min(n, l.burst))
}

// full reports whether nothing is left of a limit, without counting anything.
func (p *pace) full(l limit, key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of(l, key).TokensAt(p.clock.Now()) < 1
}

// slow is fault.TooMany if an address has done something too often.
func (c *Chat) slow(r *http.Request, l limit) error { return c.slower(l, c.Client(r)) }

func (c *Chat) slower(l limit, key string) error {
	wait := c.pace.take(l, key)
	if wait == 0 {
		return nil
	}
	return tooMany(wait)
}

func tooMany(wait time.Duration) error {
	f := fault.New(fault.TooMany, "error.tooMany", "seconds", int((wait + time.Second - 1).Seconds()))
	f.RetryAfter = wait
	return f
}

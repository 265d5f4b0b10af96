package public

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one address may name a token that does not exist. A token has 160
// bits, so nobody finds one by trying; the limit keeps trying from costing us.
const (
	missBurst  = 20
	missEvery  = 3 * time.Second
	maxTracked = 10_000 // addresses remembered at once
)

// misses counts the unknown tokens each address asked for.
type misses struct {
	mu   sync.Mutex
	seen map[string]*rate.Limiter
	aged map[string]*rate.Limiter // the generation before, forgotten at the next change
}

func newMisses() *misses {
	return &misses{seen: map[string]*rate.Limiter{}, aged: map[string]*rate.Limiter{}}
}

// of returns the limiter of an address. Two generations bound the memory: an
// address that is still active moves to the new one.
func (m *misses) of(address string) *rate.Limiter {
	if l, ok := m.seen[address]; ok {
		return l
	}
	l, ok := m.aged[address]
	if !ok {
		l = rate.NewLimiter(rate.Every(missEvery), missBurst)
	}
	if len(m.seen) >= maxTracked/2 {
		m.seen, m.aged = map[string]*rate.Limiter{}, m.seen
	}
	m.seen[address] = l
	return l
}

// full reports whether an address must wait, without counting anything.
func (m *misses) full(address string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of(address).TokensAt(now) < 1
}

// add counts one miss.
func (m *misses) add(address string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(address).AllowN(now, 1)
}

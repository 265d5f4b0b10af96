package page

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// How often one address may name a token that does not exist before it is told to
// wait. A token has 160 bits, so nobody finds one by trying.
const (
	MissBurst  = 20
	MissEvery  = 3 * time.Second
	maxTracked = 10_000 // addresses remembered at once
)

// Misses counts the unknown tokens each address asked for.
type Misses struct {
	mu   sync.Mutex
	seen map[string]*rate.Limiter
	aged map[string]*rate.Limiter // the generation before, forgotten at the next change
}

// NewMisses returns counts that begin with nothing.
func NewMisses() *Misses {
	return &Misses{seen: map[string]*rate.Limiter{}, aged: map[string]*rate.Limiter{}}
}

// of returns the limiter of an address. Two generations bound the memory: an
// address that is still active moves to the new one.
func (m *Misses) of(address string) *rate.Limiter {
	address = team.Network(address) // an IPv6 client has a whole network of addresses
	if l, ok := m.seen[address]; ok {
		return l
	}
	l, ok := m.aged[address]
	if !ok {
		l = rate.NewLimiter(rate.Every(MissEvery), MissBurst)
	}
	if len(m.seen) >= maxTracked/2 {
		m.seen, m.aged = map[string]*rate.Limiter{}, m.seen
	}
	m.seen[address] = l
	return l
}

// Full reports whether an address must wait, without counting anything.
func (m *Misses) Full(address string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of(address).TokensAt(now) < 1
}

// Add counts one miss.
func (m *Misses) Add(address string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(address).AllowN(now, 1)
}

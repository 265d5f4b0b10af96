package team

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often somebody may try to sign in: a few tries at once, then slowly. The
// first limit is for one account from one address, so that a stranger cannot
// lock an agent out; the second for one address over all accounts.
const (
	pairBurst    = 8
	pairEvery    = 20 * time.Second
	addressBurst = 40
	addressEvery = 3 * time.Second
	maxTracked   = 20_000 // buckets kept; the least recently used goes first
)

// limiter counts tries in token buckets, in the memory of one node.
type limiter struct {
	mu      sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List // of *bucket, the most recently used in front
	size    int
}

type bucket struct {
	key string
	lim *rate.Limiter
}

func newLimiter(size int) *limiter {
	return &limiter{buckets: map[string]*list.Element{}, recent: list.New(), size: size}
}

// try takes one try, or says how long to wait.
func (l *limiter) try(now time.Time, address, account string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	origin := Network(address)
	wait := l.take(now, "a "+origin, addressBurst, addressEvery)
	if wait == 0 {
		wait = l.take(now, pairKey(address, account), pairBurst, pairEvery)
	}
	if wait == 0 {
		return nil
	}
	return tooMany(wait)
}

// forgive forgets the tries of one account from one address, after a right one.
func (l *limiter) forgive(address, account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.buckets[pairKey(address, account)]; ok {
		l.drop(e)
	}
}

func (l *limiter) take(now time.Time, key string, burst int, every time.Duration) time.Duration {
	e, ok := l.buckets[key]
	if !ok {
		e = l.recent.PushFront(&bucket{key: key, lim: rate.NewLimiter(rate.Every(every), burst)})
		l.buckets[key] = e
		if l.recent.Len() > l.size {
			l.drop(l.recent.Back())
		}
	}
	l.recent.MoveToFront(e)
	r := e.Value.(*bucket).lim.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (l *limiter) drop(e *list.Element) {
	l.recent.Remove(e)
	delete(l.buckets, e.Value.(*bucket).key)
}

func pairKey(address, account string) string { return "p " + Network(address) + " " + account }

// Network returns what one client can be told by: an IPv4 address, or the /64
// that an IPv6 client may choose its addresses from.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

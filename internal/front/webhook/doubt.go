package webhook

import (
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
)

// Limits of what is remembered of addresses.
const (
	maxTrusted = 10_000
	trustFor   = 24 * time.Hour // after the last call that was believed
)

// doubt limits how often an address may make calls that are not believed: each
// costs reads. Whoever made one that was is not limited, as a vendor's addresses
// may be others' as well.
type doubt struct {
	misses *page.Misses

	mu      sync.Mutex
	trusted map[string]time.Time // by network: the last call that was believed
}

func newDoubt() *doubt { return &doubt{misses: page.NewMisses(), trusted: map[string]time.Time{}} }

// wait reports whether an address must wait before it is listened to again.
func (d *doubt) wait(address string, now time.Time) bool {
	d.mu.Lock()
	at, known := d.trusted[team.Network(address)]
	d.mu.Unlock()
	return (!known || now.Sub(at) > trustFor) && d.misses.Full(address, now)
}

// wrong counts a call that was not believed.
func (d *doubt) wrong(address string, now time.Time) { d.misses.Add(address, now) }

// right notes a call that was.
func (d *doubt) right(address string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.trusted) >= maxTrusted {
		clear(d.trusted) // they prove themselves anew with their next call
	}
	d.trusted[team.Network(address)] = now
}

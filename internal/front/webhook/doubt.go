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

// doubt limits how often an address may make calls to an inbox that are not
// believed: each costs reads. Whoever made one that was is not limited, as a
// vendor's addresses may be others' as well. Inboxes are kept apart: all of a vendor
// are called from the same addresses, and one with a wrong secret must not shut out
// the others.
type doubt struct {
	misses *page.Misses

	mu      sync.Mutex
	trusted map[string]time.Time // by caller: the last call that was believed
}

func newDoubt() *doubt { return &doubt{misses: page.NewMisses(), trusted: map[string]time.Time{}} }

// caller names who calls an inbox from an address.
func caller(inboxID, address string) string { return inboxID + " " + team.Network(address) }

// wait reports whether a caller must wait before it is listened to again.
func (d *doubt) wait(caller string, now time.Time) bool {
	d.mu.Lock()
	at, known := d.trusted[caller]
	d.mu.Unlock()
	return (!known || now.Sub(at) > trustFor) && d.misses.Full(caller, now)
}

// wrong counts a call that was not believed.
func (d *doubt) wrong(caller string, now time.Time) { d.misses.Add(caller, now) }

// right notes a call that was.
func (d *doubt) right(caller string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.trusted) >= maxTrusted {
		clear(d.trusted) // they prove themselves anew with their next call
	}
	d.trusted[caller] = now
}

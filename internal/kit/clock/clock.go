// Package clock is the only place where the product asks what time it is.
// Tests hold a Manual clock and move it; everything that waits, waits on it.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time and wakes those who wait for it.
type Clock interface {
	// Now returns the current time in UTC, to the millisecond, the precision stored.
	Now() time.Time
	// After returns a channel that receives once d has passed, and a func that gives up waiting.
	After(d time.Duration) (<-chan time.Time, func())
}

// System is the machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// After implements Clock.
func (System) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// Manual is a clock that stands still until it is moved. It is safe for concurrent use.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[chan time.Time]time.Time
}

// NewManual returns a clock that stands at t.
func NewManual(t time.Time) *Manual {
	return &Manual{now: t.UTC().Truncate(time.Millisecond), waiting: map[chan time.Time]time.Time{}}
}

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// After implements Clock.
func (m *Manual) After(d time.Duration) (<-chan time.Time, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ch := make(chan time.Time, 1)
	if d <= 0 {
		ch <- m.now
		return ch, func() {}
	}
	m.waiting[ch] = m.now.Add(d)
	return ch, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.waiting, ch)
	}
}

// Advance moves the clock by d (which may be negative: clocks jump) and wakes whoever is due.
func (m *Manual) Advance(d time.Duration) { m.Set(m.Now().Add(d)) }

// Set moves the clock to t and wakes whoever is due.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = t.UTC().Truncate(time.Millisecond)
	for ch, due := range m.waiting {
		if !due.After(m.now) {
			ch <- m.now
			delete(m.waiting, ch)
		}
	}
}

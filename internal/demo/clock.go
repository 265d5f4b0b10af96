package demo

import (
	"sync/atomic"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// Clock stands where the story is, and becomes the machine's once the story has
// caught up with the present. It never goes back.
type Clock struct {
	story *clock.Manual
	live  atomic.Bool
}

// NewClock returns a clock at the beginning of a story.
func NewClock(start time.Time) *Clock { return &Clock{story: clock.NewManual(start)} }

// Now implements clock.Clock.
func (c *Clock) Now() time.Time {
	if c.live.Load() {
		return clock.System{}.Now()
	}
	return c.story.Now()
}

// After implements clock.Clock. Who waits, waits in the machine's time.
func (c *Clock) After(d time.Duration) (<-chan time.Time, func()) { return clock.System{}.After(d) }

// set moves the story on.
func (c *Clock) set(t time.Time) {
	if t.After(c.story.Now()) {
		c.story.Set(t)
	}
}

// Live lets the machine's clock take over.
func (c *Clock) Live() { c.live.Store(true) }

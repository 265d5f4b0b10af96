package worktime

import (
	"math"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

const (
	// maxClosed is how many days in a row may be closed before the calendar
	// counts as never open again.
	maxClosed = 5 * 366
	// maxDays is the longest promise in business days.
	maxDays = 10_000
)

// span is a stretch of a day, in seconds of its local clock.
type span struct{ from, to int }

// Calendar knows when a desk is open. Make one with [Hours.Calendar].
type Calendar struct {
	zone    *time.Location
	week    [7][]span // by time.Weekday
	special map[day][]span
	closed  map[day]bool
	yearly  map[monthDay]bool
	japan   bool
	version string

	mu       sync.Mutex
	holidays map[int]map[day]bool // by year, filled as years are asked for
}

// Version names the hours this calendar was made from: the version they were
// stored with, or else a digest of their content.
func (c *Calendar) Version() string { return c.version }

// Zone returns the zone whose clock the hours are written in.
func (c *Calendar) Zone() *time.Location { return c.zone }

// IsOpen reports whether the desk is open at t. It is open at the opening
// second and closed at the closing one.
func (c *Calendar) IsOpen(t time.Time) bool {
	w := wall{zone: c.zone}
	d := dayOf(t.In(c.zone))
	for _, s := range c.spans(d) {
		if !t.Before(w.at(d, s.from)) && t.Before(w.at(d, s.to)) {
			return true
		}
	}
	return false
}

// OpenOn returns the stretches of opening of the local day that t lies on.
func (c *Calendar) OpenOn(t time.Time) []Bound {
	w := wall{zone: c.zone}
	d := dayOf(t.In(c.zone))
	var out []Bound
	for _, s := range c.spans(d) {
		if from, to := w.at(d, s.from), w.at(d, s.to); from.Before(to) {
			out = append(out, bound(d, from, to))
		}
	}
	return out
}

// Between returns the time the desk was open from a to b. It is negative when
// b is before a, and adds up: Between(a,b) + Between(b,c) = Between(a,c).
// It stops at the longest time.Duration, 292 years.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	w := wall{zone: c.zone}
	var sum time.Duration
	last := dayOf(b.In(c.zone))
	for d := dayOf(a.In(c.zone)); d <= last; d++ {
		for _, s := range c.spans(d) {
			from, to := later(w.at(d, s.from), a), earlier(w.at(d, s.to), b)
			if !from.Before(to) {
				continue
			}
			if sum += to.Sub(from); sum < 0 { // centuries: an instant nobody set
				return math.MaxInt64
			}
		}
	}
	return sum
}

// NextOpen returns t if the desk is open then, else the next opening.
func (c *Calendar) NextOpen(t time.Time) (time.Time, error) { return c.Add(t, 0) }

// Add returns the first instant by which the desk has been open for d since t,
// so that Between(t, Add(t,d)) = d. A promise may fall due exactly at closing
// time. Add(t,0) is the next open moment. A negative d reckons backwards, to
// the last such instant. The error is fault.Invalid when the calendar stays
// closed for years.
func (c *Calendar) Add(t time.Time, d time.Duration) (time.Time, error) {
	if d < 0 {
		return c.back(t, -d)
	}
	w := wall{zone: c.zone}
	for at, idle := dayOf(t.In(c.zone)), 0; idle <= maxClosed; at++ {
		idle++
		for _, s := range c.spans(at) {
			from, to := later(w.at(at, s.from), t), w.at(at, s.to)
			if !from.Before(to) {
				continue
			}
			idle = 0
			room := to.Sub(from)
			if d <= room {
				return from.Add(d), nil
			}
			d -= room
		}
	}
	return time.Time{}, neverOpen(t)
}

// back is Add into the past.
func (c *Calendar) back(t time.Time, d time.Duration) (time.Time, error) {
	w := wall{zone: c.zone}
	for at, idle := dayOf(t.In(c.zone)), 0; idle <= maxClosed; at-- {
		idle++
		spans := c.spans(at)
		for i := len(spans) - 1; i >= 0; i-- {
			from, to := w.at(at, spans[i].from), earlier(w.at(at, spans[i].to), t)
			if !from.Before(to) {
				continue
			}
			idle = 0
			room := to.Sub(from)
			if d <= room {
				return to.Add(-d), nil
			}
			d -= room
		}
	}
	return time.Time{}, neverOpen(t)
}

// AddDays returns the same time of day on the n-th business day after the
// local day of t; a business day is one with any opening. It stays on that
// day: a time before opening or in a break moves to the opening after it, one
// after closing moves back to closing time. A closed day counts as the hours
// after closing of the business day before it, so that who writes on Saturday
// is not promised an earlier answer than who wrote on Friday evening.
// AddDays(t,0) is [Calendar.NextOpen]. n outside 0 to 10000 is a fault.Invalid
// error.
func (c *Calendar) AddDays(t time.Time, n int) (time.Time, error) {
	if n < 0 || n > maxDays {
		return time.Time{}, fault.New(fault.Invalid, "hours.days.range", "max", maxDays)
	}
	if n == 0 {
		return c.NextOpen(t)
	}
	local := t.In(c.zone)
	w := wall{zone: c.zone}
	h, m, s := local.Clock()
	clock := h*3600 + m*60 + s
	if !c.opens(&w, dayOf(local)) {
		clock = dayEnd
	}
	for at, idle := dayOf(local)+1, 0; idle <= maxClosed; at++ {
		idle++
		if !c.opens(&w, at) {
			continue
		}
		idle = 0
		if n--; n == 0 {
			same := w.at(at, clock).Add(time.Duration(local.Nanosecond()))
			return c.within(&w, at, same), nil
		}
	}
	return time.Time{}, neverOpen(t)
}

// opens reports whether a day has any opening left once clock changes have
// had their way.
func (c *Calendar) opens(w *wall, d day) bool {
	for _, s := range c.spans(d) {
		if w.at(d, s.from).Before(w.at(d, s.to)) {
			return true
		}
	}
	return false
}

// within moves t into the opening of day d.
func (c *Calendar) within(w *wall, d day, t time.Time) time.Time {
	last := t
	for _, s := range c.spans(d) {
		from, to := w.at(d, s.from), w.at(d, s.to)
		if !from.Before(to) {
			continue
		}
		if t.Before(to) {
			return later(t, from)
		}
		last = to
	}
	return last
}

// spans returns the opening of a day: own hours of the date first, then
// closures and holidays, then the week.
func (c *Calendar) spans(d day) []span {
	if s, ok := c.special[d]; ok {
		return s
	}
	week := c.week[d.weekday()]
	if len(week) == 0 || c.closed[d] {
		return nil
	}
	if len(c.yearly) > 0 {
		_, m, dd := d.utc().Date()
		if c.yearly[monthDay{m, dd}] {
			return nil
		}
	}
	if c.japan && c.holiday(d) {
		return nil
	}
	return week
}

func (c *Calendar) holiday(d day) bool {
	year := d.utc().Year()
	c.mu.Lock()
	defer c.mu.Unlock()
	of, ok := c.holidays[year]
	if !ok {
		of = japanHolidays(year)
		if c.holidays == nil {
			c.holidays = map[int]map[day]bool{}
		}
		c.holidays[year] = of
	}
	return of[d]
}

func neverOpen(t time.Time) error {
	return fault.New(fault.Invalid, "hours.never_open", "from", t.Format(time.DateOnly))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

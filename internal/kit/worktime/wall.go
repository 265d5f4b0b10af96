package worktime

import (
	"math"
	"time"
)

// day counts calendar days from 1 January 1970, of no zone in particular.
type day int

type monthDay struct {
	month time.Month
	day   int
}

// dayOf returns the calendar day that t shows in its own zone.
func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / dayEnd)
}

// utc returns midnight of the day in UTC, for its date.
func (d day) utc() time.Time { return time.Unix(int64(d)*dayEnd, 0).UTC() }

func (d day) weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// zoneShift is more than any zone ever moved its clock at once, days skipped
// at the date line included.
const zoneShift = 26 * 3600

// wall turns local times into instants. It remembers the zone's present
// offset and how long it holds, so that a walk over a year asks the zone
// database only at the few changes.
type wall struct {
	zone     *time.Location
	offset   int64 // seconds east of UTC
	from, to int64 // Unix seconds between which a wall time has this offset and no other
}

// at returns the first instant at which the local clock shows second s of day
// d or later. It never decreases as (d, s) grows: a time that the clock skips
// is the moment of the skip, and of a time shown twice it is the first.
func (w *wall) at(d day, s int) time.Time {
	local := int64(d)*dayEnd + int64(s)
	if u := local - w.offset; u >= w.from && u < w.to {
		return time.Unix(u, 0).In(w.zone)
	}
	y, m, dd := d.utc().Date()
	t := time.Date(y, m, dd, 0, 0, s, 0, w.zone)
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	w.remember(start, end, int64(offset))

	shown := t.Unix() + int64(offset)
	switch {
	case shown > local: // skipped, and Date answered with a time after the gap
		return start
	case shown < local: // skipped, and Date answered with a time before it
		return end
	case start.IsZero():
		return t
	}
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(offset-before) * time.Second); first.Before(start) {
		return first
	}
	return t
}

func (w *wall) remember(start, end time.Time, offset int64) {
	w.offset, w.from, w.to = offset, math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		w.from = start.Unix() + zoneShift
	}
	if !end.IsZero() {
		w.to = end.Unix()
	}
}

package worktime

import "time"

// Bound is a stretch of time, from Start up to but without End, in UTC.
type Bound struct {
	Name  string    `json:"name"` // local date of the start, "2026-11-22"
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

func bound(d day, from, to time.Time) Bound {
	return Bound{Name: d.utc().Format(time.DateOnly), Start: from.UTC(), End: to.UTC()}
}

// Days cuts time into the local days that [from, to) touches, whole days at
// both ends, each ending where the next begins. A day has 23 to 25 hours when
// the clock changes; a date that a zone skipped is left out.
func Days(zone *time.Location, from, to time.Time) []Bound {
	return cut(zone, from, to, func(d day) (day, day) { return d, d + 1 })
}

// Weeks is [Days] for weeks from Monday to Sunday (ISO 8601).
func Weeks(zone *time.Location, from, to time.Time) []Bound {
	return cut(zone, from, to, func(d day) (day, day) {
		monday := d - day((d.weekday()+6)%7)
		return monday, monday + 7
	})
}

// Months is [Days] for calendar months.
func Months(zone *time.Location, from, to time.Time) []Bound {
	return cut(zone, from, to, func(d day) (day, day) {
		y, m, _ := d.utc().Date()
		first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		return dayOf(first), dayOf(first.AddDate(0, 1, 0))
	})
}

// cut walks the buckets that around gives for a day: its first day and the
// first of the next bucket.
func cut(zone *time.Location, from, to time.Time, around func(day) (day, day)) []Bound {
	if !from.Before(to) {
		return nil
	}
	w := wall{zone: zone}
	var out []Bound
	first, next := around(dayOf(from.In(zone)))
	start := w.at(first, 0)
	for start.Before(to) {
		end := w.at(next, 0)
		if start.Before(end) {
			out = append(out, bound(first, start, end))
		}
		start = end
		first, next = around(next)
	}
	return out
}

package worktime

import (
	"time"

	"github.com/rickar/cal/v2/jp"
)

// japanHolidays returns the public holidays of Japan in a year: the days
// themselves, substitutes for Sundays (振替休日) and days between two holidays
// (国民の休日). It agrees with the Cabinet Office's list from 2004 on; for
// years not yet announced the equinoxes are computed.
func japanHolidays(year int) map[day]bool {
	named, out := map[day]bool{}, map[day]bool{}
	for _, h := range jp.Holidays {
		// A copy, because the library's rule for the vernal equinox writes
		// into the holiday it is asked about.
		actual, observed := h.Clone(nil).Calc(year)
		if actual.IsZero() || movedAway(actual) {
			continue
		}
		named[dayOf(actual)] = true
		out[dayOf(observed)] = true
	}
	for d := range named {
		out[d] = true
		// The law bridges two named holidays; a substitute does not count.
		if named[d+2] {
			out[d+1] = true
		}
	}
	for _, d := range movedTo(year) {
		out[d] = true
	}
	return out
}

// movedAway reports dates on which the general rules put a holiday and the
// law of the year did not: Mountain Day in the two Olympic years, and the
// Emperor's Birthday in the year of the accession.
func movedAway(t time.Time) bool {
	y, m, d := t.Date()
	switch y {
	case 2019:
		return m == time.December && d == 23
	case 2020, 2021:
		return m == time.August && d == 11
	}
	return false
}

// movedTo returns where Mountain Day went in the two Olympic years.
func movedTo(year int) []day {
	august := func(d int) day { return dayOf(time.Date(year, time.August, d, 0, 0, 0, 0, time.UTC)) }
	switch year {
	case 2020:
		return []day{august(10)}
	case 2021:
		return []day{august(8), august(9)}
	}
	return nil
}

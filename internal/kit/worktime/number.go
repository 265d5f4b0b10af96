package worktime

import "time"

// DayNumber is the day of a time as a number by which days are counted, 20261122,
// on the clock of the time's own zone.
func DayNumber(t time.Time) int {
	y, m, d := t.Date()
	return y*10000 + int(m)*100 + d
}

// Package worktime reckons in business time: how long a desk was open between
// two instants, and when a promise of "four business hours" falls due.
//
// [Hours] is the stored form, as a settings page writes it; [Hours.Calendar]
// checks it and yields a [Calendar], which answers. A Calendar never changes
// and may be used from several goroutines; changed hours are a new Calendar
// with another version, so that old clocks can be explained by the hours that
// were in force then.
//
// Durations are real elapsed time, also across changes of the clock: a shift
// from 00:00 to 08:00 has seven hours in the night the clocks go forward. A
// time of day that the clock skips begins at the moment of the skip; one that
// it shows twice means the first of the two.
//
// The package also cuts time into local days, weeks and months for charts
// ([Days], [Weeks], [Months]). Zone data is compiled in.
package worktime

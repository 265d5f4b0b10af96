package worktime_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// zones change their clocks in every way there is: at midnight, by half an
// hour, twice a year around Ramadan, by a whole day across the date line.
func zones() []string {
	return []string{
		"Etc/UTC", "Asia/Tokyo", "Asia/Kathmandu", "America/New_York", "America/St_Johns", "Europe/London",
		"Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana", "Asia/Beirut",
		"Africa/Cairo", "Africa/Casablanca", "Pacific/Apia", "Pacific/Kiritimati", "Antarctica/Troll", "America/Asuncion",
	}
}

func drawRanges(t *rapid.T, label string) []worktime.Range {
	marks := rapid.SliceOfNDistinct(rapid.IntRange(0, 96), 0, 6, rapid.ID[int]).Draw(t, label)
	slices.Sort(marks) // distinct quarter hours, taken in pairs, never overlap
	clock := func(q int) string { return fmt.Sprintf("%02d:%02d", q/4, q%4*15) }
	var out []worktime.Range
	for i := 0; i+1 < len(marks); i += 2 {
		out = append(out, worktime.Range{From: clock(marks[i]), To: clock(marks[i+1])})
	}
	return out
}

func drawCalendar(t *rapid.T, zone string) *worktime.Calendar {
	h := worktime.Hours{Zone: zone}
	for _, d := range []struct {
		name string
		to   *[]worktime.Range
	}{
		{"mon", &h.Week.Mon}, {"tue", &h.Week.Tue}, {"wed", &h.Week.Wed}, {"thu", &h.Week.Thu},
		{"fri", &h.Week.Fri}, {"sat", &h.Week.Sat}, {"sun", &h.Week.Sun},
	} {
		*d.to = drawRanges(t, d.name)
	}
	if rapid.Bool().Draw(t, "holidays") {
		h.Holidays = worktime.Japan
	}
	if rapid.Bool().Draw(t, "closures") {
		h.Closed = []string{"12-29", "03-08", "2018-11-05"}
	}
	c, err := h.Calendar()
	if err != nil {
		t.Skip("a week that never opens")
	}
	return c
}

// drawTime prefers the weeks in which clocks change.
func drawTime(t *rapid.T, label string) time.Time {
	base := rapid.SampledFrom([]string{
		"2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31", "2018-11-03", "2018-02-17", "2011-12-28",
		"2026-10-03", "2026-04-04", "2025-02-22", "2024-04-25", "2026-12-27", "2026-09-18",
	}).Draw(t, label+" week")
	day, err := time.Parse(time.DateOnly, base)
	if err != nil {
		t.Fatal(err)
	}
	return day.Add(time.Duration(rapid.Int64Range(0, int64(5*24*time.Hour)).Draw(t, label)))
}

func TestAddIsTheInverseOfBetween(t *testing.T) {
	length := rapid.Map(rapid.Int64Range(1, int64(60*time.Hour)), func(n int64) time.Duration { return time.Duration(n) })
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t, rapid.SampledFrom(zones()).Draw(t, "zone"))
		from, d, more := drawTime(t, "from"), length.Draw(t, "d"), length.Draw(t, "more")
		to, err := c.Add(from, d)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Between(from, to); got != d {
			t.Fatalf("%v after %v is %v, but between lie %v", d, from, to, got)
		}
		if c.Between(from, to.Add(-1)) >= d {
			t.Fatalf("%v is not the first such instant", to)
		}
		further, err := c.Add(to, more)
		if err != nil {
			t.Fatal(err)
		}
		if direct, err := c.Add(from, d+more); err != nil || !direct.Equal(further) {
			t.Fatalf("%v and then %v lead to %v, both at once to %v, %v", d, more, further, direct, err)
		}
		back, err := c.Add(from, -d)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Between(back, from); got != d {
			t.Fatalf("%v before %v is %v, but between lie %v", d, from, back, got)
		}
	})
}

func TestBetweenAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t, rapid.SampledFrom(zones()).Draw(t, "zone"))
		x, y, z := drawTime(t, "x"), drawTime(t, "y"), drawTime(t, "z")
		if got, want := c.Between(x, y)+c.Between(y, z), c.Between(x, z); got != want {
			t.Fatalf("%v in two parts, %v in one", got, want)
		}
		if got := c.Between(x, y); got.Abs() > y.Sub(x).Abs() {
			t.Fatalf("%v open within %v", got, y.Sub(x))
		}
	})
}

// Around the clock, business time is elapsed time, whatever the clock does.
func TestAlwaysOpenIsElapsedTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := worktime.AlwaysOpen(rapid.SampledFrom(zones()).Draw(t, "zone")).Calendar()
		if err != nil {
			t.Fatal(err)
		}
		x, y := drawTime(t, "x"), drawTime(t, "y")
		if got := c.Between(x, y); got != y.Sub(x) {
			t.Fatalf("from %v to %v: %v, elapsed %v", x, y, got, y.Sub(x))
		}
		if !c.IsOpen(x) {
			t.Fatalf("closed at %v", x)
		}
	})
}

// Where clocks never change, counting minutes one by one must agree.
func TestBetweenAgreesWithCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t, rapid.SampledFrom([]string{"Etc/UTC", "Asia/Tokyo", "Asia/Kathmandu"}).Draw(t, "zone"))
		from := drawTime(t, "from").Truncate(time.Minute)
		minutes := rapid.IntRange(0, 4000).Draw(t, "minutes")
		open := 0
		for i := range minutes {
			if c.IsOpen(from.Add(time.Duration(i) * time.Minute)) {
				open++
			}
		}
		if got := c.Between(from, from.Add(time.Duration(minutes)*time.Minute)); got != time.Duration(open)*time.Minute {
			t.Fatalf("%v, counted %d minutes", got, open)
		}
	})
}

func TestNextOpenProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t, rapid.SampledFrom(zones()).Draw(t, "zone"))
		from := drawTime(t, "from")
		next, err := c.NextOpen(from)
		if err != nil {
			t.Fatal(err)
		}
		if c.IsOpen(from) != next.Equal(from) || !c.IsOpen(next) || next.Before(from) || c.Between(from, next) != 0 {
			t.Fatalf("next open after %v is %v", from, next)
		}
		n := rapid.IntRange(1, 12).Draw(t, "days")
		due, err := c.AddDays(from, n)
		if err != nil {
			t.Fatal(err)
		}
		// Midnight is the end of one day and the opening of the next.
		count, midnight := openDays(c, from, due), len(worktime.Days(c.Zone(), due.Add(-1), due.Add(1))) == 2
		if due.Before(from) || count != n && !(midnight && count == n-1 && c.IsOpen(due)) {
			t.Fatalf("%d business days after %v is %v, after %d of them began", n, from, due, count)
		}
		later, err := c.AddDays(from.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "later"))), n)
		if err != nil || later.Before(due) {
			t.Fatalf("starting later falls due earlier: %v before %v, %v", later, due, err)
		}
	})
}

// openDays counts the days with any opening that begin after from and before due.
func openDays(c *worktime.Calendar, from, due time.Time) int {
	n := 0
	for _, d := range worktime.Days(c.Zone(), from, due.Add(24*time.Hour)) {
		if d.Start.After(from) && d.Start.Before(due) && len(c.OpenOn(d.Start)) > 0 {
			n++
		}
	}
	return n
}

func TestBoundsPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones()).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := drawTime(t, "from")
		to := from.Add(time.Duration(rapid.Int64Range(1, int64(100*24*time.Hour)).Draw(t, "length")))
		for name, bounds := range map[string][]worktime.Bound{
			"days": worktime.Days(zone, from, to), "weeks": worktime.Weeks(zone, from, to), "months": worktime.Months(zone, from, to),
		} {
			if len(bounds) == 0 || bounds[0].Start.After(from) || !bounds[0].End.After(from) {
				t.Fatalf("%s: %v is not in the first of %v", name, from, bounds)
			}
			last := bounds[len(bounds)-1]
			if last.End.Before(to) || !last.Start.Before(to) {
				t.Fatalf("%s: %v is not in the last, %v", name, to, last)
			}
			for i, b := range bounds {
				if !b.Start.Before(b.End) || b.Start.Location() != time.UTC || i > 0 && !b.Start.Equal(bounds[i-1].End) {
					t.Fatalf("%s: %v after %v", name, b, bounds[max(0, i-1)])
				}
				if local := b.Start.In(zone); local.Format(time.DateOnly) != b.Name {
					t.Fatalf("%s: %v is named %s", name, local, b.Name)
				}
			}
		}
	})
}

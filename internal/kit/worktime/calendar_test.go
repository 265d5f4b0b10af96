package worktime_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

func calendar(t testing.TB, h worktime.Hours) *worktime.Calendar {
	t.Helper()
	c, err := h.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads "2006-01-02 15:04" in a zone.
func at(t testing.TB, zone, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func day(ranges ...string) []worktime.Range {
	var out []worktime.Range
	for i := 0; i < len(ranges); i += 2 {
		out = append(out, worktime.Range{From: ranges[i], To: ranges[i+1]})
	}
	return out
}

func biz() worktime.Hours {
	long, short := day("09:00", "17:00"), day("10:00", "16:00")
	return worktime.Hours{Zone: "Etc/UTC", Week: worktime.Week{
		Mon: long, Tue: short, Wed: long, Thu: short, Fri: long, Sat: day("11:00", "14:30"),
	}}
}

// O30: the schedule and answers of zendesk/biz's specs.
func TestBusinessTimeKnownAnswers(t *testing.T) {
	c := calendar(t, biz())
	utc := func(s string) time.Time { return at(t, "UTC", s) }
	if got := c.Between(utc("2006-01-01 00:00"), utc("2006-01-08 00:00")); got != 39*time.Hour+30*time.Minute {
		t.Errorf("a week has %v", got)
	}
	if got := c.Between(utc("2006-01-08 00:00"), utc("2006-01-01 00:00")); got != -(39*time.Hour + 30*time.Minute) {
		t.Errorf("a week back has %v", got)
	}
	add := func(from string, d time.Duration, want string) {
		t.Helper()
		got, err := c.Add(utc(from), d)
		if err != nil || !got.Equal(utc(want)) {
			t.Errorf("%v after %s is %v, %v; want %s", d, from, got, err, want)
		}
	}
	add("2006-01-03 00:00", 0, "2006-01-03 10:00")
	add("2006-01-04 13:00", 3*time.Hour, "2006-01-04 16:00")
	add("2006-01-04 13:00", 4*time.Hour, "2006-01-04 17:00") // due at closing time
	add("2006-01-04 13:00", 4*time.Hour+time.Minute, "2006-01-05 10:01")
	add("2006-01-04 17:00", 0, "2006-01-05 10:00")
	add("2006-01-04 16:30", -90*time.Minute, "2006-01-04 15:00")
}

func TestAddKeepsNanoseconds(t *testing.T) {
	c := calendar(t, biz())
	got, err := c.Add(at(t, "UTC", "2006-01-03 00:00"), -time.Nanosecond)
	want := at(t, "UTC", "2006-01-02 17:00").Add(-time.Nanosecond)
	if err != nil || !got.Equal(want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestAddDays(t *testing.T) {
	c := calendar(t, biz())
	for _, k := range []struct {
		from string
		n    int
		want string
	}{
		{"2006-01-06 12:00", 2, "2006-01-09 12:00"}, // O30
		{"2006-01-06 12:00", 1, "2006-01-07 12:00"},
		{"2006-01-06 16:00", 1, "2006-01-07 14:30"}, // stays on the day
		{"2006-01-08 13:00", 1, "2006-01-09 17:00"}, // received on a closed Sunday: as if late on Saturday
		{"2006-01-02 03:00", 1, "2006-01-03 10:00"},
		{"2006-01-03 03:00", 0, "2006-01-03 10:00"},
		{"2006-01-02 12:00", 6, "2006-01-09 12:00"},
	} {
		got, err := c.AddDays(at(t, "UTC", k.from), k.n)
		if err != nil || !got.Equal(at(t, "UTC", k.want)) {
			t.Errorf("%d business days after %s: %v, %v; want %s", k.n, k.from, got, err, k.want)
		}
	}
	for _, n := range []int{-1, 1 << 40} {
		if _, err := c.AddDays(at(t, "UTC", "2006-01-06 12:00"), n); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d days: %v", n, err)
		}
	}
	noon := worktime.Weekdays("Asia/Tokyo", "09:00", "12:00")
	noon.Week.Tue = day("09:00", "12:00", "13:00", "18:00")
	got, err := calendar(t, noon).AddDays(at(t, "Asia/Tokyo", "2026-11-23 12:30"), 1)
	if err != nil || !got.Equal(at(t, "Asia/Tokyo", "2026-11-24 13:00")) {
		t.Errorf("a time in the lunch break: %v, %v", got, err)
	}
}

// O31, and every public holiday from 2019 to 2027 as the Cabinet Office
// announced them: the accession, the Olympic moves, substitutes and bridges.
func TestJapanHolidays(t *testing.T) {
	lists := map[int]string{
		2019: "01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-23 10-14 10-22 11-03 11-04 11-23",
		2020: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 11-03 11-23",
		2021: "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 11-23",
		2022: "01-01 01-10 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-18 08-11 09-19 09-23 10-10 11-03 11-23",
		2023: "01-01 01-02 01-09 02-11 02-23 03-21 04-29 05-03 05-04 05-05 07-17 08-11 09-18 09-23 10-09 11-03 11-23",
		2024: "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 09-23 10-14 11-03 11-04 11-23",
		2025: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 11-24",
		2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
		2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
	}
	h := worktime.AlwaysOpen("Asia/Tokyo")
	h.Holidays = worktime.Japan
	c := calendar(t, h)
	for year, list := range lists {
		var got string
		for d := time.Date(year, 1, 1, 12, 0, 0, 0, c.Zone()); d.Year() == year; d = d.AddDate(0, 0, 1) {
			if !c.IsOpen(d) {
				got += " " + d.Format("01-02")
			}
		}
		if diff := cmp.Diff(" "+list, got); diff != "" {
			t.Errorf("%d: %s", year, diff)
		}
	}
	// Bridges of years not yet announced follow from the law.
	for _, date := range []string{"2032-09-21 12:00", "2037-09-22 12:00", "2043-09-22 12:00"} {
		if c.IsOpen(at(t, "Asia/Tokyo", date)) {
			t.Errorf("open between two holidays, %s", date)
		}
	}
}

// The holiday library keeps a table that one of its rules writes to; many
// calendars at once must not meet in it. Run with -race.
func TestHolidaysConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			h := worktime.Weekdays("Asia/Tokyo", "09:00", "18:00")
			h.Holidays = worktime.Japan
			c, err := h.Calendar()
			if err != nil {
				t.Error(err)
				return
			}
			for year := 2020; year < 2040; year++ {
				if c.IsOpen(time.Date(year, 5, 3, 12, 0, 0, 0, c.Zone())) {
					t.Errorf("open on Constitution Day %d", year)
				}
			}
		})
	}
	wg.Wait()
}

func TestClosedAndSpecialDays(t *testing.T) {
	h := worktime.Weekdays("Asia/Tokyo", "09:00", "18:00")
	h.Holidays = worktime.Japan
	h.Closed = []string{"12-29", "12-30", "12-31", "01-02", "01-03", "2026-08-14"}
	h.Special = map[string][]worktime.Range{
		"2026-12-28": day("09:00", "12:00"), // half day
		"2026-11-23": day("10:00", "15:00"), // open on a holiday
		"2026-12-31": day("09:00", "10:00"), // open on a closed day
		"2026-11-26": nil,                   // closed for once
	}
	c := calendar(t, h)
	tokyo := func(s string) time.Time { return at(t, "Asia/Tokyo", s) }
	for s, want := range map[string]bool{
		"2026-12-28 11:59": true, "2026-12-28 12:00": false, "2026-11-23 10:00": true, "2026-11-23 09:30": false,
		"2026-12-29 10:00": false, "2026-12-31 09:30": true, "2027-12-31 09:30": false, "2026-08-14 10:00": false,
		"2025-08-14 10:00": true, "2026-11-26 10:00": false, "2026-09-22 10:00": false, "2026-11-21 10:00": false,
	} {
		if got := c.IsOpen(tokyo(s)); got != want {
			t.Errorf("open at %s: %v", s, got)
		}
	}
	// Friday evening before the long new year's break: 28 Dec 3 h, 31 Dec 1 h,
	// then nothing until Monday, 4 January.
	due, err := c.Add(tokyo("2026-12-25 17:00"), 6*time.Hour)
	if err != nil || !due.Equal(tokyo("2027-01-04 10:00")) {
		t.Errorf("due %v, %v", due, err)
	}
	var none []worktime.Bound
	if diff := cmp.Diff(none, c.OpenOn(tokyo("2026-12-29 10:00"))); diff != "" {
		t.Error(diff)
	}
	want := []worktime.Bound{{Name: "2026-12-28", Start: tokyo("2026-12-28 09:00").UTC(), End: tokyo("2026-12-28 12:00").UTC()}}
	if diff := cmp.Diff(want, c.OpenOn(tokyo("2026-12-28 23:00"))); diff != "" {
		t.Error(diff)
	}
}

func TestClockChanges(t *testing.T) {
	night := worktime.Hours{Week: worktime.Week{Sun: day("00:00", "08:00")}}
	for _, k := range []struct {
		zone, from, to string
		hours          float64
	}{
		{"America/New_York", "2026-03-08 00:00", "2026-03-09 00:00", 7}, // forward at 02:00
		{"America/New_York", "2026-11-01 00:00", "2026-11-02 00:00", 9}, // back at 02:00
		{"Europe/Berlin", "2026-03-29 00:00", "2026-03-30 00:00", 7},
		{"Europe/Berlin", "2026-10-25 00:00", "2026-10-26 00:00", 9},
		{"Australia/Lord_Howe", "2026-10-04 00:00", "2026-10-05 00:00", 7.5}, // half an hour
		{"America/Sao_Paulo", "2018-11-04 01:00", "2018-11-05 00:00", 7},     // 00:00 does not exist
		{"America/Havana", "2026-11-01 00:00", "2026-11-02 00:00", 9},        // 00:00 comes twice
		{"Asia/Tokyo", "2026-03-08 00:00", "2026-03-09 00:00", 8},
	} {
		h := night
		h.Zone = k.zone
		if got := calendar(t, h).Between(at(t, k.zone, k.from), at(t, k.zone, k.to)); got.Hours() != k.hours {
			t.Errorf("%s, night of %s: %v h, want %v", k.zone, k.from, got.Hours(), k.hours)
		}
	}
	gap := calendar(t, worktime.Hours{Zone: "America/New_York", Week: worktime.Week{Sun: day("02:15", "02:45", "10:00", "11:00")}})
	ny := func(s string) time.Time { return at(t, "America/New_York", s) }
	if got, err := gap.NextOpen(ny("2026-03-08 00:00")); err != nil || !got.Equal(ny("2026-03-08 10:00")) {
		t.Errorf("opening inside the gap: next open %v, %v", got, err)
	}
	twice := calendar(t, worktime.Hours{Zone: "America/New_York", Week: worktime.Week{Sun: day("01:30", "02:30"), Mon: day("09:00", "10:00")}})
	open, err := twice.NextOpen(ny("2026-11-01 00:00"))
	if want := ny("2026-11-01 00:00").Add(90 * time.Minute); err != nil || !open.Equal(want) {
		t.Errorf("01:30 comes twice: opens %v, %v, want the first, %v", open, err, want)
	}
	if got := twice.Between(ny("2026-11-01 00:00"), ny("2026-11-02 00:00")); got != 2*time.Hour {
		t.Errorf("01:30 to 02:30 with an hour twice lasts %v", got)
	}
	if back, err := twice.Add(ny("2026-11-02 08:00"), -2*time.Hour); err != nil || !back.Equal(open) {
		t.Errorf("reckoned backwards it opens at %v, %v, want %v", back, err, open)
	}
}

func TestNeverOpenEnds(t *testing.T) {
	once := worktime.Hours{Zone: "Asia/Tokyo", Special: map[string][]worktime.Range{"2026-11-22": day("10:00", "11:00")}}
	c := calendar(t, once)
	got, err := c.NextOpen(at(t, "Asia/Tokyo", "2026-01-01 00:00"))
	if err != nil || !got.Equal(at(t, "Asia/Tokyo", "2026-11-22 10:00")) {
		t.Errorf("the only opening: %v, %v", got, err)
	}
	after := at(t, "Asia/Tokyo", "2026-11-22 11:00")
	for name, f := range map[string]func() (time.Time, error){
		"NextOpen": func() (time.Time, error) { return c.NextOpen(after) },
		"Add":      func() (time.Time, error) { return c.Add(after.Add(-time.Hour), 61*time.Minute) },
		"back":     func() (time.Time, error) { return c.Add(after, -61*time.Minute) },
		"AddDays":  func() (time.Time, error) { return c.AddDays(after, 1) },
	} {
		var e *fault.Error
		if _, err := f(); !errors.As(err, &e) || e.Kind != fault.Invalid || e.Key != "hours.never_open" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHoursValidation(t *testing.T) {
	many := make([]worktime.Range, 25)
	for i := range many {
		many[i] = worktime.Range{From: "00:00", To: "24:00"}
	}
	for _, k := range []struct {
		name   string
		change func(*worktime.Hours)
		path   string
		key    string
	}{
		{"no zone", func(h *worktime.Hours) { h.Zone = "" }, "zone", "error.field.required"},
		{"unknown zone", func(h *worktime.Hours) { h.Zone = "Asia/Edo" }, "zone", "hours.zone.unknown"},
		{"the server's zone", func(h *worktime.Hours) { h.Zone = "Local" }, "zone", "hours.zone.unknown"},
		{"a path as zone", func(h *worktime.Hours) { h.Zone = "../../etc/passwd" }, "zone", "hours.zone.unknown"},
		{"empty week", func(h *worktime.Hours) { h.Week = worktime.Week{} }, "week", "hours.week.empty"},
		{"only closed special days", func(h *worktime.Hours) {
			h.Week, h.Special = worktime.Week{}, map[string][]worktime.Range{"2026-01-05": {}}
		}, "week", "hours.week.empty"},
		{"unreadable time", func(h *worktime.Hours) { h.Week.Mon = day("9:00", "17:00") }, "week.mon.0.from", "hours.time.unreadable"},
		{"after midnight", func(h *worktime.Hours) { h.Week.Tue = day("09:00", "24:30") }, "week.tue.0.to", "hours.time.unreadable"},
		{"night shift", func(h *worktime.Hours) { h.Week.Fri = day("22:00", "06:00") }, "week.fri.0.to", "hours.range.order"},
		{"no length", func(h *worktime.Hours) { h.Week.Fri = day("09:00", "09:00") }, "week.fri.0.to", "hours.range.order"},
		{"overlap", func(h *worktime.Hours) { h.Week.Sun = day("09:00", "12:00", "11:00", "15:00") }, "week.sun.1", "hours.range.overlap"},
		{"too many ranges", func(h *worktime.Hours) { h.Week.Sat = many }, "week.sat", "hours.ranges.many"},
		{"closed date", func(h *worktime.Hours) { h.Closed = []string{"12-29", "2026-13-01"} }, "closed.1", "hours.date.unreadable"},
		{"closed day of a year", func(h *worktime.Hours) { h.Closed = []string{"02-30"} }, "closed.0", "hours.date.unreadable"},
		{"special date", func(h *worktime.Hours) { h.Special = map[string][]worktime.Range{"soon": nil} }, "special.soon", "hours.date.unreadable"},
		{"special range", func(h *worktime.Hours) { h.Special = map[string][]worktime.Range{"2026-01-05": day("x", "10:00")} }, "special.2026-01-05.0.from", "hours.time.unreadable"},
		{"holidays", func(h *worktime.Hours) { h.Holidays = "mars" }, "holidays", "hours.holidays.unknown"},
		{"too many dates", func(h *worktime.Hours) { h.Closed = slices.Repeat([]string{"12-29"}, 2001) }, "closed", "hours.dates.many"},
	} {
		h := biz()
		k.change(&h)
		_, err := h.Calendar()
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Invalid {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		if !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Path == k.path && f.Key == k.key }) {
			t.Errorf("%s: %+v, want %s at %s", k.name, e.Fields, k.key, k.path)
		}
	}
	bad := biz()
	bad.Zone, bad.Week.Mon, bad.Closed = "Asia/Edo", day("10:00", "09:00"), []string{"never"}
	_, err := bad.Calendar()
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Fields) != 3 {
		t.Errorf("three wrong fields: %v", err)
	}
}

func TestHoursStoredForm(t *testing.T) {
	h := biz()
	h.Holidays, h.Closed = worktime.Japan, []string{"12-30", "12-29"}
	h.Special = map[string][]worktime.Range{"2026-12-28": day("09:00", "12:00")}
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var back worktime.Hours
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, back); diff != "" {
		t.Error(diff)
	}
	v := calendar(t, h).Version()
	back.Closed = []string{"12-29", "12-30"}
	if got := calendar(t, back).Version(); got != v || len(v) != 12 {
		t.Errorf("the same hours have versions %q and %q", v, got)
	}
	back.Week.Sun = day("10:00", "11:00")
	if got := calendar(t, back).Version(); got == v {
		t.Errorf("other hours have the same version %q", v)
	}
	back.Version = "hours_7"
	if got := calendar(t, back).Version(); got != "hours_7" {
		t.Errorf("stored version came out as %q", got)
	}
}

func TestTouchingRangesJoin(t *testing.T) {
	h := worktime.Hours{Zone: "Asia/Tokyo", Week: worktime.Week{Mon: day("12:00", "17:00", "09:00", "12:00")}}
	got := calendar(t, h).OpenOn(at(t, "Asia/Tokyo", "2026-11-23 00:00"))
	want := []worktime.Bound{{Name: "2026-11-23", Start: at(t, "Asia/Tokyo", "2026-11-23 09:00").UTC(), End: at(t, "Asia/Tokyo", "2026-11-23 17:00").UTC()}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkBetweenOverAYear(b *testing.B) {
	h := worktime.Weekdays("America/New_York", "09:00", "17:00")
	c := calendar(b, h)
	from := at(b, "America/New_York", "2026-01-01 00:00")
	for b.Loop() {
		if c.Between(from, from.AddDate(1, 0, 0)) <= 0 {
			b.Fatal("a year without work")
		}
	}
}

func BenchmarkAddADay(b *testing.B) {
	h := worktime.Weekdays("Asia/Tokyo", "09:00", "18:00")
	h.Holidays = worktime.Japan
	c := calendar(b, h)
	from := at(b, "Asia/Tokyo", "2026-09-18 17:00")
	for b.Loop() {
		if _, err := c.Add(from, 9*time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

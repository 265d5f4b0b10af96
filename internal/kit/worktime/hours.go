package worktime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // a small container has no zone files of its own

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Japan as Hours.Holidays closes on the public holidays of Japan, substitute
// and bridge holidays included.
const Japan = "jp"

const (
	maxSpans = 24   // opening spans a day
	maxDates = 2000 // entries in Closed and in Special
	dayEnd   = 24 * 60 * 60
)

// Range is one stretch of opening on a day, as "HH:MM" to "HH:MM"; it may
// begin at "00:00" and end at "24:00". Hours past midnight are two ranges.
type Range struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Week holds the opening ranges of each weekday; a day without any is closed.
type Week struct {
	Mon []Range `json:"mon,omitempty"`
	Tue []Range `json:"tue,omitempty"`
	Wed []Range `json:"wed,omitempty"`
	Thu []Range `json:"thu,omitempty"`
	Fri []Range `json:"fri,omitempty"`
	Sat []Range `json:"sat,omitempty"`
	Sun []Range `json:"sun,omitempty"`
}

// Hours are opening hours as stored and edited.
type Hours struct {
	Zone     string             `json:"zone"` // IANA name: "Asia/Tokyo"
	Week     Week               `json:"week"`
	Holidays string             `json:"holidays,omitempty"` // "" or Japan
	Closed   []string           `json:"closed,omitempty"`   // "2026-12-29", or "12-29" for every year
	Special  map[string][]Range `json:"special,omitempty"`  // "2026-12-28": own hours that day, before all else
	Version  string             `json:"version,omitempty"`  // empty: derived from the content
}

// Weekdays returns hours from Monday to Friday with the same range each day.
func Weekdays(zone, from, to string) Hours {
	r := []Range{{From: from, To: to}}
	return Hours{Zone: zone, Week: Week{Mon: r, Tue: r, Wed: r, Thu: r, Fri: r}}
}

// AlwaysOpen returns hours around the clock, every day.
func AlwaysOpen(zone string) Hours {
	h := Weekdays(zone, "00:00", "24:00")
	h.Week.Sat, h.Week.Sun = h.Week.Mon, h.Week.Mon
	return h
}

// EveryDay returns hours that are the same on each day. Where to is not after from
// they reach over midnight; both alike are around the clock.
func EveryDay(zone, from, to string) Hours {
	r := []Range{{From: from, To: to}}
	if to <= from {
		r = slices.DeleteFunc([]Range{{From: "00:00", To: to}, {From: from, To: "24:00"}}, func(r Range) bool { return r.From == r.To })
	}
	return Hours{Zone: zone, Week: Week{Mon: r, Tue: r, Wed: r, Thu: r, Fri: r, Sat: r, Sun: r}}
}

// Calendar checks the hours and makes them answerable. What is wrong comes
// back as one fault.Invalid error that names every wrong field by its path
// ("week.mon.0.to") with a phrase key "hours.…".
func (h Hours) Calendar() (*Calendar, error) {
	var check fault.Check
	c := &Calendar{
		special: make(map[day][]span, len(h.Special)),
		closed:  make(map[day]bool, len(h.Closed)),
		yearly:  map[monthDay]bool{},
		japan:   h.Holidays == Japan,
		version: h.Version,
	}
	c.zone = checkZone(&check, h.Zone)
	check.That(h.Holidays == "" || h.Holidays == Japan, "holidays", "hours.holidays.unknown", "name", h.Holidays)
	open := false
	for wd, d := range h.Week.days() {
		c.week[wd] = checkRanges(&check, "week."+d.name, d.ranges)
		open = open || len(d.ranges) > 0
	}
	check.That(len(h.Closed) <= maxDates, "closed", "hours.dates.many", "max", maxDates)
	check.That(len(h.Special) <= maxDates, "special", "hours.dates.many", "max", maxDates)
	for i, s := range h.Closed {
		c.close(&check, "closed."+strconv.Itoa(i), s)
	}
	for _, s := range slices.Sorted(maps.Keys(h.Special)) {
		ranges := h.Special[s]
		t, err := time.Parse(time.DateOnly, s)
		check.That(err == nil, "special."+s, "hours.date.unreadable", "date", s)
		c.special[dayOf(t)] = checkRanges(&check, "special."+s, ranges)
		open = open || len(ranges) > 0
	}
	check.That(open, "week", "hours.week.empty")
	if err := check.Err(); err != nil {
		return nil, err
	}
	if c.version == "" {
		v, err := h.digest()
		if err != nil {
			return nil, err
		}
		c.version = v
	}
	return c, nil
}

// close notes a closed date, of one year or of every year.
func (c *Calendar) close(check *fault.Check, path, s string) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		c.closed[dayOf(t)] = true
		return
	}
	// In a leap year, so that 29 February is a date.
	t, err := time.Parse(time.DateOnly, "2000-"+s)
	if err != nil {
		check.Add(path, "hours.date.unreadable", "date", s)
		return
	}
	c.yearly[monthDay{t.Month(), t.Day()}] = true
}

// digest names the content, whatever the order of the closed dates.
func (h Hours) digest() (string, error) {
	h.Version = ""
	h.Closed = slices.Sorted(slices.Values(h.Closed))
	b, err := json.Marshal(h)
	if err != nil {
		return "", fmt.Errorf("worktime: version: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6]), nil
}

type weekday struct {
	name   string
	ranges []Range
}

// days lists the week by time.Weekday.
func (w Week) days() [7]weekday {
	return [7]weekday{{"sun", w.Sun}, {"mon", w.Mon}, {"tue", w.Tue}, {"wed", w.Wed}, {"thu", w.Thu}, {"fri", w.Fri}, {"sat", w.Sat}}
}

func checkZone(check *fault.Check, name string) *time.Location {
	check.Require(name != "", "zone")
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	// "Local" loads, and means another place on every machine.
	check.That(err == nil && name != "Local", "zone", "hours.zone.unknown", "name", name)
	return zone
}

// checkRanges reads the ranges of a day and returns them in order, with
// touching ones joined.
func checkRanges(check *fault.Check, path string, ranges []Range) []span {
	check.That(len(ranges) <= maxSpans, path, "hours.ranges.many", "max", maxSpans)
	var spans []span
	for i, r := range ranges {
		at := path + "." + strconv.Itoa(i)
		from, okFrom := readClock(r.From)
		to, okTo := readClock(r.To)
		check.That(okFrom, at+".from", "hours.time.unreadable", "time", r.From)
		check.That(okTo, at+".to", "hours.time.unreadable", "time", r.To)
		if !okFrom || !okTo {
			continue
		}
		if from >= to {
			check.Add(at+".to", "hours.range.order", "from", r.From, "to", r.To)
			continue
		}
		for _, s := range spans {
			check.That(to <= s.from || from >= s.to, at, "hours.range.overlap", "from", r.From, "to", r.To)
		}
		spans = append(spans, span{from, to})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	joined := spans[:0]
	for _, s := range spans {
		if n := len(joined); n > 0 && joined[n-1].to == s.from {
			joined[n-1].to = s.to
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// readClock reads "HH:MM" up to "24:00" as seconds of the day.
func readClock(s string) (int, bool) {
	if s == "24:00" {
		return dayEnd, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, false
	}
	return t.Hour()*3600 + t.Minute()*60, true
}

package customer

import (
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

const clockLayout = "15:04"

func (c Customer) checkHours(check *fault.Check) {
	check.That((c.HoursFrom == "") == (c.HoursTo == ""), "body.hoursTo", "error.customer.hoursPair")
	for path, s := range map[string]string{"body.hoursFrom": c.HoursFrom, "body.hoursTo": c.HoursTo} {
		_, err := time.Parse(clockLayout, s)
		check.That(s == "" || err == nil && len(s) == len(clockLayout), path, "error.customer.clock")
	}
	check.That(c.HoursFrom == "" || c.HoursFrom != c.HoursTo, "body.hoursTo", "error.customer.hoursSame")
}

// Within returns t if the customer likes to be reached then, else when the next
// of their hours begin, on the clock of zone.
func (c Customer) Within(t time.Time, zone string) (time.Time, error) {
	if c.HoursFrom == "" {
		return t, nil
	}
	calendar, err := worktime.EveryDay(zone, c.HoursFrom, c.HoursTo).Calendar()
	if err != nil {
		return time.Time{}, err
	}
	at, err := calendar.NextOpen(t)
	return at.UTC(), err
}

package voice

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// When somebody wants to be called back, by the key they pressed.
const (
	wishSoon      = "soon"
	wishAfternoon = "afternoon"
	wishMorning   = "morning"
)

// When parts of a day begin, as hours of it: a desk that is open around the clock
// calls nobody at night.
const (
	morning   = 9
	afternoon = 13
	evening   = 18
)

// Members that we add to what Twilio says: the wish, and when it is to be met as
// RFC 3339, where business hours are known.
const (
	wishName = "KintsugiWish"
	dueName  = "KintsugiDue"
)

// wished notes in an event when its caller wants to be called back. Nobody there
// before: the next opening.
func (e *Endpoint) wished(ctx context.Context, ev *twilio.Event, now time.Time) {
	wish := map[string]string{"2": wishAfternoon, "3": wishMorning}[ev.Params["Digits"]]
	if wish == "" {
		wish = wishSoon
	}
	ev.Params[wishName] = wish
	if calendar := e.calendar(ctx); calendar != nil {
		if due, err := dueAt(calendar, wish, now); err == nil {
			ev.Params[dueName] = due.UTC().Format(time.RFC3339)
		}
	}
}

// dueAt is when a wish is to be met. Errors: the desk is never open again.
func dueAt(c *worktime.Calendar, wish string, now time.Time) (time.Time, error) {
	local := now.In(c.Zone())
	at := now
	switch wish {
	case wishAfternoon:
		if noon := time.Date(local.Year(), local.Month(), local.Day(), afternoon, 0, 0, 0, c.Zone()); noon.After(at) {
			at = noon
		}
	case wishMorning:
		at = time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, c.Zone())
		opens, err := c.NextOpen(at)
		if err != nil {
			return at, err
		}
		day := opens.In(c.Zone())
		if nine := time.Date(day.Year(), day.Month(), day.Day(), morning, 0, 0, 0, c.Zone()); nine.After(opens) && c.IsOpen(nine) {
			opens = nine
		}
		return opens, nil
	}
	return c.NextOpen(at)
}

// afternoonLeft reports whether a caller can still be called this afternoon: it is
// not over, and the desk is open in what is left of it. Without hours the clock is
// not known either, and the choice stands.
func afternoonLeft(c *worktime.Calendar, now time.Time) bool {
	if c == nil {
		return true
	}
	local := now.In(c.Zone())
	due, err := dueAt(c, wishAfternoon, now)
	return err == nil && due.Before(time.Date(local.Year(), local.Month(), local.Day(), evening, 0, 0, 0, c.Zone()))
}

// calendar is when somebody is there; nil if nobody knows.
func (e *Endpoint) calendar(ctx context.Context) *worktime.Calendar {
	host := e.account.Host
	if host.Calendar == nil {
		return nil
	}
	c, err := host.Calendar(ctx)
	if err != nil {
		host.Log.WarnContext(ctx, "asking for business hours", "error", err)
		return nil
	}
	return c
}

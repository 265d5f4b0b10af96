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

// afternoon is when it begins, as an hour of the day.
const afternoon = 13

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
	}
	return c.NextOpen(at)
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

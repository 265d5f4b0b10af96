package insight

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Query chooses what to look at. Brand "" means all brands; From and To are
// local dates "2026-04-01" of the brand, both included, and may be empty.
type Query struct {
	BrandID  string
	From, To string
}

const (
	dateLayout = "2006-01-02"
	// defaultDays is how far back a period without a start reaches: twelve weeks.
	defaultDays = 84
	// maxDays is the longest period.
	maxDays = 5 * 366
)

// Period is a stretch of local days, and whose rows are looked at. Zone, Start
// and End are those of the brand, or of the oldest where all are looked at; every
// brand's rows are those of its own days.
type Period struct {
	BrandID  string // "": all
	From, To string // local dates, both included
	Zone     *time.Location
	Start    time.Time
	End      time.Time // not included

	brands []brand
}

// brand is what reports need to know of a brand.
type brand struct {
	id         string
	calendar   *worktime.Calendar
	basis      string    // what its stored days depend on
	start, end time.Time // of the period's days in its zone
}

// days are the brand's local days between two dates, both included.
func (b brand) days(first, last time.Time) []worktime.Bound {
	zone := b.calendar.Zone()
	return worktime.Days(zone, noon(first, zone), noon(last, zone).Add(time.Millisecond))
}

// noon of a date, which exists on every day of every zone.
func noon(date time.Time, zone *time.Location) time.Time {
	y, m, d := date.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, zone)
}

// span are the arguments that nearly every query begins with: the brand and the
// bounds of the period.
func (b brand) span() []any { return []any{b.id, b.start.UnixMilli(), b.end.UnixMilli()} }

// Resolve finds the instants of a period. With all brands today is that of the
// oldest brand. Errors: fault.Invalid with fields; fault.NotFound for an unknown
// brand.
func Resolve(ctx context.Context, tx *sqldb.Tx, q Query) (Period, error) {
	p := Period{BrandID: q.BrandID, Zone: time.UTC}
	var err error
	if p.brands, err = brandsOf(ctx, tx, q.BrandID); err != nil {
		return p, err
	}
	if q.BrandID != "" && len(p.brands) == 0 {
		return p, fault.New(fault.NotFound, "error.report.brand")
	}
	if len(p.brands) > 0 {
		p.Zone = p.brands[0].calendar.Zone()
	}
	var c fault.Check
	today := tx.Now.In(p.Zone)
	dates := dayReader{&c, p.Zone}
	last := dates.read("query.to", q.To, today)
	first := dates.read("query.from", q.From, last.AddDate(0, 0, 1-defaultDays))
	if c.Err() == nil {
		c.That(!first.After(last), "query.to", "error.report.order")
		c.That(first.AddDate(0, 0, maxDays).After(last), "query.from", "error.report.long", "days", maxDays)
	}
	if err := c.Err(); err != nil {
		return p, err
	}
	p.From, p.To = first.Format(dateLayout), last.Format(dateLayout)
	p.Start, p.End = edges(p.Zone, first, last)
	for i, b := range p.brands {
		p.brands[i].start, p.brands[i].end = edges(b.calendar.Zone(), first, last)
	}
	return p, nil
}

// edges are the beginning of one date and the end of another in a zone.
func edges(zone *time.Location, first, last time.Time) (start, end time.Time) {
	one, other := noon(first, zone), noon(last, zone)
	return worktime.Days(zone, one, one.Add(time.Millisecond))[0].Start, worktime.Days(zone, other, other.Add(time.Millisecond))[0].End
}

// dayReader reads local dates of a zone.
type dayReader struct {
	*fault.Check
	zone *time.Location
}

// read returns an instant of a local date, noon, which exists on every day; an
// empty one means otherwise's day.
func (d dayReader) read(path, s string, otherwise time.Time) time.Time {
	t := otherwise
	if s != "" {
		var err error
		t, err = time.ParseInLocation(dateLayout, s, d.zone)
		d.That(err == nil, path, "error.report.date")
	}
	return noon(t, d.zone)
}

func brandsOf(ctx context.Context, tx *sqldb.Tx, id string) ([]brand, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (b brand, err error) {
		var hours worktime.Hours
		if err := r.Scan(&b.id, &hours.Zone, sqldb.JSON{V: &hours}); err != nil {
			return b, err
		}
		if b.basis, err = basisOf(hours); err != nil {
			return b, err
		}
		b.calendar, err = hours.Calendar()
		return b, err
	}, `SELECT id, zone, hours FROM brand WHERE $1 = '' OR id = $1 ORDER BY created_at, id`, id)
}

package insight

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// Durations is one kind of waiting, as the clock goes and in business time.
type Durations struct{ Clock, Business Spread }

// Spread tells the median and the 90th percentile in seconds; nil without data.
type Spread struct {
	P50, P90 *float64
	N        int
}

// exactUpTo is how many values percentiles are computed from exactly; beyond, a
// sketch answers within one percent in constant memory.
const exactUpTo = 50_000

// pool gathers durations of a period.
type pool struct {
	values []float64
	sketch stat.Sketch
}

func (p *pool) add(d time.Duration) error {
	if len(p.values) <= exactUpTo {
		p.values = append(p.values, d.Seconds())
	}
	return p.sketch.Add(d.Seconds())
}

func (p *pool) spread() Spread {
	s := Spread{N: p.sketch.N()}
	at := func(q float64) *float64 {
		v, ok := stat.Percentile(p.values, q, stat.Type7)
		if s.N > exactUpTo {
			v, ok = p.sketch.Quantile(q)
		}
		if !ok {
			return nil
		}
		return &v
	}
	s.P50, s.P90 = at(0.5), at(0.9)
	return s
}

// begun is when a matter began: with the customer's first message, or, where we
// wrote first, with ours.
const begun = `CASE WHEN origin = 'customer' THEN COALESCE(first_customer_at, created_at) ELSE created_at END`

// Automatic mail is left out, and so are conversations that were merged away.
// Each is answered from one partial index alone, whose conditions it repeats.
const (
	firstResponseSQL = `SELECT first_customer_at, first_response_at FROM conversation
WHERE brand_id = $1 AND first_response_at >= $2 AND first_response_at < $3 AND first_response_at IS NOT NULL
	AND merged_into IS NULL AND NOT muted AND first_customer_at IS NOT NULL`
	resolutionSQL = `SELECT ` + begun + `, resolved_at FROM conversation
WHERE brand_id = $1 AND resolved_at >= $2 AND resolved_at < $3 AND resolved_at IS NOT NULL
	AND merged_into IS NULL AND NOT muted`
	firstResolutionSQL = `SELECT ` + begun + `, first_resolved_at FROM conversation
WHERE brand_id = $1 AND first_resolved_at >= $2 AND first_resolved_at < $3 AND first_resolved_at IS NOT NULL
	AND merged_into IS NULL AND NOT muted`
)

func (l *Loop) durations(ctx context.Context, tx *sqldb.Tx) error {
	for _, d := range []struct {
		query string
		into  *Durations
	}{{firstResponseSQL, &l.FirstResponse}, {resolutionSQL, &l.Resolution}, {firstResolutionSQL, &l.FirstResolution}} {
		var err error
		if *d.into, err = l.measure(ctx, tx, d.query); err != nil {
			return err
		}
	}
	return nil
}

func (p Period) measure(ctx context.Context, tx *sqldb.Tx, query string) (Durations, error) {
	var clock, business pool
	err := p.eachBrand(func(b brand) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var began, ended int64 // plain numbers: there may be a million rows
			if err := r.Scan(&began, &ended); err != nil {
				return err
			}
			from, to := time.UnixMilli(began).UTC(), time.UnixMilli(max(began, ended)).UTC()
			if err := clock.add(to.Sub(from)); err != nil {
				return err
			}
			return business.add(b.calendar.Between(from, to))
		}, query, p.span(b.id)...)
	})
	return Durations{Clock: clock.spread(), Business: business.spread()}, err
}

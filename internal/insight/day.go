package insight

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// tally is what the reports say of one local day of one brand.
type tally struct {
	scores [5]int // answers to satisfaction surveys, by score 1 to 5
	waits  [waitKinds]wait
}

// The kinds of waiting, in the order in which a tally has them.
const (
	firstResponse = iota
	resolution
	firstResolution
	waitKinds
)

// wait is one kind of waiting that ended on a day, by the clock and in business
// time. Of a day of few every value is kept, of one of many only the sketches.
type wait struct {
	n               int
	clock, business []int64 // milliseconds; nil where there are many
	sketches        [2]stat.Sketch
}

// dayExact is up to how many values of a day are kept one by one.
const dayExact = 600

func (w *wait) add(clock, business time.Duration) error {
	w.n++
	switch {
	case w.n <= dayExact:
		w.clock, w.business = append(w.clock, clock.Milliseconds()), append(w.business, business.Milliseconds())
		return nil
	case w.n == dayExact+1:
		if err := w.condense(); err != nil {
			return err
		}
	}
	if err := w.sketches[0].Add(clock.Seconds()); err != nil {
		return err
	}
	return w.sketches[1].Add(business.Seconds())
}

// condense puts the single values into the sketches.
func (w *wait) condense() error {
	for i, values := range [][]int64{w.clock, w.business} {
		for _, v := range values {
			if err := w.sketches[i].Add(seconds(v)); err != nil {
				return err
			}
		}
	}
	w.clock, w.business = nil, nil
	return nil
}

func seconds(milliseconds int64) float64 {
	return time.Duration(milliseconds * int64(time.Millisecond)).Seconds()
}

const dayScoresSQL = `SELECT score, COUNT(*) FROM response
WHERE brand_id = $1 AND kind = 'csat' AND answered_at >= $2 AND answered_at < $3 GROUP BY score`

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

// count makes the tally of a day from its rows. waits may be left out where only
// the scores matter.
func (b brand) count(ctx context.Context, tx *sqldb.Tx, day worktime.Bound, waits bool) (*tally, error) {
	t := &tally{}
	bounds := []any{b.id, day.Start.UnixMilli(), day.End.UnixMilli()}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var score, n int
		err := r.Scan(&score, &n)
		t.scores[score-1] = n
		return err
	}, dayScoresSQL, bounds...)
	if err != nil || !waits {
		return t, err
	}
	for i, query := range [waitKinds]string{firstResponseSQL, resolutionSQL, firstResolutionSQL} {
		err := tx.Each(ctx, func(r *sql.Rows) error {
			var began, ended int64
			if err := r.Scan(&began, &ended); err != nil {
				return err
			}
			from, to := time.UnixMilli(began).UTC(), time.UnixMilli(max(began, ended)).UTC()
			return t.waits[i].add(to.Sub(from), b.calendar.Between(from, to))
		}, query, bounds...)
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

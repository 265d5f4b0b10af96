package insight

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

const caseCountsSQL = `SELECT
	(SELECT COUNT(*) FROM recovery_case WHERE brand_id = $1 AND state <> 'closed'),
	(SELECT COUNT(*) FROM recovery_case WHERE brand_id = $1 AND state <> 'closed' AND due_at < $4),
	(SELECT COUNT(*) FROM recovery_case WHERE brand_id = $1 AND opened_at >= $2 AND opened_at < $3),
	(SELECT COUNT(*) FROM recovery_case WHERE brand_id = $1 AND closed_at >= $2 AND closed_at < $3),
	(SELECT COUNT(*) FROM recovery_case WHERE brand_id = $1 AND closed_at >= $2 AND closed_at < $3 AND outcome = 'recovered')`

func (l *Loop) caseCounts(ctx context.Context, tx *sqldb.Tx) error {
	recovered := 0
	err := l.eachBrand(func(b brand) error {
		var c CaseCounts
		var won int
		err := tx.QueryRow(ctx, caseCountsSQL, append(b.span(), tx.Now.UnixMilli())...).Scan(&c.Open, &c.Overdue, &c.Opened, &c.Closed, &won)
		l.Cases.Open += c.Open
		l.Cases.Overdue += c.Overdue
		l.Cases.Opened += c.Opened
		l.Cases.Closed += c.Closed
		recovered += won
		return err
	})
	if err == nil {
		l.Conservative = stat.Proportion(recovered, l.Cases.Closed, stat.Level95)
	}
	return err
}

// Not sorted by the database, which would walk the answers of all kinds for it.
const followUpsSQL = `SELECT link, score, answered_at, id FROM response
WHERE brand_id = $1 AND kind = 'follow-up' AND answered_at >= $2 AND answered_at < $3`

// followUp is an answer to a follow-up survey.
type followUp struct {
	score int
	at    int64
	id    string
}

func (l *Loop) recovery(ctx context.Context, tx *sqldb.Tx) error {
	last := map[string]followUp{} // by case: its latest answer counts
	err := l.eachBrand(func(b brand) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var link string
			var f followUp
			if err := r.Scan(&link, &f.score, &f.at, &f.id); err != nil {
				return err
			}
			if was := last[caseOf(link)]; was.at < f.at || was.at == f.at && was.id < f.id {
				last[caseOf(link)] = f
			}
			return nil
		}, followUpsSQL, b.span()...)
	})
	if err != nil {
		return err
	}
	won := 0
	for _, f := range last {
		if f.score >= satisfiedFrom {
			won++
		}
	}
	l.Recovery = stat.Proportion(won, len(last), stat.Level95)
	return nil
}

// caseOf returns the case that a follow-up survey's link names.
func caseOf(link string) string {
	id, _, _ := strings.Cut(link, "/")
	return id
}

const lifetimesSQL = `SELECT opened_at, confirmed_at, closed_at FROM recovery_case WHERE brand_id = $1 AND opened_at >= $2 AND opened_at < $3`

func (l *Loop) closing(ctx context.Context, tx *sqldb.Tx) error {
	var spans []stat.Lifetime
	err := l.eachBrand(func(b brand) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var opened, confirmed, closed time.Time
			if err := r.Scan(sqldb.At(&opened), sqldb.At(&confirmed), sqldb.At(&closed)); err != nil {
				return err
			}
			end := tx.Now
			switch {
			case !confirmed.IsZero():
				end = confirmed
			case !closed.IsZero():
				end = closed
			default:
				l.StillOpen++
			}
			spans = append(spans, stat.Lifetime{Time: hours(max(end.Sub(opened), 0)), Ended: !confirmed.IsZero()})
			return nil
		}, lifetimesSQL, b.span()...)
	})
	if err != nil {
		return err
	}
	curve, err := stat.KaplanMeier(spans, stat.Level95)
	l.TimeToClose = curve.Median()
	return err
}

const (
	causesSQL = `SELECT cause_category, COUNT(*) FROM recovery_case
WHERE brand_id = $1 AND opened_at >= $2 AND opened_at < $3 AND cause_category <> '' GROUP BY cause_category`
	// restCause stands last on the chart, whatever its count.
	restCause = "other"
)

func (l *Loop) causes(ctx context.Context, tx *sqldb.Tx) error {
	counts := map[string]int{}
	err := l.eachBrand(func(b brand) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var key string
			var n int
			if err := r.Scan(&key, &n); err != nil {
				return err
			}
			counts[key] += n
			l.CausesN += n
			return nil
		}, causesSQL, b.span()...)
	})
	if err != nil {
		return err
	}
	var bars []stat.Bar
	for key, n := range counts {
		bars = append(bars, stat.Bar{Key: key, Weight: float64(n), Rest: key == restCause})
	}
	l.Causes, err = stat.Pareto(bars, 0, restCause)
	return err
}

// The promises of the period are looked at, not all cases of the brand.
const promisesSQL = `SELECT p.state, COUNT(*) FROM promise p JOIN recovery_case c ON c.id = p.case_id
WHERE COALESCE(c.brand_id, '') = $1 AND p.due_at >= $2 AND p.due_at < $3 GROUP BY p.state`

func (l *Loop) promises(ctx context.Context, tx *sqldb.Tx) error {
	into := map[string]*int{"kept": &l.Promises.Kept, "broken": &l.Promises.Broken, "open": &l.Promises.Open}
	err := l.eachBrand(func(b brand) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var state string
			var n int
			if err := r.Scan(&state, &n); err != nil {
				return err
			}
			*into[state] += n
			return nil
		}, promisesSQL, b.span()...)
	})
	if err == nil {
		l.Promises.Rate = stat.Proportion(l.Promises.Kept, l.Promises.Kept+l.Promises.Broken, stat.Level95)
	}
	return err
}

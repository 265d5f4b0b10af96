package insight

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Points of a chart's baseline.
const (
	enoughPoints = 20 // from here on limits are firm
	leastPoints  = 12 // below, none are drawn
	// chartWeeks is how far back the chart reaches at least, whatever the period:
	// limits need a past.
	chartWeeks = 26
)

// WeekChart is satisfaction by ISO week in local time, on a Laney p′ chart. It
// ends with the period and reaches back half a year at least; its first and last
// week may be cut.
type WeekChart struct {
	Points      []WeekPoint
	Center      *float64
	SigmaZ      *float64
	Provisional bool // fewer weeks than a baseline needs
}

// WeekPoint is one week: k satisfied of n answers.
type WeekPoint struct {
	Name    string // local date of its Monday
	Start   time.Time
	End     time.Time
	N, K    int
	Value   *float64
	Lower   *float64
	Upper   *float64
	Center  *float64
	Signals []stat.Rule
}

// slot is the grain in which the database groups answers: every zone's midnight
// falls on a quarter of an hour.
const slot = 15 * time.Minute

const answersSQL = `SELECT answered_at / 900000, score, COUNT(*) FROM response
WHERE brand_id = $1 AND kind = 'csat' AND answered_at >= $2 AND answered_at < $3 GROUP BY 1, 2`

type slotCount struct {
	at    time.Time
	score int
	n     int
}

func (l *Loop) satisfaction(ctx context.Context, tx *sqldb.Tx) error {
	start := l.End.In(l.Zone).AddDate(0, 0, -7*chartWeeks)
	if l.Start.Before(start) {
		start = l.Start
	}
	weeks := worktime.Weeks(l.Zone, start, l.End)
	if !l.Start.Before(start) { // whole weeks, where the chart is only the past
		start = weeks[0].Start
	}
	var slots []slotCount
	err := l.eachBrand(func(b brand) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var s slotCount
			var n int64
			if err := r.Scan(&n, &s.score, &s.n); err != nil {
				return err
			}
			s.at = time.UnixMilli(n * slot.Milliseconds()).UTC()
			slots = append(slots, s)
			return nil
		}, answersSQL, b.id, start.UnixMilli(), l.End.UnixMilli())
	})
	if err != nil {
		return err
	}
	answers := stat.Answers{}
	for _, s := range slots {
		if !s.at.Before(l.Start) {
			answers[s.score] += s.n
		}
	}
	if l.CSAT, err = stat.TopBox(answers, len(l.Distribution), stat.Level95); err != nil {
		return err
	}
	for score, n := range answers {
		l.Distribution[score-1] = n
	}
	return l.chart(weeks, slots)
}

func (l *Loop) chart(weeks []worktime.Bound, slots []slotCount) error {
	points := make([]WeekPoint, len(weeks))
	for i, w := range weeks {
		points[i] = WeekPoint{Name: w.Name, Start: w.Start, End: w.End}
	}
	for _, s := range slots {
		for i := range points {
			if !s.at.Before(points[i].Start) && s.at.Before(points[i].End) {
				points[i].N += s.n
				if s.score >= satisfiedFrom {
					points[i].K += s.n
				}
				break
			}
		}
	}
	for len(points) > 0 && points[0].N == 0 && points[0].End.Before(l.Start) {
		points = points[1:] // the time before the first answer is no part of the past
	}
	counted := make([]stat.Counted, len(points))
	full := 0
	for i, p := range points {
		counted[i] = stat.Counted{Count: float64(p.K), Size: float64(p.N)}
		if p.N > 0 {
			full++
		}
	}
	chart, err := stat.PPrime(counted, stat.Plan{})
	if err != nil {
		return err
	}
	l.Weeks = WeekChart{Points: points, Provisional: full < enoughPoints}
	for i, p := range chart.Points {
		points[i].Value, points[i].Center = p.Value, p.Center
		if full >= leastPoints {
			points[i].Lower, points[i].Upper, points[i].Signals = p.Lower, p.Upper, p.Signals
		}
	}
	if full > 0 && len(chart.Phases) > 0 {
		basis := chart.Phases[0].Basis
		l.Weeks.Center = &basis.Center
		if full >= leastPoints {
			l.Weeks.SigmaZ = &basis.Spread
		}
	}
	return nil
}

// satisfiedFrom is the lowest satisfied answer on the scale of five.
const satisfiedFrom = 4

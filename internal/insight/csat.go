package insight

import (
	"context"
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

// satisfaction counts the answers of the period, and those of the weeks before
// it that the chart reaches back to; it also keeps the period's tallies.
func (l *Loop) satisfaction(ctx context.Context, tx *sqldb.Tx) error {
	start := l.End.In(l.Zone).AddDate(0, 0, -7*chartWeeks)
	if l.Start.Before(start) {
		start = l.Start
	}
	weeks := worktime.Weeks(l.Zone, start, l.End)
	if !l.Start.Before(start) { // whole weeks, where the chart is only the past
		start = weeks[0].Start
	}
	points, at := make([]WeekPoint, len(weeks)), map[string]*WeekPoint{}
	for i, w := range weeks {
		points[i] = WeekPoint{Name: w.Name, Start: w.Start, End: w.End}
		at[w.Name] = &points[i]
	}
	answers := stat.Answers{}
	err := l.eachBrand(func(b brand) error {
		days := b.days(start.In(l.Zone), l.End.Add(-time.Millisecond).In(l.Zone))
		tallies, err := b.stored(ctx, tx, days, l.From)
		if err != nil {
			return err
		}
		for i, t := range tallies {
			point := at[mondayOf(days[i].Name)]
			inside := days[i].Name >= l.From
			if inside {
				l.tallies = append(l.tallies, t)
			}
			for score, n := range t.scores {
				if inside && n > 0 {
					answers[score+1] += n
				}
				point.N += n
				if score+1 >= satisfiedFrom {
					point.K += n
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.CSAT, err = stat.TopBox(answers, len(l.Distribution), stat.Level95); err != nil {
		return err
	}
	for score, n := range answers {
		l.Distribution[score-1] = n
	}
	return l.chart(points)
}

const repeatedSQL = `SELECT COUNT(*), COUNT(*) FILTER (WHERE repeated) FROM response
WHERE brand_id = $1 AND repeated IS NOT NULL AND answered_at >= $2 AND answered_at < $3`

// repeated counts who had to tell the same thing again.
func (l *Loop) repeated(ctx context.Context, tx *sqldb.Tx) error {
	said, again := 0, 0
	err := l.eachBrand(func(b brand) error {
		var n, k int
		err := tx.QueryRow(ctx, repeatedSQL, b.span()...).Scan(&n, &k)
		said, again = said+n, again+k
		return err
	})
	l.Repeated = stat.Proportion(again, said, stat.Level95)
	return err
}

// mondayOf names the week of a date.
func mondayOf(name string) string {
	d, err := time.Parse(dateLayout, name)
	if err != nil {
		return ""
	}
	return d.AddDate(0, 0, -(int(d.Weekday())+6)%7).Format(dateLayout)
}

func (l *Loop) chart(points []WeekPoint) error {
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

package insight

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// Loop is the report of one brand, or all, and one period.
type Loop struct {
	Period
	CSAT         stat.Estimate // share of answers 4 and 5, a fraction, with its Wilson interval
	Distribution [5]int        // answers by score, 1 to 5
	Weeks        WeekChart
	// Repeated: of the answers that said whether something had to be told again,
	// those that had to. Fewer is better.
	Repeated stat.Estimate
	// FirstResponse: from the customer's first message to the first public answer
	// by a person, of conversations answered in the period.
	FirstResponse Durations
	// Resolution: from the beginning of a conversation to its last resolution,
	// where that lies in the period; FirstResolution: to its first one.
	Resolution      Durations
	FirstResolution Durations
	Cases           CaseCounts
	// Recovery: of the cases whose customer answered a follow-up survey in the
	// period, those whose last answer there was 4 or 5.
	Recovery stat.Estimate
	// Conservative: of all cases closed in the period, those recovered; whoever
	// did not answer counts as not recovered.
	Conservative stat.Estimate
	// TimeToClose: hours from the opening of a case in the period until the
	// customer's own answer closed it. Cases still open, and those closed without
	// such an answer, are censored, not left out.
	TimeToClose stat.Passage
	StillOpen   int // of the cases opened in the period
	Causes      []stat.ParetoBar
	CausesN     int // cases opened in the period whose cause is known
	Promises    PromiseCounts

	tallies []*tally // the days of the period, of every brand
}

// CaseCounts are the cases as they stand now, and what happened to them in the
// period.
type CaseCounts struct {
	Open, Overdue  int // now
	Opened, Closed int // in the period
}

// PromiseCounts are the promises due in the period. Open ones are not due yet.
type PromiseCounts struct {
	Kept, Broken, Open int
	Rate               stat.Estimate // kept of kept and broken
}

// Report computes the Loop of a period.
func Report(ctx context.Context, tx *sqldb.Tx, q Query) (Loop, error) {
	p, err := Resolve(ctx, tx, q)
	l := Loop{Period: p}
	if err != nil {
		return l, err
	}
	for _, part := range []func(context.Context, *sqldb.Tx) error{l.satisfaction, l.repeated, l.durations, l.caseCounts, l.recovery, l.closing, l.causes, l.promises} {
		if err := part(ctx, tx); err != nil {
			return l, err
		}
	}
	return l, nil
}

// eachBrand runs fn for every brand of the period.
func (p Period) eachBrand(fn func(b brand) error) error {
	for _, b := range p.brands {
		if err := fn(b); err != nil {
			return err
		}
	}
	return nil
}

// hours is a duration as a report shows it.
func hours(d time.Duration) float64 { return d.Hours() }

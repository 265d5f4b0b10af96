package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Runs is the outcome of [RunTest].
type Runs struct {
	Useful       int  `json:"useful"`        // points not exactly on the centre line
	Longest      int  `json:"longest"`       // length of the longest run on one side
	LongestMax   int  `json:"longest_max"`   // more than this is a signal
	Crossings    int  `json:"crossings"`     // times the line from point to point crosses the centre
	CrossingsMin int  `json:"crossings_min"` // fewer than this is a signal
	Signal       bool `json:"signal"`
}

// RunTest applies the run rules of Anhøj and Olesen (PLoS ONE 9(11): e113825,
// 2014) to values around a centre, usually their median: a process has shifted
// when the longest run exceeds round(log₂ n)+3, or when there are fewer
// crossings than the 5 % quantile of a binomial with n−1 trials and
// probability ½. Points exactly on the centre are left out and end no run.
// Fewer than two useful points give no signal.
func RunTest(values []float64, centre float64) Runs {
	var r Runs
	run, last := 0, 0
	for _, v := range values {
		s := sign(v - centre)
		if s == 0 {
			continue
		}
		if r.Useful > 0 && s != last {
			r.Crossings++
			run = 0
		}
		r.Useful++
		run++
		last = s
		r.Longest = max(r.Longest, run)
	}
	if r.Useful < 2 {
		return r
	}
	r.LongestMax = int(math.RoundToEven(math.Log2(float64(r.Useful)))) + 3
	r.CrossingsMin = halfBinomialQuantile(0.05, r.Useful-1)
	r.Signal = r.Longest > r.LongestMax || r.Crossings < r.CrossingsMin
	return r
}

// RunChart is [RunTest] around the median of the values, which it returns
// first; ok is false without values.
func RunChart(values []float64) (median float64, r Runs, ok bool) {
	median, ok = Median(values)
	if !ok {
		return 0, Runs{}, false
	}
	return median, RunTest(values, median), true
}

// halfBinomialQuantile returns the smallest k with P(X ≤ k) ≥ p for X the
// number of heads in n throws of a fair coin.
func halfBinomialQuantile(p float64, n int) int {
	b := distuv.Binomial{N: float64(n), P: 0.5}
	lo, hi := 0, n
	for lo < hi {
		mid := (lo + hi) / 2
		if b.CDF(float64(mid)) >= p {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

package stat

import "math"

// Unit says how a value is to be read.
type Unit string

// The units. Shares and net scores are kept as fractions; a reader sees them
// multiplied by 100.
const (
	Share Unit = "share" // part of a whole, 0…1
	Net   Unit = "net"   // good minus bad, −1…1
	Score Unit = "score" // mean of answers, on the scale of the question
	Plain Unit = "plain" // mean of measurements, in their own unit
)

// Estimate is a figure with all that is needed to judge it. Value is nil when
// there is nothing to divide by, and Interval is nil when the data cannot bear
// one; both are then shown as "—", never as 0.
type Estimate struct {
	Value       *float64  `json:"value"`
	Unit        Unit      `json:"unit"`
	N           int       `json:"n"` // answers or cases behind the value
	Numerator   float64   `json:"numerator"`
	Denominator float64   `json:"denominator"`
	Interval    *Interval `json:"interval"`
}

// Get returns the value, and false when there is none.
func (e Estimate) Get() (float64, bool) {
	if e.Value == nil {
		return 0, false
	}
	return *e.Value, true
}

// Proportion returns k of n with its [Wilson] interval. With n = 0 it has
// neither value nor interval. It panics unless 0 ≤ k ≤ n.
func Proportion(k, n int, level float64) Estimate {
	iv := Wilson(k, n, level)
	e := Estimate{Unit: Share, N: n, Numerator: float64(k), Denominator: float64(n)}
	if n == 0 {
		return e
	}
	p := float64(k) / float64(n)
	e.Value, e.Interval = &p, &iv
	return e
}

// Mean returns the arithmetic mean with Student's interval
// x̄ ± t(n−1)·s/√n (NIST 7.2.2.1). One value has a mean but no interval.
func Mean(xs []float64, level float64) Estimate {
	var sum float64
	for _, x := range xs {
		sum += x
	}
	n := len(xs)
	if n == 0 {
		return Estimate{Unit: Plain}
	}
	mean := sum / float64(n)
	var ss float64
	for _, x := range xs {
		ss += (x - mean) * (x - mean)
	}
	return meanOf(Plain, n, sum, ss, level)
}

// meanOf builds a mean from the sum and the sum of squared deviations.
func meanOf(unit Unit, n int, sum, ss, level float64) Estimate {
	e := Estimate{Unit: unit, N: n, Numerator: sum, Denominator: float64(n)}
	if n == 0 {
		return e
	}
	mean := sum / float64(n)
	e.Value = &mean
	if n > 1 {
		half := tTwoSided(level, float64(n-1)) * math.Sqrt(ss/float64(n-1)/float64(n))
		e.Interval = &Interval{Low: mean - half, High: mean + half, Level: level}
	}
	return e
}

// Weight says how much may be read into a figure from n answers.
type Weight string

// The weights and their borders. Segments are ranked only when Solid.
const (
	CountsOnly Weight = "counts" // n < 10: show the counts, no rate
	Few        Weight = "few"    // 10 ≤ n < 30: show the rate with its interval and a mark
	Solid      Weight = "solid"  // n ≥ 30

	fewFrom, solidFrom = 10, 30
)

// WeightOf returns how much may be read into a figure from n answers.
func WeightOf(n int) Weight {
	switch {
	case n < fewFrom:
		return CountsOnly
	case n < solidFrom:
		return Few
	}
	return Solid
}

// Round rounds half away from zero to the given number of decimals. It is the
// one rounding rule of the product, for showing only, never for keeping.
func Round(x float64, decimals int) float64 {
	f := math.Pow10(decimals)
	if math.IsInf(x*f, 0) || math.IsNaN(x) {
		return x
	}
	return math.Round(x*f) / f
}

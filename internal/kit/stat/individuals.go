package stat

import (
	"fmt"
	"math"
)

// Measured is one period of a chart of measurements.
type Measured struct {
	Value    float64
	Missing  bool   // no measurement in this period: a gap
	Excluded string // a note; if set, the point is drawn but sets no limits and is not tested
}

// Series wraps plain values, one a period.
func Series(values ...float64) []Measured {
	out := make([]Measured, len(values))
	for i, v := range values {
		out[i].Value = v
	}
	return out
}

const (
	rangeLimit = 3.267 // D4 for ranges of two: the moving range's upper limit in MR̄
	tPower     = 3.6   // Nelson (1994): y^(1/3.6) makes waiting times nearly normal
)

// XmR draws a chart of individual values and their moving ranges:
// x̄ ± 3·MR̄/1.128, ranges up to 3.267·MR̄ (NIST 6.3.2.2). Gaps and excluded
// points are stepped over by the ranges.
func XmR(data []Measured, plan Plan) (Chart, error) {
	m, err := measuredModel(KindXmR, data, math.Inf(-1), func(v float64) float64 { return v })
	if err != nil {
		return Chart{}, err
	}
	m.ranges = true
	m.individuals()
	return m.chart(plan)
}

// XmRLog draws an XmR chart of the logarithms and shows it on the original
// scale, for skewed positive figures such as median durations. A value of 0
// or less is an error.
func XmRLog(data []Measured, plan Plan) (Chart, error) {
	for i, d := range data {
		if !d.Missing && d.Value <= 0 {
			return Chart{}, fmt.Errorf("stat: point %d is %v and has no logarithm", i, d.Value)
		}
	}
	m, err := measuredModel(KindXmRLog, data, 0, math.Log)
	if err != nil {
		return Chart{}, err
	}
	m.show = math.Exp
	m.individuals()
	return m.chart(plan)
}

// T draws a chart of times between rare events: XmR limits on y^(1/3.6),
// shown on the original scale. The lower limit never falls below 0.
// Source: Nelson (1994), J. Quality Technology 26:239.
func T(data []Measured, plan Plan) (Chart, error) {
	m, err := measuredModel(KindT, data, 0, func(v float64) float64 { return math.Pow(v, 1/tPower) })
	if err != nil {
		return Chart{}, err
	}
	m.show = func(x float64) float64 { return math.Pow(max(x, 0), tPower) }
	m.individuals()
	return m.chart(plan)
}

// G draws a chart of numbers of cases (or days) between rare events, which
// are geometric: limits ḡ ± 3√(ḡ(ḡ+1)), centre line at the median. Rules with
// σ zones do not fit it and are refused. Source: Benneyan (2001), Health Care
// Management Science 4:305.
func G(data []Measured, plan Plan) (Chart, error) {
	m, err := measuredModel(KindG, data, 0, func(v float64) float64 { return v })
	if err != nil {
		return Chart{}, err
	}
	m.fit = func(at []int) Basis {
		median, _ := Median(m.pick(at)) // fit is called with at least one point
		return Basis{Center: median, Mean: m.mean(at), Spread: 1}
	}
	m.sigma = func(_ int, b Basis) float64 { return math.Sqrt(b.Mean * (b.Mean + 1)) }
	return m.chart(plan)
}

// EWMA draws an exponentially weighted moving average
// z(t) = λx(t) + (1−λ)z(t−1), started at the mean of the baseline, with limits
// x̄ ± 3s√(λ/(2−λ)) (NIST 6.3.2.4). It finds small lasting shifts; its points
// depend on one another, so only a point outside the limits is a signal.
// λ lies above 0 and at most at 1.
func EWMA(data []Measured, lambda float64, plan Plan) (Chart, error) {
	if !(lambda > 0 && lambda <= 1) {
		return Chart{}, fmt.Errorf("%w: weight λ of %v", ErrPlan, lambda)
	}
	m, err := measuredModel(KindEWMA, data, math.Inf(-1), func(v float64) float64 { return v })
	if err != nil {
		return Chart{}, err
	}
	m.fit = func(at []int) Basis {
		mean, ss := m.mean(at), 0.0
		for _, i := range at {
			ss += (m.x[i] - mean) * (m.x[i] - mean)
		}
		return Basis{Center: mean, Mean: mean, Spread: math.Sqrt(ss / float64(max(len(at)-1, 1)))}
	}
	m.path = func(at []int, b Basis) {
		z := b.Mean
		for _, i := range at {
			z = lambda*m.x[i] + (1-lambda)*z
			m.x[i] = z
		}
	}
	m.sigma = func(_ int, b Basis) float64 { return b.Spread * math.Sqrt(lambda/(2-lambda)) }
	return m.chart(plan)
}

// measuredModel reads measurements, refusing those below low.
func measuredModel(kind Kind, data []Measured, low float64, scale func(float64) float64) (*reckoning, error) {
	m := newModel(kind, len(data))
	m.low = low
	for i, d := range data {
		m.size[i], m.note[i], m.gap[i] = 1, d.Excluded, d.Missing
		if d.Missing {
			m.size[i] = 0
			continue
		}
		if math.IsNaN(d.Value) || math.IsInf(d.Value, 0) || d.Value < low {
			return nil, fmt.Errorf("stat: point %d is %v", i, d.Value)
		}
		m.x[i] = scale(d.Value)
	}
	return m, nil
}

// individuals sets limits from the mean moving range.
func (m *reckoning) individuals() {
	m.fit = func(at []int) Basis {
		mean, sum := m.mean(at), 0.0
		for k := 1; k < len(at); k++ {
			sum += math.Abs(m.x[at[k]] - m.x[at[k-1]])
		}
		return Basis{Center: mean, Mean: mean, Spread: sum / float64(max(len(at)-1, 1)) / d2}
	}
	m.sigma = func(_ int, b Basis) float64 { return b.Spread }
}

// drawRanges fills in the moving ranges of an XmR chart.
func (m *reckoning) drawRanges(points []Point, usable []int, ph *Phase) {
	mean := ph.Basis.Spread * d2
	limit := rangeLimit * mean
	ph.MeanRange, ph.RangeLimit = &mean, &limit
	for k := 1; k < len(usable); k++ {
		r := math.Abs(m.x[usable[k]] - m.x[usable[k-1]])
		points[usable[k]].Range = &r
	}
}

func (m *reckoning) pick(at []int) []float64 {
	out := make([]float64, len(at))
	for k, i := range at {
		out[k] = m.x[i]
	}
	return out
}

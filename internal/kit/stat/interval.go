package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Level95 is the confidence level the product uses unless told otherwise.
const Level95 = 0.95

// Interval is a two-sided confidence interval at the given level.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// Contains reports whether x lies in the interval, ends included.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

// Wilson returns the score interval of Wilson (1927) for k successes in n:
//
//	(p̂ + z²/2n ± z√(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n)
//
// clipped to [0,1]; k = 0 gives exactly 0 as lower end and k = n exactly 1 as
// upper end. n = 0 tells nothing, so the interval is the whole of [0,1].
// It panics unless 0 ≤ k ≤ n. Source: NIST/SEMATECH e-Handbook 7.2.4.1.
func Wilson(k, n int, level float64) Interval {
	mustCount(k, n)
	z := zTwoSided(level)
	if n == 0 {
		return Interval{Low: 0, High: 1, Level: level}
	}
	nf := float64(n)
	p := float64(k) / nf
	centre := p + z*z/(2*nf)
	half := z * math.Sqrt(p*(1-p)/nf+z*z/(4*nf*nf))
	iv := Interval{Low: (centre - half) / (1 + z*z/nf), High: (centre + half) / (1 + z*z/nf), Level: level}
	// At the ends the formula is exact on paper and one bit off in floating point.
	iv.Low, iv.High = min(max(iv.Low, 0), p), max(min(iv.High, 1), p)
	if k == 0 {
		iv.Low = 0
	}
	if k == n {
		iv.High = 1
	}
	return iv
}

// Difference compares two proportions or two scores.
type Difference struct {
	Value    *float64  `json:"value"` // first − second; nil when either side has no data
	First    Estimate  `json:"first"`
	Second   Estimate  `json:"second"`
	Interval *Interval `json:"interval"`
}

// Clear reports whether the interval leaves zero out: the two sides differ by
// more than chance explains at that level.
func (d Difference) Clear() bool { return d.Interval != nil && !d.Interval.Contains(0) }

// NewcombeDiff returns k1/n1 − k2/n2 with the hybrid score interval (method 10)
// of Newcombe (1998), Statistics in Medicine 17:873:
//
//	low  = d − √((p₁−l₁)² + (u₂−p₂)²)
//	high = d + √((u₁−p₁)² + (p₂−l₂)²)
//
// with l, u the Wilson limits of each side.
func NewcombeDiff(k1, n1, k2, n2 int, level float64) Difference {
	d := Difference{First: Proportion(k1, n1, level), Second: Proportion(k2, n2, level)}
	p1, ok1 := d.First.Get()
	p2, ok2 := d.Second.Get()
	if !ok1 || !ok2 {
		return d
	}
	a, b := d.First.Interval, d.Second.Interval
	diff := p1 - p2
	d.Value = &diff
	d.Interval = &Interval{
		Low:   diff - math.Hypot(p1-a.Low, b.High-p2),
		High:  diff + math.Hypot(a.High-p1, p2-b.Low),
		Level: level,
	}
	return d
}

// zTwoSided returns the normal quantile that leaves (1−level)/2 on each side.
func zTwoSided(level float64) float64 {
	return distuv.UnitNormal.Quantile(tail(level))
}

// tTwoSided is zTwoSided for Student's t with df degrees of freedom.
func tTwoSided(level, df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(tail(level))
}

func tail(level float64) float64 {
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("stat: confidence level %v is not between 0 and 1", level))
	}
	return 1 - (1-level)/2
}

func mustCount(k, n int) {
	if n < 0 || k < 0 || k > n {
		panic(fmt.Sprintf("stat: %d of %d is no proportion", k, n))
	}
}

package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Lifetime is one observed span, in any unit. Ended false means it was still
// going on when last seen (right-censored): an open case, a present customer.
type Lifetime struct {
	Time  float64
	Ended bool
}

// Step is one time at which something ended.
type Step struct {
	Time     float64 `json:"time"`
	AtRisk   int     `json:"at_risk"`
	Ended    int     `json:"ended"`
	Survival float64 `json:"survival"` // share still going on after Time
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Curve is a Kaplan–Meier estimate.
type Curve struct {
	Steps []Step  `json:"steps"`
	N     int     `json:"n"`
	Ended int     `json:"ended"`
	Level float64 `json:"level"`
}

// KaplanMeier estimates the share still going on by time, open cases
// included: S(t) = Π(1 − dᵢ/nᵢ). Averaging only finished cases would flatter
// the result. Limits come from Greenwood's variance on the log scale,
// S·exp(±z·√Σ dᵢ/(nᵢ(nᵢ−dᵢ))), clipped to [0,1], as R's survfit gives them.
// At equal times endings come before censorings. A negative or non-finite
// time is an error. Source: Kaplan and Meier (1958), JASA 53:457.
func KaplanMeier(spans []Lifetime, level float64) (Curve, error) {
	z := zTwoSided(level)
	c := Curve{N: len(spans), Level: level}
	s := slices.Clone(spans)
	slices.SortFunc(s, func(a, b Lifetime) int { return cmp.Compare(a.Time, b.Time) })
	survival, variance := 1.0, 0.0
	for i := 0; i < len(s); {
		t, risk, ended := s[i].Time, len(s)-i, 0
		if !(t >= 0) || math.IsInf(t, 0) {
			return Curve{}, fmt.Errorf("stat: a lifetime of %v", t)
		}
		for ; i < len(s) && s[i].Time == t; i++ {
			if s[i].Ended {
				ended++
			}
		}
		if ended == 0 {
			continue
		}
		c.Ended += ended
		survival *= 1 - float64(ended)/float64(risk)
		step := Step{Time: t, AtRisk: risk, Ended: ended, Survival: survival}
		if risk > ended { // at S = 0 the variance is undefined and the limits stay 0
			variance += float64(ended) / (float64(risk) * float64(risk-ended))
			f := math.Exp(z * math.Sqrt(variance))
			step.Low, step.High = survival/f, min(survival*f, 1)
		}
		c.Steps = append(c.Steps, step)
	}
	return c, nil
}

// At returns the estimated share still going on at time t.
func (c Curve) At(t float64) float64 {
	share := 1.0
	for _, s := range c.Steps {
		if s.Time > t {
			break
		}
		share = s.Survival
	}
	return share
}

// Passage is the time by which a given share has ended. A nil field means
// that the data do not reach so far yet: not "0", and not "never".
type Passage struct {
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	N     int      `json:"n"`
	Ended int      `json:"ended"`
	Level float64  `json:"level"`
}

// Quantile returns the first time at which at least share q (0 < q < 1) has
// ended, with the interval of Brookmeyer and Crowley (1982): the times at
// which the curve's limits cross the same height.
func (c Curve) Quantile(q float64) Passage {
	if !(q > 0 && q < 1) {
		panic(fmt.Sprintf("stat: quantile %v is not between 0 and 1", q))
	}
	const slack = 1e-9 // S is a product of fractions; ½ may come out a bit above ½
	p := Passage{N: c.N, Ended: c.Ended, Level: c.Level}
	height := 1 - q + slack
	for i := range c.Steps {
		s := &c.Steps[i]
		if p.Low == nil && s.Low <= height {
			p.Low = &s.Time
		}
		if p.Value == nil && s.Survival <= height {
			p.Value = &s.Time
		}
		if p.High == nil && s.High <= height {
			p.High = &s.Time
		}
	}
	return p
}

// Median returns the time by which half has ended; see [Curve.Quantile].
func (c Curve) Median() Passage { return c.Quantile(0.5) }

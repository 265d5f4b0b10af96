package stat

import "math"

// Promotion is a Net Promoter Score with its parts. Value and the interval are
// fractions from −1 to 1; a reader sees whole points, −100 to 100.
type Promotion struct {
	Estimate
	Promoters  int `json:"promoters"`  // answered 9 or 10
	Passives   int `json:"passives"`   // answered 7 or 8
	Detractors int `json:"detractors"` // answered 0 to 6

	Variance   float64 `json:"variance"`    // p̂ + d̂ − (p̂−d̂)², 0 without answers
	SE         float64 `json:"se"`          // √(Variance/n)
	Adjusted   float64 `json:"adjusted"`    // centre of the interval
	AdjustedSE float64 `json:"adjusted_se"` // standard error of the adjusted score
}

// NPS scores the answers 0 to 10 to "how likely are you to recommend us".
// An answer outside 0…10 is a [ScoreError].
func NPS(a Answers, level float64) (Promotion, error) {
	if err := a.check(0, 10); err != nil {
		return Promotion{Estimate: Estimate{Unit: Net}}, err
	}
	return NPSOf(a.between(9, 10), a.between(7, 8), a.between(0, 6), level), nil
}

// NPSOf scores counted groups. The point estimate is (P−D)/n; its interval is
// the adjusted Wald interval of Rocks (2016), the best of six compared there
// and confirmed by Lewis and Sauro (2021):
//
//	n* = n+3, P* = P+¾, D* = D+¾, N* = (P*−D*)/n*
//	SE* = √((P*+D*)/n* − N*²)/√n*,  N* ± z·SE*, clipped to [−1,1]
//
// It panics on a negative count.
func NPSOf(promoters, passives, detractors int, level float64) Promotion {
	n := promoters + passives + detractors
	mustCount(min(promoters, passives, detractors), n)
	z := zTwoSided(level)
	s := Promotion{
		Estimate: Estimate{Unit: Net, N: n, Numerator: float64(promoters - detractors), Denominator: float64(n)},

		Promoters: promoters, Passives: passives, Detractors: detractors,
	}
	if n == 0 {
		return s
	}
	nf := float64(n)
	p, d := float64(promoters)/nf, float64(detractors)/nf
	net := (float64(promoters) - float64(detractors)) / nf
	s.Value = &net
	s.Variance = max(p+d-net*net, 0)
	s.SE = math.Sqrt(s.Variance / nf)

	na, pa, da := nf+3, float64(promoters)+0.75, float64(detractors)+0.75
	s.Adjusted = (pa - da) / na
	s.AdjustedSE = math.Sqrt((pa+da)/na-s.Adjusted*s.Adjusted) / math.Sqrt(na)
	half := z * s.AdjustedSE
	s.Interval = &Interval{Low: max(s.Adjusted-half, -1), High: min(s.Adjusted+half, 1), Level: level}
	return s
}

// NPSDiff returns a − b with the adjusted Wald interval of a difference: the
// adjusted scores apart, ± z·√(SE₁*² + SE₂*²), clipped to [−2,2].
func NPSDiff(a, b Promotion, level float64) Difference {
	d := Difference{First: a.Estimate, Second: b.Estimate}
	va, oka := a.Get()
	vb, okb := b.Get()
	if !oka || !okb {
		return d
	}
	diff := va - vb
	half := zTwoSided(level) * math.Hypot(a.AdjustedSE, b.AdjustedSE)
	centre := a.Adjusted - b.Adjusted
	d.Value = &diff
	d.Interval = &Interval{Low: max(centre-half, -2), High: min(centre+half, 2), Level: level}
	return d
}

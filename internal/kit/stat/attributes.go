package stat

import (
	"fmt"
	"math"
)

// Counted is one period of a chart of counts: Count events among Size cases,
// or per Size units of exposure. A period of size 0 is a gap.
type Counted struct {
	Count, Size float64
	Excluded    string // a note; if set, the point is drawn but sets no limits and is not tested
}

// d2 is the mean range of two normal values in σ.
const d2 = 1.128

// P draws a p chart of proportions: p̄ ± 3√(p̄(1−p̄)/nᵢ), p̄ pooled (NIST
// 6.3.3.2). With large n it cries wolf; [PPrime] does not.
func P(data []Counted, plan Plan) (Chart, error) { return proportions(KindP, data, plan) }

// PPrime draws the p′ chart of Laney (2002, Quality Engineering 14:531):
// p̄ ± 3·σᵢ·σ_z with zᵢ = (pᵢ−p̄)/σᵢ and σ_z = mean|zᵢ−zᵢ₋₁|/1.128. It is a p
// chart whose limits learn the true variation between periods; without any
// beyond chance the two agree.
func PPrime(data []Counted, plan Plan) (Chart, error) { return proportions(KindPPrime, data, plan) }

// U draws a u chart of counts per exposure: ū ± 3√(ū/nᵢ).
func U(data []Counted, plan Plan) (Chart, error) { return rates(KindU, data, plan) }

// UPrime draws Laney's u′ chart: a u chart with σᵢ widened by σ_z, see [PPrime].
func UPrime(data []Counted, plan Plan) (Chart, error) { return rates(KindUPrime, data, plan) }

// C draws a c chart of counts over equal exposures, c̄ ± 3√c̄ (NIST 6.3.3.1).
// Size only tells gaps (0) from periods.
func C(data []Counted, plan Plan) (Chart, error) {
	m, err := countModel(KindC, data, math.Inf(1))
	if err != nil {
		return Chart{}, err
	}
	for i, d := range data {
		m.x[i] = d.Count
	}
	m.fit = func(at []int) Basis {
		mean := m.mean(at)
		return Basis{Center: mean, Mean: mean, Spread: 1}
	}
	m.sigma = func(_ int, b Basis) float64 { return math.Sqrt(b.Mean) }
	return m.chart(plan)
}

func proportions(kind Kind, data []Counted, plan Plan) (Chart, error) {
	m, err := countModel(kind, data, 1)
	if err != nil {
		return Chart{}, err
	}
	m.pooled(data, kind == KindPPrime, func(mean, n float64) float64 {
		return math.Sqrt(max(mean*(1-mean), 0) / n)
	})
	return m.chart(plan)
}

func rates(kind Kind, data []Counted, plan Plan) (Chart, error) {
	m, err := countModel(kind, data, math.Inf(1))
	if err != nil {
		return Chart{}, err
	}
	m.pooled(data, kind == KindUPrime, func(mean, n float64) float64 { return math.Sqrt(mean / n) })
	return m.chart(plan)
}

// countModel reads counted data; highest is the largest possible quotient.
func countModel(kind Kind, data []Counted, highest float64) (*reckoning, error) {
	m := newModel(kind, len(data))
	m.low, m.high = 0, highest
	for i, d := range data {
		bad := !(d.Count >= 0) || !(d.Size >= 0) || math.IsInf(d.Count, 0) || math.IsInf(d.Size, 0) ||
			(d.Size == 0 && d.Count > 0) || (highest == 1 && d.Count > d.Size)
		if bad {
			return nil, fmt.Errorf("stat: point %d counts %v of %v", i, d.Count, d.Size)
		}
		m.size[i], m.note[i], m.gap[i] = d.Size, d.Excluded, d.Size == 0
	}
	return m, nil
}

// pooled makes a chart of quotients around their pooled mean, with the
// textbook σ, widened by σ_z if prime.
func (m *reckoning) pooled(data []Counted, prime bool, sigma func(mean, n float64) float64) {
	for i, d := range data {
		if !m.gap[i] {
			m.x[i] = d.Count / d.Size
		}
	}
	m.fit = func(at []int) Basis {
		var count, size float64
		for _, i := range at {
			count, size = count+data[i].Count, size+data[i].Size
		}
		b := Basis{Mean: count / size, Center: count / size, Spread: 1}
		if prime {
			b.Spread = m.sigmaZ(at, b.Mean, sigma)
		}
		return b
	}
	m.sigma = func(i int, b Basis) float64 { return sigma(b.Mean, m.size[i]) * b.Spread }
}

// sigmaZ is Laney's σ_z. A baseline without any variation (one point, all
// points equal, all at 0 or 1) tells nothing about it, and the textbook
// limits hold: σ_z = 1.
func (m *reckoning) sigmaZ(at []int, mean float64, sigma func(mean, n float64) float64) float64 {
	var sum, last float64
	for k, i := range at {
		s := sigma(mean, m.size[i])
		if s == 0 {
			return 1
		}
		z := (m.x[i] - mean) / s
		if k > 0 {
			sum += math.Abs(z - last)
		}
		last = z
	}
	if sum == 0 {
		return 1
	}
	return sum / float64(len(at)-1) / d2
}

// mean returns the plain mean of x over the given points.
func (m *reckoning) mean(at []int) float64 {
	var sum float64
	for _, i := range at {
		sum += m.x[i]
	}
	return sum / float64(len(at))
}

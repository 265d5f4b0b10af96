package stat

import (
	"errors"
	"fmt"
	"math"
)

// Kind names a control chart.
type Kind string

// The charts. Choose [PPrime] for proportions, [UPrime] for counts per
// exposure, [G] or [T] for events rarer than one a period, [XmRLog] for
// medians of durations.
const (
	KindP      Kind = "p"
	KindPPrime Kind = "p'"
	KindU      Kind = "u"
	KindUPrime Kind = "u'"
	KindC      Kind = "c"
	KindXmR    Kind = "xmr"
	KindXmRLog Kind = "xmr-log"
	KindG      Kind = "g"
	KindT      Kind = "t"
	KindEWMA   Kind = "ewma"
)

// Standing says how firmly the limits of a phase are founded.
type Standing string

// The standings, by the number of points the limits were computed from. A
// short baseline raises no signal: with so few points every limit is a guess.
const (
	Short       Standing = "short"       // fewer than 12
	Provisional Standing = "provisional" // 12 to 19
	Established Standing = "established" // 20 and more

	provisionalFrom, establishedFrom = 12, 20
)

func standingOf(points int) Standing {
	switch {
	case points < provisionalFrom:
		return Short
	case points < establishedFrom:
		return Provisional
	}
	return Established
}

// Plan says how limits are set and what is tested. The zero Plan takes all
// points as baseline and tests [DefaultRules].
type Plan struct {
	// Baseline is the number of points, from the start of each phase, that set
	// its limits; gaps and excluded points do not count. The limits then stay
	// frozen for the points after. 0 takes all.
	Baseline int
	// Phases lists the indexes at which the process was changed on purpose and
	// limits begin anew. They rise, and lie inside the data.
	Phases []int
	// Frozen, if set, brings limits computed earlier; no point sets any.
	Frozen *Basis
	// Rules to test; nil means DefaultRules.
	Rules []Rule
}

// Basis is what a phase's limits are computed from; kept, it freezes them. Its
// figures are on the scale of the chart's arithmetic (t and xmr-log transform).
type Basis struct {
	Center float64 `json:"center"`
	Mean   float64 `json:"mean"`   // equals Center except on a g chart, whose centre is the median
	Spread float64 `json:"spread"` // p′ and u′: σ of z; xmr, t: MR̄/1.128; ewma: s; others 1
	Points int     `json:"points"` // number of points used
}

// Phase is a stretch of points with the same limits.
type Phase struct {
	From       int      `json:"from"` // index of the first point
	To         int      `json:"to"`   // index after the last
	Basis      Basis    `json:"basis"`
	Standing   Standing `json:"standing"`
	Runs       Runs     `json:"runs"`
	Shift      bool     `json:"shift"`       // the run test signals and was asked for
	MeanRange  *float64 `json:"mean_range"`  // XmR only: MR̄
	RangeLimit *float64 `json:"range_limit"` // XmR only: 3.267·MR̄
}

// Point is one point of a chart, on the reader's scale.
type Point struct {
	Value    *float64 `json:"value"` // nil: nothing to divide by, a gap
	N        float64  `json:"n"`     // denominator, exposure, or 1
	Center   *float64 `json:"center"`
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
	Range    *float64 `json:"range,omitempty"` // XmR only: distance from the point before
	Signals  []Rule   `json:"signals,omitempty"`
	Excluded string   `json:"excluded,omitempty"` // why the point is left out of limits and tests
}

// Chart is a finished control chart.
type Chart struct {
	Kind   Kind    `json:"kind"`
	Points []Point `json:"points"`
	Phases []Phase `json:"phases"`
}

// Signalled returns the indexes of points with a signal.
func (c Chart) Signalled() []int {
	var out []int
	for i, p := range c.Points {
		if len(p.Signals) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// ErrPlan reports a plan that does not fit its data.
var ErrPlan = errors.New("stat: chart plan does not fit")

// model is what one kind of chart adds to the common procedure.
type reckoning struct {
	kind      Kind
	x         []float64 // values on the scale of the arithmetic
	size      []float64 // denominators
	gap       []bool
	note      []string
	fit       func(at []int) Basis
	sigma     func(i int, b Basis) float64
	path      func(at []int, b Basis) // ewma: rewrites x once the centre is known
	show      func(float64) float64   // back to the reader's scale; nil = same
	low, high float64                 // ends of the reader's scale
	ranges    bool
}

func newModel(kind Kind, n int) *reckoning {
	return &reckoning{
		kind: kind, x: make([]float64, n), size: make([]float64, n), gap: make([]bool, n), note: make([]string, n),
		low: math.Inf(-1), high: math.Inf(1),
	}
}

// chart runs the common procedure: split into phases, fit, draw, test.
func (m *reckoning) chart(p Plan) (Chart, error) {
	rules, err := m.check(p)
	if err != nil {
		return Chart{}, err
	}
	c := Chart{Kind: m.kind, Points: make([]Point, len(m.x))}
	starts := append([]int{0}, p.Phases...)
	for i, from := range starts {
		to := len(m.x)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		c.Phases = append(c.Phases, m.phase(c.Points, Phase{From: from, To: to}, p, rules))
	}
	return c, nil
}

func (m *reckoning) check(p Plan) ([]Rule, error) {
	last := 0
	for _, at := range p.Phases {
		if at <= last || at >= len(m.x) {
			return nil, fmt.Errorf("%w: phase at %d of %d points", ErrPlan, at, len(m.x))
		}
		last = at
	}
	if p.Baseline < 0 || (p.Frozen != nil && len(p.Phases) > 0) {
		return nil, fmt.Errorf("%w: baseline %d, frozen limits with phases", ErrPlan, p.Baseline)
	}
	rules := p.Rules
	if rules == nil {
		rules = DefaultRules()
	}
	for _, r := range rules {
		if !r.known() {
			return nil, &UnknownRuleError{Rule: r}
		}
		// A g chart is skewed, and EWMA points depend on one another.
		if (m.kind == KindG && r.zonal()) || (m.kind == KindEWMA && p.Rules != nil && r != WE1 && r != Nelson1) {
			return nil, &UnknownRuleError{Rule: r, Kind: m.kind}
		}
	}
	if m.kind == KindEWMA {
		return []Rule{WE1}, nil
	}
	return rules, nil
}

// phase sets the limits of one phase, draws its points and tests them.
func (m *reckoning) phase(points []Point, ph Phase, p Plan, rules []Rule) Phase {
	var usable []int
	for i := ph.From; i < ph.To; i++ {
		points[i] = Point{N: m.size[i], Excluded: m.note[i]}
		if !m.gap[i] && m.note[i] == "" {
			usable = append(usable, i)
		}
	}
	base := usable
	if p.Baseline > 0 && p.Baseline < len(base) {
		base = base[:p.Baseline]
	}
	switch {
	case p.Frozen != nil:
		ph.Basis = *p.Frozen
	case len(base) > 0:
		ph.Basis = m.fit(base)
		ph.Basis.Points = len(base)
	}
	ph.Standing = standingOf(ph.Basis.Points)
	if m.ranges && ph.Basis.Points > 1 {
		m.drawRanges(points, usable, &ph)
	}
	if m.path != nil {
		m.path(usable, ph.Basis)
	}
	for i := ph.From; i < ph.To; i++ {
		m.draw(&points[i], i, ph.Basis)
	}
	m.test(points, usable, &ph, rules)
	return ph
}

// draw fills in value and limits of point i.
func (m *reckoning) draw(pt *Point, i int, b Basis) {
	if m.gap[i] {
		return
	}
	pt.Value = m.shown(m.x[i])
	if b.Points == 0 {
		return
	}
	s := m.sigma(i, b)
	pt.Center, pt.Lower, pt.Upper = m.shown(b.Center), m.shown(b.Mean-3*s), m.shown(b.Mean+3*s)
}

// shown turns a figure of the arithmetic into one of the reader's scale.
func (m *reckoning) shown(x float64) *float64 {
	if m.show != nil {
		x = m.show(x)
	}
	x = min(max(x, m.low), m.high)
	return &x
}

// test applies the rules to the usable points of a phase.
func (m *reckoning) test(points []Point, usable []int, ph *Phase, rules []Rule) {
	if ph.Basis.Points == 0 {
		return
	}
	t := track{}
	for _, i := range usable {
		d, s := m.x[i]-ph.Basis.Mean, m.sigma(i, ph.Basis)
		z := d / s
		if s == 0 && d == 0 {
			z = 0
		}
		side := m.x[i] - ph.Basis.Center
		if math.Abs(side) <= onLine*s {
			side = 0
		}
		t.x, t.z, t.side = append(t.x, m.x[i]), append(t.z, z), append(t.side, side)
	}
	if m.kind != KindEWMA { // its points depend on one another; runs mean nothing
		ph.Runs = RunTest(t.side, 0)
	}
	if ph.Standing == Short {
		return
	}
	for _, r := range rules {
		if r == Anhoj {
			ph.Shift = ph.Runs.Signal
			continue
		}
		for _, k := range r.find(t) {
			points[usable[k]].Signals = append(points[usable[k]].Signals, r)
		}
	}
}

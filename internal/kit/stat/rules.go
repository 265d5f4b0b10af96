package stat

import (
	"fmt"
	"math"
)

// Rule names one test for a signal on a control chart. All but [Anhoj] look at
// single points and their past.
type Rule string

// The rules of Western Electric (1956) and of Nelson (1984, J. Quality
// Technology 16:238), with σ zones around the centre, and the run rules of
// Anhøj and Olesen (2014). The numbers after k of m refer to points on the
// same side unless said otherwise.
const (
	WE1 Rule = "we1" // 1 beyond 3σ
	WE2 Rule = "we2" // 2 of 3 beyond 2σ
	WE3 Rule = "we3" // 4 of 5 beyond 1σ
	WE4 Rule = "we4" // 8 in a row on one side

	Nelson1 Rule = "nelson1" // 1 beyond 3σ
	Nelson2 Rule = "nelson2" // 9 in a row on one side
	Nelson3 Rule = "nelson3" // 6 in a row, all rising or all falling
	Nelson4 Rule = "nelson4" // 14 in a row, alternating up and down
	Nelson5 Rule = "nelson5" // 2 of 3 beyond 2σ
	Nelson6 Rule = "nelson6" // 4 of 5 beyond 1σ
	Nelson7 Rule = "nelson7" // 15 in a row within 1σ, either side
	Nelson8 Rule = "nelson8" // 8 in a row outside 1σ, both sides taken

	Anhoj Rule = "anhoj" // longest run or number of crossings, see RunTest
)

// DefaultRules returns what a chart is tested for unless its plan says
// otherwise. More rules find shifts sooner and cry wolf more often; see
// [AverageRunLength].
func DefaultRules() []Rule { return []Rule{WE1, WE4, Anhoj} }

// onLine is how far beyond a border, in σ, a point must be to count as
// outside. A point on the border is inside (strict inequality, as NIST and qcc
// have it; Minitab counts it), and floating point must not push it over.
const onLine = 1e-9

// track is what rules look at: values, their distance from the centre in σ,
// and the side of the centre line they lie on.
type track struct{ x, z, side []float64 }

// Signals returns the indexes, from 0, of the points of z at which the rule
// signals. z holds distances from the centre in σ. A point signals only if it
// completes the pattern itself; a point exactly on the centre line belongs to
// no side and ends a run. Anhoj has no single points and returns none.
func (r Rule) Signals(z []float64) []int {
	return r.find(track{x: z, z: z, side: z})
}

func (r Rule) find(t track) []int {
	hit := r.test(t)
	if hit == nil {
		return nil
	}
	var out []int
	for i := range t.z {
		if hit(i) {
			out = append(out, i)
		}
	}
	return out
}

// test returns the question a rule asks of each point, nil for a rule that
// asks none.
func (r Rule) test(t track) func(i int) bool {
	switch r {
	case WE1, Nelson1:
		return func(i int) bool { return math.Abs(t.z[i]) > 3+onLine }
	case WE2, Nelson5:
		return func(i int) bool { return kOfM(t.z[:i+1], 2, 3, 2) }
	case WE3, Nelson6:
		return func(i int) bool { return kOfM(t.z[:i+1], 4, 5, 1) }
	case WE4:
		return func(i int) bool { return sameSide(t.side[:i+1], 8) }
	case Nelson2:
		return func(i int) bool { return sameSide(t.side[:i+1], 9) }
	case Nelson3:
		return func(i int) bool { return monotone(t.x[:i+1], 6) }
	case Nelson4:
		return func(i int) bool { return alternating(t.x[:i+1], 14) }
	case Nelson7:
		return func(i int) bool { return hugging(t.z[:i+1], 15) }
	case Nelson8:
		return func(i int) bool { return avoiding(t.z[:i+1], 8) }
	}
	return nil
}

// known reports whether r is one of the rules above.
func (r Rule) known() bool { return r == Anhoj || r.test(track{}) != nil }

// zonal reports whether the rule assumes symmetric σ zones around the centre.
func (r Rule) zonal() bool {
	switch r {
	case WE2, WE3, Nelson5, Nelson6, Nelson7, Nelson8:
		return true
	}
	return false
}

// UnknownRuleError reports a rule that does not exist or does not fit a chart.
type UnknownRuleError struct {
	Rule Rule
	Kind Kind // empty when no chart knows the rule
}

// Error implements error.
func (e *UnknownRuleError) Error() string {
	if e.Kind == "" {
		return fmt.Sprintf("stat: no rule %q", e.Rule)
	}
	return fmt.Sprintf("stat: rule %q does not fit a chart of kind %s", e.Rule, e.Kind)
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// kOfM: the last point and at least k−1 of the m−1 before lie beyond width σ
// on the same side.
func kOfM(z []float64, k, m int, width float64) bool {
	last := z[len(z)-1]
	if math.Abs(last) <= width+onLine {
		return false
	}
	n := 0
	for _, v := range z[max(0, len(z)-m):] {
		if math.Abs(v) > width+onLine && sign(v) == sign(last) {
			n++
		}
	}
	return n >= k
}

func sameSide(side []float64, n int) bool {
	if len(side) < n {
		return false
	}
	s := sign(side[len(side)-1])
	for _, v := range side[len(side)-n:] {
		if sign(v) != s {
			return false
		}
	}
	return s != 0
}

func monotone(x []float64, n int) bool {
	if len(x) < n {
		return false
	}
	x = x[len(x)-n:]
	s := sign(x[1] - x[0])
	for i := 1; i < n; i++ {
		if sign(x[i]-x[i-1]) != s {
			return false
		}
	}
	return s != 0
}

func alternating(x []float64, n int) bool {
	if len(x) < n {
		return false
	}
	x = x[len(x)-n:]
	for i := 2; i < n; i++ {
		if sign(x[i]-x[i-1])*sign(x[i-1]-x[i-2]) != -1 {
			return false
		}
	}
	return true
}

func hugging(z []float64, n int) bool {
	if len(z) < n {
		return false
	}
	for _, v := range z[len(z)-n:] {
		if math.Abs(v) >= 1-onLine {
			return false
		}
	}
	return true
}

func avoiding(z []float64, n int) bool {
	if len(z) < n {
		return false
	}
	above, below := false, false
	for _, v := range z[len(z)-n:] {
		if math.Abs(v) <= 1+onLine {
			return false
		}
		above, below = above || v > 0, below || v < 0
	}
	return above && below
}

package stat_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// O16: the rule cases of qcc's tests; centre 0, σ 1, numbers from 1.
func TestRuleCases(t *testing.T) {
	rep := func(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }
	for _, c := range []struct {
		rule stat.Rule
		z    []float64
		want []int
	}{
		{stat.WE1, []float64{0, 3, 3.1, -3, -3.1}, []int{3, 5}},
		{stat.WE2, []float64{0, 2.5, 1, 2.6, 0}, []int{4}},
		{stat.WE3, []float64{0, 1.2, 1.3, .2, 1.4, 1.5}, []int{6}},
		{stat.WE4, append(rep(-1, 8), 1), []int{8}},
		{stat.Nelson2, slices.Concat(rep(.5, 10), rep(-.5, 10)), []int{9, 10, 19, 20}},
		{stat.Nelson3, []float64{1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1}, []int{6, 7, 13, 14}},
		{stat.Nelson4, []float64{1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8}, []int{14, 15}},
		{stat.Nelson5, []float64{0, 2.3, .4, 2.2, -2.4, -.2, -2.5}, []int{4, 7}},
		{stat.Nelson6, []float64{1.2, 1.3, .2, 1.4, 1.5, -1.2, -1.3, -.1, -1.4, -1.5}, []int{5, 10}},
		{stat.Nelson7, append(rep(.3, 16), 1.2), []int{15, 16}},
		{stat.Nelson8, []float64{1.2, -1.3, 1.1, -1.4, 1.5, -1.2, 1.3, -1.1, .2}, []int{8}},
		{stat.Nelson8, rep(1.2, 8), nil},
		{stat.WE4, append(append(rep(1, 4), 0), rep(1, 7)...), nil}, // a point on the line ends the run
		{stat.Anhoj, rep(1, 40), nil},
	} {
		if got := ones(c.rule.Signals(c.z)); !slices.Equal(got, c.want) {
			t.Errorf("%s on %v: %v, want %v", c.rule, c.z, got, c.want)
		}
	}
	if _, err := stat.XmR(stat.Series(1, 2), stat.Plan{Rules: []stat.Rule{"we9"}}); err == nil {
		t.Error("a rule that does not exist was taken")
	}
}

// O15: average run lengths of the Western Electric rules (Champ and Woodall
// 1987, Table 1).
func TestAverageRunLength(t *testing.T) {
	for _, c := range []struct {
		shift float64
		want  float64
		rules []stat.Rule
	}{
		{0, 370.40, []stat.Rule{stat.WE1}},
		{0, 225.44, []stat.Rule{stat.WE1, stat.WE2}},
		{0, 166.05, []stat.Rule{stat.WE1, stat.WE3}},
		{0, 152.73, []stat.Rule{stat.WE1, stat.WE4}},
		{0, 132.89, []stat.Rule{stat.WE1, stat.WE2, stat.WE3}},
		{0, 91.75, []stat.Rule{stat.WE1, stat.WE2, stat.WE3, stat.WE4}},
		{1, 9.22, []stat.Rule{stat.WE1, stat.WE2, stat.WE3, stat.WE4}},
	} {
		got, err := stat.AverageRunLength(c.shift, c.rules...)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "average run length", got, c.want, .0051)
	}
	got, err := stat.FalseAlarms(52, stat.DefaultRules()...)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "false alarms a year, weekly chart", got, 52/152.73, 1e-4)
	// 15 in a row with probability p each: (1−p¹⁵)/(p¹⁵(1−p)) on average.
	p := math.Erf(1 / math.Sqrt2)
	got, err = stat.AverageRunLength(0, stat.Nelson7)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Nelson 7 alone", got, (1-math.Pow(p, 15))/(math.Pow(p, 15)*(1-p)), 1e-6)
	var ue *stat.UnknownRuleError
	if _, err := stat.AverageRunLength(0, stat.Nelson3); !errors.As(err, &ue) {
		t.Errorf("trend rule: %v", err)
	}
	if got, err := stat.AverageRunLength(0, stat.Anhoj); err != nil || !math.IsInf(got, 1) {
		t.Errorf("no point rule: %v, %v", got, err)
	}
	if all, err := stat.AverageRunLength(0, stat.Nelson1, stat.Nelson2, stat.Nelson5, stat.Nelson6, stat.Nelson7, stat.Nelson8); err != nil || all > 91.75+20 || all < 50 {
		t.Errorf("six of Nelson's rules: %v, %v", all, err)
	}
}

// The limits of the run test for n useful points, worked out with whole
// numbers: the least k with 20·ΣC(n−1,i≤k) ≥ 2^(n−1).
func TestRunTestLimits(t *testing.T) {
	for n, want := range map[int][2]int{10: {6, 2}, 12: {7, 3}, 16: {7, 4}, 20: {7, 6}, 24: {8, 8}, 30: {8, 10}, 100: {10, 41}} {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i%2*2 - 1)
		}
		r := stat.RunTest(append(x, 0, 0), 0) // points on the line do not count
		if r.Useful != n || r.LongestMax != want[0] || r.CrossingsMin != want[1] || r.Longest != 1 || r.Crossings != n-1 || r.Signal {
			t.Errorf("n=%d: %+v, want limits %v", n, r, want)
		}
	}
	shift := slices.Concat(slices.Repeat([]float64{1, 3}, 6), slices.Repeat([]float64{7, 9}, 6))
	if median, r, ok := stat.RunChart(shift); !ok || median != 5 || !r.Signal || r.Longest != 12 || r.Crossings != 1 {
		t.Errorf("a plain shift: median %v, %+v, %v", median, r, ok)
	}
	if _, r, ok := stat.RunChart(nil); ok || r.Signal {
		t.Errorf("no values: %+v", r)
	}
	if _, r, ok := stat.RunChart([]float64{4, 4, 4}); !ok || r.Signal || r.Useful != 0 {
		t.Errorf("all on the line: %+v", r)
	}
}

func TestRuleProperties(t *testing.T) {
	all := []stat.Rule{stat.WE1, stat.WE2, stat.WE3, stat.WE4, stat.Nelson2, stat.Nelson3, stat.Nelson4, stat.Nelson7, stat.Nelson8}
	value := rapid.Float64Range(-4, 4)
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SliceOfN(value, 0, 40).Draw(t, "z")
		mirror := make([]float64, len(z))
		for i, v := range z {
			mirror[i] = -v
		}
		for _, r := range all {
			got := r.Signals(z)
			if !slices.Equal(got, r.Signals(mirror)) {
				t.Fatalf("%s sees another picture in the mirror", r)
			}
			for _, i := range got { // what comes later changes nothing
				if early := r.Signals(z[:i+1]); len(early) == 0 || early[len(early)-1] != i {
					t.Fatalf("%s at %d depends on the future", r, i)
				}
			}
		}
	})
}

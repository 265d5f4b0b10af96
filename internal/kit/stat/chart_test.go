package stat_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

func counts(size float64, xs ...float64) []stat.Counted {
	out := make([]stat.Counted, len(xs))
	for i, x := range xs {
		out[i] = stat.Counted{Count: x, Size: size}
	}
	return out
}

func chart(t *testing.T, c stat.Chart, err error) stat.Chart {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func limits(t *testing.T, pt stat.Point, center, lower, upper, tol float64) {
	t.Helper()
	nearPtr(t, "centre", pt.Center, center, tol)
	nearPtr(t, "lower limit", pt.Lower, lower, tol)
	nearPtr(t, "upper limit", pt.Upper, upper, tol)
}

// ones turns 0-based indexes into the 1-based numbers of the sources.
func ones(at []int) []int {
	out := make([]int, len(at))
	for i, a := range at {
		out[i] = a + 1
	}
	return out
}

var only3Sigma = []stat.Rule{stat.WE1}

// O8: orange juice cans (Montgomery, ex. 7.1; NIST 6.3.3.2).
func TestPChartOrangeJuice(t *testing.T) {
	data := counts(50, 12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6)
	c, err := stat.P(data, stat.Plan{Rules: only3Sigma})
	c = chart(t, c, err)
	limits(t, c.Points[0], .2313, .0524, .4102, 5.1e-5)
	if got := ones(c.Signalled()); !slices.Equal(got, []int{15, 23}) {
		t.Errorf("signals at %v", got)
	}
	if c.Phases[0].Standing != stat.Established {
		t.Errorf("30 points are %s", c.Phases[0].Standing)
	}
	data[14].Excluded, data[22].Excluded = "new batch of cardboard", "untrained operator"
	c, err = stat.P(data, stat.Plan{Rules: only3Sigma})
	c = chart(t, c, err)
	limits(t, c.Points[0], .2150, .0407, .3893, 5.1e-5)
	if pt := c.Points[14]; pt.Excluded != "new batch of cardboard" || pt.Value == nil || len(pt.Signals) > 0 {
		t.Errorf("excluded point: %+v", pt)
	}
	// Without the two, the 21st (20 of 50) lies outside the narrower limits.
	if got := ones(c.Signalled()); !slices.Equal(got, []int{21}) {
		t.Errorf("signals after exclusion at %v", got)
	}
}

// O9: wafers (NIST 6.3.3.1); the third point lies on the limit and is inside.
func TestCChartWafers(t *testing.T) {
	c, err := stat.C(counts(1, 16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13), stat.Plan{Rules: only3Sigma})
	c = chart(t, c, err)
	limits(t, c.Points[0], 16, 4, 28, 1e-12)
	if got := ones(c.Signalled()); !slices.Equal(got, []int{24}) {
		t.Errorf("signals at %v", got)
	}
}

// O11: dyed cloth (Montgomery, ex. 7.5), exposure varies.
func TestUChartDyedCloth(t *testing.T) {
	x := []float64{14, 12, 20, 11, 7, 10, 21, 16, 19, 23}
	n := []float64{10, 8, 13, 10, 9.5, 10, 12, 10.5, 12, 12.5}
	data := make([]stat.Counted, len(x))
	for i := range x {
		data[i] = stat.Counted{Count: x[i], Size: n[i]}
	}
	c, err := stat.U(data, stat.Plan{})
	c = chart(t, c, err)
	limits(t, c.Points[0], 1.42326, .2915, 2.5550, 5e-5)
	limits(t, c.Points[5], 1.42326, .2915, 2.5550, 5e-5)
	for i, pt := range c.Points {
		if *pt.Value > *pt.Upper || *pt.Value < *pt.Lower {
			t.Errorf("point %d is outside", i+1)
		}
	}
	if c.Phases[0].Standing != stat.Short {
		t.Errorf("ten points are %s", c.Phases[0].Standing)
	}
}

// O12: flow rates (NIST 6.3.2.2).
func TestXmRFlowRate(t *testing.T) {
	c, err := stat.XmR(stat.Series(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1), stat.Plan{})
	c = chart(t, c, err)
	limits(t, c.Points[0], 50.81, 45.8159, 55.8041, 5e-4)
	nearPtr(t, "mean range", c.Phases[0].MeanRange, 1.8778, 5e-5)
	nearPtr(t, "range limit", c.Phases[0].RangeLimit, 6.1347, 5e-4)
	nearPtr(t, "second range", c.Points[1].Range, 2.0, 1e-9)
	if c.Points[0].Range != nil {
		t.Error("the first point has a range")
	}
	for i, pt := range c.Points {
		if *pt.Value > *pt.Upper || *pt.Value < *pt.Lower {
			t.Errorf("point %d is outside", i+1)
		}
	}
}

// The control charts of the shared corpus, as their file states them.
func TestChartsCorpus(t *testing.T) {
	var cases []struct {
		Chart      string    `json:"chart"`
		Defectives []float64 `json:"defectives"`
		SampleSize float64   `json:"sample_size"`
		Counts     []float64 `json:"counts"`
		Values     []float64 `json:"values"`
		Center     float64   `json:"center"`
		Lower      float64   `json:"lcl"`
		Upper      float64   `json:"ucl"`
		MeanRange  float64   `json:"mean_moving_range"`
		Out        []int     `json:"out_of_control_samples"`
		Tolerance  float64   `json:"tolerance"`
	}
	if err := json.Unmarshal(corpusFile(t, "cx-stats/spc", "spc-expected.json"), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no charts in the corpus file")
	}
	plan := stat.Plan{Rules: only3Sigma}
	for _, k := range cases {
		var c stat.Chart
		var err error
		switch k.Chart {
		case "p":
			c, err = stat.P(counts(k.SampleSize, k.Defectives...), plan)
		case "c":
			c, err = stat.C(counts(1, k.Counts...), plan)
		case "XmR":
			c, err = stat.XmR(stat.Series(k.Values...), plan)
			nearPtr(t, "mean range", c.Phases[0].MeanRange, k.MeanRange, k.Tolerance)
		default:
			t.Fatalf("unknown chart %q", k.Chart)
		}
		c = chart(t, c, err)
		limits(t, c.Points[0], k.Center, k.Lower, k.Upper, max(k.Tolerance, 1e-9)*1.02)
		if got := ones(c.Signalled()); !slices.Equal(got, k.Out) {
			t.Errorf("%s: signals at %v, want %v", k.Chart, got, k.Out)
		}
	}
}

// nhs holds twenty weeks of emergency attendances in England: seen within
// four hours, of all (Mohammed and Laney 2006, Quality and Safety in Health
// Care 15).
func nhs() []stat.Counted {
	r := []float64{266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320, 267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989}
	n := []float64{280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529, 279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772}
	out := make([]stat.Counted, len(r))
	for i := range r {
		out[i] = stat.Counted{Count: r[i], Size: n[i]}
	}
	return out
}

// O14: with huge samples the p chart calls nearly every week a signal, and
// Laney's p′ chart none.
func TestLaneyNHSAccidents(t *testing.T) {
	plan := stat.Plan{Rules: only3Sigma}
	p, err := stat.P(nhs(), plan)
	p = chart(t, p, err)
	limits(t, p.Points[0], .95289971, .95170, .95410, 5e-6)
	if got := len(p.Signalled()); got != 16 {
		t.Errorf("p chart signals %d of 20 weeks", got)
	}
	prime, err := stat.PPrime(nhs(), plan)
	prime = chart(t, prime, err)
	limits(t, prime.Points[0], .95289971, .94013, .96567, 5e-6)
	near(t, "σ_z", prime.Phases[0].Basis.Spread, 10.6404, 5e-5)
	if got := prime.Signalled(); len(got) != 0 {
		t.Errorf("p′ chart signals at %v", ones(got))
	}
}

// NIST 6.3.2.4: λ = .3, target 50, s = 2.0539 from earlier data.
func TestEWMANIST(t *testing.T) {
	x := stat.Series(52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
	want := []float64{50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99}
	c, err := stat.EWMA(x, .3, stat.Plan{Frozen: &stat.Basis{Center: 50, Mean: 50, Spread: 2.0539, Points: 20}})
	c = chart(t, c, err)
	limits(t, c.Points[0], 50, 47.4115, 52.5884, 1e-4)
	for i, w := range want {
		nearPtr(t, "average", c.Points[i].Value, w, .0051)
	}
	if len(c.Signalled()) != 0 {
		t.Errorf("signals at %v", c.Signalled())
	}
}

func TestGChart(t *testing.T) {
	// Mean 10, σ = √110 ≈ 10.488; the centre line is the median.
	x := []float64{2, 5, 30, 8, 1, 4, 12, 7, 21, 3, 9, 18, 6, 2, 11, 14, 16, 5, 20, 6}
	c, err := stat.G(stat.Series(x...), stat.Plan{})
	c = chart(t, c, err)
	limits(t, c.Points[0], 7.5, 0, 10+3*math.Sqrt(110), 1e-9)
	if len(c.Signalled()) != 0 {
		t.Errorf("signals at %v", c.Signalled())
	}
	c, err = stat.G(stat.Series(append(x, 42)...), stat.Plan{Baseline: 20})
	c = chart(t, c, err)
	if got := ones(c.Signalled()); !slices.Equal(got, []int{21}) {
		t.Errorf("42 cases without an event: signals at %v", got)
	}
	var ue *stat.UnknownRuleError
	if _, err := stat.G(stat.Series(x...), stat.Plan{Rules: []stat.Rule{stat.WE2}}); !errors.As(err, &ue) || ue.Rule != stat.WE2 {
		t.Errorf("zone rule on a g chart: %v", err)
	}
}

func TestTChartTransforms(t *testing.T) {
	y := []float64{3, 8, 1, 14, 6, 22, 9, 4, 17, 2, 11, 7, 5, 13}
	scaled := make([]float64, len(y))
	for i, v := range y {
		scaled[i] = math.Pow(v, 1/3.6)
	}
	tc, err := stat.T(stat.Series(y...), stat.Plan{})
	tc = chart(t, tc, err)
	xc, err := stat.XmR(stat.Series(scaled...), stat.Plan{})
	xc = chart(t, xc, err)
	for i := range y {
		nearPtr(t, "value", tc.Points[i].Value, y[i], 1e-9)
		nearPtr(t, "upper", tc.Points[i].Upper, math.Pow(*xc.Points[i].Upper, 3.6), 1e-9)
		nearPtr(t, "lower", tc.Points[i].Lower, math.Pow(max(*xc.Points[i].Lower, 0), 3.6), 1e-9)
	}
	if _, err := stat.T(stat.Series(1, -1), stat.Plan{}); err == nil {
		t.Error("a negative time was taken")
	}
	lg, err := stat.XmRLog(stat.Series(10, 1000, 10, 1000), stat.Plan{})
	lg = chart(t, lg, err)
	nearPtr(t, "centre of logs", lg.Points[0].Center, 100, 1e-9)
	if _, err := stat.XmRLog(stat.Series(1, 0), stat.Plan{}); err == nil {
		t.Error("a logarithm of zero was taken")
	}
}

// steady returns n points that swing around 100 without any signal.
func steady(n int) []stat.Measured {
	x := make([]stat.Measured, n)
	for i := range x {
		x[i].Value = 100 + []float64{1, -2, 3, -1, 2, -3}[i%6]
	}
	return x
}

func TestBaselineFreezePhases(t *testing.T) {
	for n, want := range map[int]stat.Standing{11: stat.Short, 12: stat.Provisional, 19: stat.Provisional, 20: stat.Established} {
		x := append(steady(n), stat.Measured{Value: 1000})
		c, err := stat.XmR(x, stat.Plan{Baseline: n})
		c = chart(t, c, err)
		if c.Phases[0].Standing != want || c.Phases[0].Basis.Points != n {
			t.Errorf("baseline of %d: %s from %d points", n, c.Phases[0].Standing, c.Phases[0].Basis.Points)
		}
		if signalled := len(c.Signalled()) > 0; signalled == (want == stat.Short) {
			t.Errorf("baseline of %d: signals at %v", n, c.Signalled())
		}
	}
	first, err := stat.XmR(steady(24), stat.Plan{})
	first = chart(t, first, err)
	later, err := stat.XmR(stat.Series(100, 120), stat.Plan{Frozen: &first.Phases[0].Basis})
	later = chart(t, later, err)
	nearPtr(t, "frozen upper limit", later.Points[1].Upper, *first.Points[0].Upper, 1e-12)
	if !slices.Equal(later.Signalled(), []int{1}) {
		t.Errorf("against frozen limits: signals at %v", later.Signalled())
	}

	x := steady(24)
	for _, m := range steady(24) {
		x = append(x, stat.Measured{Value: m.Value + 50})
	}
	c, err := stat.XmR(x, stat.Plan{Phases: []int{24}})
	c = chart(t, c, err)
	nearPtr(t, "centre of phase 2", c.Points[24].Center, 150, 1e-9)
	if len(c.Signalled()) != 0 || c.Phases[1].Shift {
		t.Errorf("phases apart: signals at %v", c.Signalled())
	}
	for _, bad := range []stat.Plan{{Phases: []int{0}}, {Phases: []int{48}}, {Phases: []int{5, 5}}, {Baseline: -1}, {Phases: []int{3}, Frozen: &stat.Basis{}}} {
		if _, err := stat.XmR(x, bad); !errors.Is(err, stat.ErrPlan) {
			t.Errorf("plan %+v: %v", bad, err)
		}
	}
}

func TestGapsAndEmptyBaseline(t *testing.T) {
	data := counts(40, 8, 9, 7, 8, 10, 6, 8, 9, 8, 7, 8, 9)
	data[5] = stat.Counted{}
	c, err := stat.PPrime(data, stat.Plan{})
	c = chart(t, c, err)
	if pt := c.Points[5]; pt.Value != nil || pt.Upper != nil || pt.Center != nil {
		t.Errorf("a week without answers: %+v", pt)
	}
	if c.Phases[0].Basis.Points != 11 {
		t.Errorf("the gap was counted: %d points", c.Phases[0].Basis.Points)
	}
	c, err = stat.P([]stat.Counted{{}, {}}, stat.Plan{})
	c = chart(t, c, err)
	if c.Points[0].Upper != nil || c.Phases[0].Standing != stat.Short {
		t.Errorf("only gaps: %+v", c)
	}
	if c, err = stat.XmR(nil, stat.Plan{}); err != nil || len(c.Points) != 0 {
		t.Errorf("no points: %+v, %v", c, err)
	}
	for _, bad := range []stat.Counted{{Count: 3, Size: 2}, {Count: -1, Size: 2}, {Count: 1}, {Count: math.NaN(), Size: 1}} {
		if _, err := stat.P([]stat.Counted{bad}, stat.Plan{}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// A lower limit of 0 is no limit: nothing can fall below it.
func TestZeroLowerLimitNeverSignals(t *testing.T) {
	data := counts(10, 1, 0, 2, 1, 0, 1, 2, 0, 1, 1, 0, 2, 1, 0, 1, 2, 1, 0, 1, 1)
	p, err := stat.P(data, stat.Plan{Rules: only3Sigma})
	u, err2 := stat.UPrime(data, stat.Plan{Rules: only3Sigma})
	c, err3 := stat.C(data, stat.Plan{Rules: only3Sigma})
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	for _, c := range []stat.Chart{p, u, c} {
		if *c.Points[1].Lower != 0 || len(c.Signalled()) != 0 {
			t.Errorf("%s: lower %v, signals at %v", c.Kind, *c.Points[1].Lower, c.Signalled())
		}
	}
	// A steady 100 % leaves no variation; a single miss must stand out, and
	// must not come out as NaN.
	full := counts(50, slices.Repeat([]float64{50}, 20)...)
	full = append(full, stat.Counted{Count: 49, Size: 50})
	q, err := stat.PPrime(full, stat.Plan{Baseline: 20})
	q = chart(t, q, err)
	if !slices.Equal(q.Signalled(), []int{20}) || *q.Points[0].Upper != 1 {
		t.Errorf("after 20 perfect weeks: signals at %v, upper %v", q.Signalled(), *q.Points[0].Upper)
	}
}

func TestChartProperties(t *testing.T) {
	period := rapid.Custom(func(t *rapid.T) stat.Counted {
		n := rapid.IntRange(0, 3000).Draw(t, "n")
		return stat.Counted{Count: float64(rapid.IntRange(0, n).Draw(t, "k")), Size: float64(n)}
	})
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(period, 1, 60).Draw(t, "data")
		plain, err := stat.P(data, stat.Plan{Rules: only3Sigma})
		prime, err2 := stat.PPrime(data, stat.Plan{Rules: only3Sigma})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for i, pt := range prime.Points {
			if (data[i].Size == 0) != (pt.Value == nil) {
				t.Fatalf("point %d of %+v: %+v", i, data[i], pt)
			}
			if pt.Value == nil {
				continue
			}
			if !(0 <= *pt.Lower && *pt.Lower <= *pt.Center && *pt.Center <= *pt.Upper && *pt.Upper <= 1) {
				t.Fatalf("limits out of order: %v %v %v", *pt.Lower, *pt.Center, *pt.Upper)
			}
			if outside := *pt.Value > *pt.Upper+1e-9 || *pt.Value < *pt.Lower-1e-9; outside && prime.Phases[0].Standing != stat.Short && len(pt.Signals) == 0 {
				t.Fatalf("point %d is outside and silent", i)
			}
			sz := prime.Phases[0].Basis.Spread
			if w, v := *pt.Upper-*pt.Center, *plain.Points[i].Upper-*plain.Points[i].Center; *pt.Upper < 1 && *plain.Points[i].Upper < 1 && math.Abs(w-v*sz) > 1e-9 {
				t.Fatalf("p′ width %v is not σ_z %v times %v", w, sz, v)
			}
		}
		if _, err := json.Marshal(prime); err != nil {
			t.Fatal(err)
		}
	})
}

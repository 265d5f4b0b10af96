package stat_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

const l95 = stat.Level95

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.12g, want %.12g ± %g", what, got, want, tol)
	}
}

func nearPtr(t *testing.T, what string, got *float64, want, tol float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s has no value, want %v", what, want)
		return
	}
	near(t, what, *got, want, tol)
}

// O1: Newcombe 1998, Statistics in Medicine 17:857, Table I, method 3.
func TestWilsonNewcombeTable(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{81, 263, .2553, .3662},
		{15, 148, .0624, .1605},
		{0, 20, 0, .1611},
		{1, 29, .0061, .1718},
	} {
		iv := stat.Wilson(c.k, c.n, l95)
		near(t, "low", iv.Low, c.low, 5e-5)
		near(t, "high", iv.High, c.high, 5e-5)
	}
}

// O2: R's binom package, as quoted in the tests of statsmodels.
func TestWilsonTwelveDigits(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{18, 20, .6989663547715128, .972133518786232},
		{4, 20, .0806576625797981, .4160174322518935},
		{19, 38, .348499283643951, .651500716356049},
	} {
		iv := stat.Wilson(c.k, c.n, l95)
		near(t, "low", iv.Low, c.low, 1e-12)
		near(t, "high", iv.High, c.high, 1e-12)
	}
	if iv := stat.Wilson(38, 38, l95); iv.High != 1 || iv.Low <= 0 || iv.Low >= 1 {
		t.Errorf("38 of 38: %v", iv)
	}
	if iv := stat.Wilson(0, 77, l95); iv.Low != 0 || iv.High <= 0 || iv.High >= 1 {
		t.Errorf("0 of 77: %v", iv)
	}
}

// corpusFile reads a file of the shared corpus, or skips with the reason.
func corpusFile(t *testing.T, folder, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t, folder), name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The Wilson limits of R's binom.confint in the shared corpus.
func TestWilsonCorpus(t *testing.T) {
	var file struct {
		Cases []struct {
			X         int                   `json:"x"`
			N         int                   `json:"n"`
			Level     float64               `json:"conf_level"`
			Intervals map[string][2]float64 `json:"intervals"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(corpusFile(t, "cx-stats/intervals", "binomial-intervals.json"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no cases in the corpus file")
	}
	for _, c := range file.Cases {
		want, ok := c.Intervals["wilson"]
		if !ok {
			t.Errorf("%d of %d has no Wilson limits", c.X, c.N)
		}
		iv := stat.Wilson(c.X, c.N, c.Level)
		near(t, "low", iv.Low, want[0], 1e-8)
		near(t, "high", iv.High, want[1], 1e-8)
	}
}

// O3: Newcombe 1998, Statistics in Medicine 17:873, Table II, method 10.
func TestNewcombeDifference(t *testing.T) {
	for _, c := range []struct {
		k1, n1, k2, n2  int
		diff, low, high float64
	}{
		{56, 70, 48, 80, .2, .0524, .3339},
		{9, 10, 3, 10, .6, .1705, .8090},
	} {
		d := stat.NewcombeDiff(c.k1, c.n1, c.k2, c.n2, l95)
		nearPtr(t, "difference", d.Value, c.diff, 1e-12)
		near(t, "low", d.Interval.Low, c.low, 5e-5)
		near(t, "high", d.Interval.High, c.high, 5e-5)
		if !d.Clear() {
			t.Error("zero lies outside, but the difference is not clear")
		}
	}
	if d := stat.NewcombeDiff(1, 2, 0, 0, l95); d.Value != nil || d.Interval != nil || d.Clear() {
		t.Errorf("a side without data gave %+v", d)
	}
}

// O5: the variance and standard error of R's NPS package.
func TestNPSVariance(t *testing.T) {
	for _, c := range []struct {
		d, pa, p     int
		net, vr, err float64
	}{
		{1, 2, 3, 1. / 3, 5. / 9, .3043},
		{1, 0, 1, 0, 1, .7071},
		{0, 1, 1, .5, .25, .3536},
		{1, 1, 1, 0, 2. / 3, .4714},
		{0, 0, 1, 1, 0, 0},
	} {
		s := stat.NPSOf(c.p, c.pa, c.d, l95)
		nearPtr(t, "NPS", s.Value, c.net, 1e-12)
		near(t, "variance", s.Variance, c.vr, 1e-12)
		near(t, "SE", s.SE, c.err, 5e-5)
	}
	s, err := stat.NPS(stat.Tally(0, 7, 7, 9, 9, 9), l95)
	if err != nil || s.Promoters != 3 || s.Passives != 2 || s.Detractors != 1 {
		t.Errorf("scores 0,7,7,9,9,9: %+v, %v", s, err)
	}
}

// O6: the adjusted Wald interval.
func TestNPSAdjustedWald(t *testing.T) {
	for _, c := range []struct {
		p, pa, d           int
		adj, se, low, high float64
	}{
		{3, 2, 1, .2222, .2498, -.2674, .7119},
		{18, 11, 2, .4706, .1099, .2551, .6861},
		{5, 0, 0, .625, .2296, .1750, 1},
	} {
		s := stat.NPSOf(c.p, c.pa, c.d, l95)
		near(t, "adjusted", s.Adjusted, c.adj, 5e-5)
		near(t, "adjusted SE", s.AdjustedSE, c.se, 5e-5)
		near(t, "low", s.Interval.Low, c.low, 1e-4)
		near(t, "high", s.Interval.High, c.high, 1e-4)
	}
	if s := stat.NPSOf(5, 0, 0, l95); s.Interval.High != 1 {
		t.Errorf("upper end %v is not clipped to 1", s.Interval.High)
	}
	d := stat.NPSDiff(stat.NPSOf(18, 11, 2, l95), stat.NPSOf(3, 2, 1, l95), l95)
	nearPtr(t, "difference", d.Value, 16./31-1./3, 1e-12)
	if d.Clear() {
		t.Error("six answers cannot make this difference clear")
	}
}

func TestNoDenominatorNoValue(t *testing.T) {
	csat, err := stat.TopBox(nil, 5, l95)
	if err != nil {
		t.Fatal(err)
	}
	nps, err := stat.NPS(stat.Answers{}, l95)
	if err != nil {
		t.Fatal(err)
	}
	ces, err := stat.MeanScore(stat.Answers{}, 7, l95)
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]stat.Estimate{
		"proportion": stat.Proportion(0, 0, l95), "CSAT": csat, "NPS": nps.Estimate, "CES": ces, "mean": stat.Mean(nil, l95),
	} {
		if v, ok := e.Get(); ok || e.Interval != nil || e.N != 0 || e.Denominator != 0 {
			t.Errorf("%s of nothing is %v (%+v)", name, v, e)
		}
		b, err := json.Marshal(e)
		if err != nil || !json.Valid(b) || !containsNull(b) {
			t.Errorf("%s of nothing is written as %s, %v", name, b, err)
		}
	}
}

func containsNull(b []byte) bool {
	var m map[string]any
	return json.Unmarshal(b, &m) == nil && m["value"] == nil && m["interval"] == nil
}

func TestTopBoxScales(t *testing.T) {
	for scale, satisfied := range map[int]int{3: 1, 4: 2, 5: 2, 6: 2, 7: 2, 10: 3} {
		all := stat.Answers{}
		for s := 1; s <= scale; s++ {
			all[s] = 1
		}
		e, err := stat.TopBox(all, scale, l95)
		if err != nil || e.Numerator != float64(satisfied) || e.N != scale || e.Denominator != float64(scale) {
			t.Errorf("scale %d: %+v, %v", scale, e, err)
		}
		low, err := stat.BottomBox(all, scale, l95)
		if err != nil || low.Numerator != float64(satisfied) {
			t.Errorf("bottom of scale %d: %+v, %v", scale, low, err)
		}
		var se *stat.ScoreError
		for _, bad := range []int{0, -1, scale + 1} {
			if _, err := stat.TopBox(stat.Tally(1, bad), scale, l95); !errors.As(err, &se) || se.Score != bad {
				t.Errorf("score %d on a scale of %d: %v", bad, scale, err)
			}
		}
	}
	var sc *stat.ScaleError
	if _, err := stat.TopBox(stat.Tally(1), 8, l95); !errors.As(err, &sc) || sc.Scale != 8 {
		t.Errorf("scale of 8: %v", err)
	}
	var se *stat.ScoreError
	if _, err := stat.NPS(stat.Tally(11), l95); !errors.As(err, &se) {
		t.Errorf("11 on the NPS scale: %v", err)
	}
	if _, err := stat.TopBox(stat.Answers{4: -1}, 5, l95); !errors.As(err, &se) || se.Count != -1 {
		t.Errorf("negative count: %v", err)
	}
}

func TestMeanScoreAgreesWithMean(t *testing.T) {
	got, err := stat.MeanScore(stat.Tally(1, 2, 2, 5, 7, 7, 6), 7, l95)
	if err != nil {
		t.Fatal(err)
	}
	want := stat.Mean([]float64{1, 2, 2, 5, 7, 7, 6}, l95)
	nearPtr(t, "mean", got.Value, *want.Value, 1e-12)
	near(t, "low", got.Interval.Low, want.Interval.Low, 1e-12)
	near(t, "high", got.Interval.High, min(want.Interval.High, 7), 1e-12)
	effort, err := stat.ShareFrom(stat.Tally(1, 2, 2, 5, 7, 7, 6), 7, 5, l95)
	if err != nil || effort.Numerator != 4 {
		t.Errorf("5 to 7: %+v, %v", effort, err)
	}
}

// Student's sleep data, group 1 (R: t.test(extra ~ 1)): mean 0.75, 95 %
// interval −0.5297804 to 2.0297804.
func TestMeanStudent(t *testing.T) {
	e := stat.Mean([]float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2}, l95)
	nearPtr(t, "mean", e.Value, 0.75, 1e-12)
	near(t, "low", e.Interval.Low, -0.5297804, 5e-7)
	near(t, "high", e.Interval.High, 2.0297804, 5e-7)
	if one := stat.Mean([]float64{3}, l95); *one.Value != 3 || one.Interval != nil {
		t.Errorf("one value: %+v", one)
	}
}

func TestGoal(t *testing.T) {
	e := stat.Proportion(80, 100, l95) // .711 to .867
	for goal, want := range map[float64][2]stat.Attainment{
		.70: {stat.Met, stat.Missed},
		.80: {stat.Undecided, stat.Undecided},
		.90: {stat.Missed, stat.Met},
	} {
		got := [2]stat.Attainment{stat.AtLeast(e, goal), stat.AtMost(e, goal)}
		if got != want {
			t.Errorf("80 of 100 against %v: %v, want %v", goal, got, want)
		}
	}
	if stat.AtLeast(stat.Estimate{}, 0) != stat.Undecided || stat.AtMost(stat.Estimate{}, 1) != stat.Undecided {
		t.Error("no data must decide nothing")
	}
	edge := stat.Estimate{Value: e.Value, Interval: &stat.Interval{Low: .7, High: .9}}
	if stat.AtLeast(edge, .7) != stat.Met || stat.AtLeast(edge, .9) != stat.Undecided || stat.AtMost(edge, .9) != stat.Met {
		t.Error("ends of the interval are judged wrongly")
	}
}

func TestWeightAndRound(t *testing.T) {
	for n, want := range map[int]stat.Weight{0: stat.CountsOnly, 9: stat.CountsOnly, 10: stat.Few, 29: stat.Few, 30: stat.Solid} {
		if got := stat.WeightOf(n); got != want {
			t.Errorf("n=%d: %s, want %s", n, got, want)
		}
	}
	for in, want := range map[float64]float64{2.25: 2.3, -2.25: -2.3, 33.333: 33.3, 99.96: 100} {
		if got := stat.Round(in, 1); got != want {
			t.Errorf("Round(%v) = %v, want %v", in, got, want)
		}
	}
}

func TestImpossibleCountsPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"k > n":     func() { stat.Wilson(2, 1, l95) },
		"k < 0":     func() { stat.Wilson(-1, 1, l95) },
		"level 1":   func() { stat.Wilson(1, 2, 1) },
		"level NaN": func() { stat.Wilson(1, 2, math.NaN()) },
		"NPS":       func() { stat.NPSOf(-1, 2, 3, l95) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}

func TestIntervalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		level := rapid.SampledFrom([]float64{.5, .8, .9, .95, .99, .999}).Draw(t, "level")
		iv := stat.Wilson(k, n, level)
		p := float64(k) / float64(n)
		if iv.Low < 0 || iv.High > 1 || !iv.Contains(p) {
			t.Fatalf("%d of %d: %v", k, n, iv)
		}
		if k < n {
			if up := stat.Wilson(k+1, n, level); up.Low <= iv.Low && k > 0 || up.High < iv.High {
				t.Fatalf("one success more moved %v to %v", iv, up)
			}
		}
		if more := stat.Wilson(2*k, 2*n, level); more.High-more.Low >= iv.High-iv.Low {
			t.Fatalf("twice the data widened %v to %v", iv, more)
		}
		if mirror := stat.Wilson(n-k, n, level); math.Abs(1-mirror.High-iv.Low) > 1e-12 || math.Abs(1-mirror.Low-iv.High) > 1e-12 {
			t.Fatalf("%v is not the mirror of %v", mirror, iv)
		}
		m := rapid.IntRange(1, 500).Draw(t, "m")
		j := rapid.IntRange(0, m).Draw(t, "j")
		d := stat.NewcombeDiff(k, n, j, m, level)
		if !d.Interval.Contains(*d.Value) || d.Interval.Low < -1-1e-12 || d.Interval.High > 1+1e-12 {
			t.Fatalf("difference %v with %v", *d.Value, d.Interval)
		}
	})
}

func TestNPSProperties(t *testing.T) {
	count := rapid.IntRange(0, 400)
	rapid.Check(t, func(t *rapid.T) {
		p, pa, d := count.Draw(t, "promoters"), count.Draw(t, "passives"), count.Draw(t, "detractors")
		s := stat.NPSOf(p, pa, d, l95)
		if p+pa+d == 0 {
			if s.Value != nil {
				t.Fatal("a score of nothing")
			}
			return
		}
		if *s.Value < -1 || *s.Value > 1 || s.Interval.Low < -1 || s.Interval.High > 1 || s.Interval.Low > s.Interval.High {
			t.Fatalf("%+v", s)
		}
		m := stat.NPSOf(d, pa, p, l95)
		if *m.Value != -*s.Value || math.Abs(m.Interval.Low+s.Interval.High) > 1e-12 {
			t.Fatalf("swapping groups: %+v and %+v", s, m)
		}
		if more := stat.NPSOf(p+1, pa, d, l95); *more.Value < *s.Value {
			t.Fatalf("a promoter more lowered %v to %v", *s.Value, *more.Value)
		}
	})
}

func TestAnswersMerge(t *testing.T) {
	scores := rapid.SliceOf(rapid.IntRange(1, 5))
	rapid.Check(t, func(t *rapid.T) {
		a, b := scores.Draw(t, "a"), scores.Draw(t, "b")
		both := append(append([]int{}, a...), b...)
		if d := cmp.Diff(stat.Tally(both...), stat.Tally(a...).Merge(stat.Tally(b...))); d != "" {
			t.Fatal(d)
		}
	})
}

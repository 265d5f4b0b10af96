package stat_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// O20: NIST 7.2.6.2.
func TestPercentileNIST(t *testing.T) {
	x := []float64{95.1772, 95.1567, 95.1937, 95.1959, 95.1442, 95.0610, 95.1591, 95.1195, 95.1065, 95.0925, 95.1990, 95.1682}
	before := slices.Clone(x)
	six, _ := stat.Percentile(x, .9, stat.Type6)
	near(t, "type 6", six, 95.1981, 5e-5)
	seven, _ := stat.Percentile(x, .9, stat.Type7)
	near(t, "type 7", seven, 95.19568, 5e-6)
	if !slices.Equal(x, before) {
		t.Error("the input was sorted")
	}
	if _, ok := stat.Percentile(nil, .5, stat.Type7); ok {
		t.Error("a percentile of nothing")
	}
	if m, ok := stat.Median([]float64{3, 1, 2, 10}); !ok || m != 2.5 {
		t.Errorf("median %v", m)
	}
}

func TestPercentileProperties(t *testing.T) {
	xs := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 200)
	q := rapid.Float64Range(0, 1)
	rapid.Check(t, func(t *rapid.T) {
		x, a, b := xs.Draw(t, "x"), q.Draw(t, "a"), q.Draw(t, "b")
		a, b = min(a, b), max(a, b)
		for _, m := range []stat.Method{stat.Type6, stat.Type7} {
			va, _ := stat.Percentile(x, a, m)
			vb, _ := stat.Percentile(x, b, m)
			if va > vb+1e-6 || va < slices.Min(x) || vb > slices.Max(x)+1e-6 {
				t.Fatalf("type %d: %v at %v, %v at %v", m, va, a, vb, b)
			}
		}
	})
}

// O34: every quantile within 1 % of the true one, and merging is the union.
func TestSketchProperties(t *testing.T) {
	value := rapid.OneOf(rapid.Float64Range(0, 10), rapid.Float64Range(1e-3, 1e9), rapid.Just(0.0))
	xs := rapid.SliceOfN(value, 1, 300)
	rapid.Check(t, func(t *rapid.T) {
		a, b := xs.Draw(t, "a"), xs.Draw(t, "b")
		all := slices.Concat(a, b)
		var sa, sb, union stat.Sketch
		fill(t, &sa, a)
		fill(t, &sb, b)
		fill(t, &union, all)
		sa.Merge(&sb)
		slices.Sort(all)
		for _, q := range []float64{0, .01, .25, .5, .75, .9, .95, .99, 1} {
			truth := all[int(q*float64(len(all)-1))]
			got, ok := union.Quantile(q)
			if !ok || math.Abs(got-truth) > stat.SketchError*truth+1e-9 {
				t.Fatalf("quantile %v is %v, truth %v", q, got, truth)
			}
			if merged, _ := sa.Quantile(q); merged != got {
				t.Fatalf("quantile %v is %v merged, %v at once", q, merged, got)
			}
		}
		if sa.N() != len(all) {
			t.Fatalf("%d values merged, %d given", sa.N(), len(all))
		}
		ma, _ := sa.Mean()
		mu, _ := union.Mean()
		if math.Abs(ma-mu) > 1e-9*(1+mu) {
			t.Fatalf("means %v and %v", ma, mu)
		}
		kept, err := json.Marshal(&union)
		if err != nil {
			t.Fatal(err)
		}
		var back stat.Sketch
		if err := json.Unmarshal(kept, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(&back)
		if err != nil || string(again) != string(kept) {
			t.Fatalf("%s came back as %s, %v", kept, again, err)
		}
		if back.N() != union.N() {
			t.Fatalf("%d values came back of %d", back.N(), union.N())
		}
		var short stat.Sketch
		short.Merge(&sa)
		rest, err := short.DecodeBinary(union.AppendBinary(nil))
		if err != nil || len(rest) > 0 {
			t.Fatalf("%d bytes are left, %v", len(rest), err)
		}
		if again, err := json.Marshal(&short); err != nil || string(again) != string(kept) {
			t.Fatalf("%s came back as %s, %v", kept, again, err)
		}
	})
}

func fill(t *rapid.T, s *stat.Sketch, xs []float64) {
	for _, x := range xs {
		if err := s.Add(x); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSketchRefuses(t *testing.T) {
	var s stat.Sketch
	for _, x := range []float64{-1, math.NaN(), math.Inf(1)} {
		if err := s.Add(x); err == nil {
			t.Errorf("%v was taken", x)
		}
	}
	if _, ok := s.Quantile(.5); ok || s.N() != 0 {
		t.Error("an empty sketch has a median")
	}
	s.Merge(nil)
	s.Merge(&stat.Sketch{})
	if _, ok := s.Mean(); ok {
		t.Error("an empty sketch has a mean")
	}
	for _, bad := range []string{
		`{`, `{"error":0.02,"bins":[]}`, `{"error":0.01,"bins":[[1,-3]]}`, `{"error":0.01,"bins":[[9000000000,1]]}`,
		`{"error":0.01,"min":2,"max":1,"bins":[]}`,
	} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// O26: qcc's paretoChart.
func TestPareto(t *testing.T) {
	bars := []stat.Bar{{Key: "price", Weight: 80}, {Key: "supplier", Weight: 27}, {Key: "schedule", Weight: 94}, {Key: "contact", Weight: 66}, {Key: "part", Weight: 33}}
	got, err := stat.Pareto(bars, 0, "other")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{31.33, 58, 80, 91, 100} {
		nearPtr(t, got[i].Key, got[i].Cumulative, want/100, 5e-5)
	}
	keys := func(bars []stat.ParetoBar) (out []string) {
		for _, b := range bars {
			out = append(out, b.Key)
		}
		return out
	}
	if d := cmp.Diff([]string{"schedule", "price", "contact", "part", "supplier"}, keys(got)); d != "" {
		t.Error(d)
	}
	got, err = stat.Pareto(append(bars, stat.Bar{Key: "unknown", Weight: 500, Rest: true}), 2, "other")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"schedule", "price", "other"}, keys(got)); d != "" {
		t.Error(d)
	}
	if got[2].Weight != 626 || *got[2].Cumulative != 1 {
		t.Errorf("the rest: %+v", got[2])
	}
	empty, err := stat.Pareto([]stat.Bar{{Key: "a"}}, 0, "other")
	if err != nil || empty[0].Share != nil || empty[0].Cumulative != nil {
		t.Errorf("weights of zero: %+v, %v", empty, err)
	}
	if _, err := stat.Pareto([]stat.Bar{{Key: "a", Weight: -1}}, 0, "other"); err == nil {
		t.Error("a negative weight was taken")
	}
}

// O33: R's p.adjust(method = "BH").
func TestBenjaminiHochberg(t *testing.T) {
	got, err := stat.BenjaminiHochberg([]float64{.01, .02, .03, .04, .05})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range got {
		near(t, "q", q, .05, 1e-12)
	}
	// In the order given: sorted .005 .009 .05 .5, times 4/1 4/2 4/3 4/4.
	got, err = stat.BenjaminiHochberg([]float64{.5, .005, .05, .009})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{.5, .018, .05 * 4 / 3, .018} {
		near(t, "q", got[i], want, 1e-12)
	}
	if _, err := stat.BenjaminiHochberg([]float64{math.NaN()}); err == nil {
		t.Error("NaN was taken")
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOf(rapid.Float64Range(0, 1)).Draw(t, "p")
		q, err := stat.BenjaminiHochberg(p)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			if q[i] < p[i] || q[i] > 1 {
				t.Fatalf("p %v became %v", p[i], q[i])
			}
			for j := range p {
				if p[i] < p[j] && q[i] > q[j] {
					t.Fatal("the order was changed")
				}
			}
		}
	})
}

func lives(ended []float64, open ...float64) []stat.Lifetime {
	var out []stat.Lifetime
	for _, t := range ended {
		out = append(out, stat.Lifetime{Time: t, Ended: true})
	}
	for _, t := range open {
		out = append(out, stat.Lifetime{Time: t})
	}
	return out
}

// Leukaemia remissions (Miller 1997; R: survfit(Surv(time, status) ~ x, aml)).
func TestKaplanMeierAML(t *testing.T) {
	c, err := stat.KaplanMeier(lives([]float64{9, 13, 18, 23, 31, 34, 48}, 13, 28, 45, 161), l95)
	if err != nil {
		t.Fatal(err)
	}
	want := []stat.Step{
		{9, 11, 1, .9091, .7541, 1},
		{13, 10, 1, .8182, .6192, 1},
		{18, 8, 1, .7159, .4884, 1},
		{23, 7, 1, .6136, .3769, .999},
		{31, 5, 1, .4909, .2549, .946},
		{34, 4, 1, .3682, .1549, .875},
		{48, 2, 1, .1841, .0359, .944},
	}
	if len(c.Steps) != len(want) {
		t.Fatalf("%d steps", len(c.Steps))
	}
	for i, w := range want {
		g := c.Steps[i]
		if g.Time != w.Time || g.AtRisk != w.AtRisk || g.Ended != w.Ended {
			t.Errorf("step %d: %+v, want %+v", i, g, w)
		}
		near(t, "survival", g.Survival, w.Survival, 5e-5)
		near(t, "low", g.Low, w.Low, 5e-5)
		near(t, "high", g.High, w.High, 5e-4)
	}
	m := c.Median()
	nearPtr(t, "median", m.Value, 31, 0)
	nearPtr(t, "low", m.Low, 18, 0)
	if m.High != nil {
		t.Errorf("upper end %v, and the data do not reach so far", *m.High)
	}
	c, err = stat.KaplanMeier(lives([]float64{5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45}, 16), l95)
	if err != nil {
		t.Fatal(err)
	}
	m = c.Median()
	nearPtr(t, "median", m.Value, 23, 0)
	nearPtr(t, "low", m.Low, 8, 0)
	if last := c.Steps[len(c.Steps)-1]; last.Survival != 0 || last.Low != 0 || last.High != 0 {
		t.Errorf("all ended: %+v", last)
	}
}

func TestKaplanMeierUnreached(t *testing.T) {
	c, err := stat.KaplanMeier(lives([]float64{2}, 5, 6, 7, 8), l95)
	if err != nil {
		t.Fatal(err)
	}
	if m := c.Median(); m.Value != nil || m.High != nil || m.N != 5 || m.Ended != 1 {
		t.Errorf("one of five has ended, median %+v", m)
	}
	nearPtr(t, "first tenth", c.Quantile(.1).Value, 2, 0)
	if _, err := stat.KaplanMeier(lives([]float64{-1}), l95); err == nil {
		t.Error("a negative lifetime was taken")
	}
	none, err := stat.KaplanMeier(nil, l95)
	if err != nil || none.At(3) != 1 || none.Median().Value != nil {
		t.Errorf("no cases: %+v, %v", none, err)
	}
}

func TestKaplanMeierProperties(t *testing.T) {
	life := rapid.Custom(func(t *rapid.T) stat.Lifetime {
		return stat.Lifetime{Time: float64(rapid.IntRange(0, 30).Draw(t, "time")), Ended: rapid.Bool().Draw(t, "ended")}
	})
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(life, 1, 80).Draw(t, "lives")
		c, err := stat.KaplanMeier(xs, l95)
		if err != nil {
			t.Fatal(err)
		}
		last, lastAt := 1.0, -1.0
		for _, s := range c.Steps {
			if s.Survival > last || s.Time <= lastAt || s.Survival < 0 || s.Low > s.Survival+1e-12 || s.High < s.Survival-1e-12 || s.High > 1 {
				t.Fatalf("%+v after %v", s, last)
			}
			last, lastAt = s.Survival, s.Time
		}
		// Without censoring the curve is one minus the share that has ended.
		for i := range xs {
			xs[i].Ended = true
		}
		full, err := stat.KaplanMeier(xs, l95)
		if err != nil {
			t.Fatal(err)
		}
		at := float64(rapid.IntRange(0, 31).Draw(t, "at"))
		over := 0
		for _, x := range xs {
			if x.Time > at {
				over++
			}
		}
		if got, want := full.At(at), float64(over)/float64(len(xs)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v still going on at %v, want %v", got, at, want)
		}
		for _, q := range []float64{.1, .25, .5, .9} {
			p := full.Quantile(q)
			if p.Value == nil || full.At(*p.Value) > 1-q+1e-6 {
				t.Fatalf("quantile %v is %+v", q, p)
			}
		}
	})
}

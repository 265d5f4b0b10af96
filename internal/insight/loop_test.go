package insight_test

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

func (w *world) report(q insight.Query) (l insight.Loop) {
	w.Helper()
	if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) (err error) {
		l, err = insight.Report(w.ctx, tx, q)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return l
}

// The same counted again, one row after another, without SQL.
func TestLoopAgreesWithANaiveRecount(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.fill(600)
		for name, q := range map[string]insight.Query{
			"one brand":          {BrandID: "brn_1", From: "2025-12-01", To: "2026-03-31"},
			"across a DST shift": {BrandID: "brn_2", From: "2026-02-25", To: "2026-03-20"},
			"all brands":         {From: "2025-10-01", To: "2026-04-15"},
			"the default period": {BrandID: "brn_1"},
			"a single day":       {BrandID: "brn_2", From: "2026-01-15", To: "2026-01-15"},
			"before everything":  {From: "2019-01-01", To: "2019-12-31"},
		} {
			l := w.report(q)
			n := naive{w: w, q: q, l: l}
			n.within(name)
		}
	})
}

// naive recounts one report.
type naive struct {
	w *world
	q insight.Query
	l insight.Loop
}

func (n naive) mine(brand string) bool { return n.q.BrandID == "" || n.q.BrandID == brand }

// in tells whether a moment lies on one of the period's days where a brand is.
func (n naive) in(brand string, t time.Time) bool {
	day := t.In(zoneOf(brand)).Format("2006-01-02")
	return !t.IsZero() && day >= n.l.From && day <= n.l.To
}

func zoneOf(brand string) *time.Location {
	for _, b := range brands {
		if b.id == brand {
			zone, err := time.LoadLocation(b.hours.Zone)
			if err != nil {
				panic(err)
			}
			return zone
		}
	}
	panic(brand)
}

func (n naive) within(name string) {
	n.w.Helper()
	n.satisfaction(name)
	n.waiting(name)
	n.cases(name)
	n.promises(name)
	n.timeToClose(name)
}

func same(t testing.TB, name, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s is %v, want %v", name, what, got, want)
	}
}

// share compares a proportion; without a denominator there must be no value.
func share(t testing.TB, name, what string, got stat.Estimate, k, n int) {
	t.Helper()
	same(t, name, what+" n", got.N, n)
	same(t, name, what+" numerator", int(got.Numerator), k)
	if n == 0 {
		if got.Value != nil || got.Interval != nil {
			t.Errorf("%s: %s of nothing is %v", name, what, got)
		}
		return
	}
	near(t, name, what, got.Value, float64(k)/float64(n))
	if got.Interval == nil || got.Interval.Low > *got.Value || got.Interval.High < *got.Value {
		t.Errorf("%s: %s %v outside its interval %v", name, what, *got.Value, got.Interval)
	}
}

func near(t testing.TB, name, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9*(1+math.Abs(want)) {
		t.Errorf("%s: %s is %v, want %v", name, what, got, want)
	}
}

func (n naive) repeated(name string) {
	k, all := 0, 0
	for _, r := range n.w.replies {
		if r.repeated != nil && n.mine(r.brand) && n.in(r.brand, r.at) {
			all++
			if *r.repeated {
				k++
			}
		}
	}
	share(n.w, name, "repeated", n.l.Repeated, k, all)
}

func (n naive) satisfaction(name string) {
	k, all := 0, 0
	var dist [5]int
	weeks := map[string][2]int{}
	for _, r := range n.w.replies {
		if r.kind != "csat" || !n.mine(r.brand) {
			continue
		}
		local := r.at.In(zoneOf(r.brand))
		monday := local.AddDate(0, 0, -(int(local.Weekday())+6)%7).Format("2006-01-02")
		if local.Format("2006-01-02") <= n.l.To {
			at := weeks[monday]
			if r.score >= 4 {
				at[0]++
			}
			at[1]++
			weeks[monday] = at
		}
		if n.in(r.brand, r.at) {
			all++
			dist[r.score-1]++
			if r.score >= 4 {
				k++
			}
		}
	}
	share(n.w, name, "csat", n.l.CSAT, k, all)
	n.repeated(name)
	same(n.w, name, "distribution", n.l.Distribution, dist)
	for i, p := range n.l.Weeks.Points {
		if i == 0 || !p.Start.Before(n.l.Start.AddDate(0, 0, -8)) || !n.l.Start.Before(p.Start) {
			if p.Start.Before(n.l.Start) && p.End.After(n.l.Start) {
				continue // the period cuts this week
			}
		}
		same(n.w, name, "week "+p.Name, [2]int{p.K, p.N}, weeks[p.Name])
		if p.N == 0 && p.Value != nil {
			n.w.Errorf("%s: week %s of no answers has %v", name, p.Name, *p.Value)
		}
	}
}

func (n naive) waiting(name string) {
	var first, full, once [2][]float64
	for _, t := range n.w.threads {
		if t.muted || t.merged || !n.mine(t.brand) {
			continue
		}
		began := t.created
		if t.origin == "customer" && !t.firstCustomer.IsZero() {
			began = t.firstCustomer
		}
		for _, x := range []struct {
			into     *[2][]float64
			from, to time.Time
		}{{&first, t.firstCustomer, t.answered}, {&full, began, t.resolved}, {&once, began, t.firstResolved}} {
			if n.in(t.brand, x.to) && !x.from.IsZero() {
				x.into[0] = append(x.into[0], x.to.Sub(x.from).Seconds())
				x.into[1] = append(x.into[1], openMinutes(t.brand, x.from, x.to)*60)
			}
		}
	}
	for what, x := range map[string]struct {
		got  insight.Durations
		want [2][]float64
	}{"first response": {n.l.FirstResponse, first}, "resolution": {n.l.Resolution, full}, "first resolution": {n.l.FirstResolution, once}} {
		spread(n.w, name, what+" by the clock", x.got.Clock, x.want[0])
		spread(n.w, name, what+" in business time", x.got.Business, x.want[1])
	}
}

func spread(t testing.TB, name, what string, got insight.Spread, want []float64) {
	t.Helper()
	same(t, name, what+" n", got.N, len(want))
	if len(want) == 0 {
		if got.P50 != nil || got.P90 != nil {
			t.Errorf("%s: %s of nothing", name, what)
		}
		return
	}
	slices.Sort(want)
	quantile := func(q float64) float64 { // type 7: rank q·(n−1)
		at := q * float64(len(want)-1)
		i := int(at)
		if i+1 == len(want) {
			return want[i]
		}
		return want[i] + (at-float64(i))*(want[i+1]-want[i])
	}
	near(t, name, what+" p50", got.P50, quantile(0.5))
	near(t, name, what+" p90", got.P90, quantile(0.9))
}

// openMinutes looks at every minute on the clock on the wall.
func openMinutes(brandID string, from, to time.Time) float64 {
	i := slices.IndexFunc(brands, func(b struct {
		id    string
		hours worktime.Hours
	}) bool {
		return b.id == brandID
	})
	zone, err := time.LoadLocation(brands[i].hours.Zone)
	if err != nil {
		panic(err)
	}
	opens, closes := 9*60, 18*60
	if brandID == "brn_2" {
		opens, closes = 8*60+30, 17*60+15
	}
	minutes := 0.0
	for t := from; t.Before(to); t = t.Add(time.Minute) {
		local := t.In(zone)
		m := local.Hour()*60 + local.Minute()
		if wd := local.Weekday(); wd != time.Saturday && wd != time.Sunday && m >= opens && m < closes {
			minutes++
		}
	}
	return minutes
}

func (n naive) cases(name string) {
	var open, overdue, opened, closed, recovered, known int
	causes := map[string]int{}
	last := map[string]reply{}
	for _, c := range n.w.cases {
		if !n.mine(c.brand) {
			continue
		}
		if c.state != "closed" {
			open++
			if !c.due.IsZero() && c.due.Before(n.w.now) {
				overdue++
			}
		}
		if n.in(c.brand, c.opened) {
			opened++
			if c.cause != "" {
				known++
				causes[c.cause]++
			}
		}
		if n.in(c.brand, c.closed) {
			closed++
			if c.outcome == "recovered" {
				recovered++
			}
		}
	}
	same(n.w, name, "cases", n.l.Cases, insight.CaseCounts{Open: open, Overdue: overdue, Opened: opened, Closed: closed})
	share(n.w, name, "conservative", n.l.Conservative, recovered, closed)
	for _, r := range n.w.replies {
		if r.kind == "follow-up" && n.mine(r.brand) && n.in(r.brand, r.at) && !r.at.Before(last[r.caseID].at) {
			last[r.caseID] = r
		}
	}
	won := 0
	for _, r := range last {
		if r.score >= 4 {
			won++
		}
	}
	share(n.w, name, "recovery", n.l.Recovery, won, len(last))
	same(n.w, name, "known causes", n.l.CausesN, known)
	same(n.w, name, "kinds of causes", len(n.l.Causes), len(causes))
	sum := 0
	for i, bar := range n.l.Causes {
		sum += causes[bar.Key]
		same(n.w, name, bar.Key, int(bar.Weight), causes[bar.Key])
		near(n.w, name, "cumulative "+bar.Key, bar.Cumulative, float64(sum)/float64(known))
		if bar.Key == "other" && i != len(n.l.Causes)-1 {
			n.w.Errorf("%s: other is not last", name)
		}
	}
}

func (n naive) promises(name string) {
	counts := map[string]int{}
	for _, p := range n.w.words {
		if n.mine(p.brand) && n.in(p.brand, p.due) {
			counts[p.state]++
		}
	}
	same(n.w, name, "promises", [3]int{n.l.Promises.Kept, n.l.Promises.Broken, n.l.Promises.Open}, [3]int{counts["kept"], counts["broken"], counts["open"]})
	share(n.w, name, "promises kept", n.l.Promises.Rate, counts["kept"], counts["kept"]+counts["broken"])
}

// timeToClose multiplies the product limit by hand and looks for its half.
func (n naive) timeToClose(name string) {
	type life struct {
		hours float64
		ended bool
	}
	var lives []life
	still := 0
	for _, c := range n.w.cases {
		if !n.mine(c.brand) || !n.in(c.brand, c.opened) {
			continue
		}
		end := n.w.now
		if !c.closed.IsZero() {
			end = c.closed
		}
		if c.state != "closed" {
			still++
		}
		lives = append(lives, life{max(end.Sub(c.opened), 0).Hours(), !c.confirmed.IsZero()})
	}
	same(n.w, name, "lifetimes", n.l.TimeToClose.N, len(lives))
	same(n.w, name, "still open", n.l.StillOpen, still)
	slices.SortFunc(lives, func(a, b life) int { return cmp.Compare(a.hours, b.hours) })
	surviving, median := 1.0, math.NaN()
	for i := 0; i < len(lives); {
		j, ended := i, 0
		for ; j < len(lives) && lives[j].hours == lives[i].hours; j++ {
			if lives[j].ended {
				ended++
			}
		}
		surviving *= 1 - float64(ended)/float64(len(lives)-i)
		if surviving <= 0.5+1e-12 && math.IsNaN(median) {
			median = lives[i].hours
		}
		i = j
	}
	if math.IsNaN(median) {
		if n.l.TimeToClose.Value != nil {
			n.w.Errorf("%s: median %v although half is not reached", name, *n.l.TimeToClose.Value)
		}
		return
	}
	near(n.w, name, "median time to close", n.l.TimeToClose.Value, median)
}

// 81 of 263: Newcombe (1998), Statistics in Medicine 17:857, table I.
func TestCSATKnownAnswer(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.write(func(tx *sqldb.Tx) error {
			th := w.thread(tx)
			for i := range 263 {
				score := 1 + i%3
				if i < 81 {
					score = 4 + i%2
				}
				w.reply(tx, reply{brand: "brn_1", kind: "csat", score: score, at: w.now.Add(-time.Hour)}, th.id)
			}
			return nil
		})
		l := w.report(insight.Query{BrandID: "brn_1"})
		if got := [2]float64{stat.Round(l.CSAT.Interval.Low, 4), stat.Round(l.CSAT.Interval.High, 4)}; got != [2]float64{.2553, .3662} {
			t.Errorf("interval %v", got)
		}
		if l.Distribution != [5]int{61, 61, 60, 41, 40} {
			t.Errorf("distribution %v", l.Distribution)
		}
	})
}

// The chart is the one of package stat, over local weeks that reach back half a year.
func TestWeekChart(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, clock.NewManual(dbtest.Start)), clock.NewManual(dbtest.Start))
	counted := []stat.Counted{}
	w.write(func(tx *sqldb.Tx) error {
		th := w.thread(tx)
		monday := time.Date(2025, 10, 19, 15, 0, 0, 0, time.UTC) // Monday 2025-10-20, 00:00 in Tokyo
		for i := range 25 {
			n, k := 20+i%7, 12+(i*5)%8
			if i == 9 {
				n, k = 0, 0 // a week without answers is a gap
			}
			if i == 23 {
				k = 2
			}
			counted = append(counted, stat.Counted{Count: float64(k), Size: float64(n)})
			for j := range n {
				score := 2
				if j < k {
					score = 5
				}
				at := monday.AddDate(0, 0, 7*i)
				if j%2 == 1 {
					at = at.AddDate(0, 0, 7).Add(-time.Millisecond)
				}
				w.reply(tx, reply{brand: "brn_1", kind: "csat", score: score, at: at}, th.id)
			}
		}
		return nil
	})
	l := w.report(insight.Query{BrandID: "brn_1", From: "2026-04-06", To: "2026-04-12"})
	want, err := stat.PPrime(counted, stat.Plan{})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Weeks.Points) != len(want.Points) || l.Weeks.Provisional {
		t.Fatalf("%d weeks, provisional %v; want %d", len(l.Weeks.Points), l.Weeks.Provisional, len(want.Points))
	}
	for i, p := range l.Weeks.Points {
		q := want.Points[i]
		if p.N != int(q.N) || !slices.Equal(p.Signals, q.Signals) || (p.Upper == nil) != (q.Upper == nil) || p.Upper != nil && *p.Upper != *q.Upper {
			t.Errorf("week %s: %+v, want %+v", p.Name, p, q)
		}
	}
	if p := l.Weeks.Points[23]; p.Name != "2026-03-30" || len(p.Signals) == 0 {
		t.Errorf("the bad week %+v", p)
	}
	if l.Weeks.Points[0].Name != "2025-10-20" || l.Weeks.SigmaZ == nil || *l.Weeks.SigmaZ != want.Phases[0].Basis.Spread {
		t.Errorf("chart from %s, σz %v", l.Weeks.Points[0].Name, l.Weeks.SigmaZ)
	}
	// Few weeks have no limits, and say so.
	few := w.report(insight.Query{BrandID: "brn_1", From: "2025-10-27", To: "2025-11-09"})
	for _, p := range few.Weeks.Points {
		if p.Upper != nil || p.Signals != nil {
			t.Errorf("limits from %d weeks: %+v", len(few.Weeks.Points), p)
		}
	}
	if !few.Weeks.Provisional || few.Weeks.Center == nil || few.Weeks.SigmaZ != nil {
		t.Errorf("few weeks: %+v", few.Weeks)
	}
}

func TestNothingIsNullAndNotZero(t *testing.T) {
	eachWorld(t, func(w *world) {
		l := w.report(insight.Query{})
		for what, e := range map[string]stat.Estimate{"csat": l.CSAT, "recovery": l.Recovery, "conservative": l.Conservative, "promises": l.Promises.Rate} {
			if e.Value != nil || e.N != 0 {
				t.Errorf("%s: %+v", what, e)
			}
		}
		if l.FirstResponse.Clock.P50 != nil || l.TimeToClose.Value != nil || len(l.Causes) != 0 || l.Weeks.Center != nil {
			t.Errorf("of nothing: %+v", l)
		}
	})
}

func TestPeriods(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, c := range []struct {
			q          insight.Query
			start, end string
		}{
			{insight.Query{BrandID: "brn_1", From: "2026-04-01", To: "2026-04-01"}, "2026-03-31T15:00:00Z", "2026-04-01T15:00:00Z"},
			{insight.Query{BrandID: "brn_2", From: "2026-03-08", To: "2026-03-08"}, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"}, // 23 hours
			{insight.Query{BrandID: "brn_1"}, "2026-01-21T15:00:00Z", "2026-04-15T15:00:00Z"},
			{insight.Query{To: "2026-04-10"}, "2026-01-16T15:00:00Z", "2026-04-10T15:00:00Z"},
		} {
			l := w.report(c.q)
			if got := l.Start.Format(time.RFC3339) + " " + l.End.Format(time.RFC3339); got != c.start+" "+c.end {
				t.Errorf("%+v is %s", c.q, got)
			}
		}
		for _, q := range []insight.Query{{From: "yesterday"}, {From: "2026-04-02", To: "2026-04-01"}, {From: "2010-01-01"}, {To: "2026-02-30"}} {
			if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
				_, err := insight.Report(w.ctx, tx, q)
				return err
			}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
			_, err := insight.Report(w.ctx, tx, insight.Query{BrandID: "brn_none"})
			return err
		}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown brand: %v", err)
		}
	})
}

package api

import (
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// LoopReport is the state of the loop of one brand, or all, in one period.
type LoopReport struct {
	BrandID         string        `json:"brandId"`
	From            string        `json:"from"`
	To              string        `json:"to"`
	Zone            string        `json:"zone"`
	CSAT            LoopCSAT      `json:"csat"`
	Repeated        Share         `json:"repeated" doc:"Of the customers who were asked and said: those who had to tell the same thing again."`
	CSATWeeks       LoopWeeks     `json:"csatWeeks" doc:"Laney p′ chart by week; ends with the period and reaches back half a year at least."`
	FirstResponse   LoopDurations `json:"firstResponse"`
	Resolution      LoopDurations `json:"resolution" doc:"To the last resolution."`
	FirstResolution LoopDurations `json:"firstResolution"`
	Cases           LoopCases     `json:"cases"`
	Recovery        LoopRecovery  `json:"recovery"`
	TimeToClose     LoopPassage   `json:"timeToClose"`
	Causes          LoopCauses    `json:"causes"`
	Promises        LoopPromises  `json:"promises"`
}

// Share is a part of a whole, 0 to 1, with its 95 % Wilson interval; null when
// there is nothing to divide by.
type Share struct {
	Value     *float64 `json:"value"`
	N         int      `json:"n"`
	Numerator int      `json:"numerator"`
	Low       *float64 `json:"low"`
	High      *float64 `json:"high"`
}

// LoopCSAT is the share of the scores 4 and 5.
type LoopCSAT struct {
	Share
	Distribution []int `json:"distribution" nullable:"false" doc:"Answers with score 1, 2, 3, 4, 5."`
}

// LoopWeek is one week on the chart: k satisfied of n.
type LoopWeek struct {
	Start  string   `json:"start" doc:"Local date of its Monday."`
	N      int      `json:"n"`
	K      int      `json:"k"`
	Value  *float64 `json:"value"`
	LCL    *float64 `json:"lcl"`
	UCL    *float64 `json:"ucl"`
	Center *float64 `json:"center"`
	Signal bool     `json:"signal"`
	Rules  []string `json:"rules" nullable:"false"`
}

// LoopWeeks is satisfaction by week on a control chart.
type LoopWeeks struct {
	Points      []LoopWeek `json:"points" nullable:"false"`
	Center      *float64   `json:"center"`
	SigmaZ      *float64   `json:"sigmaZ" doc:"Spread beyond chance; null while there are too few weeks for limits."`
	Provisional bool       `json:"provisional" doc:"Fewer weeks than a baseline needs."`
}

// LoopSpread tells a median and a 90th percentile in seconds.
type LoopSpread struct {
	P50 *float64 `json:"p50"`
	P90 *float64 `json:"p90"`
	N   int      `json:"n"`
}

// LoopDurations is one kind of waiting, as the clock goes and in business hours.
type LoopDurations struct {
	Clock    LoopSpread `json:"clock"`
	Business LoopSpread `json:"business"`
}

// LoopCases counts cases: open and overdue now, opened and closed in the period.
type LoopCases struct {
	Open    int `json:"open"`
	Overdue int `json:"overdue"`
	Opened  int `json:"opened"`
	Closed  int `json:"closed"`
}

// LoopRecovery is the recovery rate of those who answered, beside the
// conservative one of all closed cases.
type LoopRecovery struct {
	Rate         Share `json:"rate"`
	Conservative Share `json:"conservative"`
}

// LoopPassage is a Kaplan–Meier median in hours; null when not reached yet.
type LoopPassage struct {
	Median *float64 `json:"median"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	N      int      `json:"n"`
	Open   int      `json:"open"`
}

// LoopCause is one bar of the Pareto chart.
type LoopCause struct {
	Key        string  `json:"key"`
	Label      string  `json:"label"`
	Count      int     `json:"count"`
	Cumulative float64 `json:"cumulative" doc:"0 to 1."`
}

// LoopCauses are the causes of the cases opened in the period, most frequent first.
type LoopCauses struct {
	Items []LoopCause `json:"items" nullable:"false"`
	N     int         `json:"n"`
}

// LoopPromises counts the promises due in the period. Total is kept and broken.
type LoopPromises struct {
	Kept   int      `json:"kept"`
	Broken int      `json:"broken"`
	Open   int      `json:"open"`
	Total  int      `json:"total"`
	Value  *float64 `json:"value"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
}

func (r *Routes) viewLoop(who Caller, l insight.Loop) LoopReport {
	v := LoopReport{
		BrandID: l.BrandID, From: l.From, To: l.To,
		CSAT:          LoopCSAT{Share: viewShare(l.CSAT), Distribution: l.Distribution[:]},
		Repeated:      viewShare(l.Repeated),
		CSATWeeks:     viewWeeks(l.Weeks),
		FirstResponse: viewDurations(l.FirstResponse), Resolution: viewDurations(l.Resolution), FirstResolution: viewDurations(l.FirstResolution),
		Cases:       LoopCases(l.Cases),
		Recovery:    LoopRecovery{Rate: viewShare(l.Recovery), Conservative: viewShare(l.Conservative)},
		TimeToClose: LoopPassage{Median: l.TimeToClose.Value, Low: l.TimeToClose.Low, High: l.TimeToClose.High, N: l.TimeToClose.N, Open: l.StillOpen},
		Causes:      LoopCauses{Items: []LoopCause{}, N: l.CausesN},
	}
	if l.Zone != nil {
		v.Zone = l.Zone.String()
	}
	for _, b := range l.Causes {
		v.Causes.Items = append(v.Causes.Items, LoopCause{Key: b.Key, Label: r.Phrases.Text(who.Locale, "playbook.category."+b.Key, nil),
			Count: int(b.Weight), Cumulative: orZero(b.Cumulative)})
	}
	kept := viewShare(l.Promises.Rate)
	v.Promises = LoopPromises{Kept: l.Promises.Kept, Broken: l.Promises.Broken, Open: l.Promises.Open, Total: kept.N, Value: kept.Value, Low: kept.Low, High: kept.High}
	return v
}

func orZero(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}

func viewShare(e stat.Estimate) Share {
	v := Share{Value: e.Value, N: e.N, Numerator: int(e.Numerator)}
	if e.Interval != nil {
		v.Low, v.High = &e.Interval.Low, &e.Interval.High
	}
	return v
}

func viewWeeks(w insight.WeekChart) LoopWeeks {
	v := LoopWeeks{Points: []LoopWeek{}, Center: w.Center, SigmaZ: w.SigmaZ, Provisional: w.Provisional}
	for _, p := range w.Points {
		at := LoopWeek{Start: p.Name, N: p.N, K: p.K, Value: p.Value, LCL: p.Lower, UCL: p.Upper, Center: p.Center, Signal: len(p.Signals) > 0, Rules: []string{}}
		for _, rule := range p.Signals {
			at.Rules = append(at.Rules, string(rule))
		}
		v.Points = append(v.Points, at)
	}
	return v
}

func viewDurations(d insight.Durations) LoopDurations {
	return LoopDurations{Clock: LoopSpread(d.Clock), Business: LoopSpread(d.Business)}
}

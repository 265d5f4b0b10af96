package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// SurveyPolicy says for one inbox whether, when and how customers are asked.
type SurveyPolicy struct {
	Enabled      bool            `json:"enabled"`
	DelayMinutes int             `json:"delayMinutes" doc:"From the resolution to the mail."`
	Sampling     int             `json:"sampling" doc:"Percent of the resolutions that are asked about."`
	CooldownDays int             `json:"cooldownDays" doc:"Days in which one customer is asked at most once."`
	QuietFrom    string          `json:"quietFrom" doc:"21:00 on the brand's clock; empty with quietTo for none."`
	QuietTo      string          `json:"quietTo"`
	Question     *SurveyQuestion `json:"question,omitempty" doc:"Own wording; absent or empty for the product's."`
	AsksRepeat   bool            `json:"asksRepeat,omitempty" doc:"Asks also whether the customer had to tell the same thing again."`
	Version      *int64          `json:"version,omitempty" minimum:"0" doc:"The version it was read at, 0 if nobody has set one: 409 if it is another by now. Absent overwrites."`
}

// SurveyQuestion is an own wording by language.
type SurveyQuestion struct {
	Ja string `json:"ja,omitempty"`
	En string `json:"en,omitempty"`
}

func viewPolicy(p survey.Policy) SurveyPolicy {
	v := SurveyPolicy{Enabled: p.Enabled, DelayMinutes: int(p.Delay / time.Minute), Sampling: p.Sampling, CooldownDays: p.CoolDown,
		QuietFrom: p.QuietFrom, QuietTo: p.QuietTo, AsksRepeat: p.AsksRepeat, Version: &p.Version}
	if len(p.Question) > 0 {
		v.Question = &SurveyQuestion{Ja: p.Question[phrase.Japanese], En: p.Question[phrase.English]}
	}
	return v
}

func (v SurveyPolicy) policy(inboxID string) survey.Policy {
	p := survey.Policy{InboxID: inboxID, Enabled: v.Enabled, Delay: minutes(v.DelayMinutes), Sampling: v.Sampling, CoolDown: v.CooldownDays,
		QuietFrom: v.QuietFrom, QuietTo: v.QuietTo, AsksRepeat: v.AsksRepeat, Question: map[string]string{}}
	if v.Question != nil {
		p.Question = map[string]string{phrase.Japanese: v.Question.Ja, phrase.English: v.Question.En}
	}
	if v.Version != nil {
		p.Version = cmp.Or(*v.Version, survey.Unset)
	}
	return p
}

// minutes keeps a number that no duration can hold from turning into another.
func minutes(n int) time.Duration {
	const most = int(survey.MaxDelay/time.Minute) + 1
	return time.Duration(min(max(n, -1), most)) * time.Minute
}

// Survey is what an inbox's customers are asked.
type Survey struct {
	ID      string       `json:"id"`
	BrandID string       `json:"brandId"`
	Metric  string       `json:"metric" enum:"csat"`
	Title   string       `json:"title" doc:"The inbox's name."`
	InboxID string       `json:"inboxId"`
	Policy  SurveyPolicy `json:"policy"`
}

type policyInput struct {
	ByID
	Body SurveyPolicy
}

type csatInput struct {
	BrandID string `query:"brandId" maxLength:"64" doc:"Empty for all brands."`
	From    string `query:"from" maxLength:"10" doc:"First local day, 2026-04-01; empty for twelve weeks before to."`
	To      string `query:"to" maxLength:"10" doc:"Last local day; empty for today."`
}

// Satisfaction is CSAT over a period: the share of the scores 4 and 5.
type Satisfaction struct {
	Value        *float64 `json:"value" doc:"0 to 1; null when nobody answered."`
	N            int      `json:"n"`
	Numerator    int      `json:"numerator"`
	Low          *float64 `json:"low" doc:"95 % Wilson interval."`
	High         *float64 `json:"high"`
	Distribution []int    `json:"distribution" nullable:"false" doc:"Answers with score 1, 2, 3, 4, 5."`
}

func addSurveys(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/surveys", Permission: team.SettingsRead, Summary: "List what the customers of each inbox are asked"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Survey], error) { return listSurveys(ctx, r) })
	Handle(r, Op{Method: http.MethodGet, Path: "/inboxes/{id}/survey-policy", Permission: team.SettingsRead, Tag: "surveys", Summary: "Read an inbox's survey policy"},
		func(ctx context.Context, _ Caller, in *ByID) (v SurveyPolicy, err error) {
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				if _, err := r.Inboxes.ByID(ctx, tx, in.ID); err != nil {
					return err
				}
				p, err := r.Surveys.Policy(ctx, tx, in.ID)
				v = viewPolicy(p)
				return err
			})
			return v, err
		})
	Handle(r, Op{Method: http.MethodPut, Path: "/inboxes/{id}/survey-policy", Permission: team.SurveyWrite, Tag: "surveys", Summary: "Set an inbox's survey policy"},
		func(ctx context.Context, who Caller, in *policyInput) (SurveyPolicy, error) {
			p, err := r.Surveys.SetPolicy(ctx, who.Actor, in.Body.policy(in.ID))
			return viewPolicy(p), err
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/reports/csat", Permission: team.ReportRead, Summary: "Customer satisfaction over a period, with its interval"},
		func(ctx context.Context, _ Caller, in *csatInput) (v Satisfaction, err error) {
			err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
				period, err := insight.Resolve(ctx, tx, insight.Query{BrandID: in.BrandID, From: in.From, To: in.To})
				if err != nil {
					return err
				}
				f, err := r.Surveys.Figure(ctx, tx, in.BrandID, period.Start, period.End)
				v = viewFigure(f)
				return err
			})
			return v, err
		})
}

func listSurveys(ctx context.Context, r *Routes) (Page[Survey], error) {
	page := Page[Survey]{Items: []Survey{}}
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		inboxes, err := r.Inboxes.List(ctx, tx)
		if err != nil {
			return err
		}
		policies, err := r.Surveys.Policies(ctx, tx)
		if err != nil {
			return err
		}
		for _, i := range inboxes {
			page.Items = append(page.Items, viewSurvey(i, policies))
		}
		return nil
	})
	return page, err
}

// viewSurvey names a survey after its inbox, as there is one for each.
func viewSurvey(i inbox.Inbox, policies map[string]survey.Policy) Survey {
	p, ok := policies[i.ID]
	if !ok {
		p = survey.DefaultPolicy(i.ID)
	}
	return Survey{ID: i.ID, BrandID: i.BrandID, Metric: survey.Metric, Title: i.Name, InboxID: i.ID, Policy: viewPolicy(p)}
}

func viewFigure(f survey.Figure) Satisfaction {
	v := Satisfaction{Value: f.Value, N: f.N, Numerator: int(f.Numerator), Distribution: f.Distribution[:]}
	if f.Interval != nil {
		v.Low, v.High = &f.Interval.Low, &f.Interval.High
	}
	return v
}

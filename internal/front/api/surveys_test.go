package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
)

// onSurveys runs fn on each engine with a desk that asks its customers.
func onSurveys(t *testing.T, fn func(s *site, d *surveytest.Desk)) {
	for name, open := range map[string]func(testing.TB, clock.Clock) *sqldb.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewManual(dbtest.Start)
			d := surveytest.New(t, open(t, c), c)
			s := &site{T: t, clock: c, mux: http.NewServeMux(), Deps: api.Deps{DB: d.DB, Journal: d.Journal, Queue: d.Queue, Phrases: d.Phrases,
				Version: "test", Agents: d.Agents, Brands: d.Brands, Customers: d.Customers, Inboxes: d.Inboxes, Threads: d.Threads,
				Surveys: d.Program, ClientAddress: func(*http.Request) string { return "203.0.113.7" }, Secure: true}}
			s.routes = api.New(s.mux, s.Deps)
			fn(s, d)
		})
	}
}

func TestSurveyPolicy(t *testing.T) {
	onSurveys(t, func(s *site, d *surveytest.Desk) {
		boss, worker := s.key(team.Manager), s.key(team.Worker)
		path := "/inboxes/" + d.Support.ID + "/survey-policy"
		var got api.SurveyPolicy
		worker.get(path).ok(200, &got)
		first := int64(1)
		want := api.SurveyPolicy{Enabled: true, DelayMinutes: 60, Sampling: 100, CooldownDays: 14, QuietFrom: "21:00", QuietTo: "08:00", Version: &first}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		want = api.SurveyPolicy{Enabled: true, DelayMinutes: 0, Sampling: 50, Question: &api.SurveyQuestion{Ja: "急須はいかがでしたか。"}}
		boss.call("PUT", path, want).ok(200, &got)
		worker.get(path).ok(200, &got)
		second := int64(2)
		want.Version = &second
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var list api.Page[api.Survey]
		worker.get("/surveys").ok(200, &list)
		if len(list.Items) != 2 || list.Items[0].InboxID != d.Support.ID || list.Items[0].Metric != "csat" || !cmp.Equal(list.Items[0].Policy, want) ||
			list.Items[1].InboxID != d.Sales.ID || list.Items[1].Policy.Enabled {
			t.Errorf("%+v", list)
		}
		worker.call("PUT", path, want).problem(403, "error.denied")
		boss.call("PUT", path, api.SurveyPolicy{Version: &first}).problem(409, "error.stale") // somebody else set it meanwhile
		never := int64(0)
		sales := "/inboxes/" + d.Sales.ID + "/survey-policy"
		worker.get(sales).ok(200, &got)
		if got.Version == nil || *got.Version != never {
			t.Errorf("nobody has set %+v", got)
		}
		boss.call("PUT", sales, api.SurveyPolicy{Sampling: 10, Version: &never}).ok(200, &got)
		boss.call("PUT", sales, api.SurveyPolicy{Sampling: 20, Version: &never}).problem(409, "error.stale")
		worker.get(sales).ok(200, &got)
		if got.Sampling != 10 || *got.Version != 1 {
			t.Errorf("the first is lost: %+v", got)
		}
		wrong := want
		wrong.Sampling, wrong.QuietFrom, wrong.DelayMinutes = 101, "9pm", 1<<60
		boss.call("PUT", path, wrong).problem(422, "error.invalid", "body.sampling error.survey.sampling", "body.quietFrom error.survey.clock",
			"body.quietTo error.survey.quietPair", "body.delayMinutes error.survey.delay")
		boss.call("PUT", "/inboxes/inb_none/survey-policy", want).problem(404, "error.inbox.notFound")
		boss.get("/inboxes/inb_none/survey-policy").problem(404, "error.inbox.notFound")
	})
}

func TestInvitationsAndResponses(t *testing.T) {
	onSurveys(t, func(s *site, d *surveytest.Desk) {
		u := s.key(team.Worker)
		conv := d.Hanako()
		d.Resolve(conv)
		mail := d.Surveyed()
		d.Resolve(d.Hanako()) // within the rest: not asked
		var asked api.Page[api.Invitation]
		u.get("/invitations").ok(200, &asked)
		if len(asked.Items) != 2 || asked.Items[0].State != "skipped" || *asked.Items[0].Reason != "cool-down" || asked.Items[0].SentAt != nil ||
			asked.Items[1].State != "sent" || asked.Items[1].Reason != nil || asked.Items[1].Customer.Name != "山田 花子" || asked.Items[1].Customer.Address != "hanako@example.jp" {
			t.Errorf("%+v", asked)
		}
		for _, list := range []string{"/invitations", "/responses"} {
			u.get(list+"?cursor=nonsense").problem(422, "error.cursor")
		}
		u.get("/invitations?state=skipped&inboxId="+d.Support.ID).ok(200, &asked)
		if len(asked.Items) != 1 {
			t.Errorf("skipped: %+v", asked)
		}
		u.get("/invitations?limit=1").ok(200, &asked)
		first := asked.Items[0].ID
		u.get("/invitations?limit=1&cursor="+asked.Next).ok(200, &asked)
		if asked.Items[0].ID == first || asked.Next != "" {
			t.Errorf("second page: %+v", asked)
		}

		if _, err := d.Program.Answer(t.Context(), surveytest.Token(mail), survey.Answer{Score: 2, Comment: "遅い"}); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(time.Hour)
		if _, err := d.Program.Answer(t.Context(), surveytest.Token(mail), survey.Answer{Score: 4, Comment: "解決しました"}); err != nil {
			t.Fatal(err)
		}
		var got api.Page[api.Response]
		u.get("/responses?band=satisfied&brandId="+d.Brand.ID+"&agentId="+d.Hana.ID+"&from=2026-04-01&to=2026-04-30").ok(200, &got)
		if len(got.Items) != 1 {
			t.Fatalf("%+v", got)
		}
		r := got.Items[0]
		if r.Score != 4 || r.Band != "satisfied" || r.ConversationID != string(conv) || r.ChangedAt == nil || r.CaseID != nil || *r.AgentID != d.Hana.ID ||
			len(r.History) != 2 || r.History[0].Score != 2 || r.History[1].Comment != "解決しました" || r.Customer.Name != "山田 花子" {
			t.Errorf("%+v", r)
		}
		var one api.Response
		u.get("/responses/"+r.ID).ok(200, &one)
		if diff := cmp.Diff(r, one); diff != "" {
			t.Error(diff)
		}
		u.get("/responses?band=dissatisfied").ok(200, &got)
		if len(got.Items) != 0 {
			t.Errorf("the old band is still found: %+v", got)
		}
		u.get("/responses?to=2026-03-31&from=2026-03-01").ok(200, &got)
		if len(got.Items) != 0 {
			t.Errorf("another month: %+v", got)
		}
		u.get("/responses/resp_none").problem(404, "error.survey.missing")
		u.get("/responses?cursor=%25").problem(422, "error.cursor")
		u.get("/responses?from=yesterday").problem(422, "error.invalid", "query.from error.report.date")
		s.nobody().get("/responses").problem(401, "error.signIn")

		var csat api.Satisfaction
		u.get("/reports/csat?brandId="+d.Brand.ID+"&from=2026-04-15&to=2026-04-15").ok(200, &csat)
		if csat.Value == nil || *csat.Value != 1 || csat.N != 1 || csat.Numerator != 1 || *csat.High != 1 || *csat.Low < 0.2 || *csat.Low > 0.21 ||
			!cmp.Equal(csat.Distribution, []int{0, 0, 0, 1, 0}) {
			t.Errorf("%+v", csat)
		}
		u.get("/reports/csat?brandId="+d.Brand.ID+"&from=2026-03-01&to=2026-03-02").ok(200, &csat)
		if csat.Value != nil || csat.Low != nil || csat.N != 0 {
			t.Errorf("nobody answered: %+v", csat)
		}
	})
}

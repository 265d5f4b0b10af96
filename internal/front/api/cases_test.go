package api_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
)

// onCases runs fn on each engine with a desk that recovers, an agent, a manager
// and an administrator, all signed in.
func onCases(t *testing.T, fn func(s *mender)) {
	for name, open := range map[string]func(testing.TB, clock.Clock) *sqldb.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewManual(dbtest.Start)
			d := surveytest.New(t, open(t, c), c)
			m := &mender{desk: d, site: &site{T: t, clock: c, mux: http.NewServeMux()}}
			m.Deps = api.Deps{DB: d.DB, Journal: d.Journal, Queue: d.Queue, Phrases: d.Phrases, Version: "test", Agents: d.Agents, Brands: d.Brands,
				Customers: d.Customers, Inboxes: d.Inboxes, Threads: d.Threads, Outbox: d.Outbox, Surveys: d.Program,
				ClientAddress: func(*http.Request) string { return "203.0.113.7" }, Secure: true}
			m.Cases = recovery.New(recovery.Tools{DB: d.DB, IDs: d.IDs, Journal: d.Journal, Queue: d.Queue, Agents: d.Agents, Brands: d.Brands,
				Threads: d.Threads, Program: d.Program})
			event.On(d.Journal, survey.RespondedFact, "recovery.response", m.Cases.Cases.OnResponded)
			m.Bell = notice.New(notice.Tools{DB: d.DB, IDs: d.IDs, Journal: d.Journal, Agents: d.Agents, Brands: d.Brands, Customers: d.Customers,
				Inboxes: d.Inboxes, Threads: d.Threads, Outbox: d.Outbox, Words: d.Phrases, PublicURL: "https://desk.example"})
			event.On(d.Journal, recovery.EscalatedFact, "notice.escalated", m.Bell.OnEscalated)
			m.routes = api.New(m.mux, m.Deps)
			m.worker, m.agent1 = m.agent("Sato", team.Worker)
			m.boss, m.manager1 = m.agent("Mori", team.Manager)
			m.admin, _ = m.agent("Adachi", team.Administrator)
			fn(m)
		})
	}
}

type mender struct {
	*site
	desk                *surveytest.Desk
	worker, boss, admin *user
	agent1, manager1    team.Agent
}

// opened is a case an agent opened by hand.
func (m *mender) opened() api.CaseFull {
	m.Helper()
	var c api.CaseFull
	m.worker.post("/cases", object{"conversationId": m.desk.Hanako(), "harm": 3, "reason": "急須が二度も割れて届きました"}).ok(201, &c)
	return c
}

// done finishes the present step.
func (m *mender) done(by *user, id string) (c api.CaseFull) {
	m.Helper()
	by.get("/cases/"+id).ok(200, &c)
	by.post("/cases/"+id+"/steps/"+present(c).ID+"/complete", object{"evidence": object{"text": "お電話でお話ししました"}}).ok(200, &c)
	return c
}

func present(c api.CaseFull) api.CaseStep {
	for _, s := range c.Steps {
		if s.State == "active" {
			return s
		}
	}
	return api.CaseStep{}
}

// Null and an empty text both take a case from its owner; what is absent stays.
func TestACaseOfNobody(t *testing.T) {
	onCases(t, func(s *mender) {
		c := s.opened()
		path := "/cases/" + c.ID
		for _, nobody := range []any{nil, ""} {
			s.boss.patch(path, object{"ownerId": s.agent1.ID}).ok(200, &c)
			s.boss.patch(path, object{"inputs": object{"public": nobody == nil}}).ok(200, &c)
			if c.OwnerID == nil {
				t.Fatalf("a patch without an owner took the owner away: %+v", c.Case)
			}
			s.worker.patch(path, object{"ownerId": nobody}).problem(403, "error.denied")
			version, told := c.Version, len(c.Story)
			s.boss.patch(path, object{"ownerId": nobody}).ok(200, &c)
			if c.OwnerID != nil || c.Version == version || len(c.Story) != told+1 {
				t.Errorf("%v: owner %v, %d entries after %d", nobody, c.OwnerID, len(c.Story), told)
			}
			var last recovery.UpdatedData
			s.must(s.DB.Read(t.Context(), func(tx *sqldb.Tx) error {
				facts, err := s.Journal.About(t.Context(), tx, c.ID)
				if err != nil {
					return err
				}
				return facts[len(facts)-1].Decode(&last)
			}))
			if last.OwnerID != "" || !slices.Contains(last.Fields, "owner") {
				t.Errorf("%v: the fact says %+v", nobody, last)
			}
		}
		s.boss.patch(path, object{"ownerId": strings.Repeat("x", 65)}).problem(422, "error.invalid", "body.ownerId error.field.invalid")
	})
}

func TestACaseOverHTTP(t *testing.T) {
	onCases(t, func(s *mender) {
		s.worker.lang = "ja"
		c := s.opened()
		if c.Severity != 3 || c.State != "detected" || c.Customer.Name != "山田 花子" || c.Customer.Address != "hanako@example.jp" || c.Subject != "急須のふたが欠けていました" || len(c.Steps) != 8 ||
			c.Playbook.Name != "回復の8ステップ" || c.Steps[0].Title != "受け止めてお詫びする" || c.DueAt == nil || c.Overdue || c.Outcome != nil ||
			!slices.Equal(c.Inputs.Points, []api.CasePoint{{Key: "harm", Points: 3}, {Key: "firmResponsible", Points: 1}}) {
			t.Errorf("opened: %+v", c)
		}
		s.worker.post("/cases", object{"conversationId": c.ConversationID, "harm": 1, "reason": "x"}).problem(409, "error.recovery.openAlready")
		s.worker.post("/cases", object{"conversationId": "conv_x", "harm": 1, "reason": "x"}).problem(404, "error.conversation.notFound")
		s.worker.get("/cases/case_x").problem(404, "error.recovery.notFound")
		path := "/cases/" + c.ID
		s.worker.patch(path, object{"ownerId": s.agent1.ID}).problem(403, "error.denied")
		s.boss.patch(path, object{"ownerId": s.agent1.ID}).ok(200, &c)
		s.worker.post(path+"/take", nil).ok(200, &c)
		if p := present(c); p.TakenBy == nil || *p.TakenBy != s.agent1.ID || *c.OwnerID != s.agent1.ID {
			t.Errorf("taken: %+v", p)
		}
		s.worker.post(path+"/close", object{"followUp": true}).problem(422, "error.invalid",
			"body.cause error.recovery.gate.cause", "body.measure error.recovery.gate.measure", "body.customerInformed error.recovery.gate.customerInformed")
		s.worker.post(path+"/steps/"+c.Steps[1].ID+"/complete", object{"evidence": object{"text": "x"}}).problem(409, "error.recovery.stepNotOn")
		for range 3 {
			c = s.done(s.worker, c.ID)
		}
		var m api.Message
		due := s.clock.Now().Add(30 * time.Hour)
		s.worker.post(path+"/messages", object{"text": "新しい急須を本日お送りします。", "stepId": present(c).ID,
			"promise": object{"text": "金曜日までに発送", "dueAt": due}}).ok(201, &m)
		s.worker.get(path).ok(200, &c)
		if m.Delivery == nil || m.Delivery.State != "held" || c.State != "plan_agreed" || c.CustomerInformedAt == nil || len(c.Promises) != 1 ||
			!c.Promises[0].DueAt.Equal(due) || *c.Promises[0].MessageID != m.ID {
			t.Errorf("after writing: %+v, %+v", c.Case, m)
		}
		s.worker.post(path+"/promises/"+c.Promises[0].ID+"/keep", nil).ok(200, nil)
		s.worker.patch(path, object{"version": c.Version - 1, "cause": object{"category": "product", "text": "薄い"}}).problem(409, "error.stale")
		s.worker.patch(path, object{"cause": object{"category": "product", "locus": "firm", "stability": "recurring", "text": "箱が薄い"},
			"measure": object{"text": "箱を厚くする", "dueAt": due}, "inputs": object{"recurring": true}}).ok(200, &c)
		if c.Cause.Text != "箱が薄い" || c.Measure.DueAt == nil || c.Severity != 2 || *c.OwnerID != s.manager1.ID {
			t.Errorf("changed: %+v", c.Case)
		}
		s.worker.post(path+"/close", object{"followUp": true}).ok(200, &c)
		if c.State != "surveyed" || c.Outcome != nil {
			t.Errorf("closed: %+v", c.Case)
		}
		// A letter from a case is as rich as any other.
		blobs, err := blob.Open(t.TempDir())
		s.must(err)
		file, err := conversation.NewFiles(s.DB, s.desk.IDs, blobs).Upload(t.Context(), actor.ForAgent(s.agent1.ID),
			conversation.Attachment{Name: "見積.png", ContentType: "image/png"}, strings.NewReader("png"))
		s.must(err)
		s.worker.post(path+"/messages", object{"html": `<p onclick="x()"><b>新しい急須</b>です<img src="/api/v1/attachments/` + file.ID + `?inline=1"><script>x()</script></p>`,
			"attachmentIds": []string{file.ID}, "to": []object{{"address": "hanako@example.jp"}}, "bcc": []object{{"address": "archive@shop.example"}}}).ok(201, &m)
		if !m.HasHTML || m.Text != "新しい急須です" || len(m.Attachments) != 1 || !m.Attachments[0].Inline || len(m.Bcc) != 1 {
			t.Errorf("a rich letter: %+v", m)
		}
		for _, row := range c.Story {
			if strings.ContainsAny(row.Text, "{}") || strings.HasPrefix(row.Text, "story.") || row.Text == "" || row.Actor.Kind == "" {
				t.Errorf("story %+v", row)
			}
		}
		if text := c.Story[0].Text + c.Story[0].Actor.Name; !strings.Contains(text, "急須が二度も割れて届きました") || !strings.Contains(text, "Sato") {
			t.Errorf("the story begins with %q", text)
		}
	})
}

func TestRemediesOverHTTP(t *testing.T) {
	onCases(t, func(s *mender) {
		c := s.opened()
		path := "/cases/" + c.ID + "/remedies"
		var g api.Remedy
		s.worker.post(path, object{"type": "refund", "amount": 3000, "currency": "JPY", "text": "送料"}).ok(201, &g)
		if g.State != "approved" || *g.ApprovedBy != s.agent1.ID {
			t.Errorf("within: %+v", g)
		}
		s.worker.post(path, object{"type": "refund", "amount": 1, "currency": "JPY"}).ok(201, &g)
		if g.State != "proposed" || g.ApprovedBy != nil || g.ProposedBy != s.agent1.ID {
			t.Errorf("beyond: %+v", g)
		}
		s.worker.post(path+"/"+g.ID+"/approve", nil).problem(403, "error.denied")
		s.boss.post(path+"/"+g.ID+"/approve", nil).ok(200, &g)
		s.boss.post(path+"/"+g.ID+"/refuse", object{"reason": "x"}).problem(409, "error.recovery.remedyState")
		s.worker.post(path+"/"+g.ID+"/deliver", nil).ok(200, &g)
		if g.State != "delivered" || *g.ApprovedBy != s.manager1.ID || g.DeliveredAt == nil {
			t.Errorf("delivered: %+v", g)
		}
		s.boss.post(path, object{"type": "credit", "amount": 60_000, "currency": "JPY"}).ok(201, &g)
		s.boss.post(path+"/"+g.ID+"/approve", nil).problem(403, "error.recovery.ownRemedy")
		s.admin.post(path+"/"+g.ID+"/refuse", nil).ok(200, &g)
		s.worker.get("/cases/"+c.ID).ok(200, &c)
		texts := []string{}
		for _, row := range c.Story {
			if strings.HasPrefix(row.Kind, "remedy.") {
				texts = append(texts, row.Text)
			}
		}
		if len(texts) != 6 || texts[0] != "Approved: Refund JPY 3,000. 送料" || texts[5] != "Refused: Credit JPY 60,000." {
			t.Errorf("story %q", texts)
		}

		var lines api.AuthorityList
		s.worker.get("/authorities").ok(200, &lines)
		if len(lines.Items) != len(recovery.DefaultAuthorities()) {
			t.Errorf("%d lines", len(lines.Items))
		}
		s.boss.call("PUT", "/authorities", object{"items": lines.Items}).problem(403, "error.denied")
		lines.Items = append(lines.Items, api.Authority{Role: "agent", Type: "refund", Currency: "CHF", Limit: 1000, PeriodLimit: -1})
		s.admin.call("PUT", "/authorities", object{"items": lines.Items}).ok(200, &lines)
		s.worker.post(path, object{"type": "refund", "amount": 1000, "currency": "chf"}).ok(201, &g)
		if g.State != "approved" || g.Currency != "CHF" {
			t.Errorf("with a line of its own: %+v", g)
		}
		if lines.Version != 1 {
			t.Errorf("version %d", lines.Version)
		}
		s.admin.call("PUT", "/authorities", object{"items": lines.Items[:1], "version": 0}).problem(409, "error.stale") // read before
		s.admin.call("PUT", "/authorities", object{"items": lines.Items, "version": 1}).ok(200, &lines)
		if lines.Version != 2 {
			t.Errorf("version %d", lines.Version)
		}
		lines.Items = append(lines.Items, lines.Items[0])
		s.admin.call("PUT", "/authorities", object{"items": lines.Items}).problem(422, "error.invalid")
	})
}

func TestCaseListsOverHTTP(t *testing.T) {
	onCases(t, func(s *mender) {
		c := s.opened()
		var page api.Page[api.Case]
		for query, n := range map[string]int{"": 1, "?state=open": 1, "?state=closed": 0, "?state=any&severity=3": 1, "?severity=1": 0, "?overdue=true": 0,
			"?ownerId=none": 0, "?ownerId=" + s.manager1.ID: 1, "?conversationId=" + c.ConversationID: 1} {
			if s.worker.get("/cases"+query).ok(200, &page); len(page.Items) != n || page.Items == nil {
				t.Errorf("%q: %+v", query, page)
			}
		}
		s.worker.get("/cases?state=gone").problem(422, "error.invalid")
		s.worker.get("/cases?cursor=x").problem(422, "error.cursor")
		s.clock.Advance(5 * time.Hour)
		if s.worker.get("/cases?overdue=true").ok(200, &page); len(page.Items) != 1 || !page.Items[0].Overdue {
			t.Errorf("five hours later: %+v", page)
		}
		var b api.Board
		s.worker.get("/cases/board").ok(200, &b)
		if len(b.Columns) != 10 || b.Columns[0].State != "detected" || b.Columns[0].Total != 1 || b.Columns[0].Items[0].ID != c.ID || b.Columns[0].Items[0].Subject != c.Subject {
			t.Errorf("board %+v", b)
		}
	})
}

func TestTheLoopOverHTTP(t *testing.T) {
	onCases(t, func(s *mender) {
		var l api.LoopReport
		s.worker.get("/reports/loop").ok(200, &l)
		if l.CSAT.Value != nil || l.TimeToClose.Median != nil || l.Zone != "Asia/Tokyo" || l.Causes.Items == nil || l.CSATWeeks.Points == nil {
			t.Errorf("of nothing: %+v", l)
		}
		conv := s.desk.Hanako()
		s.desk.Resolve(conv)
		s.clock.Advance(2 * time.Hour)
		s.desk.Rest()
		sent := s.desk.Wire.Sent()
		if _, err := s.desk.Program.Answer(t.Context(), surveytest.Token(sent[len(sent)-1]), survey.Answer{Score: 2, Comment: "=1+1 遅い"}); err != nil {
			t.Fatal(err)
		}
		s.desk.Rest()
		s.worker.get("/reports/loop?brandId="+s.desk.Brand.ID).ok(200, &l)
		if l.CSAT.N != 1 || l.CSAT.Value == nil || *l.CSAT.Value != 0 || l.CSAT.High == nil || l.CSAT.Distribution[1] != 1 || l.Cases.Open != 1 || l.Cases.Opened != 1 ||
			l.Resolution.Clock.N != 1 || l.TimeToClose.N != 1 || l.TimeToClose.Open != 1 || !l.CSATWeeks.Provisional || len(l.CSATWeeks.Points) == 0 {
			t.Errorf("loop %+v", l)
		}
		var rows api.Page[api.LoopRow]
		s.worker.get("/reports/loop/rows?number=csat").ok(200, &rows)
		if len(rows.Items) != 1 || rows.Items[0].Value != 2.0 || rows.Items[0].Title != "山田 花子" || *rows.Items[0].ConversationID != string(conv) {
			t.Errorf("rows %+v", rows)
		}
		s.worker.get("/reports/loop/rows?number=time-to-close").ok(200, &rows)
		if len(rows.Items) != 1 || rows.Items[0].CaseID == nil || rows.Items[0].Value != "detected" {
			t.Errorf("rows %+v", rows)
		}
		s.worker.get("/reports/loop/rows?number=sales").problem(422, "error.invalid")
		s.worker.get("/reports/loop?from=2026-05-01&to=2026-04-01").problem(422, "error.invalid")
		s.worker.get("/reports/loop.csv?number=csat&from=never").problem(422, "error.invalid")
		s.worker.get("/reports/loop?brandId=brn_x").problem(404, "error.report.brand")

		s.worker.lang = "ja"
		csvOf := s.worker.get("/reports/loop.csv?number=csat&bom=true")
		body, marked := strings.CutPrefix(csvOf.Body.String(), "\uFEFF")
		lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !marked || len(lines) != 2 || lines[0][0] != "回答日時" || lines[1][4] != "'=1+1 遅い" ||
			csvOf.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(csvOf.Header().Get("Content-Disposition"), "kintsugi-csat-2026-") {
			t.Errorf("csv %q, %v, %v", body, err, csvOf.Header())
		}
	})
}

func TestNoticesOverHTTP(t *testing.T) {
	onCases(t, func(s *mender) {
		s.opened()
		s.clock.Advance(5 * time.Hour)
		s.desk.Rest()
		var got api.Notices
		s.boss.get("/notices").ok(200, &got)
		if got.Unread != 1 || len(got.Items) != 1 || got.Items[0].Title != "Overdue in case #1: Acknowledge and apologise" || got.Items[0].CaseID == nil || got.Items[0].ReadAt != nil {
			t.Fatalf("%+v", got)
		}
		s.worker.post("/notices/"+got.Items[0].ID+"/read", nil).problem(404, "error.notice.notFound")
		s.boss.post("/notices/"+got.Items[0].ID+"/read", nil).ok(204, nil)
		s.boss.get("/notices?unread=true").ok(200, &got)
		if got.Unread != 0 || len(got.Items) != 0 {
			t.Errorf("after reading: %+v", got)
		}
		s.boss.post("/notices/read", nil).ok(204, nil)
		s.key(team.Manager).get("/notices").problem(403, "error.session.agentOnly")
	})
}

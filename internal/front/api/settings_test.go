package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func TestAgentsOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, self := s.agent("Boss", team.Administrator)
		var tm api.Team
		boss.post("/teams", object{"name": "Night", "agentIds": []string{self.ID}}).ok(201, &tm)
		if tm.Name != "Night" || len(tm.AgentIDs) != 1 {
			s.Errorf("team %+v", tm)
		}
		var a api.Agent
		boss.post("/agents", object{"name": "Aki", "email": "aki@example.jp", "role": "agent", "teams": []string{tm.ID}}).ok(201, &a)
		if a.Role != "agent" || !a.Active || len(a.Teams) != 1 {
			s.Errorf("made %+v", a)
		}
		boss.post("/agents", object{"name": "", "email": "AKI@example.jp", "role": "agent"}).problem(422, "error.invalid", "body.name error.field.required")
		boss.post("/agents", object{"name": "Aki", "email": "AKI@example.jp", "role": "agent"}).problem(422, "error.invalid", "body.email error.agent.email.taken")
		boss.post("/agents/"+a.ID+"/password", object{"password": password}).ok(204, nil)
		boss.post("/agents/"+a.ID+"/password", object{"password": "1234567890"}).problem(422, "error.invalid", "body.password error.password.common")
		aki := &user{site: s, cookie: s.nobody().post("/session", object{"email": a.Email, "password": password}).ok(200, nil).cookieOf().Value}
		var list api.Page[api.Agent]
		aki.get("/agents").ok(200, &list)
		if len(list.Items) != 2 || list.Items[1].ID != a.ID {
			s.Errorf("agents %+v", list.Items)
		}
		boss.patch("/agents/"+self.ID, object{"role": "manager"}).problem(409, "error.agent.last")
		boss.patch("/agents/"+a.ID, object{"active": false, "teams": []string{}}).ok(200, &a)
		if a.Active || len(a.Teams) != 0 {
			s.Errorf("changed to %+v", a)
		}
		aki.get("/agents").problem(401, "error.signIn")
		boss.patch("/agents/agt_none", object{"name": "x"}).problem(404, "error.agent.notFound")

		boss.patch("/teams/"+tm.ID, object{"name": "夜間", "agentIds": []string{}}).ok(200, &tm)
		if tm.Name != "夜間" || len(tm.AgentIDs) != 0 {
			s.Errorf("team %+v", tm)
		}
		boss.remove("/teams/"+tm.ID).ok(204, nil)
		var teams api.Page[api.Team]
		if boss.get("/teams").ok(200, &teams); teams.Items == nil || len(teams.Items) != 0 {
			s.Errorf("teams %+v", teams)
		}
	})
}

func TestTagsOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, _ := s.agent("Boss", team.Administrator)
		var made api.Tag
		boss.post("/tags", object{"name": "苦情", "color": 3, "complaint": true}).ok(201, &made)
		boss.post("/tags", object{"name": "苦情"}).problem(422, "error.invalid", "body.name error.tag.taken")
		boss.patch("/tags/"+made.ID, object{"color": 9}).problem(422, "error.invalid", "body.color error.tag.color")
		boss.patch("/tags/"+made.ID, object{"complaint": false}).ok(200, &made)
		if made.Complaint || made.Color != 3 || made.Name != "苦情" {
			s.Errorf("changed to %+v", made)
		}
		boss.remove("/tags/"+made.ID).ok(204, nil)
		boss.remove("/tags/"+made.ID).problem(404, "error.tag.notFound")
	})
}

func TestBrandsOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, _ := s.agent("Boss", team.Administrator)
		week := object{"mon": [][]string{{"09:00", "12:00"}, {"13:00", "18:00"}}}
		var b api.Brand
		boss.post("/brands", object{"name": "窯", "locale": "ja", "timeZone": "Asia/Tokyo", "hours": object{
			"week": week, "closed": []string{"12-31"}, "holidays": "jp", "special": object{"2026-12-28": [][]string{{"10:00", "12:00"}}},
		}}).ok(201, &b)
		if len(b.Hours.Week) != 7 || len(b.Hours.Week["mon"]) != 2 || b.Hours.Week["sun"] == nil || b.Hours.Holidays != "jp" {
			s.Errorf("hours %+v", b.Hours)
		}
		boss.patch("/brands/"+b.ID, object{"hours": object{"week": week, "closed": []string{}, "holidays": ""}}).ok(200, &b)
		if b.Hours.Special["2026-12-28"] == nil || b.Hours.Holidays != "" || len(b.Hours.Closed) != 0 {
			s.Errorf("the form of the screen changed what it does not show: %+v", b.Hours)
		}
		boss.patch("/brands/"+b.ID, object{"hours": object{"week": object{"mon": [][]string{{"9", "18:00"}}}}}).
			problem(422, "error.invalid", "body.hours.week.mon.0.from hours.time.unreadable")
		boss.patch("/brands/"+b.ID, object{"hours": object{"week": object{"someday": [][]string{{"09:00"}}}}}).
			problem(422, "error.invalid", "body.hours.week.someday error.field.invalid", "body.hours.week.someday.0 error.field.invalid")
		boss.patch("/brands/"+b.ID, object{"timeZone": "Nowhere"}).problem(422, "error.invalid", "body.timeZone hours.zone.unknown")
		var again api.Brand
		boss.get("/brands/"+b.ID).ok(200, &again)
		if again.TimeZone != "Asia/Tokyo" || again.Name != "窯" {
			s.Errorf("stored %+v", again)
		}
		boss.get("/brands/brand_none").problem(404, "error.brand.notFound")
	})
}

func (s *site) inbox(boss *user) (made api.Inbox) {
	s.Helper()
	var b api.Brand
	boss.post("/brands", object{"name": "窯", "locale": "ja", "timeZone": "Asia/Tokyo"}).ok(201, &b)
	boss.post("/inboxes", object{
		"brandId": b.ID, "kind": "email", "name": "Support", "address": "support@example.jp", "aliases": []string{"help@example.jp"},
		"receive": object{"mode": "imap", "host": "imap.example.jp", "security": "tls", "username": "support", "password": "receive-secret"},
		"send":    object{"mode": "smtp", "host": "smtp.example.jp", "security": "starttls", "username": "support", "password": "send-secret"},
	}).ok(201, &made)
	return made
}

func TestInboxesOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, _ := s.agent("Boss", team.Administrator)
		worker, _ := s.agent("Aki", team.Worker)
		made := s.inbox(boss)
		if made.Receive.Port != 993 || !made.Receive.HasPassword || made.Send.Port != 587 || !made.Send.HasPassword || made.DKIM.HasKey ||
			made.Health.State != "idle" || len(made.Aliases) != 1 || made.Receive.Folders[0] != "INBOX" {
			s.Errorf("made %+v", made)
		}
		all := boss.get("/inboxes").ok(200, nil)
		if strings.Contains(all.Body.String(), "secret") {
			s.Errorf("a password came back: %s", all.Body)
		}
		seen := worker.get("/inboxes/"+made.ID).ok(200, nil)
		if body := seen.Body.String(); strings.Contains(body, "imap.example.jp") || !strings.Contains(body, "support@example.jp") {
			s.Errorf("an agent sees %s", body)
		}
		boss.post("/inboxes", object{"brandId": made.BrandID, "name": "Two", "address": "HELP@example.jp"}).
			problem(422, "error.invalid", "body.address error.inbox.address.taken")
		boss.post("/inboxes", object{"name": "Two"}).
			problem(422, "error.invalid", "body.address error.inbox.address", "body.brandId error.field.required")
		boss.patch("/inboxes/"+made.ID, object{"receive": object{"host": "imap.evil.example"}}).
			problem(422, "error.invalid", "body.receive.password error.inbox.password.again")
		boss.patch("/inboxes/"+made.ID, object{"receive": object{"security": "plain"}}).
			problem(422, "error.invalid", "body.receive.security error.inbox.plain")
		boss.patch("/inboxes/"+made.ID, object{"name": "Returns", "active": false}).ok(200, &made)
		if made.Name != "Returns" || made.Active || !made.Receive.HasPassword {
			s.Errorf("changed to %+v", made)
		}
		boss.post("/inboxes/"+made.ID+"/fetch", nil).ok(202, nil)
		boss.post("/inboxes/inb_none/fetch", nil).problem(404, "error.inbox.notFound")
		if len(s.fetched) != 1 || s.fetched[0] != made.ID {
			s.Errorf("fetched %v", s.fetched)
		}
		boss.remove("/inboxes/"+made.ID).ok(204, nil)
		boss.get("/inboxes/"+made.ID).problem(404, "error.inbox.notFound")
	})
}

func TestInboxCheck(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, _ := s.agent("Boss", team.Administrator)
		made := s.inbox(boss)
		var settings inbox.Mail
		var secrets inbox.MailSecrets
		s.tried = func(a, b []byte) []channel.Step {
			s.must(json.Unmarshal(a, &settings))
			s.must(json.Unmarshal(b, &secrets))
			return []channel.Step{
				{Part: "receive", Name: "connect", OK: true, Text: "192.0.2.1:993"},
				{Part: "receive", Name: "login", Text: "NO [AUTHENTICATIONFAILED] ログインできません"},
			}
		}
		var got api.InboxCheck
		boss.post("/inboxes/check", object{"inboxId": made.ID, "receive": object{"port": 1993}}).ok(200, &got)
		if got.Send != nil || got.Receive == nil || got.Receive.OK || len(got.Receive.Steps) != 2 || got.Receive.Steps[1].Text != "NO [AUTHENTICATIONFAILED] ログインできません" {
			s.Errorf("found %+v", got)
		}
		if settings.Receive.Port != 1993 || settings.Send.Mode != inbox.ModeNone || secrets.ReceivePassword != "receive-secret" {
			s.Errorf("tried %+v %+v", settings, secrets)
		}
		s.tried = func([]byte, []byte) []channel.Step {
			return []channel.Step{{Part: "receive", Name: "webhook", Text: "channel.line.check.off"}}
		}
		boss.post("/inboxes/check", object{"inboxId": made.ID, "receive": object{"port": 1993}}).ok(200, &got)
		if words := got.Receive.Steps[0].Text; !strings.Contains(words, "LINE Developers") {
			s.Errorf("our own words are %q", words)
		}
		boss.post("/inboxes/check", object{"inboxId": made.ID, "receive": object{"host": "imap.evil.example"}}).
			problem(422, "error.invalid", "body.receive.password error.inbox.password.again")
		boss.post("/inboxes/check", object{"send": object{"mode": "smtp", "host": ""}}).
			problem(422, "error.invalid", "body.send.host error.field.required")
		boss.post("/inboxes/check", object{"inboxId": "inb_none"}).problem(404, "error.inbox.notFound")
	})
}

func TestCustomersOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		worker, _ := s.agent("Aki", team.Worker)
		see := func(address, name string) (c customer.Customer) {
			s.must(s.DB.Write(s.Context(), func(tx *sqldb.Tx) (err error) {
				c, _, err = s.Customers.ResolveTx(s.Context(), tx, customer.Seen{Kind: customer.Email, Address: address, Name: name})
				return err
			}))
			return c
		}
		a, b := see("hanako@example.jp", "佐藤花子"), see("sato@example.com", "")
		var list api.Page[api.Customer]
		worker.get("/customers?limit=1").ok(200, &list)
		if len(list.Items) != 1 || list.Next == "" {
			s.Fatalf("first page %+v", list)
		}
		worker.get("/customers?limit=1&cursor="+list.Next).ok(200, &list)
		if len(list.Items) != 1 || list.Next != "" || list.Items[0].Points == nil {
			s.Errorf("second page %+v", list)
		}
		worker.get("/customers?cursor=!").problem(422, "error.cursor")
		worker.get("/customers?q=%E4%BD%90%E8%97%A4").ok(200, &list)
		if len(list.Items) != 1 || list.Items[0].ID != a.ID {
			s.Errorf("found %+v", list.Items)
		}
		var c api.Customer
		worker.patch("/customers/"+a.ID, object{"note": "お得意さま", "organization": "佐藤商店", "version": a.Version}).ok(200, &c)
		if c.Note != "お得意さま" || c.Organization != "佐藤商店" || c.Name != "佐藤花子" {
			s.Errorf("changed to %+v", c)
		}
		worker.patch("/customers/"+a.ID, object{"note": "x", "version": a.Version}).problem(409, "error.stale")
		worker.post("/customers/"+b.ID+"/merge", object{"intoId": a.ID}).ok(200, &c)
		if c.ID != a.ID || len(c.Points) != 2 {
			s.Errorf("merged %+v", c)
		}
		worker.get("/customers/"+b.ID).ok(200, &c)
		if c.ID != a.ID {
			s.Errorf("the old id leads to %+v", c)
		}
		worker.post("/customers/"+b.ID+"/merge", object{"intoId": a.ID}).problem(422, "error.customer.same")
		worker.get("/customers/cust_none").problem(404, "error.customer.notFound")
	})
}

func TestCountsAndTimelineOfACustomer(t *testing.T) {
	onBoth(t, func(s *site) {
		worker, _ := s.agent("Aki", team.Worker)
		var id string
		s.must(s.DB.Write(s.Context(), func(tx *sqldb.Tx) error {
			c, _, err := s.Customers.ResolveTx(s.Context(), tx, customer.Seen{Kind: customer.Email, Address: "a@example.jp"})
			if err != nil {
				return err
			}
			id = c.ID
			for _, q := range []string{
				`INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ('b', '', 'ja', 'UTC', '{}', '', 0, 1)`,
				`INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_error, created_at, version)
VALUES ('i', 'b', '', 'email', '', '{}', '', '', '', false, true, '', 0, 1)`,
				conversationSQL("c1", 1, id, "NULL"), conversationSQL("c2", 2, id, "NULL"), conversationSQL("c3", 3, id, "'c1'"),
			} {
				if _, err := tx.Exec(s.Context(), q); err != nil {
					return err
				}
			}
			return nil
		}))
		var c api.Customer
		worker.get("/customers/"+id).ok(200, &c)
		if c.Counts != (api.CustomerCounts{Conversations: 2}) {
			s.Errorf("counts %+v", c.Counts)
		}
		var first, rest api.Page[api.TimelineItem]
		worker.get("/customers/"+id+"/timeline?limit=1").ok(200, &first)
		if len(first.Items) != 1 || first.Next == "" {
			s.Fatalf("first moments %+v", first)
		}
		worker.get("/customers/"+id+"/timeline?cursor="+first.Next).ok(200, &rest)
		if m := append(first.Items, rest.Items...); len(m) != 2 || m[0].ID != "c2" || m[1].ID != "c1" || m[0].Kind != "conversation" || m[0].Score != nil || *m[0].State != "open" {
			s.Errorf("timeline %+v", m)
		}
		worker.get("/customers/cust_none/timeline").problem(404, "error.customer.notFound")
	})
}

func conversationSQL(id string, ref int, customer, merged string) string {
	return `INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, preview, last_at, last_from, message_count, muted, origin, resolution, merged_into, created_at, version)
VALUES ('` + id + `', ` + string(rune('0'+ref)) + `, 'b', 'i', '` + customer + `', '', 'open', 1, '', 0, 'customer', 0, false, 'customer', 0, ` + merged + `, 0, 1)`
}

// A secret that is shown once is not written down for a repetition.
func TestAKeyIsNotKeptForARepetition(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := newSite(t, dbtest.SQLite(t, c), c)
	boss, _ := s.agent("Boss", team.Administrator)
	ask := func() *answer {
		req := httptest.NewRequest("POST", api.Base+"/keys", strings.NewReader(`{"name":"x","role":"agent"}`)).WithContext(t.Context())
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "one")
		req.AddCookie(&http.Cookie{Name: api.CookieName, Value: boss.cookie})
		rec := httptest.NewRecorder()
		s.mux.ServeHTTP(rec, req)
		return &answer{boss, rec, "POST /keys"}
	}
	var k api.NewKey
	ask().ok(201, &k)
	ask().problem(409, "error.idempotency.done")
	var kept int
	s.must(s.DB.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT COUNT(*) FROM idempotency WHERE body <> ''`).Scan(&kept)
	}))
	if k.Token == "" || kept != 0 {
		t.Errorf("%d answers kept", kept)
	}
	ks := api.Page[api.Key]{}
	if boss.get("/keys").ok(200, &ks); len(ks.Items) != 1 {
		t.Errorf("%d keys", len(ks.Items))
	}
}

package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// recipe makes sure that the default playbook is there.
func (s *sower) recipe(ctx context.Context, tx *sqldb.Tx) error {
	p := recovery.Default()
	err := tx.QueryRow(ctx, `SELECT id FROM playbook WHERE key = $1 AND version = $2`, p.Key, p.Version).Scan(&s.playbook)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	s.playbook = s.id("pb", s.begin())
	_, err = tx.Exec(ctx, `INSERT INTO playbook (id, key, version, content, created_at) VALUES ($1, $2, $3, $4, $5)`,
		s.playbook, p.Key, p.Version, sqldb.JSON{V: p}, s.begin().UnixMilli())
	return err
}

// judged lets a customer be asked, and perhaps answer.
func (s *sower) judged(t *thread) {
	sent := t.resolved.Add(time.Hour)
	if sent.After(s.options.Until) {
		return
	}
	id := s.id("inv", sent)
	state, reason, sentAt := "sent", "", any(sent.UnixMilli())
	answered := sent.Add(time.Duration(60+s.rng.IntN(2_000)) * time.Minute)
	switch {
	case s.rng.Float64() < 0.5:
		state, reason, sentAt = "skipped", "cooldown", nil
	case s.rng.Float64() < 0.45 && answered.Before(s.options.Until):
		state = "answered"
	case sent.AddDate(0, 0, 14).Before(s.options.Until):
		state = "expired"
	}
	s.t.invitation.add(id, "csat", "", t.id, 1, t.who.id, t.st.inboxID, t.st.brandID, t.agentID, t.st.Lang, state, reason,
		sent.UnixMilli(), sentAt, sent.AddDate(0, 0, 14).UnixMilli(), seal.Hash(id), t.resolved.UnixMilli(), t.who.address)
	if state != "answered" {
		return
	}
	score := t.script.Scores[s.rng.IntN(len(t.script.Scores))]
	band, _ := survey.BandOf(score)
	comment := ""
	if list := t.script.Comments[score]; len(list) > 0 && s.rng.Float64() < 0.6 {
		comment = list[s.rng.IntN(len(list))]
	}
	rid := s.id("resp", answered)
	s.t.response.add(rid, id, "csat", "", t.id, t.who.id, t.st.inboxID, t.st.brandID, t.agentID, "csat", score, string(band), comment, answered.UnixMilli())
	if band == survey.Dissatisfied {
		s.mend(t, grievance{response: rid, score: score, comment: comment, at: answered})
	}
}

type grievance struct {
	response, comment string
	score             int
	at                time.Time
}

// mend makes the case of a dissatisfied customer, closed unless it is recent.
func (s *sower) mend(t *thread, g grievance) {
	s.cases++
	id := s.id("case", g.at)
	closed := g.at.Add(time.Duration(2+s.rng.IntN(12)) * 24 * time.Hour)
	state, outcome, closedAt, after := "detected", any(nil), any(nil), any(nil)
	var cause, measure, informed any
	category := ""
	if closed.Before(s.options.Until) {
		state, closedAt, category = "closed", closed.UnixMilli(), t.script.Cause
		if category == "" {
			category = "product"
		}
		cause = sqldb.JSON{V: recovery.Cause{Category: category, Locus: "firm", Stability: "once", Text: t.st.Reasons[""].Cause}}
		measure = sqldb.JSON{V: recovery.Measure{Text: t.st.Reasons[""].Measure}}
		informed = closed.AddDate(0, 0, -1).UnixMilli()
		switch s.rng.IntN(10) {
		case 0:
			outcome, after = "not_recovered", 2
		case 1, 2:
			outcome = "unreachable"
		default:
			outcome, after = "recovered", 4+s.rng.IntN(2)
		}
	}
	severity := 3 + s.rng.IntN(2)
	if g.score == 1 {
		severity = 2
	}
	inputs := recovery.Inputs{Harm: 2, FirmResponsible: true, Score: g.score}
	s.t.recoveryCase.add(id, s.cases, t.st.brandID, t.who.id, t.id, "response", g.response, g.comment, severity, sqldb.JSON{V: inputs}, state, outcome,
		t.st.staff[0].ID, false, 0, g.score, after, cause, category, measure, informed, s.playbook, 0, g.at.UnixMilli(), closedAt, 1, g.at.UnixMilli())
	for n, r := range recovery.Default().Steps {
		st, doneAt := "waiting", any(nil)
		switch {
		case state == "closed":
			st, doneAt = "done", closed.UnixMilli()
		case n == 0:
			st = "active"
		}
		due := g.at.Add(time.Duration(n+1) * 24 * time.Hour).UnixMilli()
		s.t.step.add(s.id("step", g.at), id, 1, n, string(r.Key), st, due, 0, doneAt, "", "{}")
	}
}

// invented returns the name of the kth made-up customer.
func (s *stage) invented(k int) string {
	p := s.Customers[k%len(s.Customers)]
	q := s.Customers[(k/len(s.Customers)+k)%len(s.Customers)]
	var a, b, c, d string
	if _, err := fmt.Sscan(p.Name, &a, &b); err != nil {
		return p.Name
	}
	if _, err := fmt.Sscan(q.Name, &c, &d); err != nil {
		return p.Name
	}
	return a + " " + d
}

package recovery_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Whatever people, customers and time do, in whatever order, the invariants of
// the package hold after each act.
func TestInvariantsInAnyOrder(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := newShop(t, dbtest.SQLite(t, c), c)
	n := 0
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue { // each game is long
		s.must(checks.Value.Set("40"))
		defer func() { s.must(checks.Value.Set(checks.DefValue)) }()
	}
	rapid.Check(t, func(rt *rapid.T) {
		n++
		conv := s.mail(fmt.Sprintf("customer%d@example.jp", n))
		opened, err := s.Cases.Open(s.ctx, s.hana, recovery.ManualOpening{ConversationID: string(conv.ID), Harm: 1, Reason: "it broke"})
		if err != nil {
			rt.Fatal(err)
		}
		g := &game{shop: s, rt: rt, id: opened.ID, last: s.load(opened.ID)}
		rt.Repeat(map[string]func(*rapid.T){
			"": g.check, "complete": g.complete, "skip": g.skip, "take": g.take, "time": g.time, "change": g.change, "inputs": g.inputs,
			"owner": g.owner, "close": g.close, "ask": g.ask, "answer": g.answer, "silence": g.silence, "reopen": g.reopen, "write": g.write,
			"remedy": g.remedy, "failure": g.failure, "again": g.again,
		})
	})
}

// game plays with one case.
type game struct {
	*shop
	rt   *rapid.T
	id   recovery.ID
	last recovery.Full
}

// may fails the test unless err is nil or a refusal that a person would see.
func (g *game) may(err error) {
	if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Denied) {
		g.rt.Fatal(err)
	}
	g.rest()
}

func (g *game) somebody(t *rapid.T) actor.Actor {
	return rapid.SampledFrom([]actor.Actor{g.hana, g.taro, g.mori, g.admin}).Draw(t, "by")
}

func (g *game) step(t *rapid.T) recovery.StepRef {
	return recovery.StepRef{CaseID: g.id, StepID: rapid.SampledFrom(g.load(g.id).Steps).Draw(t, "step").ID}
}

// now is the step that is on, more often than any.
func (g *game) now(t *rapid.T) recovery.StepRef {
	if st := active(g.load(g.id)); st.ID != "" && rapid.IntRange(0, 3).Draw(t, "now") > 0 {
		return recovery.StepRef{CaseID: g.id, StepID: st.ID}
	}
	return g.step(t)
}

func (g *game) complete(t *rapid.T) {
	_, err := g.Steps.Complete(g.ctx, g.somebody(t), g.now(t), recovery.Evidence{Text: "done"})
	g.may(err)
}

func (g *game) skip(t *rapid.T) {
	_, err := g.Steps.Skip(g.ctx, g.somebody(t), g.now(t), "not needed")
	g.may(err)
}

func (g *game) take(t *rapid.T) {
	_, err := g.Steps.Take(g.ctx, g.somebody(t), g.id)
	g.may(err)
}

func (g *game) time(t *rapid.T) {
	g.pass(time.Duration(rapid.SampledFrom([]int{1, 2, 26, 75}).Draw(t, "hours")) * time.Hour)
}

func (g *game) change(t *rapid.T) {
	p := recovery.Patch{}
	if rapid.Bool().Draw(t, "cause") {
		p.Cause = &recovery.Cause{Category: "process", Text: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "text")}
	}
	if rapid.Bool().Draw(t, "measure") {
		p.Measure = &recovery.Measure{Text: rapid.SampledFrom([]string{" ", "a", "b"}).Draw(t, "text")}
	}
	_, err := g.Cases.Change(g.ctx, g.somebody(t), g.id, p)
	g.may(err)
}

func (g *game) inputs(t *rapid.T) {
	b := func(name string) *bool { return ptr(rapid.Bool().Draw(t, name)) }
	_, err := g.Cases.Change(g.ctx, g.somebody(t), g.id, recovery.Patch{Inputs: &recovery.InputsPatch{
		Harm: ptr(rapid.IntRange(0, 6).Draw(t, "harm")), Public: b("public"), Recurring: b("recurring"), DoubleDeviation: b("double")}})
	g.may(err)
}

func (g *game) owner(t *rapid.T) {
	_, err := g.Cases.Change(g.ctx, g.mori, g.id, recovery.Patch{OwnerID: ptr(g.somebody(t).ID)})
	g.may(err)
}

func (g *game) close(t *rapid.T) {
	_, err := g.Cases.Close(g.ctx, g.somebody(t), g.id, recovery.Closing{Reason: rapid.SampledFrom([]string{"", "because"}).Draw(t, "reason"),
		Outcome: rapid.SampledFrom([]recovery.Outcome{recovery.Recovered, recovery.NotRecovered, recovery.Unreachable, recovery.Declined, recovery.NoFault, ""}).Draw(t, "outcome")})
	g.may(err)
}

func (g *game) ask(t *rapid.T) {
	_, err := g.Cases.Close(g.ctx, g.somebody(t), g.id, recovery.Closing{FollowUp: true})
	g.may(err)
}

// answer delivers a follow-up answer for this round or an earlier one.
func (g *game) answer(t *rapid.T) {
	f := g.load(g.id)
	score := rapid.IntRange(1, 5).Draw(t, "score")
	round := rapid.IntRange(1, f.Round()).Draw(t, "round")
	g.deliver(score, "follow-up", fmt.Sprintf("%s/%d/%d", g.id, round, f.Tries+1), "resp_x", rapid.Bool().Draw(t, "changed"))
}

// failure is a further dissatisfied answer about the same conversation.
func (g *game) failure(t *rapid.T) {
	g.n++
	g.deliver(rapid.IntRange(1, 2).Draw(t, "score"), "csat", "", fmt.Sprintf("resp_%d", g.n), false)
}

func (g *game) deliver(score int, kind, link, responseID string, changed bool) {
	f := g.load(g.id)
	if kind == "csat" && !f.Open() {
		return // it would open another case
	}
	band := "dissatisfied"
	if score > 2 {
		band = "satisfied"
	}
	g.may(g.db.Write(g.ctx, func(tx *sqldb.Tx) error {
		return g.Cases.OnResponded(g.ctx, tx, event.Fact{Subject: responseID, Actor: actor.ForCustomer(f.CustomerID)}, survey.RespondedData{
			InvitedData: survey.InvitedData{Kind: kind, Link: link, ConversationID: f.ConversationID, CustomerID: f.CustomerID, BrandID: f.BrandID},
			Score:       score, Band: band, Changed: changed})
	}))
}

func (g *game) silence(t *rapid.T) {
	f := g.load(g.id)
	link := fmt.Sprintf("%s/%d/%d", g.id, rapid.IntRange(1, f.Round()).Draw(t, "round"), rapid.IntRange(1, 3).Draw(t, "try"))
	g.may(g.db.Write(g.ctx, func(tx *sqldb.Tx) error {
		return g.Cases.OnUnanswered(g.ctx, tx, event.Fact{}, survey.InvitedData{Kind: "follow-up", Link: link})
	}))
}

func (g *game) reopen(t *rapid.T) {
	_, err := g.Cases.Reopen(g.ctx, g.somebody(t), g.id, "it failed")
	g.may(err)
}

func (g *game) write(t *rapid.T) {
	l := recovery.Letter{CaseID: g.id, Reply: conversation.Reply{Text: "申し訳ございません"}}
	if rapid.Bool().Draw(t, "for a step") {
		l.StepID = g.now(t).StepID
	}
	if rapid.Bool().Draw(t, "promise") {
		l.Promise = &recovery.Word{Text: "tomorrow", DueAt: g.clock.Now().Add(24 * time.Hour)}
	}
	m, err := g.Cases.Write(g.ctx, g.somebody(t), l)
	if err == nil && rapid.Bool().Draw(t, "undo") {
		_, err = g.threads.Undo(g.ctx, g.hana, m.ID)
	}
	g.may(err)
}

func (g *game) remedy(t *rapid.T) {
	by := g.somebody(t)
	o := recovery.Offer{Type: recovery.Refund, Amount: int64(rapid.IntRange(1, 4000).Draw(t, "yen")), Currency: "JPY"}
	gift, err := g.Remedies.Propose(g.ctx, by, g.role(by), g.id, o)
	if err == nil {
		at, second := recovery.GiftRef{CaseID: g.id, GiftID: gift.ID}, g.somebody(t)
		if gift.State == recovery.Proposed {
			got, err := g.Remedies.Approve(g.ctx, second, g.role(second), at)
			if err == nil && second == by {
				t.Fatalf("%+v approved what they proposed: %+v", by, got)
			}
			g.may(err)
		}
		_, err = g.Remedies.Deliver(g.ctx, by, at)
	}
	g.may(err)
}

// again opens the case a second time, by every source it has.
func (g *game) again(*rapid.T) {
	f := g.load(g.id)
	if !f.Open() {
		return
	}
	if _, err := g.Cases.Open(g.ctx, g.hana, recovery.ManualOpening{ConversationID: f.ConversationID, Harm: 1, Reason: "again"}); !fault.Is(err, fault.Conflict) {
		g.rt.Fatalf("a second case: %v", err)
	}
}

// check holds the invariants.
func (g *game) check(t *rapid.T) {
	f, was := g.load(g.id), g.last
	g.last = f
	on := 0
	for i, st := range f.Steps {
		if st.State == recovery.Active {
			on++
			for _, before := range f.Steps[:i] {
				if before.State == recovery.Waiting {
					t.Fatalf("%s is on while %s waits before it", st.Key, before.Key)
				}
			}
		}
		for _, old := range was.Steps {
			if old.ID == st.ID && old.TakenBy != "" && old.TakenBy == st.TakenBy && st.Escalation > old.Escalation {
				t.Fatalf("%s was escalated although it was taken: %+v", st.Key, st)
			}
			if old.ID == st.ID && old.Over() && st.Escalation > old.Escalation {
				t.Fatalf("%s was escalated although it was over", st.Key)
			}
		}
	}
	working := f.State != recovery.Surveyed && f.State != recovery.Closed
	switch {
	case on > 1, working && on == 0:
		t.Fatalf("%d steps are on in state %s", on, f.State)
	case working != f.ClosedAt.IsZero() && f.State != recovery.Surveyed, (f.Outcome != "") != (f.State == recovery.Closed):
		t.Fatalf("state %s, outcome %q, closed at %s", f.State, f.Outcome, f.ClosedAt)
	case f.Version < was.Version || len(f.Story) < len(was.Story):
		t.Fatalf("went back from version %d to %d", was.Version, f.Version)
	case f.State != was.State && f.Round() == was.Round() && !recovery.CanMove(was.State, f.State) && !reachable(was.State, f.State):
		t.Fatalf("moved from %s to %s", was.State, f.State)
	case working && f.DueAt.IsZero(), !working && !f.DueAt.IsZero():
		t.Fatalf("state %s is due at %s", f.State, f.DueAt)
	case f.Severity != f.Inputs.Severity() || f.DoubleDeviation != f.Inputs.DoubleDeviation:
		t.Fatalf("severity %d of %+v", f.Severity, f.Inputs)
	}
	g.checkGate(t, f)
	if n := len(g.list(recovery.Filter{ConversationID: f.ConversationID})); n != 1 {
		t.Fatalf("%d cases of one source", n)
	}
}

func (g *game) checkGate(t *rapid.T, f recovery.Full) {
	if f.State == recovery.Surveyed || f.State == recovery.Closed {
		outcome, reason := f.Outcome, f.CloseReason
		if reason == "" { // decided by the customer's answer or by silence, after the gate of asking
			outcome = ""
		}
		if missing := recovery.Missing(f.Case, outcome, reason); len(missing) > 0 {
			t.Fatalf("%s as %q without %v", f.State, f.Outcome, missing)
		}
	}
	if f.Outcome == recovery.Recovered && (f.ScoreAfter < 4 || f.ConfirmedAt.IsZero()) {
		t.Fatalf("recovered without the customer's word: %+v", f.Case)
	}
}

// reachable tells whether several moves lead from one state to another.
func reachable(from, to recovery.State) bool {
	for _, next := range recovery.States() {
		if next != recovery.Reopened && recovery.CanMove(from, next) && (next == to || reachable(next, to)) {
			return true
		}
	}
	return false
}

package recovery_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

func TestARoundToRecovered(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		var states []recovery.State
		for _, key := range []recovery.StepKey{recovery.StepAcknowledge, recovery.StepListen, recovery.StepExplain, recovery.StepAgree,
			recovery.StepRemedy, recovery.StepConfirm} {
			s.complete(s.hana, f.ID, key)
			states = append(states, s.load(f.ID).State)
		}
		want := []recovery.State{recovery.Acknowledged, recovery.OwnerContacted, recovery.Diagnosed, recovery.PlanAgreed,
			recovery.RemedyDelivered, recovery.FollowedUp}
		if !slices.Equal(states, want) {
			t.Errorf("states %v", states)
		}
		s.wantMissing(f.ID, recovery.Closing{FollowUp: true}, "body.cause", "body.measure")
		_, err := s.Cases.Change(s.ctx, s.hana, f.ID, recovery.Patch{
			Cause: &recovery.Cause{Category: "delivery", Text: "depot"}, Measure: &recovery.Measure{Text: "ask the depot", DueAt: s.clock.Now()}})
		s.must(err)
		token := s.closeAsking(s.hana, f.ID)
		f = s.load(f.ID)
		if f.State != recovery.Surveyed || f.Outcome != "" || !f.ClosedAt.IsZero() || !f.DueAt.IsZero() || active(f).Key != recovery.StepLearn {
			t.Errorf("while asking: %+v", f.Case)
		}
		s.pass(48 * time.Hour)
		s.answer(token, 5, "丁寧でした")
		f = s.load(f.ID)
		if f.State != recovery.Closed || f.Outcome != recovery.Recovered || f.ScoreBefore != 2 || f.ScoreAfter != 5 ||
			!f.ConfirmedAt.Equal(s.clock.Now()) || !f.ClosedAt.Equal(s.clock.Now()) {
			t.Errorf("after the answer: %+v", f.Case)
		}
		if got := s.facts(f.ID); got[len(got)-2] != recovery.ClosedFact || !slices.Contains(got, recovery.UpdatedFact) {
			t.Errorf("facts %v", got)
		}
		// What was learnt may still be written down.
		s.complete(s.hana, f.ID, recovery.StepLearn)
		// The customer changes their mind within the day: the recovery failed.
		s.answer(token, 1, "また壊れました")
		if f = s.load(f.ID); f.State != recovery.Reopened || f.Outcome != "" || f.ScoreAfter != 1 {
			t.Errorf("after a changed answer: %+v", f.Case)
		}
	})
}

// wantMissing expects that closing is refused for exactly these fields.
func (s *shop) wantMissing(id recovery.ID, g recovery.Closing, fields ...string) {
	s.Helper()
	_, err := s.Cases.Close(s.ctx, s.hana, id, g)
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		s.Fatalf("closing: %v", err)
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Path)
	}
	if !slices.Equal(got, fields) {
		s.Errorf("missing %v, want %v", got, fields)
	}
}

func TestCloseGate(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.wantMissing(f.ID, recovery.Closing{FollowUp: true}, "body.cause", "body.measure", "body.customerInformed")
		s.wantMissing(f.ID, recovery.Closing{}, "body.outcome")
		s.wantMissing(f.ID, recovery.Closing{Outcome: recovery.Recovered}, "body.outcome")
		s.wantMissing(f.ID, recovery.Closing{Outcome: recovery.Declined, FollowUp: true}, "body.outcome")
		s.wantMissing(f.ID, recovery.Closing{Outcome: "happy"}, "body.outcome")
		s.wantMissing(f.ID, recovery.Closing{Outcome: recovery.Declined}, "body.cause", "body.measure", "body.reason")
		_, err := s.Cases.Change(s.ctx, s.hana, f.ID, recovery.Patch{Cause: &recovery.Cause{Category: "other", Text: "unknown"},
			Measure: &recovery.Measure{Text: "none"}})
		s.must(err)
		c, err := s.Cases.Close(s.ctx, s.hana, f.ID, recovery.Closing{Outcome: recovery.Declined, Reason: "wants to be left alone"})
		s.must(err)
		if c.State != recovery.Closed || c.Outcome != recovery.Declined || !c.ConfirmedAt.IsZero() || c.CloseReason == "" {
			t.Errorf("closed: %+v", c)
		}
		for _, st := range s.load(f.ID).Steps {
			if st.Key != recovery.StepLearn && st.State != recovery.Skipped {
				t.Errorf("%s is %s", st.Key, st.State)
			}
		}
		// Its lesson is still to be written, and it can be found until it is.
		learning := s.only(recovery.Filter{State: recovery.Learning})
		if learning.ID != f.ID || active(learning).Key != recovery.StepLearn {
			t.Errorf("learning: %+v", active(learning))
		}
		_, err = s.Steps.Complete(s.ctx, s.hana, recovery.StepRef{CaseID: f.ID, StepID: active(learning).ID}, recovery.Evidence{Text: "ask twice"})
		s.must(err)
		if left := s.list(recovery.Filter{State: recovery.Learning}); len(left) != 0 || len(s.list(recovery.Filter{State: recovery.Closed})) != 1 {
			t.Errorf("after the lesson: %+v", left)
		}
		if _, err := s.Cases.Close(s.ctx, s.hana, f.ID, recovery.Closing{Outcome: recovery.NoFault, Reason: "x"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("closing twice: %v", err)
		}
		// Hindsight: the cause may be corrected, the owner not.
		_, err = s.Cases.Change(s.ctx, s.mori, f.ID, recovery.Patch{Cause: &recovery.Cause{Category: "people", Text: "training"}})
		s.must(err)
		if _, err = s.Cases.Change(s.ctx, s.mori, f.ID, recovery.Patch{OwnerID: &s.taro.ID}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a new owner of a closed case: %v", err)
		}
		s.pass(40 * time.Hour)
		if e, _ := s.escalations(f.ID); len(e) != 0 {
			t.Errorf("a closed case was escalated: %+v", e)
		}
	})
}

func TestBadAnswerReopensAsDoubleDeviation(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.ready(s.hana, f.ID)
		token := s.closeAsking(s.hana, f.ID)
		at := s.clock.Now()
		s.answer(token, 2, "まだ直っていません")
		f = s.load(f.ID)
		if f.State != recovery.Reopened || !f.DoubleDeviation || f.Severity != 2 || f.OwnerID != s.mori.ID || f.Reopened != 1 || f.Measure != nil ||
			!f.InformedAt.IsZero() || f.Cause == nil || f.ScoreBefore != 2 || f.ScoreAfter != 2 {
			t.Errorf("reopened: %+v", f.Case)
		}
		if st := active(f); st.Key != recovery.StepAcknowledge || st.Round != 2 || s.openFor(at, st.DueAt) != time.Hour {
			t.Errorf("first step of the new round: %+v", st)
		}
		if st := f.Steps[1]; s.openFor(at, st.DueAt) != time.Hour {
			t.Errorf("contact is due after %s", s.openFor(at, st.DueAt))
		}
		// The gate counts anew: what the failed round said is not enough.
		s.wantMissing(f.ID, recovery.Closing{FollowUp: true}, "body.measure", "body.customerInformed")
		s.ready(s.mori, f.ID)
		second := s.closeAsking(s.mori, f.ID)
		s.answer(second, 4, "")
		if f = s.load(f.ID); f.Outcome != recovery.Recovered || f.Round() != 2 {
			t.Errorf("after the second round: %+v", f.Case)
		}
		// An answer to the first round's survey comes too late to matter.
		s.answer(token, 1, "")
		if f = s.load(f.ID); f.Outcome != recovery.Recovered || f.State != recovery.Closed || f.ScoreAfter != 4 {
			t.Errorf("a stale answer: %+v", f.Case)
		}
	})
}

func TestMiddlingAnswerIsNotRecovered(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.ready(s.hana, f.ID)
		token := s.closeAsking(s.hana, f.ID)
		s.answer(token, 3, "")
		if f = s.load(f.ID); f.State != recovery.Closed || f.Outcome != recovery.NotRecovered || f.ConfirmedAt.IsZero() {
			t.Errorf("after 3: %+v", f.Case)
		}
		s.answer(token, 4, "")
		if f = s.load(f.ID); f.Outcome != recovery.Recovered || f.ScoreAfter != 4 {
			t.Errorf("changed to 4: %+v", f.Case)
		}
	})
}

func TestSilenceAfterThreeTriesIsUnreachable(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.ready(s.hana, f.ID)
		before := len(s.sent)
		s.closeAsking(s.hana, f.ID)
		var outcomes []recovery.Outcome
		for range 30 {
			s.clock.Advance(24 * time.Hour)
			s.rest()
			outcomes = append(outcomes, s.load(f.ID).Outcome)
		}
		f = s.load(f.ID)
		if f.Outcome != recovery.Unreachable || f.Tries != 3 || !f.ConfirmedAt.IsZero() {
			t.Errorf("after a month: %+v", f.Case)
		}
		asked := 0
		for _, m := range s.sent[before:] {
			if tokenIn.MatchString(m.Text) {
				asked++
			}
		}
		if asked != 3 {
			t.Errorf("asked %d times", asked)
		}
		// Three weeks of waiting and two pauses of three days lie in between.
		if i := slices.Index(outcomes, recovery.Unreachable) + 1; i < 27 {
			t.Errorf("given up after %d days", i)
		}
	})
}

// Should nobody ever tell what became of a survey, the wait for it still ends.
func TestWaitingEndsByItself(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.ready(s.hana, f.ID)
		_, err := s.Cases.Close(s.ctx, s.hana, f.ID, recovery.Closing{FollowUp: true})
		s.must(err)
		for range 40 {
			s.must(s.db.Write(s.ctx, func(tx *sqldb.Tx) error {
				_, err := tx.Exec(s.ctx, `DELETE FROM job WHERE kind <> 'recovery.await'`)
				return err
			}))
			s.clock.Advance(24 * time.Hour)
			s.rest()
		}
		if f = s.load(f.ID); f.Outcome != recovery.Unreachable || f.Tries != 3 {
			t.Errorf("%+v", f.Case)
		}
	})
}

// A customer whose mail comes back is asked no less often, and then unreachable.
func TestUndeliverableSurveyCountsAsATry(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.ready(s.hana, f.ID)
		s.refuse = true
		_, err := s.Cases.Close(s.ctx, s.hana, f.ID, recovery.Closing{FollowUp: true})
		s.must(err)
		for range 15 {
			s.clock.Advance(24 * time.Hour)
			s.rest()
		}
		if f = s.load(f.ID); f.Outcome != recovery.Unreachable {
			t.Errorf("%+v", f.Case)
		}
	})
}

func TestWritingToTheCustomer(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		for _, key := range []recovery.StepKey{recovery.StepAcknowledge, recovery.StepListen, recovery.StepExplain} {
			s.complete(s.mori, f.ID, key)
		}
		step := active(s.load(f.ID)) // agree: its message informs the customer
		due := s.clock.Now().Add(48 * time.Hour)
		l := recovery.Letter{CaseID: f.ID, StepID: step.ID, Promise: &recovery.Word{Text: "金曜15時までにご連絡します", DueAt: due},
			Reply: conversation.Reply{Text: "申し訳ございません。代わりの品を本日お送りします。"}}
		bad := l
		bad.Promise = &recovery.Word{Text: "x", DueAt: s.clock.Now()}
		if _, err := s.Cases.Write(s.ctx, s.mori, bad); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a promise due at once: %v", err)
		}
		before := s.load(f.ID)
		bad = l
		bad.Reply.Text = ""
		if _, err := s.Cases.Write(s.ctx, s.mori, bad); !fault.Is(err, fault.Invalid) {
			t.Fatalf("an empty message: %v", err)
		}
		if now := s.load(f.ID); now.Version != before.Version || len(now.Story) != len(before.Story) || len(now.Promises) != 0 {
			t.Fatalf("a refused message left %+v", now)
		}

		m, err := s.Cases.Write(s.ctx, s.mori, l)
		s.must(err)
		f = s.load(f.ID)
		if string(m.ConversationID) != f.ConversationID || f.State != recovery.PlanAgreed || f.InformedID != string(m.ID) || f.InformedAt.IsZero() ||
			len(f.Promises) != 1 || f.Promises[0].MessageID != string(m.ID) {
			t.Errorf("written: %+v", f)
		}
		// It is taken back in time: nothing was said.
		_, err = s.threads.Undo(s.ctx, s.mori, m.ID)
		s.must(err)
		s.rest()
		f = s.load(f.ID)
		if st := active(f); st.ID != step.ID || !f.InformedAt.IsZero() || len(f.Promises) != 0 || st.DueAt != step.DueAt {
			t.Errorf("taken back: %+v", f)
		}
		// Written again and refused by the far side: told, but not arrived.
		s.refuse = true
		m, err = s.Cases.Write(s.ctx, s.mori, l)
		s.must(err)
		s.pass(time.Minute)
		f = s.load(f.ID)
		if st := active(f); st.ID != step.ID || !f.InformedAt.IsZero() || len(f.Promises) != 1 {
			t.Errorf("refused: %+v", f)
		}
		s.refuse = false
		_, err = s.Cases.Write(s.ctx, s.mori, l)
		s.must(err)
		s.pass(time.Minute)
		if last := s.sent[len(s.sent)-1]; !strings.Contains(last.Text, "代わりの品") || last.To[0].Address != "aoi@example.jp" {
			t.Errorf("sent %+v", last)
		}
		if f = s.load(f.ID); f.State != recovery.PlanAgreed || f.InformedAt.IsZero() || active(f).Key != recovery.StepRemedy {
			t.Errorf("delivered: %+v", f.Case)
		}
	})
}

func TestPromises(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		due := s.clock.Now().Add(2 * time.Hour)
		kept, err := s.Promises.Make(s.ctx, s.hana, f.ID, recovery.Word{Text: "call back", DueAt: due})
		s.must(err)
		lost, err := s.Promises.Make(s.ctx, s.hana, f.ID, recovery.Word{Text: "send a letter", DueAt: due})
		s.must(err)
		if _, err := s.Promises.Make(s.ctx, s.hana, f.ID, recovery.Word{Text: " ", DueAt: due}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty promise: %v", err)
		}
		s.pass(time.Hour)
		kept, err = s.Promises.Keep(s.ctx, s.hana, f.ID, kept.ID)
		s.must(err)
		if kept.State != recovery.PromiseKept || !kept.KeptAt.Equal(s.clock.Now()) {
			t.Errorf("kept: %+v", kept)
		}
		if _, err := s.Promises.Keep(s.ctx, s.hana, f.ID, kept.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("kept twice: %v", err)
		}
		s.pass(time.Hour)
		f = s.load(f.ID)
		if p := f.Promises[1]; p.ID != lost.ID || p.State != recovery.PromiseBroken || !p.BrokenAt.Equal(due) {
			t.Errorf("broken: %+v", p)
		}
		n := 0
		for _, fact := range s.about(f.ID) {
			if fact.Name == recovery.BrokenFact {
				var d recovery.BrokenData
				s.must(fact.Decode(&d))
				n++
				if d.PromiseID != lost.ID || d.CreatedBy != s.hana.ID {
					t.Errorf("fact %+v", d)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d broken promises told", n)
		}
		// Made good late: still broken, with the time.
		s.pass(time.Hour)
		late, err := s.Promises.Keep(s.ctx, s.hana, f.ID, lost.ID)
		s.must(err)
		if late.State != recovery.PromiseBroken || late.KeptAt.IsZero() {
			t.Errorf("late: %+v", late)
		}
		if _, err := s.Promises.Keep(s.ctx, s.hana, f.ID, "prom_none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such promise: %v", err)
		}
	})
}

// A case is not closed over the head of a promise, however it is closed.
func TestNoCaseClosesWhileAPromiseIsOpen(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		_, err := s.Cases.Change(s.ctx, s.hana, f.ID, recovery.Patch{Cause: &recovery.Cause{Category: "other", Text: "unknown"},
			Measure: &recovery.Measure{Text: "none"}})
		s.must(err)
		declined := recovery.Closing{Outcome: recovery.Declined, Reason: "wants to be left alone"}
		first, err := s.Promises.Make(s.ctx, s.hana, f.ID, recovery.Word{Text: "call back", DueAt: s.clock.Now().Add(2 * time.Hour)})
		s.must(err)
		second, err := s.Promises.Make(s.ctx, s.hana, f.ID, recovery.Word{Text: "send a letter", DueAt: s.clock.Now().Add(30 * time.Hour)})
		s.must(err)
		s.wantMissing(f.ID, declined, "body.promise")
		s.wantMissing(f.ID, recovery.Closing{FollowUp: true}, "body.customerInformed", "body.promise")
		_, err = s.Promises.Keep(s.ctx, s.hana, f.ID, first.ID)
		s.must(err)
		if err := s.Promises.Withdraw(s.ctx, s.hana, f.ID, first.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("a kept promise was taken back: %v", err)
		}
		s.wantMissing(f.ID, declined, "body.promise")
		s.must(s.Promises.Withdraw(s.ctx, s.hana, f.ID, second.ID))
		now := s.load(f.ID)
		if last := now.Story[len(now.Story)-1]; len(now.Promises) != 1 || last.Kind != "promise.withdrawn" || last.Data["text"] != "send a letter" {
			t.Errorf("taken back: %+v, %+v", now.Promises, last)
		}
		_, err = s.Cases.Close(s.ctx, s.hana, f.ID, declined)
		s.must(err)
		s.pass(40 * time.Hour)
		for _, fact := range s.about(f.ID) {
			if fact.Name == recovery.BrokenFact {
				t.Error("what was taken back was broken")
			}
		}
	})
}

func TestStepsKeepTheirOrder(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		ref := func(i int) recovery.StepRef { return recovery.StepRef{CaseID: f.ID, StepID: f.Steps[i].ID} }
		e := recovery.Evidence{Text: "done"}
		if _, err := s.Steps.Complete(s.ctx, s.hana, ref(1), e); !fault.Is(err, fault.Conflict) {
			t.Errorf("the second before the first: %v", err)
		}
		if _, err := s.Steps.Complete(s.ctx, s.hana, ref(0), recovery.Evidence{Text: "  "}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without evidence: %v", err)
		}
		if _, err := s.Steps.Complete(s.ctx, s.hana, ref(0), recovery.Evidence{Link: "javascript:alert(1)"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a link that is none: %v", err)
		}
		other := s.mail("ren@example.jp")
		var foreign conversation.Thread
		s.read(func(tx *sqldb.Tx) (err error) {
			foreign, err = s.threads.Messages(s.ctx, tx, conversation.Span{ConversationID: other.ID, Limit: 1})
			return err
		})
		for _, id := range []string{"msg_none", string(foreign.Messages[0].ID)} {
			if _, err := s.Steps.Complete(s.ctx, s.hana, ref(0), recovery.Evidence{MessageID: id}); !fault.Is(err, fault.Invalid) {
				t.Errorf("message %s: %v", id, err)
			}
		}
		if _, err := s.Steps.Skip(s.ctx, s.hana, ref(0), ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("skipped without a reason: %v", err)
		}
		if _, err := s.Steps.Take(s.ctx, setup, f.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("taken by nobody: %v", err)
		}
		for i := range 6 {
			_, err := s.Steps.Skip(s.ctx, s.hana, ref(i), "not needed")
			s.must(err)
		}
		if _, err := s.Steps.Complete(s.ctx, s.hana, ref(6), e); !fault.Is(err, fault.Conflict) {
			t.Errorf("the survey by hand: %v", err)
		}
		if f = s.load(f.ID); f.State != recovery.Detected || !f.InformedAt.IsZero() {
			t.Errorf("skipping reached %s", f.State)
		}
	})
}

func TestAssessing(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		s.complete(s.hana, f.ID, recovery.StepAcknowledge)
		c, err := s.Cases.Change(s.ctx, s.hana, f.ID, recovery.Patch{Inputs: &recovery.InputsPatch{Recurring: ptr(true)}})
		s.must(err)
		if c.State != recovery.Assessed || c.Severity != 3 {
			t.Errorf("assessed: %+v", c)
		}
		old := c.Version
		c, err = s.Cases.Change(s.ctx, s.hana, f.ID, recovery.Patch{Version: &old, Measure: &recovery.Measure{Text: "m"}})
		s.must(err)
		if _, err = s.Cases.Change(s.ctx, s.taro, f.ID, recovery.Patch{Version: &old, Measure: &recovery.Measure{Text: "n"}}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a stale change: %v", err)
		}
		for name, p := range map[string]recovery.Patch{
			"a category that is none": {Cause: &recovery.Cause{Category: "weather", Text: "rain"}},
			"a cause without words":   {Cause: &recovery.Cause{Category: "people"}},
			"an empty measure":        {Measure: &recovery.Measure{Text: " "}},
			"a harm of 4":             {Inputs: &recovery.InputsPatch{Harm: ptr(4)}},
			"an unknown owner":        {OwnerID: ptr("agt_none")},
		} {
			if _, err := s.Cases.Change(s.ctx, s.hana, f.ID, p); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if now := s.load(f.ID); now.Version != c.Version {
			t.Errorf("refused changes made version %d of %d", now.Version, c.Version)
		}
	})
}

func TestReopenByHand(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		if _, err := s.Cases.Reopen(s.ctx, s.mori, f.ID, "again"); !fault.Is(err, fault.Conflict) {
			t.Errorf("an open case: %v", err)
		}
		s.ready(s.hana, f.ID)
		token := s.closeAsking(s.hana, f.ID)
		c, err := s.Cases.Reopen(s.ctx, s.mori, f.ID, "The customer called: nothing arrived")
		s.must(err)
		if c.State != recovery.Reopened || c.Reopened != 1 || c.Severity != 2 {
			t.Errorf("reopened: %+v", c)
		}
		s.answer(token, 5, "")
		if f = s.load(f.ID); f.State != recovery.Reopened || f.ScoreAfter != 0 {
			t.Errorf("the old survey closed a new round: %+v", f.Case)
		}
	})
}

// A customer answers after the conversation was merged: the case belongs to the
// one that took it in, and a further failure there joins it.
func TestAnswerAfterAMerge(t *testing.T) {
	each(t, func(s *shop) {
		asked, token := s.handled("aoi@example.jp", s.hana)
		other := s.mail("aoi@example.jp")
		_, err := s.threads.Merge(s.ctx, s.mori, asked.ID, other.ID)
		s.must(err)
		s.rest()
		s.answer(token, 1, "遅い")
		f := s.only(recovery.Filter{State: recovery.Detected})
		if f.ConversationID != string(other.ID) {
			t.Errorf("the case is about %s, want %s", f.ConversationID, other.ID)
		}
	})
}

func TestCasesFollowMerges(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		other := s.mail("aoi.work@example.jp")
		_, err := s.book.Merge(s.ctx, s.mori, f.CustomerID, other.CustomerID)
		s.must(err)
		s.rest()
		if f = s.load(f.ID); f.CustomerID != other.CustomerID {
			t.Errorf("customer %s, want %s", f.CustomerID, other.CustomerID)
		}
		_, err = s.threads.Merge(s.ctx, s.mori, conversation.ID(f.ConversationID), other.ID)
		s.must(err)
		s.rest()
		if f = s.load(f.ID); f.ConversationID != string(other.ID) {
			t.Errorf("conversation %s, want %s", f.ConversationID, other.ID)
		}
	})
}

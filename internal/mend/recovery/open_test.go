package recovery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

func TestDissatisfiedAnswerOpensACaseOnce(t *testing.T) {
	each(t, func(s *shop) {
		c, token := s.handled("aoi@example.jp", s.hana)
		s.answer(token, 2, "返事が遅かったです")
		f := s.only(recovery.Filter{})
		if f.ConversationID != string(c.ID) || f.Source.Kind != recovery.FromResponse || f.Source.Label != "返事が遅かったです" ||
			f.Severity != 4 || f.OwnerID != s.hana.ID || f.State != recovery.Detected || f.ScoreBefore != 2 || f.Ref != 1 || f.DoubleDeviation {
			t.Errorf("case %+v", f.Case)
		}
		keys := []recovery.StepKey{}
		for _, st := range f.Steps {
			keys = append(keys, st.Key)
		}
		want := []recovery.StepKey{recovery.StepAcknowledge, recovery.StepListen, recovery.StepExplain, recovery.StepAgree, recovery.StepRemedy,
			recovery.StepConfirm, recovery.StepSurvey, recovery.StepLearn}
		if !slices.Equal(keys, want) || active(f).Key != recovery.StepAcknowledge {
			t.Errorf("steps %v", keys)
		}
		if got := s.facts(f.ID); !slices.Equal(got, []string{recovery.OpenedFact}) {
			t.Errorf("facts %v", got)
		}

		// The same fact again, and the answer sent again, change nothing.
		s.must(s.db.Write(s.ctx, func(tx *sqldb.Tx) error {
			return s.Cases.OnResponded(s.ctx, tx, event.Fact{Subject: f.Source.ID, Actor: setup}, survey.RespondedData{
				InvitedData: survey.InvitedData{Kind: "csat", ConversationID: f.ConversationID, CustomerID: f.CustomerID, BrandID: f.BrandID},
				Score:       2, Band: "dissatisfied"})
		}))
		s.answer(token, 2, "返事が遅かったです")
		if again := s.only(recovery.Filter{}); len(again.Story) != len(f.Story) || again.Version != f.Version {
			t.Errorf("a repetition changed the case: %+v", again.Story)
		}

		// A worse answer is noted and makes it more severe; a better one leaves it open.
		s.answer(token, 1, "やはり最悪です")
		if f = s.load(f.ID); f.Severity != 3 || f.Inputs.Score != 1 || !f.Inputs.StrongAnger {
			t.Errorf("after a worse answer: S%d %+v", f.Severity, f.Inputs)
		}
		s.answer(token, 5, "")
		if f = s.load(f.ID); f.State != recovery.Detected || f.Inputs.Score != 1 {
			t.Errorf("after a better answer: %s %+v", f.State, f.Inputs)
		}
	})
}

func TestSatisfiedAnswerOpensNothing(t *testing.T) {
	each(t, func(s *shop) {
		_, token := s.handled("aoi@example.jp", s.hana)
		s.answer(token, 3, "まあまあ")
		if n := len(s.list(recovery.Filter{})); n != 0 {
			t.Fatalf("%d cases", n)
		}
		s.answer(token, 2, "やっぱり遅い") // changed for the worse: now it does
		s.only(recovery.Filter{})
	})
}

func TestComplaintTag(t *testing.T) {
	each(t, func(s *shop) {
		complaint, err := s.tags.Create(s.ctx, s.mori, tag.Change{Name: ptr("苦情"), Complaint: ptr(true)})
		s.must(err)
		plain, err := s.tags.Create(s.ctx, s.mori, tag.Change{Name: ptr("配送")})
		s.must(err)
		c := s.mail("aoi@example.jp")
		set := func(ids ...string) {
			t.Helper()
			_, err := s.threads.Change(s.ctx, s.hana, c.ID, conversation.Patch{TagIDs: &ids})
			s.must(err)
			s.rest()
		}
		set(plain.ID)
		if n := len(s.list(recovery.Filter{})); n != 0 {
			t.Fatalf("a plain tag opened %d cases", n)
		}
		set(plain.ID, complaint.ID)
		f := s.only(recovery.Filter{})
		if f.Source.Kind != recovery.FromTag || f.Source.Label != "苦情" || f.Severity != 3 {
			t.Errorf("case %+v", f.Case)
		}
		// Nobody was assigned, so the manager with the fewest cases has it.
		if f.OwnerID != s.mori.ID {
			t.Errorf("owner %s", f.OwnerID)
		}
		set(plain.ID)
		set(plain.ID, complaint.ID)
		s.only(recovery.Filter{})
	})
}

func TestManualCase(t *testing.T) {
	each(t, func(s *shop) {
		c := s.mail("aoi@example.jp")
		m := recovery.ManualOpening{ConversationID: string(c.ID), Harm: recovery.Danger, Reason: "Burnt fingers"}
		got, err := s.Cases.Open(s.ctx, s.hana, m)
		s.must(err)
		if got.Severity != 1 || got.OwnerID != s.mori.ID || got.Source.Kind != recovery.Manual {
			t.Errorf("case %+v", got)
		}
		if _, err = s.Cases.Open(s.ctx, s.taro, m); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second one: %v", err)
		}
		if _, err = s.Cases.Open(s.ctx, s.taro, recovery.ManualOpening{ConversationID: string(c.ID), Harm: 4}); !fault.Is(err, fault.Invalid) {
			t.Errorf("harm 4 without a reason: %v", err)
		}
		if _, err = s.Cases.Open(s.ctx, s.taro, recovery.ManualOpening{ConversationID: "conv_none", Harm: 1, Reason: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown conversation: %v", err)
		}
	})
}

// A dissatisfied answer about a conversation whose case is still open joins it.
func TestFurtherFailureJoinsTheOpenCase(t *testing.T) {
	each(t, func(s *shop) {
		c, token := s.handled("aoi@example.jp", s.hana)
		_, err := s.Cases.Open(s.ctx, s.hana, recovery.ManualOpening{ConversationID: string(c.ID), Harm: 1, Reason: "late"})
		s.must(err)
		s.answer(token, 1, "")
		f := s.only(recovery.Filter{})
		if f.ScoreBefore != 1 || f.Inputs.Score != 1 || f.DoubleDeviation {
			t.Errorf("joined: %+v", f.Case)
		}
		s.answer(token, 2, "")
		if got := s.only(recovery.Filter{}); got.Inputs.Score != 1 {
			t.Errorf("a changed answer of a joined source: %+v", got.Inputs)
		}
	})
}

func TestSecondFailureWithin90DaysIsADoubleDeviation(t *testing.T) {
	each(t, func(s *shop) {
		first := s.disappointed("aoi@example.jp", 2)
		s.clock.Advance(89 * 24 * time.Hour)
		_, token := s.handled("aoi@example.jp", s.hana)
		s.answer(token, 2, "")
		second := s.list(recovery.Filter{CustomerID: first.CustomerID})[0]
		if !second.DoubleDeviation || second.Severity != 2 || second.OwnerID != s.mori.ID {
			t.Errorf("second: %+v", second)
		}
		// The first person reaches the customer within one open hour, at most.
		for _, st := range s.load(second.ID).Steps[:2] {
			if open := s.openFor(second.OpenedAt, st.DueAt); open > time.Hour {
				t.Errorf("%s has %s", st.Key, open)
			}
		}
		_, token = s.handled("ren@example.jp", s.hana)
		s.answer(token, 2, "")
		if other := s.list(recovery.Filter{})[0]; other.DoubleDeviation {
			t.Errorf("another customer's first failure: %+v", other)
		}
	})
}

func TestFailureAfter90DaysIsANewOne(t *testing.T) {
	each(t, func(s *shop) {
		s.disappointed("aoi@example.jp", 2)
		s.clock.Advance(91 * 24 * time.Hour)
		_, token := s.handled("aoi@example.jp", s.hana)
		s.answer(token, 2, "")
		if second := s.list(recovery.Filter{})[0]; second.DoubleDeviation || second.OwnerID != s.hana.ID {
			t.Errorf("second: %+v", second)
		}
	})
}

func TestOwnerFallsBack(t *testing.T) {
	each(t, func(s *shop) {
		_, token := s.handled("aoi@example.jp", s.hana)
		_, err := s.agents.Change(s.ctx, s.admin, s.hana.ID, team.Change{Active: ptr(false)})
		s.must(err)
		second := s.hire("Nishi", team.Manager)
		s.answer(token, 2, "")
		first := s.only(recovery.Filter{})
		if first.OwnerID != s.mori.ID {
			t.Errorf("owner %s, want the manager", first.OwnerID)
		}
		_, token = s.handled("ren@example.jp", s.taro)
		s.answer(token, 2, "発火しました")
		if got := s.list(recovery.Filter{OwnerID: second.ID}); len(got) != 1 || got[0].Severity != 1 {
			t.Errorf("the manager with fewer cases has %+v", got)
		}
		for _, m := range []string{s.mori.ID, second.ID} {
			_, err := s.agents.Change(s.ctx, s.admin, m, team.Change{Active: ptr(false)})
			s.must(err)
		}
		_, token = s.handled("sora@example.jp", s.taro)
		s.answer(token, 2, "発火しました")
		if got := s.list(recovery.Filter{OwnerID: s.admin.ID}); len(got) != 1 {
			t.Errorf("without a manager the administrator has %+v", got)
		}
	})
}

// openFor is how long the shop is open between two instants.
func (s *shop) openFor(a, b time.Time) time.Duration {
	s.Helper()
	cal, err := s.hours().Calendar()
	s.must(err)
	return cal.Between(a, b)
}

package recovery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

func (s *shop) escalations(id recovery.ID) (out []recovery.EscalatedData, at []event.Fact) {
	s.Helper()
	for _, f := range s.about(id) {
		if f.Name == recovery.EscalatedFact {
			var d recovery.EscalatedData
			s.must(f.Decode(&d))
			out, at = append(out, d), append(at, f)
		}
	}
	return out, at
}

// The case is opened on Wednesday at 10:00; its acknowledgement is due on
// Thursday at 10:00, one business day later.
func TestEscalationClimbsHourByHourUntilTaken(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		if got := f.DueAt.Sub(s.clock.Now()); got != 24*time.Hour {
			t.Fatalf("due in %s", got)
		}
		s.pass(24*time.Hour - time.Millisecond)
		if got, _ := s.escalations(f.ID); len(got) != 0 {
			t.Fatalf("too early: %+v", got)
		}
		s.pass(time.Millisecond)
		s.pass(3 * time.Hour)
		got, facts := s.escalations(f.ID)
		hana, mori, admin := s.hana.ID, s.mori.ID, s.admin.ID
		want := [][]string{{hana}, {hana, mori}, {hana, mori, admin}, {hana, mori, admin}}
		if len(got) != len(want) {
			t.Fatalf("%d escalations, want %d", len(got), len(want))
		}
		for i, d := range got {
			slices.Sort(d.Recipients)
			slices.Sort(want[i])
			if !slices.Equal(d.Recipients, want[i]) || d.Count != i+1 || d.Level != min(i+1, 3) || d.StepKey != recovery.StepAcknowledge {
				t.Errorf("escalation %d: %+v, want to %v", i+1, d, want[i])
			}
			if at := f.DueAt.Add(time.Duration(i) * time.Hour); !facts[i].At.Equal(at) {
				t.Errorf("escalation %d at %s, want %s", i+1, facts[i].At, at)
			}
		}
		if overdue := s.list(recovery.Filter{Overdue: true}); len(overdue) != 1 {
			t.Errorf("overdue: %+v", overdue)
		}

		// The manager takes it: no more escalations, though it stays overdue.
		_, err := s.Steps.Take(s.ctx, s.mori, f.ID)
		s.must(err)
		s.pass(5 * time.Hour)
		if after, _ := s.escalations(f.ID); len(after) != len(want) {
			t.Errorf("%d escalations after it was taken", len(after)-len(want))
		}
		if st := active(s.load(f.ID)); st.TakenBy != mori || st.Escalation != 4 {
			t.Errorf("step %+v", st)
		}
		// The next step has a clock of its own, and nobody has taken that one.
		s.complete(s.mori, f.ID, recovery.StepAcknowledge)
		if st := active(s.load(f.ID)); st.Key != recovery.StepListen || st.TakenBy != "" {
			t.Errorf("next step %+v", st)
		}
	})
}

// Escalations rest while the shop is closed: the fourth hour after 10:00 on a
// Friday evening is on Monday.
func TestEscalationKeepsBusinessHours(t *testing.T) {
	each(t, func(s *shop) {
		s.clock.Set(time.Date(2026, 4, 17, 7, 30, 0, 0, time.UTC)) // Friday 16:30
		c := s.mail("aoi@example.jp")
		opened, err := s.Cases.Open(s.ctx, s.hana, recovery.ManualOpening{ConversationID: string(c.ID), Harm: 5, Reason: "burnt"})
		s.must(err)
		s.pass(72 * time.Hour)
		_, facts := s.escalations(opened.ID)
		var at []string
		for _, f := range facts {
			at = append(at, f.At.In(time.FixedZone("JST", 9*3600)).Format("Mon 15:04"))
		}
		want := []string{"Fri 16:45", "Fri 17:45", "Mon 09:45", "Mon 10:45", "Mon 11:45", "Mon 12:45", "Mon 13:45", "Mon 14:45", "Mon 15:45"}
		if !slices.Equal(at, want) {
			t.Errorf("escalated at %v, want %v", at, want)
		}
	})
}

// A rung without anybody in service passes to the next.
func TestEscalationReachesSomebody(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		for _, a := range []string{s.hana.ID, s.mori.ID} {
			_, err := s.agents.Change(s.ctx, s.admin, a, team.Change{Active: ptr(false)})
			s.must(err)
		}
		s.pass(24 * time.Hour)
		got, _ := s.escalations(f.ID)
		if len(got) != 1 || !slices.Equal(got[0].Recipients, []string{s.admin.ID}) {
			t.Errorf("escalated %+v", got)
		}
	})
}

// Whoever had taken a step on has not taken it for the next owner.
func TestNewOwnerIsEscalatedTo(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		_, err := s.Steps.Take(s.ctx, s.hana, f.ID)
		s.must(err)
		_, err = s.Cases.Change(s.ctx, s.mori, f.ID, recovery.Patch{OwnerID: &s.taro.ID})
		s.must(err)
		s.pass(24 * time.Hour)
		got, _ := s.escalations(f.ID)
		if len(got) != 1 || !slices.Equal(got[0].Recipients, []string{s.taro.ID}) {
			t.Errorf("escalated %+v", got)
		}
	})
}

func TestSeverityMovesTheClocks(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		got, err := s.Cases.Change(s.ctx, s.hana, f.ID, recovery.Patch{Inputs: &recovery.InputsPatch{Harm: ptr(5)}})
		s.must(err)
		if got.Severity != 1 || got.DueAt.Sub(f.OpenedAt) != 15*time.Minute || got.OwnerID != s.mori.ID {
			t.Errorf("now %+v", got)
		}
		s.pass(15 * time.Minute)
		if e, _ := s.escalations(f.ID); len(e) != 1 {
			t.Errorf("%d escalations", len(e))
		}
		// A milder view gives time back; the manager keeps it.
		got, err = s.Cases.Change(s.ctx, s.mori, f.ID, recovery.Patch{Inputs: &recovery.InputsPatch{Harm: ptr(1), FirmResponsible: ptr(false)}})
		s.must(err)
		if got.Severity != 4 || got.OwnerID != s.mori.ID || got.DueAt.Sub(f.OpenedAt) != 24*time.Hour {
			t.Errorf("then %+v", got)
		}
		s.pass(4 * time.Hour)
		if e, _ := s.escalations(f.ID); len(e) != 1 {
			t.Errorf("%d escalations after it got more time", len(e))
		}
	})
}

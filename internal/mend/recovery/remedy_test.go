package recovery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

func (s *shop) role(by actor.Actor) team.Role {
	switch by {
	case s.mori:
		return team.Manager
	case s.admin:
		return team.Administrator
	}
	return team.Worker
}

func (s *shop) propose(by actor.Actor, id recovery.ID, o recovery.Offer) recovery.Gift {
	s.Helper()
	g, err := s.Remedies.Propose(s.ctx, by, s.role(by), id, o)
	s.must(err)
	return g
}

func yen(n int64) recovery.Offer {
	return recovery.Offer{Type: recovery.Refund, Amount: n, Currency: "jpy", Text: "送料"}
}

func TestRemediesKeepToAuthority(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		small := s.propose(s.hana, f.ID, yen(2000))
		if small.State != recovery.Approved || small.DecidedBy != "agent:"+s.hana.ID || small.Currency != "JPY" {
			t.Errorf("within: %+v", small)
		}
		// 2,000 and 1,500 in one case are more than an agent's 3,000.
		big := s.propose(s.hana, f.ID, yen(1500))
		if big.State != recovery.Proposed {
			t.Errorf("beyond: %+v", big)
		}
		at := recovery.GiftRef{CaseID: f.ID, GiftID: big.ID}
		if got := s.lastUpdate(f.ID); !slices.Equal(got.Approvers, []string{s.mori.ID}) || got.RemedyID != big.ID {
			t.Errorf("approvers %+v", got)
		}
		if _, err := s.Remedies.Approve(s.ctx, s.hana, team.Worker, at); !fault.Is(err, fault.Denied) {
			t.Errorf("approved by the proposer: %v", err)
		}
		if _, err := s.Remedies.Approve(s.ctx, s.taro, team.Worker, at); !fault.Is(err, fault.Denied) {
			t.Errorf("approved by another agent: %v", err)
		}
		if _, err := s.Remedies.Deliver(s.ctx, s.hana, at); !fault.Is(err, fault.Conflict) {
			t.Errorf("delivered before it was approved: %v", err)
		}
		got, err := s.Remedies.Approve(s.ctx, s.mori, team.Manager, at)
		s.must(err)
		if got.State != recovery.Approved || got.DecidedBy != "agent:"+s.mori.ID {
			t.Errorf("approved: %+v", got)
		}
		if _, err := s.Remedies.Refuse(s.ctx, s.mori, at, "no"); !fault.Is(err, fault.Conflict) {
			t.Errorf("refused after approval: %v", err)
		}
		// A manager's own proposal beyond their limit waits for an administrator.
		huge := s.propose(s.mori, f.ID, yen(50_000))
		ref := recovery.GiftRef{CaseID: f.ID, GiftID: huge.ID}
		if huge.State != recovery.Proposed || !slices.Equal(s.lastUpdate(f.ID).Approvers, []string{s.admin.ID}) {
			t.Errorf("huge: %+v", huge)
		}
		if _, err := s.Remedies.Approve(s.ctx, s.mori, team.Manager, ref); !fault.Is(err, fault.Denied) {
			t.Errorf("a manager approved their own: %v", err)
		}
		// Even after a rise in rank, what one proposed is for others to approve.
		if _, err := s.Remedies.Approve(s.ctx, s.mori, team.Administrator, ref); !fault.Is(err, fault.Denied) {
			t.Errorf("an administrator approved their own: %v", err)
		}
		refused, err := s.Remedies.Refuse(s.ctx, s.admin, ref, "too much")
		s.must(err)
		if refused.State != recovery.Refused || refused.Reason != "too much" {
			t.Errorf("refused: %+v", refused)
		}
	})
}

func (s *shop) lastUpdate(id recovery.ID) (d recovery.UpdatedData) {
	s.Helper()
	for _, f := range s.about(id) {
		if f.Name == recovery.UpdatedFact {
			d = recovery.UpdatedData{}
			s.must(f.Decode(&d))
		}
	}
	return d
}

func TestPeriodLimit(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		_, err := s.Remedies.SetAuthorities(s.ctx, s.admin, []recovery.Authority{
			{Role: team.Worker, Type: recovery.Refund, Currency: "JPY", PerCase: 1000, PerPeriod: 1500},
			{Role: team.Manager, Type: recovery.Refund, Currency: "JPY", PerCase: recovery.NoLimit, PerPeriod: recovery.NoLimit},
		}, nil)
		s.must(err)
		if g := s.propose(s.hana, f.ID, yen(1000)); g.State != recovery.Approved {
			t.Errorf("first: %+v", g)
		}
		_, token := s.handled("ren@example.jp", s.hana)
		s.answer(token, 2, "")
		other := s.list(recovery.Filter{})[0]
		if g := s.propose(s.hana, other.ID, yen(501)); g.State != recovery.Proposed {
			t.Errorf("over the period's limit: %+v", g)
		}
		if g := s.propose(s.hana, other.ID, yen(500)); g.State != recovery.Approved {
			t.Errorf("the rest of the period's limit: %+v", g)
		}
		if g := s.propose(s.taro, other.ID, yen(400)); g.State != recovery.Approved {
			t.Errorf("another agent's: %+v", g)
		}
		s.clock.Advance(31 * 24 * time.Hour)
		_, token = s.handled("sora@example.jp", s.hana)
		s.answer(token, 2, "")
		if g := s.propose(s.hana, s.list(recovery.Filter{})[0].ID, yen(1000)); g.State != recovery.Approved {
			t.Errorf("a month later: %+v", g)
		}
		if g := s.propose(s.hana, other.ID, recovery.Offer{Type: recovery.Credit, Amount: 1, Currency: "JPY"}); g.State != recovery.Proposed ||
			s.lastUpdate(other.ID).Approvers != nil {
			t.Errorf("nobody may give credit: %+v", g)
		}
	})
}

func TestDeliveringFinishesTheStep(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		a := s.propose(s.hana, f.ID, recovery.Offer{Type: recovery.Apology, Text: "お詫び状"})
		b := s.propose(s.hana, f.ID, yen(1000))
		s.ready(s.hana, f.ID)
		step := active(s.load(f.ID))
		if step.Key != recovery.StepRemedy {
			t.Fatalf("%s is on", step.Key)
		}
		if _, err := s.Steps.Complete(s.ctx, s.hana, recovery.StepRef{CaseID: f.ID, StepID: step.ID}, recovery.Evidence{Text: "x"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("finished with remedies under way: %v", err)
		}
		_, err := s.Remedies.Deliver(s.ctx, s.hana, recovery.GiftRef{CaseID: f.ID, GiftID: a.ID})
		s.must(err)
		if got := s.load(f.ID); got.State != recovery.PlanAgreed {
			t.Errorf("after the first: %s", got.State)
		}
		_, err = s.Remedies.Deliver(s.ctx, s.hana, recovery.GiftRef{CaseID: f.ID, GiftID: b.ID})
		s.must(err)
		if got := s.load(f.ID); got.State != recovery.RemedyDelivered || active(got).Key != recovery.StepConfirm {
			t.Errorf("after the last: %s", got.State)
		}
	})
}

// What is wanted no more is forgone, for a reason, and counts no longer.
func TestForgoing(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		approved, proposed := s.propose(s.hana, f.ID, yen(3000)), s.propose(s.hana, f.ID, yen(2000))
		if approved.State != recovery.Approved || proposed.State != recovery.Proposed {
			t.Fatalf("%s, %s", approved.State, proposed.State)
		}
		s.ready(s.hana, f.ID)
		for _, g := range []recovery.Gift{approved, proposed} {
			at := recovery.GiftRef{CaseID: f.ID, GiftID: g.ID}
			if _, err := s.Remedies.Forgo(s.ctx, s.hana, at, " "); !fault.Is(err, fault.Invalid) {
				t.Errorf("without a reason: %v", err)
			}
			got, err := s.Remedies.Forgo(s.ctx, s.hana, at, "wants another")
			s.must(err)
			if got.State != recovery.Forgone || got.Reason != "wants another" || !got.ForgoneAt.Equal(s.clock.Now()) {
				t.Errorf("%+v", got)
			}
			if _, err := s.Remedies.Deliver(s.ctx, s.hana, at); !fault.Is(err, fault.Conflict) {
				t.Errorf("delivered all the same: %v", err)
			}
			if _, err := s.Remedies.Forgo(s.ctx, s.hana, at, "again"); !fault.Is(err, fault.Conflict) {
				t.Errorf("forgone twice: %v", err)
			}
		}
		now := s.load(f.ID)
		if last := now.Story[len(now.Story)-1]; now.Gifts[0].State != recovery.Forgone || last.Kind != "remedy.forgone" || last.Data["reason"] != "wants another" {
			t.Errorf("%+v, %+v", now.Gifts, last)
		}
		if again := s.propose(s.hana, f.ID, yen(3000)); again.State != recovery.Approved {
			t.Errorf("what was forgone still counts: %s", again.State)
		} else {
			_, err := s.Remedies.Forgo(s.ctx, s.taro, recovery.GiftRef{CaseID: f.ID, GiftID: again.ID}, "nor this")
			s.must(err)
		}
		_, err := s.Steps.Complete(s.ctx, s.hana, recovery.StepRef{CaseID: f.ID, StepID: active(now).ID}, recovery.Evidence{Text: "a letter instead"})
		s.must(err)
	})
}

func TestOffersAreChecked(t *testing.T) {
	each(t, func(s *shop) {
		f := s.disappointed("aoi@example.jp", 2)
		for name, o := range map[string]recovery.Offer{
			"no type":                 {Amount: 1, Currency: "JPY"},
			"less than nothing":       {Type: recovery.Refund, Amount: -1, Currency: "JPY"},
			"more than all":           {Type: recovery.Refund, Amount: 1 << 50, Currency: "JPY"},
			"a refund of nothing":     {Type: recovery.Refund},
			"a currency of two":       {Type: recovery.Refund, Amount: 1, Currency: "YE"},
			"an apology with a price": {Type: recovery.Apology, Amount: 100, Currency: "JPY"},
		} {
			if _, err := s.Remedies.Propose(s.ctx, s.hana, team.Worker, f.ID, o); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAuthorities(t *testing.T) {
	each(t, func(s *shop) {
		look := func() (lines []recovery.Authority) {
			s.read(func(tx *sqldb.Tx) (err error) {
				lines, err = s.Remedies.Authorities(s.ctx, tx)
				return err
			})
			return lines
		}
		if !slices.Equal(look(), recovery.DefaultAuthorities()) {
			t.Errorf("a new installation has %+v", look())
		}
		bad := []recovery.Authority{{Role: "boss", Type: "gold", Currency: "yen", PerCase: -2, PerPeriod: 1}, {Role: team.Worker, Type: recovery.Refund},
			{Role: team.Worker, Type: recovery.Refund}}
		if _, err := s.Remedies.SetAuthorities(s.ctx, s.admin, bad, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("bad lines: %v", err)
		}
		// What somebody has set stays as it is, whatever the defaults become.
		own := []recovery.Authority{{Role: team.Worker, Type: recovery.Refund, Currency: "USD", PerCase: 100, PerPeriod: 1000}}
		if _, err := s.Remedies.SetAuthorities(s.ctx, s.admin, own, nil); err != nil || !slices.Equal(look(), own) {
			t.Errorf("an own list: %v, %+v", err, look())
		}
		if _, err := s.Remedies.SetAuthorities(s.ctx, s.admin, nil, nil); err != nil || len(look()) != 0 {
			t.Errorf("an empty list: %v, %+v", err, look())
		}
	})
}

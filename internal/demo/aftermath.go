package demo

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

func unknownAddress(address string) error {
	return fault.New(fault.Invalid, "error.demo.address", "address", address)
}

var tokenIn = regexp.MustCompile(`/s/([A-Za-z0-9_-]+)`)

// silent marks customers who rarely answer: some cases end without a verdict.
const silent = "k"

// noticeSurveys lets customers see survey mail; some of them answer.
func (p *player) noticeSurveys(s *stage) {
	for _, who := range s.Customers {
		l, ok := p.office.latest(who.Address, func(l letter) bool { return tokenIn.MatchString(l.Text) })
		if !ok || p.asked[l.ID] {
			continue
		}
		p.asked[l.ID] = true
		token := tokenIn.FindStringSubmatch(l.Text)[1]
		chance := 0.62
		switch script := p.feel[who.Address]; {
		case strings.HasPrefix(who.Address, silent):
			chance = 0.2
		case script.Phase == "bad":
			chance = 0.85 // who is cross, answers
		}
		if p.rng.Float64() < chance {
			p.plan(p.clock.Now().Add(p.minutes(40, 1900)), func(ctx context.Context) error { return p.judge(ctx, s, who, token) })
		}
	}
}

// judge lets a customer answer a survey.
func (p *player) judge(ctx context.Context, s *stage, who Person, token string) error {
	form, err := p.in.Program.Form(ctx, token)
	if err != nil || form.Stage != survey.Unanswered {
		return err
	}
	script := p.feel[who.Address]
	a := survey.Answer{Score: script.Scores[p.rng.IntN(len(script.Scores))]}
	if list := script.Comments[a.Score]; len(list) > 0 && p.rng.Float64() < 0.8 {
		a.Comment = list[p.rng.IntN(len(list))]
	}
	if form.Kind == survey.FollowUp {
		a.Score = []int{5, 4, 5, 4, 2, 5, 3, 4}[p.rng.IntN(8)]
		a.Comment = s.FollowUp[a.Score]
	}
	if form.AsksRepeat && p.rng.Float64() < 0.7 {
		again := p.rng.Float64() < []float64{0.6, 0.45, 0.25, 0.08, 0.04}[a.Score-survey.MinScore]
		a.Repeated = &again
	}
	_, err = p.in.Program.Answer(ctx, token, a)
	if fault.Is(err, fault.Conflict) {
		return nil // too late
	}
	return err
}

// noticeCases lets the manager see new and reopened cases.
func (p *player) noticeCases(ctx context.Context, s *stage) error {
	var page recovery.Page
	err := p.in.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		page, err = recovery.List(ctx, tx, recovery.Filter{State: recovery.AnyOpen, BrandID: s.brandID, Limit: 200})
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range page.Items {
		key := string(c.ID) + "/" + string(rune('0'+c.Reopened))
		if p.cases[key] {
			continue
		}
		p.cases[key] = true
		if p.lately(4) && p.rng.Float64() < 0.6 {
			continue // the newest ones are still there to be worked on
		}
		p.plan(p.working(s, p.clock.Now(), 8, 45), func(ctx context.Context) error { return p.work(ctx, s, c.ID) })
	}
	return nil
}

// lately reports whether fewer than so many days of the story are left.
func (p *player) lately(days int) bool {
	return p.end.Sub(p.clock.Now()) < time.Duration(days)*24*time.Hour
}

// work lets the manager do the present step of a case and plans the next one.
func (p *player) work(ctx context.Context, s *stage, id recovery.ID) error {
	var full recovery.Full
	err := p.in.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		full, err = recovery.Load(ctx, tx, id)
		return err
	})
	if err != nil || full.State == recovery.Closed {
		return err
	}
	for _, step := range full.Steps {
		if step.State != recovery.Active {
			continue
		}
		if err := p.step(ctx, s, full, step); err != nil && !fault.Is(err, fault.Conflict) {
			return err // a conflict is a step that was over already: delivering a remedy ends its step
		}
		if step.Key != recovery.StepSurvey {
			least, most := 90, 420
			if p.lately(14) {
				least, most = 250, 800 // cases at every stage are left to look at
			}
			p.plan(p.working(s, p.clock.Now(), least, most), func(ctx context.Context) error { return p.work(ctx, s, id) })
		}
		return nil
	}
	return nil
}

// step does one step of the playbook as its manager would.
func (p *player) step(ctx context.Context, s *stage, c recovery.Full, step recovery.Step) error {
	boss := s.staff[0]
	by := actor.ForAgent(boss.ID)
	ref := recovery.StepRef{CaseID: c.ID, StepID: step.ID}
	say := func(text string, w *recovery.Word) error {
		_, err := p.in.Recovery.Cases.Write(ctx, by, recovery.Letter{CaseID: c.ID, StepID: step.ID, Promise: w,
			Reply: conversation.Reply{Text: text, Hold: -1, To: p.to(ctx, c)}})
		return err
	}
	done := func(words string) error {
		_, err := p.in.Recovery.Steps.Complete(ctx, by, ref, recovery.Evidence{Text: words})
		return err
	}
	words := s.words(p.name(ctx, c), boss.Name)
	switch step.Key {
	case recovery.StepAcknowledge:
		if _, err := p.in.Recovery.Steps.Take(ctx, by, c.ID); err != nil {
			return err
		}
		due, err := s.calendar.Add(p.clock.Now(), 17*time.Hour)
		if err != nil {
			return err
		}
		return say(words["apology"], &recovery.Word{Text: words["promise"], DueAt: due})
	case recovery.StepListen:
		return done(words["listened"])
	case recovery.StepExplain:
		if err := say(Fill(p.why(ctx, s, c).Informed, words), nil); err != nil {
			return err
		}
		if p.rng.Float64() < 0.1 {
			return nil // forgotten, as it happens
		}
		return p.keepPromises(ctx, by, c)
	case recovery.StepAgree:
		cause := recovery.Cause{Category: p.category(ctx, c), Locus: "firm", Stability: "recurring", Text: p.why(ctx, s, c).Cause}
		measure := recovery.Measure{Text: p.why(ctx, s, c).Measure, DueAt: p.clock.Now().AddDate(0, 0, 7)}
		if _, err := p.in.Recovery.Cases.Change(ctx, by, c.ID, recovery.Patch{Cause: &cause, Measure: &measure}); err != nil {
			return err
		}
		return say(words["agree"], nil)
	case recovery.StepRemedy:
		if err := p.give(ctx, s, c); err != nil {
			return err
		}
		return done(words["remedied"])
	case recovery.StepConfirm:
		return say(words["confirm"], nil)
	case recovery.StepSurvey:
		if err := p.keepPromises(ctx, by, c); err != nil {
			return err
		}
		_, err := p.in.Recovery.Cases.Close(ctx, by, c.ID, recovery.Closing{FollowUp: true})
		return err
	}
	return done(words["learned"])
}

// give hands out what the company gives for such a failure.
func (p *player) give(ctx context.Context, s *stage, c recovery.Full) error {
	boss := s.staff[0]
	by := actor.ForAgent(boss.ID)
	offer := recovery.Offer{Type: recovery.Credit, Amount: 1000, Currency: "JPY", Text: s.words("", "")["gift"]}
	if s.Lang == "en" {
		offer.Amount, offer.Currency = 800, "GBP"
	}
	if p.rng.Float64() < 0.3 {
		offer = recovery.Offer{Type: recovery.Apology, Text: offer.Text}
	}
	g, err := p.in.Recovery.Remedies.Propose(ctx, by, boss.Role, c.ID, offer)
	if err != nil {
		return err
	}
	ref := recovery.GiftRef{CaseID: c.ID, GiftID: g.ID}
	if g.State == recovery.Proposed {
		if g, err = p.in.Recovery.Remedies.Approve(ctx, actor.OfSystem("demo"), "administrator", ref); err != nil {
			return err
		}
	}
	_, err = p.in.Recovery.Remedies.Deliver(ctx, by, ref)
	return err
}

func (p *player) keepPromises(ctx context.Context, by actor.Actor, c recovery.Full) error {
	for _, promise := range c.Promises {
		if promise.KeptAt.IsZero() {
			if _, err := p.in.Recovery.Promises.Keep(ctx, by, c.ID, promise.ID); err != nil && !fault.Is(err, fault.Conflict) {
				return err
			}
		}
	}
	return nil
}

// customerOf returns the address and name a case is about.
func (p *player) customerOf(ctx context.Context, c recovery.Full) (name, address string) {
	err := p.in.DB.Read(ctx, func(tx *sqldb.Tx) error {
		who, err := p.in.Customers.ByID(ctx, tx, c.CustomerID)
		name, address = who.Name, who.Address("email")
		return err
	})
	if err != nil {
		p.log.WarnContext(ctx, "whose case is it?", "case", c.ID, "error", err)
	}
	return name, address
}

func (p *player) to(ctx context.Context, c recovery.Full) []channel.Address {
	name, address := p.customerOf(ctx, c)
	return []channel.Address{{Name: name, Address: address}}
}

func (p *player) name(ctx context.Context, c recovery.Full) string {
	name, _ := p.customerOf(ctx, c)
	return name
}

// why explains the failure that a case is about.
func (p *player) why(ctx context.Context, s *stage, c recovery.Full) Reason {
	if r, ok := s.Reasons[p.category(ctx, c)]; ok {
		return r
	}
	return s.Reasons[""]
}

// category is the cause that the customer's story names, else the policy.
func (p *player) category(ctx context.Context, c recovery.Full) string {
	_, address := p.customerOf(ctx, c)
	if cause := p.feel[strings.ToLower(address)].Cause; cause != "" {
		return cause
	}
	return "product"
}

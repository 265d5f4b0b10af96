package demo

import (
	"container/heap"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Span is how much of the past a demonstration has.
const Span = 91 * 24 * time.Hour

// player plays the story: a list of what people do, in the order of time.
type player struct {
	in     app.Inside
	clock  *Clock
	office *Office
	rng    *rand.Rand
	log    *slog.Logger
	end    time.Time

	agenda  agenda
	serial  int
	arrived string // conversation of the mail that was brought last
	cases   map[string]bool
	asked   map[string]bool   // survey mails that were seen
	feel    map[string]Script // customer address → what their latest conversation was like
}

// act is something somebody does at a time.
type act struct {
	at     time.Time
	serial int // keeps what is planned for the same moment in its order
	do     func(context.Context) error
}

type agenda []act

// Len implements sort.Interface.
func (a agenda) Len() int { return len(a) }

// Less implements sort.Interface.
func (a agenda) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].serial < a[j].serial
}

// Swap implements sort.Interface.
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push implements heap.Interface.
func (a *agenda) Push(x any) { *a = append(*a, x.(act)) }

// Pop implements heap.Interface.
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

// plan puts an act on the agenda, unless it lies beyond the end of the story.
func (p *player) plan(at time.Time, do func(context.Context) error) {
	if at.Before(p.end) {
		p.serial++
		heap.Push(&p.agenda, act{at, p.serial, do})
	}
}

// play founds the companies and lives their three months.
func play(ctx context.Context, in app.Inside, c *Clock, o *Office, log *slog.Logger) ([]*stage, error) {
	start := c.Now()
	p := &player{in: in, clock: c, office: o, rng: rand.New(rand.NewPCG(7, 11)), log: log, end: start.Add(Span - time.Hour),
		cases: map[string]bool{}, asked: map[string]bool{}, feel: map[string]Script{}}
	o.bring = deliver(in, func(id string) { p.arrived = id })
	if _, err := in.Agents.Create(ctx, actor.OfSystem("demo"), team.NewAgent{Name: "Kintsugi", Email: Administrator, Role: team.Administrator, Password: Password}); err != nil {
		return nil, err
	}
	around := &visitors{in: in, rng: rand.New(rand.NewPCG(5, 3))}
	var stages []*stage
	for _, company := range companies() {
		s, err := build(ctx, in, company, p.end)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", company.Name, err)
		}
		stages = append(stages, s)
		p.arrivals(s, start)
		if err := around.hang(ctx, s, start); err != nil {
			return nil, err
		}
	}
	introduce(o, stages)
	for len(p.agenda) > 0 {
		next := heap.Pop(&p.agenda).(act)
		if err := p.pass(ctx, next.at); err != nil {
			return nil, err
		}
		if err := around.come(ctx, next.at); err != nil {
			return nil, err
		}
		if err := next.do(ctx); err != nil {
			return nil, err
		}
		if err := p.rest(ctx, stages); err != nil {
			return nil, err
		}
	}
	if err := p.pass(ctx, p.end); err != nil {
		return nil, err
	}
	for _, s := range stages {
		if err := around.complain(ctx, s); err != nil {
			return nil, err
		}
		if err := s.atOnce(ctx, in); err != nil {
			return nil, err
		}
	}
	// Afterwards newcomers write: their mail has no story planned.
	o.bring = deliver(in, func(string) {})
	return stages, nil
}

// arrivals plans every customer's first mail.
func (p *player) arrivals(s *stage, start time.Time) {
	for day := start.In(s.zone); day.Before(p.end); day = day.AddDate(0, 0, 1) {
		for _, at := range s.arrivals(p.rng, day) {
			if at.Before(start) {
				continue
			}
			who := s.Customers[p.rng.IntN(len(s.Customers))]
			script := s.pick(p.rng, at)
			p.plan(at, func(ctx context.Context) error { return p.open(ctx, s, who, script) })
		}
	}
}

const dueSQL = `SELECT MIN(run_at) FROM job WHERE state = 'ready'`

// pass lets time go by until t: what falls due on the way happens in its own moment.
func (p *player) pass(ctx context.Context, t time.Time) error {
	for {
		var due time.Time
		err := p.in.DB.Read(ctx, func(tx *sqldb.Tx) error {
			err := tx.QueryRow(ctx, dueSQL).Scan(sqldb.At(&due))
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
		if due.IsZero() || due.After(t) {
			p.clock.set(t)
			return nil
		}
		p.clock.set(due)
		if _, err := p.in.Queue.Drain(ctx); err != nil {
			return err
		}
	}
}

// rest lets the consequences of an act happen, and people notice them.
func (p *player) rest(ctx context.Context, stages []*stage) error {
	if _, err := p.in.Queue.Drain(ctx); err != nil {
		return err
	}
	for _, s := range stages {
		p.noticeSurveys(s)
		if err := p.noticeCases(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// dialogue is one conversation under way.
type dialogue struct {
	stage  *stage
	who    Person
	script Script
	agent  team.Agent
	values map[string]string
	id     conversation.ID
	turn   int
}

func (p *player) open(ctx context.Context, s *stage, who Person, script Script) error {
	d := &dialogue{stage: s, who: who, script: script, agent: s.staff[1+p.rng.IntN(len(s.staff)-1)]}
	d.values = s.values(p.rng, who, d.agent, p.clock.Now().In(s.zone))
	p.feel[who.Address] = script
	if err := p.write(ctx, d, ""); err != nil {
		return err
	}
	d.id = conversation.ID(p.arrived)
	p.next(d)
	return nil
}

// write lets the customer say the present turn.
func (p *player) write(ctx context.Context, d *dialogue, inReplyTo string) error {
	text := Fill(d.script.Turns[d.turn].Text, d.values)
	subject := Fill(d.script.Subject, d.values)
	if inReplyTo != "" {
		subject = "Re: " + subject
	}
	_, err := p.office.Write(ctx, api.DemoWrite{From: api.Addr{Name: d.who.Name, Address: d.who.Address}, To: d.stage.Address,
		Subject: subject, Text: text + signature(d), InReplyTo: inReplyTo})
	d.turn++
	return err
}

func signature(d *dialogue) string {
	if d.stage.Lang == "ja" {
		return "\n\n" + d.who.Name
	}
	return "\n\nBest,\n" + d.who.Name
}

// next plans whatever follows the present turn.
func (p *player) next(d *dialogue) {
	now := p.clock.Now()
	if d.turn == len(d.script.Turns) {
		p.plan(p.working(d.stage, now, 10, 180), func(ctx context.Context) error { return p.resolve(ctx, d) })
		return
	}
	if !d.script.Turns[d.turn].Agent {
		p.plan(now.Add(p.minutes(25, 1100)), func(ctx context.Context) error { return p.answer(ctx, d) })
		return
	}
	least, most := 12, 220
	switch {
	case d.script.Slow:
		least, most = 2200, 3600 // of working time: four or five days
	case d.stage.phase(now) == "bad":
		least, most = 120, 900
	}
	p.plan(p.working(d.stage, now, least, most), func(ctx context.Context) error { return p.reply(ctx, d) })
}

func (p *player) minutes(least, most int) time.Duration {
	return time.Duration(least+p.rng.IntN(most-least)) * time.Minute
}

// working returns a moment some minutes of business time after t.
func (p *player) working(s *stage, t time.Time, least, most int) time.Time {
	at, err := s.calendar.Add(t, p.minutes(least, most))
	if err != nil {
		return p.end // a company that never opens does nothing
	}
	return at
}

// anger is how likely the agent sees a complaint before any survey does.
func (d *dialogue) anger(now time.Time) float64 {
	switch {
	case d.script.Slow:
		return 0.35
	case d.stage.phase(now) == "bad":
		return 0.1
	}
	return 0
}

// reply lets the agent say the present turn.
func (p *player) reply(ctx context.Context, d *dialogue) error {
	by := actor.ForAgent(d.agent.ID)
	if d.turn == 1 {
		tags := []string{d.stage.tags[d.script.Tag]}
		if p.rng.Float64() < d.anger(p.clock.Now()) {
			tags = append(tags, d.stage.tags[complaints[d.stage.Lang]])
		}
		if _, err := p.in.Threads.Change(ctx, by, d.id, conversation.Patch{AssigneeID: &d.agent.ID, TagIDs: &tags}); err != nil {
			return err
		}
	}
	_, err := p.in.Threads.Post(ctx, by, conversation.Reply{ConversationID: d.id, Text: Fill(d.script.Turns[d.turn].Text, d.values), Hold: -1})
	d.turn++
	p.next(d)
	return err
}

// answer lets the customer answer the desk's latest mail.
func (p *player) answer(ctx context.Context, d *dialogue) error {
	subject := Fill(d.script.Subject, d.values)
	last, ok := p.office.latest(d.who.Address, func(l letter) bool { return l.Subject == "Re: "+subject })
	if !ok {
		return fmt.Errorf("%s has no mail %q to answer", d.who.Address, subject)
	}
	if err := p.write(ctx, d, last.ID); err != nil {
		return err
	}
	p.next(d)
	return nil
}

func (p *player) resolve(ctx context.Context, d *dialogue) error {
	status := conversation.Resolved
	_, err := p.in.Threads.Change(ctx, actor.ForAgent(d.agent.ID), d.id, conversation.Patch{Status: &status})
	if fault.Is(err, fault.Conflict) {
		return nil // somebody did it already
	}
	return err
}

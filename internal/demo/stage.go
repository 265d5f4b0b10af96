package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Password is every account's in a demonstration.
const Password = "kintsugi-golden-seam"

// Administrator is the account that may do everything.
const Administrator = "admin@kintsugi.example"

// stage is a company with its people in place.
type stage struct {
	Company
	scripts  []Script
	zone     *time.Location
	calendar *worktime.Calendar
	brandID  string
	inboxID  string
	tags     map[string]string // name → id
	staff    []team.Agent      // the manager first
	end      time.Time
	badFrom  time.Time
	badUntil time.Time
}

// build founds a company: brand, agents, tags, inbox and survey policy.
func build(ctx context.Context, in app.Inside, c Company, end time.Time) (*stage, error) {
	by := actor.OfSystem("demo")
	s := &stage{Company: c, tags: map[string]string{}, end: end}
	var err error
	if s.scripts, err = Scripts(c.Lang); err != nil {
		return nil, err
	}
	hours := worktime.Weekdays(c.Zone, "09:00", "18:00")
	if c.Lang == "ja" {
		hours.Holidays = "jp"
	}
	b, err := in.Brands.Create(ctx, by, brand.Change{Name: &c.Name, Locale: &c.Lang, Zone: &c.Zone, Hours: &hours, Color: &c.Color})
	if err != nil {
		return nil, err
	}
	s.brandID = b.ID
	if s.calendar, err = b.Calendar(); err != nil {
		return nil, err
	}
	s.zone = s.calendar.Zone()
	for _, p := range c.Agents {
		a, err := in.Agents.Create(ctx, by, team.NewAgent{Name: p.Name, Email: p.Address, Role: team.Role(p.Role), Password: Password, Locale: c.Lang})
		if err != nil {
			return nil, err
		}
		s.staff = append(s.staff, a)
	}
	if err := s.label(ctx, in, by); err != nil {
		return nil, err
	}
	none, yes := "none", true
	box, err := in.Inboxes.Create(ctx, by, inbox.Change{BrandID: &s.brandID, Name: &c.InboxName, Address: &c.Address, SenderName: &c.Sender,
		Signature: &c.Signature, Active: &yes, Receive: &inbox.ReceiveChange{Mode: &none}, Send: &inbox.SendChange{Mode: &none}})
	if err != nil {
		return nil, err
	}
	s.inboxID = box.ID
	if err := s.list(ctx, in); err != nil {
		return nil, err
	}
	_, err = in.Program.SetPolicy(ctx, by, survey.Policy{InboxID: box.ID, Enabled: true, Delay: time.Hour, Sampling: 100, CoolDown: 7,
		QuietFrom: "21:00", QuietTo: "08:00", AsksRepeat: true})
	if err != nil {
		return nil, err
	}
	// The bad week lies in the second half of the story, so that there is time to mend.
	s.badFrom = end.AddDate(0, 0, -44)
	if c.Lang == "en" {
		s.badFrom = end.AddDate(0, 0, -33)
	}
	for s.badFrom.In(s.zone).Weekday() != time.Friday { // its answers fall into one week
		s.badFrom = s.badFrom.AddDate(0, 0, -1)
	}
	s.badUntil = s.badFrom.AddDate(0, 0, 8)
	return s, nil
}

// atOnce lets surveys leave without a delay, for newcomers who play a customer.
func (s *stage) atOnce(ctx context.Context, in app.Inside) error {
	_, err := in.Program.SetPolicy(ctx, actor.OfSystem("demo"), survey.Policy{InboxID: s.inboxID, Enabled: true, Sampling: 100, AsksRepeat: true})
	return err
}

// complaints is what the tag that opens a case is called.
var complaints = map[string]string{"ja": "お申し出", "en": "complaint"}

// label makes the tags of the scripts, and the one that opens a case.
func (s *stage) label(ctx context.Context, in app.Inside, by actor.Actor) error {
	complaint := complaints[s.Lang]
	names := []string{complaint}
	for _, sc := range s.scripts {
		names = append(names, sc.Tag)
	}
	for i, name := range names {
		if s.tags[name] != "" {
			continue
		}
		color, isComplaint := i%8, name == complaint
		t, err := in.Tags.Create(ctx, by, tag.Change{Name: &name, Color: &color, Complaint: &isComplaint})
		if err != nil {
			return fmt.Errorf("tag %s: %w", name, err)
		}
		s.tags[name] = t.ID
	}
	return nil
}

// phase is the mood of a day.
func (s *stage) phase(t time.Time) string {
	switch {
	case t.Before(s.badFrom):
		return "calm"
	case t.Before(s.badUntil):
		return "bad"
	}
	return "better"
}

// pick chooses what a customer writes about on a day.
func (s *stage) pick(rng *rand.Rand, t time.Time) Script {
	mood := s.phase(t)
	special := map[string]float64{"calm": 0, "bad": 0.85, "better": 0.25}[mood]
	want := "calm"
	if rng.Float64() < special {
		want = mood
	}
	// Somebody was away two weeks ago: the latest cases are about that.
	away := t.After(s.end.AddDate(0, 0, -18)) && t.Before(s.end.AddDate(0, 0, -7)) && rng.Float64() < 0.4
	var fitting []Script
	for _, sc := range s.scripts {
		if away && sc.Slow || !away && sc.Phase == want {
			fitting = append(fitting, sc)
		}
	}
	chosen := fitting[rng.IntN(len(fitting))]
	if chosen.Slow && !away { // a desk that looks after its mail is rarely slow
		chosen = fitting[rng.IntN(len(fitting))]
	}
	return chosen
}

// arrivals returns when customers write on a day, in the day's order.
func (s *stage) arrivals(rng *rand.Rand, day time.Time) []time.Time {
	mean := 3.0
	switch day.Weekday() {
	case time.Saturday, time.Sunday:
		mean = 1.5
	}
	if s.phase(day) == "bad" {
		mean *= 2.4
	}
	n := 0
	for left := mean; left > 0; left-- {
		if rng.Float64() < left {
			n++
		}
	}
	out := make([]time.Time, n)
	for i := range out {
		out[i] = time.Date(day.Year(), day.Month(), day.Day(), 8+rng.IntN(13), rng.IntN(60), rng.IntN(60), 0, s.zone)
	}
	return out
}

// values fills the blanks of a script for one conversation.
func (s *stage) values(rng *rand.Rand, customer Person, agent team.Agent, t time.Time) map[string]string {
	name, agentName := customer.Name, agent.Name
	if s.Lang == "en" {
		name, _, _ = strings.Cut(name, " ")
		agentName, _, _ = strings.Cut(agentName, " ")
	} else {
		agentName, _, _ = strings.Cut(agentName, " ")
	}
	prefix := map[string]string{"ja": "H", "en": "LC"}[s.Lang]
	return map[string]string{
		"name": name, "agent": agentName, "item": s.Items[rng.IntN(len(s.Items))],
		"order": prefix + t.Format("0102") + "-" + strconv.Itoa(1000+rng.IntN(9000)),
	}
}

// introduce tells the post office who there is.
func introduce(o *Office, stages []*stage) {
	about := api.DemoAbout{Logins: []api.DemoLogin{{Name: "Kintsugi", Email: Administrator, Password: Password, Role: string(team.Administrator)}}}
	for _, s := range stages {
		for _, a := range s.staff {
			about.Logins = append(about.Logins, api.DemoLogin{Name: a.Name, Email: a.Email, Password: Password, Role: string(a.Role), Brand: s.Name})
		}
		about.Inboxes = append(about.Inboxes, api.DemoInbox{Name: s.Name, Address: s.Address, Locale: s.Lang})
		for _, p := range s.Customers {
			about.Customers = append(about.Customers, api.Addr{Name: p.Name, Address: p.Address})
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.about = about
}

// deliver brings a customer's mail to the inbox of its address.
func deliver(in app.Inside, then func(conversationID string)) func(context.Context, string, channel.Raw) error {
	return func(ctx context.Context, address string, raw channel.Raw) error {
		var id string
		err := in.DB.Read(ctx, func(tx *sqldb.Tx) error {
			box, ok, err := in.Inboxes.ForAddress(ctx, tx, address)
			if err == nil && !ok {
				err = unknownAddress(address)
			}
			id = box.ID
			return err
		})
		if err != nil {
			return err
		}
		entry, err := in.Door.Accept(ctx, id, raw)
		if err == nil {
			then(string(entry.ConversationID))
		}
		return err
	}
}

package api

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
)

// Case is one effort to win back one customer after one failure.
type Case struct {
	ID                 string      `json:"id"`
	Ref                int64       `json:"ref"`
	BrandID            string      `json:"brandId"`
	Customer           CustomerRef `json:"customer"`
	ConversationID     string      `json:"conversationId"`
	Subject            string      `json:"subject" doc:"What the conversation is about."`
	Source             CaseSource  `json:"source"`
	Severity           int         `json:"severity" minimum:"1" maximum:"4" doc:"1 is the worst."`
	Inputs             CaseInputs  `json:"inputs" doc:"All that the severity is computed from."`
	State              string      `json:"state" enum:"detected,reopened,acknowledged,assessed,owner_contacted,diagnosed,plan_agreed,remedy_delivered,followed_up,surveyed,closed"`
	Outcome            *string     `json:"outcome" enum:"recovered,not_recovered,unreachable,declined,no_fault" doc:"null while it goes on."`
	OwnerID            *string     `json:"ownerId"`
	OpenedAt           time.Time   `json:"openedAt"`
	ClosedAt           *time.Time  `json:"closedAt"`
	ConfirmedAt        *time.Time  `json:"confirmedAt" doc:"When the customer's own answer closed it."`
	CloseReason        string      `json:"closeReason"`
	DueAt              *time.Time  `json:"dueAt" doc:"Of the present step; null when nothing is due."`
	Overdue            bool        `json:"overdue"`
	DoubleDeviation    bool        `json:"doubleDeviation"`
	Round              int         `json:"round"`
	ScoreBefore        *int        `json:"scoreBefore"`
	ScoreAfter         *int        `json:"scoreAfter"`
	Cause              *Cause      `json:"cause"`
	Measure            *Measure    `json:"measure"`
	CustomerInformedAt *time.Time  `json:"customerInformedAt"`
	Playbook           PlaybookRef `json:"playbook"`
	Version            int64       `json:"version"`
}

// CaseSource is what opened a case.
type CaseSource struct {
	Kind  string `json:"kind" enum:"response,tag,manual"`
	ID    string `json:"id"`
	Label string `json:"label" doc:"The comment, the tag's name or the agent's reason."`
}

// CaseInputs are what the severity is computed from, and the points they give.
type CaseInputs struct {
	Harm            int         `json:"harm"`
	FirmResponsible bool        `json:"firmResponsible"`
	Recurring       bool        `json:"recurring"`
	DoubleDeviation bool        `json:"doubleDeviation"`
	Public          bool        `json:"public"`
	Vulnerable      bool        `json:"vulnerable"`
	Relationship    bool        `json:"relationship"`
	StrongAnger     bool        `json:"strongAnger"`
	Score           *int        `json:"score"`
	Points          []CasePoint `json:"points" nullable:"false"`
}

// CasePoint is one input's part of the severity score.
type CasePoint struct {
	Key    string `json:"key"`
	Points int    `json:"points"`
}

// Cause is the root cause of a failure.
type Cause struct {
	Category  string `json:"category" enum:"product,delivery,system,process,people,communication,billing,policy,partner,other"`
	Locus     string `json:"locus,omitempty" enum:"firm,partner,outside,customer,"`
	Stability string `json:"stability,omitempty" enum:"once,recurring,"`
	Text      string `json:"text" maxLength:"16000"`
}

// Measure is what is done so that it does not happen again.
type Measure struct {
	Text  string     `json:"text" maxLength:"16000"`
	DueAt *time.Time `json:"dueAt,omitempty" nullable:"true"`
}

// PlaybookRef names the recipe a case follows.
type PlaybookRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Name    string `json:"name"`
}

// CaseFull is a case with everything that one screen shows.
type CaseFull struct {
	Case
	Steps    []CaseStep `json:"steps" nullable:"false" doc:"Of the present round."`
	Promises []Promise  `json:"promises" nullable:"false"`
	Remedies []Remedy   `json:"remedies" nullable:"false"`
	Story    []StoryRow `json:"story" nullable:"false"`
}

// CaseStep is one act of the playbook.
type CaseStep struct {
	ID         string     `json:"id"`
	Key        string     `json:"key"`
	Title      string     `json:"title"`
	Guide      string     `json:"guide"`
	Position   int        `json:"position"`
	State      string     `json:"state" enum:"waiting,active,done,skipped"`
	DueAt      *time.Time `json:"dueAt"`
	Overdue    bool       `json:"overdue"`
	Escalation int        `json:"escalation" doc:"How often it was escalated."`
	TakenBy    *string    `json:"takenBy"`
	DoneAt     *time.Time `json:"doneAt"`
	DoneBy     *Author    `json:"doneBy"`
	Evidence   *Evidence  `json:"evidence"`
}

// Evidence is what shows that a step was done.
type Evidence struct {
	Text      string `json:"text,omitempty" maxLength:"16000"`
	MessageID string `json:"messageId,omitempty" maxLength:"64"`
	Link      string `json:"link,omitempty" maxLength:"4000"`
}

// Promise is a time we told the customer.
type Promise struct {
	ID        string     `json:"id"`
	Text      string     `json:"text"`
	DueAt     time.Time  `json:"dueAt"`
	State     string     `json:"state" enum:"open,kept,broken"`
	KeptAt    *time.Time `json:"keptAt" doc:"Of a broken one: when it was made good."`
	MessageID *string    `json:"messageId"`
}

// StoryRow is one thing that happened in a case, in the reader's language.
type StoryRow struct {
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"`
	Text      string    `json:"text"`
	Actor     Author    `json:"actor"`
	MessageID *string   `json:"messageId"`
}

// scoreOf is a score as JSON has it: null for none.
func scoreOf(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// viewCases shows cases, each with its customer and subject, by one query for all.
func (r *Routes) viewCases(ctx context.Context, tx *sqldb.Tx, who Caller, list []recovery.Case) ([]Case, error) {
	ids, threads := make([]string, len(list)), make([]string, len(list))
	for i, c := range list {
		ids[i], threads[i] = c.CustomerID, c.ConversationID
	}
	people, err := insight.People(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	subjects, err := insight.Subjects(ctx, tx, threads)
	out := make([]Case, 0, len(list))
	for _, c := range list {
		v := r.viewCase(who, tx.Now, c, people[c.CustomerID])
		v.Subject = subjects[c.ConversationID]
		out = append(out, v)
	}
	return out, err
}

func (r *Routes) viewCase(who Caller, now time.Time, c recovery.Case, p insight.Person) Case {
	v := Case{
		ID: string(c.ID), Ref: c.Ref, BrandID: c.BrandID, Customer: CustomerRef{ID: c.CustomerID, Name: p.Name, Address: p.Address},
		ConversationID: c.ConversationID, Source: CaseSource{Kind: string(c.Source.Kind), ID: c.Source.ID, Label: c.Source.Label}, Severity: c.Severity,
		Inputs: viewInputs(c.Inputs), State: string(c.State), Outcome: some(string(c.Outcome)), OwnerID: some(c.OwnerID), OpenedAt: c.OpenedAt,
		ClosedAt: moment(c.ClosedAt), ConfirmedAt: moment(c.ConfirmedAt), CloseReason: c.CloseReason, DueAt: moment(c.DueAt), Overdue: c.Overdue(now),
		DoubleDeviation: c.DoubleDeviation, Round: c.Round(), ScoreBefore: scoreOf(c.ScoreBefore), ScoreAfter: scoreOf(c.ScoreAfter),
		CustomerInformedAt: moment(c.InformedAt), Version: c.Version,
		Playbook: PlaybookRef{ID: c.PlaybookID, Version: c.PlaybookVersion, Name: r.Phrases.Text(who.Locale, "playbook."+c.PlaybookKey+".name", nil)},
	}
	if c.Cause != nil {
		cause := Cause(*c.Cause)
		v.Cause = &cause
	}
	if c.Measure != nil {
		v.Measure = &Measure{Text: c.Measure.Text, DueAt: moment(c.Measure.DueAt)}
	}
	return v
}

func viewInputs(in recovery.Inputs) CaseInputs {
	v := CaseInputs{Harm: in.Harm, FirmResponsible: in.FirmResponsible, Recurring: in.Recurring, DoubleDeviation: in.DoubleDeviation, Public: in.Public,
		Vulnerable: in.Vulnerable, Relationship: in.Relationship, StrongAnger: in.StrongAnger, Score: scoreOf(in.Score)}
	for _, p := range in.Points() {
		v.Points = append(v.Points, CasePoint(p))
	}
	return v
}

func (r *Routes) viewCaseFull(ctx context.Context, tx *sqldb.Tx, who Caller, f recovery.Full) (CaseFull, error) {
	list, err := r.viewCases(ctx, tx, who, []recovery.Case{f.Case})
	if err != nil {
		return CaseFull{}, err
	}
	out := CaseFull{Case: list[0], Steps: []CaseStep{}, Promises: []Promise{}, Remedies: []Remedy{}, Story: []StoryRow{}}
	t, err := r.teller(ctx, tx, who, f.Case)
	if err != nil {
		return CaseFull{}, err
	}
	for _, s := range f.Steps {
		out.Steps = append(out.Steps, t.step(s, tx.Now))
	}
	for _, p := range f.Promises {
		out.Promises = append(out.Promises, viewPromise(p))
	}
	for _, g := range f.Gifts {
		out.Remedies = append(out.Remedies, viewRemedy(g))
	}
	for _, e := range f.Story {
		out.Story = append(out.Story, t.row(e))
	}
	return out, nil
}

func viewPromise(p recovery.Promise) Promise {
	return Promise{ID: p.ID, Text: p.Text, DueAt: p.DueAt, State: string(p.State), KeptAt: moment(p.KeptAt), MessageID: some(p.MessageID)}
}

// teller finds the teller of a case's story: who reads, who acted, whose clock.
func (r *Routes) teller(ctx context.Context, tx *sqldb.Tx, who Caller, c recovery.Case) (teller, error) {
	t := teller{words: r.Phrases, lang: who.Locale, names: map[string]string{}, zone: time.UTC}
	agents, err := r.Agents.List(ctx, tx)
	if err != nil {
		return t, err
	}
	for _, a := range agents {
		t.names[a.ID] = a.Name
	}
	customer, err := r.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil {
		return t, err
	}
	t.names[customer.ID], t.customer = customer.Label(), customer.Label()
	var b brand.Brand
	if b, err = r.Brands.ByID(ctx, tx, c.BrandID); err != nil {
		return t, err
	}
	if zone, err := time.LoadLocation(b.Zone); err == nil { // an unknown zone shows UTC
		t.zone = zone
	}
	return t, nil
}

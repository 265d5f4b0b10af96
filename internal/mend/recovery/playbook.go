package recovery

import "time"

// StepKey names a step of a playbook; its words are the phrases
// "playbook.step.<key>.title" and "….guide".
type StepKey string

// The steps of the default playbook, in order.
const (
	StepAcknowledge StepKey = "acknowledge" // and apologise
	StepListen      StepKey = "listen"      // and restate
	StepExplain     StepKey = "explain"     // the cause
	StepAgree       StepKey = "agree"       // on measures with dates
	StepRemedy      StepKey = "remedy"
	StepConfirm     StepKey = "confirm" // with the customer
	StepSurvey      StepKey = "survey"  // done by closing the case
	StepLearn       StepKey = "learn"
)

// Span is a length of business time: whole business days, then open hours.
type Span struct {
	Days int           `json:"days,omitempty"`
	Open time.Duration `json:"open,omitempty"`
}

// Recipe is one step of a playbook.
type Recipe struct {
	Key StepKey `json:"key"`
	// State is the milestone that finishing it reaches, "" for none.
	State State `json:"state,omitempty"`
	// Clock says within which time, by severity 1 to 4, counted from the start of
	// the round, or from the end of the step before if After is set.
	Clock [4]Span `json:"clock"`
	After bool    `json:"after,omitempty"`
	// Informs: finishing it means that the customer knows what is done about it.
	Informs bool `json:"informs,omitempty"`
	// Escalates: when overdue, it is brought to ever more people.
	Escalates bool `json:"escalates,omitempty"`
}

// Playbook is a versioned recipe.
type Playbook struct {
	ID      string   `json:"-"`
	Key     string   `json:"-"` // its name is the phrase "playbook.<key>.name"
	Version int      `json:"-"`
	Steps   []Recipe `json:"steps"`
}

// Default returns the playbook every case follows. Changing its content means
// raising its version, so that old cases keep what they were measured by.
//
// Clocks are the house defaults of recovery: acknowledgement by a person within
// 15 minutes, 1 hour, 4 hours, 1 day; contact by the owner within 1 hour, 4
// hours, 1 day, 2 days; news of the cause within a day for severity 1 and 2,
// else three; decision on the remedy within 1, 2, 5, 5 days; all business time.
func Default() Playbook {
	days := func(a, b, c, d int) [4]Span { return [4]Span{{Days: a}, {Days: b}, {Days: c}, {Days: d}} }
	return Playbook{Key: "default", Version: 1, Steps: []Recipe{
		{Key: StepAcknowledge, State: Acknowledged, Escalates: true, Clock: [4]Span{{Open: 15 * time.Minute}, {Open: time.Hour}, {Open: 4 * time.Hour}, {Days: 1}}},
		{Key: StepListen, State: OwnerContacted, Escalates: true, Clock: [4]Span{{Open: time.Hour}, {Open: 4 * time.Hour}, {Days: 1}, {Days: 2}}},
		{Key: StepExplain, State: Diagnosed, Escalates: true, Clock: days(1, 1, 3, 3)},
		{Key: StepAgree, State: PlanAgreed, Escalates: true, Informs: true, Clock: days(1, 2, 5, 5)},
		{Key: StepRemedy, State: RemedyDelivered, Escalates: true, After: true, Clock: days(1, 2, 5, 5)},
		{Key: StepConfirm, State: FollowedUp, Escalates: true, After: true, Informs: true, Clock: days(3, 3, 5, 5)},
		{Key: StepSurvey, State: Surveyed, Escalates: true, After: true, Clock: days(1, 1, 1, 1)},
		{Key: StepLearn, After: true, Clock: days(5, 5, 10, 10)},
	}}
}

// recipe returns the step with a key; ok is false if there is none.
func (p Playbook) recipe(key StepKey) (Recipe, bool) {
	for _, r := range p.Steps {
		if r.Key == key {
			return r, true
		}
	}
	return Recipe{}, false
}

// firstContact bounds the clocks of the first two steps after a double
// deviation: a person reaches the customer within one open hour.
const firstContact = time.Hour

// span returns the time a step has at a severity.
func (r Recipe) span(severity int, double bool) Span {
	s := r.Clock[severity-1]
	if double && (r.Key == StepAcknowledge || r.Key == StepListen) && (s.Days > 0 || s.Open > firstContact) {
		s = Span{Open: firstContact}
	}
	return s
}

// calendar is the part of a brand's business calendar that clocks need.
type calendar interface {
	Add(t time.Time, d time.Duration) (time.Time, error)
	AddDays(t time.Time, n int) (time.Time, error)
}

// due returns when s is over after t. A desk that is never open still has to
// answer: it is reckoned in clock time then.
func due(cal calendar, t time.Time, s Span) time.Time {
	at, err := cal.AddDays(t, s.Days)
	if s.Days == 0 {
		at, err = t, nil
	}
	if err == nil {
		at, err = cal.Add(at, s.Open)
	}
	if err != nil {
		return t.AddDate(0, 0, s.Days).Add(s.Open)
	}
	return at
}

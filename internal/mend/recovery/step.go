package recovery

import "time"

// StepState says how a step of a case stands.
type StepState string

// The states of a step. One step at most is active at a time.
const (
	Waiting StepState = "waiting"
	Active  StepState = "active"
	Done    StepState = "done"
	Skipped StepState = "skipped"
)

// Step is one act of a case's playbook.
type Step struct {
	ID         string
	Round      int
	Position   int
	Key        StepKey
	State      StepState
	DueAt      time.Time // zero until the step before is over, for steps counted from there
	Escalation int       // how often it was escalated
	TakenBy    string    // the agent who has taken it on
	DoneAt     time.Time
	DoneBy     string // the actor, as in the story
	Evidence   Evidence
}

// Over reports whether the step needs nothing more.
func (s Step) Over() bool { return s.State == Done || s.State == Skipped }

// Overdue reports whether the step is on and should be over by now.
func (s Step) Overdue(now time.Time) bool {
	return s.State == Active && !s.DueAt.IsZero() && s.DueAt.Before(now)
}

// Evidence is what shows that a step was done: a message to the customer, a
// link, or words about it (a telephone call). Of a skipped step, Text is why.
type Evidence struct {
	Text      string `json:"text,omitempty"`
	MessageID string `json:"messageId,omitempty"`
	Link      string `json:"link,omitempty"`
}

func (e Evidence) empty() bool { return e == Evidence{} }

package recovery

import "time"

// ID names a case ("case_…").
type ID string

// SourceKind says what opened a case.
type SourceKind string

// The sources of cases.
const (
	FromResponse SourceKind = "response" // a dissatisfied answer; the source's id is the response
	FromTag      SourceKind = "tag"      // a complaint tag; the source's id is the conversation
	Manual       SourceKind = "manual"   // an agent's button; the source's id is minted for it
)

// Source is what opened a case. Label is somebody's own words: the customer's
// comment, the tag's name, the agent's reason.
type Source struct {
	Kind  SourceKind
	ID    string
	Label string
}

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	Recovered    Outcome = "recovered"     // the customer says so: follow-up score 4 or 5
	NotRecovered Outcome = "not_recovered" // all was done and the customer is not won back
	Unreachable  Outcome = "unreachable"   // three tries without an answer
	Declined     Outcome = "declined"      // the customer does not want it
	NoFault      Outcome = "no_fault"      // there was no failure of ours
)

// Cause is the root cause of a failure.
type Cause struct {
	Category  string `json:"category"`  // see [Categories]
	Locus     string `json:"locus"`     // see [Loci]
	Stability string `json:"stability"` // see [Stabilities]
	Text      string `json:"text"`
}

// Measure is what was or will be done so that it does not happen again.
type Measure struct {
	Text  string    `json:"text"`
	DueAt time.Time `json:"dueAt,omitzero"`
}

// Categories lists where a failure may come from, the bars of the Pareto chart.
func Categories() []string {
	return []string{"product", "delivery", "system", "process", "people", "communication", "billing", "policy", "partner", "other"}
}

// Loci lists whose doing a failure may be.
func Loci() []string { return []string{"firm", "partner", "outside", "customer"} }

// Stabilities lists how often a failure happens.
func Stabilities() []string { return []string{"once", "recurring"} }

// Case is one effort to win back one customer after one failure.
type Case struct {
	ID              ID
	Ref             int64
	BrandID         string
	CustomerID      string
	ConversationID  string
	Source          Source
	Severity        int // 1 (worst) to 4
	Inputs          Inputs
	State           State
	Outcome         Outcome // "" while it is open
	OwnerID         string
	DoubleDeviation bool
	Reopened        int // how often
	ScoreBefore     int // 0: none
	ScoreAfter      int
	Cause           *Cause
	Measure         *Measure
	InformedAt      time.Time // when the customer was told what is done about it
	InformedID      string    // the message that told them; "" by other ways
	PlaybookID      string
	PlaybookVersion int
	PlaybookKey     string
	Tries           int       // follow-up surveys that stayed without an answer
	DueAt           time.Time // of the step that is on; zero when nothing is
	OpenedAt        time.Time
	RoundAt         time.Time // when this round of steps began
	ClosedAt        time.Time
	ConfirmedAt     time.Time // when the customer's own answer closed it
	CloseReason     string
	Version         int64
}

// Round is the number of the present round of steps: 1, and one more each time
// the case was reopened.
func (c Case) Round() int { return c.Reopened + 1 }

// Open reports whether the case still goes on; waiting for the customer's answer
// is going on.
func (c Case) Open() bool { return c.State != Closed }

// Overdue reports whether the step that is on should be done by now.
func (c Case) Overdue(now time.Time) bool { return !c.DueAt.IsZero() && c.DueAt.Before(now) }

package recovery

import "time"

// The facts of this package. The subject of each but the last is the
// case's id.
const (
	OpenedFact    = "case.opened"    // OpenedData
	UpdatedFact   = "case.updated"   // UpdatedData
	EscalatedFact = "case.escalated" // EscalatedData
	ClosedFact    = "case.closed"    // ClosedData
	BrokenFact    = "promise.broken" // BrokenData
	// AuthoritiesFact tells that the list of who may give how much was replaced;
	// its subject is that setting's name.
	AuthoritiesFact = "authority.changed" // AuthoritiesData
)

// Place says which case a fact is about; every fact's data holds it.
type Place struct {
	CaseID         ID     `json:"caseId"`
	Ref            int64  `json:"ref"`
	BrandID        string `json:"brandId"`
	CustomerID     string `json:"customerId"`
	ConversationID string `json:"conversationId"`
	OwnerID        string `json:"ownerId"`
	Severity       int    `json:"severity"`
}

// OpenedData tells of a new case.
type OpenedData struct {
	Place
	SourceKind      SourceKind `json:"sourceKind"`
	SourceID        string     `json:"sourceId"`
	DoubleDeviation bool       `json:"doubleDeviation"`
	DueAt           time.Time  `json:"dueAt,omitzero"`
}

// UpdatedData names what changed. The fields: state, severity, inputs, owner,
// cause, measure, informed, step, taken, promise, remedy, source, customer,
// conversation.
type UpdatedData struct {
	Place
	Fields []string  `json:"fields"`
	State  State     `json:"state"`
	DueAt  time.Time `json:"dueAt,omitzero"`
	// Approvers are those who may decide about a remedy that was proposed now.
	Approvers []string `json:"approvers,omitempty"`
	RemedyID  string   `json:"remedyId,omitempty"`
	// NewOwner is set when somebody else is responsible from now on.
	NewOwner bool `json:"newOwner,omitempty"`
}

// EscalatedData tells that an overdue step was brought to people.
type EscalatedData struct {
	Place
	StepID     string    `json:"stepId"`
	StepKey    StepKey   `json:"stepKey"`
	Level      int       `json:"level"` // 1: the owner, 2: and the managers, 3: and the administrators
	Count      int       `json:"count"` // how often this step was escalated
	DueAt      time.Time `json:"dueAt,omitzero"`
	Recipients []string  `json:"recipients"` // agents
}

// ClosedData tells how a case ended.
type ClosedData struct {
	Place
	Outcome Outcome `json:"outcome"`
	Score   int     `json:"score,omitempty"`
}

// BrokenData tells of a promise whose time has passed.
type BrokenData struct {
	Place
	PromiseID string    `json:"promiseId"`
	Text      string    `json:"text"`
	DueAt     time.Time `json:"dueAt"`
	CreatedBy string    `json:"createdBy"` // agent
}

// AuthoritiesData holds the new list.
type AuthoritiesData struct {
	Lines []Authority `json:"lines"`
}

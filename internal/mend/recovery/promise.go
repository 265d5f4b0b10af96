package recovery

import "time"

// PromiseState says what became of a promise.
type PromiseState string

// The states of a promise. A broken one stays broken, also when what it said is
// done later; KeptAt tells when.
const (
	PromiseOpen   PromiseState = "open"
	PromiseKept   PromiseState = "kept"
	PromiseBroken PromiseState = "broken"
)

// Promise is a time we told the customer.
type Promise struct {
	ID        string
	CaseID    ID
	Text      string
	DueAt     time.Time
	State     PromiseState
	KeptAt    time.Time
	BrokenAt  time.Time
	MessageID string // the message that told it, "" if told otherwise
	CreatedBy string
	CreatedAt time.Time
}

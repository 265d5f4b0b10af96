package recovery

import "time"

// RemedyState says how far a remedy is.
type RemedyState string

// The states of a remedy.
const (
	Proposed  RemedyState = "proposed" // waits for somebody with the authority
	Approved  RemedyState = "approved"
	Refused   RemedyState = "refused"
	Delivered RemedyState = "delivered"
	Forgone   RemedyState = "forgone" // wanted no more before the customer had it
)

// Gift is a remedy on its way to the customer.
type Gift struct {
	ID     string
	CaseID ID
	Offer
	State       RemedyState
	ProposedBy  string // the actor
	DecidedBy   string
	Reason      string // why it was refused or forgone
	DecidedAt   time.Time
	ForgoneAt   time.Time
	DeliveredAt time.Time
	CreatedAt   time.Time
}

package inbox

import "time"

// The facts of this package; the subject is the inbox's id.
const (
	ChangedFact = "inbox.changed" // ChangedData
	HealthFact  = "inbox.health"  // HealthData
	ExpiryFact  = "inbox.expiry"  // ExpiryData
)

// ChangedData tells that an inbox was made, changed or deleted.
type ChangedData struct {
	BrandID string   `json:"brandId"`
	Active  bool     `json:"active"`
	Deleted bool     `json:"deleted,omitempty"`
	Fields  []string `json:"fields,omitempty"`
}

// HealthData tells how one direction of an inbox is now. Error is the server's own words.
type HealthData struct {
	Direction Direction `json:"direction,omitempty"` // "" in facts from before directions were told apart
	State     State     `json:"state"`
	Error     string    `json:"error,omitempty"`
}

// ExpiryData tells that an inbox's credential ends soon, or has ended.
type ExpiryData struct {
	ExpiresAt time.Time `json:"expiresAt"`
	Ended     bool      `json:"ended"`
}

package survey

// The facts of this package.
const (
	InvitedFact    = "survey.invited"    // InvitedData; subject: the invitation
	SkippedFact    = "survey.skipped"    // SkippedData; subject: the invitation
	RespondedFact  = "survey.responded"  // RespondedData; subject: the response
	UnansweredFact = "survey.unanswered" // InvitedData; subject: the invitation, which expired without an answer
	OptedOutFact   = "survey.opted-out"  // OptData; subject: the customer, who wants no survey mail
	OptedInFact    = "survey.opted-in"   // OptData; subject: the customer, who takes that back
	PolicyFact     = "survey.policy"     // no data; subject: the inbox whose policy was set
)

// InvitedData tells that a customer was asked.
type InvitedData struct {
	Kind           string `json:"kind"` // "csat" or "follow-up"
	Link           string `json:"link"` // opaque: what the asker gave
	ConversationID string `json:"conversationId"`
	CustomerID     string `json:"customerId"`
	BrandID        string `json:"brandId"`
}

// SkippedData tells that a customer was not asked or not reached, and why (a Reason).
type SkippedData struct {
	InvitedData
	Reason string `json:"reason"`
}

// RespondedData tells of an answer, or of a changed one.
type RespondedData struct {
	InvitedData
	InvitationID string `json:"invitationId"`
	InboxID      string `json:"inboxId"`
	AgentID      string `json:"agentId"`
	TeamID       string `json:"teamId"`
	Score        int    `json:"score"`
	Band         string `json:"band"` // satisfied, neutral, dissatisfied
	Comment      string `json:"comment"`
	Repeated     *bool  `json:"repeated,omitempty"` // had to tell the same thing again; absent: not said
	Changed      bool   `json:"changed"`            // an earlier answer was replaced
}

// OptData tells through which invitation somebody stopped survey mail, or let it begin again.
type OptData struct {
	Address      string `json:"address"`
	InvitationID string `json:"invitationId"`
}

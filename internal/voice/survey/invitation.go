package survey

import "time"

// Kind says what a customer is asked about.
type Kind string

// The kinds of invitations.
const (
	CSAT     Kind = "csat"      // after a conversation was resolved
	FollowUp Kind = "follow-up" // after somebody tried to put things right; asked by AskTx
)

// State is what has become of an invitation.
type State string

// The states of an invitation.
const (
	Planned  State = "planned"  // waits for its time
	Queued   State = "queued"   // in the outbox
	Sent     State = "sent"     // accepted by the other side
	Answered State = "answered" // has a response
	Skipped  State = "skipped"  // was not sent; Reason says why
	Expired  State = "expired"  // sent, and not answered in time
	Failed   State = "failed"   // could not be sent, or came back; Reason says which
)

// Limits in time.
const (
	OpenFor   = 14 * day       // an invitation can be answered, unless the asker says otherwise
	ChangeFor = 24 * time.Hour // an answer can be changed, from the first one on
	staleTime = 7 * day        // an invitation this late is not sent any more
)

// Invitation is one request to one customer, or the reason why there was none.
type Invitation struct {
	ID             string
	Kind           Kind
	Link           string // opaque: what the asker gave
	ConversationID string
	Resolution     int // which resolution of the conversation; of a follow-up: which try
	CustomerID     string
	InboxID        string
	BrandID        string
	AgentID        string
	TeamID         string
	Locale         string
	State          State
	Reason         Reason
	RunAt          time.Time // when it is due; once sent: when it went into the outbox
	SentAt         time.Time
	ExpiresAt      time.Time
	DeliveryID     string
	Address        string // where the mail goes, or went
	CreatedAt      time.Time
}

// facts returns what every fact about the invitation tells.
func (i Invitation) facts() InvitedData {
	return InvitedData{Kind: string(i.Kind), Link: i.Link, ConversationID: i.ConversationID, CustomerID: i.CustomerID, BrandID: i.BrandID}
}

// Version is one version of an answer.
type Version struct {
	Score    int
	Comment  string
	Repeated *bool
	At       time.Time
}

// Response is what came back.
type Response struct {
	ID             string
	InvitationID   string
	Kind           Kind
	Link           string
	ConversationID string
	CustomerID     string
	InboxID        string
	BrandID        string
	AgentID        string
	TeamID         string
	Score          int
	Band           Band
	Comment        string
	Repeated       *bool     // had to tell the same thing again; nil: not asked, or not said
	AnsweredAt     time.Time // of the first answer
	ChangedAt      time.Time // of the last change; zero if there was none
	History        []Version // every version, oldest first; the last is the one above
}

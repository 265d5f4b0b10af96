package conversation

// The facts of this package. The subject of each is the conversation's id.
const (
	OpenedFact   = "conversation.opened"   // OpenedData
	ReceivedFact = "message.received"      // MessageData
	PostedFact   = "message.posted"        // MessageData
	NotedFact    = "note.added"            // MessageData
	StatusFact   = "conversation.status"   // StatusData
	ResolvedFact = "conversation.resolved" // ResolvedData, after StatusFact
	AssignedFact = "conversation.assigned" // AssignedData
	TaggedFact   = "conversation.tagged"   // TaggedData, one a tag
	UpdatedFact  = "conversation.updated"  // UpdatedData: "priority", "subject", "inbox", "customer", "messages" that were moved or taken back, or "entries"
	MergedFact   = "conversation.merged"   // MergedData
	UnmergedFact = "conversation.unmerged" // UnmergedData; the subject is the one that was brought back
	DraftFact    = "draft.saved"           // DraftData
	// AmendedFact tells that a message is not what it was: its writer edited it or
	// took it back, or a file of it was fetched.
	AmendedFact = "message.amended" // MessageData
	// ReleasedFact tells that what an agent was responsible for went back to the
	// team; its subject is the agent.
	ReleasedFact = "conversations.released" // ReleasedData
	// DeliveredFact tells of a message's way to the customer, for those who watch
	// the conversation.
	DeliveredFact = "message.delivered" // DeliveredData
)

// Place says where a fact happened; every fact's data holds it.
type Place struct {
	BrandID    string `json:"brandId"`
	InboxID    string `json:"inboxId"`
	CustomerID string `json:"customerId"`
}

// OpenedData tells of a new conversation.
type OpenedData struct {
	Place
	Origin string `json:"origin"`
	Muted  bool   `json:"muted"`
}

// MessageData tells of a new message.
type MessageData struct {
	Place
	MessageID MessageID `json:"messageId"`
	Kind      Kind      `json:"kind"`
	Automatic bool      `json:"automatic"`
	Mentions  []string  `json:"mentions,omitempty"`
}

// StatusData tells of a change of status.
type StatusData struct {
	Place
	From Status `json:"from"`
	To   Status `json:"to"`
}

// ResolvedData tells that a conversation was resolved for the nth time. Agent
// and team are those responsible at that moment.
type ResolvedData struct {
	Place
	Resolution int    `json:"resolution"`
	AgentID    string `json:"agentId"`
	TeamID     string `json:"teamId"`
	Muted      bool   `json:"muted"`
}

// AssignedData tells who is responsible now; empty for nobody.
type AssignedData struct {
	Place
	AssigneeID string `json:"assigneeId"`
	TeamID     string `json:"teamId"`
}

// TaggedData tells that a tag was put on or taken off.
type TaggedData struct {
	Place
	TagID     string `json:"tagId"`
	TagName   string `json:"tagName"`
	Complaint bool   `json:"complaint"`
	Added     bool   `json:"added"`
}

// UpdatedData names the fields that changed.
type UpdatedData struct {
	Place
	Fields []string `json:"fields"`
}

// MergedData tells which conversation took this one in.
type MergedData struct {
	Place
	Into ID `json:"into"`
}

// UnmergedData tells which conversation gave this one back, with its messages.
// Which those are stands in their rows: a list here would have no bound.
type UnmergedData struct {
	Place
	From ID `json:"from"`
}

// DraftData tells whose draft changed.
type DraftData struct {
	AgentID string `json:"agentId"`
}

// DeliveredData tells what became of a message: a state of package delivery.
type DeliveredData struct {
	Place
	MessageID MessageID `json:"messageId"`
	State     string    `json:"state"`
}

// ReleasedData tells how many conversations need somebody now.
type ReleasedData struct {
	Conversations int `json:"conversations"`
}

package conversation

import (
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// ID names a conversation ("conv_…").
type ID string

// MessageID names a message ("msg_…").
type MessageID string

// Status says whose turn it is.
type Status string

// The statuses.
const (
	Open     Status = "open"
	Pending  Status = "pending" // waiting for the customer
	Snoozed  Status = "snoozed"
	Resolved Status = "resolved"
	Closed   Status = "closed"
)

// Priority is how urgent the agents hold a conversation to be.
type Priority int

// The priorities.
const (
	Low Priority = iota
	Normal
	High
	Urgent
)

// Conversation is one thread with one customer about one matter.
type Conversation struct {
	ID              ID
	Ref             int64
	BrandID         string
	InboxID         string
	CustomerID      string
	Subject         string
	Status          Status
	Priority        Priority
	AssigneeID      string
	TeamID          string
	SnoozedUntil    time.Time
	Preview         string
	WaitingSince    time.Time // since when the customer waits for an answer
	LastAt          time.Time
	LastFrom        string // "customer" or "agent"
	MessageCount    int
	Muted           bool   // automatic mail: no answer is expected, none is sent by itself
	Origin          string // who wrote first: "customer" or "agent"
	FirstCustomerAt time.Time
	FirstResponseAt time.Time
	ResolvedAt      time.Time
	FirstResolvedAt time.Time
	Resolution      int       // how often it was resolved
	Settled         MessageID // messages up to it were settled by the last resolution
	MergedInto      ID
	CreatedAt       time.Time
	Version         int64
	TagIDs          []string
}

// Kind says what sort of entry a message is.
type Kind string

// The kinds of messages.
const (
	Incoming Kind = "incoming"
	Outgoing Kind = "outgoing"
	Note     Kind = "note"
	Event    Kind = "event"
)

// Envelope is who a message was from and to.
type Envelope struct {
	From    channel.Address   `json:"from"`
	ReplyTo []channel.Address `json:"replyTo,omitempty"`
	To      []channel.Address `json:"to,omitempty"`
	Cc      []channel.Address `json:"cc,omitempty"`
	Bcc     []channel.Address `json:"bcc,omitempty"`
	Token   string            `json:"token,omitempty"` // see channel.Message.Token
}

// Message is something said in a conversation.
type Message struct {
	ID             MessageID
	ConversationID ID
	InboxID        string
	Kind           Kind
	AuthorKind     string
	AuthorID       string
	AuthorName     string
	At             time.Time
	Subject        string
	Body           string // visible plain text
	Quoted         string
	HTML           string // sanitised; filled only when asked for
	HasHTML        bool
	RemoteImages   int
	Language       string
	Envelope       Envelope
	ExternalID     string
	Automatic      bool
	Event          *EventData
	LedgerID       string
	Attachments    []Attachment
}

// Attachment is a file of a message.
type Attachment struct {
	ID          string
	Name        string
	ContentType string
	Size        int64
	BlobKey     string
	ContentID   string
	Inline      bool
	State       FileState
	Source      string // where its bytes are to be fetched from, see channel.Fetcher
}

// FileState says whether a file's bytes are here.
type FileState string

// The states of a file.
const (
	FileReady   FileState = ""
	FileWaiting FileState = "waiting" // is being fetched
	FileGone    FileState = "gone"    // the other side does not have it any more
	FileLarge   FileState = "large"   // larger than what is taken
)

// EventData is what an entry of kind Event reports ("status", "assigned", …).
type EventData struct {
	Name string            `json:"name"`
	Data map[string]string `json:"data"`
}

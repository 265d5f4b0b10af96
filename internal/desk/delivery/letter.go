package delivery

import (
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// ID names one delivery ("dlv_…").
type ID string

// State is what has become of a letter.
type State string

// The states of a delivery.
const (
	Held      State = "held"      // may still be taken back
	Queued    State = "queued"    // waits for its turn, or for the next try
	Sending   State = "sending"   // past the point of no return
	Sent      State = "sent"      // accepted by the other side
	Failed    State = "failed"    // refused, or given up
	Ambiguous State = "ambiguous" // nobody knows; never resent by itself
	Bounced   State = "bounced"   // accepted, then reported as not delivered
	Cancelled State = "cancelled" // taken back in time
)

// Letter is everything that is needed to send one message, fixed when it was
// written: what is sent later is what the agent saw.
type Letter struct {
	InboxID   string    `json:"inboxId"`
	Purpose   string    `json:"purpose"`   // "reply", "survey", "notice"
	MessageID string    `json:"messageId"` // the thread's message; "" for letters outside a thread
	Subject   string    `json:"subjectId"` // id of what it is about: conversation, invitation
	HoldUntil time.Time `json:"-"`
	RunAt     time.Time `json:"-"` // not before; zero: as soon as the hold ends

	ExternalID  string               `json:"externalId"` // stable Message-ID without brackets
	From        channel.Address      `json:"from"`
	ReplyTo     []channel.Address    `json:"replyTo"`
	To          []channel.Address    `json:"to"`
	Cc          []channel.Address    `json:"cc"`
	Bcc         []channel.Address    `json:"bcc"`
	Title       string               `json:"title"` // the mail's subject line
	Text        string               `json:"text"`
	HTML        string               `json:"html"`
	InReplyTo   string               `json:"inReplyTo"`
	References  []string             `json:"references"`
	Token       string               `json:"token,omitempty"` // of the answered message, see channel.Message.Token
	Automatic   bool                 `json:"automatic"`
	Headers     map[string]string    `json:"headers,omitempty"` // further header fields: List-Unsubscribe and its like
	Attachments []Attachment         `json:"attachments"`
	Template    *channel.TemplateUse `json:"template,omitempty"`
	Choices     []string             `json:"choices,omitempty"`
	Public      bool                 `json:"public,omitempty"`
	HeardAt     time.Time            `json:"heardAt,omitzero"` // when the customer last wrote, where it matters
}

// Attachment is a file of a letter, by the key of its blob.
type Attachment struct {
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	ContentID   string `json:"contentId"`
	Inline      bool   `json:"inline"`
	BlobKey     string `json:"blobKey"`
	Size        int64  `json:"size,omitempty"`
}

// Delivery is a letter's way.
type Delivery struct {
	ID        ID        `json:"id"`
	InboxID   string    `json:"inboxId"`
	Purpose   string    `json:"purpose"`
	MessageID string    `json:"messageId"`
	State     State     `json:"state"`
	HoldUntil time.Time `json:"holdUntil"`
	Attempts  int       `json:"attempts"`
	Error     string    `json:"error"`
	StateAt   time.Time `json:"stateAt"`

	DeliveredAt time.Time `json:"deliveredAt"` // zero: unknown
	ReadAt      time.Time `json:"readAt"`      // zero: unknown
}

// Changed is the fact that a delivery took another state; its subject is the
// delivery's id.
const Changed = "delivery.changed"

// ChangedData is what Changed carries. SubjectID is the letter's Subject.
type ChangedData struct {
	MessageID string `json:"messageId"`
	SubjectID string `json:"subjectId"`
	Purpose   string `json:"purpose"`
	State     State  `json:"state"`
	Error     string `json:"error"`
}

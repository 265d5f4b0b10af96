package channel

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Address is one address of a person on the channel, with a name where known.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Message is an understood incoming message.
type Message struct {
	ExternalID string   // the sender's id for it; "" if there is none
	InReplyTo  []string // ids it answers
	References []string // ids of its thread, oldest first
	From       Address
	ReplyTo    []Address
	To, Cc     []Address
	At         time.Time // as the sender says; zero if unknown
	Subject    string
	Text       string // all of it
	Visible    string // what the sender wrote now
	Quoted     string // what was cut off: quotes and signature
	HTML       string // raw, not yet safe
	Language   string
	Parts      []Part
	Auto       string // "" for a person; otherwise why it counts as automatic ("auto-reply", "list", "loop"…)
	Spam       string // why the receiving side marked it as spam, "" if not
	Bounce     *Bounce
	Problems   []string // what was wrong with it and mended

	// Point is the kind of address that From has, where it is another than the
	// channel's own (Kind.Point): PointPhone for a number among other addresses.
	Point string `json:",omitempty"`

	// What only some channels know. Each may be the only content.
	Due      time.Time `json:",omitzero"`  // when an answer is wanted, and not before: a call back
	Thing    *Thing    `json:",omitempty"` // something that is not said in words: a sticker, a place, a pressed button
	Token    string    `json:",omitempty"` // with which the next answer can be sent as a direct reply; short-lived
	Receipts []Receipt `json:",omitempty"` // how far messages of ours have come
	Contact  Contact   `json:",omitempty"` // that the person may be written to from now on, or may not
	Edits    string    `json:",omitempty"` // the external id of the message that this one replaces
	Deletes  string    `json:",omitempty"` // the external id of the message that its writer took back
}

// Empty reports whether nothing was said: the message only tells something.
func (m *Message) Empty() bool {
	return m.Text == "" && m.HTML == "" && m.Thing == nil && len(m.Parts) == 0
}

// Thing is something a customer sent that is not words. Text beside it is what
// search finds. A kind nobody has heard of is a Thing named "unknown".
type Thing struct {
	Name string            // "sticker", "location", "choice", "call", "unknown", …
	Data map[string]string // "title", "address", "latitude", "kind", …
}

// Receipt says how far a message of ours has come.
type Receipt struct {
	ExternalID string // the other side's id, as Outgoing.Accepted had it
	State      string // "delivered", "read"
	At         time.Time
}

// Contact says whether somebody may be written to.
type Contact string

// What is known of being allowed to write.
const (
	ContactSame    Contact = ""        // nothing new
	ContactAllowed Contact = "allowed" // followed, subscribed, unblocked
	ContactEnded   Contact = "ended"   // blocked, unsubscribed, STOP
)

// Part is an attachment or an inline image.
type Part struct {
	Name        string
	ContentType string
	ContentID   string
	Inline      bool
	Data        []byte
	Ref         string `json:",omitempty"` // where Data is to be fetched from, see Fetcher; Data is empty
	Size        int64  `json:",omitempty"` // of what is to be fetched, where the other side says
	// Stored is the key of bytes that the product has in its store already; Data is
	// empty. Only a channel whose raw messages the product itself writes may name it.
	Stored string `json:",omitempty"`
}

// Bounce is a report that an earlier message did not arrive.
type Bounce struct {
	Kind       string   // "failed", "delayed", "complaint"
	OriginalID string   // external id of the message that bounced, "" if unknown
	Recipients []string // who was not reached
	Hard       bool     // trying again is pointless
	Reason     string   // "userunknown", "mailboxfull", …
	Text       string   // the other side's own words
}

// Outgoing is a message to hand over.
type Outgoing struct {
	ID          string // stable external id, without angle brackets
	From        Address
	ReplyTo     []Address
	To, Cc, Bcc []Address
	// Only names those of the recipients who are to get the message, folded; the
	// others have it already and are shown all the same. Empty: all of them.
	Only       []string
	Subject    string
	Text       string
	HTML       string // "" for plain text only
	InReplyTo  string
	References []string
	Automatic  bool // marks the mail so that other machines do not answer it
	Headers    map[string]string
	Parts      []OutgoingPart
	At         time.Time
	Template   *TemplateUse // sent in place of Text, see Templated; nil: none
	Public     bool         // answers the comment InReplyTo names for all to see, see Can.Public
	HeardAt    time.Time    // when the customer last wrote, where that matters (Can.Window); zero: unknown
	Choices    []string     // quick replies to offer below Text, see Can.Choices
	Token      string       // of the message that is answered, see Message.Token
	// Accepted is filled in by Send: the ids that the other side gave the message,
	// by which receipts will name it.
	Accepted []string
	// Link returns an address from which the other side can fetch a part for a
	// while; nil where the product is not reachable from outside.
	Link func(part int) string
	// Preview returns an address of a small JPEG that stands for a part: a picture
	// made smaller, a sign for a film; "" where there is none. nil as Link.
	Preview func(part int) string
	// Committing is called at the point of no return: from then on a lost
	// connection means that nobody knows whether the message was accepted. If it
	// returns an error nothing is sent.
	Committing func(ctx context.Context) error
}

// Recipients returns whom the message is handed over to: everybody in To, Cc and
// Bcc, or those of them whom Only names.
func (m *Outgoing) Recipients() []Address {
	return slices.DeleteFunc(slices.Concat(m.To, m.Cc, m.Bcc), func(a Address) bool {
		return len(m.Only) > 0 && !slices.Contains(m.Only, text.Fold(a.Address))
	})
}

// OutgoingPart is an attachment whose bytes are read when needed.
type OutgoingPart struct {
	Name        string
	ContentType string
	ContentID   string
	Inline      bool
	Size        int64
	Open        func(ctx context.Context) (io.ReadCloser, error)
}

package intake

import (
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// State is what became of a delivery.
type State string

// The states of the ledger.
const (
	Linked      State = "linked"      // it is a message of a conversation
	Duplicate   State = "duplicate"   // the same mail came before, by another way
	AutoReply   State = "auto-reply"  // a machine's answer: in its thread, muted, or nowhere
	Bounce      State = "bounce"      // a report about a mail of ours
	Spam        State = "spam"        // the receiving server marked it so
	Quarantined State = "quarantined" // it waits for a person's eye
)

// States returns all states.
func States() []State { return []State{Linked, Duplicate, AutoReply, Bounce, Spam, Quarantined} }

// Why an entry is in its state: phrase keys.
const (
	ReasonLoop          = "ledger.reason.loop"
	ReasonOwn           = "ledger.reason.own"
	ReasonOwnCopy       = "ledger.reason.ownCopy"
	ReasonNoSender      = "ledger.reason.noSender"
	ReasonAutoReply     = "ledger.reason.autoReply"
	ReasonAutomatic     = "ledger.reason.automatic"
	ReasonBounce        = "ledger.reason.bounce"
	ReasonBounceUnknown = "ledger.reason.bounceUnknown"
	ReasonDelayed       = "ledger.reason.delayed"
	ReasonComplaint     = "ledger.reason.complaint"
	ReasonDuplicate     = "ledger.reason.duplicate"
	ReasonSpam          = "ledger.reason.spam"       // Detail says how it was marked
	ReasonUnreadable    = "ledger.reason.unreadable" // Detail says what is wrong with it
	ReasonKind          = "ledger.reason.kind"
	ReasonReceipt       = "ledger.reason.receipt" // how far a message of ours came
	ReasonContact       = "ledger.reason.contact" // that we may write, or may not any more
	ReasonEdited        = "ledger.reason.edited"  // what a message says now
	ReasonUnsent        = "ledger.reason.unsent"  // that its writer took a message back
	ReasonEvent         = "ledger.reason.event"   // something the other side tells and nobody said; Detail says what
)

// Entry is one delivery in the ledger.
type Entry struct {
	ID             string
	InboxID        string
	Source         string // "imap", "smtp", …
	Format         string // the channel that understands it, "" for the inbox's
	SourceKey      string // names this very delivery
	ExternalID     string // Message-ID, "" if there is none
	Fingerprint    string // of the content
	ReceivedAt     time.Time
	State          State
	Reason         string // a phrase key, "" when there is nothing to say
	Detail         string // others' words that belong to the reason
	Sender         string
	Subject        string
	Size           int64
	RawKey         string // blob
	MessageID      conversation.MessageID
	ConversationID conversation.ID
	Attempts       int
	UpdatedAt      time.Time
}

// maxDetail bounds others' words, in characters.
const maxDetail = 500

func (e *Entry) because(state State, reason, detail string) {
	e.State, e.Reason = state, reason
	r := []rune(text.Line(detail))
	e.Detail = string(r[:min(len(r), maxDetail)])
}

// stored is the reason as one column holds it.
func (e Entry) stored() string {
	if e.Detail == "" {
		return e.Reason
	}
	return e.Reason + "\n" + e.Detail
}

func (e *Entry) unstore(s string) { e.Reason, e.Detail, _ = strings.Cut(s, "\n") }

// QuarantinedFact tells that a mail waits for a person's eye; its subject is the
// ledger entry.
const QuarantinedFact = "mail.quarantined" // QuarantinedData

// QuarantinedData tells where and why.
type QuarantinedData struct {
	InboxID string `json:"inboxId"`
	Reason  string `json:"reason"`
}

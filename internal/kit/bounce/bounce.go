package bounce

import "github.com/kintsugi-desk/kintsugi/internal/kit/mime"

// Kind says what a report is about.
type Kind string

// The kinds of reports that machines send about our mail.
const (
	// KindBounce: a mail was not delivered, and will not be.
	KindBounce Kind = "bounce"
	// KindDelayed: a mail is not delivered yet; the sender keeps trying.
	KindDelayed Kind = "delayed"
	// KindFeedback: a recipient called a mail spam (ARF).
	KindFeedback Kind = "feedback"
	// KindDelivered: a mail was delivered, relayed or expanded.
	KindDelivered Kind = "delivered"
)

// Recipient is what happened to one recipient of the original mail.
type Recipient struct {
	// Addr has a lower-case domain; "" when the report does not name it.
	Addr string
	// Hard tells that the address will never work: stop writing to it.
	Hard bool
	// Status is the code of RFC 3463 ("5.1.1"), "" when unknown.
	Status string
	// Code is the SMTP reply ("550"), "" when unknown.
	Code string
	// Reason is one of the Reason constants.
	Reason Reason
	// Diagnostic is what the remote server said, on one line.
	Diagnostic string
}

// Reason is why a mail was not delivered.
type Reason string

// Report is a machine's word about a mail of ours.
type Report struct {
	Kind       Kind
	Recipients []Recipient
	// OriginalMessageID is the Message-ID of our mail, without brackets.
	OriginalMessageID string
	// OriginalTo is the first To address of our mail.
	OriginalTo string
	// FeedbackType is the type of an abuse report ("abuse"), for KindFeedback.
	FeedbackType string
}

// Detect reads a mail as a report about a mail of ours. raw is the whole mail
// as it came. Vacation replies are not reports (see mime.Auto).
func Detect(m *mime.Mail, raw []byte) (Report, bool) { return Report{}, false }

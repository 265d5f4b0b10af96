package bounce

import (
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// Kind says what a report is about.
type Kind string

// The kinds of reports that machines send about our mail.
const (
	// KindBounce: a mail was not delivered, and will not be.
	KindBounce Kind = "bounce"
	// KindDelayed: a mail is not delivered yet; the sender keeps trying.
	KindDelayed Kind = "delayed"
	// KindFeedback: a recipient called a mail spam, or a policy filter
	// complained about it (ARF, RFC 5965).
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
	// Diagnostic is what the servers said, on one line.
	Diagnostic string
}

// Report is a machine's word about a mail of ours.
type Report struct {
	Kind       Kind
	Recipients []Recipient
	// OriginalMessageID is the Message-ID of our mail, without brackets; ""
	// when the report does not carry it.
	OriginalMessageID string
	// OriginalTo and OriginalSubject are of our mail, as far as carried.
	OriginalTo      string
	OriginalSubject string
	// FeedbackType is the type of an abuse report ("abuse"), for KindFeedback.
	FeedbackType string
}

// maxRecipients bounds how many recipients one report is read for.
const maxRecipients = 200

// Detect reads a mail as a report about a mail of ours; ok is false when it is
// anything else: a person's mail, a forwarded bounce, a vacation reply (see
// mime.Auto). raw is the whole mail as it came; it is asked when the parts are
// damaged.
func Detect(m *mime.Mail, raw []byte) (Report, bool) {
	if r, ok := feedback(m); ok {
		return r, true
	}
	if r, ok := notification(m); ok {
		return r, true
	}
	if !suspicious(m) {
		return Report{}, false
	}
	doc := read(m, raw)
	if !doc.isReport() {
		return Report{}, false
	}
	r := Report{OriginalMessageID: doc.original.id, OriginalTo: doc.original.to, OriginalSubject: doc.original.subject}
	r.Recipients = doc.recipients()
	r.Kind = doc.kind()
	for i := range r.Recipients {
		rec := &r.Recipients[i]
		rec.Hard = r.Kind == KindBounce && isHard(rec.Reason) && !strings.HasPrefix(rec.Status, "4.")
	}
	return r, true
}

// oneLine brings text to one line of at most a few hundred bytes.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 600 {
		s = strings.ToValidUTF8(s[:600], "")
	}
	return s
}

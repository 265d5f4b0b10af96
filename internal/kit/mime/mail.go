package mime

import (
	"bytes"
	"errors"
	"time"
)

// Reasons to refuse a mail. The raw bytes should go to quarantine with them.
var (
	// ErrEmpty: there are no bytes but white space.
	ErrEmpty = errors.New("mime: empty message")
	// ErrNotMail: there are bytes, but they are neither header nor text.
	ErrNotMail = errors.New("mime: not a message")
)

// Address is one mailbox of a header. A mailbox that cannot be understood has
// an empty Addr and stands whole in Name.
type Address struct {
	Name string
	// Addr is local@domain; the domain is lower case and in its ASCII form
	// (xn--…), so that both spellings of one domain are one address.
	Addr string
}

// Part is an attachment or an inline picture.
type Part struct {
	// Name is a file name without path, never empty.
	Name string
	// ContentType is lower case, without parameters.
	ContentType string
	// ContentID has no angle brackets.
	ContentID string
	// Inline tells that the part is meant to be seen inside the body.
	Inline bool
	// Data is decoded. Size is len(Data).
	Data []byte
	Size int
}

// Mail is a message, understood. All strings are UTF-8 in normal form C (CJK
// compatibility ideographs, which people's names are written with, are kept)
// without NUL. Lines end with "\n".
type Mail struct {
	// Message ids are without angle brackets.
	MessageID  string
	InReplyTo  []string
	References []string
	// Date is zero when it is absent or cannot be understood.
	Date                               time.Time
	From, Sender, ReplyTo, To, Cc, Bcc []Address
	// DeliveredTo are the envelope recipients that relays noted down
	// (Delivered-To, X-Original-To, Envelope-To), each once.
	DeliveredTo []string
	Subject     string
	// Text is the plain body. When the mail has only HTML it is made from it
	// and TextDerived is set.
	Text        string
	TextDerived bool
	// HTML is the HTML body, not sanitised; "" when the mail has none.
	HTML string
	// Parts are the attachments and inline parts in order. A nested message is
	// one part (.eml); TNEF is unpacked.
	Parts []Part
	// Calendar are the invitations (text/calendar), also when they stand as an
	// alternative to the body.
	Calendar []Part
	Header   Header
	// HeaderBytes is the header as it came.
	HeaderBytes []byte
	// Auto says whether a machine sent the mail.
	Auto Auto
	// Problems lists what was broken, as the Problem constants, each once.
	Problems []string
}

// What can be wrong with a mail.
const (
	ProblemHeader    = "header"    // a header line was not understood, or the separator is missing
	ProblemBoundary  = "boundary"  // a multipart has no boundary, a wrong one or no end
	ProblemCharset   = "charset"   // a charset label is unknown, missing or a lie
	ProblemTransfer  = "transfer"  // base64 or quoted-printable is damaged
	ProblemAddress   = "address"   // a mailbox was not understood
	ProblemDate      = "date"      // the date is absent or was not understood
	ProblemTNEF      = "tnef"      // a TNEF part could not be unpacked whole
	ProblemParts     = "parts"     // Limits.MaxParts was reached
	ProblemDepth     = "depth"     // Limits.MaxDepth was reached
	ProblemHeaders   = "headers"   // Limits.MaxHeaderBytes was reached
	ProblemTextBytes = "textbytes" // Limits.MaxTextBytes was reached
)

// Limits bounds the work and memory that one mail can cost. A zero field takes
// its default.
type Limits struct {
	// MaxParts is how many parts are read (1,000).
	MaxParts int
	// MaxDepth is how deep multiparts may nest (50); a deeper one becomes an
	// attachment as a whole.
	MaxDepth int
	// MaxHeaderBytes bounds one header block (256 KiB).
	MaxHeaderBytes int
	// MaxTextBytes bounds Text and HTML, each (2 MiB).
	MaxTextBytes int
}

const (
	defaultMaxParts       = 1000
	defaultMaxDepth       = 50
	defaultMaxHeaderBytes = 256 << 10
	defaultMaxTextBytes   = 2 << 20
)

func (l Limits) withDefaults() Limits {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&l.MaxParts, defaultMaxParts)
	set(&l.MaxDepth, defaultMaxDepth)
	set(&l.MaxHeaderBytes, defaultMaxHeaderBytes)
	set(&l.MaxTextBytes, defaultMaxTextBytes)
	return l
}

// Parse reads one message. raw is not kept and not changed. The error is
// ErrEmpty or ErrNotMail; everything else is repaired as far as possible and
// noted in Problems.
func Parse(raw []byte, limits Limits) (*Mail, error) {
	if len(bytes.TrimSpace(bytes.Trim(raw, "\x00"))) == 0 {
		return nil, ErrEmpty
	}
	p := &parser{limits: limits.withDefaults(), src: unixEnds(raw)}
	root := p.read()
	if root == nil {
		return nil, ErrNotMail
	}
	m := &Mail{HeaderBytes: bytes.Clone(root.headerBytes), Header: root.header}
	p.guessCharset(root)
	p.envelope(m)
	p.bodies(m, root)
	m.Auto = classify(m)
	m.Problems = p.problems
	return m, nil
}

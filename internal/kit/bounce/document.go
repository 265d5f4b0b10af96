package bounce

import (
	"regexp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// document is a mail, taken apart the way reports are made: prose for people,
// fields for machines, and the original mail or its header.
type document struct {
	mail *mime.Mail
	// prose is the text above the original mail.
	prose string
	// groups are the field groups of RFC 3464, from their own part or from the
	// prose of servers that write them there.
	groups []group
	// standard tells that the mail says of itself that it is a DSN.
	standard bool
	original original
	// carried tells that the original mail or its header came along.
	carried bool
}

// reOriginal matches the lines with which servers separate their words from
// the original mail.
var reOriginal = regexp.MustCompile(`(?im)^[ \t>]*(?:` +
	`-{2,}\s*(?:below this line is a copy|this is a copy of (?:the|your) message|original message|original mail|the header of the original|unsent message|returned message|message header|undelivered message|the (?:body|header) of|included is a copy).*` +
	`|(?:the )?original message (?:follows|headers?)\b.*|message headers follow.*|below is a copy of the original message.*|\[?original message\]?\s*:?\s*` +
	`|-{3,}original.*|={3,}\s*end\b.*|the following is (?:a copy of )?the original.*|----- ?(?:元|オリジナル).*|(?:intestazioni originali|ursprüngliche kopfzeilen|en-têtes de message|encabezados de mensaje).*` +
	`)[ \t]*$`)

// reHeaderRun matches where the header of a mail begins without a separator.
var reHeaderRun = regexp.MustCompile(`(?m)^(?:Received|Return-Path|DKIM-Signature): ?.*\n(?:[ \t].*\n)*(?:(?:[A-Za-z][A-Za-z0-9-]{1,40}): ?.*\n(?:[ \t].*\n)*){2,}`)

// original is what is known of the mail that was reported on.
type original struct{ id, to, subject string }

func read(m *mime.Mail, raw []byte) *document {
	d := &document{mail: m}
	ctype := strings.ToLower(m.Header.Get("Content-Type"))
	d.standard = strings.HasPrefix(ctype, "multipart/report") && !strings.Contains(ctype, "disposition-notification")
	text := m.Text
	for _, p := range m.Parts {
		switch p.ContentType {
		case "message/delivery-status", "message/global-delivery-status":
			d.groups = append(d.groups, groups(string(p.Data))...)
		case "message/rfc822", "text/rfc822-headers", "text/rfc822-header", "message/global", "message/global-headers":
			d.carried = true
			d.original.fill(string(p.Data[:min(len(p.Data), maxOriginal)]))
		case "text/plain":
			// Some servers attach the header of the original as a text file.
			if headerLike(p.Data) {
				d.carried = true
				d.original.fill(string(p.Data[:min(len(p.Data), maxOriginal)]))
			}
		}
	}
	if strings.TrimSpace(text) == "" && d.standard {
		text = body(raw)
	}
	d.cut(text)
	if len(d.groups) == 0 {
		d.groups = groups(d.prose)
	}
	return d
}

// maxOriginal is how much of the original mail is read, maxProse how much of
// the words above it; maxSearched how far
// the border between them is looked for.
const (
	maxOriginal = 64 << 10
	maxProse    = 64 << 10
	maxSearched = 512 << 10
)

// body is everything below the header of the mail, for mails whose parts could
// not be told apart.
func body(raw []byte) string {
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(raw[:min(len(raw), 4*maxProse)]))
	_, after, _ := strings.Cut(s, "\n\n")
	return strings.ToValidUTF8(after, "\uFFFD")
}

// cut separates the prose from the original mail below it.
func (d *document) cut(text string) {
	text = strings.ReplaceAll(text[:min(len(text), maxSearched)], "\u00a0", " ")
	end := len(text)
	for _, re := range []*regexp.Regexp{reOriginal, reHeaderRun} {
		if at := re.FindStringIndex(text); at != nil && at[0] < end {
			end = at[0]
		}
	}
	d.prose = text[:min(end, maxProse)]
	if end < len(text) {
		below := text[end:]
		d.original.fill(below[:min(len(below), maxOriginal)])
		d.carried = d.carried || d.original != original{}
	}
}

var (
	reMessageID = regexp.MustCompile(`(?im)^message-id:\s*<?([^<>\s]+@[^<>\s]+)>?`)
	reTo        = regexp.MustCompile(`(?im)^to:[ \t]*(.*(?:\n[ \t].+){0,5})`)
	reSubject   = regexp.MustCompile(`(?im)^subject:[ \t]*(.*(?:\n[ \t].+){0,5})`)
)

// fill reads the fields of the original mail; the first word on each counts.
func (o *original) fill(s string) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if m := reMessageID.FindStringSubmatch(s); m != nil && o.id == "" {
		o.id = m[1]
	}
	if m := reTo.FindStringSubmatch(s); m != nil && o.to == "" {
		o.to = firstAddress(m[1])
	}
	if m := reSubject.FindStringSubmatch(s); m != nil && o.subject == "" {
		o.subject = decodeSubject(m[1])
	}
}

// decodeSubject reads encoded words by way of the mail parser.
func decodeSubject(raw string) string {
	m, err := mime.Parse([]byte("Subject: "+oneLine(raw)+"\n\n"), mime.Limits{})
	if err != nil {
		return strings.TrimSpace(raw)
	}
	return m.Subject
}

// headerLike tells whether data is the header of a mail.
func headerLike(data []byte) bool {
	s := string(data[:min(len(data), 8192)])
	return reMessageID.MatchString(s) && strings.Contains(s, "Received:") || reHeaderRun.MatchString(s)
}

// group is one block of fields.
type group map[string]string

var reField = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{2,40})\s*:[ \t]*(.*)$`)

// groups reads blocks of fields that are separated by blank lines and keeps
// those that speak of a recipient. Lines that are no fields end a block.
func groups(s string) []group {
	var out []group
	g := group{}
	last := ""
	flush := func() {
		if g["final-recipient"] != "" || g["original-recipient"] != "" && g["action"] != "" || g["action"] != "" && g["status"] != "" {
			if len(out) < maxRecipients {
				out = append(out, g)
			}
		}
		g, last = group{}, ""
	}
	for _, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		switch m := reField.FindStringSubmatch(line); {
		case strings.TrimSpace(line) == "":
			flush()
		case (line[0] == ' ' || line[0] == '\t') && last != "":
			g[last] += " " + strings.TrimSpace(line)
		case m != nil:
			last = strings.ToLower(m[1])
			// A second Final-Recipient without a blank line begins a new block.
			if last == "final-recipient" && g[last] != "" {
				flush()
				last = "final-recipient"
			}
			if g[last] == "" {
				g[last] = strings.TrimSpace(m[2])
			}
		default:
			flush()
		}
	}
	flush()
	return out
}

// address is the recipient of a group.
func (g group) address() string {
	for _, key := range []string{"final-recipient", "original-recipient"} {
		v := g[key]
		if _, after, ok := strings.Cut(v, ";"); ok {
			v = after
		}
		if a := firstAddress(v); a != "" {
			return a
		}
	}
	return ""
}

// value of a typed field ("smtp; 550 …") without its type.
func (g group) value(key string) string {
	v := g[key]
	if kind, after, ok := strings.Cut(v, ";"); ok && len(kind) < 40 && !strings.ContainsAny(strings.TrimSpace(kind), " \t") {
		return strings.TrimSpace(after)
	}
	return v
}

var reAddress = regexp.MustCompile(`[^\s<>"'(),:;\[\]{}|=]+@(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z0-9_-]*[A-Za-z0-9]`)

// firstAddress is the first address in s, its domain in lower case.
func firstAddress(s string) string {
	a := strings.Trim(reAddress.FindString(s), ".")
	at := strings.LastIndexByte(a, '@')
	if at <= 0 {
		return ""
	}
	return a[:at] + strings.ToLower(a[at:])
}

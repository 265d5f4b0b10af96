package mime

import (
	"bytes"
	"strings"
)

// Field is one header field, unfolded.
type Field struct {
	// Name as written, without the colon.
	Name string
	// Raw is the value as bytes came, unfolded.
	Raw string
	// Value is Raw decoded for reading.
	Value string
}

// Header is the fields of a header block, in order.
type Header struct {
	Fields []Field
}

// Get returns the decoded value of the first field called name, or "".
func (h Header) Get(name string) string {
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All returns the decoded values of every field called name.
func (h Header) All(name string) []string {
	var out []string
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// Has tells whether a field called name is there, be it empty.
func (h Header) Has(name string) bool {
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// raws returns the undecoded values of every field called name.
func (h Header) raws(name string) []string {
	var out []string
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Raw)
		}
	}
	return out
}

func (h Header) raw(name string) string {
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Raw
		}
	}
	return ""
}

// maxFields bounds how many fields are kept: a mail of a million one-byte
// fields costs no more than its bytes.
const maxFields = 4000

// splitHeader cuts data into header fields and body. It forgives an mbox
// "From " line on top, stray lines between fields and a missing separator.
func (p *parser) splitHeader(data []byte, root bool) (h Header, head, body []byte) {
	at := 0
	if root {
		at = skipLeading(data)
	}
	start := at
	var name string
	var value []byte
	flush := func() {
		if name != "" && len(h.Fields) < maxFields {
			h.Fields = append(h.Fields, Field{Name: name, Raw: strings.TrimSpace(string(value))})
		}
		name, value = "", nil
	}
	for at < len(data) {
		line, next := cutLine(data, at)
		switch {
		case isBlank(line):
			// A blank line ends the header, but for two accidents, if fields
			// follow: relays that fold with white space alone, and list
			// servers that break a list behind its comma.
			broken := len(line) > 0 || bytes.HasSuffix(bytes.TrimSpace(value), []byte(","))
			if !broken || name == "" || !fieldsFollow(data, next, true) {
				flush()
				return h, data[start:at], data[next:]
			}
		case line[0] == ' ' || line[0] == '\t':
			if name == "" && len(h.Fields) == 0 {
				return h, nil, data[start:]
			}
			value = append(value, line...)
		default:
			n, v, ok := cutField(line)
			if ok {
				flush()
				name, value = n, append([]byte(nil), v...)
				break
			}
			p.problem(ProblemHeader)
			if !fieldsFollow(data, next, !resemblesField(line)) {
				flush()
				return h, data[start:at], data[at:]
			}
		}
		if at-start > p.limits.MaxHeaderBytes {
			flush()
			p.problem(ProblemHeaders)
			return h, data[start:at], afterBlank(data, next)
		}
		at = next
	}
	flush()
	return h, data[start:], nil
}

// skipLeading passes empty lines and the separator line of an mbox file.
func skipLeading(data []byte) int {
	at := 0
	for at < len(data) {
		line, next := cutLine(data, at)
		if isBlank(line) || bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From ")) {
			at = next
			continue
		}
		break
	}
	if at == len(data) {
		return 0
	}
	return at
}

// cutLine returns the line at offset at, without its end, and the offset of
// the next one.
func cutLine(data []byte, at int) (line []byte, next int) {
	i := bytes.IndexByte(data[at:], '\n')
	if i < 0 {
		return bytes.TrimRight(data[at:], "\r"), len(data)
	}
	return bytes.TrimRight(data[at:at+i], "\r"), at + i + 1
}

func isBlank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

// cutField splits "Name: value". A name is printable ASCII without blanks;
// blanks before the colon are forgiven.
func cutField(line []byte) (name string, value []byte, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return "", nil, false
	}
	n := bytes.TrimRight(line[:i], " \t")
	for _, c := range n {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	return string(n), line[i+1:], len(n) > 0
}

// resemblesField tells whether a line that is no field was meant to be one: a
// word with foreign characters in it, and a colon.
func resemblesField(line []byte) bool {
	i := bytes.IndexAny(line, ": \t")
	return i > 0 && i < 60 && line[i] == ':'
}

// fieldsFollow tells whether the header goes on after a line that is no field:
// the next lines up to the separator must begin with one (with known set, with
// one that mail is known to use).
func fieldsFollow(data []byte, at int, known bool) bool {
	for tries := 0; at < len(data) && tries < 3; tries++ {
		line, next := cutLine(data, at)
		if isBlank(line) {
			return false
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, ok := cutField(line)
			if ok {
				return !known || isKnownField(name)
			}
		}
		at = next
	}
	return false
}

// isKnownField guards against taking "Note: call me" in a body for a header.
func isKnownField(name string) bool {
	n := strings.ToLower(name)
	switch n {
	case "from", "to", "cc", "bcc", "subject", "date", "sender", "received", "return-path", "message-id", "in-reply-to",
		"references", "mime-version", "delivered-to", "precedence", "auto-submitted", "errors-to", "importance", "priority",
		"user-agent", "authentication-results", "organization", "comments", "keywords":
		return true
	}
	for _, prefix := range []string{"x-", "content-", "list-", "dkim-", "arc-", "resent-", "reply-", "thread-", "received-"} {
		if strings.HasPrefix(n, prefix) {
			return true
		}
	}
	return false
}

// afterBlank returns what follows the first empty line at or after at.
func afterBlank(data []byte, at int) []byte {
	for at < len(data) {
		line, next := cutLine(data, at)
		if len(line) == 0 {
			return data[next:]
		}
		at = next
	}
	return nil
}

package emailtest

import (
	"fmt"
	"mime"
	"strings"
)

// Mail is a plain mail as a customer writes one.
type Mail struct {
	From, To, Subject, Text string
	ID                      string // Message-ID without brackets; "" writes none
	InReplyTo               string
	Date                    string            // RFC 5322; "" writes none
	Header                  map[string]string // further fields
}

// Bytes writes the mail with CR LF.
func (m Mail) Bytes() []byte {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	bracket := func(id string) string {
		if id == "" {
			return ""
		}
		return "<" + id + ">"
	}
	field("From", m.From)
	field("To", m.To)
	field("Subject", mime.BEncoding.Encode("UTF-8", m.Subject))
	field("Date", m.Date)
	field("Message-ID", bracket(m.ID))
	field("In-Reply-To", bracket(m.InReplyTo))
	for name, value := range m.Header {
		field(name, value)
	}
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	b.WriteString(strings.ReplaceAll(m.Text, "\n", "\r\n") + "\r\n")
	return []byte(b.String())
}

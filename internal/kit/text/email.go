package text

import (
	"net/mail"
	"strings"
	"unicode"
)

// MaxEmail is how long a mail address may be, in bytes (RFC 5321).
const MaxEmail = 254

// IsEmail reports whether somebody who typed s gave one mail address and nothing
// else, of a domain that answers can be sent to over the net.
func IsEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > MaxEmail || strings.ContainsAny(s, " ,;<>\"\\") {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(domain, ".") && !strings.ContainsFunc(s, unicode.IsControl)
}

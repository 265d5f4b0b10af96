package rich

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// reURL finds addresses in plain text. It ends at white space, brackets and
// the first character of Japanese, which follows addresses without a blank.
var reURL = regexp.MustCompile(`(?i)\bhttps?://[a-z0-9][-a-z0-9._~:/?#\[\]@!$&'()*+,;=%]*|\b[a-z0-9][-a-z0-9._+]*@[a-z0-9][-a-z0-9]*(?:\.[a-z0-9][-a-z0-9]*)+`)

// FromText makes HTML of plain text: escaped, a paragraph for every block
// between empty lines, a br for every other line end, links for addresses.
func FromText(plain string) string {
	plain = strings.ToValidUTF8(strings.ReplaceAll(plain, "\x00", ""), "\uFFFD")
	plain = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(plain)
	var b strings.Builder
	for _, block := range strings.Split(plain, "\n\n") {
		block = strings.Trim(block, "\n")
		if strings.TrimSpace(block) == "" {
			continue
		}
		b.WriteString("<p>" + strings.ReplaceAll(linked(block), "\n", "<br>") + "</p>")
	}
	return b.String()
}

func linked(s string) string {
	var b strings.Builder
	for {
		at := reURL.FindStringIndex(s)
		if at == nil {
			b.WriteString(html.EscapeString(s))
			return b.String()
		}
		end := at[0] + len(trimURL(s[at[0]:at[1]]))
		b.WriteString(html.EscapeString(s[:at[0]]))
		url := s[at[0]:end]
		href := url
		if !strings.Contains(url, "://") {
			href = "mailto:" + url
		}
		b.WriteString(`<a href="` + html.EscapeString(href) + `" rel="noopener noreferrer nofollow" target="_blank">` + html.EscapeString(url) + "</a>")
		s = s[end:]
	}
}

// trimURL leaves the punctuation of the sentence outside the link, and a
// closing bracket whose opening one stands before the address.
func trimURL(u string) string {
	for u != "" {
		last := u[len(u)-1]
		switch {
		case strings.IndexByte(".,;:!?'*", last) >= 0:
		case last == ')' && strings.Count(u, "(") < strings.Count(u, ")"):
		case last == ']' && strings.Count(u, "[") < strings.Count(u, "]"):
		default:
			return u
		}
		u = u[:len(u)-1]
	}
	return u
}

func itoa(n int) string { return strconv.Itoa(n) }

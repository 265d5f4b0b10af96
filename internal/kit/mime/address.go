package mime

import (
	"strings"

	"golang.org/x/net/idna"
)

// maxAddresses bounds one address list.
const maxAddresses = 2000

// addresses reads an address list: names, quotes, comments, groups, routes,
// encoded words, and the separators that people use instead of commas.
func (p *parser) addresses(values []string) []Address {
	var out []Address
	for _, raw := range values {
		for _, item := range splitAddresses(raw) {
			if len(out) == maxAddresses {
				return out
			}
			if a, ok := p.address(item); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// splitAddresses cuts at commas and semicolons outside quotes, comments and
// angle brackets, and takes group names away.
func splitAddresses(s string) []string {
	var out []string
	start, depth := 0, 0
	quoted, angle := false, false
	// An opening sign counts only when its closing one comes later.
	lastQuote, lastParen, lastAngle := strings.LastIndexByte(s, '"'), strings.LastIndexByte(s, ')'), strings.LastIndexByte(s, '>')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"' && depth == 0:
			quoted = !quoted && lastQuote > i
		case quoted:
		case c == '(':
			if lastParen > i {
				depth++
			}
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<':
			angle = lastAngle > i
		case c == '>':
			angle = false
			// "A <a@x> B <b@y>": the comma was forgotten.
			if end := strings.IndexAny(s[i+1:], ",;<"); end > 0 && s[i+1+end] == '<' && strings.TrimSpace(s[i+1:i+1+end]) != "" {
				out = append(out, s[start:i+1])
				start = i + 1
			}
		case angle:
		case c == ',' || c == ';':
			out = append(out, s[start:i])
			start = i + 1
		case c == ':' && isGroup(s[start:i], s[i+1:]):
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// isGroup tells whether a colon ends the name of a group ("team: a@x, b@y;").
func isGroup(name, rest string) bool {
	return !strings.ContainsAny(name, "@<") && !strings.HasPrefix(rest, "//") && strings.TrimSpace(name) != "" && !strings.EqualFold(strings.TrimSpace(name), "mailto")
}

// address reads one mailbox; ok is false when there is nothing in it.
func (p *parser) address(item string) (Address, bool) {
	item = strings.TrimSpace(item)
	if item == "" {
		return Address{}, false
	}
	name, spec, angled := cutAngle(item)
	if !angled {
		name, spec = "", item
	}
	comment := ""
	if c := commentOf(spec); c != "" {
		comment, spec = c, stripComments(spec)
	} else if c := commentOf(name); c != "" && strings.TrimSpace(stripComments(name)) == "" {
		comment = c
	}
	display := p.displayName(name)
	if display == "" && comment != "" {
		display = p.displayName(comment)
	}
	addr, ok := cleanAddress(p.decodeHeader(spec))
	if !ok && !angled {
		// "Name user@host" without brackets.
		if i := strings.LastIndexAny(spec, " \t"); i > 0 {
			if a, good := cleanAddress(spec[i+1:]); good {
				return Address{Name: p.displayName(spec[:i]), Addr: a}, true
			}
		}
	}
	if !ok {
		if strings.TrimSpace(spec) == "" && display == "" {
			return Address{}, false
		}
		p.problem(ProblemAddress)
		return Address{Name: p.displayName(item)}, true
	}
	if display == addr {
		display = ""
	}
	return Address{Name: display, Addr: addr}, true
}

// cutAngle splits "name <spec>". The last opening bracket outside quotes
// counts.
func cutAngle(item string) (name, spec string, ok bool) {
	open := -1
	quoted := false
	lastQuote := strings.LastIndexByte(item, '"')
	for i := 0; i < len(item); i++ {
		switch item[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted && lastQuote > i
		case '<':
			if !quoted {
				open = i
			}
		}
	}
	if open < 0 {
		return "", "", false
	}
	name, spec = item[:open], item[open+1:]
	spec, after, closed := strings.Cut(spec, ">")
	if !closed {
		spec = strings.TrimRight(spec, " \t")
	}
	if strings.TrimSpace(name) == "" {
		name = after
	}
	return strings.TrimSuffix(strings.TrimSpace(name), "<"), spec, true
}

// commentOf returns the text of the first comment.
func commentOf(s string) string {
	open := strings.IndexByte(s, '(')
	if open < 0 || strings.IndexByte(s[:open], '"') >= 0 {
		return ""
	}
	end := strings.LastIndexByte(s, ')')
	if end < open {
		return ""
	}
	return s[open+1 : end]
}

// displayName decodes a name and takes its quotes off, also those that stand
// inside an encoded word.
func (p *parser) displayName(raw string) string {
	s := strings.Join(strings.Fields(p.decodeHeader(unescapeQuotes(raw))), " ")
	for len(s) >= 2 && (s[0] == '"' && s[len(s)-1] == '"' || s[0] == '\'' && s[len(s)-1] == '\'') {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

// unescapeQuotes removes the quoting of a phrase: "a" b → a b.
func unescapeQuotes(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return s
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			quoted = !quoted
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// cleanAddress brings local@domain to its one form; ok is false when it is no
// address.
func cleanAddress(spec string) (string, bool) {
	spec = strings.TrimSpace(oneLine(tidy(spec)))
	if rest, ok := cutPrefixFold(spec, "mailto:"); ok {
		spec = rest
	}
	if rest, ok := cutPrefixFold(spec, "smtp:"); ok {
		spec = rest
	}
	// A source route: @relay,@relay:user@host.
	if strings.HasPrefix(spec, "@") {
		if i := strings.IndexByte(spec, ':'); i > 0 {
			spec = spec[i+1:]
		}
	}
	spec = strings.Trim(spec, "<> '\t")
	at := strings.LastIndexByte(spec, '@')
	if at <= 0 || at == len(spec)-1 {
		return "", false
	}
	local := trimLocal(spec[:at])
	domain := strings.TrimSuffix(strings.Join(strings.Fields(spec[at+1:]), ""), ".")
	if local == "" || domain == "" || len(spec) > 320 || strings.ContainsAny(domain, "\"()<>,;:\\@[") && !strings.HasPrefix(domain, "[") {
		return "", false
	}
	return local + "@" + asciiDomain(domain), true
}

// trimLocal removes needless quotes and the blanks of obsolete syntax.
func trimLocal(local string) string {
	local = strings.TrimSpace(local)
	if wellQuoted(local) {
		inner := local[1 : len(local)-1]
		if strings.ContainsAny(inner, " \"\\(),:;<>@[]") || strings.Contains(inner, "..") || inner[0] == '.' || inner[len(inner)-1] == '.' {
			return local
		}
		return inner
	}
	if strings.ContainsAny(local, "<>,;\"") {
		return "" // it would be several addresses to whoever reads our answer
	}
	if f := strings.Fields(local); len(f) > 1 {
		// Blanks stand around dots in obsolete syntax, nowhere else.
		joined := strings.Join(f, "")
		if strings.Count(joined, ".") < len(f)-1 {
			return ""
		}
		return joined
	}
	return local
}

// wellQuoted reports whether s is one quoted string that ends where s does.
func wellQuoted(s string) bool {
	if len(s) < 3 || s[0] != '"' {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i == len(s)-1
		}
	}
	return false
}

// asciiDomain lower-cases a domain and writes Unicode labels as xn--.
func asciiDomain(domain string) string {
	domain = strings.ToLower(domain)
	if isASCIIString(domain) {
		return domain
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	return domain
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

package mime

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// parameters reads a value such as `text/plain; charset=utf-8; name*0*=…`. The
// first word and the parameter names come back in lower case, the values
// decoded: RFC 2231 continuations and charsets, encoded words (which senders
// use although they must not) and raw 8-bit.
func (p *parser) parameters(raw string) (string, map[string]string) {
	head, rest := cutToken(raw)
	head = strings.ToLower(strings.Trim(strings.Join(strings.Fields(head), ""), `"'`))
	pieces := map[string][]piece{}
	for _, kv := range splitParameters(rest) {
		key, pc := readPiece(kv)
		if key != "" {
			pieces[key] = append(pieces[key], pc)
		}
	}
	params := make(map[string]string, len(pieces))
	for key, list := range pieces {
		params[key] = p.joinPieces(list)
	}
	return head, params
}

// cutToken splits at the first semicolon; a value whose type is missing
// altogether ("; charset=x" or "charset=x") keeps its parameters.
func cutToken(raw string) (head, rest string) {
	head, rest, _ = strings.Cut(raw, ";")
	head = strings.TrimSpace(stripComments(head))
	if strings.Contains(head, "=") {
		return "", raw
	}
	// "text/plain charset=utf-8": the semicolon was forgotten.
	if f := strings.Fields(head); len(f) > 1 && strings.Contains(f[1], "=") {
		return f[0], strings.Join(f[1:], "; ") + ";" + rest
	}
	return head, rest
}

// splitParameters cuts at semicolons outside quotes.
func splitParameters(s string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// piece is one parameter or one continuation of it.
type piece struct {
	value   string
	index   int  // 0 for the first or only piece
	split   bool // numbered (name*0)
	percent bool // extended (name*)
}

func readPiece(kv string) (string, piece) {
	key, value, ok := strings.Cut(kv, "=")
	if !ok {
		return "", piece{}
	}
	key = strings.ToLower(strings.Join(strings.Fields(key), ""))
	pc := piece{value: unquote(value)}
	if k, ok := strings.CutSuffix(key, "*"); ok {
		key, pc.percent = k, true
	}
	if i := strings.LastIndexByte(key, '*'); i > 0 {
		if n, err := strconv.Atoi(key[i+1:]); err == nil && n >= 0 {
			key, pc.index, pc.split = key[:i], n, true
		}
	}
	return key, pc
}

// unquote takes off quotes, backslashes and, outside quotes, comments.
func unquote(v string) string {
	v = strings.TrimSpace(v)
	if !strings.HasPrefix(v, `"`) {
		if i := strings.Index(v, " ("); i >= 0 && strings.HasSuffix(v, ")") {
			v = v[:i]
		}
		return strings.Trim(strings.TrimSpace(v), `'`)
	}
	var b strings.Builder
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '\\':
			// A backslash before anything but a quote or itself is a Windows
			// path that nobody escaped.
			if i+1 < len(v) && (v[i+1] == '"' || v[i+1] == '\\') {
				i++
			}
			b.WriteByte(v[i])
		case '"':
			return b.String()
		default:
			b.WriteByte(v[i])
		}
	}
	return b.String()
}

// joinPieces puts continuations together and decodes the whole.
func (p *parser) joinPieces(list []piece) string {
	numbered, extended := false, false
	for _, pc := range list {
		numbered = numbered || pc.split
		extended = extended || pc.percent
	}
	if !numbered && !extended {
		return p.decodeHeader(list[0].value)
	}
	if !numbered {
		// A sender that gives both name= and name*= means the latter.
		for _, pc := range list {
			if pc.percent {
				list = []piece{pc}
				break
			}
		}
	} else {
		kept := list[:0]
		for _, pc := range list {
			if pc.split {
				kept = append(kept, pc)
			}
		}
		list = kept
		sort.SliceStable(list, func(i, j int) bool { return list[i].index < list[j].index })
	}
	return p.decodePieces(list)
}

// decodePieces decodes sorted pieces; the charset stands in the first one.
func (p *parser) decodePieces(list []piece) string {
	charset := ""
	var raw strings.Builder
	percent := false
	for i, pc := range list {
		v := pc.value
		if pc.percent {
			percent = true
			if i == 0 {
				if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
					charset, v = parts[0], parts[2]
				}
			}
			v = percentDecode(v)
		}
		raw.WriteString(v)
	}
	if !percent {
		return p.decodeHeader(raw.String())
	}
	s := p.decodeText([]byte(raw.String()), charset)
	if strings.Contains(s, "=?") {
		return p.decodeHeader(s)
	}
	return s
}

// percentDecode decodes %XX and leaves what is damaged.
func percentDecode(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// stripComments removes (comments) outside quotes.
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
			continue
		case c == ')' && !quoted && depth > 0:
			depth--
			b.WriteByte(' ')
			continue
		}
		if depth == 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

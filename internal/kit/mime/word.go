package mime

import (
	"strings"
)

// decodeHeader makes a header value readable: RFC 2047 encoded words (also
// split in the middle of a character, glued to other text, in quotes, with
// blanks inside) and raw 8-bit.
func (p *parser) decodeHeader(raw string) string {
	if !strings.Contains(raw, "=?") {
		return p.plainHeader(raw)
	}
	var b strings.Builder
	for len(raw) > 0 {
		start := strings.Index(raw, "=?")
		if start < 0 {
			break
		}
		words, size := readWords(raw[start:])
		if size == 0 {
			b.WriteString(p.plainHeader(raw[:start+2]))
			raw = raw[start+2:]
			continue
		}
		b.WriteString(p.plainHeader(raw[:start]))
		b.WriteString(p.joinWords(words))
		raw = raw[start+size:]
	}
	b.WriteString(p.plainHeader(raw))
	return b.String()
}

// plainHeader reads a stretch without encoded words.
func (p *parser) plainHeader(raw string) string {
	if isASCIIString(raw) && strings.IndexByte(raw, esc) < 0 {
		return oneLine(raw)
	}
	s, _ := convert([]byte(raw), "", p.charset)
	return oneLine(tidy(s))
}

// oneLine keeps control characters out of header values.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, s)
}

// encodedWord is =?charset?b|q?text?=, its text decoded to bytes.
type encodedWord struct {
	charset string
	kind    byte
	text    string
}

// maxWords bounds one run of adjacent words.
const maxWords = 2000

// readWords reads adjacent encoded words at the start of s, and the white
// space between them; size is 0 when there is none.
func readWords(s string) (words []encodedWord, size int) {
	for len(words) < maxWords {
		rest := s[size:]
		gap := len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
		if len(words) == 0 && gap > 0 {
			return nil, 0
		}
		w, n := readWord(rest[gap:])
		if n == 0 {
			return words, size
		}
		words = append(words, w)
		size += gap + n
	}
	return words, size
}

// readWord reads one encoded word; n is 0 when s begins with something else.
func readWord(s string) (w encodedWord, n int) {
	if !strings.HasPrefix(s, "=?") {
		return w, 0
	}
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || len(charset) > 60 || strings.ContainsAny(charset, " \t=\"") && strings.TrimSpace(charset) == "" || len(rest) < 2 || rest[1] != '?' {
		return w, 0
	}
	kind := rest[0] | 0x20
	if kind != 'b' && kind != 'q' {
		return w, 0
	}
	text := rest[2:]
	end := wordEnd(text, kind)
	if end < 0 {
		return w, 0
	}
	charset, _, _ = strings.Cut(charset, "*")
	w = encodedWord{charset: charset, kind: kind, text: text[:end]}
	n = len(s) - len(text) + end
	return w, n + len(trailer(text[end:]))
}

// trailer is the "?=" of a word, or what is left of it at the end of a cut
// header.
func trailer(s string) string {
	if strings.HasPrefix(s, "?=") {
		return "?="
	}
	if s == "?" {
		return "?"
	}
	return ""
}

// wordEnd finds the end of the encoded text. A missing "?=" is forgiven at the
// end of the header; in q a "?=" followed by two hex digits is data that a
// careless sender left unescaped.
func wordEnd(text string, kind byte) int {
	for at := 0; ; {
		i := strings.Index(text[at:], "?=")
		if i < 0 {
			if strings.Contains(text, "=?") || strings.ContainsAny(text, " \t") {
				return -1
			}
			return len(strings.TrimSuffix(text, "?"))
		}
		end := at + i
		after := text[end+2:]
		if kind == 'q' && len(after) >= 2 && unhex(after[0]) < 16 && unhex(after[1]) < 16 && strings.Contains(after, "?=") && !strings.Contains(after[:strings.Index(after, "?=")], "=?") {
			at = end + 2
			continue
		}
		return end
	}
}

// joinWords decodes adjacent words; those of one charset are joined as bytes
// first, because senders cut characters in half.
func (p *parser) joinWords(words []encodedWord) string {
	var b strings.Builder
	for i := 0; i < len(words); {
		j := i + 1
		for j < len(words) && strings.EqualFold(words[j].charset, words[i].charset) && words[j].kind == words[i].kind {
			j++
		}
		b.WriteString(oneLine(p.decodeText(wordBytes(words[i:j]), words[i].charset)))
		i = j
	}
	return b.String()
}

// wordBytes decodes the transfer encoding of words of one kind.
func wordBytes(words []encodedWord) []byte {
	var out []byte
	if words[0].kind == 'q' {
		for _, w := range words {
			piece, _ := appendQuoted(nil, []byte(strings.ReplaceAll(w.text, "_", " ")), true)
			out = append(out, piece...)
		}
		return out
	}
	// A word whose base64 does not come out even goes on in the next one.
	pending := ""
	for _, w := range words {
		text := strings.Map(onlyBase64, w.text)
		pending += strings.TrimRight(text, "=")
		if strings.HasSuffix(text, "=") || len(pending)%4 == 0 {
			piece, _ := decodeBase64([]byte(pending))
			out = append(out, piece...)
			pending = ""
		}
	}
	piece, _ := decodeBase64([]byte(pending))
	return append(out, piece...)
}

func onlyBase64(r rune) rune {
	if r < 0x80 && (base64Value(byte(r)) < 64 || r == '=') {
		return r
	}
	return -1
}

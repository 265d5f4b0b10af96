package mime

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
)

const esc = 0x1b

func hasEscape(b []byte) bool { return bytes.IndexByte(b, esc) >= 0 || bytes.IndexByte(b, 0x0e) >= 0 }

// isJISEscape tells whether data switches to a Japanese character set.
func isJISEscape(data []byte) bool {
	for _, seq := range []string{"\x1b$B", "\x1b$@", "\x1b$(", "\x1b(J", "\x1b(I"} {
		if bytes.Contains(data, []byte(seq)) {
			return true
		}
	}
	return false
}

// jisSet is the character set that an escape sequence switches to.
type jisSet int

const (
	setASCII jisSet = iota
	setKana
	setKanji
	setExtra // JIS X 0212
	setOther // a set that cannot be read here
)

// jisEscapes lists the sequences of ISO-2022-JP and its relatives. JIS X 0213
// plane 1 keeps JIS X 0208 and the NEC row in their places, so it is read as
// that; its own characters are lost, as they are in most mailers.
var jisEscapes = []struct {
	seq string
	set jisSet
}{
	{"\x1b(B", setASCII}, {"\x1b(J", setASCII}, {"\x1b(H", setASCII}, {"\x1b(I", setKana},
	{"\x1b$@", setKanji}, {"\x1b$B", setKanji}, {"\x1b$(@", setKanji}, {"\x1b$(B", setKanji},
	{"\x1b$(O", setKanji}, {"\x1b$(Q", setKanji}, {"\x1b$(D", setExtra}, {"\x1b$(P", setOther},
	{"\x1b$(?", setOther}, {"\x1b$A", setOther}, {"\x1b$(C", setOther},
	{"\x1b.A", setASCII}, {"\x1b.F", setASCII}, {"\x1b&@", setASCII},
}

// decodeISO2022JP reads ISO-2022-JP with its extensions: JIS X 0201 kana (also
// by SO/SI), JIS X 0212, the NEC and IBM characters of -MS/CP5022x, and raw
// Shift_JIS in between. A line end returns to ASCII, as the standard says and
// as cut-off mails need.
func decodeISO2022JP(data []byte) string {
	var b strings.Builder
	set := setASCII
	shifted := false
	var run []byte
	flush := func() {
		active := set
		if shifted {
			active = setKana
		}
		b.WriteString(decodeJISRun(run, active))
		run = run[:0]
	}
	for i := 0; i < len(data); {
		c := data[i]
		switch {
		case c == esc:
			next, size := matchEscape(data[i:])
			flush()
			if size == 0 {
				i++
				continue
			}
			set = next
			i += size
			continue
		case c == 0x0e || c == 0x0f:
			flush()
			shifted = c == 0x0e
		case c == '\n' || c == '\r':
			flush()
			set, shifted = setASCII, false
			b.WriteByte(c)
		default:
			run = append(run, c)
		}
		i++
	}
	flush()
	return b.String()
}

func matchEscape(data []byte) (jisSet, int) {
	for _, e := range jisEscapes {
		if bytes.HasPrefix(data, []byte(e.seq)) {
			return e.set, len(e.seq)
		}
	}
	return setASCII, 0
}

// decodeJISRun decodes bytes between two switches.
func decodeJISRun(run []byte, set jisSet) string {
	if len(run) == 0 {
		return ""
	}
	switch set {
	case setASCII:
		if hasHigh(run) {
			return decodeWith(japanese.ShiftJIS, run)
		}
		return string(run)
	case setKana:
		var b strings.Builder
		for _, c := range run {
			switch k := c &^ 0x80; {
			case k >= 0x21 && k <= 0x5f:
				b.WriteRune(0xff61 + rune(k-0x21))
			case k <= ' ':
				b.WriteByte(k)
			default:
				b.WriteRune('\uFFFD')
			}
		}
		return b.String()
	case setKanji, setExtra:
		return decodeJISPairs(run, set)
	}
	return strings.Repeat("\uFFFD", (len(run)+1)/2)
}

// decodeJISPairs decodes two-byte characters by way of EUC-JP. Blanks may
// stand alone between them.
func decodeJISPairs(run []byte, set jisSet) string {
	euc := make([]byte, 0, len(run)*3/2)
	for i := 0; i < len(run); {
		if run[i] <= ' ' || i+1 == len(run) {
			euc = append(euc, run[i])
			i++
			continue
		}
		if set == setExtra {
			euc = append(euc, 0x8f)
		}
		euc = append(euc, run[i]|0x80, run[i+1]|0x80)
		i += 2
	}
	return decodeWith(japanese.EUCJP, euc)
}

// decodeISO2022KR reads Korean between SO and SI.
func decodeISO2022KR(data []byte) string {
	data = bytes.ReplaceAll(data, []byte("\x1b$)C"), nil)
	out := make([]byte, 0, len(data))
	shifted := false
	for _, c := range data {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case c == '\n' || c == '\r':
			shifted = false
			out = append(out, c)
		case shifted && c > ' ':
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return decodeWith(korean.EUCKR, out)
}

// decodeUTF7 reads UTF-7 (RFC 2152).
func decodeUTF7(data []byte) string {
	var b strings.Builder
	for i := 0; i < len(data); i++ {
		if data[i] != '+' {
			b.WriteByte(data[i])
			continue
		}
		end := i + 1
		for end < len(data) && base64Value(data[end]) < 64 && data[end] != '-' && data[end] != '_' {
			end++
		}
		if end == i+1 {
			b.WriteByte('+')
		} else {
			b.WriteString(decodeUTF7Run(data[i+1 : end]))
		}
		i = end - 1
		if end < len(data) && data[end] == '-' {
			i = end
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

func decodeUTF7Run(run []byte) string {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, err := base64.RawStdEncoding.Decode(raw, run)
	if err != nil && n == 0 {
		return "\uFFFD"
	}
	units := make([]uint16, 0, n/2)
	for i := 0; i+1 < n; i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

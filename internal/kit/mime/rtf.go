package mime

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// maxRTF bounds the size of an unpacked RTF body.
const maxRTF = 8 << 20

// rtfDictionary is the text that compressed RTF (MS-OXRTFCP) refers back to
// before it has any text of its own.
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// inflateRTF unpacks compressed RTF; what is damaged ends it.
func inflateRTF(data []byte) []byte {
	if len(data) < 16 {
		return nil
	}
	kind := binary.LittleEndian.Uint32(data[8:])
	body := data[16:]
	if kind == 0x414c454d { // "MELA": stored as it is
		return body
	}
	if kind != 0x75465a4c { // "LZFu"
		return nil
	}
	const window = 4096
	var ring [window]byte
	write := copy(ring[:], rtfDictionary)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		ring[write] = c
		write = (write + 1) % window
	}
	for at := 0; at < len(body) && len(out) < maxRTF; {
		flags := body[at]
		at++
		for bit := 0; bit < 8 && at < len(body); bit++ {
			if flags&(1<<bit) == 0 {
				put(body[at])
				at++
				continue
			}
			if at+1 >= len(body) {
				return out
			}
			ref := int(body[at])<<8 | int(body[at+1])
			at += 2
			offset, length := ref>>4, ref&0x0f+2
			if offset == write {
				return out
			}
			for ; length > 0; length-- {
				put(ring[offset])
				offset = (offset + 1) % window
			}
		}
	}
	return out
}

// rtfReader turns RTF into text.
type rtfReader struct {
	out      strings.Builder
	pending  []byte // bytes of the code page, not yet decoded
	codepage string
	stack    []rtfState
	state    rtfState
	skip     int // characters that stand for a \u to follow
}

type rtfState struct {
	hidden bool // a destination that is not text
	uc     int  // how many characters follow a \u for old readers
}

// maxRTFDepth bounds the groups that are kept apart.
const maxRTFDepth = 1000

// rtfText is the readable text of RTF. HTML that was wrapped in RTF loses its
// tags with the other destinations, its text stays.
func rtfText(rtf []byte) string {
	r := rtfReader{codepage: "windows-1252", state: rtfState{uc: 1}}
	for at := 0; at < len(rtf); {
		switch c := rtf[at]; c {
		case '{':
			if len(r.stack) < maxRTFDepth {
				r.stack = append(r.stack, r.state)
			}
			at++
		case '}':
			if n := len(r.stack); n > 0 {
				r.state, r.stack = r.stack[n-1], r.stack[:n-1]
			}
			at++
		case '\\':
			at = r.control(rtf, at+1)
		case '\r', '\n':
			at++
		default:
			r.literal(c)
			at++
		}
	}
	r.flush()
	return strings.TrimSpace(r.out.String())
}

func (r *rtfReader) literal(c byte) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if !r.state.hidden {
		r.pending = append(r.pending, c)
	}
}

func (r *rtfReader) flush() {
	if len(r.pending) > 0 {
		s, _ := convert(r.pending, r.codepage, "")
		r.out.WriteString(s)
		r.pending = nil
	}
}

func (r *rtfReader) write(s string) {
	if !r.state.hidden {
		r.flush()
		r.out.WriteString(s)
	}
}

// control reads the control word or symbol at offset at, behind its backslash.
func (r *rtfReader) control(rtf []byte, at int) int {
	if at >= len(rtf) {
		return at
	}
	if c := rtf[at]; c < 'a' || c > 'z' {
		return r.symbol(rtf, at)
	}
	end := at
	for end < len(rtf) && rtf[end] >= 'a' && rtf[end] <= 'z' {
		end++
	}
	word := string(rtf[at:end])
	start := end
	for end < len(rtf) && (rtf[end] >= '0' && rtf[end] <= '9' || end == start && rtf[end] == '-') {
		end++
	}
	number, err := strconv.Atoi(string(rtf[start:end]))
	r.word(word, number, err == nil)
	if end < len(rtf) && rtf[end] == ' ' {
		end++
	}
	return end
}

func (r *rtfReader) symbol(rtf []byte, at int) int {
	switch c := rtf[at]; c {
	case '\'':
		if at+2 < len(rtf) {
			r.literal(unhex(rtf[at+1])<<4 | unhex(rtf[at+2])&0x0f)
		}
		return at + 3
	case '*':
		r.state.hidden = true
	case '~':
		r.write(" ")
	case '\\', '{', '}':
		r.literal(c)
	case '\r', '\n':
		r.write("\n")
	}
	return at + 1
}

func (r *rtfReader) word(word string, number int, numbered bool) {
	switch word {
	case "par", "line", "row", "sect", "page":
		r.write("\n")
	case "tab", "cell":
		r.write("\t")
	case "u":
		if numbered {
			if number < 0 {
				number += 65536
			}
			r.write(string(rune(number)))
			r.skip = r.state.uc
		}
	case "uc":
		r.state.uc = min(max(number, 0), 8)
	case "ansicpg":
		r.codepage = codepageName(uint32(max(number, 0)))
	case "htmlrtf":
		// Between \htmlrtf and \htmlrtf0 stands what the RTF reader needs and
		// the HTML did not have.
		r.state.hidden = !numbered || number != 0
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "object", "listtable":
		r.state.hidden = true
	case "emdash":
		r.write("—")
	case "endash":
		r.write("–")
	case "lquote", "rquote":
		r.write("'")
	case "ldblquote", "rdblquote":
		r.write(`"`)
	case "bullet":
		r.write("•")
	}
}

package mime

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes the transfer encoding of a body. Damage costs the
// damaged bytes, never the rest.
func (p *parser) decodeTransfer(data []byte, encoding string) []byte {
	encoding, _, _ = strings.Cut(stripComments(encoding), ";")
	switch strings.ToLower(strings.Trim(encoding, " \t\"'")) {
	case "base64":
		out, ok := decodeBase64(data)
		if !ok {
			p.problem(ProblemTransfer)
		}
		return out
	case "quoted-printable":
		out, ok := decodeQuoted(data)
		if !ok {
			p.problem(ProblemTransfer)
		}
		return out
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if files, _ := cutUUFiles(data); len(files) > 0 {
			return files[0].data
		}
		p.problem(ProblemTransfer)
	}
	return data
}

// decodeBase64 reads base64 with any line length, stray characters, missing
// padding, and several padded runs behind each other.
func decodeBase64(data []byte) (out []byte, ok bool) {
	ok = true
	out = make([]byte, 0, base64.StdEncoding.DecodedLen(len(data)))
	var acc uint32
	bits := 0
	foreign := 0
	for _, c := range data {
		v := base64Value(c)
		switch {
		case v < 64:
			acc = acc<<6 | uint32(v)
			if bits += 6; bits >= 8 {
				bits -= 8
				out = append(out, byte(acc>>bits))
			}
		case c == '=':
			acc, bits = 0, 0
		case c != '\r' && c != '\n' && c != ' ' && c != '\t':
			foreign++
		}
	}
	if foreign > 0 {
		ok = false
	}
	return out, ok && bits < 6
}

func base64Value(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c - 'A'
	case c >= 'a' && c <= 'z':
		return c - 'a' + 26
	case c >= '0' && c <= '9':
		return c - '0' + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return 0xff
}

// decodeQuoted reads quoted-printable; a "=" that begins no escape stays.
func decodeQuoted(data []byte) (out []byte, ok bool) {
	ok = true
	out = make([]byte, 0, len(data))
	for at := 0; at < len(data); {
		end := bytes.IndexByte(data[at:], '\n')
		lineEnd := []byte("\n")
		next := at + end + 1
		line := data[at:]
		if end >= 0 {
			line = data[at : at+end]
			if bytes.HasSuffix(line, []byte("\r")) {
				line, lineEnd = line[:len(line)-1], []byte("\r\n")
			}
		} else {
			next, lineEnd = len(data), nil
		}
		// Blanks at the end of a line were added on the way.
		line = bytes.TrimRight(line, " \t")
		if bytes.HasSuffix(line, []byte("=")) {
			line, lineEnd = line[:len(line)-1], nil
		}
		out, ok = appendQuoted(out, line, ok)
		out = append(out, lineEnd...)
		at = next
	}
	return out, ok
}

func appendQuoted(out, line []byte, ok bool) ([]byte, bool) {
	for i := 0; i < len(line); i++ {
		if line[i] != '=' {
			out = append(out, line[i])
			continue
		}
		if i+2 < len(line) {
			hi, lo := unhex(line[i+1]), unhex(line[i+2])
			if hi < 16 && lo < 16 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		ok = false
		out = append(out, '=')
	}
	return out, ok
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// uuFile is a file that stood uuencoded in a body.
type uuFile struct {
	name string
	data []byte
}

// cutUUFiles takes uuencoded files out of a text and returns what is left.
func cutUUFiles(text []byte) (files []uuFile, rest []byte) {
	if !bytes.Contains(text, []byte("begin ")) {
		return nil, text
	}
	var left []byte
	dead := 0 // every "begin" before this offset is known to have no end
	for at := 0; at < len(text); {
		line, next := cutLine(text, at)
		if name, ok := uuBegin(line); ok && at >= dead {
			data, after, ok := uuBody(text, next)
			if ok {
				files = append(files, uuFile{name, data})
				at = after
				continue
			}
			dead = after
		}
		left = append(left, text[at:next]...)
		at = next
	}
	return files, left
}

// uuBegin reads "begin 644 name".
func uuBegin(line []byte) (name string, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("begin "))
	if !ok || len(rest) < 5 {
		return "", false
	}
	mode, file, ok := bytes.Cut(rest, []byte(" "))
	if !ok || len(mode) < 3 || len(mode) > 4 {
		return "", false
	}
	for _, c := range mode {
		if c < '0' || c > '7' {
			return "", false
		}
	}
	return strings.TrimSpace(string(file)), len(bytes.TrimSpace(file)) > 0
}

// uuBody decodes up to the line "end"; after is the line behind it or, with ok
// false, the line that does not fit.
func uuBody(text []byte, at int) (data []byte, after int, ok bool) {
	for at < len(text) {
		line, next := cutLine(text, at)
		if string(bytes.TrimSpace(line)) == "end" {
			return data, next, true
		}
		if len(line) > 0 {
			n := int(line[0]-' ') & 0x3f
			if line[0] < ' ' || line[0] > '`' || (n+2)/3*4 > len(line)-1+4 {
				return nil, at, false
			}
			data = appendUULine(data, line[1:], n)
		}
		at = next
	}
	return nil, at, false
}

func appendUULine(out, line []byte, n int) []byte {
	value := func(i int) byte {
		if i >= len(line) {
			return 0
		}
		return (line[i] - ' ') & 0x3f
	}
	for i := 0; n > 0; i += 4 {
		group := [3]byte{
			value(i)<<2 | value(i+1)>>4,
			value(i+1)<<4 | value(i+2)>>2,
			value(i+2)<<6 | value(i+3),
		}
		k := min(n, 3)
		out = append(out, group[:k]...)
		n -= k
	}
	return out
}

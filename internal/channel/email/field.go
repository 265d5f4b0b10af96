package email

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net/mail"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

const (
	lineWidth = 76  // of a header line, as RFC 2047 asks
	wordBytes = 45  // of text in one encoded word: 60 base64 characters and 12 around them
	lineMost  = 998 // of any line, RFC 5322 2.1.1
)

// unsendable is a message that must not be offered to any server.
func unsendable(format string, args ...any) error {
	return &channel.RefusedError{Text: fmt.Sprintf(format, args...)}
}

// clean refuses a value that could end its header field. Everything that goes
// into a header passes through here.
func clean(field, value string) error {
	if i := strings.IndexFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }); i >= 0 {
		return unsendable("the %s contains a line break or another control character", field)
	}
	if !utf8.ValidString(value) {
		return unsendable("the %s is not valid UTF-8", field)
	}
	return nil
}

// unstructured writes free text such as a subject: plain where it can be, in
// encoded words where it must, folded. used is how much of the line is taken.
func unstructured(value string, used int) string {
	value = strings.Join(strings.Fields(value), " ")
	if printable(value) && !strings.Contains(value, "=?") {
		if folded, ok := fold(strings.Split(value, " "), used); ok {
			return folded
		}
	}
	return encodedWords(value, used)
}

// fold joins words by spaces and breaks lines between them. A word longer than a
// line may be has no place to break: ok is false.
func fold(words []string, used int) (s string, ok bool) {
	var b strings.Builder
	at := used
	for i, w := range words {
		if len(w) > lineMost-2 {
			return "", false
		}
		switch {
		case i == 0:
		case at+1+len(w) > lineWidth:
			b.WriteString("\r\n ")
			at = 1
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(w)
		at += len(w)
	}
	return b.String(), true
}

// encodedWords writes value as base64 words (RFC 2047), whole characters each,
// one a line after the first.
func encodedWords(value string, used int) string {
	const open, end = "=?UTF-8?B?", "?="
	room := (lineWidth - used - len(open) - len(end)) / 4 * 3
	var b strings.Builder
	for value != "" {
		n := cutRunes(value, max(min(room, wordBytes), utf8.UTFMax))
		b.WriteString(open + base64.StdEncoding.EncodeToString([]byte(value[:n])) + end)
		if value = value[n:]; value != "" {
			b.WriteString("\r\n ")
		}
		room = wordBytes
	}
	return b.String()
}

// cutRunes is the length of the longest prefix of whole characters within n bytes.
func cutRunes(s string, n int) int {
	if len(s) <= n {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// addresses writes a list of mailboxes, one a line after the first.
func addresses(list []channel.Address, used int) (string, error) {
	parts := make([]string, len(list))
	for i, a := range list {
		spec, err := addrSpec(a.Address)
		if err != nil {
			return "", err
		}
		if err := clean("name of "+spec, a.Name); err != nil {
			return "", err
		}
		parts[i] = "<" + spec + ">"
		if name := displayName(a.Name, used); name != "" {
			parts[i] = name + " " + parts[i]
			if len(name)+1+len(spec) > lineWidth {
				parts[i] = name + "\r\n <" + spec + ">"
			}
		}
		used = 1
	}
	return strings.Join(parts, ",\r\n "), nil
}

// displayName writes a name before an address: bare when it is made of atoms,
// quoted when it is plain, encoded otherwise.
func displayName(name string, used int) string {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return ""
	case !printable(name) || strings.Contains(name, "=?") || len(name) > lineWidth:
		return encodedWords(name, used)
	case strings.IndexFunc(name, func(r rune) bool { return r != ' ' && !isAtom(r) }) < 0:
		return name
	}
	return quoted(name)
}

// addrSpec checks one address and writes it for header and envelope: the domain
// in ASCII, a local part in quotes when it is no dot-atom (some Japanese
// carriers gave out addresses with two dots in a row).
func addrSpec(address string) (string, error) {
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return "", unsendable("%q is not an address", address)
	}
	if err := clean("address "+fmt.Sprintf("%q", address), address); err != nil {
		return "", err
	}
	local, domain := address[:at], address[at+1:]
	if !strings.HasPrefix(domain, "[") {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil || strings.ContainsAny(ascii, " \t<>()[],;:\\\"@") {
			return "", unsendable("%q is not an address: its domain is wrong", address)
		}
		domain = ascii
	} else if strings.ContainsAny(domain, " \t<>()\\\"@") || !strings.HasSuffix(domain, "]") {
		return "", unsendable("%q is not an address: its domain is wrong", address)
	}
	if dotAtom(local) {
		return local + "@" + domain, nil
	}
	if strings.HasPrefix(local, `"`) {
		a, err := mail.ParseAddress(local + "@x.example")
		if err != nil {
			return "", unsendable("%q is not an address: %v", address, err)
		}
		return quoted(strings.TrimSuffix(a.Address, "@x.example")) + "@" + domain, nil
	}
	if strings.IndexFunc(local, func(r rune) bool { return r != '.' && !isAtom(r) }) >= 0 {
		return "", unsendable("%q is not an address", address)
	}
	return quoted(local) + "@" + domain, nil
}

func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.IndexFunc(atom, func(r rune) bool { return !isAtom(r) }) >= 0 {
			return false
		}
	}
	return true
}

// isAtom tells whether r may stand bare in a name or a local part. Beyond ASCII
// everything may (RFC 6532), if the server takes it.
func isAtom(r rune) bool {
	return r >= utf8.RuneSelf || r > ' ' && r < 0x7f && !strings.ContainsRune(`()<>[]:;@\,."`, r)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// printable tells whether s is plain ASCII without controls.
func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// msgIDs writes message ids in angle brackets, one a line, and leaves out those
// that no header can carry: they came from outside and only help threading.
func msgIDs(ids []string) string {
	var out []string
	for _, id := range ids {
		if validID(id) {
			out = append(out, "<"+id+">")
		}
	}
	return strings.Join(out, "\r\n ")
}

func validID(id string) bool {
	return id != "" && len(id) < lineMost-20 && strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) < 0
}

// partType writes the Content-Type of a file. The name stands in it for old
// mailers, in the way they understand.
func partType(contentType, name string) string {
	media, params, err := mime.ParseMediaType(contentType)
	major, _, _ := strings.Cut(media, "/")
	if err != nil || major == "multipart" || major == "message" || major == media {
		// A message may not be sent in base64 and a foreign multipart would be
		// read as one of ours: both go as files.
		media, params = "application/octet-stream", nil
	}
	delete(params, "name")
	delete(params, "boundary")
	value := mime.FormatMediaType(media, params)
	if value == "" || len(value) > lineWidth*2 {
		value = "application/octet-stream"
	}
	if name == "" {
		return value
	}
	if printable(name) {
		return value + ";\r\n name=" + quoted(name)
	}
	return value + ";\r\n name=\"" + encodedWords(name, len(` name="`)) + `"`
}

// disposition writes a Content-Disposition with the file's name (RFC 2231).
func disposition(kind, name string) string {
	if name == "" {
		return kind
	}
	full := mime.FormatMediaType(kind, map[string]string{"filename": name})
	return strings.Replace(full, "; filename", ";\r\n filename", 1)
}

// nameBytes bounds a file's name: three times this, in RFC 2231, fits a line.
const nameBytes = 200

// fileName makes a safe name of what a sender calls a file: without path and
// control characters, not too long, with its extension.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name[strings.LastIndexAny(name, `/\`)+1:])
	if len(name) <= nameBytes {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	return name[:cutRunes(name, nameBytes-len(ext))] + ext
}

package mime

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/unicode/norm"
)

// decoder turns bytes of one charset into UTF-8, with U+FFFD where they make
// no sense.
type decoder func([]byte) string

// decodeText makes UTF-8 of data. The label is believed unless the bytes prove
// it wrong; without a usable label the bytes decide.
func (p *parser) decodeText(data []byte, label string) string {
	s, sure := convert(data, label, p.charset)
	if !sure {
		p.problem(ProblemCharset)
	}
	return tidy(s)
}

// convert is decodeText without the notes. hint is a charset that other parts
// of the mail are written in. sure is false when the label did not hold.
func convert(data []byte, label, hint string) (s string, sure bool) {
	if enc, rest := byteOrderMark(data); enc != nil {
		return decodeWith(enc, rest), true
	}
	name := cleanLabel(label)
	if isASCIIBytes(data) && !hasEscape(data) && isASCIISuperset(name) {
		return string(data), true
	}
	if isWide(name) {
		unit := 2
		if name == "utf-32" || name == "utf-32be" || name == "utf-32le" {
			unit = 4
		}
		data = data[:len(data)-len(data)%unit]
	}
	dec, known := decoderFor(name)
	if known && !vague(name) {
		s = dec(data)
		if honest(data, s, name) {
			return s, true
		}
	}
	guess := detect(data, hint)
	if !known || vague(name) {
		return guess.text, false
	}
	// Two readings: keep the label's unless the guess is clearly better.
	if replacements(s) > replacements(guess.text) || guess.sure {
		return guess.text, false
	}
	return s, replacements(s) == 0
}

// vague are labels that promise nothing about bytes above 0x7f.
func vague(name string) bool {
	switch name {
	case "", "us-ascii", "unknown-8bit", "x-unknown", "unknown", "8bit", "7bit", "binary", "none", "default", "x-user-defined":
		return true
	}
	return false
}

// honest tells whether the decoded text fits its label. Latin labels accept
// every byte, so the bytes must not be something else beyond doubt.
func honest(data []byte, s, name string) bool {
	if strings.ContainsRune(s, utf8.RuneError) {
		return false
	}
	switch {
	case strings.HasPrefix(name, "iso-2022"):
		return !hasHigh(data) || hasEscape(data)
	case isWide(name), name == "utf-8", name == "utf-7", name == "hz-gb-2312":
		return true
	case hasEscape(data) && isJISEscape(data):
		return false
	case utf8.Valid(data) && hasHigh(data):
		// Valid multi-byte UTF-8 is not an accident, except for one or two
		// characters of a double-byte charset.
		return isDoubleByte(name) && countHigh(data) <= 4
	case strings.HasPrefix(name, "iso-8859-1") || name == "windows-1252":
		return !detect(data, "").sure
	}
	return true
}

func isWide(name string) bool {
	return strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf-32") || strings.HasPrefix(name, "ucs-") || name == "unicode"
}

func isASCIISuperset(name string) bool {
	return !isWide(name) && name != "utf-7" && name != "hz-gb-2312" && name != "unicode-1-1-utf-7" && !strings.HasPrefix(name, "iso-2022-") && !strings.Contains(name, "ebcdic")
}

func isDoubleByte(name string) bool {
	switch name {
	case "shift_jis", "euc-jp", "euc-kr", "gb18030", "gbk", "gb2312", "big5", "big5-hkscs":
		return true
	}
	return false
}

// byteOrderMark recognises the marks that nobody writes by accident.
func byteOrderMark(data []byte) (encoding.Encoding, []byte) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) && utf8.Valid(data):
		return encoding.Nop, data[3:]
	case bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), data[4:]
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), data[4:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")) && len(data)%2 == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), data[2:]
	case bytes.HasPrefix(data, []byte("\xfe\xff")) && len(data)%2 == 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), data[2:]
	}
	return nil, data
}

// cleanLabel brings the ways people write a charset to one name.
func cleanLabel(label string) string {
	l := strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'<>;,`))
	l = strings.TrimPrefix(l, "charset=")
	l, _, _ = strings.Cut(l, "*")
	l = strings.TrimSpace(strings.Trim(l, `"'=`))
	if alias, ok := labelAlias[l]; ok {
		return alias
	}
	if alias, ok := labelAlias[strings.NewReplacer("_", "", "-", "", " ", "").Replace(l)]; ok {
		return alias
	}
	return l
}

// labelAlias names what the IANA and WHATWG lists do not know, and what they
// read too narrowly (gb2312 in mail is GBK or more).
var labelAlias = map[string]string{
	"cp932": "shift_jis", "ms932": "shift_jis", "windows932": "shift_jis", "windows31j": "shift_jis", "mskanji": "shift_jis",
	"shiftjis": "shift_jis", "sjis": "shift_jis", "xsjis": "shift_jis", "sjiswin": "shift_jis", "ibm943": "shift_jis",
	"csshiftjis": "shift_jis", "shiftjis2004": "shift_jis", "shiftjisx0213": "shift_jis", "cswindows31j": "shift_jis",
	"eucjp": "euc-jp", "xeucjp": "euc-jp", "ujis": "euc-jp", "eucjpms": "euc-jp", "eucjpwin": "euc-jp", "cp51932": "euc-jp",
	"extendedunixcodepackedformatforjapanese": "euc-jp", "eucjis2004": "euc-jp",
	"jis": "iso-2022-jp", "iso2022jp": "iso-2022-jp", "csiso2022jp": "iso-2022-jp", "iso2022jpms": "iso-2022-jp",
	"iso2022jp1": "iso-2022-jp", "iso2022jp2": "iso-2022-jp", "iso2022jp3": "iso-2022-jp", "iso2022jp2004": "iso-2022-jp",
	"cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "cp50222": "iso-2022-jp", "xiso2022jp": "iso-2022-jp",
	"windows50220": "iso-2022-jp", "windows50221": "iso-2022-jp", "windows50222": "iso-2022-jp", "isojp": "iso-2022-jp",
	"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "windows936": "gb18030", "gb231280": "gb18030", "xgbk": "gb18030",
	"cngb": "gb18030", "euccn": "gb18030", "gb": "gb18030", "csgb2312": "gb18030", "hzgb2312": "hz-gb-2312", "hz": "hz-gb-2312",
	"ksc56011987": "euc-kr", "ksc5601": "euc-kr", "cp949": "euc-kr", "windows949": "euc-kr", "uhc": "euc-kr", "ksx1001": "euc-kr",
	"euckr": "euc-kr", "iso2022kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr",
	"cp950": "big5", "windows950": "big5", "xbig5": "big5", "cnbig5": "big5", "big5": "big5",
	"utf8": "utf-8", "utf8mb4": "utf-8", "unicode11utf8": "utf-8", "xutf8": "utf-8", "cp65001": "utf-8", "utf7": "utf-7", "unicode11utf7": "utf-7",
	"xunicode20utf7": "utf-7", "cp65000": "utf-7", "utf16": "utf-16", "utf32": "utf-32", "ucs2": "utf-16be", "ucs4": "utf-32be", "unicode": "utf-16",
	"latin1": "windows-1252", "iso88591": "windows-1252", "iso88598i": "iso-8859-8", "iso88598e": "iso-8859-8", "cp1252": "windows-1252",
	"ansi": "windows-1252", "win1251": "windows-1251", "cp1251": "windows-1251", "koi8": "koi8-r", "koi8r": "koi8-r", "tis620": "windows-874",
	"cp874": "windows-874", "maccyrillic": "x-mac-cyrillic", "macroman": "macintosh", "xmacroman": "macintosh",
	"ascii": "us-ascii", "usascii": "us-ascii", "ansix3.41968": "us-ascii", "ansix341968": "us-ascii", "iso646us": "us-ascii", "asciius": "us-ascii",
}

// decoderFor finds the decoder of a cleaned label.
func decoderFor(name string) (decoder, bool) {
	switch name {
	case "utf-8":
		return func(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }, true
	case "utf-7":
		return decodeUTF7, true
	case "iso-2022-jp":
		return decodeISO2022JP, true
	case "iso-2022-kr":
		return decodeISO2022KR, true
	case "utf-16":
		return guessUTF16, true
	case "utf-32", "utf-32be":
		return using(utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)), true
	case "utf-32le":
		return using(utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)), true
	case "shift_jis":
		return using(japanese.ShiftJIS), true
	case "euc-jp":
		return using(japanese.EUCJP), true
	case "gb18030":
		return using(simplifiedchinese.GB18030), true
	case "hz-gb-2312":
		return using(simplifiedchinese.HZGB2312), true
	case "euc-kr":
		return using(korean.EUCKR), true
	case "cp437", "ibm437":
		return using(charmap.CodePage437), true
	case "cp850", "ibm850":
		return using(charmap.CodePage850), true
	case "":
		return nil, false
	}
	if enc, err := htmlindex.Get(name); err == nil {
		if n, err := htmlindex.Name(enc); err == nil && n != "replacement" && n != "x-user-defined" {
			return using(enc), true
		}
	}
	if enc, err := ianaindex.MIME.Encoding(name); err == nil && enc != nil {
		return using(enc), true
	}
	return nil, false
}

func using(enc encoding.Encoding) decoder {
	return func(b []byte) string { return decodeWith(enc, b) }
}

func decodeWith(enc encoding.Encoding, data []byte) string {
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		// Decoders replace what they cannot read; an error is only the tail of
		// an unfinished character.
		return strings.ToValidUTF8(string(out), "\uFFFD") + "\uFFFD"
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// guessUTF16 reads UTF-16 that says nothing of its byte order.
func guessUTF16(data []byte) string {
	order := unicode.BigEndian
	zeros := 0
	for i := 0; i+1 < len(data) && i < 400; i += 2 {
		if data[i] == 0 {
			zeros++
		}
		if data[i+1] == 0 {
			zeros--
		}
	}
	if zeros < 0 {
		order = unicode.LittleEndian
	}
	return decodeWith(unicode.UTF16(order, unicode.UseBOM), data)
}

// tidy brings text to the form that Mail promises: no NUL, normal form C but
// for compatibility ideographs.
func tidy(s string) string {
	if isASCIIString(s) {
		return strings.ReplaceAll(s, "\x00", "")
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	s = strings.TrimPrefix(s, "\ufeff")
	if norm.NFC.IsNormalString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexFunc(s, isCompatibilityIdeograph)
		if i < 0 {
			i = len(s)
		}
		b.WriteString(norm.NFC.String(s[:i]))
		s = s[i:]
		if s != "" {
			_, size := utf8.DecodeRuneInString(s)
			b.WriteString(s[:size])
			s = s[size:]
		}
	}
	return b.String()
}

func isCompatibilityIdeograph(r rune) bool {
	return r >= 0xf900 && r <= 0xfaff || r >= 0x2f800 && r <= 0x2fa1f
}

func replacements(s string) int { return strings.Count(s, "\uFFFD") }

func isASCIIString(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func isASCIIBytes(b []byte) bool { return !hasHigh(b) }

func hasHigh(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

func countHigh(b []byte) int {
	n := 0
	for _, c := range b {
		if c >= 0x80 {
			n++
		}
	}
	return n
}

package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tokens cuts s into the terms that full-text search indexes, in text order.
//
// Scripts written without blanks (Han, kana, hangul, Thai …) give overlapping
// pairs of characters and, at the end of each run, the last character alone:
// 東京都 → 東京 京都 都. The lone last character is what lets a search for one
// character be a prefix search. Every other run of letters and digits is one
// word, without accents: Café-Nr.5 → cafe nr 5.
//
// A token holds letters, digits and marks only, so it needs no escaping in
// FTS5 or tsquery syntax. Index it with FTS5 tokenize='ascii' (which takes
// every non-ASCII character as part of a word) or as TSVector(s).
func Tokens(s string) []string {
	var out []string
	for _, run := range runs(s) {
		out = run.appendTokens(out, true)
	}
	return out
}

// IndexText is Tokens joined by blanks: what to insert in an FTS5 column.
func IndexText(s string) string { return strings.Join(Tokens(s), " ") }

// run is a maximal stretch of one kind of searchable characters.
type run struct {
	text string
	cjk  bool
}

// appendTokens adds the tokens of the run. closed tells that the run is known
// to end here; a query's last run may go on in the document.
func (r run) appendTokens(out []string, closed bool) []string {
	if !r.cjk {
		return append(out, r.text)
	}
	prev := -1
	for i := range r.text {
		if prev < 0 {
			prev = i
			continue
		}
		// The pair starts at prev and ends where the character at i ends.
		out = append(out, r.text[prev:i+runeLen(r.text[i:])])
		prev = i
	}
	if closed || prev == 0 {
		out = append(out, r.text[prev:])
	}
	return out
}

func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

// runs folds s and splits it into searchable runs.
func runs(s string) []run {
	var out []run
	var word strings.Builder
	cjk := false
	flush := func() {
		if word.Len() > 0 {
			out = append(out, run{searchable(word.String(), cjk), cjk})
			word.Reset()
		}
	}
	for _, r := range fold(s) {
		pair, ok := classify(r, cjk)
		if !ok {
			flush()
			continue
		}
		if pair != cjk {
			flush()
			cjk = pair
		}
		word.WriteRune(r)
	}
	flush()
	return out
}

// classify tells whether r belongs in a token and whether it is paired.
// Combining marks go with the run they follow.
func classify(r rune, inCJK bool) (pair, ok bool) {
	switch {
	case r < 0x80:
		return false, r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	case isPaired(r):
		return true, true
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return false, true
	case unicode.Is(unicode.M, r):
		return inCJK, true
	}
	return false, false
}

// isPaired reports the scripts that write words without blanks between them,
// and hangul, whose words change at the end.
func isPaired(r rune) bool {
	if r == 'ー' || r == '々' || r == '〆' || r == '〇' {
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Bopomofo)
}

// searchable takes the accents off words in scripts where people leave them
// out when they search. Voicing marks of kana are letters and stay.
func searchable(word string, cjk bool) string {
	if cjk || isASCII(word) {
		return word
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(word) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return word
	}
	return norm.NFC.String(b.String())
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

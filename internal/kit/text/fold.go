package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes the key under which two spellings of the same word meet: NFKC
// (full-width letters, half-width kana and ligatures become their plain forms),
// lower case, no zero-width characters, white space runs as one blank, trimmed.
// Folding twice changes nothing.
func Fold(s string) string {
	return strings.Join(strings.Fields(fold(s)), " ")
}

// fold is Fold without the treatment of white space.
func fold(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = norm.NFKC.String(s)
	s = strings.Map(lowerVisible, s)
	// Lowering and dropping characters can undo normal form: compose again.
	return norm.NFKC.String(s)
}

func lowerVisible(r rune) rune {
	if isZeroWidth(r) {
		return -1
	}
	return unicode.ToLower(r)
}

// isZeroWidth reports characters that leave no mark and only break comparisons.
func isZeroWidth(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad':
		return true
	}
	return r >= '\ufe00' && r <= '\ufe0f'
}

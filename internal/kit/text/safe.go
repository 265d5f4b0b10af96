package text

import (
	"strings"
	"unicode"
)

// Safe makes text from anywhere fit for both databases, which refuse broken
// UTF-8 and NUL.
func Safe(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// Line makes text from anywhere fit for one line among others, such as a name or
// a subject: safe, white space runs as one blank, trimmed, without what could
// disturb its neighbours: control characters (C0, DEL, C1), the bidirectional
// embeddings, overrides and isolates that make "gpj.exe" read as "exe.jpg" and
// turn around what follows, and invisible breaks. Marks that scripts need stay:
// joiners (families, Indic), left-to-right and right-to-left marks, variation
// selectors. Doing it twice changes nothing.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r): // also NEL and the line and paragraph separators
			return ' '
		case unicode.IsControl(r), disturbs(r):
			return -1
		}
		return r
	}, Safe(s))
	return strings.Join(strings.Fields(s), " ")
}

// disturbs reports characters without a mark of their own that change how
// others are shown.
func disturbs(r rune) bool {
	switch r {
	case '\u200b', '\u2060', '\ufeff', // breaks and joins that nobody sees
		'\u00ad',                     // soft hyphen
		'\ufff9', '\ufffa', '\ufffb': // interlinear annotation
		return true
	}
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

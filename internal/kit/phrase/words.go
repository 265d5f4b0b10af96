package phrase

import (
	"cmp"
	"strings"
)

// Words are a text of an operator's own in the languages of customers; one of them
// is enough.
type Words struct {
	Ja string `json:"ja"`
	En string `json:"en"`
}

// In returns the text in a language, else in the other.
func (w Words) In(lang string) string {
	if lang == Japanese {
		return cmp.Or(w.Ja, w.En)
	}
	return cmp.Or(w.En, w.Ja)
}

// Trim returns the words without space around them.
func (w Words) Trim() Words { return Words{Ja: strings.TrimSpace(w.Ja), En: strings.TrimSpace(w.En)} }

package text

import "github.com/clipperhouse/uax29/v2/graphemes"

// Length counts the user-perceived characters of s, as [Clip] does: a flag or
// a kana with its voicing mark is one, whatever its number of bytes.
func Length(s string) int {
	n := 0
	for seg := graphemes.FromString(s); seg.Next(); {
		n++
	}
	return n
}

package text

import (
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Ellipsis marks the place where Clip and Snippet left words out.
const Ellipsis = "…"

// Clip shortens s to at most n user-perceived characters, the ellipsis
// included: a flag, a family emoji or a kana with its voicing mark counts as
// one and is never cut in half. n below 1 gives "".
func Clip(s string, n int) string {
	if n < 1 {
		return ""
	}
	// A grapheme is at least a byte: a short string cannot be too long.
	if len(s) <= n {
		return s
	}
	seg := graphemes.FromString(s)
	end, count := 0, 0
	for seg.Next() {
		count++
		if count > n {
			return strings.TrimRight(s[:end], " \t\n") + Ellipsis
		}
		if count < n {
			end = seg.End()
		}
	}
	return s
}

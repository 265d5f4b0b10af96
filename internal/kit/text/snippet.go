package text

import (
	"strings"
	"unicode/utf8"
)

// Snippet returns about width characters of body around the first place where
// a term of query stands, on one line, with an ellipsis where words were left
// out. Without a match it is the beginning of body.
func Snippet(body, query string, width int) string {
	body = strings.Join(strings.Fields(strings.ToValidUTF8(body, "\uFFFD")), " ")
	if width < 1 {
		return ""
	}
	start := 0
	if marks := Marks(body, query); len(marks) > 0 {
		start = backUp(body, marks[0][0], width/3)
	}
	cut := body[start:]
	if start > 0 {
		return Ellipsis + Clip(cut, max(1, width-1))
	}
	return Clip(cut, width)
}

// backUp moves n characters to the left of at, and on to the start of a word.
func backUp(s string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	if at == 0 || isPaired(firstRune(s[at:])) {
		return at
	}
	if i := strings.LastIndexByte(s[:at], ' '); i >= 0 && at-i < 16 {
		return i + 1
	}
	return at
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// Marks gives the byte ranges of body that the terms of query match, in order
// and without overlaps, for highlighting. Spelling variants that folding
// unites (case, width, accents) match.
func Marks(body, query string) [][2]int {
	folded, origin := foldWithOrigin(body)
	var needles []string
	for _, w := range split(query) {
		if n := markKey(w.text); n != "" && !w.not {
			needles = append(needles, n)
		}
	}
	// next holds where each needle stands at or after the current place.
	next := make([]int, len(needles))
	for i := range next {
		next[i] = -1
	}
	var out [][2]int
	for at := 0; at < len(folded); {
		best := -1
		for i, n := range needles {
			if next[i] < at {
				next[i] = indexFrom(folded, n, at)
			}
			if best < 0 || next[i] < next[best] || next[i] == next[best] && len(n) > len(needles[best]) {
				best = i
			}
		}
		if best < 0 || next[best] == len(folded) {
			break
		}
		from, to := next[best], next[best]+len(needles[best])
		out = append(out, [2]int{origin[from], origin[to]})
		at = to
	}
	return out
}

// indexFrom is the offset of needle at or after at; len(s) when it is not there.
func indexFrom(s, needle string, at int) int {
	if i := strings.Index(s[at:], needle); i >= 0 {
		return at + i
	}
	return len(s)
}

// markKey folds like the index does but keeps punctuation, for substring work.
func markKey(s string) string {
	folded, _ := foldWithOrigin(strings.TrimSpace(s))
	return folded
}

// foldWithOrigin folds s character by character and tells for each byte of the
// result (and its end) where it came from.
func foldWithOrigin(s string) (string, []int) {
	var b strings.Builder
	origin := make([]int, 0, len(s)+1)
	for i, r := range s {
		f := searchable(fold(string(r)), isPaired(r))
		b.WriteString(f)
		for range len(f) {
			origin = append(origin, i)
		}
	}
	return b.String(), append(origin, len(s))
}

package conversation

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// pointPhone is the kind of point of telephone numbers.
const pointPhone = "phone"

// telephone brings a number into the form in which it is kept: "+819012345678". One
// that begins with a single 0 is taken for a Japanese one.
func telephone(s string) (string, bool) {
	s = strings.TrimSpace(hyphens().Replace(norm.NFKC.String(s)))
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	international := strings.HasPrefix(s, "+")
	if !international && strings.HasPrefix(digits, "0") {
		digits = "81" + digits[1:]
	}
	ok := len(digits) >= 7 && len(digits) <= 15 && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("+0123456789-() .", r) })
	return "+" + digits, ok && (international || len(digits) >= 9)
}

// Package phone brings telephone numbers into one form.
package phone

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The lengths of numbers with their country, in digits (ITU-T E.164).
const (
	least = 7
	most  = 15
)

// E164 returns a number as it is kept and compared: "+819012345678". One that is
// written without a country and begins with a single 0 is of home, such as "81";
// without a home it is no number. The 0 that some write after the country, as in
// "+81 (0)90 …", is left out. false: that is no telephone number.
func E164(written, home string) (string, bool) {
	s := strings.TrimSpace(norm.NFKC.String(written))
	s = strings.NewReplacer("ー", "-", "−", "-", "‐", "-", "–", "-").Replace(s)
	international := strings.HasPrefix(s, "+")
	if international {
		s = strings.Replace(s, "(0)", "", 1)
	}
	var digits strings.Builder
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+' && i == 0, strings.ContainsRune("-() ./", r):
		default:
			return "", false
		}
	}
	d := digits.String()
	if !international {
		local, ok := strings.CutPrefix(d, "0")
		if !ok || home == "" || strings.HasPrefix(local, "0") {
			return "", false
		}
		d = home + local
	}
	return "+" + d, len(d) >= least && len(d) <= most && !strings.HasPrefix(d, "0")
}

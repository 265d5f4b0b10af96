package contact

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Class is what a telephone number says of its cost to the caller.
type Class string

// The classes of Japanese numbers, after the numbering plan of the Ministry of
// Internal Affairs and Communications, and Abroad for all others.
const (
	Free     Class = "free"     // 0120 and 0800: the company pays
	Navi     Class = "navi"     // 0570: the caller pays, flat rates do not cover it
	IP       Class = "ip"       // 050
	Mobile   Class = "mobile"   // 070, 080, 090
	Landline Class = "landline" // all other numbers of Japan
	Abroad   Class = "abroad"
)

// Digits brings a number as people write it into digits, with a "+" in front if
// it was written with one.
func Digits(number string) string {
	var b strings.Builder
	for i, r := range strings.TrimSpace(norm.NFKC.String(number)) {
		if r >= '0' && r <= '9' || r == '+' && i == 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Classify returns the class of a number. One that does not begin with 0 or +81 is
// from abroad.
func Classify(number string) Class {
	d := Digits(number)
	if rest, ok := strings.CutPrefix(d, "+81"); ok {
		d = "0" + strings.TrimPrefix(rest, "0")
	}
	begins := func(prefix string, length int) bool { return strings.HasPrefix(d, prefix) && len(d) == length }
	switch {
	case begins("0120", 10), begins("0800", 11):
		return Free
	case begins("0570", 10):
		return Navi
	case begins("050", 11):
		return IP
	case begins("070", 11), begins("080", 11), begins("090", 11):
		return Mobile
	case strings.HasPrefix(d, "0"):
		return Landline
	}
	return Abroad
}

// Dial is the number in the form of a tel: link. Numbers that only work inside
// Japan stay as they are.
func Dial(number string) string {
	d := Digits(number)
	if rest, ok := strings.CutPrefix(d, "+81"); ok {
		d = "0" + strings.TrimPrefix(rest, "0") // "+81 (0)3 …"
	}
	switch Classify(number) {
	case Free, Navi, Abroad:
		return d
	}
	return "+81" + strings.TrimPrefix(d, "0")
}

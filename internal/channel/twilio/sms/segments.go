package sms

import (
	"strings"
	"unicode/utf16"
)

// Units that fit into a segment, alone and as part of a longer message.
const (
	gsmAlone, gsmPart   = 160, 153 // septets
	wideAlone, widePart = 70, 67   // UTF-16 units
)

// gsm is the alphabet of text messages in which a character takes one septet,
// and gsmDouble those that take two (GSM 03.38).
const (
	gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmDouble = "^{}\\[~]|€\f"
)

// Size is what a text costs: it is billed by segments.
type Size struct {
	Segments int
	Units    int  // used: septets, or UTF-16 units if Wide
	Room     int  // units that fit into as many segments
	Wide     bool // a character outside the GSM alphabet makes all of them 16 bits wide
}

// Measure counts the segments of a text.
func Measure(text string) Size {
	septets, wide := 0, false
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm, r):
			septets++
		case strings.ContainsRune(gsmDouble, r):
			septets += 2
		default:
			wide = true
		}
	}
	if !wide {
		return size(septets, gsmAlone, gsmPart, cost(text, func(r rune) int {
			if strings.ContainsRune(gsmDouble, r) {
				return 2
			}
			return 1
		}))
	}
	units := len(utf16.Encode([]rune(text)))
	s := size(units, wideAlone, widePart, cost(text, func(r rune) int { return max(utf16.RuneLen(r), 1) }))
	s.Wide = true
	return s
}

// cost is what each character takes, in order.
func cost(text string, of func(rune) int) (out []int) {
	for _, r := range text {
		out = append(out, of(r))
	}
	return out
}

// size fills segments; no character is cut in two.
func size(units, alone, part int, chars []int) Size {
	if units == 0 {
		return Size{Room: alone}
	}
	if units <= alone {
		return Size{Segments: 1, Units: units, Room: alone}
	}
	s := Size{Segments: 1, Units: units}
	used := 0
	for _, n := range chars {
		if used+n > part {
			s.Segments, used = s.Segments+1, 0
		}
		used += n
	}
	s.Room = s.Segments * part
	return s
}

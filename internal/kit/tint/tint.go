// Package tint reckons with colours that somebody else chose: whether words in
// one can be read on another, and which shade of a brand's colour can.
//
// Contrast is that of WCAG 2.2 (relative luminance, 1 to 21). Shades keep hue
// and chroma and move lightness only, in OKLab, where equal steps look equal.
package tint

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Contrasts that WCAG 2.2 asks for at level AA.
const (
	ForText  = 4.5 // 1.4.3: words
	ForShape = 3.0 // 1.4.11: borders and marks
)

// Color is a colour in sRGB.
type Color struct{ R, G, B uint8 }

// Parse reads "#rrggbb" or "#rgb"; false if s is neither.
func Parse(s string) (Color, bool) {
	digits, ok := strings.CutPrefix(strings.TrimSpace(s), "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	if !ok || len(digits) != 6 {
		return Color{}, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return Color{}, false
	}
	return Color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// Or is Parse with another colour for what cannot be read.
func Or(s string, other Color) Color {
	if c, ok := Parse(s); ok {
		return c
	}
	return other
}

// String returns the colour as "#rrggbb".
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast returns WCAG's contrast ratio of two colours, 1 (the same) to 21.
func Contrast(a, b Color) float64 {
	la, lb := a.luminance(), b.luminance()
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// Ink returns the colour for words on c: white where it reaches ForText, else
// black, which then does.
func (c Color) Ink() Color {
	if white := (Color{255, 255, 255}); Contrast(c, white) >= ForText {
		return white
	}
	return Color{}
}

// Against returns the shade of c nearest to it in lightness whose contrast on
// ground is at least ratio. If no shade reaches it, the result is the one that
// comes nearest: black or white.
func (c Color) Against(ground Color, ratio float64) Color {
	if Contrast(c, ground) >= ratio {
		return c
	}
	darker := ground.luminance() > middle
	base := toLab(c)
	best := c
	for step := 1; step <= steps; step++ {
		next := base
		if darker {
			next.l = base.l * (1 - float64(step)/steps)
		} else {
			next.l = base.l + (1-base.l)*float64(step)/steps
		}
		best = next.color()
		if Contrast(best, ground) >= ratio {
			return best
		}
	}
	return best
}

const (
	steps  = 200
	middle = 0.18 // of luminance: as far from black as from white, in contrast
)

func (c Color) luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

func gamma(x float64) uint8 {
	x = math.Min(math.Max(x, 0), 1)
	if x <= 0.0031308 {
		x *= 12.92
	} else {
		x = 1.055*math.Pow(x, 1/2.4) - 0.055
	}
	return uint8(math.Round(x * 255))
}

// lab is a colour in OKLab (Ottosson 2020).
type lab struct{ l, a, b float64 }

func toLab(c Color) lab {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return lab{
		l: 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		a: 1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		b: 0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func (x lab) color() Color {
	cube := func(v float64) float64 { return v * v * v }
	l := cube(x.l + 0.3963377774*x.a + 0.2158037573*x.b)
	m := cube(x.l - 0.1055613458*x.a - 0.0638541728*x.b)
	s := cube(x.l - 0.0894841775*x.a - 1.2914855480*x.b)
	return Color{
		R: gamma(+4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		G: gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		B: gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

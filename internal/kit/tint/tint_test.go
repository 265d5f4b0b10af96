package tint_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/tint"
)

func TestParse(t *testing.T) {
	for _, x := range []struct {
		in, want string
		ok       bool
	}{
		{"#ff8800", "#ff8800", true}, {" #F80 ", "#ff8800", true},
		{"ff8800", "#000000", false}, {"#ff88", "#000000", false}, {"#gggggg", "#000000", false}, {"", "#000000", false},
		{"red;}body{", "#000000", false},
	} {
		c, ok := tint.Parse(x.in)
		if ok != x.ok || c.String() != x.want {
			t.Errorf("Parse(%q) = %s, %v", x.in, c, ok)
		}
	}
}

// The published examples of WCAG's definition.
func TestContrast(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.478}, {"#767676", "#ffffff", 4.542}, {"#ff0000", "#ffffff", 3.998}, {"#123456", "#123456", 1},
	} {
		a, _ := tint.Parse(x.a)
		b, _ := tint.Parse(x.b)
		if got := tint.Contrast(a, b); math.Abs(got-x.want) > 0.001 {
			t.Errorf("contrast of %s and %s: %.4f, want %.3f", x.a, x.b, got, x.want)
		}
		if tint.Contrast(a, b) != tint.Contrast(b, a) {
			t.Errorf("contrast of %s and %s is not symmetric", x.a, x.b)
		}
	}
}

// Whatever colour a brand chooses, words and marks in it can be read.
func TestAnyBrandColourCanBeRead(t *testing.T) {
	grounds := []tint.Color{{R: 255, G: 255, B: 255}, {R: 0x16, G: 0x18, B: 0x1d}}
	rapid.Check(t, func(t *rapid.T) {
		c := tint.Color{R: rapid.Byte().Draw(t, "r"), G: rapid.Byte().Draw(t, "g"), B: rapid.Byte().Draw(t, "b")}
		for _, ground := range grounds {
			shade := c.Against(ground, tint.ForText)
			if got := tint.Contrast(shade, ground); got < tint.ForText {
				t.Fatalf("%s on %s became %s with contrast %.2f", c, ground, shade, got)
			}
			for _, under := range []tint.Color{c, shade} {
				if got := tint.Contrast(under, under.Ink()); got < tint.ForText {
					t.Fatalf("ink on %s has contrast %.2f", under, got)
				}
			}
			if tint.Contrast(c, ground) >= tint.ForText && shade != c {
				t.Fatalf("%s was readable on %s and became %s", c, ground, shade)
			}
		}
	})
}

package label

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"rsc.io/qr"
)

// Quiet is how many modules around a code stay white.
const Quiet = 4

// Code is a QR code.
type Code struct{ c *qr.Code }

// Encode makes a code of a text; an error if it is too long for one.
func Encode(text string) (Code, error) {
	best, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, err
	}
	for _, level := range []qr.Level{qr.H, qr.Q} {
		if c, err := qr.Encode(text, level); err == nil && c.Size == best.Size {
			return Code{c}, nil
		}
	}
	return Code{best}, nil
}

// Size is how many modules wide a code is, its quiet zone included.
func (c Code) Size() int { return c.c.Size + 2*Quiet }

// Black reports whether a module is; x and y count from the quiet zone's corner.
func (c Code) Black(x, y int) bool { return c.c.Black(x-Quiet, y-Quiet) }

// run is a stretch of black modules in a row.
type run struct{ x, y, n int }

// runs are the black modules, by rows: adjoining ones are one shape, so that no
// printer leaves a hair of white between them.
func (c Code) runs() []run {
	var out []run
	for y := range c.Size() {
		for x := 0; x < c.Size(); x++ {
			if !c.Black(x, y) {
				continue
			}
			start := x
			for c.Black(x, y) {
				x++
			}
			out = append(out, run{start, y, x - start})
		}
	}
	return out
}

// SVG draws a code as a vector image that scales to any size; title is what is
// read to who does not see it.
func (c Code) SVG(title string) []byte {
	var b bytes.Buffer
	n := c.Size()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%dmm" height="%dmm" shape-rendering="crispEdges" role="img">`, n, n, n, n)
	fmt.Fprintf(&b, `<title>%s</title><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title), n, n)
	for _, r := range c.runs() {
		fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", r.x, r.y, r.n, r.n)
	}
	b.WriteString("\"/></svg>\n")
	return b.Bytes()
}

// PNG draws a code as an image of a width in pixels; whole modules only, so that
// it stays sharp, and white around them.
func (c Code) PNG(width int) ([]byte, error) {
	module := width / c.Size()
	if module < 1 {
		return nil, fmt.Errorf("label: %d pixels are too few for %d modules", width, c.Size())
	}
	img := image.NewPaletted(image.Rect(0, 0, width, width), color.Palette{color.White, color.Black})
	from := (width - module*c.Size()) / 2
	for y := range width {
		for x := range width {
			if mx, my := x-from, y-from; mx >= 0 && my >= 0 && c.Black(mx/module, my/module) {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // a decoder of image.Decode
	"io"
)

// Limits of a preview.
const (
	MaxSource = 20 << 20   // bytes that are read
	maxPixels = 50_000_000 // of the source: it is unfolded in memory
	side      = 512        // pixels, the longer side of a preview
	samples   = 4          // a side, of the source for each pixel
	quality   = 82         // of JPEG: a preview has some 50 kB
)

// ErrNoPicture says that something is no picture that can be read, or too large a
// one.
var ErrNoPicture = errors.New("not a picture of a size that can be read")

// Preview reads a JPEG or PNG and returns it as a JPEG whose longer side has at
// most 512 pixels, the way up that its camera noted, on white where it was
// transparent.
func Preview(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSource+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxSource {
		return nil, fmt.Errorf("%w: more than %d MB", ErrNoPicture, MaxSource>>20)
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPicture, err)
	}
	if size.Width <= 0 || size.Height <= 0 || size.Width > maxPixels/size.Height {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrNoPicture, size.Width, size.Height)
	}
	whole, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPicture, err)
	}
	return encode(shrink(turned{whole, orientation(b)}))
}

func encode(m image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// shrink makes a picture fit. Each pixel is the mean of some in its place.
func shrink(src image.Image) image.Image {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	ow, oh := fit(w, h)
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			out.SetRGBA(x, y, mean(src, image.Rect(x*w/ow, y*h/oh, max((x+1)*w/ow, x*w/ow+1), max((y+1)*h/oh, y*h/oh+1))))
		}
	}
	return out
}

// fit returns the size of a preview; nothing is made larger.
func fit(w, h int) (int, int) {
	longer := max(w, h)
	if longer <= side {
		return w, h
	}
	return max(w*side/longer, 1), max(h*side/longer, 1)
}

// mean looks at a grid of pixels in a rectangle, on white.
func mean(src image.Image, in image.Rectangle) color.RGBA {
	nx, ny := min(in.Dx(), samples), min(in.Dy(), samples)
	var r, g, b uint32
	for j := range ny {
		for i := range nx {
			cr, cg, cb, ca := src.At(in.Min.X+in.Dx()*i/nx, in.Min.Y+in.Dy()*j/ny).RGBA()
			white := 0xffff - ca
			r, g, b = r+(cr+white)>>8, g+(cg+white)>>8, b+(cb+white)>>8
		}
	}
	n := uint32(nx * ny)
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 0xff}
}

// Film returns a picture that stands for a film: nobody here looks into one.
func Film() ([]byte, error) {
	const w, h = 480, 270
	ground, sign := color.RGBA{0x2b, 0x2a, 0x28, 0xff}, color.RGBA{0xf4, 0xef, 0xe6, 0xff}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := ground
			dx, dy := x-(w/2-28), y-h/2
			if dy < 0 {
				dy = -dy
			}
			if dx >= 0 && dx*50+dy*88 <= 50*88 { // a triangle that points to the right
				c = sign
			}
			m.SetRGBA(x, y, c)
		}
	}
	return encode(m)
}

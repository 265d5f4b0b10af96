package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/picture"
)

// quarters is red, green, blue and transparent or white, clockwise from the top
// left.
func quarters(w, h int, last color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			switch {
			case x < w/2 && y < h/2:
				m.Set(x, y, color.NRGBA{0xff, 0, 0, 0xff})
			case y < h/2:
				m.Set(x, y, color.NRGBA{0, 0xff, 0, 0xff})
			case x >= w/2:
				m.Set(x, y, color.NRGBA{0, 0, 0xff, 0xff})
			default:
				m.Set(x, y, last)
			}
		}
	}
	return m
}

// look returns the colours of the four quarters, clockwise from the top left.
func look(m image.Image) string {
	out := ""
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	for _, at := range []image.Point{{w / 4, h / 4}, {w * 3 / 4, h / 4}, {w * 3 / 4, h * 3 / 4}, {w / 4, h * 3 / 4}} {
		r, g, b, _ := m.At(at.X, at.Y).RGBA()
		switch {
		case r > 0xc000 && g > 0xc000 && b > 0xc000:
			out += "w"
		case r > g && r > b:
			out += "r"
		case g > b:
			out += "g"
		default:
			out += "b"
		}
	}
	return out
}

func preview(t *testing.T, b []byte) image.Image {
	t.Helper()
	small, err := picture.Preview(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	m, format, err := image.Decode(bytes.NewReader(small))
	if err != nil || format != "jpeg" || len(small) > 1<<20 {
		t.Fatal(err, format, len(small))
	}
	return m
}

func TestPreview(t *testing.T) {
	for size, want := range map[image.Point]image.Point{{2000, 1000}: {512, 256}, {1000, 2000}: {256, 512}, {40, 20}: {40, 20}, {3000, 2}: {512, 1}} {
		var b bytes.Buffer
		if err := png.Encode(&b, quarters(size.X, size.Y, color.NRGBA{})); err != nil {
			t.Fatal(err)
		}
		m := preview(t, b.Bytes())
		if m.Bounds().Size() != want || size.Y > 2 && look(m) != "rgbw" {
			t.Errorf("%v: %v %s", size, m.Bounds(), look(m))
		}
	}
}

var white = color.NRGBA{0xff, 0xff, 0xff, 0xff}

type endian interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// noted puts an orientation into the head of a JPEG.
func noted(b []byte, how uint16, order endian, mark string) []byte {
	notes := append([]byte("Exif\x00\x00"+mark), order.AppendUint16(nil, 42)...)
	notes = order.AppendUint32(notes, 8)
	notes = order.AppendUint16(notes, 2)
	notes = append(notes, make([]byte, 12)...)
	notes = order.AppendUint16(notes, 0x0112)
	notes = order.AppendUint16(notes, 3)
	notes = order.AppendUint32(notes, 1)
	notes = order.AppendUint16(notes, how)
	notes = append(notes, 0, 0)
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(notes)+2))...)
	return append(append(head, notes...), b[2:]...)
}

func TestTheWayUp(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, quarters(800, 400, white), nil); err != nil {
		t.Fatal(err)
	}
	for how, want := range map[uint16]string{0: "rgbw", 1: "rgbw", 2: "grwb", 3: "bwrg", 4: "wbgr", 5: "rwbg", 6: "wrgb", 7: "bgrw", 8: "gbwr", 9: "rgbw"} {
		for mark, order := range map[string]endian{"II": binary.LittleEndian, "MM": binary.BigEndian} {
			m := preview(t, noted(b.Bytes(), how, order, mark))
			upright := m.Bounds().Dx() < m.Bounds().Dy()
			if look(m) != want || upright != (how >= 5 && how <= 8) {
				t.Errorf("%d %s: %s, want %s, %v", how, mark, look(m), want, m.Bounds())
			}
		}
	}
}

func TestNoPicture(t *testing.T) {
	huge := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00"
	for name, b := range map[string]string{"nothing": "", "words": "hello", "huge": huge + "\x00\x00\x00\x00", "long": strings.Repeat("x", picture.MaxSource+1)} {
		if _, err := picture.Preview(strings.NewReader(b)); !errors.Is(err, picture.ErrNoPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilm(t *testing.T) {
	b, err := picture.Film()
	if err != nil || len(b) > 1<<17 {
		t.Fatal(err, len(b))
	}
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	inside, _, _, _ := m.At(235, 135).RGBA()
	outside, _, _, _ := m.At(100, 50).RGBA()
	if inside < 0xc000 || outside > 0x4000 {
		t.Errorf("%x %x", inside, outside)
	}
}

func FuzzPreview(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, quarters(8, 4, white), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(noted(b.Bytes(), 6, binary.LittleEndian, "II"))
	f.Add(b.Bytes()[:40])
	f.Fuzz(func(t *testing.T, b []byte) {
		if size, _, err := image.DecodeConfig(bytes.NewReader(b)); err == nil && size.Width*size.Height > 1<<20 {
			t.Skip("a picture of more than a million points takes the fuzzer too long")
		}
		out, err := picture.Preview(bytes.NewReader(b))
		if (err == nil) == (out == nil) {
			t.Errorf("%d bytes, %v", len(out), err)
		}
	})
}

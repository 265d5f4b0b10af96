package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
)

// turned is a picture the way up that its camera noted, in EXIF's numbers: 1 as
// it is, 3 on its head, 6 and 8 on its sides, the others mirrored.
type turned struct {
	image.Image
	how int
}

// Bounds implements image.Image.
func (t turned) Bounds() image.Rectangle {
	b := t.Image.Bounds()
	if t.how >= 5 {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// At implements image.Image.
func (t turned) At(x, y int) color.Color {
	b := t.Image.Bounds()
	right, bottom := b.Dx()-1, b.Dy()-1
	switch t.how {
	case 2:
		x = right - x
	case 3:
		x, y = right-x, bottom-y
	case 4:
		y = bottom - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, bottom-x
	case 7:
		x, y = right-y, bottom-x
	case 8:
		x, y = right-y, x
	}
	return t.Image.At(b.Min.X+x, b.Min.Y+y)
}

const (
	orientationTag = 0x0112
	maxSegments    = 64 // of a JPEG's head, and fields of its notes, that are looked at
)

// orientation finds the note in a JPEG's head; 1 where there is none.
func orientation(b []byte) int {
	if !bytes.HasPrefix(b, []byte{0xff, 0xd8}) {
		return 1
	}
	at := 2
	for range maxSegments {
		if at+4 > len(b) || b[at] != 0xff {
			return 1
		}
		end := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		if end > len(b) {
			return 1
		}
		if notes, ok := bytes.CutPrefix(b[at+4:max(end, at+4)], []byte("Exif\x00\x00")); ok && b[at+1] == 0xe1 {
			return noted(notes)
		}
		at = end
	}
	return 1
}

// noted reads the orientation in a TIFF directory.
func noted(b []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(b, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(b) < 8 {
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	n := min(int(order.Uint16(b[at:])), maxSegments)
	for i := range n {
		field := at + 2 + uint64(i)*12
		if field+12 > uint64(len(b)) {
			return 1
		}
		if order.Uint16(b[field:]) == orientationTag {
			if how := int(order.Uint16(b[field+8:])); how >= 1 && how <= 8 {
				return how
			}
			return 1
		}
	}
	return 1
}

package line

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

func box(kind string, content ...byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(content)+8)), kind...), content...)
}

func header(version byte, scale uint32, units uint64) []byte {
	b := []byte{version, 0, 0, 0}
	if version == 1 {
		b = binary.BigEndian.AppendUint32(append(b, make([]byte, 16)...), scale)
		return box("mvhd", append(binary.BigEndian.AppendUint64(b, units), make([]byte, 80)...)...)
	}
	b = binary.BigEndian.AppendUint32(append(b, make([]byte, 8)...), scale)
	return box("mvhd", append(binary.BigEndian.AppendUint32(b, uint32(units)), make([]byte, 80)...)...)
}

func TestLength(t *testing.T) {
	large := append([]byte{0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 20}, 1, 2, 3, 4)
	short := box("moov", header(0, 44100, 44100*3/2)...)
	for name, c := range map[string]struct {
		file []byte
		want time.Duration
	}{
		"header first":  {append(box("ftyp", 1, 2, 3, 4), short...), 1500 * time.Millisecond},
		"header last":   {append(append(box("ftyp"), large...), short...), 1500 * time.Millisecond},
		"long times":    {box("moov", header(1, 1000, 61_000)...), 61 * time.Second},
		"no scale":      {box("moov", header(0, 0, 5)...), 0},
		"no length":     {box("moov", header(0, 1000, 0)...), 0},
		"for ever":      {box("moov", header(1, 1, 1<<60)...), 0},
		"cut":           {short[:30], 0},
		"nothing":       {nil, 0},
		"no film":       {box("ftyp", 1, 2), 0},
		"words":         {[]byte("not a recording at all"), 0},
		"negative size": {[]byte{0, 0, 0, 1, 'm', 'd', 'a', 't', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0},
	} {
		got, err := inBoxes(bytes.NewReader(c.file))
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func FuzzLength(f *testing.F) {
	f.Add(box("moov", header(0, 44100, 44100)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := inBoxes(bytes.NewReader(b)); err == nil && (d < 0 || d > longest+time.Second) {
			t.Errorf("plays for %s", d)
		}
	})
}

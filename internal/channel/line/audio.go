package line

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

const (
	maxAudio = 200 << 20 // bytes
	maxBoxes = 1000      // of a file that are looked at
	longest  = 24 * time.Hour
)

// errNoLength says that a file does not tell how long it plays.
var errNoLength = errors.New("the length of a recording is not known")

// length returns how long an M4A plays, which LINE wants to be told.
func length(ctx context.Context, p channel.OutgoingPart) (time.Duration, error) {
	r, err := p.Open(ctx)
	if err != nil {
		return 0, err
	}
	d, err := inBoxes(io.LimitReader(r, maxAudio))
	return d, errors.Join(err, r.Close())
}

// inBoxes walks through the boxes of an MP4 file to the header of its film, moov
// and in it mvhd, wherever that stands (ISO/IEC 14496-12).
func inBoxes(r io.Reader) (time.Duration, error) {
	for range maxBoxes {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return 0, errNoLength
		}
		size, kind := int64(binary.BigEndian.Uint32(head[:]))-8, string(head[4:])
		if size == 1-8 { // the size did not fit and follows
			if _, err := io.ReadFull(r, head[:]); err != nil {
				return 0, errNoLength
			}
			size = int64(binary.BigEndian.Uint64(head[:])) - 16
		}
		switch {
		case kind == "moov":
			continue // its boxes are what comes next
		case kind == "mvhd":
			return inHeader(io.LimitReader(r, max(size, 0)))
		case size < 0:
			return 0, errNoLength
		}
		if n, err := io.CopyN(io.Discard, r, size); err != nil || n < size {
			return 0, errNoLength
		}
	}
	return 0, errNoLength
}

func inHeader(r io.Reader) (time.Duration, error) {
	b, err := io.ReadAll(r)
	if err != nil || len(b) < 20 {
		return 0, errNoLength
	}
	scale, units := binary.BigEndian.Uint32(b[12:]), uint64(binary.BigEndian.Uint32(b[16:]))
	if b[0] == 1 { // times of 64 bits
		if len(b) < 32 {
			return 0, errNoLength
		}
		scale, units = binary.BigEndian.Uint32(b[20:]), binary.BigEndian.Uint64(b[24:])
	}
	if scale == 0 || units == 0 || units/uint64(scale) > uint64(longest/time.Second) {
		return 0, errNoLength
	}
	return time.Duration(float64(units) / float64(scale) * float64(time.Second)), nil
}

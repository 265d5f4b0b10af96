package insight

import (
	"encoding/binary"
	"errors"
	"slices"
)

// A stored tally: a version, the scores, then each kind of waiting as its number
// and either the sorted values as differences or the two sketches. All numbers
// are varints. The scores stand first, as much of what is read is read for them.
const tallyVersion = 1

var errTally = errors.New("insight: a stored day cannot be read")

func (t *tally) encode() []byte {
	b := []byte{tallyVersion}
	for _, n := range t.scores {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for i := range t.waits {
		w := &t.waits[i]
		b = binary.AppendUvarint(b, uint64(w.n))
		if w.n > dayExact {
			for j := range w.sketches {
				b = w.sketches[j].AppendBinary(b)
			}
			continue
		}
		for _, values := range [][]int64{w.clock, w.business} {
			last := int64(0)
			for _, v := range slices.Sorted(slices.Values(values)) {
				b = binary.AppendUvarint(b, uint64(v-last))
				last = v
			}
		}
	}
	return b
}

// decode reads a stored tally; of one that is wanted for its scores no more.
func decode(b []byte, waits bool) (*tally, error) {
	t := &tally{}
	if len(b) == 0 || b[0] != tallyVersion {
		return nil, errTally
	}
	d := decoder{rest: b[1:]}
	for i := range t.scores {
		t.scores[i] = int(d.number())
	}
	for i := range t.waits {
		if !waits {
			break
		}
		w := &t.waits[i]
		w.n = int(d.number())
		if w.n > dayExact {
			for j := range w.sketches {
				d.sketch(&w.sketches[j])
			}
			continue
		}
		w.clock, w.business = d.values(w.n), d.values(w.n)
	}
	if d.bad {
		return nil, errTally
	}
	return t, nil
}

type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) number() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) values(n int) []int64 {
	if n > len(d.rest) {
		d.bad = true
		return nil
	}
	out, last := make([]int64, n), int64(0)
	for i := range out {
		last += int64(d.number())
		out[i] = last
	}
	return out
}

func (d *decoder) sketch(s interface {
	DecodeBinary([]byte) ([]byte, error)
}) {
	rest, err := s.DecodeBinary(d.rest)
	d.rest, d.bad = rest, d.bad || err != nil
}

package stat

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// SketchError is the relative error of every quantile a [Sketch] gives.
const SketchError = 0.01

const (
	sketchGamma = (1 + SketchError) / (1 - SketchError)
	sketchTiny  = 1e-9 // values below count as zero
	// All numbers above sketchTiny fall in buckets between these.
	sketchLow, sketchHigh = -1_040, 35_600
)

// Sketch keeps the distribution of non-negative values in buckets of growing
// width, so that any quantile can be had later within [SketchError] of the
// true value, and sketches of an hour can be merged into those of a day
// without loss. Percentiles themselves must never be averaged.
// The zero value is empty and ready; it is not safe for concurrent use.
// Source: Masson, Rim and Lee, DDSketch, PVLDB 12 (2019).
type Sketch struct {
	bins     []uint64 // bins[k−low] counts values in (γ^(k−1), γ^k]
	low      int
	zero     uint64
	count    uint64
	sum      float64
	min, max float64
}

// ErrSketchValue reports a value a [Sketch] cannot hold: negative or not finite.
var ErrSketchValue = errors.New("stat: a sketch holds finite values of zero and more")

// Add counts one value.
func (s *Sketch) Add(x float64) error {
	if !(x >= 0) || math.IsInf(x, 0) {
		return fmt.Errorf("%w, not %v", ErrSketchValue, x)
	}
	if s.count == 0 {
		s.min, s.max = x, x
	}
	s.min, s.max = min(s.min, x), max(s.max, x)
	s.count++
	s.sum += x
	if x < sketchTiny {
		s.zero++
		return nil
	}
	s.put(int(math.Ceil(math.Log(x)/math.Log(sketchGamma))), 1)
	return nil
}

// put counts n values in bucket k.
func (s *Sketch) put(k int, n uint64) {
	switch {
	case len(s.bins) == 0:
		s.low, s.bins = k, append(s.bins[:0], 0)
	case k < s.low:
		s.bins = append(make([]uint64, s.low-k, s.low-k+len(s.bins)), s.bins...)
		s.low = k
	case k >= s.low+len(s.bins):
		s.bins = append(s.bins, make([]uint64, k-s.low-len(s.bins)+1)...)
	}
	s.bins[k-s.low] += n
}

// Merge adds the values of o; the result is the sketch of both sets.
func (s *Sketch) Merge(o *Sketch) {
	if o == nil || o.count == 0 {
		return
	}
	if s.count == 0 {
		s.min, s.max = o.min, o.max
	}
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	s.count += o.count
	s.zero += o.zero
	s.sum += o.sum
	if len(o.bins) == 0 {
		return
	}
	s.put(o.low, 0)
	s.put(o.low+len(o.bins)-1, 0)
	for i, n := range o.bins {
		s.bins[o.low-s.low+i] += n
	}
}

// N returns the number of values.
func (s *Sketch) N() int { return int(s.count) }

// Mean returns the arithmetic mean, and false when the sketch is empty.
func (s *Sketch) Mean() (float64, bool) {
	if s.count == 0 {
		return 0, false
	}
	return s.sum / float64(s.count), true
}

// Quantile returns a value within [SketchError] of the one at rank
// ⌊q·(n−1)⌋, counted from 0; ok is false when the sketch is empty.
// It panics on a q outside [0,1].
func (s *Sketch) Quantile(q float64) (value float64, ok bool) {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("stat: quantile %v is not between 0 and 1", q))
	}
	if s.count == 0 {
		return 0, false
	}
	rank := uint64(q * float64(s.count-1))
	if rank < s.zero {
		return s.min, true
	}
	seen := s.zero
	for i, n := range s.bins {
		seen += n
		if rank < seen {
			mid := 2 * math.Pow(sketchGamma, float64(s.low+i)) / (sketchGamma + 1)
			return min(max(mid, s.min), s.max), true
		}
	}
	return s.max, true
}

// sketchJSON is the stored form; bins are [bucket, count] pairs by bucket.
type sketchJSON struct {
	Error float64    `json:"error"`
	Zero  uint64     `json:"zero,omitempty"`
	Sum   float64    `json:"sum"`
	Min   float64    `json:"min"`
	Max   float64    `json:"max"`
	Bins  [][2]int64 `json:"bins"`
}

// MarshalJSON writes the sketch for a roll-up table.
func (s *Sketch) MarshalJSON() ([]byte, error) {
	j := sketchJSON{Error: SketchError, Zero: s.zero, Sum: s.sum, Min: s.min, Max: s.max, Bins: [][2]int64{}}
	for i, n := range s.bins {
		if n > 0 {
			j.Bins = append(j.Bins, [2]int64{int64(s.low + i), int64(n)})
		}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. A sketch of another error or
// with impossible counts is refused.
func (s *Sketch) UnmarshalJSON(b []byte) error {
	var j sketchJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("stat: sketch: %w", err)
	}
	if j.Error != SketchError {
		return fmt.Errorf("stat: sketch has error %v, not %v", j.Error, SketchError)
	}
	if j.Min < 0 || j.Max < j.Min || j.Sum < 0 {
		return fmt.Errorf("stat: sketch from %v to %v with sum %v", j.Min, j.Max, j.Sum)
	}
	n := Sketch{zero: j.Zero, count: j.Zero, sum: j.Sum, min: j.Min, max: j.Max}
	for _, b := range j.Bins {
		if b[1] <= 0 || b[0] < sketchLow || b[0] > sketchHigh {
			return fmt.Errorf("stat: sketch bucket %d counts %d", b[0], b[1])
		}
		n.put(int(b[0]), uint64(b[1]))
		n.count += uint64(b[1])
	}
	*s = n
	return nil
}

// AppendBinary adds a short form of the sketch to b, for roll-ups of which a
// report reads very many.
func (s *Sketch) AppendBinary(b []byte) []byte {
	for _, x := range []float64{s.sum, s.min, s.max} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	b = binary.AppendUvarint(b, s.zero)
	b = binary.AppendVarint(b, int64(s.low))
	b = binary.AppendUvarint(b, uint64(len(s.bins)))
	for _, n := range s.bins {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

var errSketchForm = errors.New("stat: not a sketch")

// DecodeBinary reads what AppendBinary wrote and returns what stands behind it.
func (s *Sketch) DecodeBinary(b []byte) ([]byte, error) {
	const head = 24
	if len(b) < head {
		return nil, errSketchForm
	}
	var n Sketch
	for i, x := range []*float64{&n.sum, &n.min, &n.max} {
		*x = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	b = b[head:]
	var bad bool
	next := func() uint64 {
		v, size := binary.Uvarint(b)
		if size <= 0 {
			bad = true
			return 0
		}
		b = b[size:]
		return v
	}
	n.zero = next()
	low, size := binary.Varint(b)
	if bad || size <= 0 {
		return nil, errSketchForm
	}
	b = b[size:]
	length := next()
	if bad || length > uint64(len(b)) || low < sketchLow || low+int64(length) > sketchHigh+1 {
		return nil, errSketchForm
	}
	n.low, n.count, n.bins = int(low), n.zero, make([]uint64, length)
	for i := range n.bins {
		n.bins[i] = next()
		n.count += n.bins[i]
	}
	if bad {
		return nil, errSketchForm
	}
	*s = n
	return b, nil
}

package stat

import (
	"fmt"
	"math"
	"slices"
)

// Method says between which ranks a percentile is read, by the numbers of
// Hyndman and Fan (1996).
type Method int

// The two methods in use: 6 is that of NIST, Minitab and SPSS, 7 that of R,
// Excel and NumPy.
const (
	Type6 Method = 6 // rank q·(n+1)
	Type7 Method = 7 // rank q·(n−1)+1
)

// Percentile returns the q-quantile (q from 0 to 1) of xs, reading linearly
// between neighbours; below the first and above the last rank it stays at
// them. ok is false when xs is empty. xs is left unsorted. It panics on a q
// outside [0,1] or an unknown method.
func Percentile(xs []float64, q float64, m Method) (value float64, ok bool) {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("stat: quantile %v is not between 0 and 1", q))
	}
	if len(xs) == 0 {
		return 0, false
	}
	s := slices.Clone(xs)
	slices.Sort(s)
	n := float64(len(s))
	var rank float64
	switch m {
	case Type6:
		rank = q * (n + 1)
	case Type7:
		rank = q*(n-1) + 1
	default:
		panic(fmt.Sprintf("stat: unknown percentile method %d", m))
	}
	rank = min(max(rank, 1), n)
	whole, part := math.Modf(rank)
	i := int(whole) - 1
	if part == 0 || i+1 == len(s) {
		return s[i], true
	}
	return s[i] + part*(s[i+1]-s[i]), true
}

// Median returns the middle value, or the mean of the two middle ones.
func Median(xs []float64) (float64, bool) { return Percentile(xs, 0.5, Type7) }

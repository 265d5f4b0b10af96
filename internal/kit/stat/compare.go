package stat

import (
	"cmp"
	"fmt"
	"slices"
)

// BenjaminiHochberg returns the p-values adjusted for the false discovery
// rate, in the order given: q(i) = min over j ≥ i of p(j)·m/j over the sorted
// values, at most 1. Comparing many segments at once without it finds
// differences that are not there. A value outside [0,1] is an error.
// Source: Benjamini and Hochberg (1995), JRSS B 57:289.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return nil, fmt.Errorf("stat: p-value %d is %v", i, v)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	q := make([]float64, len(p))
	best := 1.0
	for j := len(order) - 1; j >= 0; j-- {
		// m/j first: it is at least 1, so no value can come out smaller than it went in.
		best = min(best, p[order[j]]*(float64(len(p))/float64(j+1)))
		q[order[j]] = best
	}
	return q, nil
}

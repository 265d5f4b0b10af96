package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Bar is one cause with its weight: a count, or a cost.
type Bar struct {
	Key    string  `json:"key"`
	Weight float64 `json:"weight"`
	Rest   bool    `json:"rest,omitempty"` // "other": always last, whatever its weight
}

// ParetoBar is a bar in its place. Shares are nil when all weights are 0.
type ParetoBar struct {
	Bar
	Share      *float64 `json:"share"`
	Cumulative *float64 `json:"cumulative"`
}

// Pareto sorts causes by falling weight (equal ones by key) and adds shares
// and cumulative shares. Bars marked Rest are joined into one that stands
// last; with keep > 0 every cause after the first keep joins it too, under
// restKey. A negative or non-finite weight is an error.
func Pareto(bars []Bar, keep int, restKey string) ([]ParetoBar, error) {
	rest := Bar{Key: restKey, Rest: true}
	var named []Bar
	found, total := false, 0.0
	for _, b := range bars {
		if b.Weight < 0 || math.IsNaN(b.Weight) || math.IsInf(b.Weight, 0) {
			return nil, fmt.Errorf("stat: cause %q has weight %v", b.Key, b.Weight)
		}
		total += b.Weight
		if b.Rest {
			rest.Weight, found = rest.Weight+b.Weight, true
			continue
		}
		named = append(named, b)
	}
	slices.SortStableFunc(named, func(a, b Bar) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Key, b.Key))
	})
	if keep > 0 && len(named) > keep {
		for _, b := range named[keep:] {
			rest.Weight += b.Weight
		}
		named, found = named[:keep], true
	}
	if found {
		named = append(named, rest)
	}
	return cumulate(named, total), nil
}

func cumulate(bars []Bar, total float64) []ParetoBar {
	out := make([]ParetoBar, len(bars))
	sum := 0.0
	for i, b := range bars {
		out[i].Bar = b
		sum += b.Weight
		if total > 0 {
			share, upTo := b.Weight/total, min(sum/total, 1)
			out[i].Share, out[i].Cumulative = &share, &upTo
		}
	}
	return out
}

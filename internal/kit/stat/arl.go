package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// AverageRunLength returns how many points pass on average until one of the
// rules signals, for independent normal values whose mean lies shift σ off the
// centre. With shift 0 it is the mean distance of false alarms. It is exact, by
// the Markov chain of Champ and Woodall (1987, Technometrics 29:393).
// [Anhoj] is judged once a phase and not point by point, so it is left out.
// Trend rules (Nelson 3 and 4) and unknown ones are an [UnknownRuleError];
// without any rule to count, the length is infinite.
func AverageRunLength(shift float64, rules ...Rule) (float64, error) {
	c := runChain{seen: map[string]int{}}
	for _, r := range rules {
		switch {
		case r == Anhoj:
		case r == Nelson3 || r == Nelson4 || !r.known():
			return 0, &UnknownRuleError{Rule: r}
		default:
			c.rules = append(c.rules, r)
		}
	}
	if len(c.rules) == 0 {
		return math.Inf(1), nil
	}
	c.build()
	return c.length(zoneShares(shift)), nil
}

// FalseAlarms returns how many signals a year to expect from a steady process
// charted perYear times a year; see [AverageRunLength].
func FalseAlarms(perYear float64, rules ...Rule) (float64, error) {
	arl, err := AverageRunLength(0, rules...)
	if err != nil {
		return 0, err
	}
	return perYear / arl, nil
}

// zones are representatives of the σ zones the rules tell apart, from below
// −3σ to above 3σ.
const zones = 8

func zoneValue(k int) float64 { return float64(k) - 3.5 }

// zoneShares returns the probability of each zone.
func zoneShares(shift float64) [zones]float64 {
	var p [zones]float64
	last := 0.0
	for k := range p {
		upTo := 1.0
		if k < zones-1 {
			upTo = distuv.UnitNormal.CDF(float64(k) - 3 - shift)
		}
		p[k], last = upTo-last, upTo
	}
	return p
}

const (
	silent  = -1 // the successor of a state when a rule signals
	maxTail = 14 // the longest memory any rule has: 15 in a row
)

// runChain is the chain of pasts that the rules can still tell apart.
type runChain struct {
	rules []Rule
	seen  map[string]int
	tails [][]float64    // one past for each state
	next  [][zones]int32 // successor of each state by zone
}

func (c *runChain) build() {
	c.state(nil)
	for s := 0; s < len(c.tails); s++ {
		var row [zones]int32
		for k := range row {
			z := append(append([]float64{}, c.tails[s]...), zoneValue(k))
			if c.signals(z) {
				row[k] = silent
				continue
			}
			row[k] = int32(c.state(z[max(0, len(z)-maxTail):]))
		}
		c.next = append(c.next, row)
	}
}

func (c *runChain) signals(z []float64) bool {
	for _, r := range c.rules {
		if r.test(track{x: z, z: z, side: z})(len(z) - 1) {
			return true
		}
	}
	return false
}

func (c *runChain) state(tail []float64) int {
	var key []byte
	for _, r := range c.rules {
		key = append(r.memory(key, tail), '|')
	}
	if s, ok := c.seen[string(key)]; ok {
		return s
	}
	c.seen[string(key)] = len(c.tails)
	c.tails = append(c.tails, tail)
	return len(c.tails) - 1
}

// memory appends what the rule has to remember of the past.
func (r Rule) memory(key []byte, tail []float64) []byte {
	switch r {
	case WE2, Nelson5:
		return sides(key, tail, 2, 2)
	case WE3, Nelson6:
		return sides(key, tail, 4, 1)
	case Nelson8:
		return sides(key, tail, 7, 1)
	case WE4, Nelson2:
		return trailing(key, tail, func(v, last float64) bool { return v*last > 0 })
	case Nelson7:
		return trailing(key, tail, func(v, _ float64) bool { return math.Abs(v) < 1 })
	}
	return key
}

// sides records, for each of the last n points, the side on which it lies
// beyond width σ; points before the oldest such one do not matter.
func sides(key []byte, tail []float64, n int, width float64) []byte {
	started := false
	for _, v := range tail[max(0, len(tail)-n):] {
		out := byte('0')
		if math.Abs(v) > width {
			out, started = byte('1'+sign(v)+1), true
		}
		if started {
			key = append(key, out)
		}
	}
	return key
}

// trailing records the length and side of the run at the end of the past.
func trailing(key []byte, tail []float64, in func(v, last float64) bool) []byte {
	n := 0
	for n < len(tail) && in(tail[len(tail)-1-n], tail[len(tail)-1]) {
		n++
	}
	side := 0
	if n > 0 {
		side = sign(tail[len(tail)-1])
	}
	return append(key, byte('a'+n), byte('1'+side))
}

// length sums the probabilities of still being silent after t points. After a
// while they shrink by a constant factor, and the rest is a geometric series.
func (c *runChain) length(p [zones]float64) float64 {
	const settled, longest = 1e-13, 100_000
	now, then := make([]float64, len(c.next)), make([]float64, len(c.next))
	now[0] = 1
	total, alive, factor, calm := 0.0, 1.0, 0.0, 0
	for range longest {
		total += alive
		clear(then)
		for s, row := range c.next {
			for k, to := range row {
				if to != silent {
					then[to] += now[s] * p[k]
				}
			}
		}
		left := 0.0
		for _, v := range then {
			left += v
		}
		now, then = then, now
		f := left / alive
		if calm++; math.Abs(f-factor) > settled {
			calm = 0
		}
		factor, alive = f, left
		if calm > 20 || alive == 0 {
			break
		}
	}
	return total + alive/(1-factor)
}

package stat

import (
	"fmt"
	"maps"
	"slices"
)

// Answers counts the answers to a rating question by score, as a
// "group by score" query returns them.
type Answers map[int]int

// Tally counts single scores.
func Tally(scores ...int) Answers {
	a := Answers{}
	for _, s := range scores {
		a[s]++
	}
	return a
}

// N returns the number of answers.
func (a Answers) N() int {
	n := 0
	for _, c := range a {
		n += c
	}
	return n
}

// Merge returns the counts of both.
func (a Answers) Merge(b Answers) Answers {
	m := maps.Clone(a)
	if m == nil {
		m = Answers{}
	}
	for s, c := range b {
		m[s] += c
	}
	return m
}

// ScoreError reports an answer that does not exist on the scale of the
// question, or a negative count.
type ScoreError struct{ Score, Count, Low, High int }

// Error implements error.
func (e *ScoreError) Error() string {
	if e.Count < 0 {
		return fmt.Sprintf("stat: score %d was counted %d times", e.Score, e.Count)
	}
	return fmt.Sprintf("stat: score %d is outside the scale %d to %d", e.Score, e.Low, e.High)
}

// ScaleError reports a rating scale the product has no top-box rule for.
type ScaleError struct{ Scale int }

// Error implements error.
func (e *ScaleError) Error() string {
	return fmt.Sprintf("stat: no top-box rule for a scale of %d (3, 4, 5, 6, 7 and 10 have one)", e.Scale)
}

// check refuses scores outside low…high.
func (a Answers) check(low, high int) error {
	for _, s := range slices.Sorted(maps.Keys(a)) {
		if c := a[s]; c < 0 || s < low || s > high {
			return &ScoreError{Score: s, Count: c, Low: low, High: high}
		}
	}
	return nil
}

// between counts the answers from low to high, both included.
func (a Answers) between(low, high int) int {
	n := 0
	for s, c := range a {
		if s >= low && s <= high {
			n += c
		}
	}
	return n
}

// Boxes returns how many of the best answers count as satisfied on a scale
// from 1 to scale: 3→1, 4→2, 5→2, 6→2, 7→2, 10→3.
func Boxes(scale int) (int, error) {
	switch scale {
	case 3:
		return 1, nil
	case 4, 5, 6, 7:
		return 2, nil
	case 10:
		return 3, nil
	}
	return 0, &ScaleError{Scale: scale}
}

// TopBox returns the share of answers in the best [Boxes] of a scale from 1 to
// scale: the customer satisfaction score (CSAT). A score outside the scale is
// a [ScoreError]; an unknown scale is a [ScaleError].
func TopBox(a Answers, scale int, level float64) (Estimate, error) {
	boxes, err := Boxes(scale)
	if err != nil {
		return Estimate{Unit: Share}, err
	}
	return ShareFrom(a, scale, scale-boxes+1, level)
}

// BottomBox returns the share of answers in as many of the worst boxes as
// [TopBox] takes of the best: scores 1 and 2 on a scale of 5.
func BottomBox(a Answers, scale int, level float64) (Estimate, error) {
	boxes, err := Boxes(scale)
	if err != nil {
		return Estimate{Unit: Share}, err
	}
	if err := a.check(1, scale); err != nil {
		return Estimate{Unit: Share}, err
	}
	return Proportion(a.between(1, boxes), a.N(), level), nil
}

// ShareFrom returns the share of answers of at least from on a scale from 1 to
// scale; with 5 on a scale of 7 it is the secondary customer effort figure.
func ShareFrom(a Answers, scale, from int, level float64) (Estimate, error) {
	if err := a.check(1, scale); err != nil {
		return Estimate{Unit: Share}, err
	}
	return Proportion(a.between(from, scale), a.N(), level), nil
}

// MeanScore returns the mean answer on a scale from 1 to scale with Student's
// interval, cut to the scale. It is the primary figure of customer effort.
func MeanScore(a Answers, scale int, level float64) (Estimate, error) {
	if err := a.check(1, scale); err != nil {
		return Estimate{Unit: Score}, err
	}
	n, sum := a.N(), 0.0
	for s, c := range a {
		sum += float64(s) * float64(c)
	}
	if n == 0 {
		return Estimate{Unit: Score}, nil
	}
	mean, ss := sum/float64(n), 0.0
	// In order of score, so that the last bits do not depend on map order.
	for _, s := range slices.Sorted(maps.Keys(a)) {
		d := float64(s) - mean
		ss += d * d * float64(a[s])
	}
	e := meanOf(Score, n, sum, ss, level)
	if e.Interval != nil {
		e.Interval.Low, e.Interval.High = max(e.Interval.Low, 1), min(e.Interval.High, float64(scale))
	}
	return e, nil
}

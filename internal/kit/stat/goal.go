package stat

// Attainment says whether a goal was reached as far as the data can tell.
type Attainment string

// The three answers. Undecided is an answer: the interval spans the goal, or
// there is no data.
const (
	Met       Attainment = "met"
	Missed    Attainment = "missed"
	Undecided Attainment = "undecided"
)

// AtLeast judges a figure that should be goal or more: met when the whole
// interval is at or above the goal, missed when it is wholly below.
func AtLeast(e Estimate, goal float64) Attainment {
	switch {
	case e.Value == nil || e.Interval == nil:
		return Undecided
	case e.Interval.Low >= goal:
		return Met
	case e.Interval.High < goal:
		return Missed
	}
	return Undecided
}

// AtMost judges a figure that should be goal or less, such as a complaint
// rate: the mirror of [AtLeast].
func AtMost(e Estimate, goal float64) Attainment {
	switch {
	case e.Value == nil || e.Interval == nil:
		return Undecided
	case e.Interval.High <= goal:
		return Met
	case e.Interval.Low > goal:
		return Missed
	}
	return Undecided
}

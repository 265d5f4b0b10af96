package recovery

// Part is something that must be there before a case may close; its value is
// the field a form shows it at.
type Part string

// The parts of the close gate.
const (
	NeedsCause    Part = "cause"
	NeedsMeasure  Part = "measure"
	NeedsInformed Part = "customerInformed"
	NeedsReason   Part = "reason"  // for outcomes that a person gives
	NeedsPromises Part = "promise" // for every way: none to the customer may be open
)

// gates says what each way to close needs. "" is closing with a follow-up
// survey, which leaves the outcome to the customer. A customer who declined
// need not be written to again; without a fault there is no measure to take.
var gates = map[Outcome][]Part{
	"":           {NeedsCause, NeedsMeasure, NeedsInformed},
	Recovered:    {NeedsCause, NeedsMeasure, NeedsInformed},
	NotRecovered: {NeedsCause, NeedsMeasure, NeedsInformed, NeedsReason},
	Unreachable:  {NeedsCause, NeedsMeasure, NeedsReason},
	Declined:     {NeedsCause, NeedsMeasure, NeedsReason},
	NoFault:      {NeedsCause, NeedsInformed, NeedsReason},
}

// Missing returns what a case still lacks to be closed with an outcome ("" for
// closing with a follow-up survey), in a fixed order.
func Missing(c Case, outcome Outcome, reason string) []Part {
	var out []Part
	for _, p := range gates[outcome] {
		ok := false
		switch p {
		case NeedsCause:
			ok = c.Cause != nil && c.Cause.Category != "" && c.Cause.Text != ""
		case NeedsMeasure:
			ok = c.Measure != nil && c.Measure.Text != ""
		case NeedsInformed:
			ok = !c.InformedAt.IsZero()
		case NeedsReason:
			ok = reason != ""
		}
		if !ok {
			out = append(out, p)
		}
	}
	return out
}

// verdict is what a follow-up answer means for a case.
type verdict int

const (
	won verdict = iota
	undecided
	lost
)

// Scores of a follow-up answer, on a scale from 1 to 5.
const (
	wonFrom  = 4 // this and better: recovered
	lostUpTo = 2 // this and worse: the recovery failed
)

func judge(score int) verdict {
	switch {
	case score >= wonFrom:
		return won
	case score <= lostUpTo:
		return lost
	}
	return undecided
}

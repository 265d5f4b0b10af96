package survey

// Metric is what a survey measures. There is one: customer satisfaction on five
// points.
const Metric = "csat"

// The scale.
const (
	MinScore = 1
	MaxScore = 5
)

// Band is what a score means.
type Band string

// The bands of the five-point scale.
const (
	Satisfied    Band = "satisfied"    // 4 and 5: the two boxes that CSAT counts
	Neutral      Band = "neutral"      // 3
	Dissatisfied Band = "dissatisfied" // 1 and 2
)

// BandOf returns the band of a score; false for a number off the scale.
func BandOf(score int) (Band, bool) {
	switch {
	case score < MinScore || score > MaxScore:
		return "", false
	case score >= 4:
		return Satisfied, true
	case score == 3:
		return Neutral, true
	}
	return Dissatisfied, true
}

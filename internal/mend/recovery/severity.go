package recovery

import (
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Harm is how much a failure hurts, in points of the severity score.
const (
	Inconvenience = 1
	LostTime      = 2
	LostMoney     = 3
	Danger        = 5 // safety, law, personal data: severity 1 by itself
)

// Inputs are all that the severity of a case is computed from. They are shown
// beside it, and a person may correct each.
type Inputs struct {
	Harm            int  `json:"harm"`
	FirmResponsible bool `json:"firmResponsible"`
	Recurring       bool `json:"recurring"`
	DoubleDeviation bool `json:"doubleDeviation"`
	Public          bool `json:"public"`
	Vulnerable      bool `json:"vulnerable"`
	Relationship    bool `json:"relationship"`
	StrongAnger     bool `json:"strongAnger"`
	Score           int  `json:"score,omitempty"` // the answer that opened the case; 0: none
}

// Point is one input's part of the severity score.
type Point struct {
	Key    string
	Points int
}

// Limits of the severity score: points from which on a case is this severe.
const (
	fromS1 = 7
	fromS2 = 5
	fromS3 = 3
	// lowScore is the answer, on a scale from 1 to 5, that counts as strong anger.
	lowScore = 1
	// worsening is how many steps a double deviation makes a case worse at least.
	worsening = 2
)

// Points returns what each input adds to the score, in a fixed order, without
// those that add nothing. The weights are the house defaults: harm 1 to 5; one
// each for our fault, recurrence, publicity, a vulnerable customer, a long or
// valuable relationship, and strong anger or the lowest answer; two for a double
// deviation.
func (in Inputs) Points() []Point {
	all := []Point{{"harm", in.Harm}}
	for _, f := range []struct {
		key    string
		on     bool
		points int
	}{
		{"firmResponsible", in.FirmResponsible, 1},
		{"recurring", in.Recurring, 1},
		{"doubleDeviation", in.DoubleDeviation, 2},
		{"public", in.Public, 1},
		{"vulnerable", in.Vulnerable, 1},
		{"relationship", in.Relationship, 1},
		{"strongAnger", in.StrongAnger || in.Score != 0 && in.Score <= lowScore, 1},
	} {
		if f.on {
			all = append(all, Point{f.key, f.points})
		}
	}
	return all
}

// Severity is 1 (worst) to 4: 1 from 7 points or any harm of 5, 2 from 5, 3 from
// 3. A double deviation is besides at least two steps worse than the same
// failure would be for the first time.
func (in Inputs) Severity() int {
	sum := 0
	for _, p := range in.Points() {
		sum += p.Points
	}
	s := step(sum)
	if in.DoubleDeviation {
		first := in
		first.DoubleDeviation = false
		s = min(s, max(first.Severity()-worsening, 1))
	}
	if in.Harm >= Danger {
		s = 1
	}
	return s
}

func step(points int) int {
	switch {
	case points >= fromS1:
		return 1
	case points >= fromS2:
		return 2
	case points >= fromS3:
		return 3
	}
	return 4
}

func (in Inputs) check(path string) error {
	var c fault.Check
	switch in.Harm {
	case Inconvenience, LostTime, LostMoney, Danger:
	default:
		c.Add(path+".harm", "error.recovery.harm")
	}
	c.That(in.Score >= 0 && in.Score <= 5, path+".score", "error.recovery.score")
	return c.Err()
}

// dangerWords and angerWords are looked for in what the customer wrote; folded.
// They only propose inputs, which are shown and may be corrected.
const (
	dangerWords = "発火|発煙|火災|やけど|火傷|けが|怪我|負傷|感電|誤飲|異物|食中毒|アレルギー|個人情報|情報漏|漏えい|漏洩|訴訟|弁護士|消費者センター|消費生活センター|injur|caught fire|burned|burnt|electric shock|allerg|food poisoning|data leak|data breach|personal data|lawyer|lawsuit"
	angerWords  = "最悪|最低|ふざけ|許せ|許さ|怒り|激怒|腹が立|腹立た|二度と|あり得ない|ありえない|詐欺|いい加減に|いいかげんに|furious|outrage|disgust|unacceptable|appalling|never again|scam|worst|ridiculous|fed up"
)

// Read proposes harm (at least the given one) and strong anger from a
// customer's words.
func Read(comment string, harm int) (int, bool) {
	folded := text.Fold(comment)
	if holds(folded, dangerWords) {
		harm = max(harm, Danger)
	}
	return harm, holds(folded, angerWords)
}

func holds(folded, words string) bool {
	for w := range strings.SplitSeq(words, "|") {
		if strings.Contains(folded, w) {
			return true
		}
	}
	return false
}

package demo_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/demo"
)

func TestEveryLanguageHasEveryPhase(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		list, err := demo.Scripts(lang)
		if err != nil {
			t.Fatal(err)
		}
		phases := map[string]int{}
		for _, s := range list {
			phases[s.Phase]++
			if s.Turns[0].Agent {
				t.Errorf("%s %s begins with an agent", lang, s.Name)
			}
			for _, n := range s.Scores {
				if n < 1 || n > 5 {
					t.Errorf("%s %s has the score %d", lang, s.Name, n)
				}
			}
		}
		if phases["calm"] < 8 || phases["bad"] < 2 || phases["better"] < 1 || len(phases) != 3 {
			t.Errorf("%s: scripts by phase: %v", lang, phases)
		}
	}
}

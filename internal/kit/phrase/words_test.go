package phrase_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

func TestWordsInOneLanguageAreEnough(t *testing.T) {
	for lang, want := range map[string]string{phrase.Japanese: "修理", phrase.English: "Repairs", "fr": "Repairs"} {
		if got := (phrase.Words{Ja: " 修理", En: "Repairs\n"}).Trim().In(lang); got != want {
			t.Errorf("%s: %q, not %q", lang, got, want)
		}
	}
	if (phrase.Words{Ja: "修理"}).In(phrase.English) != "修理" || (phrase.Words{En: "Repairs"}).In(phrase.Japanese) != "Repairs" {
		t.Error("who has one language is told nothing in the other")
	}
}

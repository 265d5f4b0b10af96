package app_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/builtin"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/web"
)

// TestChannelsHaveTheirWords asks that every channel which an inbox can be made
// for is explained in both languages: itself, its settings, what to do on the
// other side.
func TestChannelsHaveTheirWords(t *testing.T) {
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range builtin.Kinds() {
		if k.Hidden {
			continue
		}
		keys := []string{"", ".lead"}
		if k.Hook {
			keys = append(keys, ".steps")
		}
		for _, f := range k.Fields {
			keys = append(keys, "."+f.Name)
			if f.Input == channel.ChoiceInput {
				for _, c := range f.Choices {
					keys = append(keys, "."+f.Name+"."+c)
				}
			}
		}
		for _, key := range keys {
			for _, lang := range phrase.Languages() {
				if !words.Has(lang, "channel."+k.Name+key) {
					t.Errorf("%s: channel.%s%s has no words", lang, k.Name, key)
				}
			}
		}
	}
}

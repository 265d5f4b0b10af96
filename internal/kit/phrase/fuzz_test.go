package phrase_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// FuzzText reads any catalogue and fills it with anything. What a caller puts
// in stands in the text as it is: it is never read as a message itself.
func FuzzText(f *testing.F) {
	for _, message := range []string{
		"Hello {name}", "{n, plural, one {# case} other {# cases of {name}}}", "{n, plural, =0 {none} other {#}}", "{", "}", "{{{", "{n, plural,", "{n, plural, other}",
		"{n, plural, other {{n, plural, other {#}}}}", "# {name} #", "{ name }", "{,}", "{n,plural,one{", strings.Repeat("{n, plural, other {", 50),
	} {
		f.Add(message, "Ana {n} #", 1)
		f.Add(message, "{name}", 0)
	}
	f.Fuzz(func(t *testing.T, message, name string, n int) {
		b, err := json.Marshal(map[string]string{"a.b": message})
		if err != nil {
			t.Fatal(err)
		}
		c, err := phrase.Load(fstest.MapFS{"en/a.json": {Data: b}, "ja/a.json": {Data: b}})
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range phrase.Languages() {
			got := c.Text(lang, "a.b", map[string]any{"name": name, "n": n})
			if !strings.ContainsAny(message, "{#") && utf8.ValidString(message) && got != message {
				t.Errorf("%q became %q", message, got)
			}
		}
		if got := c.Text("en", "a.b", nil); strings.Contains(message, "{name}") && len(got) == 0 && !strings.Contains(message, "plural") {
			t.Errorf("%q became nothing", message)
		}
	})
	c, err := phrase.Load(fstest.MapFS{"en/a.json": {Data: []byte(`{"a":"Hello {name}"}`)}})
	if err != nil {
		f.Fatal(err)
	}
	if got := c.Text("en", "a", map[string]any{"name": "{n, plural, other {#}}"}); got != "Hello {n, plural, other {#}}" {
		f.Errorf("a value was read as a message: %q", got)
	}
}

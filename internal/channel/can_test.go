package channel_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

func TestSplit(t *testing.T) {
	for name, c := range map[string]struct {
		can  channel.Can
		text string
		want []string
	}{
		"no limit":              {channel.Can{}, strings.Repeat("x", 100), []string{strings.Repeat("x", 100)}},
		"it fits":               {channel.Can{Text: 5}, "12345", []string{"12345"}},
		"after a sentence":      {channel.Can{Text: 12}, "お待たせしました。明日お届けします。", []string{"お待たせしました。", "明日お届けします。"}},
		"between words":         {channel.Can{Text: 10}, "one two three four", []string{"one two", "three four"}},
		"between characters":    {channel.Can{Text: 4}, "abcdefghij", []string{"abcd", "efgh", "ij"}},
		"pairs stay together":   {channel.Can{Text: 3, Unit: channel.UTF16}, "𠮷𠮷", []string{"𠮷", "𠮷"}},
		"bytes":                 {channel.Can{Text: 6, Unit: channel.Bytes}, "あいう", []string{"あい", "う"}},
		"a character too large": {channel.Can{Text: 2, Unit: channel.Bytes}, "あい", []string{"あ", "い"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.can.Split(c.text)
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestSplitLosesNothing splits anything: every part fits, and only white space at
// the cuts is gone.
func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		can := channel.Can{Text: rapid.IntRange(4, 40).Draw(t, "limit"), Unit: rapid.SampledFrom([]channel.Unit{channel.Characters, channel.UTF16, channel.Bytes}).Draw(t, "unit")}
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab \n。、あ亜𠮷.!?　"))).Draw(t, "text")
		parts := can.Split(text)
		for _, p := range parts {
			if n := can.Count(p); n > can.Text {
				t.Fatalf("a part of %d units, limit %d: %q", n, can.Text, p)
			}
		}
		if bare(strings.Join(parts, "")) != bare(text) {
			t.Fatalf("%q became %q", text, parts)
		}
	})
}

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func TestTakes(t *testing.T) {
	can := channel.Can{Media: []channel.Media{{Name: "image", Types: []string{"image/jpeg", "image/png"}, Max: 100}, {Name: "video", Types: []string{"video/*"}, Max: 1000}}}
	for _, c := range []struct {
		can         channel.Can
		contentType string
		size        int64
		name        string
		ok          bool
		largest     int64
	}{
		{can, "image/png", 100, "image", true, 100},
		{can, "IMAGE/PNG; charset=x", 1, "image", true, 100},
		{can, "image/png", 101, "", false, 100},
		{can, "image/gif", 1, "", false, 0},
		{can, "video/mp4", 1000, "video", true, 1000},
		{channel.Can{}, "text/html", 1 << 40, "document", true, -1},
		{channel.Can{NoMedia: true}, "image/png", 1, "", false, 0},
	} {
		got, ok := c.can.Takes(c.contentType, c.size)
		if ok != c.ok || got.Name != c.name {
			t.Errorf("%s of %d: %q, %v", c.contentType, c.size, got.Name, ok)
		}
		if n := c.can.Largest(c.contentType); n != c.largest {
			t.Errorf("largest %s: %d, want %d", c.contentType, n, c.largest)
		}
	}
}

func TestFieldProblems(t *testing.T) {
	text := channel.Field{Name: "id", Input: channel.TextInput, Required: true, Max: 5}
	for name, c := range map[string]struct {
		field channel.Field
		value any
		want  string
	}{
		"fine":                      {text, "12345", ""},
		"missing":                   {text, nil, "error.field.required"},
		"blank":                     {text, " 　", "error.field.required"},
		"long":                      {text, "123456", "error.text.long"},
		"two lines":                 {text, "1\n2", "error.field.invalid"},
		"not a text":                {text, 5.0, "error.field.invalid"},
		"a secret may have lines":   {channel.Field{Input: channel.SecretInput}, "-----\nkey", ""},
		"an address":                {channel.Field{Input: channel.URLInput}, "https://api.example", ""},
		"no address":                {channel.Field{Input: channel.URLInput}, "javascript:x", "error.field.url"},
		"a choice":                  {channel.Field{Input: channel.ChoiceInput, Choices: []string{"a", "b"}}, "b", ""},
		"no choice of ours":         {channel.Field{Input: channel.ChoiceInput, Choices: []string{"a", "b"}}, "c", "error.field.invalid"},
		"a number":                  {channel.Field{Input: channel.NumberInput}, 3.0, ""},
		"no number":                 {channel.Field{Input: channel.NumberInput}, "3", "error.field.invalid"},
		"a switch":                  {channel.Field{Input: channel.SwitchInput}, true, ""},
		"no switch":                 {channel.Field{Input: channel.SwitchInput}, "true", "error.field.invalid"},
		"a list":                    {channel.Field{Input: channel.ListInput}, []any{"a", "b"}, ""},
		"a list of other things":    {channel.Field{Input: channel.ListInput}, []any{"a", 1.0}, "error.field.invalid"},
		"a required list is empty":  {channel.Field{Input: channel.ListInput, Required: true}, []any{}, "error.field.required"},
		"an endless list":           {channel.Field{Input: channel.ListInput}, make([]any, 51), "error.list.long"},
		"no list where one belongs": {channel.Field{Input: channel.ListInput}, "a", "error.field.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := c.field.Problem(c.value); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

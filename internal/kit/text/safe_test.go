package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "",
		"  Ana \t Lima\r\n":           "Ana Lima",
		"山田　太郎":                       "山田 太郎",
		"a\x00b\x07c\x7fd":            "abcd",
		"esc\u009b31mred\u009c":       "esc31mred", // C1: a terminal takes these for commands
		"next\u0085line\u2028para":    "next line para",
		"invoice\u202egpj.exe":        "invoicegpj.exe",
		"\u202eevil\u202c":            "evil",
		"\u2066left\u2069 \u2067r":    "left r",
		"\u2068\u2069":                "",
		"zero\u200bwidth\ufeff":       "zerowidth",
		"soft\u00adhyphen":            "softhyphen",
		"👩\u200d👧 family":             "👩\u200d👧 family",
		"شركة\u200f (A)":              "شركة\u200f (A)",
		"葛\U000E0100城":                "葛\U000E0100城", // a variant form that its bearer insists on
		"broken \xff\xfe utf-8":       "broken \uFFFD utf-8",
		strings.Repeat("\u202e", 500): "",
	} {
		if got := text.Line(in); got != want {
			t.Errorf("Line(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestLineIsALine(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(r, "s")
		got := text.Line(s)
		if text.Line(got) != got {
			r.Fatalf("twice: %+q", text.Line(got))
		}
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || strings.ContainsAny(got, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
			r.Fatalf("%+q", got)
		}
		if safe := text.Safe(s); !utf8.ValidString(safe) || strings.Contains(safe, "\x00") {
			r.Fatalf("safe: %+q", safe)
		}
	})
}

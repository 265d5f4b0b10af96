package phrase_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

func TestText(t *testing.T) {
	c, err := phrase.Load(fstest.MapFS{
		"en/a.json": {Data: []byte(`{"a.hello":"Hello {name}","a.n":"{n, plural, =0 {none} one {# case of {who}} other {# cases of {who}}}","a.only":"English #1"}`)},
		"ja/a.json": {Data: []byte(`{"a.hello":"{name} 様","a.n":"{n, plural, other {{who} の案件 # 件}}"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		lang, key string
		args      map[string]any
		want      string
	}{
		{"en", "a.hello", map[string]any{"name": "Ana"}, "Hello Ana"},
		{"ja", "a.hello", map[string]any{"name": "佐藤"}, "佐藤 様"},
		{"en", "a.hello", nil, "Hello {name}"},
		{"en", "a.n", map[string]any{"n": 0, "who": "Ana"}, "none"},
		{"en", "a.n", map[string]any{"n": 1, "who": "Ana"}, "1 case of Ana"},
		{"en", "a.n", map[string]any{"n": 5, "who": "Ana"}, "5 cases of Ana"},
		{"ja", "a.n", map[string]any{"n": 1, "who": "佐藤"}, "佐藤 の案件 1 件"},
		{"ja", "a.only", nil, "English #1"},
		{"ja", "a.gap", nil, "a.gap"},
	} {
		if got := c.Text(x.lang, x.key, x.args); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.lang, x.key, got, x.want)
		}
	}
}

func TestPick(t *testing.T) {
	for _, x := range []struct {
		in   []string
		want string
	}{
		{[]string{"", "ja-JP,ja;q=0.9,en;q=0.8"}, "ja"}, {[]string{"fr,en;q=0.5"}, "en"}, {[]string{"de"}, "en"}, {[]string{"en", "ja"}, "en"},
	} {
		if got := phrase.Pick(x.in...); got != x.want {
			t.Errorf("Pick(%v) = %s", x.in, got)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for what, files := range map[string]fstest.MapFS{
		"a key twice": {"en/a.json": {Data: []byte(`{"x":"1"}`)}, "en/b.json": {Data: []byte(`{"x":"2"}`)}},
		"not JSON":    {"ja/a.json": {Data: []byte(`{`)}},
		"not flat":    {"en/a.json": {Data: []byte(`{"a":{"b":"c"}}`)}},
	} {
		if _, err := phrase.Load(files); err == nil {
			t.Errorf("%s: loaded", what)
		}
	}
}

// TestAnyMessage formats any text: it ends, and does not panic, whatever
// somebody writes into a catalogue.
func TestAnyMessage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		msg := rapid.StringOfN(rapid.SampledFrom([]rune("{}#,n plural one other =1 é日")), 0, 40, -1).Draw(rt, "message")
		b, err := json.Marshal(map[string]string{"m": msg})
		if err != nil {
			rt.Fatal(err)
		}
		c, err := phrase.Load(fstest.MapFS{"en/a.json": {Data: b}})
		if err != nil {
			rt.Fatal(err)
		}
		c.Text("en", "m", map[string]any{"n": 1})
		if !strings.ContainsAny(msg, "{#") && c.Text("en", "m", nil) != msg {
			rt.Fatalf("%q changed", msg)
		}
	})
}

func TestKeys(t *testing.T) {
	c, err := phrase.Load(fstest.MapFS{"en/a.json": {Data: []byte(`{"b":"1","a":"2"}`)}, "ja/a.json": {Data: []byte(`{"a":"二"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Keys("en"), " "); got != "a b" {
		t.Errorf("keys %q", got)
	}
	if !c.Has("ja", "a") || c.Has("ja", "b") || c.Text("ja", "b", nil) != "1" || c.Text("fr", "a", nil) != "2" {
		t.Error("what is missing falls back to English")
	}
}

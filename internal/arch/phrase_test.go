package arch

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// catalogue is the messages of both languages: language → key → text.
type catalogue map[string]map[string]string

func messages(t *testing.T) catalogue {
	t.Helper()
	out := catalogue{}
	for _, lang := range []string{"en", "ja"} {
		out[lang] = map[string]string{}
		files, err := filepath.Glob(filepath.Join(root(), "web", "messages", lang, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no messages in %s: %v", lang, err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]string
			if err := json.Unmarshal(b, &m); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for k, v := range m {
				if _, twice := out[lang][k]; twice {
					t.Errorf("%s: key %s stands in two files", name, k)
				}
				out[lang][k] = v
			}
		}
	}
	return out
}

// TestPhrases keeps both languages complete and their placeholders equal.
func TestPhrases(t *testing.T) { check(t, "phrases", phraseProblems(messages(t))) }

func phraseProblems(c catalogue) (out []problem) {
	for _, pair := range [][2]string{{"en", "ja"}, {"ja", "en"}} {
		for key := range c[pair[0]] {
			if _, ok := c[pair[1]][key]; !ok {
				out = append(out, problem{key, "is missing in " + pair[1]})
			}
		}
	}
	for key, en := range c["en"] {
		ja, ok := c["ja"][key]
		if !ok {
			continue
		}
		if a, b := placeholders(en), placeholders(ja); !slices.Equal(a, b) {
			out = append(out, problem{key, fmt.Sprintf("fills in %v in English and %v in Japanese", a, b)})
		}
		if strings.TrimSpace(en) == "" || strings.TrimSpace(ja) == "" {
			out = append(out, problem{key, "says nothing"})
		}
		if strings.ContainsAny(ja, "！!") {
			out = append(out, problem{key, "raises its voice in Japanese"})
		}
		if strings.Contains(en, "!") {
			out = append(out, problem{key, "raises its voice in English"})
		}
		if !balanced(en) || !balanced(ja) {
			out = append(out, problem{key, "has a brace too many"})
		}
	}
	return out
}

func balanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

// placeholders returns the names that a message fills in, sorted, each once.
func placeholders(msg string) []string {
	names := map[string]bool{}
	fillIns(msg, names)
	return slices.Sorted(maps.Keys(names))
}

// fillIns walks through a message: {name}, and {n, plural, form {text}…}, whose
// texts are messages again.
func fillIns(msg string, names map[string]bool) {
	for {
		start := strings.IndexByte(msg, '{')
		if start < 0 {
			return
		}
		body := braced(msg[start:])
		msg = msg[min(start+len(body)+2, len(msg)):]
		name, forms, plural := strings.Cut(body, ",")
		names[strings.TrimSpace(name)] = true
		for plural {
			i := strings.IndexByte(forms, '{')
			if i < 0 {
				break
			}
			text := braced(forms[i:])
			fillIns(text, names)
			forms = forms[min(i+len(text)+2, len(forms)):]
		}
	}
}

// braced returns what stands in the brace that s begins with; a brace that is
// never closed holds nothing.
func braced(s string) string {
	depth := 0
	for i, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[1:i]
			}
		}
	}
	return s[1:1]
}

// TestKeys asks that every key which Go gives to a reader stands in the catalogue.
func TestKeys(t *testing.T) { check(t, "keys", keyProblems(whole(t), messages(t))) }

// errorKey is how keys of failures look; one ending in a dot is completed at run time.
func errorKey() *regexp.Regexp {
	return regexp.MustCompile(`^error\.[a-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)*$`)
}

// speakers are functions and methods one of whose arguments is a key.
func speaker(call *ast.CallExpr) bool {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok && x.Name == "fault" && (name == "New" || name == "Wrap") {
			return true
		}
	case *ast.Ident:
		name = f.Name
	}
	switch name {
	case "Text", "phrase", "words", "say":
		return true
	}
	return false
}

func keyProblems(tr *tree, c catalogue) (out []problem) {
	areas := map[string]bool{}
	for key := range c["en"] {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	shape, errs := regexp.MustCompile(`^[a-z][A-Za-z0-9-]*(\.[A-Za-z0-9_-]+)+$`), errorKey()
	for _, f := range tr.shipped() {
		known := map[token.Pos]bool{}
		note := func(lit *ast.BasicLit, must bool) {
			key, err := strconv.Unquote(lit.Value)
			area, _, _ := strings.Cut(key, ".")
			if err != nil || known[lit.Pos()] || !(errs.MatchString(key) || must && shape.MatchString(key) && areas[area]) {
				return
			}
			known[lit.Pos()] = true
			if _, ok := c["en"][key]; !ok {
				out = append(out, problem{tr.at(lit), "key " + key + " stands in no file of web/messages"})
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				for _, a := range n.Args {
					if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING && speaker(n) {
						note(lit, true)
					}
				}
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					note(n, false)
				}
			}
			return true
		})
	}
	return out
}

func TestPhraseRulesCatch(t *testing.T) {
	c := catalogue{
		"en": {"a.ok": "Hello {name}", "a.gap": "x", "a.args": "{n, plural, one {One of {who}} other {#}}", "a.empty": " ", "a.loud": "Done!", "a.brace": "{x{", "error.known": "No"},
		"ja": {"a.ok": "{name} 様", "a.more": "x", "a.args": "{n, plural, other {# 件}}", "a.empty": "x", "a.loud": "完了！", "a.brace": "x", "error.known": "いいえ"},
	}
	caught(t, phraseProblems(c),
		"a.gap is missing in ja", "a.more is missing in en", "a.args fills in [n who] in English and [n] in Japanese",
		"a.empty says nothing", "a.loud raises its voice in Japanese", "a.loud raises its voice in English", "a.brace has a brace", "a.brace fills in")
	caught(t, keyProblems(example(t, "x/a.go", `package x
func f() {
	fault.New(fault.Denied, "error.known")
	fault.New(fault.Denied, "error.unknown")
	check.Add("body.name", "error.unheard")
	cat.Text("en", "a.ok", nil)
	cat.Text("en", "a.missing", nil)
	emit("a.happened")
	_ = "error.prefix."
}
`), c), "error.unknown", "error.unheard", "a.missing")
}

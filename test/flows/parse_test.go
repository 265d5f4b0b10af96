package flows

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// line is one line of a scenario: what is done or expected, and the text that
// stands below it behind bars.
type line struct {
	file  string
	n     int
	words []string
	body  string
	// fails is what stands behind "->": the status of a refusal, and field names.
	fails []string
}

func (l line) String() string {
	return fmt.Sprintf("%s:%d: %s", l.file, l.n, strings.Join(l.words, " "))
}

// word returns the ith word, "" if there are fewer.
func (l line) word(i int) string {
	if i < len(l.words) {
		return l.words[i]
	}
	return ""
}

// plain returns the words from i on that are no settings.
func (l line) plain(i int) []string {
	var out []string
	for _, w := range l.words[min(i, len(l.words)):] {
		if !strings.Contains(w, "=") {
			out = append(out, w)
		}
	}
	return out
}

// set returns the value of name=value, or fallback.
func (l line) set(name, fallback string) string {
	for _, w := range l.words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return fallback
}

// parse reads a scenario.
func parse(file, text string) ([]line, error) {
	var out []line
	for i, raw := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(raw)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#") && (len(trimmed) == 1 || trimmed[1] == ' '):
		case strings.HasPrefix(trimmed, "|"):
			if len(out) == 0 {
				return nil, fmt.Errorf("%s:%d: text without a line above it", file, i+1)
			}
			last := &out[len(out)-1]
			if last.body != "" {
				last.body += "\n"
			}
			last.body += strings.TrimPrefix(strings.TrimPrefix(trimmed, "|"), " ")
		default:
			words, err := split(trimmed)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, i+1, err)
			}
			l := line{file: file, n: i + 1, words: words}
			for j, w := range words {
				if w == "->" {
					l.words, l.fails = words[:j], words[j+1:]
					break
				}
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// split cuts a line into words. A quoted part, also in the middle of a word, may
// hold spaces and \n.
func split(s string) ([]string, error) {
	var out []string
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		word := ""
		for s != "" && s[0] != ' ' && s[0] != '\t' {
			if s[0] != '"' {
				word, s = word+s[:1], s[1:]
				continue
			}
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, fmt.Errorf("a quote that does not end in %q", s)
			}
			part, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			word, s = word+part, s[len(quoted):]
		}
		out = append(out, word)
	}
	return out, nil
}

func TestParse(t *testing.T) {
	lines, err := parse("x", "# a comment\n\nmail ana@x.example \"Where is it?\" re=last\n  | Hello,\n  |\n  | Ana\nmika closes case -> 422 cause\nexpect #1 subject=\"a \\\"b\\\"\"\n")
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v %v", lines, err)
	}
	if l := lines[0]; l.n != 3 || l.word(2) != "Where is it?" || l.set("re", "") != "last" || l.body != "Hello,\n\nAna" {
		t.Errorf("%+v", l)
	}
	if l := lines[1]; strings.Join(l.fails, " ") != "422 cause" || l.word(9) != "" {
		t.Errorf("%+v", l)
	}
	if l := lines[2]; l.word(1) != "#1" || l.set("subject", "") != `a "b"` {
		t.Errorf("%+v", l)
	}
	for _, bad := range []string{"| alone", `mail "open`} {
		if _, err := parse("x", bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

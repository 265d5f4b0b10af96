// Package phrase is the message catalogue: every word a person reads, by key,
// in Japanese and English. Go pages, mails and the browser use the same files,
// web/messages/<language>/<area>.json.
//
// A message may hold {name} and {n, plural, one {…} other {…}}; # inside a
// plural is the number.
package phrase

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// The languages. English is what a missing translation falls back to; a test
// keeps anything from missing.
const (
	Japanese = "ja"
	English  = "en"
)

// Languages lists the catalogue's languages.
func Languages() []string { return []string{English, Japanese} }

// Catalogue holds all messages. It does not change after Load.
type Catalogue struct{ byLang map[string]map[string]string }

// Load reads <language>/*.json from a file system.
func Load(files fs.FS) (*Catalogue, error) {
	c := &Catalogue{byLang: map[string]map[string]string{}}
	for _, lang := range Languages() {
		c.byLang[lang] = map[string]string{}
		names, err := fs.Glob(files, path.Join(lang, "*.json"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			b, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, err
			}
			if err := c.add(lang, b); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return c, nil
}

func (c *Catalogue) add(lang string, b []byte) error {
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for k, v := range m {
		if _, twice := c.byLang[lang][k]; twice {
			return fmt.Errorf("key %s stands in two files", k)
		}
		c.byLang[lang][k] = v
	}
	return nil
}

// Keys returns a language's keys, sorted.
func (c *Catalogue) Keys(lang string) []string {
	var out []string
	for k := range c.byLang[lang] {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Has reports whether a language has a message for key.
func (c *Catalogue) Has(lang, key string) bool { _, ok := c.byLang[lang][key]; return ok }

// Text returns the message for key in a language with its arguments filled in.
// An unknown key gives the key itself, so that a gap is visible, not empty.
func (c *Catalogue) Text(lang, key string, args map[string]any) string {
	msg, ok := c.byLang[lang][key]
	if !ok {
		if msg, ok = c.byLang[English][key]; !ok {
			return key
		}
		lang = English
	}
	return format(lang, msg, args, "")
}

// Pick returns the first of the wanted languages that the catalogue has, else English.
func Pick(wanted ...string) string {
	for _, w := range wanted {
		for _, part := range strings.Split(w, ",") { // an Accept-Language header works as it is
			tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
			base, _, _ := strings.Cut(strings.ToLower(tag), "-")
			if base == Japanese || base == English {
				return base
			}
		}
	}
	return English
}

func format(lang, msg string, args map[string]any, number string) string {
	var out strings.Builder
	for msg != "" {
		i := strings.IndexAny(msg, "{#")
		if i < 0 {
			out.WriteString(msg)
			break
		}
		out.WriteString(msg[:i])
		if msg[i] == '#' {
			if number == "" {
				out.WriteByte('#')
			}
			out.WriteString(number)
			msg = msg[i+1:]
			continue
		}
		end := closing(msg, i)
		out.WriteString(expand(lang, msg[i+1:end], args, number))
		msg = msg[min(end+1, len(msg)):]
	}
	return out.String()
}

// closing returns the index of the brace that closes the one at start.
func closing(s string, start int) int {
	depth := 0
	for i := start; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

func expand(lang, body string, args map[string]any, number string) string {
	name, rest, plural := strings.Cut(body, ",")
	value, ok := args[strings.TrimSpace(name)]
	if !plural {
		if !ok {
			return "{" + body + "}"
		}
		return fmt.Sprint(value)
	}
	_, forms, _ := strings.Cut(rest, ",")
	n := fmt.Sprint(value)
	chosen := form(forms, "other")
	if exact := form(forms, "="+n); exact != "" {
		chosen = exact
	} else if f, err := strconv.ParseFloat(n, 64); err == nil && f == 1 && lang == English {
		if one := form(forms, "one"); one != "" {
			chosen = one
		}
	}
	return format(lang, chosen, args, n)
}

// form returns the text in braces after a plural category.
func form(forms, category string) string {
	for forms = strings.TrimSpace(forms); forms != ""; forms = strings.TrimSpace(forms) {
		i := strings.IndexByte(forms, '{')
		if i < 0 {
			return ""
		}
		end := closing(forms, i)
		if strings.TrimSpace(forms[:i]) == category {
			return forms[i+1 : end]
		}
		forms = forms[min(end+1, len(forms)):]
	}
	return ""
}

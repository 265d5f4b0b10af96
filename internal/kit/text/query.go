package text

import (
	"strconv"
	"strings"
)

// MaxTerms bounds a query: what a person types is short, and every term costs
// the database a lookup.
const MaxTerms = 32

// Term is one thing a document must (or with Not, must not) contain: its
// tokens side by side, the last one as a prefix when Prefix is set.
type Term struct {
	Tokens []string
	Prefix bool
	Not    bool
}

// Query reads what a person typed into a search box. Blanks (also the
// full-width one) separate terms that must all be present; "quotes" keep words
// together and whole; a leading minus excludes. An unquoted word of a script
// with blanks also finds the words that begin with it (refund → refunded); in
// scripts without blanks a term finds the characters anywhere in the text, as
// a substring search would.
func Query(q string) []Term {
	var terms []Term
	for _, w := range split(q) {
		if t, ok := w.term(); ok {
			terms = append(terms, t)
		}
		if len(terms) == MaxTerms {
			break
		}
	}
	return terms
}

type queryWord struct {
	text        string
	not, quoted bool
}

// term builds the tokens of one query word; ok is false when the word holds
// nothing that is indexed (punctuation, emoji).
func (w queryWord) term() (Term, bool) {
	rs := runs(w.text)
	if len(rs) == 0 {
		return Term{}, false
	}
	t := Term{Not: w.not}
	for i, r := range rs {
		last := i == len(rs)-1
		// What follows the last pair in the document is unknown, so the
		// query's last run is left open; inner runs ended in the document too.
		t.Tokens = r.appendTokens(t.Tokens, !last)
		if last {
			t.Prefix = openEnd(r, w.quoted)
		}
	}
	return t, true
}

// openEnd tells whether the last token may be the beginning of a longer one: a
// single character of a paired script always is, a word unless it was quoted.
func openEnd(r run, quoted bool) bool {
	if r.cjk {
		return runeLen(r.text) == len(r.text)
	}
	return !quoted
}

// split cuts a query at blanks outside quotes.
func split(q string) []queryWord {
	q = strings.NewReplacer("“", `"`, "”", `"`, "＂", `"`, "「", ` "`, "」", `" `, "　", " ").Replace(q)
	var out []queryWord
	for len(q) > 0 {
		q = strings.TrimLeft(q, " \t\r\n")
		var w queryWord
		if rest, ok := strings.CutPrefix(q, "-"); ok {
			w.not, q = true, rest
		}
		if rest, ok := strings.CutPrefix(q, `"`); ok {
			w.quoted = true
			w.text, q, _ = strings.Cut(rest, `"`)
		} else {
			end := strings.IndexAny(q, " \t\r\n\"")
			if end < 0 {
				end = len(q)
			}
			w.text, q = q[:end], q[end:]
		}
		if w.text != "" {
			out = append(out, w)
		}
	}
	return out
}

// Completions are the words that begin as one does, for a query that is written
// out. ok is false where there are too many to name.
type Completions func(beginning string) (words []string, ok bool)

// FTS5Query writes q for SQLite: `WHERE ft MATCH $1`. "" means that q holds
// nothing to search for; a query of exclusions alone is also "". With completions
// the beginnings of words are written out as the words they may be; nil leaves
// that to the engine.
func FTS5Query(q string, complete Completions) string {
	must, not := render(q, func(t Term) string { return t.fts5(complete) })
	if len(must) == 0 {
		return ""
	}
	out := strings.Join(must, " AND ")
	if len(must) > 1 && len(not) > 0 {
		out = "(" + out + ")"
	}
	for _, n := range not {
		out += " NOT " + n
	}
	return out
}

func (t Term) fts5(complete Completions) string {
	phrase := func(tokens []string) string { return `"` + strings.Join(tokens, " ") + `"` }
	if !t.Prefix {
		return phrase(t.Tokens)
	}
	before, last := t.Tokens[:len(t.Tokens)-1], t.Tokens[len(t.Tokens)-1]
	if complete == nil || openPair(last) {
		return phrase(t.Tokens) + " *"
	}
	words, ok := complete(last)
	if !ok {
		return phrase(t.Tokens) + " *"
	}
	if len(words) == 0 {
		return phrase(t.Tokens) // it occurs nowhere
	}
	var any []string
	for _, w := range words {
		any = append(any, phrase(append(before[:len(before):len(before)], w)))
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// openPair reports the single character of a paired script, which begins very
// many pairs.
func openPair(token string) bool {
	r := []rune(token)
	return len(r) == 1 && isPaired(r[0])
}

// Words returns the tokens of s that a query may be the beginning of: those of
// scripts that separate words. Each is named once.
func Words(s string) []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range runs(s) {
		if !r.cjk && !seen[r.text] {
			seen[r.text] = true
			out = append(out, r.text)
		}
	}
	return out
}

// TSQuery writes q for PostgreSQL: `WHERE tsv @@ $1::tsquery`. The tokens are
// quoted lexemes, so no text search configuration is consulted. "" as in
// FTS5Query.
func TSQuery(q string) string {
	must, not := render(q, func(t Term) string {
		quoted := make([]string, len(t.Tokens))
		for i, tok := range t.Tokens {
			quoted[i] = "'" + tok + "'"
		}
		s := strings.Join(quoted, " <-> ")
		if t.Prefix {
			s += ":*"
		}
		if len(quoted) > 1 {
			s = "(" + s + ")"
		}
		return s
	})
	if len(must) == 0 {
		return ""
	}
	for _, n := range not {
		must = append(must, "!"+n)
	}
	return strings.Join(must, " & ")
}

func render(q string, write func(Term) string) (must, not []string) {
	for _, t := range Query(q) {
		if t.Not {
			not = append(not, write(t))
		} else {
			must = append(must, write(t))
		}
	}
	return must, not
}

// Limits of PostgreSQL's tsvector: the highest position it keeps apart, how
// many positions it keeps of one lexeme, and the bytes of a lexeme.
const (
	maxPosition  = 16383
	maxPositions = 255
	maxLexeme    = 2046
)

// TSVector writes the tokens of s as a tsvector literal for `$1::tsvector`, so
// that the index does not depend on the locale or the parser of the server.
// PostgreSQL keeps 16,383 positions a document and 255 of one token: words
// beyond them are still found, phrases beyond them are not.
func TSVector(s string) string {
	at := map[string][]int{}
	var order []string
	for i, tok := range Tokens(s) {
		if len(tok) > maxLexeme {
			continue
		}
		seen, known := at[tok]
		if !known {
			order = append(order, tok)
		}
		if len(seen) < maxPositions {
			at[tok] = append(seen, min(i+1, maxPosition))
		}
	}
	var b strings.Builder
	for i, tok := range order {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("'" + tok + "':")
		for j, p := range at[tok] {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Itoa(p))
		}
	}
	return b.String()
}

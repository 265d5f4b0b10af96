package corpus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// board counts, source by source and question by question, how many expected
// results are met. What is missed must have a reason in the table of misses.
type board struct {
	cells map[[2]string]*cell
	order [][2]string
	// missed maps "source/file question" to what was wanted and found.
	missed map[string]string
}

type cell struct{ passed, all int }

func newBoard() *board {
	return &board{cells: map[[2]string]*cell{}, missed: map[string]string{}}
}

// check counts one question about one file.
func (b *board) check(source, file, question string, ok bool, detail string) {
	key := [2]string{source, question}
	c := b.cells[key]
	if c == nil {
		c = &cell{}
		b.cells[key] = c
		b.order = append(b.order, key)
	}
	c.all++
	if ok {
		c.passed++
		return
	}
	b.missed[source+"/"+file+" "+question] = detail
}

// equal counts a comparison of two strings. A U+FFFD of the expectation stands
// for a character that its source could not read.
func (b *board) equal(source, file, question, want, got string) {
	same := want == got || strings.ContainsRune(want, '\uFFFD') && sameButLost(want, got)
	b.check(source, file, question, same, fmt.Sprintf("want %.300q\n     got  %.300q", want, got))
}

// print renders the table, its sums, and every miss with its reason.
func (b *board) print(t *testing.T, reasons map[string]string) string {
	var out strings.Builder
	sort.Slice(b.order, func(i, j int) bool {
		return b.order[i][0] < b.order[j][0] || b.order[i][0] == b.order[j][0] && b.order[i][1] < b.order[j][1]
	})
	sums := map[string]*cell{}
	fmt.Fprintf(&out, "%-42s %-16s %s\n", "source", "question", "met/asked")
	for _, key := range b.order {
		c := b.cells[key]
		fmt.Fprintf(&out, "%-42s %-16s %d/%d\n", key[0], key[1], c.passed, c.all)
		if sums[key[1]] == nil {
			sums[key[1]] = &cell{}
		}
		sums[key[1]].passed += c.passed
		sums[key[1]].all += c.all
	}
	out.WriteString("\n")
	for _, q := range sortedKeys(sums) {
		c := sums[q]
		fmt.Fprintf(&out, "%-42s %-16s %d/%d = %.1f %%\n", "all", q, c.passed, c.all, 100*float64(c.passed)/float64(c.all))
	}
	out.WriteString("\nmisses\n")
	for _, m := range sortedKeys(b.missed) {
		why := reasons[m]
		if why == "" {
			t.Errorf("unexplained miss: %s\n     %s", m, b.missed[m])
		}
		fmt.Fprintf(&out, "%s: %s\n", m, why)
	}
	for _, m := range sortedKeys(reasons) {
		if _, ok := b.missed[m]; !ok {
			t.Errorf("%q has a reason but is no longer missed", m)
		}
	}
	return out.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// files lists the files of dir that match any of the patterns, sorted.
func files(t *testing.T, dir string, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	sort.Strings(out)
	if len(out) == 0 {
		t.Fatalf("%s holds nothing that matches %v", dir, patterns)
	}
	return out
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// squeeze removes all white space, and NUL, which no text here has. The U+FFFD
// that stand for lost characters in some expectations stay.
func squeeze(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), ""), "\x00", "")
}

// sameButLost compares squeezed texts, where a U+FFFD of the expectation
// stands for any one character.
func sameButLost(want, got string) bool {
	w, g := []rune(squeeze(want)), []rune(squeeze(got))
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] != g[i] && w[i] != '\uFFFD' {
			return false
		}
	}
	return true
}

// count adds to a figure that is printed for information: its misses are not
// listed.
func (b *board) count(source, question string, ok bool) {
	key := [2]string{source, question}
	c := b.cells[key]
	if c == nil {
		c = &cell{}
		b.cells[key] = c
		b.order = append(b.order, key)
	}
	c.all++
	if ok {
		c.passed++
	}
}

package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/kintsugi-desk/kintsugi"

// source is one Go file of the repository.
type source struct {
	path string // slash-separated, from the repository's root
	pkg  string // its folder
	test bool
	text []byte
	ast  *ast.File
}

// tree is the repository's Go source, parsed once.
type tree struct {
	fset  *token.FileSet
	files []*source
}

// problem is one breach of a rule.
type problem struct {
	where string // path:line, or a folder
	what  string
}

func root() string { return filepath.Join("..", "..") }

// skipped are folders that hold no source of ours.
func skipped(name string) bool {
	switch name {
	case ".git", "node_modules", "dist", "bin", "data", "test-results", "playwright-report", "testdata":
		return true
	}
	return false
}

func walk(fn func(name string) error) error {
	return filepath.WalkDir(root(), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) {
				return nil // removed while walking
			}
			return err
		}
		if d.IsDir() && p != root() && skipped(d.Name()) {
			return filepath.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root(), p)
		if err != nil {
			return err
		}
		return fn(filepath.ToSlash(rel))
	})
}

func load() (*tree, error) {
	tr := &tree{fset: token.NewFileSet()}
	err := walk(func(name string) error {
		if path.Ext(name) != ".go" {
			return nil
		}
		b, err := os.ReadFile(filepath.Join(root(), name))
		if err != nil {
			return err
		}
		return tr.add(name, b)
	})
	return tr, err
}

var repository = sync.OnceValues(load)

// whole returns the repository's source.
func whole(t *testing.T) *tree {
	t.Helper()
	tr, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.files) < 50 {
		t.Fatalf("only %d Go files found: the walk is broken", len(tr.files))
	}
	return tr
}

// example returns a tree of files given as path, text, path, text.
func example(t *testing.T, files ...string) *tree {
	t.Helper()
	tr := &tree{fset: token.NewFileSet()}
	for i := 0; i < len(files); i += 2 {
		if err := tr.add(files[i], []byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func (tr *tree) add(name string, text []byte) error {
	f, err := parser.ParseFile(tr.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	tr.files = append(tr.files, &source{
		path: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), text: text, ast: f,
	})
	return nil
}

// shipped returns the files that are neither tests nor rules about tests.
func (tr *tree) shipped() []*source {
	var out []*source
	for _, f := range tr.files {
		if !f.test {
			out = append(out, f)
		}
	}
	return out
}

// prop tells a package that only tests import (dbtest, emailtest, corpus): it
// ships with the source but not in the program.
func prop(pkg string) bool {
	return strings.HasSuffix(pkg, "test") || pkg == "internal/kit/corpus"
}

// packages returns the shipped files by folder.
func (tr *tree) packages() map[string][]*source {
	out := map[string][]*source{}
	for _, f := range tr.shipped() {
		out[f.pkg] = append(out[f.pkg], f)
	}
	return out
}

func (tr *tree) at(n ast.Node) string {
	p := tr.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

func (tr *tree) line(p token.Pos) int { return tr.fset.Position(p).Line }

func (f *source) lines() int { return bytes.Count(f.text, []byte("\n")) }

// imports returns what a file imports, without the quotes.
func (f *source) imports() []*ast.ImportSpec { return f.ast.Imports }

func unquoted(s *ast.ImportSpec) string { return strings.Trim(s.Path.Value, `"`) }

// check reports the problems of a rule that no exception covers, and the
// exceptions of that rule that cover nothing.
func check(t *testing.T, rule string, problems []problem) {
	t.Helper()
	used := map[string]bool{}
	sort.Slice(problems, func(i, j int) bool { return problems[i].where < problems[j].where })
	for _, p := range problems {
		if e, ok := excepted(rule, p); ok {
			used[e.where] = true
			continue
		}
		t.Errorf("%s: %s", p.where, p.what)
	}
	for _, e := range exceptions() {
		if e.rule == rule && !used[e.where] {
			t.Errorf("the exception for %s is no longer needed: remove it from exceptions_test.go", e.where)
		}
	}
}

func excepted(rule string, p problem) (exception, bool) {
	for _, e := range exceptions() {
		if e.rule == rule && strings.Contains(p.where+" "+p.what, e.where) {
			return e, true
		}
	}
	return exception{}, false
}

// caught fails unless a rule finds exactly the problems expected in an example.
func caught(t *testing.T, got []problem, want ...string) {
	t.Helper()
	var found []string
	for _, p := range got {
		found = append(found, p.where+" "+p.what)
	}
	for _, w := range want {
		if !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, w) }) {
			t.Errorf("the rule does not catch %q; it found %q", w, found)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the rule finds %d problems, want %d: %q", len(got), len(want), found)
	}
}

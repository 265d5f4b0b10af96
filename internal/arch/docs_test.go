package arch

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// TestDocs asks every package and every exported name for a comment that states
// what it is.
func TestDocs(t *testing.T) { check(t, "docs", docProblems(whole(t))) }

func docProblems(tr *tree) (out []problem) {
	for pkg, files := range tr.packages() {
		comments := 0
		for _, f := range files {
			if f.ast.Doc != nil {
				comments++
			}
			for _, d := range f.ast.Decls {
				out = append(out, declProblems(tr, d)...)
			}
		}
		if comments != 1 {
			out = append(out, problem{pkg, "wants exactly one package comment, as doc.go or in its main file"})
		}
	}
	return out
}

func declProblems(tr *tree, d ast.Decl) (out []problem) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || (d.Recv != nil && !token.IsExported(receiver(d))) {
			return nil
		}
		if !begins(d.Doc, d.Name.Name) {
			out = append(out, problem{tr.at(d), d.Name.Name + " has no comment that begins with its name"})
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			out = append(out, specProblems(tr, d, spec)...)
		}
	}
	return out
}

func specProblems(tr *tree, d *ast.GenDecl, spec ast.Spec) (out []problem) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		doc := s.Doc
		if doc == nil {
			doc = d.Doc
		}
		if s.Name.IsExported() && !begins(doc, s.Name.Name) {
			out = append(out, problem{tr.at(s), s.Name.Name + " has no comment that begins with its name"})
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
				out = append(out, problem{tr.at(s), name.Name + " has no comment, nor its group"})
			}
		}
	}
	return out
}

// begins reports whether a comment's first words hold the name: "Name does",
// "A Name is".
func begins(doc *ast.CommentGroup, name string) bool {
	if doc == nil {
		return false
	}
	words := strings.Fields(doc.Text())
	for _, w := range words[:min(len(words), 4)] {
		if strings.Trim(w, ".,:;()") == name {
			return true
		}
	}
	return false
}

func TestDocRulesCatch(t *testing.T) {
	caught(t, docProblems(example(t,
		"a/a.go", `// Package a is a.
package a

// Good does.
func Good() {}
func Bare() {}

// Wrong words.
func Named() {}

type T struct{}

// Kinds.
const (
	A = 1
	B = 2
)

const C = 3

type hidden struct{}

func (hidden) Free() {}
`,
		"b/b.go", "package b\n",
		"c/c.go", "// Package c one.\npackage c\n", "c/d.go", "// Package c two.\npackage c\n",
	)), "Bare has no comment", "Named has no comment", "T has no comment", "C has no comment", "b wants exactly one", "c wants exactly one")
}

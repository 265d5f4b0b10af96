package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unheard are the facts that only the pages hear, by the journal: no slice reacts.
// Whoever adds a fact says here, or in facts.go, who is to hear it.
func unheard() []string {
	return []string{
		"agent.created", "agent.password", "authority.changed", "brand.updated", "claim.changed", "contact-point.deleted", "contact-point.updated", "conversation.status", "draft.saved", "form.deleted", "form.updated", "key.created", "key.revoked",
		"mail.quarantined", "notice.added", "place.rated", "place.updated", "reception.updated", "session.ended", "session.started", "sticker.updated", "survey.invited", "survey.opted-in",
		"survey.opted-out", "survey.policy", "tag.deleted", "tag.updated", "team.deleted", "team.updated",
	}
}

// TestFactsAreComplete holds the facts that the sources emit against the table of
// those who listen: nobody listens to what never happens, and what happens is
// heard, or said to be for the pages alone.
func TestFactsAreComplete(t *testing.T) {
	emitted := emittedFacts(t)
	s := open(t, "", nil)
	heard := s.in.Journal.Listeners()
	for fact, who := range heard {
		if !emitted[fact] {
			t.Errorf("%v listen to %q, which nothing emits", who, fact)
		}
		if slices.Contains(unheard(), fact) {
			t.Errorf("%q is said to be unheard, and %v listen", fact, who)
		}
	}
	for fact := range emitted {
		if len(heard[fact]) == 0 && !slices.Contains(unheard(), fact) {
			t.Errorf("%q is emitted and nobody listens: name a listener in facts.go, or add it to unheard", fact)
		}
	}
	for _, fact := range unheard() {
		if !emitted[fact] {
			t.Errorf("nothing emits %q", fact)
		}
	}
	if len(emitted) < 30 {
		t.Errorf("only %d facts were found: %v", len(emitted), slices.Sorted(maps.Keys(emitted)))
	}
}

// emittedFacts returns the names of the facts that the product's sources emit.
func emittedFacts(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	byDir := map[string][]*ast.File{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			byDir[filepath.Dir(path)] = append(byDir[filepath.Dir(path)], f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, files := range byDir {
		names := constants(files)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) != 5 {
					return true
				}
				if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Emit" {
					return true
				}
				name, ok := call.Args[1].(*ast.Ident)
				if !ok || names[name.Name] == "" {
					t.Errorf("%s: emits something that is no constant of its package", dir)
					return true
				}
				found[names[name.Name]] = true
				return true
			})
		}
	}
	return found
}

// constants returns the texts that a package names.
func constants(files []*ast.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i >= len(v.Values) {
						continue
					}
					if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						out[name.Name], _ = strconv.Unquote(lit.Value) // the parser has read it
					}
				}
			}
		}
	}
	return out
}

package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// The budgets. Files aim at 120 lines and functions at 40; these are the walls.
const (
	maxFileLines     = 700
	maxFuncLines     = 120
	maxTestFuncLines = 200 // tables are long
	maxMethods       = 25  // declared; and exported, with those of what is embedded
	maxInterface     = 5
	maxParams        = 4  // after ctx and tx (and t in test helpers)
	maxSiblings      = 10 // packages of ours, kit aside, that a package imports; front/api and app are exempt
)

// TestBudgets keeps files, functions, types and interfaces small.
func TestBudgets(t *testing.T) { check(t, "budgets", budgetProblems(whole(t))) }

func budgetProblems(tr *tree) (out []problem) {
	methods := methodSets{}
	siblings := map[string]map[string]bool{}
	for _, f := range tr.files {
		if n := f.lines(); n > maxFileLines {
			out = append(out, problem{f.path, fmt.Sprintf("%d lines, at most %d", n, maxFileLines)})
		}
		for _, spec := range f.imports() {
			if to, ours := strings.CutPrefix(unquoted(spec), module+"/"); ours && !f.test && !strings.HasPrefix(to, "internal/kit/") {
				if siblings[f.pkg] == nil {
					siblings[f.pkg] = map[string]bool{}
				}
				siblings[f.pkg][to] = true
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				out = append(out, funcProblems(tr, f, n)...)
				if recv := receiver(n); recv != "" && !f.test {
					methods.declare(f.pkg+"."+recv, n.Name.Name)
				}
			case *ast.TypeSpec:
				if st, ok := n.Type.(*ast.StructType); ok && !f.test {
					methods.embed(f, n.Name.Name, st)
				}
			case *ast.InterfaceType:
				if count := len(n.Methods.List); count > maxInterface && !f.test {
					out = append(out, problem{tr.at(n), fmt.Sprintf("an interface with %d methods, at most %d", count, maxInterface)})
				}
			}
			return true
		})
	}
	for typ, m := range methods {
		if n := len(m.declared); n > maxMethods {
			out = append(out, problem{typ, fmt.Sprintf("%d methods, at most %d", n, maxMethods)})
		}
		if n := len(methods.offered(typ, map[string]bool{})); n > maxMethods {
			out = append(out, problem{typ, fmt.Sprintf("offers %d methods with those of what it embeds, at most %d", n, maxMethods)})
		}
	}
	for pkg, set := range siblings {
		if len(set) > maxSiblings && pkg != "internal/front/api" && pkg != "internal/app" && !beside(pkg) {
			out = append(out, problem{pkg, fmt.Sprintf("imports %d packages of ours, at most %d", len(set), maxSiblings)})
		}
	}
	return out
}

// methodSets knows of every type, by folder and name, which methods it declares
// and which of our types it embeds: whose methods are its own, too.
type methodSets map[string]*methodSet

type methodSet struct {
	declared map[string]bool
	embedded []string
}

func (m methodSets) at(typ string) *methodSet {
	if m[typ] == nil {
		m[typ] = &methodSet{declared: map[string]bool{}}
	}
	return m[typ]
}

func (m methodSets) declare(typ, method string) { m.at(typ).declared[method] = true }

func (m methodSets) embed(f *source, name string, st *ast.StructType) {
	for _, field := range st.Fields.List {
		if len(field.Names) > 0 {
			continue
		}
		e := field.Type
		if star, ok := e.(*ast.StarExpr); ok {
			e = star.X
		}
		if index, ok := e.(*ast.IndexExpr); ok {
			e = index.X
		}
		own := m.at(f.pkg + "." + name)
		switch e := e.(type) {
		case *ast.Ident:
			own.embedded = append(own.embedded, f.pkg+"."+e.Name)
		case *ast.SelectorExpr:
			for _, spec := range f.imports() {
				to, ours := strings.CutPrefix(unquoted(spec), module+"/")
				if from, ok := e.X.(*ast.Ident); ok && ours && path.Base(to) == from.Name {
					own.embedded = append(own.embedded, to+"."+e.Sel.Name)
				}
			}
		}
	}
}

// offered returns the exported methods of a type; seen guards against circles.
// What a package shares with itself by embedding is its own affair.
func (m methodSets) offered(typ string, seen map[string]bool) map[string]bool {
	out := map[string]bool{}
	if m[typ] == nil || seen[typ] {
		return out
	}
	seen[typ] = true
	for _, e := range m[typ].embedded {
		maps.Copy(out, m.offered(e, seen))
	}
	for name := range m[typ].declared {
		if ast.IsExported(name) {
			out[name] = true
		}
	}
	return out
}

func funcProblems(tr *tree, f *source, fn *ast.FuncDecl) (out []problem) {
	limit := maxFuncLines
	if f.test {
		limit = maxTestFuncLines
	}
	if n := tr.line(fn.End()) - tr.line(fn.Pos()) + 1; n > limit {
		out = append(out, problem{tr.at(fn), fmt.Sprintf("%s has %d lines, at most %d", fn.Name.Name, n, limit)})
	}
	if n := params(fn.Type); n > maxParams && !f.test {
		out = append(out, problem{tr.at(fn), fmt.Sprintf("%s takes %d parameters after ctx, at most %d", fn.Name.Name, n, maxParams)})
	}
	return out
}

// params counts parameters, without the context, transaction or test that leads them.
func params(ft *ast.FuncType) (n int) {
	for i, p := range ft.Params.List {
		if i < 2 && (isSelector(p.Type, "context", "Context") || isSelector(p.Type, "testing", "TB") || isSelector(p.Type, "sqldb", "Tx")) {
			continue
		}
		n += max(len(p.Names), 1)
	}
	return n
}

func isSelector(e ast.Expr, pkg, name string) bool {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg && s.Sel.Name == name
}

// receiver returns the name of a method's type, "" for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	e := fn.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.IndexExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			return id.Name
		}
	case *ast.IndexListExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			return id.Name
		}
	}
	return "?"
}

// TestPageBudgets keeps the files of the browser application small, too.
func TestPageBudgets(t *testing.T) {
	var found []problem
	seen := 0
	err := walk(func(name string) error {
		ext := path.Ext(name)
		if !strings.HasPrefix(name, "web/src/") || (ext != ".ts" && ext != ".svelte") || strings.HasSuffix(name, "schema.d.ts") {
			return nil
		}
		seen++
		b, err := os.ReadFile(filepath.Join(root(), name))
		if n := strings.Count(string(b), "\n"); n > maxFileLines {
			found = append(found, problem{name, fmt.Sprintf("%d lines, at most %d", n, maxFileLines)})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d files of the browser application found", seen)
	}
	check(t, "pages", found)
}

func TestBudgetRulesCatch(t *testing.T) {
	long := "package x\nfunc long() {\n" + strings.Repeat("\tprintln()\n", maxFuncLines) + "}\n"
	many := "package x\ntype T struct{}\n"
	for i := range maxMethods + 1 {
		many += fmt.Sprintf("func (t *T) m%d() {}\n", i)
	}
	lent := "package x\ntype Core struct{}\ntype Half struct{ *Core }\ntype Whole struct { Half; *Core }\n"
	for i := range maxMethods - 13 {
		lent += fmt.Sprintf("func (c *Core) C%d() {}\nfunc (c *Core) c%d() {}\n", i, i)
	}
	for i := range 14 {
		lent += fmt.Sprintf("func (h Half) H%d() {}\n", i)
	}
	far := "package b\nimport \"" + module + "/a\"\ntype Far struct{ a.Half }\n"
	caught(t, budgetProblems(example(t,
		"a/lent.go", lent, "b/far.go", far,
		"a/long.go", long,
		"a/file.go", "package x\n"+strings.Repeat("\n", maxFileLines),
		"a/many.go", many,
		"a/wide.go", "package x\nimport \"context\"\ntype W interface { A(); B(); C(); D(); E(); F() }\nfunc five(ctx context.Context, a, b, c int, d, e string) {}\nfunc four(ctx context.Context, a, b, c, d int) {}\n",
		"a/long_test.go", long,
	)), "long has 122 lines", "701 lines", "a.T 26 methods", "a.Half offers 26", "a.Whole offers 26", "b.Far offers 26", "an interface with 6 methods", "five takes 5 parameters")
}

package arch

import (
	"fmt"
	"go/ast"
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
	maxMethods       = 25
	maxInterface     = 5
	maxParams        = 4  // after ctx and tx (and t in test helpers)
	maxSiblings      = 10 // packages of ours, kit aside, that a package imports; front/api and app are exempt
)

// TestBudgets keeps files, functions, types and interfaces small.
func TestBudgets(t *testing.T) { check(t, "budgets", budgetProblems(whole(t))) }

func budgetProblems(tr *tree) (out []problem) {
	methods := map[string]int{}
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
					methods[f.pkg+"."+recv]++
				}
			case *ast.InterfaceType:
				if count := len(n.Methods.List); count > maxInterface && !f.test {
					out = append(out, problem{tr.at(n), fmt.Sprintf("an interface with %d methods, at most %d", count, maxInterface)})
				}
			}
			return true
		})
	}
	for typ, n := range methods {
		if n > maxMethods {
			out = append(out, problem{typ, fmt.Sprintf("%d methods, at most %d", n, maxMethods)})
		}
	}
	for pkg, set := range siblings {
		if len(set) > maxSiblings && pkg != "internal/front/api" && pkg != "internal/app" && !beside(pkg) {
			out = append(out, problem{pkg, fmt.Sprintf("imports %d packages of ours, at most %d", len(set), maxSiblings)})
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
	caught(t, budgetProblems(example(t,
		"a/long.go", long,
		"a/file.go", "package x\n"+strings.Repeat("\n", maxFileLines),
		"a/many.go", many,
		"a/wide.go", "package x\nimport \"context\"\ntype W interface { A(); B(); C(); D(); E(); F() }\nfunc five(ctx context.Context, a, b, c int, d, e string) {}\nfunc four(ctx context.Context, a, b, c, d int) {}\n",
		"a/long_test.go", long,
	)), "long has 122 lines", "701 lines", "a.T 26 methods", "an interface with 6 methods", "five takes 5 parameters")
}

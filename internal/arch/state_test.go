package arch

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// TestState forbids init functions and package variables that can change: what
// an import brings about nobody sees, and what a package remembers no test can
// reset. Variables that are never assigned again (errors, patterns, tables)
// are constants that Go cannot spell.
func TestState(t *testing.T) { check(t, "state", stateProblems(whole(t))) }

func stateProblems(tr *tree) (out []problem) {
	for _, files := range tr.packages() {
		vars := map[string]*ast.Ident{}
		for _, f := range files {
			for _, d := range f.ast.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Recv == nil && d.Name.Name == "init" {
						out = append(out, problem{tr.at(d), "has an init function"})
					}
				case *ast.GenDecl:
					if d.Tok == token.VAR {
						out = append(out, declared(tr, d, vars)...)
					}
				}
			}
		}
		for _, f := range files {
			out = append(out, assigned(tr, f, vars)...)
		}
	}
	return out
}

// declared looks at a var declaration: notes the names in vars, and reports
// those that are made to change.
func declared(tr *tree, d *ast.GenDecl, vars map[string]*ast.Ident) (out []problem) {
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		embedded := commented(d.Doc, "//go:embed") || commented(v.Doc, "//go:embed")
		for i, name := range v.Names {
			if name.Name == "_" || embedded {
				continue
			}
			vars[name.Name] = name
			switch {
			case len(v.Values) == 0:
				out = append(out, problem{tr.at(name), "var " + name.Name + " has no value: it is there to change"})
			case i < len(v.Values) && mutable(v.Values[i]):
				out = append(out, problem{tr.at(name), "var " + name.Name + " is made to change"})
			case name.IsExported() && i < len(v.Values) && table(v.Values[i]):
				out = append(out, problem{tr.at(name), "var " + name.Name + " is a table that others can change; make it a func"})
			}
		}
	}
	return out
}

func commented(doc *ast.CommentGroup, prefix string) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, prefix) {
			return true
		}
	}
	return false
}

func mutable(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok {
			return id.Name == "make" || id.Name == "new"
		}
	case *ast.UnaryExpr:
		_, lit := e.X.(*ast.CompositeLit)
		return e.Op == token.AND && lit
	case *ast.CompositeLit:
		if s, ok := e.Type.(*ast.SelectorExpr); ok {
			x, _ := s.X.(*ast.Ident)
			return x != nil && (x.Name == "sync" || x.Name == "atomic")
		}
		m, isMap := e.Type.(*ast.MapType)
		return isMap && m != nil && len(e.Elts) == 0
	}
	return false
}

func table(e ast.Expr) bool {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return false
	}
	switch t := lit.Type.(type) {
	case *ast.MapType:
		return true
	case *ast.ArrayType:
		return t.Len == nil
	}
	return false
}

// assigned reports assignments to package variables, to their elements and
// fields, and addresses taken of them. A local name that hides a package
// variable is told apart by where the innermost declaration stands.
func assigned(tr *tree, f *source, vars map[string]*ast.Ident) (out []problem) {
	for _, d := range f.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		local := locals(fn)
		note := func(e ast.Expr, how string) {
			if name := base(e); name != "" && vars[name] != nil && !local[name] {
				out = append(out, problem{tr.at(e), "package variable " + name + " " + how})
			}
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, e := range n.Lhs {
						note(e, "is assigned")
					}
				}
			case *ast.IncDecStmt:
				note(n.X, "is counted")
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					note(n.X, "is pointed at")
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
					note(n.Args[0], "is emptied")
				}
			}
			return true
		})
	}
	return out
}

// base returns the variable at the root of x, x.f, x[i], *x.
func base(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// locals returns every name that a function declares somewhere inside.
func locals(fn *ast.FuncDecl) map[string]bool {
	out := map[string]bool{}
	add := func(fl *ast.FieldList) {
		if fl == nil {
			return
		}
		for _, p := range fl.List {
			for _, n := range p.Names {
				out[n.Name] = true
			}
		}
	}
	add(fn.Recv)
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			add(n.Params)
			add(n.Results)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						out[id.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					out[id.Name] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				out[id.Name] = true
			}
		}
		return true
	})
	return out
}

// TestClock keeps the question what time it is in kit/clock.
func TestClock(t *testing.T) { check(t, "clock", clockProblems(whole(t))) }

func clockProblems(tr *tree) (out []problem) {
	for _, f := range tr.shipped() {
		if f.pkg == "internal/kit/clock" || prop(f.pkg) || beside(f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for _, name := range []string{"Now", "Since", "Until"} {
				if isSelector(s, "time", name) {
					out = append(out, problem{tr.at(s), "asks time." + name + "; take it from kit/clock or tx.Now"})
				}
			}
			return true
		})
	}
	return out
}

// TestContext keeps ctx the first parameter, and Background where a program
// begins: a context made in the middle ends no work.
func TestContext(t *testing.T) { check(t, "context", contextProblems(whole(t))) }

func contextProblems(tr *tree) (out []problem) {
	for _, f := range tr.shipped() {
		if prop(f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				for i, p := range n.Params.List {
					if i > 0 && isSelector(p.Type, "context", "Context") {
						out = append(out, problem{tr.at(p), "takes ctx, but not first"})
					}
				}
			case *ast.StructType:
				for _, p := range n.Fields.List {
					if !strings.HasPrefix(f.pkg, "cmd/") && isSelector(p.Type, "context", "Context") {
						out = append(out, problem{tr.at(p), "keeps a context in a struct"})
					}
				}
			case *ast.SelectorExpr:
				if isSelector(n, "context", "TO"+"DO") || (isSelector(n, "context", "Background") && !strings.HasPrefix(f.pkg, "cmd/") && !beside(f.pkg)) {
					out = append(out, problem{tr.at(n), "begins a context of its own"})
				}
			}
			return true
		})
	}
	return out
}

func TestStateRulesCatch(t *testing.T) {
	caught(t, stateProblems(example(t, "a/a.go", `package a

import (
	"errors"
	"regexp"
	"sync"
)

var (
	errGone = errors.New("gone")
	shape   = regexp.MustCompile("x")
	names   = [...]string{"a"}
	rates   = map[string]int{"a": 1}
	Open    = map[string]int{"a": 1}
	mu      sync.Mutex
	cache   = map[string]int{}
	count   = 1
	_       = errGone
)

func init() {}

func f() {
	rates["b"] = 2
	count++
	errGone := errors.New("local")
	errGone = nil
	_, _, _, _, _ = shape, names, &mu, cache, errGone
}
`)), "has an init", "var mu has no value", "mu is pointed at", "var cache is made to change", "var Open is a table", "rates is assigned", "count is counted")
	caught(t, clockProblems(example(t, "a/a.go", "package a\nimport \"time\"\nvar x = time.Now()\nvar y = time.Second\n")), "asks time.Now")
	caught(t, contextProblems(example(t,
		"internal/a/a.go", "package a\nimport \"context\"\nfunc f(n int, ctx context.Context) {}\ntype s struct { ctx context.Context }\nfunc g() { _ = context.Background() }\n",
		"cmd/a/a.go", "package main\nimport \"context\"\nfunc main() { _ = context.Background() }\n",
	)), "takes ctx, but not first", "keeps a context", "begins a context")
}

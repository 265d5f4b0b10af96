package arch

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// statement is one SQL text found in the source.
type statement struct {
	where string
	text  string // for PostgreSQL where the two differ by a hook of the dialect
	lite  string // for SQLite
	only  string // "", "postgres", "sqlite": a marker on its line
}

// opening is how statements begin.
func opening() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
}

// folded is what is known of a string expression before the program runs.
type folded struct {
	pg, lite string // the text for each engine, up to the first unknown part
	whole    bool   // there is no unknown part
}

// texts folds the constant strings of packages: literals, constants of the same
// package, sums of those, and parameters whose callers pass such strings.
type texts struct {
	tr     *tree
	consts map[string]ast.Expr   // by folder and name
	calls  map[string][]callSite // by folder and name of the called
	params map[*ast.FuncDecl][]string
	parts  map[string]bool // constants that are part of a longer text somewhere
	alone  map[string]bool // constants that stand alone somewhere
}

// callSite is a call, and the function it stands in.
type callSite struct {
	call *ast.CallExpr
	in   *ast.FuncDecl
}

func newTexts(tr *tree) *texts {
	x := &texts{
		tr: tr, consts: map[string]ast.Expr{}, calls: map[string][]callSite{},
		params: map[*ast.FuncDecl][]string{}, parts: map[string]bool{}, alone: map[string]bool{},
	}
	for _, f := range tr.shipped() {
		for _, d := range f.ast.Decls {
			fn, _ := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool { x.learn(f, fn, n); return true })
		}
	}
	for _, f := range tr.shipped() {
		x.uses(f)
	}
	return x
}

// learn notes constants, calls and parameters.
func (x *texts) learn(f *source, fn *ast.FuncDecl, n ast.Node) {
	switch n := n.(type) {
	case *ast.GenDecl:
		if n.Tok != token.CONST {
			return
		}
		for _, spec := range n.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				if i < len(v.Values) {
					x.consts[f.pkg+"."+name.Name] = v.Values[i]
				}
			}
		}
	case *ast.CallExpr:
		name := ""
		switch c := n.Fun.(type) {
		case *ast.Ident:
			name = c.Name
		case *ast.SelectorExpr:
			name = c.Sel.Name
		}
		x.calls[f.pkg+"."+name] = append(x.calls[f.pkg+"."+name], callSite{n, fn})
	case *ast.FuncDecl:
		for _, p := range n.Type.Params.List {
			if len(p.Names) == 0 {
				x.params[n] = append(x.params[n], "_")
			}
			for _, id := range p.Names {
				x.params[n] = append(x.params[n], id.Name)
			}
		}
	}
}

// uses notes which constants of a file stand in sums and which alone.
func (x *texts) uses(f *source) {
	inSum := map[*ast.Ident]bool{}
	declared := map[*ast.Ident]bool{}
	for e := range grown(f.ast) {
		if id, ok := e.(*ast.Ident); ok {
			inSum[id] = true
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			for _, e := range []ast.Expr{n.X, n.Y} {
				if id, ok := e.(*ast.Ident); ok {
					inSum[id] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				declared[id] = true
			}
		}
		return true
	})
	ast.Inspect(f.ast, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || declared[id] || x.consts[f.pkg+"."+id.Name] == nil {
			return true
		}
		if inSum[id] {
			x.parts[f.pkg+"."+id.Name] = true
		} else {
			x.alone[f.pkg+"."+id.Name] = true
		}
		return true
	})
}

// fold returns what is known of e, given what the parameters in env hold.
func (x *texts) fold(pkg string, e ast.Expr, env map[string]folded) folded {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return folded{s, s, err == nil}
		}
	case *ast.ParenExpr:
		return x.fold(pkg, e.X, env)
	case *ast.Ident:
		if v, ok := env[e.Name]; ok {
			return v
		}
		if c := x.consts[pkg+"."+e.Name]; c != nil {
			return x.fold(pkg, c, nil)
		}
	case *ast.CallExpr:
		if s, ok := e.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "SkipLocked" {
			return folded{" FOR UPDATE SKIP LOCKED", "", true}
		}
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return folded{}
		}
		a := x.fold(pkg, e.X, env)
		if !a.whole {
			return a
		}
		b := x.fold(pkg, e.Y, env)
		if !b.whole && b.pg == "" && strings.HasSuffix(a.pg, "IN (") {
			b = folded{listed, listed, true}
		}
		return folded{a.pg + b.pg, a.lite + b.lite, b.whole}
	}
	return folded{}
}

// listed stands for a list of parameters until their numbers are known. (A list
// of NULL would be planned away.)
const listed = "$list"

// numbered gives every list of a text two parameters of its own.
func numbered(text string) string {
	next := highest(text)
	for strings.Contains(text, listed) {
		text = strings.Replace(text, listed, "$"+strconv.Itoa(next+1)+", $"+strconv.Itoa(next+2), 1)
		next += 2
	}
	return text
}

// callers returns, for every call of fn in its package, what its parameters hold.
func (x *texts) callers(pkg string, fn *ast.FuncDecl, needed []string) []map[string]folded {
	var out []map[string]folded
	for _, site := range x.calls[pkg+"."+fn.Name.Name] {
		env := map[string]folded{}
		for i, name := range x.params[fn] {
			if i < len(site.call.Args) && slices.Contains(needed, name) {
				env[name] = x.fold(pkg, site.call.Args[i], nil)
			}
		}
		out = append(out, env)
	}
	return out
}

// unknowns returns the parameters of fn that e is a sum of.
func (x *texts) unknowns(fn *ast.FuncDecl, e ast.Expr) (out []string) {
	if fn == nil {
		return nil
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return append(x.unknowns(fn, e.X), x.unknowns(fn, e.Y)...)
	case *ast.ParenExpr:
		return x.unknowns(fn, e.X)
	case *ast.Ident:
		if slices.Contains(x.params[fn], e.Name) {
			return []string{e.Name}
		}
	}
	return nil
}

// statements returns every SQL text of the shipped source, and where a text is
// put together at run time.
func statements(tr *tree) (out []statement, composed []problem) {
	x := newTexts(tr)
	for _, f := range tr.shipped() {
		marks, begun := markers(tr, f), grown(f.ast)
		for _, d := range f.ast.Decls {
			for _, e := range sums(d) {
				if x.part(f, d, e) || begun[e] {
					continue // the texts it stands in are looked at themselves
				}
				only := marks.between(tr.line(e.Pos()), tr.line(e.End()))
				fn, _ := d.(*ast.FuncDecl)
				ways, ok := x.ways(f.pkg, fn, e)
				for _, w := range ways {
					out = append(out, statement{where: tr.at(e), text: numbered(w.pg), lite: numbered(w.lite), only: only})
				}
				if !ok && only == "" {
					composed = append(composed, problem{tr.at(e), "puts SQL together at run time"})
				}
			}
		}
		composed = append(composed, growing(tr, f, x, marks)...)
	}
	return out, composed
}

// ways returns every text that e can be; ok is false if it can be others, too.
func (x *texts) ways(pkg string, fn *ast.FuncDecl, e ast.Expr) (out []folded, ok bool) {
	v := x.fold(pkg, e, nil)
	sql := opening().MatchString(v.pg)
	if v.whole {
		if !sql || strings.HasSuffix(v.pg, "(") { // its list is added elsewhere
			return nil, true
		}
		return []folded{v}, true
	}
	needed := x.unknowns(fn, e)
	if len(needed) == 0 {
		return nil, !sql
	}
	seen := map[folded]bool{}
	for _, env := range x.callers(pkg, fn, needed) {
		v := x.fold(pkg, e, env)
		switch {
		case !sql && !opening().MatchString(v.pg):
		case !v.whole:
			return nil, false
		default:
			seen[v] = true
		}
	}
	return slices.Collect(maps.Keys(seen)), len(seen) > 0 || !sql
}

// part reports whether e is the value of a constant that only ever stands
// inside longer texts.
func (x *texts) part(f *source, d ast.Decl, e ast.Expr) bool {
	found := false
	ast.Inspect(d, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range v.Names {
			key := f.pkg + "." + name.Name
			if i < len(v.Values) && v.Values[i] == e && x.parts[key] && !x.alone[key] {
				found = true
			}
		}
		return true
	})
	return found
}

// sums returns the longest string expressions of a declaration: literals, and
// sums that hold one.
func sums(d ast.Decl) (out []ast.Expr) {
	inside := map[ast.Expr]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		switch e := e.(type) {
		case *ast.BinaryExpr:
			inside[e.X], inside[e.Y] = true, true
			if p, ok := e.X.(*ast.ParenExpr); ok {
				inside[p.X] = true
			}
		case *ast.BasicLit:
		default:
			return true
		}
		if !inside[e] {
			out = append(out, e)
		}
		return true
	})
	return out
}

// grown returns the expressions with which variables begin that += lengthens.
func grown(root ast.Node) map[ast.Expr]bool {
	longer := map[string]bool{}
	ast.Inspect(root, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.ADD_ASSIGN {
			longer[base(a.Lhs[0])] = true
		}
		return true
	})
	out := map[ast.Expr]bool{}
	ast.Inspect(root, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if ok && a.Tok == token.DEFINE && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if longer[base(l)] {
					out[a.Rhs[i]] = true
				}
			}
		}
		return true
	})
	return out
}

// growing finds query += "…", which no fold can see through.
func growing(tr *tree, f *source, x *texts, marks marks) (out []problem) {
	clause := regexp.MustCompile(`^\s*(AND|OR|WHERE|JOIN|LEFT JOIN|ORDER BY|LIMIT|GROUP BY|SET|UNION)\s`)
	ast.Inspect(f.ast, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.ADD_ASSIGN || marks[tr.line(a.Pos())] != "" {
			return true
		}
		if clause.MatchString(x.fold(f.pkg, a.Rhs[0], nil).pg) {
			out = append(out, problem{tr.at(a), "puts SQL together at run time"})
		}
		return true
	})
	return out
}

// marks are comments by line: "arch:postgres-only", "arch:sqlite-only", and
// "arch:composed" where SQL is put together at run time and tests run each way.
type marks map[int]string

func markers(tr *tree, f *source) marks {
	out := marks{}
	for _, g := range f.ast.Comments {
		for _, c := range g.List {
			for mark, what := range map[string]string{"postgres-only": "postgres", "sqlite-only": "sqlite", "composed": "composed"} {
				if strings.Contains(c.Text, "arch:"+mark) {
					out[tr.line(c.Pos())] = what
				}
			}
		}
	}
	return out
}

// between returns the marker on the lines from begin to end.
func (m marks) between(begin, end int) string {
	for l := begin; l <= end; l++ {
		if m[l] != "" {
			return m[l]
		}
	}
	return ""
}

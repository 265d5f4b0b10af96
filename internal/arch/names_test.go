package arch

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// vague are words that name nothing a support lead would know.
func vague() []string {
	return []string{"Manager", "Service", "Util", "Utils", "Helper", "Helpers", "Common", "Model", "Models"}
}

// TestNames keeps vague words out of package and type names.
func TestNames(t *testing.T) { check(t, "names", nameProblems(whole(t))) }

func nameProblems(tr *tree) (out []problem) {
	seen := map[string]bool{}
	for _, f := range tr.files {
		for _, v := range vague() {
			last := path.Base(f.pkg)
			if strings.EqualFold(last, v) && !seen[f.pkg] {
				seen[f.pkg] = true
				out = append(out, problem{f.pkg, "is named " + last + ", which says nothing"})
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			t, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			for _, v := range vague() {
				if t.Name.Name == v || strings.HasSuffix(t.Name.Name, v) || t.Name.Name == strings.ToLower(v) {
					out = append(out, problem{tr.at(t), "type " + t.Name.Name + " says nothing; name it for the work"})
				}
			}
			return true
		})
	}
	return out
}

// unfinished finds the words of work that is not done, and paths of somebody's machine.
func unfinished() *regexp.Regexp {
	return regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK|WIP)\b|(?i)\bfor now\b|\blorem ipsum\b|\bnot (yet )?implemented\b|(^|[^\w.])/(work|root)/|/home/[a-z]`)
}

// readable tells which files people read.
func readable(name string) bool {
	switch path.Ext(name) {
	case ".go", ".ts", ".svelte", ".css", ".html", ".md", ".json", ".sql", ".yml", ".yaml", ".sh", ".flow", ".txt", ".toml":
		return path.Base(name) != "package-lock.json"
	case "":
		return path.Base(name) == "Makefile" || strings.HasPrefix(name, ".ci/")
	}
	return false
}

// TestFinished finds words of unfinished work in everything that people read.
func TestFinished(t *testing.T) {
	var found []problem
	err := walk(func(name string) error {
		if !readable(name) || name == "internal/arch/names_test.go" {
			return nil
		}
		b, err := os.ReadFile(filepath.Join(root(), name))
		if os.IsNotExist(err) {
			return nil
		}
		found = append(found, finishedProblems(name, b)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "finished", found)
}

func finishedProblems(name string, text []byte) (out []problem) {
	bad := unfinished()
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 4<<20)
	for n := 1; sc.Scan(); n++ {
		if m := bad.FindString(sc.Text()); m != "" {
			out = append(out, problem{fmt.Sprintf("%s:%d", name, n), fmt.Sprintf("holds %q", strings.TrimSpace(m))})
		}
	}
	return out
}

func TestNameRulesCatch(t *testing.T) {
	caught(t, nameProblems(example(t,
		"internal/util/a.go", "package util\n",
		"internal/desk/a.go", "package desk\ntype InboxManager struct{}\ntype Customer struct{}\n",
	)), "is named util", "type InboxManager")
	caught(t, finishedProblems("a.md", []byte("fine\nTODO: later\nit stays For now so\nsee /work/shared\nhttps://x.example/work/a is fine\nnetwork/work/ fine\nnot yet implemented\n")),
		`a.md:2 holds "TODO"`, `a.md:3`, `a.md:4`, `a.md:7`)
}

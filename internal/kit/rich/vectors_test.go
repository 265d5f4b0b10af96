package rich_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

// vectors reads the collection, by class.
func vectors(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("RUN", "top.pwned=1", "EVIL", "https://evil.example", "␀", "\x00", "⏎", "\n", "␉", "\t")
	out, class := map[string][]string{}, ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		switch name, isClass := strings.CutPrefix(line, "# "); {
		case isClass:
			class = name
		case line != "" && !strings.HasPrefix(line, "//"):
			out[class] = append(out[class], fill.Replace(line))
		}
	}
	return out
}

// TestVectors cleans each of the collection, alone, inside other markup and
// twice, and looks at the tree that a browser makes of the result.
func TestVectors(t *testing.T) {
	n := 0
	for class, list := range vectors(t) {
		t.Run(class, func(t *testing.T) {
			for _, source := range list {
				n++
				for _, around := range []string{"", "<p>before ", "<table><tr><td>", "<blockquote><div style=\"color:red\">", "<b><i><a href=https://ok.example>"} {
					for _, remote := range []bool{false, true} {
						opt := rich.Options{CID: desk, RemoteImages: remote}
						once := rich.Sanitize(around+source, opt).HTML
						if !remote {
							harmless(t, source, once)
						}
						tree(t, source, once, remote)
						tree(t, source, rich.Sanitize(once, opt).HTML, remote)
						visible, quoted := rich.Visible(around + source)
						tree(t, source, rich.Sanitize(visible, opt).HTML, remote)
						tree(t, source, rich.Sanitize(quoted, opt).HTML, remote)
					}
				}
			}
		})
	}
	if n < 120 {
		t.Errorf("only %d vectors", n)
	}
}

// tree parses clean as a browser does in a body, and again what is written of
// that: what hides from the first reading must not come out in a later one.
func tree(t *testing.T, source, clean string, remote bool) {
	t.Helper()
	for range 3 {
		check(t, source, clean, remote)
		clean = render(t, clean)
	}
}

func nodes(t *testing.T, s string) []*html.Node {
	t.Helper()
	list, err := html.ParseFragment(strings.NewReader(s), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func render(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for _, n := range nodes(t, s) {
		if err := html.Render(&b, n); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func check(t *testing.T, source, s string, remote bool) {
	t.Helper()
	for _, root := range nodes(t, s) {
		all := []*html.Node{root}
		for n := range root.Descendants() {
			all = append(all, n)
		}
		for _, n := range all {
			if n.Namespace != "" || n.Type == html.CommentNode {
				t.Errorf("%q left %q", source, n.Data)
			}
			if n.Type != html.ElementNode {
				continue
			}
			switch n.Data {
			case "script", "style", "iframe", "object", "embed", "form", "input", "button", "svg", "math", "meta", "base", "link", "template", "video", "audio", "noscript", "xmp", "plaintext", "textarea", "select", "frameset":
				t.Errorf("%q left <%s> in %q", source, n.Data, s)
			}
			for _, a := range n.Attr {
				val := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "srcset", a.Key == "background", a.Key == "ping", a.Key == "id", a.Key == "name", a.Key == "class", a.Key == "cite", a.Key == "action", a.Key == "usemap":
					t.Errorf("%q left %s=%q", source, a.Key, a.Val)
				case a.Key == "href" && strings.Contains(strings.SplitN(val, ":", 2)[0], "script"):
					t.Errorf("%q left href=%q", source, a.Val)
				case a.Key == "src" && !remote && strings.Contains(val, "evil.example"):
					t.Errorf("%q would fetch %q", source, a.Val)
				case a.Key == "style" && strings.ContainsAny(val, `\@{}<`):
					t.Errorf("%q left style=%q", source, a.Val)
				}
			}
		}
	}
}

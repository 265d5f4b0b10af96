package rich_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

var reHTMLPart = regexp.MustCompile(`(?is)<html.*</html>`)

// mails are the HTML bodies that stand unencoded in mails of the corpus.
func mails(f *testing.F) (out []string) {
	for _, b := range corpus.Seeds(f, "email", ".eml", 200, 12<<10) {
		if html := reHTMLPart.Find(b); html != nil {
			out = append(out, string(html))
		}
	}
	return out
}

// FuzzQuoted splits any HTML into what was written and what was quoted. Nothing
// that shows is lost, and either half is as harmless as the whole.
func FuzzQuoted(f *testing.F) {
	for _, seed := range append(mails(f),
		`<p>Thanks</p><div class="gmail_quote">On Mon A wrote:<blockquote>old</blockquote></div>`,
		`<div>new</div><div id="divRplyFwdMsg"><b>From:</b> a</div><div>old</div>`, `<pre>a
> b</pre>`, `<blockquote type=cite><p>only a quote`, `<table><tr><td>x<blockquote>y</table>z`) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		visible, quoted := rich.Visible(source)
		for _, half := range []string{visible, quoted} {
			harmless(t, source, rich.Sanitize(half, rich.Options{CID: desk}).HTML)
			if s := rich.Text(half); !utf8.ValidString(s) {
				t.Errorf("not text: %q", s)
			}
		}
		if strings.TrimSpace(rich.Text(source)) != "" && strings.TrimSpace(visible) == "" {
			t.Errorf("nothing visible of %q", source)
		}
	})
}

// FuzzFromText makes HTML of any text: it is harmless as it is, before it is
// sanitised.
func FuzzFromText(f *testing.F) {
	for _, seed := range append([]string{"see https://a.example/(x).\n\nmail a@b.example", "<script>alert(1)</script>", `https://a.example/"onmouseover=x`, "http://[::1]:x/'><img src=x>", "ｈttps://例え.jp\x00\x01"}, attacks...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, plain string) {
		out := rich.FromText(plain)
		harmless(t, plain, out)
		if !utf8.ValidString(out) || strings.ContainsRune(out, 0) {
			t.Errorf("not text: %q", out)
		}
	})
}

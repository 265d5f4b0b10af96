package rich

import (
	"html"
	"regexp"
	"strings"
)

// Page says how Document presents a mail.
type Page struct {
	// Lang is the language tag of the mail, "" when unknown.
	Lang string
	// Dark gives a dark ground. Mails bring their own colours, so only those
	// without any should be shown dark.
	Dark bool
	// ImageOrigins are the origins (https://desk.example) that serve the
	// pictures which Options.CID pointed at.
	ImageOrigins []string
}

var reOrigin = regexp.MustCompile(`^https?://[A-Za-z0-9.\-\[\]:]+$`)

// Document wraps sanitised HTML in a complete document for the srcdoc of an
// iframe with sandbox="allow-popups allow-popups-to-escape-sandbox". Its
// content security policy forbids scripts, frames, forms, fonts and requests, and
// the name of a link is not looked up before somebody follows it;
// pictures come from data: and the given origins, and from elsewhere only when
// the reader allowed remote images.
func Document(c Clean, p Page) string {
	lang := ""
	if reLang.MatchString(p.Lang) {
		lang = ` lang="` + p.Lang + `"`
	}
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html" + lang + `><head><meta charset="utf-8">`)
	b.WriteString(`<meta http-equiv="Content-Security-Policy" content="` + html.EscapeString(contentPolicy(c, p)) + `">`)
	b.WriteString(`<meta name="referrer" content="no-referrer"><meta http-equiv="x-dns-prefetch-control" content="off"><meta name="viewport" content="width=device-width">`)
	b.WriteString("<style>" + pageStyle(p.Dark) + "</style></head><body>")
	b.WriteString(c.HTML)
	b.WriteString("</body></html>")
	return b.String()
}

func contentPolicy(c Clean, p Page) string {
	images := []string{"data:"}
	for _, origin := range p.ImageOrigins {
		if reOrigin.MatchString(origin) {
			images = append(images, origin)
		}
	}
	if c.RemoteAllowed {
		images = append(images, "https:", "http:")
	}
	return "default-src 'none'; img-src " + strings.Join(images, " ") +
		"; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
}

func pageStyle(dark bool) string {
	colors := "color-scheme:light;color:#1c1b1a;background:#fff"
	if dark {
		colors = "color-scheme:dark;color:#e8e6e3;background:#1c1b1a"
	}
	return "html{" + colors + "}body{margin:0;padding:4px;font:15px/1.6 system-ui,'Hiragino Sans','Noto Sans JP','Yu Gothic',sans-serif;" +
		"overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}" +
		"blockquote{margin:.5em 0;padding-left:.8em;border-left:3px solid #bbb}"
}

package rich

import (
	"strings"

	"golang.org/x/net/html"
)

const (
	// MaxHTML is how many bytes of HTML Sanitize reads; the rest is cut off.
	MaxHTML = 4 << 20
	// MaxDataURI is the longest inline data: image that is kept, in bytes of
	// the address.
	MaxDataURI = 1 << 20
	// maxDepth bounds the nesting of the output. Tags beyond it are dropped,
	// their text stays.
	maxDepth = 256
)

// Placeholder stands where a remote image was: a transparent pixel.
const Placeholder = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

// Options says how images are treated. The zero value loads nothing.
type Options struct {
	// RemoteImages keeps the addresses of http(s) images. Without it they move
	// to data-remote-src and a transparent pixel takes their place.
	RemoteImages bool
	// CID gives the address under which the part with this Content-ID can be
	// loaded. nil, or ok false, leaves the image out.
	CID func(id string) (address string, ok bool)
}

// Clean is sanitised HTML and what was found in it.
type Clean struct {
	// HTML is a balanced fragment for the inside of a body element.
	HTML string
	// RemoteImages counts the images that live on other machines, whether they
	// were kept or not.
	RemoteImages int
	// CIDs lists the Content-IDs that images refer to, each once, in order.
	CIDs []string
	// RemoteAllowed repeats Options.RemoteImages, for Document.
	RemoteAllowed bool
}

// Sanitize makes HTML from a stranger safe to show in Document. Broken HTML is
// repaired as far as balance goes, never rejected.
func Sanitize(source string, opt Options) Clean {
	if len(source) > MaxHTML {
		source = source[:MaxHTML]
	}
	source = strings.ToValidUTF8(strings.ReplaceAll(source, "\x00", ""), "\uFFFD")
	w := rewriter{opt: opt, seen: map[string]bool{}}
	w.clean.RemoteAllowed = opt.RemoteImages
	w.rewrite(policy().Sanitize(protectCIDs(source)))
	w.clean.HTML = w.out.String()
	return w.clean
}

// rewriter walks sanitised HTML once more: it settles images and links, which
// need to be counted and rewritten, and closes what was left open.
type rewriter struct {
	opt   Options
	clean Clean
	out   strings.Builder
	seen  map[string]bool
	open  []string
	// dropped counts, by name, start tags left out for depth whose end tags
	// must be left out too.
	dropped map[string]int
}

func (w *rewriter) rewrite(safe string) {
	z := html.NewTokenizer(strings.NewReader(safe))
	for {
		switch z.Next() {
		case html.ErrorToken:
			for i := len(w.open) - 1; i >= 0; i-- {
				w.out.WriteString("</" + w.open[i] + ">")
			}
			return
		case html.TextToken:
			w.out.Write(z.Raw())
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(string(name))
		}
	}
}

func (w *rewriter) start(t html.Token) {
	switch t.Data {
	case "img":
		if !w.image(&t) {
			return
		}
	case "a":
		link(&t)
	}
	t.Type = html.StartTagToken
	if isVoid(t.Data) {
		w.out.WriteString(t.String())
		return
	}
	if len(w.open) >= maxDepth {
		if w.dropped == nil {
			w.dropped = map[string]int{}
		}
		w.dropped[t.Data]++
		return
	}
	w.open = append(w.open, t.Data)
	w.out.WriteString(t.String())
}

// end closes name and whatever was left open inside it; an end tag that closes
// nothing is dropped.
func (w *rewriter) end(name string) {
	if w.dropped[name] > 0 {
		w.dropped[name]--
		return
	}
	for i := len(w.open) - 1; i >= 0; i-- {
		if w.open[i] != name {
			continue
		}
		for j := len(w.open) - 1; j >= i; j-- {
			w.out.WriteString("</" + w.open[j] + ">")
		}
		w.open = w.open[:i]
		return
	}
}

func isVoid(name string) bool {
	return name == "img" || name == "br" || name == "hr" || name == "col" || name == "wbr"
}

// link makes every link open apart and tell nobody where the reader came from.
func link(t *html.Token) {
	kept := t.Attr[:0]
	href := false
	for _, a := range t.Attr {
		if a.Key == "rel" || a.Key == "target" {
			continue
		}
		href = href || a.Key == "href"
		kept = append(kept, a)
	}
	t.Attr = kept
	if href {
		t.Attr = append(t.Attr,
			html.Attribute{Key: "rel", Val: "noopener noreferrer nofollow"},
			html.Attribute{Key: "target", Val: "_blank"})
	}
}

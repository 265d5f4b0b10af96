package rich

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// maxLinkText is the longest address that Text writes out beside a link's
// words; tracking addresses are longer and tell a reader nothing.
const maxLinkText = 120

// maxQuote is how many levels of "> " Text writes.
const maxQuote = 5

// Text makes readable plain text of HTML: paragraphs, lists, tables as lines,
// quotes behind "> ", links with their address when the words hide it. Lines
// end with "\n"; no line ends in blanks.
func Text(source string) string {
	if len(source) > MaxHTML {
		source = source[:MaxHTML]
	}
	w := textWriter{}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.finish()
		case html.TextToken:
			if w.skip == "" {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(string(name))
		}
	}
}

// textWriter collects lines. Breaks are wished for and paid when text comes, so
// that nested blocks do not pile up blank lines.
type textWriter struct {
	out   strings.Builder
	line  strings.Builder
	blank int  // line breaks owed before the next text
	space bool // a blank owed before the next word
	skip  string
	quote int
	pre   int
	lists []int // open lists: -1 bullets, else the next number
	href  string
	from  int // where the words of the open link begin in line
	wrote bool
}

func (w *textWriter) start(t html.Token) {
	if w.skip == "head" && t.Data == "body" {
		w.skip = ""
	}
	if w.skip != "" {
		return
	}
	switch t.Data {
	case "script", "style", "head", "title", "template", "textarea", "select", "svg", "math":
		if t.Type == html.StartTagToken {
			w.skip = t.Data
		}
	case "body":
		w.breaks(1)
	case "br":
		w.newline()
	case "hr":
		w.breaks(1)
		w.word("----------")
		w.breaks(1)
	case "img":
		w.text(attr(t, "alt"))
	case "a":
		w.href, w.from = attr(t, "href"), w.line.Len()
	case "td", "th":
		w.space = w.line.Len() > 0
	case "li":
		w.item()
	case "ul":
		w.breaks(1)
		w.lists = append(w.lists, -1)
	case "ol":
		w.breaks(1)
		w.lists = append(w.lists, 1)
	case "blockquote":
		w.endLine()
		w.breaks(2)
		w.pay()
		w.quote++
	case "pre":
		w.breaks(2)
		w.pre++
	default:
		w.breaks(blockBreaks(t.Data))
	}
}

func (w *textWriter) end(name string) {
	if w.skip != "" {
		// A mail whose head is never closed must not lose its body.
		if w.skip == name || name == "head" {
			w.skip = ""
		}
		return
	}
	switch name {
	case "a":
		w.closeLink()
	case "ul", "ol":
		if n := len(w.lists); n > 0 {
			w.lists = w.lists[:n-1]
		}
		w.breaks(1)
	case "blockquote":
		w.endLine()
		w.breaks(2)
		w.quote = max(0, w.quote-1)
	case "pre":
		w.breaks(2)
		w.pre = max(0, w.pre-1)
	case "li":
		w.breaks(1)
	default:
		w.breaks(blockBreaks(name))
	}
}

// blockBreaks is how many line breaks stand before and after an element.
func blockBreaks(name string) int {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "dl", "figure":
		return 2
	case "div", "tr", "section", "article", "header", "footer", "main", "aside", "nav", "center", "address",
		"dt", "dd", "caption", "form", "fieldset", "figcaption", "body", "html", "thead", "tbody", "tfoot":
		return 1
	}
	return 0
}

func (w *textWriter) item() {
	w.breaks(1)
	bullet := "- "
	if n := len(w.lists); n > 0 {
		if next := w.lists[n-1]; next > 0 {
			bullet = itoa(next) + ". "
			w.lists[n-1]++
		}
		bullet = strings.Repeat("  ", min(n-1, maxQuote)) + bullet
	}
	w.pay()
	w.line.WriteString(bullet)
}

func (w *textWriter) closeLink() {
	href := w.href
	w.href = ""
	if href == "" || len(href) > maxLinkText || !strings.HasPrefix(strings.ToLower(href), "http") {
		return
	}
	if w.from > w.line.Len() || strings.TrimSpace(w.line.String()[w.from:]) == "" {
		return
	}
	if strings.Contains(bareURL(w.line.String()[w.from:]), bareURL(href)) {
		return
	}
	w.space = true
	w.word("<" + href + ">")
}

// bareURL takes off what people leave out when they write an address.
func bareURL(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, p := range []string{"https://", "http://", "www."} {
		s = strings.TrimPrefix(s, p)
	}
	return strings.TrimRight(s, "/")
}

// breaks asks for at least n line breaks before the next text.
func (w *textWriter) breaks(n int) {
	if n > w.blank {
		w.blank = n
	}
	if n > 0 {
		w.space = false
	}
}

// newline is a br: it ends the line at once, so that two make an empty line.
func (w *textWriter) newline() {
	w.pay()
	w.flush()
	w.blank, w.space = 0, false
}

// endLine ends a line that has text, before the depth of quoting changes.
func (w *textWriter) endLine() {
	if w.line.Len() > 0 {
		w.flush()
	}
}

// pay writes the breaks that are owed.
func (w *textWriter) pay() {
	if w.blank == 0 {
		return
	}
	n := w.blank
	w.blank = 0
	if w.line.Len() > 0 {
		w.flush()
	}
	if w.wrote && n > 1 && !strings.HasSuffix(w.out.String(), "\n\n") {
		w.flush()
	}
}

// flush ends the current line.
func (w *textWriter) flush() {
	s := strings.TrimRight(w.line.String(), " \t\u00a0")
	w.line.Reset()
	w.from = 0
	if w.quote > 0 {
		s = strings.TrimRight(strings.Repeat("> ", min(w.quote, maxQuote))+s, " ")
	}
	w.out.WriteString(s + "\n")
	w.wrote = w.wrote || s != ""
}

func (w *textWriter) text(s string) {
	if w.pre > 0 {
		w.preformatted(s)
		return
	}
	for len(s) > 0 {
		i := strings.IndexFunc(s, collapsible)
		if i == 0 {
			w.space = true
			s = strings.TrimLeftFunc(s, collapsible)
			continue
		}
		if i < 0 {
			i = len(s)
		}
		w.word(s[:i])
		s = s[i:]
	}
}

// collapsible is HTML white space; a no-break space is a character.
func collapsible(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

func (w *textWriter) word(s string) {
	s = strings.Map(visibleRune, s)
	if s == "" {
		return
	}
	w.pay()
	if w.space && w.line.Len() > 0 {
		w.line.WriteByte(' ')
	}
	w.space = false
	w.line.WriteString(s)
}

// visibleRune drops the invisible padding of newsletters and makes no-break
// spaces plain.
func visibleRune(r rune) rune {
	switch {
	case r == '\u00a0':
		return ' '
	case r == '\u200b', r == '\u200c', r == '\ufeff', r == '\u00ad', r == '\u034f', r == 0:
		return -1
	case unicode.IsControl(r) && r != '\t':
		return -1
	}
	return r
}

func (w *textWriter) preformatted(s string) {
	for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			w.newline()
		}
		if line != "" {
			w.pay()
			w.line.WriteString(strings.Map(visibleRune, line))
		}
	}
}

func (w *textWriter) finish() string {
	if w.line.Len() > 0 {
		w.flush()
	}
	return strings.ToValidUTF8(strings.Trim(w.out.String(), "\n"), "\uFFFD")
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

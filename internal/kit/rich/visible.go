package rich

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Visible splits the HTML of a reply into what its writer wrote and what is
// carried along: quotes, forwarded mails, their headers. Signatures stay, they
// belong to the look of the mail. visible is never empty when source has any
// text. Neither half is sanitised, both are balanced where source is.
func Visible(source string) (visible, quoted string) {
	if len(source) > MaxHTML {
		source = source[:MaxHTML]
	}
	d := dissect(source)
	carried := text.Carried(d.lines)
	for i := range carried {
		carried[i] = carried[i] || d.hard >= 0 && i >= d.hard
	}
	for i, line := range d.lines {
		if !carried[i] && strings.TrimSpace(line) != "" {
			return d.render(carried, false), d.render(carried, true)
		}
	}
	return source, ""
}

// piece is one token of the source, or one line of a token in pre.
type piece struct {
	raw  string
	kind html.TokenType
	name string
	line int
	// end is, for a start tag, the index of the piece that closes it.
	end int
	// ink tells that the piece shows something: text or a picture.
	ink bool
}

// dissection is HTML as pieces that know the line of text they stand on.
type dissection struct {
	pieces []piece
	lines  []string
	// hard is the line from which on everything is carried; -1 for none.
	hard int

	open   []int // indexes of the start tags that are open
	quotes int   // how many of them begin quotes
	pre    int
	skip   string
	fresh  bool // the current line has no text yet
}

func dissect(source string) *dissection {
	d := &dissection{hard: -1, lines: []string{""}, fresh: true}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			break
		}
		raw := string(z.Raw())
		switch tt {
		case html.TextToken:
			d.text(raw, string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			d.start(raw, z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			d.endTag(raw, string(name))
		}
	}
	for _, i := range d.open {
		d.pieces[i].end = len(d.pieces)
	}
	return d
}

func (d *dissection) add(p piece) int {
	p.line = len(d.lines) - 1
	d.pieces = append(d.pieces, p)
	return len(d.pieces) - 1
}

// newline begins a new line of text if the current one has any.
func (d *dissection) newline() {
	if !d.fresh {
		d.lines = append(d.lines, "")
		d.fresh = true
	}
}

func (d *dissection) text(raw, decoded string) {
	if d.skip != "" {
		d.add(piece{raw: raw, kind: html.TextToken})
		return
	}
	if d.pre > 0 && strings.Contains(raw, "\n") {
		rest := raw
		for rest != "" {
			line, after, more := strings.Cut(rest, "\n")
			if more {
				line += "\n"
			}
			d.words(line, html.UnescapeString(line))
			if more {
				d.lines = append(d.lines, "")
				d.fresh = true
			}
			rest = after
		}
		return
	}
	d.words(raw, decoded)
}

// words adds text to the current line.
func (d *dissection) words(raw, decoded string) {
	shown := strings.Join(strings.FieldsFunc(strings.ReplaceAll(decoded, "\u00a0", " "), collapsible), " ")
	ink := strings.Map(visibleRune, shown) != ""
	if ink {
		last := &d.lines[len(d.lines)-1]
		if d.fresh && d.quotes > 0 {
			*last = "> "
		}
		if !d.fresh && decoded != "" && (collapsible(rune(decoded[0])) || strings.HasPrefix(decoded, "\u00a0")) {
			*last += " "
		}
		*last += shown
		if collapsible(rune(decoded[len(decoded)-1])) || strings.HasSuffix(decoded, "\u00a0") {
			*last += " "
		}
		d.fresh = false
	}
	d.add(piece{raw: raw, kind: html.TextToken, ink: ink})
}

func (d *dissection) start(raw string, t html.Token) {
	if d.skip == "head" && t.Data == "body" {
		d.skip = ""
	}
	switch t.Data {
	case "br":
		d.add(piece{raw: raw, kind: html.SelfClosingTagToken, name: t.Data})
		// Two breaks make an empty line, which separates.
		d.lines = append(d.lines, "")
		d.fresh = true
		return
	case "hr":
		d.newline()
		d.lines[len(d.lines)-1] = "----------"
		d.fresh = false
		d.add(piece{raw: raw, kind: html.SelfClosingTagToken, name: t.Data})
		d.newline()
		return
	case "img", "input", "meta", "link", "base", "col", "wbr", "area", "source":
		d.add(piece{raw: raw, kind: html.SelfClosingTagToken, name: t.Data, ink: t.Data == "img"})
		return
	}
	if blockBreaks(t.Data) > 0 || t.Data == "blockquote" || t.Data == "li" || t.Data == "td" || t.Data == "pre" {
		d.newline()
	}
	if d.hard < 0 && beginsCarried(t) && d.anyText() {
		d.newline()
		d.hard = len(d.lines) - 1
	}
	i := d.add(piece{raw: raw, kind: html.StartTagToken, name: t.Data})
	if t.Type == html.SelfClosingTagToken {
		d.pieces[i].kind = html.SelfClosingTagToken
		return
	}
	d.open = append(d.open, i)
	d.enter(t)
	if isQuote(t) {
		d.pieces[i].end = -1
		d.quotes++
	}
}

// enter notes the elements whose text is no text, or keeps its line ends.
func (d *dissection) enter(t html.Token) {
	switch t.Data {
	case "style", "script", "title", "head", "xml":
		if d.skip == "" {
			d.skip = t.Data
		}
	case "pre":
		d.pre++
	}
}

func (d *dissection) endTag(raw, name string) {
	if d.skip == name {
		d.skip = ""
	}
	i := d.add(piece{raw: raw, kind: html.EndTagToken, name: name})
	at := -1
	for n := len(d.open) - 1; n >= 0 && n >= len(d.open)-maxDepth; n-- {
		if d.pieces[d.open[n]].name == name {
			at = n
			break
		}
	}
	if at < 0 {
		d.pieces[i].end = -2 // closes nothing
		return
	}
	for _, o := range d.open[at:] {
		if d.pieces[o].end == -1 {
			d.quotes--
		}
		d.pieces[o].end = i
		if d.pieces[o].name == "pre" {
			d.pre--
		}
	}
	d.open = d.open[:at]
	if blockBreaks(name) > 0 || name == "blockquote" || name == "li" || name == "td" || name == "pre" {
		d.newline()
	}
}

func (d *dissection) anyText() bool {
	for _, l := range d.lines {
		if strings.TrimSpace(l) != "" {
			return true
		}
	}
	return false
}

// isQuote recognises the elements in which mailers wrap a quote.
func isQuote(t html.Token) bool {
	if t.Data == "blockquote" {
		return true
	}
	class := " " + strings.ToLower(attr(t, "class")) + " "
	for _, c := range []string{"gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "tutanota_quote", "zmail_extra", "zimbraquote", "gmail_attr", "skiff_quote"} {
		if strings.Contains(class, " "+c+" ") || strings.Contains(class, " "+c+"_container ") {
			return true
		}
	}
	switch strings.TrimPrefix(strings.ToLower(attr(t, "id")), "x_") {
	case "olk_src_body_section", "mail-editor-reference-message-container", "isforwardcontent", "isreplycontent":
		return true
	}
	return strings.EqualFold(attr(t, "type"), "cite")
}

// beginsCarried recognises the marks of Outlook, after which everything is
// carried along although it stands beside and not inside the mark.
func beginsCarried(t html.Token) bool {
	id := strings.TrimPrefix(strings.ToLower(attr(t, "id")), "x_")
	class := strings.ToLower(attr(t, "class"))
	if id == "divrplyfwdmsg" || id == "appendonsend" || strings.Contains(class, "outlookmessageheader") {
		return true
	}
	style := strings.ToLower(strings.ReplaceAll(attr(t, "style"), " ", ""))
	if t.Data == "div" && strings.Contains(style, "border:none;border-top:solid#") {
		return strings.Contains(style, "#b5c4df") || strings.Contains(style, "#e1e1e1")
	}
	return false
}

// render puts together the pieces on carried lines, or those on the others.
// Elements that show something of the other half only are left out.
func (d *dissection) render(carried []bool, want bool) string {
	// How many pieces of each half show something before piece i.
	ink, other := make([]int, len(d.pieces)+1), make([]int, len(d.pieces)+1)
	for i, p := range d.pieces {
		ink[i+1], other[i+1] = ink[i], other[i]
		switch {
		case p.ink && carried[p.line] == want:
			ink[i+1]++
		case p.ink:
			other[i+1]++
		}
	}
	dropped := make([]bool, len(d.pieces)+1)
	var out bytes.Buffer
	for i, p := range d.pieces {
		switch p.kind {
		case html.StartTagToken:
			end := min(max(p.end, i), len(d.pieces))
			if ink[end] == ink[i] && (other[end] > other[i] || carried[p.line] != want) {
				dropped[i], dropped[end] = true, true
				continue
			}
		case html.EndTagToken:
			if dropped[i] || p.end == -2 {
				continue
			}
		default:
			if carried[p.line] != want {
				continue
			}
		}
		out.WriteString(p.raw)
	}
	return out.String()
}

package mime

import (
	"bytes"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

// bodyUnit is one stretch of the body: as text, as HTML, or as both.
type bodyUnit struct {
	text, html       string
	hasText, hasHTML bool
}

// collector sorts the leaves of the tree into body and attachments.
type collector struct {
	p     *parser
	mail  *Mail
	units []bodyUnit
	text  int // bytes of text collected
	html  int
}

// bodies walks the tree and fills in Text, HTML, Parts and Calendar.
func (p *parser) bodies(m *Mail, root *node) {
	c := &collector{p: p, mail: m}
	c.visit(root, place{first: true})
	c.finish()
	c.rename()
}

// place says where in the tree a node stands.
type place struct {
	parent string
	// first child of its parent.
	first bool
	// unit, when set, is the alternative that leaves belong to.
	unit *bodyUnit
}

func (c *collector) visit(n *node, at place) {
	if n.is("multipart/") {
		c.multipart(n, at)
		return
	}
	if c.isBody(n, at) {
		c.bodyPart(n, at)
		return
	}
	c.attach(n)
}

// multipart visits children. Under multipart/alternative all leaves tell the
// same thing, so they share one unit.
func (c *collector) multipart(n *node, at place) {
	unit := at.unit
	if n.ctype == "multipart/alternative" && unit == nil {
		c.units = append(c.units, bodyUnit{})
		unit = &bodyUnit{}
		index := len(c.units) - 1
		defer func() { c.units[index] = *unit }()
	}
	first := firstChild(n)
	for i, child := range n.children {
		c.visit(child, place{parent: n.ctype, first: i == first, unit: unit})
	}
}

// firstChild is the child that the others are there for: the first one, but in
// multipart/related the one that start= names or, when a picture stands first,
// the first text.
func firstChild(n *node) int {
	if n.ctype != "multipart/related" {
		return 0
	}
	if start := strings.Trim(n.params["start"], "<> "); start != "" {
		for i, child := range n.children {
			if strings.Trim(child.header.raw("Content-Id"), "<> ") == start {
				return i
			}
		}
	}
	for i, child := range n.children {
		if child.is("text/") || child.is("multipart/") {
			return i
		}
	}
	return 0
}

// isBody tells whether a leaf is to be read and not to be saved: text that is
// no attachment, and either the first part or without a file name.
func (c *collector) isBody(n *node, at place) bool {
	switch n.ctype {
	case "text/plain", "text/html", "text/x-amp-html":
	case "text/enriched", "text/richtext":
		// Only when there is nothing else to read.
		return at.parent == "" && n.disposition != "attachment"
	default:
		return false
	}
	if n.disposition == "attachment" {
		return false
	}
	if at.first || at.parent == "multipart/alternative" {
		return true
	}
	return at.parent != "multipart/related" && n.fileName() == ""
}

// fileName is the name that the sender gave, "" when none.
func (n *node) fileName() string {
	if name := n.dispParams["filename"]; name != "" {
		return name
	}
	if name := n.params["name"]; name != "" {
		return name
	}
	return n.params["filename"]
}

func (c *collector) bodyPart(n *node, at place) {
	if n.ctype == "text/x-amp-html" {
		return // the same again for machines that animate mail
	}
	data := c.p.decodeTransfer(c.p.body(n), n.header.raw("Content-Transfer-Encoding"))
	if n.ctype == "text/plain" {
		var files []uuFile
		if files, data = cutUUFiles(data); len(files) > 0 {
			defer c.attachUU(files)
		}
	}
	s := c.p.decodeText(data, htmlCharset(n, data))
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	isHTML := n.ctype == "text/html"
	if n.ctype == "text/enriched" || n.ctype == "text/richtext" {
		s = plainEnriched(s)
	}
	if n.params["format"] == "flowed" || strings.EqualFold(n.params["format"], "flowed") {
		s = unflow(s, strings.EqualFold(n.params["delsp"], "yes"))
	}
	s = c.clip(s, isHTML)
	unit := at.unit
	if unit == nil {
		c.units = append(c.units, bodyUnit{})
		unit = &c.units[len(c.units)-1]
	}
	unit.add(s, isHTML)
}

// add appends to the unit; a second text of one alternative (after a picture,
// say) goes on the first.
func (u *bodyUnit) add(s string, isHTML bool) {
	if isHTML {
		u.html += s
		u.hasHTML = true
		return
	}
	if u.hasText && u.text != "" && !strings.HasSuffix(u.text, "\n") {
		u.text += "\n"
	}
	u.text += s
	u.hasText = true
}

// clip keeps the sum of all texts within the limit.
func (c *collector) clip(s string, isHTML bool) string {
	used := &c.text
	if isHTML {
		used = &c.html
	}
	if room := c.p.limits.MaxTextBytes - *used; len(s) > room {
		s = strings.ToValidUTF8(s[:max(0, room)], "")
		c.p.problem(ProblemTextBytes)
	}
	*used += len(s)
	return s
}

// htmlCharset is the label of a text part. HTML without one may carry it in a
// meta element.
func htmlCharset(n *node, data []byte) string {
	label := n.params["charset"]
	if n.ctype != "text/html" || label != "" && !vague(cleanLabel(label)) {
		return label
	}
	head := bytes.ToLower(data[:min(len(data), 2048)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return label
	}
	found := strings.TrimLeft(string(head[i+len("charset="):]), `"' `)
	if end := strings.IndexAny(found, "\"'>; /\r\n"); end >= 0 {
		found = found[:end]
	}
	if found == "" {
		return label
	}
	return found
}

// finish joins the units to Text and HTML.
func (c *collector) finish() {
	anyHTML, anyText := false, false
	for _, u := range c.units {
		anyHTML = anyHTML || u.hasHTML && strings.TrimSpace(u.html) != ""
		anyText = anyText || u.hasText && strings.TrimSpace(u.text) != ""
	}
	var text, html strings.Builder
	for _, u := range c.units {
		t := u.text
		if strings.TrimSpace(t) == "" && u.hasHTML {
			t = rich.Text(u.html)
			if t == "" {
				t = u.text
			}
		}
		if text.Len() > 0 && !strings.HasSuffix(text.String(), "\n") {
			text.WriteByte('\n')
		}
		text.WriteString(t)
		switch {
		case u.hasHTML:
			html.WriteString(u.html)
		case anyHTML && u.hasText:
			html.WriteString(rich.FromText(u.text))
		}
	}
	m := c.mail
	m.Text = tidy(text.String())
	m.TextDerived = !anyText && anyHTML
	if anyHTML {
		m.HTML = tidy(html.String())
	}
}

// unflow joins the soft line breaks of format=flowed (RFC 3676).
func unflow(s string, delsp bool) string {
	lines := strings.Split(s, "\n")
	var b strings.Builder
	open := false // the previous line ended in a soft break
	depth := 0
	for i, line := range lines {
		d := len(line) - len(strings.TrimLeft(line, ">"))
		content := strings.TrimPrefix(line[d:], " ")
		soft := strings.HasSuffix(content, " ") && content != "-- "
		if soft && delsp {
			content = content[:len(content)-1]
		}
		if open && d == depth {
			b.WriteString(content)
		} else {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(strings.Repeat(">", d))
			if d > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(content)
		}
		open, depth = soft, d
	}
	return b.String()
}

// plainEnriched drops the commands of text/enriched (RFC 1896).
func plainEnriched(s string) string {
	s = strings.NewReplacer("<<", "\x00", "\n\n", "\n").Replace(s)
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		end := strings.IndexByte(s[i:], '>')
		if end < 0 {
			s = s[i:]
			break
		}
		if strings.EqualFold(s[i:i+end+1], "<param>") {
			if j := strings.Index(strings.ToLower(s[i:]), "</param>"); j >= 0 {
				end = j + len("</param>") - 1
			}
		}
		s = s[i+end+1:]
	}
	b.WriteString(s)
	return strings.ReplaceAll(b.String(), "\x00", "<")
}

package mime

import (
	"bytes"
	"sort"
	"strings"
)

// parser holds the state of one Parse.
type parser struct {
	limits   Limits
	src      []byte
	dashes   []int // offsets in src of the lines that begin with "--"
	parts    int
	problems []string
	// charset is the first charset label found, the guess for raw headers.
	charset string
}

func (p *parser) problem(kind string) {
	for _, k := range p.problems {
		if k == kind {
			return
		}
	}
	p.problems = append(p.problems, kind)
}

// node is one entity of the tree. Its body is src[from:to].
type node struct {
	header      Header
	headerBytes []byte
	ctype       string
	params      map[string]string
	disposition string
	dispParams  map[string]string
	from, to    int
	children    []*node
	depth       int
}

func (n *node) is(prefix string) bool { return strings.HasPrefix(n.ctype, prefix) }

func (p *parser) body(n *node) []byte { return p.src[n.from:n.to] }

// unixEnds gives mail from old Macs (bare CR) lines that end with LF. Mail with
// any LF is left alone: a CR in it belongs to CRLF or to the content.
func unixEnds(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') >= 0 || bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
}

// read parses the whole tree; nil when src is no mail at all.
func (p *parser) read() *node {
	p.dashes = dashLines(p.src)
	root := p.entity(0, len(p.src), 0, "text/plain")
	if len(root.header.Fields) == 0 && looksBinary(p.body(root)) {
		return nil
	}
	return root
}

// looksBinary reports data that no reader would call text.
func looksBinary(data []byte) bool {
	if len(data) > 4096 {
		data = data[:4096]
	}
	control := 0
	for _, c := range data {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			control++
		}
	}
	return control*10 > len(data)
}

// maxDashLines bounds the lines that are tried as boundaries; a mail with
// MaxParts parts needs a hundredth of it.
const maxDashLines = 200_000

// dashLines lists the offsets of the lines that may be boundaries.
func dashLines(src []byte) []int {
	var out []int
	if bytes.HasPrefix(src, []byte("--")) {
		out = append(out, 0)
	}
	for at := 0; ; {
		i := bytes.Index(src[at:], []byte("\n--"))
		if i < 0 {
			return out
		}
		out = append(out, at+i+1)
		at += i + 1
		if len(out) == maxDashLines {
			return out
		}
	}
}

// entity reads the header at from and, for a multipart, its children.
func (p *parser) entity(from, to, depth int, defaultType string) *node {
	p.parts++
	n := &node{depth: depth, to: to}
	h, head, body := p.splitHeader(p.src[from:to], depth == 0)
	n.header, n.headerBytes = h, head
	n.from = to - len(body)
	p.contentType(n, defaultType)
	if !n.is("multipart/") {
		return n
	}
	if depth >= p.limits.MaxDepth {
		p.problem(ProblemDepth)
		n.ctype = "application/octet-stream"
		return n
	}
	p.split(n)
	return n
}

// contentType fills in what the Content-* fields say.
func (p *parser) contentType(n *node, defaultType string) {
	if raw := n.header.raw("Content-Type"); raw != "" {
		n.ctype, n.params = p.parameters(raw)
	}
	if !strings.Contains(n.ctype, "/") {
		switch {
		case n.ctype == "text":
			n.ctype = "text/plain"
		case n.ctype == "" || n.header.raw("Content-Type") == "":
			n.ctype = defaultType
		case n.params["boundary"] != "":
			n.ctype = "multipart/mixed"
		default:
			n.ctype = "application/octet-stream"
		}
	}
	if raw := n.header.raw("Content-Disposition"); raw != "" {
		n.disposition, n.dispParams = p.parameters(raw)
	}
	if cs := n.params["charset"]; cs != "" && p.charset == "" {
		p.charset = cs
	}
}

// split finds the children of a multipart. Without a usable boundary the body
// itself is asked; without any the multipart is read as plain text.
func (p *parser) split(n *node) {
	marks, closed := p.boundaries(n, n.params["boundary"])
	if len(marks) == 0 {
		p.problem(ProblemBoundary)
		guess := p.guessBoundary(n)
		if marks, closed = p.boundaries(n, guess); guess == "" || len(marks) == 0 {
			n.ctype = "text/plain"
			return
		}
	}
	if !closed {
		p.problem(ProblemBoundary)
	}
	child := "text/plain"
	if n.ctype == "multipart/digest" {
		child = "message/rfc822"
	}
	for i, m := range marks {
		if m.closing {
			continue
		}
		if p.parts >= p.limits.MaxParts {
			p.problem(ProblemParts)
			return
		}
		end := n.to
		if i+1 < len(marks) {
			end = trimEnd(p.src, m.after, marks[i+1].at)
		}
		if m.after < end {
			n.children = append(n.children, p.entity(m.after, end, n.depth+1, child))
		}
	}
}

// mark is a boundary line: where it begins and where the line after it does.
type mark struct {
	at, after int
	closing   bool
}

// boundaries lists the delimiter lines of boundary inside n, up to the close.
func (p *parser) boundaries(n *node, boundary string) (marks []mark, closed bool) {
	boundary = strings.TrimRight(boundary, " \t")
	if boundary == "" {
		return nil, false
	}
	first := sort.SearchInts(p.dashes, n.from)
	lastOpening := -1
	for _, at := range p.dashes[first:] {
		if at >= n.to {
			break
		}
		m, ok := p.delimiter(n, boundary, at)
		if !ok {
			continue
		}
		marks = append(marks, m)
		if !m.closing {
			lastOpening = len(marks) - 1
		}
	}
	// What follows the end is an epilogue, unless the boundary goes on: some
	// senders close too early, so only the close after the last opening counts.
	if lastOpening < 0 {
		return nil, false
	}
	marks = marks[:min(len(marks), lastOpening+2)]
	if marks[len(marks)-1].closing {
		return marks, true
	}
	// A binary part without a line end of its own pushes the close behind it.
	tail := bytes.TrimRight(p.src[n.from:n.to], " \t\r\n")
	if last := []byte("--" + boundary + "--"); bytes.HasSuffix(tail, last) {
		marks = append(marks, mark{at: n.from + len(tail) - len(last), after: n.to, closing: true})
	}
	return marks, false
}

// delimiter reads the line at offset at as a delimiter of boundary.
func (p *parser) delimiter(n *node, boundary string, at int) (mark, bool) {
	line, next := cutLine(p.src[:n.to], at)
	rest, ok := bytes.CutPrefix(line[2:], []byte(boundary))
	if !ok {
		return mark{}, false
	}
	rest = bytes.TrimRight(rest, " \t")
	closing := string(rest) == "--"
	return mark{at: at, after: next, closing: closing}, closing || len(rest) == 0
}

// guessBoundary takes the first line that looks like a delimiter: dashes, then
// a header or an empty line.
func (p *parser) guessBoundary(n *node) string {
	first := sort.SearchInts(p.dashes, n.from)
	for i, at := range p.dashes[first:] {
		if at >= n.to || i > 50 {
			return ""
		}
		line, next := cutLine(p.src[:n.to], at)
		b := strings.TrimRight(string(line[2:]), " \t")
		if b == "" || len(b) > 200 || strings.Trim(b, "-") == "" || next >= n.to {
			continue
		}
		after, _ := cutLine(p.src[:n.to], next)
		if name, _, ok := cutField(after); ok && strings.HasPrefix(strings.ToLower(name), "content-") {
			return b
		}
	}
	return ""
}

// trimEnd leaves the line end before a delimiter to the delimiter.
func trimEnd(src []byte, from, to int) int {
	if to > from && src[to-1] == '\n' {
		to--
	}
	if to > from && src[to-1] == '\r' {
		to--
	}
	return to
}

package text

import (
	"strings"
)

// Reply is a plain-text mail, taken apart.
type Reply struct {
	// Visible is what the writer wrote for this mail, trimmed. It is never
	// empty when the mail has any text.
	Visible string
	// Signature is the block under it: name, company, "Sent from my phone".
	Signature string
	// Quoted is the earlier mail that was carried along, with the line or
	// header that introduces it.
	Quoted string
}

// Visible splits a plain-text reply into what its writer wrote and what is
// carried along below (signature and quote, in their order). visible is never
// empty when body has any text.
func Visible(body string) (visible, quoted string) {
	r := Split(body)
	return r.Visible, strings.TrimSpace(r.Signature + "\n\n" + r.Quoted)
}

// Split takes a plain-text reply apart. It knows how the mailers of many
// languages introduce a quote; a reply written between the lines of a quote
// keeps the lines it answers.
func Split(body string) Reply {
	body = strings.ToValidUTF8(body, "\uFFFD")
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(body)
	s := newSplitter(strings.Split(body, "\n"))
	s.mark()
	r := s.assemble()
	if r.Visible == "" {
		// Only a quote or only a signature: that is all there is to read.
		return Reply{Visible: strings.TrimSpace(body)}
	}
	return r
}

// Carried tells which of the lines belong to an earlier mail that is carried
// along. Quoted lines begin with ">".
func Carried(lines []string) []bool {
	s := newSplitter(lines)
	s.markQuotes()
	carried := make([]bool, len(lines))
	for i, k := range s.kinds {
		carried[i] = k != own
	}
	return carried
}

// kind is what a line is.
type kind uint8

const (
	own kind = iota
	quote
	intro // introduces a quote
	cut   // below a mark after which everything is quoted
	sign
)

// maxLines is how many lines are searched for marks; a person's own words are
// never below that.
const maxLines = 5000

type splitter struct {
	lines []string
	kinds []kind
	code  []bool // between fences of code
	next  []int  // the line itself, or the next one with text
}

func newSplitter(lines []string) *splitter {
	s := &splitter{lines: lines, kinds: make([]kind, len(lines)), next: make([]int, len(lines)+1)}
	s.next[len(lines)] = len(lines)
	for i := len(lines) - 1; i >= 0; i-- {
		s.next[i] = i
		if blank(lines[i]) {
			s.next[i] = s.next[i+1]
		}
	}
	s.code = s.codeLines()
	return s
}

// mark gives every line its kind.
func (s *splitter) mark() {
	s.markQuotes()
	s.markSignature()
}

// markQuotes finds everything that is carried along.
func (s *splitter) markQuotes() {
	for i := 0; i < len(s.lines); {
		if isQuoteLine(s.lines[i]) && !s.code[i] {
			s.kinds[i] = quote
			i++
			continue
		}
		if s.code[i] || i >= maxLines || blank(s.lines[i]) {
			i++
			continue
		}
		if n := headerBlock(s.lines, i); n > 0 {
			s.cutFrom(s.above(i))
			break
		}
		if isSeparator(s.lines[i]) {
			s.cutFrom(s.above(i))
			break
		}
		if n := attribution(s.lines, i); n > 0 {
			if !s.quoteFollows(i + n) {
				s.cutFrom(i)
				break
			}
			for j := i; j < i+n; j++ {
				s.kinds[j] = intro
			}
			i += n
			continue
		}
		i++
	}
	s.wrappedQuotes()
	s.keepContext()
}

// codeLines tells which lines stand between fences of code.
func (s *splitter) codeLines() []bool {
	code := make([]bool, len(s.lines))
	open := -1
	for i, line := range s.lines {
		if !strings.HasPrefix(strings.TrimSpace(line), "```") {
			continue
		}
		if open < 0 {
			open = i
			continue
		}
		for j := open; j <= i; j++ {
			code[j] = true
		}
		open = -1
	}
	return code
}

func isQuoteLine(line string) bool {
	t := strings.TrimLeft(line, " \t")
	return strings.HasPrefix(t, ">") || strings.HasPrefix(t, "＞")
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

func (s *splitter) cutFrom(i int) {
	for ; i < len(s.kinds); i++ {
		s.kinds[i] = cut
	}
}

// above moves a cut up over the rulers and empty lines before it.
func (s *splitter) above(i int) int {
	for i > 0 && s.kinds[i-1] == own && (blank(s.lines[i-1]) || isRuler(s.lines[i-1])) {
		i--
	}
	return i
}

// quoteFollows tells whether the next text line is marked with ">"; also when
// there is none, because the quote was cut off.
func (s *splitter) quoteFollows(i int) bool {
	j := s.next[i]
	return j == len(s.lines) || isQuoteLine(s.lines[j])
}

// wrappedQuotes takes the tails of quoted lines that a mailer wrapped without
// marking them: one or two lines between quoted lines, with no blank line.
func (s *splitter) wrappedQuotes() {
	for i := 1; i < len(s.lines); i++ {
		if s.kinds[i-1] != quote || s.kinds[i] != own || blank(s.lines[i]) {
			continue
		}
		for n := 1; n <= 2 && i+n < len(s.lines); n++ {
			if s.kinds[i+n] == quote {
				for j := i; j < i+n; j++ {
					s.kinds[j] = quote
				}
				break
			}
			if blank(s.lines[i+n]) {
				break
			}
		}
	}
}

// keepContext gives quoted lines back to the text where the writer answers
// between them: at least two quotes that each have an answer. A quote without
// an introduction above an answer is a citation and stays as well.
func (s *splitter) keepContext() {
	type block struct {
		from, to             int
		answered, introduced bool
	}
	var blocks []block
	for i := 0; i < len(s.lines); i++ {
		if s.kinds[i] != quote {
			continue
		}
		b := block{from: i, introduced: s.introduced(i)}
		for i < len(s.lines) && (s.kinds[i] == quote || blank(s.lines[i]) && s.quoteNext(i)) {
			i++
		}
		b.to = i
		b.answered = s.answered(i)
		blocks = append(blocks, b)
	}
	answers, hasIntro := 0, false
	for _, b := range blocks {
		if b.answered {
			answers++
		}
		hasIntro = hasIntro || b.introduced
	}
	for _, b := range blocks {
		if b.answered && (answers >= 2 || !hasIntro) {
			for j := b.from; j < b.to; j++ {
				s.kinds[j] = own
			}
		}
	}
}

// introduced tells whether a quote has an introduction: before it or as its
// own first line.
func (s *splitter) introduced(i int) bool {
	for j := i - 1; j >= 0; j-- {
		if !blank(s.lines[j]) {
			if s.kinds[j] == intro {
				return true
			}
			break
		}
	}
	bare := make([]string, 0, 5)
	for j := i; j < len(s.lines) && j < i+5; j++ {
		bare = append(bare, strings.TrimLeft(s.lines[j], "> \t"))
	}
	for j := range bare {
		if !blank(bare[j]) {
			return attribution(bare, j) > 0 || isSeparator(bare[j]) || headerBlock(bare, j) > 0
		}
	}
	return false
}

// quoteNext tells whether the next text line is part of a quote.
func (s *splitter) quoteNext(i int) bool {
	j := s.next[i]
	return j < len(s.lines) && s.kinds[j] == quote
}

// answered tells whether text of the writer follows that is no signature.
func (s *splitter) answered(i int) bool {
	j := s.next[i]
	return j < len(s.lines) && s.kinds[j] == own && !isSignatureMark(s.lines[j]) && !isRuler(s.lines[j]) && !isDeviceLine(s.lines[j])
}

// assemble puts the lines of each kind together.
func (s *splitter) assemble() Reply {
	var visible, signature, quoted []string
	for i, line := range s.lines {
		switch s.kinds[i] {
		case own:
			visible = append(visible, line)
		case sign:
			signature = append(signature, line)
		default:
			// Where a quote was taken out of the middle a blank line is left.
			if n := len(visible); n > 0 && !blank(visible[n-1]) {
				visible = append(visible, "")
			}
			quoted = append(quoted, line)
		}
	}
	return Reply{Visible: tidyLines(visible), Signature: tidyLines(signature), Quoted: tidyLines(quoted)}
}

// tidyLines joins lines without blanks at their ends and trims the whole.
func tidyLines(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(line, " \t\u3000"))
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n")
}

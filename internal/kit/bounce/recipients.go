package bounce

import (
	"regexp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

// recipients reads what happened to whom: from the fields where there are any,
// filled up from the prose, else from the prose alone.
func (d *document) recipients() []Recipient {
	said := d.said()
	var out []Recipient
	for _, g := range d.groups {
		addr := g.address()
		if known(out, addr) {
			continue
		}
		words := said.of(addr)
		if words == "" && len(d.groups) == 1 {
			words = d.prose
		}
		out = append(out, judge(addr, g, words))
	}
	if len(out) > 0 {
		return out
	}
	for _, s := range said {
		if !known(out, s.addr) {
			out = append(out, judge(s.addr, nil, s.words))
		}
	}
	if len(out) == 0 {
		out = append(out, judge(d.original.to, nil, d.prose))
	}
	return out
}

func known(list []Recipient, addr string) bool {
	for _, r := range list {
		if strings.EqualFold(r.Addr, addr) {
			return addr != ""
		}
	}
	return false
}

// statement is what the prose says of one recipient.
type statement struct{ addr, words string }

type statements []statement

func (s statements) of(addr string) string {
	for _, x := range s {
		if strings.EqualFold(x.addr, addr) {
			return x.words
		}
	}
	return ""
}

var (
	// reLineStart matches a line that begins with the recipient.
	reLineStart = regexp.MustCompile(`^[\s>]*(?:[*・-]+\s*)?(?:(?:5\d\d|4\d\d)[ -]+(?:\d\.\d\.\d+\s+)?)?["<(]*(` + reAddress.String() + `)[">)]*`)
	// reNamed matches a line that names the recipient behind a label.
	reNamed = regexp.MustCompile(`(?i)(?:unknown user|user unknown|delivered to|delivering your mail to|mail to|address|attempts|allowed size|rejected recipient|gateway for|rcpt to|following address|recipient|宛先|メール)\b?[^@]{0,20}?[:<\s(]+(` + reAddress.String() + `)`)
	// reNoRecipient matches lines whose addresses are somebody else's.
	reNoRecipient = regexp.MustCompile(`(?i)contact|assistance|postmaster|envelope-from|original sender|generated from|expanded from|^\s*(?:from|to|cc|reply-to|sent|sender|subject|message-id|received|x-[a-z-]+|reporting-mta)\s*:|from \S+@|questions?\b|https?://|様$|hello|dear`)
)

// said finds the recipients in the prose and the words that go with each: from
// its line to the next recipient's.
func (d *document) said() statements {
	lines := strings.Split(strings.ReplaceAll(d.prose, "\r\n", "\n"), "\n")
	type hit struct {
		line int
		addr string
		self bool // the line itself says all
	}
	var hits []hit
	find := func(re *regexp.Regexp) {
		for i, line := range lines {
			m := re.FindStringSubmatch(line)
			if m == nil || reNoRecipient.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "<") {
				continue
			}
			addr := firstAddress(m[1])
			if addr == "" || d.isSelf(addr) && !strings.Contains(line, ":") {
				continue
			}
			if n := len(hits); n > 0 && strings.EqualFold(hits[n-1].addr, addr) {
				continue // the same recipient in the words of its server
			}
			if len(hits) < maxRecipients {
				hits = append(hits, hit{i, addr, reCodeLine.MatchString(line) || reInline.MatchString(line)})
			}
		}
	}
	find(reLineStart)
	if len(hits) == 0 {
		find(reNamed)
	}
	var out statements
	for n, h := range hits {
		end := len(lines)
		if n+1 < len(hits) {
			end = hits[n+1].line
		}
		words := strings.Join(lines[h.line:end], "\n")
		if h.self {
			words = strings.Join(lines[dialogue(lines, h.line):h.line+1], "\n")
		}
		// The words above the first recipient speak of all of them.
		if n == 0 && len(hits) == 1 {
			words = d.prose
		}
		if i := out.index(h.addr); i >= 0 {
			out[i].words += "\n" + words
			continue
		}
		out = append(out, statement{h.addr, words})
	}
	return out.withFailed(d.mail)
}

// dialogue moves up over the lines of the SMTP dialogue above a verdict.
func dialogue(lines []string, i int) int {
	for n := 0; n < 4 && i > 0; n++ {
		above := strings.TrimSpace(lines[i-1])
		if !strings.HasPrefix(above, ">>>") && !strings.HasPrefix(above, "<<<") {
			break
		}
		i--
	}
	return i
}

// reCodeLine matches "554 <addr>... words": the line is a whole sentence.
// reInline matches "addr [words]" and "addr words, ERROR_CODE".
var (
	reCodeLine = regexp.MustCompile(`^[\s>]*[45]\d\d[ -].*<[^>]+@[^>]+>\.\.\.\s*\S`)
	reInline   = regexp.MustCompile(`^\s*\S+@\S+\s+(?:\[.+\]|.*ERROR_CODE)`)
)

func (s statements) index(addr string) int {
	for i, x := range s {
		if strings.EqualFold(x.addr, addr) {
			return i
		}
	}
	return -1
}

// withFailed lets the header of Exim and Gmail decide who the recipients are.
func (s statements) withFailed(m *mime.Mail) statements {
	failed := reAddress.FindAllString(m.Header.Get("X-Failed-Recipients"), maxRecipients)
	if len(failed) == 0 {
		return s
	}
	var out statements
	for _, f := range failed {
		addr := firstAddress(f)
		words := s.of(addr)
		if words == "" {
			words = m.Text
			if at := reOriginal.FindStringIndex(words); at != nil {
				words = words[:at[0]]
			}
		}
		out = append(out, statement{addr, words})
	}
	return out
}

// isSelf tells whether an address is the one the report was sent to.
func (d *document) isSelf(addr string) bool {
	for _, a := range d.mail.To {
		if strings.EqualFold(a.Addr, addr) {
			return true
		}
	}
	return false
}

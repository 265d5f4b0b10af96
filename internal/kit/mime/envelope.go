package mime

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// envelope fills in everything that stands in the header of the mail.
func (p *parser) envelope(m *Mail) {
	h := &m.Header
	for i := range h.Fields {
		h.Fields[i].Value = strings.TrimSpace(p.decodeHeader(h.Fields[i].Raw))
	}
	m.From = p.addresses(h.raws("From"))
	m.Sender = p.addresses(h.raws("Sender"))
	m.ReplyTo = p.addresses(h.raws("Reply-To"))
	m.To = p.addresses(h.raws("To"))
	m.Cc = p.addresses(h.raws("Cc"))
	m.Bcc = p.addresses(h.raws("Bcc"))
	m.DeliveredTo = p.deliveredTo(*h)
	m.Subject = collapse(h.Get("Subject"))
	if ids := messageIDs(h.raw("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = messageIDs(strings.Join(h.raws("In-Reply-To"), " "))
	m.References = messageIDs(strings.Join(h.raws("References"), " "))
	m.Date = parseDate(h.raw("Date"))
	if m.Date.IsZero() {
		p.problem(ProblemDate)
	}
}

// collapse makes one line with single blanks of a subject.
func collapse(s string) string { return strings.Join(strings.FieldsFunc(s, isHeaderSpace), " ") }

func isHeaderSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

func (p *parser) deliveredTo(h Header) []string {
	var out []string
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"} {
		for _, a := range p.addresses(h.raws(name)) {
			if a.Addr != "" && !contains(out, a.Addr) {
				out = append(out, a.Addr)
			}
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// maxIDs bounds the ids of one field: a thread keeps its last ones.
const maxIDs = 200

// messageIDs reads <id> <id> …; ids without brackets are taken when they hold
// an @ and no blank.
func messageIDs(raw string) []string {
	var out []string
	add := func(id string) {
		id = strings.Map(idRune, strings.ToValidUTF8(id, ""))
		if id != "" && len(id) < 1000 && !contains(out, id) {
			out = append(out, id)
		}
	}
	rest := raw
	for {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		id, after, ok := strings.Cut(rest[i+1:], ">")
		if !ok {
			add(id)
			break
		}
		add(id)
		rest = after
		if len(out) > 2*maxIDs {
			break
		}
	}
	if len(out) == 0 {
		for _, f := range strings.Fields(stripComments(raw)) {
			if strings.Contains(f, "@") {
				add(strings.Trim(f, "\"',;"))
			}
		}
	}
	return out[max(0, len(out)-maxIDs):]
}

// idRune leaves out of an id what cannot stand in the header of an answer.
func idRune(r rune) rune {
	if unicode.IsSpace(r) || unicode.IsControl(r) || r == '<' || r == '>' {
		return -1
	}
	return r
}

var (
	reZoneName = regexp.MustCompile(`\s*\([^()]*\)?\s*`)
	reOffset   = regexp.MustCompile(`(?i)\b(?:GMT|UTC?)\s*([+-])(\d{1,2}):?(\d{2})?$`)
	reDateBody = regexp.MustCompile(`(\d{1,2})[ -]([A-Za-z]{3})[A-Za-z]*\.?[ -](\d{2,4})[ ,]+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d+)?\s*([AaPp][Mm])?\s*([+-]\s?\d{1,2}:?\d{2}|[A-Za-z]+)?`)
	reDateC    = regexp.MustCompile(`^[A-Za-z]{3,}[ ,]+([A-Za-z]{3})[a-z]*\s+(\d{1,2})[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([A-Za-z]{1,5}|[+-]\d{4})\s+)?(\d{4})(?:\s+([+-]\d{4}))?$`)
)

// parseDate reads the dates that mail really carries; zero when it cannot, or
// when the year is absurd.
func parseDate(raw string) time.Time {
	s := strings.Join(strings.Fields(reZoneName.ReplaceAllString(raw, " ")), " ")
	if s == "" || len(s) > 200 {
		return time.Time{}
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		if off, ok := zoneOffsets[strings.ToUpper(s[i+1:])]; ok {
			s = s[:i+1] + off
		}
	}
	t, err := mail.ParseDate(s)
	if err != nil {
		t = looseDate(s)
	}
	if y := t.Year(); y < 1970 || y > 2200 {
		return time.Time{}
	}
	return t.UTC()
}

func looseDate(s string) time.Time {
	s = reOffset.ReplaceAllStringFunc(s, func(z string) string {
		m := reOffset.FindStringSubmatch(z)
		return m[1] + pad2(m[2]) + pad2(m[3])
	})
	if m := reDateC.FindStringSubmatch(s); m != nil {
		zone := m[6]
		if m[8] != "" {
			zone = m[8]
		}
		return buildDate([8]string{m[2], m[1], m[7], m[3], m[4], m[5], "", zone})
	}
	if m := reDateBody.FindStringSubmatch(s); m != nil {
		return buildDate([8]string(m[1:9]))
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006/01/02 15:04:05", "2006/1/2 15:04", "02 Jan 2006", "2 January 2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

func pad2(s string) string {
	switch len(s) {
	case 0:
		return "00"
	case 1:
		return "0" + s
	}
	return s
}

// buildDate takes day, month, year, hour, minute, second, am/pm, zone.
func buildDate(f [8]string) time.Time {
	year := f[2]
	if len(year) == 2 {
		year = "20" + year
		if f[2] >= "70" {
			year = "19" + f[2]
		}
	}
	zone := strings.NewReplacer(" ", "", ":", "").Replace(f[7])
	if off, ok := zoneOffsets[strings.ToUpper(zone)]; ok {
		zone = off
	}
	if len(zone) != 5 || zone[0] != '+' && zone[0] != '-' {
		zone = "+0000"
	}
	month := strings.ToUpper(f[1][:1]) + strings.ToLower(f[1][1:])
	clock, layout := pad2(f[3])+":"+pad2(f[4])+":"+pad2(f[5]), "15:04:05"
	if f[6] != "" {
		clock, layout = clock+strings.ToUpper(f[6]), "03:04:05PM"
	}
	t, err := time.Parse("2 Jan 2006 "+layout+" -0700", f[0]+" "+month+" "+year+" "+clock+" "+zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// zoneOffsets are the zone names of RFC 5322 and of Japan. Other names are
// ambiguous and read as UTC.
var zoneOffsets = map[string]string{
	"UT": "+0000", "UTC": "+0000", "GMT": "+0000", "Z": "+0000", "JST": "+0900", "KST": "+0900",
	"EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
	"CET": "+0100", "CEST": "+0200", "BST": "+0100", "MEST": "+0200", "MET": "+0100", "MSK": "+0300",
}

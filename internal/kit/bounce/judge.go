package bounce

import (
	"regexp"
	"strings"
)

var (
	reStatus = regexp.MustCompile(`(?:^|[^0-9.])([245]\.\d{1,3}\.\d{1,3})(?:[^0-9.]|\.?$|\.\s)`)
	reCode   = regexp.MustCompile(`(?:^|[^0-9.\[/-])([45]\d\d)(?:[ \-:,;"'#]|$)`)
)

// maxWords is how much prose is weighed for one recipient.
const maxWords = 8 << 10

// judge makes the verdict on one recipient. The diagnostic of the remote
// server is surest; the prose is asked when it says nothing.
func judge(addr string, g group, words string) Recipient {
	words = words[:min(len(words), maxWords)]
	diagnostic := ""
	if g != nil {
		diagnostic = strings.TrimSpace(g.value("diagnostic-code"))
	}
	r := Recipient{Addr: addr, Diagnostic: oneLine(diagnostic)}
	if r.Diagnostic == "" {
		r.Diagnostic = oneLine(remoteWords(words))
	}
	r.Code = firstMatch(reCode, diagnostic, words)
	r.Status = pickStatus(g, diagnostic, words)
	command := commandOf(diagnostic + "\n" + words)
	r.Reason = reasonOf(diagnostic, r.Status, command)
	if r.Reason == ReasonUndefined || vagueReason(r.Reason, diagnostic) {
		// The words of the server first; around them stand footers and advice.
		for _, said := range []string{statusComment(g), remoteWords(words), words} {
			if reason := reasonOf(said, r.Status, command); reason != ReasonUndefined {
				r.Reason = reason
				break
			}
		}
	}
	if r.Reason == ReasonUndefined {
		r.Reason = reasonByStatus(r.Status)
	}
	return r
}

// statusComment is what some servers write behind the status: "5.1.1 (Remote
// SMTP server has rejected address)".
func statusComment(g group) string {
	_, comment, _ := strings.Cut(g["status"], "(")
	return strings.TrimSuffix(comment, ")")
}

// vagueReason tells that a reason was read from next to nothing.
func vagueReason(r Reason, diagnostic string) bool {
	return len(diagnostic) < 12 || r == ReasonExpired && len(diagnostic) < 30
}

func firstMatch(re *regexp.Regexp, texts ...string) string {
	for _, t := range texts {
		if m := re.FindStringSubmatch(t); m != nil {
			return m[1]
		}
	}
	return ""
}

// pickStatus takes the status of the remote server before the local one, and
// any before one that only says "somehow" (x.0.0).
func pickStatus(g group, diagnostic, words string) string {
	field := ""
	if g != nil {
		field = firstMatch(reStatus, g["status"])
	}
	remote := firstMatch(reStatus, diagnostic)
	switch {
	case remote != "" && !strings.HasSuffix(remote, ".0.0"):
		return remote
	case field != "" && !strings.HasSuffix(field, ".0.0"):
		return field
	}
	if prose := firstMatch(reStatus, words); prose != "" && !strings.HasSuffix(prose, ".0.0") && (field == "" || prose[0] == field[0]) {
		return prose
	}
	if field == "" {
		return remote
	}
	return field
}

// command is the point of the SMTP dialogue at which a server refused.
type command int

const (
	commandUnknown command = iota
	commandRCPT
	commandData
)

var (
	reRCPT = regexp.MustCompile(`(?i)(?:in reply to|after|following|like our|smtp:|\[|>>> ?|response to|>> )\s*rcpt|rcpt(?:[ _]to)? (?:response|command)|rcpt to:<[^>]*>:?\s*\n?.*\b5\d\d`)
	reData = regexp.MustCompile(`(?i)in reply to (?:end of )?data|(?:after|like our) (?:final )?data|end of data|after i sent the message|>>> ?(?:data|\.)\s|smtp command\s+data|smtp:data|\[data\]|text command`)
)

func commandOf(s string) command {
	rcpt, data := reRCPT.FindStringIndex(s), reData.FindStringIndex(s)
	switch {
	case rcpt == nil && data == nil:
		return commandUnknown
	case data == nil, rcpt != nil && rcpt[0] < data[0]:
		return commandRCPT
	}
	return commandData
}

var reRemote = regexp.MustCompile(`(?is)\b[45]\d\d[ -].{0,500}|(?:reason|error|said|follows)\s*:\s*(.{4,500})`)

// remoteWords is the part of the prose that a server said.
func remoteWords(words string) string {
	s := reRemote.FindString(words)
	if s == "" {
		return words[:min(len(words), 500)]
	}
	if i := strings.Index(s, "\n\n"); i > 0 {
		s = s[:i]
	}
	return s
}

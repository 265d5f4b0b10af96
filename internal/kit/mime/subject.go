package mime

import (
	"regexp"
	"strings"
)

// reReply matches one mark of a reply or a forward at the start of a subject,
// in the words of the mailers of the world; Re[2]: and Re(3): included.
var reReply = regexp.MustCompile(`(?i)^\s*(?:` +
	`(?:re|aw|antw|antwort|sv|vs|odp|rif|ref|res|rv|r|fwd?|wg|tr|doorst|vb|vl|i|enc|ynt|ilt|回复|回覆|答复|转发|轉寄|転送|返信|答)\s*` +
	`(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3}|\d{0,2})\s*[:：]` +
	`|【(?:返信|転送)】\s*[:：]?` +
	`|\[(?:fwd?|転送|返信)\]` +
	`)\s*`)

// reCounter matches the mark of a list or a counter: [4], (fwd).
var reCounter = regexp.MustCompile(`(?i)^\s*\[\d{1,6}\]\s*|\s*\(fwd\)\s*$`)

// BaseSubject takes the marks of replies and forwards off a subject, so that
// the mails of one exchange have the same. Other tags in brackets stay: they
// are the customer's or the team's own.
func BaseSubject(subject string) string {
	s := collapse(strings.ReplaceAll(subject, "　", " "))
	for {
		next := s
		if at := reReply.FindStringIndex(next); at != nil {
			next = next[at[1]:]
		}
		if at := reCounter.FindStringIndex(next); at != nil && at[0] == 0 && at[1] < len(next) {
			next = next[at[1]:]
		} else if at != nil && at[0] > 0 {
			next = next[:at[0]]
		}
		if next == s {
			return s
		}
		s = strings.TrimSpace(next)
	}
}

// IsReplySubject tells whether a subject begins with the mark of a reply or a
// forward.
func IsReplySubject(subject string) bool { return reReply.MatchString(subject) }

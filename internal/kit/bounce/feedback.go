package bounce

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
)

var reComplaint = regexp.MustCompile(`(?i)^complaint about message from \S+`)

// feedback reads abuse reports: RFC 5965, and the bare form of Microsoft.
func feedback(m *mime.Mail) (Report, bool) {
	r := Report{Kind: KindFeedback}
	found := reComplaint.MatchString(m.Subject) && len(m.From) > 0 && strings.HasPrefix(m.From[0].Addr, "staff@")
	if found {
		r.FeedbackType = "abuse"
	}
	var orig original
	for _, p := range m.Parts {
		switch p.ContentType {
		case "message/feedback-report":
			found = true
			r.readFeedback(string(p.Data))
		case "message/rfc822", "text/rfc822-headers", "text/rfc822-header":
			orig.fill(string(p.Data[:min(len(p.Data), maxOriginal)]))
		}
	}
	if !found {
		return Report{}, false
	}
	r.OriginalMessageID, r.OriginalTo, r.OriginalSubject = orig.id, orig.to, orig.subject
	if len(r.Recipients) == 0 && orig.to != "" {
		r.Recipients = []Recipient{{Addr: orig.to, Reason: ReasonFeedback}}
	}
	return r, true
}

// readFeedback reads the fields of a feedback report.
func (r *Report) readFeedback(s string) {
	for _, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		f := reField.FindStringSubmatch(line)
		if f == nil {
			continue
		}
		switch strings.ToLower(f[1]) {
		case "feedback-type":
			r.FeedbackType = strings.ToLower(strings.TrimSpace(f[2]))
		case "original-rcpt-to", "removal-recipient", "redacted-address":
			if a := firstAddress(f[2]); a != "" && !known(r.Recipients, a) && len(r.Recipients) < maxRecipients {
				r.Recipients = append(r.Recipients, Recipient{Addr: a, Reason: ReasonFeedback})
			}
		}
	}
}

// notice is a notification of Amazon SES, which arrives by mail when the topic
// has a mail address among its subscribers.
type notice struct {
	Type   string `json:"notificationType"`
	Bounce struct {
		Type       string `json:"bounceType"`
		Recipients []struct {
			Address    string `json:"emailAddress"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		Type       string `json:"complaintFeedbackType"`
		Recipients []struct {
			Address string `json:"emailAddress"`
		} `json:"complainedRecipients"`
	} `json:"complaint"`
	Delivery struct {
		Recipients []string `json:"recipients"`
		Response   string   `json:"smtpResponse"`
	} `json:"delivery"`
	Mail struct {
		Destination []string `json:"destination"`
		Common      struct {
			Subject   string `json:"subject"`
			MessageID string `json:"messageId"`
		} `json:"commonHeaders"`
	} `json:"mail"`
}

// notification reads a mail whose text is such a notice.
func notification(m *mime.Mail) (Report, bool) {
	text := strings.TrimSpace(m.Text)
	if !strings.HasPrefix(text, "{") || !strings.Contains(text, "notificationType") {
		return Report{}, false
	}
	// Mailers wrap the one long line of JSON at any place.
	text = strings.ReplaceAll(text, "\n", "")
	var envelope struct{ Message string }
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&envelope); err == nil && envelope.Message != "" {
		text = envelope.Message
	}
	var n notice
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&n); err != nil {
		return Report{}, false
	}
	return n.report()
}

func (n notice) report() (Report, bool) {
	r := Report{OriginalMessageID: strings.Trim(n.Mail.Common.MessageID, "<>"), OriginalSubject: n.Mail.Common.Subject}
	if len(n.Mail.Destination) > 0 {
		r.OriginalTo = firstAddress(n.Mail.Destination[0])
	}
	switch n.Type {
	case "Bounce":
		r.Kind = KindBounce
		for _, b := range n.Bounce.Recipients {
			rec := judge(firstAddress(b.Address), group{"status": b.Status, "diagnostic-code": b.Diagnostic}, "")
			rec.Hard = n.Bounce.Type == "Permanent" && isHard(rec.Reason)
			r.Recipients = append(r.Recipients, rec)
		}
	case "Complaint":
		r.Kind, r.FeedbackType = KindFeedback, n.Complaint.Type
		for _, c := range n.Complaint.Recipients {
			r.Recipients = append(r.Recipients, Recipient{Addr: firstAddress(c.Address), Reason: ReasonFeedback})
		}
	case "Delivery":
		r.Kind = KindDelivered
		for _, a := range n.Delivery.Recipients {
			r.Recipients = append(r.Recipients, Recipient{Addr: firstAddress(a), Reason: ReasonDelivered, Diagnostic: oneLine(n.Delivery.Response), Status: firstMatch(reStatus, n.Delivery.Response), Code: firstMatch(regexp.MustCompile(`^(\d{3})`), n.Delivery.Response)})
		}
	default:
		return Report{}, false
	}
	return r, true
}

package flows

import (
	"fmt"
	"net/mail"
	"net/smtp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

func formOf(pairs ...string) url.Values {
	out := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// mail ana@x.example "Where is my order?" [to=…] [re=label] [as=label] [name="Ana Lima"] [header="X-Y: z"]
func (w *world) mail(l line) {
	m := emailtest.Mail{
		From: l.word(1), Subject: l.word(2), Text: l.body, To: l.set("to", w.inboxes[0]), Header: map[string]string{},
		ID: fmt.Sprintf("m%d.%d@%s", w.sentIn, l.n, after(l.word(1), "@")),
	}
	if m.Text == "" {
		m.Text = m.Subject
	}
	if name := l.set("name", ""); name != "" {
		m.From = (&mail.Address{Name: name, Address: m.From}).String()
	}
	if re := l.set("re", ""); re != "" {
		m.InReplyTo = w.label(re)
	}
	if same := l.set("id", ""); same != "" {
		m.ID = w.label(same)
	}
	if h := l.set("header", ""); h != "" {
		name, value, _ := strings.Cut(h, ": ")
		m.Header[name] = value
	}
	w.send(l, m)
}

// label returns the Message-ID of a mail that was given a label.
func (w *world) label(name string) string {
	if id, ok := w.mails[name]; ok {
		return id
	}
	w.fail("no mail is called %q", name)
	return ""
}

// reply ana@x.example: she answers the newest mail she got, with her mail
// program. auto-reply does the same by machine.
func (w *world) reply(l line) {
	last := w.lastTo(l.word(1))
	to := last.From.Address
	if len(last.ReplyTo) > 0 {
		to = last.ReplyTo[0].Address
	}
	m := emailtest.Mail{
		From: l.word(1), To: to, Subject: "Re: " + strings.TrimPrefix(last.Subject, "Re: "), InReplyTo: last.ExternalID,
		Text: l.body, ID: fmt.Sprintf("r%d.%d@%s", w.sentIn, l.n, after(l.word(1), "@")),
		Header: map[string]string{"References": strings.TrimSpace(brackets(last.References) + " <" + last.ExternalID + ">")},
	}
	if l.word(0) == "auto-reply" {
		m.Header["Auto-Submitted"] = "auto-replied"
	}
	w.send(l, m)
}

func brackets(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, "<"+id+">")
	}
	return strings.Join(out, " ")
}

// send brings a mail to the product: into the account it fetches from, or by
// its own receiver.
func (w *world) send(l line, m emailtest.Mail) {
	if m.Date = l.set("date", ""); m.Date == "" {
		m.Date = w.clock.Now().Format(time.RFC1123Z)
	}
	if label := l.set("as", ""); label != "" {
		w.mails[label] = m.ID
	}
	w.bring(l.word(1), m.To, m.Bytes())
}

func (w *world) bring(from, to string, raw []byte) {
	w.t.Helper()
	known := len(w.list("/ledger"))
	if w.mode(to) == "imap" {
		w.must(w.office.Deliver(to, raw))
		w.sentIn++
		for deadline := time.Now().Add(30 * time.Second); len(w.list("/ledger")) == known; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				w.fail("the mail was not fetched")
			}
		}
		return
	}
	err := smtp.SendMail(w.app.MailAddress(), nil, from, []string{to}, raw)
	switch {
	case len(w.at.fails) > 0 && err == nil:
		w.fail("the mail was taken")
	case len(w.at.fails) > 0 && !strings.Contains(err.Error(), w.at.fails[0]):
		w.fail("refused with %v, want %v", err, w.at.fails)
	case len(w.at.fails) > 0:
		w.at.fails = nil
	default:
		w.must(err)
		if w.at.set("again", "") != "yes" { // the same transmission once more, as after a lost answer
			w.sentIn++
		}
	}
}

func (w *world) mode(address string) string {
	id, ok := w.ids[address]
	if !ok {
		return ""
	}
	receive, _ := w.get("/inboxes/" + id)["receive"].(map[string]any)
	mode, _ := receive["mode"].(string)
	return mode
}

func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}

// sentTo returns the mails that left for a customer, oldest first.
func (w *world) sentTo(address string) (out []*channel.Message) {
	w.t.Helper()
	for _, s := range w.office.Sent() {
		if slices.Contains(s.To, address) {
			m, err := email.Parse(s.Raw)
			w.must(err)
			out = append(out, m)
		}
	}
	return out
}

func (w *world) lastTo(address string) *channel.Message {
	w.t.Helper()
	list := w.sentTo(address)
	if len(list) == 0 {
		w.fail("no mail has left for %s", address)
	}
	return list[len(list)-1]
}

// bounce ana@x.example: her provider sends the newest mail to her back.
func (w *world) bounce(l line) {
	address := l.word(1)
	last, from := w.lastTo(address), ""
	for _, s := range w.office.Sent() {
		if slices.Contains(s.To, address) {
			from = s.From
		}
	}
	raw := strings.ReplaceAll(fmt.Sprintf(`From: Mail Delivery System <MAILER-DAEMON@x.example>
To: %s
Subject: Undelivered Mail Returned to Sender
Date: %s
Message-ID: <dsn%d.%d@x.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

The mail could not be delivered: user unknown.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.x.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--b1
Content-Type: text/rfc822-headers

From: %s
To: %s
Subject: %s
Message-ID: <%s>

--b1--
`, from, w.clock.Now().Format(time.RFC1123Z), w.sentIn, l.n, address, from, address, "Your order", last.ExternalID), "\n", "\r\n")
	w.bring("", from, []byte(raw))
}

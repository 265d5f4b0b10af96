package demo

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
)

// maxMails bounds what the office remembers; a demonstration that runs for
// weeks forgets its oldest mail.
const maxMails = 20_000

// Office is the outside world: it takes what the desk sends, and brings what
// customers write. It is safe for concurrent use.
type Office struct {
	clock clock.Clock

	mu     sync.Mutex
	about  api.DemoAbout
	mails  []letter
	serial int
	bring  func(ctx context.Context, address string, raw channel.Raw) error
}

type letter struct {
	api.DemoMail
	html, externalID string
	references       []string
}

// NewOffice returns an empty post office.
func NewOffice(c clock.Clock) *Office { return &Office{clock: c} }

// Kind is e-mail whose other side is this office.
func (o *Office) Kind() channel.Kind {
	k := email.Kind
	k.Open = func([]byte, []byte, channel.Host) (channel.Channel, error) { return counter{o}, nil }
	k.Sends = nil // the office carries the mail of every inbox, whatever its settings
	return k
}

// counter is where the desk hands in its mail.
type counter struct{ office *Office }

// Send implements channel.Channel.
func (c counter) Send(ctx context.Context, m *channel.Outgoing) error {
	if m.Committing != nil {
		if err := m.Committing(ctx); err != nil {
			return err
		}
	}
	for _, to := range append(append(append([]channel.Address{}, m.To...), m.Cc...), m.Bcc...) {
		c.office.keep(letter{DemoMail: api.DemoMail{Direction: "out", From: api.Addr(m.From), To: api.Addr(to), Subject: m.Subject,
			Text: m.Text, HasHTML: m.HTML != ""}, html: m.HTML, externalID: m.ID, references: m.References})
	}
	return nil
}

// Check implements channel.Checker.
func (counter) Check(context.Context) []channel.Step {
	return []channel.Step{
		{Part: "receive", Name: "connect", OK: true, Text: "* OK the post office of the demonstration"},
		{Part: "send", Name: "connect", OK: true, Text: "220 the post office of the demonstration"},
	}
}

// Close implements channel.Channel.
func (counter) Close() error { return nil }

func (o *Office) keep(l letter) letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.serial++
	l.ID, l.At = fmt.Sprintf("mail_%06d", o.serial), o.clock.Now()
	o.mails = append(o.mails, l)
	if len(o.mails) > maxMails {
		o.mails = append([]letter(nil), o.mails[len(o.mails)-maxMails/2:]...)
	}
	return l
}

// About implements api.PostOffice.
func (o *Office) About() api.DemoAbout {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.about
}

// Mails implements api.PostOffice.
func (o *Office) Mails(address string, limit int) []api.DemoMail {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := []api.DemoMail{}
	for i := len(o.mails) - 1; i >= 0 && len(out) < limit; i-- {
		m := o.mails[i].DemoMail
		if address == "" || strings.EqualFold(m.To.Address, address) || strings.EqualFold(m.From.Address, address) {
			out = append(out, m)
		}
	}
	return out
}

// Document implements api.PostOffice.
func (o *Office) Document(id string) (string, bool) {
	l, ok := o.byID(id)
	if !ok {
		return "", false
	}
	source := l.html
	if source == "" {
		source = rich.FromText(l.Text)
	}
	return rich.Document(rich.Sanitize(source, rich.Options{}), rich.Page{}), true
}

func (o *Office) byID(id string) (letter, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := len(o.mails) - 1; i >= 0; i-- {
		if o.mails[i].ID == id {
			return o.mails[i], true
		}
	}
	return letter{}, false
}

// Write implements api.PostOffice: a real mail is composed and brought to the desk's door.
func (o *Office) Write(ctx context.Context, w api.DemoWrite) (api.DemoMail, error) {
	var c fault.Check
	c.Require(strings.TrimSpace(w.From.Address) != "", "body.from.address")
	c.Require(strings.TrimSpace(w.To) != "", "body.to")
	c.Require(strings.TrimSpace(w.Text) != "", "body.text")
	if err := c.Err(); err != nil {
		return api.DemoMail{}, err
	}
	l := letter{DemoMail: api.DemoMail{Direction: "in", From: w.From, To: api.Addr{Address: w.To}, Subject: w.Subject, Text: w.Text}}
	if _, err := mail.ParseAddress(w.From.Address); err != nil {
		c.Add("body.from.address", "error.field.invalid")
		return api.DemoMail{}, c.Err()
	}
	at := o.clock.Now()
	l.externalID = fmt.Sprintf("%d.%s", at.UnixNano()+int64(o.next()), w.From.Address)
	if before, ok := o.byID(w.InReplyTo); ok {
		l.references = append(append([]string{}, before.references...), before.externalID)
	}
	raw := compose(l, at)
	if err := o.bring(ctx, w.To, channel.Raw{Source: "post-office", Key: "post-office:" + l.externalID, Recipients: []string{w.To},
		Sender: w.From.Address, At: at, Bytes: raw}); err != nil {
		return api.DemoMail{}, err
	}
	return o.keep(l).DemoMail, nil
}

// compose writes a plain mail as a mail program does.
func compose(l letter, at time.Time) []byte {
	var b bytes.Buffer
	field := func(name, value string) { // line breaks would begin another field
		fmt.Fprintf(&b, "%s: %s\r\n", name, strings.NewReplacer("\r", " ", "\n", " ").Replace(value))
	}
	field("From", (&mail.Address{Name: l.From.Name, Address: l.From.Address}).String())
	field("To", l.To.Address)
	field("Subject", mime.BEncoding.Encode("utf-8", l.Subject))
	field("Date", at.Format(time.RFC1123Z))
	field("Message-ID", "<"+l.externalID+">")
	if n := len(l.references); n > 0 {
		field("In-Reply-To", "<"+l.references[n-1]+">")
		field("References", "<"+strings.Join(l.references, "> <")+">")
	}
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	_, _ = q.Write([]byte(l.Text)) // into memory
	_ = q.Close()
	return b.Bytes()
}

func (o *Office) next() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.serial
}

// latest returns the newest mail that the desk sent to an address and that
// match accepts.
func (o *Office) latest(address string, match func(letter) bool) (letter, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := len(o.mails) - 1; i >= 0; i-- {
		l := o.mails[i]
		if l.Direction == "out" && strings.EqualFold(l.To.Address, address) && match(l) {
			return l, true
		}
	}
	return letter{}, false
}

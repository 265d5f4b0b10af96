package notice

import (
	"context"
	_ "embed"
	"html/template"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Purpose marks the letters of this package in the outbox.
const Purpose = "notice"

//go:embed mail.gohtml
var mailHTML string

// Say makes the words of a notice in a language.
func Say(words *phrase.Catalogue, lang string, n Notice) (title, text string) {
	args := map[string]any{}
	for k, v := range n.Data {
		args[k] = v
	}
	if step := n.Data["step"]; step != "" {
		args["step"] = words.Text(lang, "playbook.step."+step+".title", nil)
	}
	if n.Data["subject"] == "" {
		args["subject"] = words.Text(lang, "notice.noSubject", nil)
	}
	return words.Text(lang, "notice."+string(n.Kind)+".title", args), words.Text(lang, "notice."+string(n.Kind)+".text", args)
}

// mail sends a notice to an agent from an inbox of the brand that can send.
// Without one there is only the bell.
func (b *Bell) mail(ctx context.Context, tx *sqldb.Tx, a team.Agent, n Notice, r ring) error {
	from, ok, err := b.sender(ctx, tx, r)
	if err != nil || !ok || a.Email == "" {
		return err
	}
	lang := a.Locale
	if lang == "" {
		br, err := b.Brands.ByID(ctx, tx, from.BrandID)
		if err != nil {
			return err
		}
		lang = br.Locale
	}
	title, text := Say(b.Words, lang, n)
	l := letter{Lang: lang, Title: title, Lines: strings.Split(strings.TrimSpace(text), "\n"), Label: b.Words.Text(lang, "notice.mail.open", nil),
		Link: strings.TrimRight(b.PublicURL, "/") + r.path, Footer: b.Words.Text(lang, "notice.mail.footer", nil)}
	html, err := l.html()
	if err != nil {
		return err
	}
	name := from.SenderName
	if name == "" {
		name = from.Name
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	_, err = b.Outbox.QueueTx(ctx, tx, delivery.Letter{InboxID: from.ID, Purpose: Purpose, Subject: n.ID, ExternalID: n.ID + "@" + domain,
		From: channel.Address{Name: name, Address: from.Address}, To: []channel.Address{{Name: a.Name, Address: a.Email}},
		Title: strings.Join(strings.Fields(title), " "), Text: l.text(), HTML: html, Automatic: true})
	return err
}

// sender finds an inbox to mail from: one that can send, of the brand if it can
// be, and the one that the notice is about last of all.
func (b *Bell) sender(ctx context.Context, tx *sqldb.Tx, r ring) (inbox.Inbox, bool, error) {
	all, err := b.Inboxes.List(ctx, tx)
	if err != nil {
		return inbox.Inbox{}, false, err
	}
	var any *inbox.Inbox
	for i, in := range all {
		if !in.Active || in.Health.Send.State() == inbox.Failing || !sends(in) {
			continue
		}
		if (r.brandID == "" || in.BrandID == r.brandID) && in.ID != r.subject {
			return in, true, nil
		}
		if any == nil || any.ID == r.subject {
			any = &all[i]
		}
	}
	if any == nil {
		return inbox.Inbox{}, false, nil
	}
	return *any, true, nil
}

// sends reports whether an inbox is set up to send.
func sends(in inbox.Inbox) bool {
	m, err := in.Mail()
	return err == nil && m.Send.Mode == inbox.ModeSMTP
}

// letter is what the mail says.
type letter struct {
	Lang, Title string
	Lines       []string
	Label, Link string
	Footer      string
}

func (l letter) text() string {
	return strings.Join(l.Lines, "\n") + "\n\n" + l.Label + "\n" + l.Link + "\n\n--------------------------------\n" + l.Footer + "\n"
}

func (l letter) html() (string, error) {
	t, err := template.New("mail").Parse(mailHTML)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, l)
	return b.String(), err
}

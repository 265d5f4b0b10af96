package form

import (
	"context"
	_ "embed"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	sent "github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Purpose marks the letters of this package in the outbox.
const Purpose = "receipt"

// How many receipts an address gets: anybody can enter anybody's.
const (
	maxReceipts    = 5
	receiptsWithin = time.Hour
)

func system() actor.Actor { return actor.OfSystem("form") }

// OnReceived reacts to message.received: what came through a form and opened a
// conversation gets its tag and its receipt.
func (x *Forms) OnReceived(ctx context.Context, tx *sqldb.Tx, fact event.Fact, d conversation.MessageData) error {
	m, err := x.Threads.Message(ctx, tx, d.MessageID)
	if err != nil || m.LedgerID == "" || sent.FormOf(m.ExternalID) == "" {
		return unlessMissing(err)
	}
	entry, err := x.Door.Entry(ctx, tx, m.LedgerID)
	if err != nil || entry.Format != sent.Name && entry.Format != sent.Unnamed { // a mail can call itself what it likes
		return unlessMissing(err)
	}
	form, err := x.ByID(ctx, tx, sent.FormOf(m.ExternalID))
	if err != nil {
		return unlessMissing(err)
	}
	opened, err := x.opened(ctx, tx, m)
	if err != nil || !opened {
		return err
	}
	if form.Kind == Complaint {
		if err := x.complain(ctx, tx, m); err != nil {
			return err
		}
	}
	if entry.Format == sent.Unnamed {
		return nil
	}
	m.ConversationID = conversation.ID(fact.Subject) // it may have been joined with another's meanwhile
	return x.sendReceipt(ctx, tx, form, m)
}

// unlessMissing lets pass what is gone by now.
func unlessMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// opened reports whether a message is the first of its conversation.
func (x *Forms) opened(ctx context.Context, tx *sqldb.Tx, m conversation.Message) (bool, error) {
	part, err := x.Threads.Messages(ctx, tx, conversation.Span{ConversationID: m.ConversationID, Limit: maxLines})
	if err != nil {
		return false, unlessMissing(err)
	}
	for _, one := range part.Messages {
		if one.Kind == conversation.Incoming {
			return one.ID == m.ID && part.Prev == "", nil
		}
	}
	return false, nil
}

func (x *Forms) complain(ctx context.Context, tx *sqldb.Tx, m conversation.Message) error {
	c, err := x.Threads.ByID(ctx, tx, m.ConversationID)
	if err != nil {
		return err
	}
	b, err := x.Brands.ByID(ctx, tx, c.BrandID)
	if err != nil {
		return err
	}
	g, err := x.Tags.ComplaintTx(ctx, tx, system(), x.Words.Text(b.Locale, "form.tag", nil))
	if err != nil {
		return err
	}
	return x.Threads.Reactor().TagTx(ctx, tx, system(), c.ID, g.ID)
}

const (
	forgetReceiptsSQL = `DELETE FROM form_receipt WHERE at < $1`
	countReceiptsSQL  = `SELECT COUNT(*) FROM form_receipt WHERE address_key = $1 AND at >= $2`
	noteReceiptSQL    = `INSERT INTO form_receipt (message_id, address_key, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
)

// mayWrite notes a receipt and reports whether the address can have one more.
func mayWrite(ctx context.Context, tx *sqldb.Tx, m conversation.Message) (bool, error) {
	key, since := text.Fold(m.Envelope.From.Address), tx.Now.Add(-receiptsWithin).UnixMilli()
	if err := tx.Serialize(ctx, "form receipt "+key); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, forgetReceiptsSQL, since); err != nil {
		return false, err
	}
	var n int
	if err := tx.QueryRow(ctx, countReceiptsSQL, key, since).Scan(&n); err != nil || n >= maxReceipts {
		return false, err
	}
	_, err := tx.Exec(ctx, noteReceiptSQL, string(m.ID), key, tx.Now.UnixMilli())
	return err == nil, err
}

// sendReceipt tells by mail that an entry is here. It repeats nothing of it, so
// that nobody can send words of theirs to others through us.
func (x *Forms) sendReceipt(ctx context.Context, tx *sqldb.Tx, f Form, m conversation.Message) error {
	c, err := conversation.Itself(ctx, tx, m.ConversationID)
	if err != nil {
		return err
	}
	box, err := x.Inboxes.ByID(ctx, tx, f.InboxID)
	if err != nil || !box.Active || !x.Inboxes.Sends(box) {
		return err
	}
	if may, err := mayWrite(ctx, tx, m); err != nil || !may {
		return err
	}
	brand, err := x.Brands.ByID(ctx, tx, box.BrandID)
	if err != nil {
		return err
	}
	to := m.Envelope.From.Address
	token, err := x.passFor(ctx, tx, sent.Sent{Form: f.ID, Email: to, Lang: m.Language}, m.ConversationID)
	if err != nil {
		return err
	}
	name := box.SenderName
	if name == "" {
		name = brand.Name
	}
	l := x.letter(m.Language, f, map[string]any{"ref": "#" + strconv.FormatInt(c.Ref, 10), "brand": brand.Name, "days": int(PassLasts.Hours() / 24)}, token)
	html, err := l.html()
	if err != nil {
		return err
	}
	_, err = x.Outbox.QueueTx(ctx, tx, delivery.Letter{
		InboxID: box.ID, Purpose: Purpose, Subject: string(c.ID), ExternalID: x.Threads.LetterID(c.ID, box.Address),
		From: channel.Address{Name: name, Address: box.Address}, To: []channel.Address{{Address: to}},
		Title: l.Title, Text: l.text(), HTML: html, Automatic: true,
	})
	return err
}

//go:embed mail.gohtml
var mailHTML string

// letter is what a receipt says.
type letter struct {
	Lang, Title string
	Lines       []string
	Label, Link string
	Foot        []string
}

func (x *Forms) letter(lang string, f Form, args map[string]any, token string) letter {
	say := func(key string) string { return x.Words.Text(lang, key, args) }
	l := letter{Lang: lang, Title: say("form.mail.title"), Label: say("form.mail.open"), Link: x.PublicURL + "/c/status/" + token}
	l.Lines = append(l.Lines, say("form.mail.hello"), say("form.mail.here"))
	if own := strings.TrimSpace(f.Content.Thanks.In(lang)); own != "" {
		l.Lines = append(l.Lines, own)
	}
	l.Lines = append(l.Lines, say("form.mail.next"))
	l.Foot = []string{say("form.mail.secret"), say("form.mail.notYou"), brandLine(args)}
	return l
}

func brandLine(args map[string]any) string {
	s, _ := args["brand"].(string)
	return s
}

func (l letter) text() string {
	return strings.Join(l.Lines, "\n\n") + "\n\n" + l.Label + "\n" + l.Link + "\n\n" + strings.Join(l.Foot, "\n") + "\n"
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

package chat

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of mailing what was not read.
const (
	mailAfter = 5 * time.Minute // unread for so long, an answer is also mailed
	maxMailed = 20              // messages in one mail
	maxInMail = 20 << 20        // bytes of files in one mail; further ones are named
	mailDuty  = "chat.mail"
	purpose   = "chat"
)

// Mailer mails to visitors who left an address what they did not read, from the
// brand's first mail inbox that sends. What they answer by mail joins the same
// conversation. Make it with NewMailer.
type Mailer struct{ MailDeps }

// MailDeps is what a Mailer works with.
type MailDeps struct {
	Queue   *job.Queue
	Brands  *brand.Brands
	Inboxes *inbox.Inboxes
	Outbox  *delivery.Post
	Threads *conversation.Threads
	Words   *phrase.Catalogue
}

// NewMailer returns a Mailer and registers its duty with the queue.
func NewMailer(d MailDeps) *Mailer {
	m := &Mailer{d}
	d.Queue.Do(mailDuty, m.mail)
	return m
}

type mailing struct {
	ConversationID conversation.ID `json:"conversationId"`
	InboxID        string          `json:"inboxId"` // the chat's
}

// OnDelivered reacts to message.delivered: when an answer of a chat has left, it
// is asked a little later whether it was read.
func (m *Mailer) OnDelivered(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.DeliveredData) error {
	if d.State != string(delivery.Sent) {
		return nil
	}
	message, err := m.Threads.Message(ctx, tx, d.MessageID)
	if err != nil {
		return err
	}
	box, err := m.Inboxes.ByID(ctx, tx, message.InboxID) // the conversation may go on elsewhere by now
	if err != nil || box.Kind != webchat.Name {
		return err
	}
	return m.Queue.Add(ctx, tx, job.Duty{Kind: mailDuty, Key: f.Subject, Subject: f.Subject,
		Data: mailing{conversation.ID(f.Subject), box.ID}, RunAt: tx.Now.Add(mailAfter)})
}

// OnLetter reacts to delivery.changed: when such a mail does not arrive, the
// agents see it in the conversation.
func (m *Mailer) OnLetter(ctx context.Context, tx *sqldb.Tx, _ event.Fact, d delivery.ChangedData) error {
	if d.Purpose != purpose || d.State != delivery.Failed && d.State != delivery.Bounced && d.State != delivery.Ambiguous {
		return nil
	}
	_, err := m.Threads.EntryTx(ctx, tx, actor.OfSystem("chat"), conversation.ID(d.SubjectID), conversation.EventData{
		Name: conversation.EntryDelivery, Data: map[string]string{"state": string(d.State), "error": d.Error}})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

const (
	unmailedSQL = `SELECT m.id FROM message m JOIN delivery d ON d.message_id = m.id
WHERE m.conversation_id = $1 AND m.inbox_id = $3 AND m.kind = 'outgoing' AND m.withdrawn_at IS NULL AND d.state = 'sent' AND d.read_at IS NULL
AND NOT EXISTS (SELECT 1 FROM chat_mailed x WHERE x.message_id = m.id) ORDER BY m.at, m.id LIMIT $2`
	mailedSQL = `INSERT INTO chat_mailed (message_id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`
)

// mail is the duty that mails what a visitor has not read.
func (m *Mailer) mail(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var data mailing
	if err := j.Decode(&data); err != nil {
		return job.Give(err)
	}
	c, err := m.Threads.ByID(ctx, tx, data.ConversationID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	who, left, err := visitorOf(ctx, tx, c)
	if err != nil || !left {
		return err
	}
	unread, err := m.unmailed(ctx, tx, data)
	if err != nil || len(unread) == 0 {
		return err
	}
	from, found, err := mailbox(ctx, tx, m.Inboxes, c.BrandID)
	if err != nil || !found {
		return err
	}
	return m.send(ctx, tx, letter{conversation: c, from: from, to: channel.Address{Name: who.Name, Address: who.Email}, lang: phrase.Pick(who.Lang), messages: unread})
}

func (m *Mailer) unmailed(ctx context.Context, tx *sqldb.Tx, of mailing) ([]conversation.Message, error) {
	ids, err := sqldb.List(ctx, tx, scanText, unmailedSQL, string(of.ConversationID), maxMailed, of.InboxID)
	var out []conversation.Message
	for _, one := range ids {
		message, err := m.Threads.Message(ctx, tx, conversation.MessageID(one))
		if err != nil {
			return nil, err
		}
		out = append(out, message)
	}
	return out, err
}

// mailbox is a brand's first mail inbox that is in service and sends.
func mailbox(ctx context.Context, tx *sqldb.Tx, inboxes *inbox.Inboxes, brandID string) (inbox.Inbox, bool, error) {
	list, err := inboxes.List(ctx, tx)
	if err != nil {
		return inbox.Inbox{}, false, err
	}
	for _, i := range list {
		if i.BrandID == brandID && i.Kind == inbox.Email && i.Active && inboxes.Sends(i) {
			return i, true, nil
		}
	}
	return inbox.Inbox{}, false, nil
}

// letter is a mail that is about to be written.
type letter struct {
	conversation conversation.Conversation
	from         inbox.Inbox
	to           channel.Address
	lang         string
	messages     []conversation.Message
}

func (m *Mailer) send(ctx context.Context, tx *sqldb.Tx, l letter) error {
	b, err := m.Brands.ByID(ctx, tx, l.conversation.BrandID)
	if err != nil {
		return err
	}
	say := func(key string) string { return m.Words.Text(l.lang, key, map[string]any{"brand": b.Name}) }
	text := []string{say("chat.mail.intro")}
	out := delivery.Letter{
		InboxID: l.from.ID, Purpose: purpose, Subject: string(l.conversation.ID), ExternalID: m.Threads.LetterID(l.conversation.ID, l.from.Address),
		From: channel.Address{Name: cmp.Or(l.from.SenderName, b.Name), Address: l.from.Address}, To: []channel.Address{l.to}, Title: say("chat.mail.subject"),
		Automatic: true,
	}
	room := int64(maxInMail)
	for _, message := range l.messages {
		if message.Body != "" {
			text = append(text, message.Body)
		}
		for _, a := range message.Attachments {
			if a.State != conversation.FileReady || a.Size > room {
				text = append(text, m.Words.Text(l.lang, "chat.mail.file", map[string]any{"name": a.Name}))
				continue
			}
			room -= a.Size
			out.Attachments = append(out.Attachments, delivery.Attachment{Name: a.Name, ContentType: a.ContentType, BlobKey: a.BlobKey, Size: a.Size})
		}
		if _, err := tx.Exec(ctx, mailedSQL, string(message.ID), tx.Now.UnixMilli()); err != nil {
			return err
		}
	}
	text = append(text, say("chat.mail.answer"))
	if l.from.Signature != "" {
		text = append(text, "-- \n"+l.from.Signature)
	}
	out.Text = strings.Join(text, "\n\n")
	if err := conversation.OpenWayTx(ctx, tx, conversation.Way{ConversationID: l.conversation.ID, InboxID: l.from.ID, Address: l.to}); err != nil {
		return err
	}
	if _, err := m.Threads.EntryTx(ctx, tx, actor.OfSystem("chat"), l.conversation.ID, conversation.EventData{
		Name: entryMailed, Data: map[string]string{"address": l.to.Address}}); err != nil {
		return err
	}
	_, err = m.Outbox.QueueTx(ctx, tx, out)
	return err
}

// entryMailed says that the visitor was also written to by mail.
const entryMailed = "mailed"

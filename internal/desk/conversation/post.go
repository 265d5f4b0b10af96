package conversation

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// purpose marks the letters of this package in the outbox.
const purpose = "reply"

// Limits of what may be sent.
const (
	maxRecipients  = 50
	maxAttachments = 50
	maxLetterBytes = 25 << 20 // of all attachments: what most servers accept
)

// Reply is an answer to a customer. HTML or Text (or a file) is needed. Without
// To it goes to whoever wrote the answered message.
type Reply struct {
	ConversationID ID
	HTML, Text     string
	To, Cc, Bcc    []channel.Address
	AttachmentIDs  []string
	ReplyTo        MessageID            // "" for the customer's latest message
	ToAll          bool                 // without To: everybody of that message, our own addresses left out
	Resolve        bool                 // once it is sent
	Template       *channel.TemplateUse // whose words Text is; nil: none
	Choices        []string             // quick replies that are offered below it
	Public         bool                 // answers a comment for all to see
	Hold           time.Duration        // 0: DefaultHold; negative: none
	InHours        bool                 // held until the hours in which the customer likes to be reached
}

// Post is PostTx in a transaction of its own.
func (t *Threads) Post(ctx context.Context, by actor.Actor, r Reply) (m Message, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		m, err = t.PostTx(ctx, tx, by, r)
		return err
	})
	return m, err
}

// PostTx writes an answer into the thread and hands its letter to the outbox,
// where it is held for a moment. The writer's draft is gone. Errors:
// fault.Invalid with fields; fault.NotFound; fault.Conflict when the inbox has no
// way to send.
func (t *Threads) PostTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, r Reply) (Message, error) {
	c, err := hold(ctx, tx, r.ConversationID)
	if err != nil {
		return Message{}, err
	}
	answered, err := t.toWriter().answered(ctx, tx, c, r.ReplyTo)
	if err != nil {
		return Message{}, err
	}
	if elsewhere, err := t.toWriter().elsewhere(ctx, tx, c, answered); err != nil {
		return Message{}, err
	} else if elsewhere { // its words, ids and addresses mean nothing here
		answered, r.To, r.Cc, r.Bcc = Message{}, nil, nil, nil
	}
	if len(r.To)+len(r.Cc)+len(r.Bcc) == 0 {
		if r.To, r.Cc, err = t.toWriter().recipients(ctx, tx, c, answered, r.ToAll); err != nil {
			return Message{}, err
		}
	}
	subject := c.Subject
	if c.MessageCount > 0 && answered.ID != "" {
		subject = replySubject(answered.Subject, c.Subject)
	}
	return t.toWriter().post(ctx, tx, &c, posting{by: by, reply: r, answered: answered, subject: subject})
}

// posting is a message that is about to be written.
type posting struct {
	by       actor.Actor
	reply    Reply
	answered Message // zero: nothing is answered
	subject  string

	box   inbox.Inbox
	kind  channel.Kind // the box's; of one that is not installed only the name
	brand brand.Brand
	words written
	quote *quote
	lang  string    // in which the customer is written to
	hours time.Time // from when on they like to be; zero: at once
}

func (t writer) post(ctx context.Context, tx *sqldb.Tx, c *Conversation, p posting) (Message, error) {
	if err := t.prepare(ctx, tx, *c, &p); err != nil {
		return Message{}, err
	}
	m, err := t.outgoing(ctx, tx, *c, p)
	if err != nil {
		return m, err
	}
	if err := insertMessage(ctx, tx, m); err != nil {
		return m, err
	}
	if m.Attachments, err = t.attach(ctx, tx, m.ID, p.by, p.reply.AttachmentIDs, p.words.cids); err != nil {
		return m, err
	}
	if err := t.keepIntent(ctx, tx, *c, m, p); err != nil {
		return m, err
	}
	if err := t.send(ctx, tx, *c, m, p); err != nil {
		return m, err
	}
	if err := t.join(ctx, tx, c.ID, slices.Concat(p.reply.To, p.reply.Cc, p.reply.Bcc)); err != nil {
		return m, err
	}
	c.take(m)
	if to := c.Status.afterReply(); to != c.Status {
		if err := t.setStatus(ctx, tx, p.by, c, statusChange{to: to, silent: true}); err != nil {
			return m, err
		}
	}
	if err := dropDraft(ctx, tx, c.ID, p.by.AgentID(), DraftReply); err != nil {
		return m, err
	}
	t.Journal.Emit(tx, PostedFact, string(c.ID), p.by, MessageData{Place: c.place(), MessageID: m.ID, Kind: Outgoing})
	return m, save(ctx, tx, c)
}

// prepare gathers what the message is made of and checks it.
func (t writer) prepare(ctx context.Context, tx *sqldb.Tx, c Conversation, p *posting) (err error) {
	if p.box, err = t.Inboxes.ByID(ctx, tx, c.InboxID); err != nil {
		return err
	}
	if !t.Inboxes.Sends(p.box) {
		if p.box.Kind != inbox.Email && p.box.Kind != "" { // no setting helps: people are called back
			return fault.New(fault.Conflict, "error.channel.cannotSend")
		}
		return fault.New(fault.Conflict, "error.inbox.cannotSend")
	}
	if p.brand, err = t.Brands.ByID(ctx, tx, c.BrandID); err != nil {
		return err
	}
	if kind, ok := t.Inboxes.Kind(p.box.Kind); ok {
		p.kind = kind
		p.kind.Can.Window = kind.Window(p.box.Settings)
	} else {
		p.kind.Name = p.box.Kind
	}
	p.reply.HTML, p.reply.Text = text.Safe(p.reply.HTML), text.Safe(p.reply.Text)
	p.words = write(p.reply.HTML, p.reply.Text)
	if p.kind.Can.Plain {
		p.words.html = ""
	}
	if err := t.address(ctx, tx, &p.reply); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	person, err := t.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil {
		return err
	}
	p.lang = cmp.Or(person.Locale, p.brand.Locale)
	if p.reply.InHours {
		if p.hours, err = person.Within(tx.Now, p.brand.Zone); err != nil {
			return err
		}
	}
	if err := t.fits(ctx, tx, c, *p); err != nil {
		return err
	}
	p.subject = cmp.Or(p.subject, p.brand.Name) // what began on a channel without subjects
	if p.answered.Kind != Incoming || p.kind.Can.OneToOne {
		return nil // one's own words need not be quoted back, and a chat shows them anyway
	}
	zone, err := time.LoadLocation(p.brand.Zone)
	if err != nil {
		return err
	}
	if p.answered.HasHTML {
		if p.answered.HTML, err = htmlOf(ctx, tx, p.answered.ID); err != nil {
			return err
		}
		one := []Message{p.answered}
		if err := fillAttachments(ctx, tx, one); err != nil {
			return err
		}
		p.answered = one[0]
	}
	files, err := looseByIDs(ctx, tx, owner(p.by), p.reply.AttachmentIDs)
	room := int64(maxLetterBytes)
	for _, a := range files {
		room -= a.Size
	}
	p.quote = quoteOf(t.Phrases, p.answered, quoting{p.lang, zone, room})
	return err
}

// address cleans the recipients: never ourselves, nobody twice.
func (t writer) address(ctx context.Context, tx *sqldb.Tx, r *Reply) (err error) {
	for _, list := range []*[]channel.Address{&r.To, &r.Cc, &r.Bcc} {
		if *list, err = t.withoutOurs(ctx, tx, *list); err != nil {
			return err
		}
		for i, a := range *list {
			if !breaksLine(a.Name) { // such a one is refused, not mended
				(*list)[i].Name = text.Line(a.Name)
			}
		}
	}
	r.Cc = without(r.Cc, r.To)
	r.Bcc = without(r.Bcc, r.To, r.Cc)
	return nil
}

func (p posting) check() error {
	var check fault.Check
	r := p.reply
	check.Require(!p.words.empty() || len(r.AttachmentIDs) > 0, "body.text")
	check.Require(len(r.To) > 0, "body.to")
	check.That(len(r.To)+len(r.Cc)+len(r.Bcc) <= maxRecipients, "body.to", "error.conversation.recipients", "max", maxRecipients)
	check.That(len(r.AttachmentIDs) <= maxAttachments, "body.attachmentIds", "error.conversation.attachments", "max", maxAttachments)
	for path, list := range map[string][]channel.Address{"body.to": r.To, "body.cc": r.Cc, "body.bcc": r.Bcc} {
		for _, a := range list {
			check.That(p.reaches(a), path, "error.conversation.address", "address", a.Address)
		}
	}
	return check.Err()
}

// outgoing makes the message as the thread keeps it.
func (t writer) outgoing(ctx context.Context, tx *sqldb.Tx, c Conversation, p posting) (Message, error) {
	name, err := t.authorName(ctx, tx, p.by)
	if err != nil {
		return Message{}, err
	}
	id := MessageID(t.IDs.New("msg"))
	return Message{
		ID: id, ConversationID: c.ID, InboxID: c.InboxID, Kind: Outgoing, AuthorKind: string(p.by.Kind), AuthorID: p.by.ID, AuthorName: name,
		At: tx.Now, Subject: oneLine(p.subject), Body: p.words.text, HTML: p.words.html, HasHTML: p.words.html != "",
		Quoted: cut(p.words.below(p.signature(), p.quote)), Language: p.lang,
		Envelope: Envelope{From: channel.Address{Name: cmp.Or(p.box.SenderName, p.brand.Name), Address: p.box.Address},
			To: p.reply.To, Cc: p.reply.Cc, Bcc: p.reply.Bcc},
		ExternalID: externalID(t.Key, c.ID, id, p.box.Address), Event: p.reply.aspect(),
	}, nil
}

// send hands the letter to the outbox, with everything as it is now.
func (t writer) send(ctx context.Context, tx *sqldb.Tx, c Conversation, m Message, p posting) error {
	ids, err := sqldb.List(ctx, tx, scanText, chainSQL, string(c.ID), string(m.ID))
	if err != nil {
		return err
	}
	l := delivery.Letter{
		InboxID: c.InboxID, Purpose: purpose, MessageID: string(m.ID), Subject: string(c.ID),
		ExternalID: m.ExternalID, From: m.Envelope.From, To: m.Envelope.To, Cc: m.Envelope.Cc, Bcc: m.Envelope.Bcc, Title: m.Subject,
		Text: p.words.letterText(p.signature(), p.quote), HTML: p.words.letterHTML(p.signature(), p.quote),
		InReplyTo: p.answered.ExternalID, Template: p.reply.Template, Choices: p.reply.Choices, Public: p.reply.Public, Token: p.answered.Envelope.Token, References: chain(ids, p.answered.ExternalID),
	}
	if p.kind.Can.Window > 0 {
		if l.HeardAt, err = lastHeard(ctx, tx, c); err != nil {
			return err
		}
	}
	switch {
	case p.reply.Hold == 0:
		l.HoldUntil = tx.Now.Add(DefaultHold)
	case p.reply.Hold > 0:
		l.HoldUntil = tx.Now.Add(p.reply.Hold)
	}
	if p.hours.After(l.HoldUntil) {
		l.HoldUntil = p.hours
	}
	files := m.Attachments
	if p.quote != nil && l.HTML != "" {
		files = slices.Concat(files, p.quote.pictures)
	}
	for _, a := range files {
		l.Attachments = append(l.Attachments, delivery.Attachment{Name: a.Name, ContentType: a.ContentType, ContentID: a.ContentID, Inline: a.Inline, BlobKey: a.BlobKey, Size: a.Size})
	}
	_, err = t.Outbox.QueueTx(ctx, tx, l)
	return err
}

// wrote leaves out what an agent wrote down of a call or a visit: that is not the
// customer's to be quoted, and opens no channel.
const wrote = `COALESCE(m.event ->> 'name', '') <> 'record'` // ThingRecord

const (
	chainSQL = `SELECT external_id FROM message WHERE conversation_id = $1 AND kind IN ('incoming', 'outgoing') AND external_id <> ''
AND withdrawn_at IS NULL AND id <> $2 ORDER BY ` + arrived + `, id`
	lastIncomingSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.kind = 'incoming' AND ` + wrote + ` ORDER BY ` + arrived + ` DESC, m.id DESC LIMIT 1`
	lastOutgoingSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.kind = 'outgoing' AND m.withdrawn_at IS NULL
ORDER BY ` + arrived + ` DESC, m.id DESC LIMIT 1`
	messageSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.id = $1`
)

// answered returns the message that a reply answers: the named one, else the
// customer's latest, else our own latest, else none.
func (t writer) answered(ctx context.Context, tx *sqldb.Tx, c Conversation, id MessageID) (m Message, err error) {
	if id != "" {
		err = tx.QueryRow(ctx, messageSQL, string(id)).Scan(messageFields(&m)...)
		if errors.Is(err, sql.ErrNoRows) || (err == nil && (m.ConversationID != c.ID || (m.Kind != Incoming && m.Kind != Outgoing) || m.recorded())) {
			var check fault.Check
			check.Add("body.replyTo", "error.message.notFound")
			return Message{}, check.Err()
		}
		return m, err
	}
	for _, query := range []string{lastIncomingSQL, lastOutgoingSQL} {
		err = tx.QueryRow(ctx, query, string(c.ID)).Scan(messageFields(&m)...)
		if !errors.Is(err, sql.ErrNoRows) {
			return m, err
		}
	}
	return Message{}, nil
}

// recipients are those of an answer whose writer named none.
func (t writer) recipients(ctx context.Context, tx *sqldb.Tx, c Conversation, answered Message, all bool) (to, cc []channel.Address, err error) {
	if answered.ID != "" {
		to, cc = answerTo(answered)
		to = slices.DeleteFunc(slices.Clone(to), func(a channel.Address) bool { return a.Address == "" }) // written down by an agent
		if to, err = t.withoutOurs(ctx, tx, to); err != nil {
			return nil, nil, err
		}
	}
	if len(to) == 0 {
		person, err := t.Customers.ByID(ctx, tx, c.CustomerID)
		if err != nil {
			return nil, nil, err
		}
		box, err := t.Inboxes.ByID(ctx, tx, c.InboxID)
		if err != nil {
			return nil, nil, err
		}
		if a := addressOn(person, t.kindOf(box)); a != "" {
			to = []channel.Address{{Name: person.Name, Address: a}}
		}
	}
	if !all {
		cc = nil
	}
	return to, cc, nil
}

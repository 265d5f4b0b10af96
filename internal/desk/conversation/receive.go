package conversation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/rich"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of what is kept of an incoming message; the raw mail has the rest.
const (
	maxSubject = 500     // characters
	maxBody    = 1 << 20 // bytes of visible and of quoted text
)

// Received is an understood message that is to be put where it belongs.
type Received struct {
	Inbox       inbox.Inbox
	Customer    customer.Customer
	Sender      channel.Address  // by which the customer was found; zero: Message.From
	Match       Match            // from MatchTx, in the same transaction
	Message     *channel.Message // Parts are not looked at
	HTML        rich.Clean       // of Message.HTML, from CleanHTML
	Attachments []Attachment     // bytes are stored already
	At          time.Time        // when it reached us; zero or in the future: now
	LedgerID    string
	Muted       bool // a machine's mail: a new conversation expects no answer
}

// CleanHTML makes a mail's HTML fit for keeping: safe, with remote images and
// cid: references left in place, as each reading decides about those.
func CleanHTML(source string) rich.Clean {
	if strings.TrimSpace(source) == "" {
		return rich.Clean{}
	}
	return rich.Sanitize(source, rich.Options{RemoteImages: true, CID: keepCID})
}

func keepCID(id string) (string, bool) { return "cid:" + id, true }

// ReceiveTx puts a message into the conversation it matched, or opens one.
func (t *Threads) ReceiveTx(ctx context.Context, tx *sqldb.Tx, r Received) (Message, error) {
	if r.At.IsZero() || r.At.After(tx.Now) {
		r.At = tx.Now
	}
	var c Conversation
	var err error
	if r.Match.ConversationID != "" {
		c, err = hold(ctx, tx, r.Match.ConversationID)
	} else {
		c, err = t.openTx(ctx, tx, opening{inbox: r.Inbox, customerID: r.Customer.ID, subject: r.Message.Subject, origin: "customer",
			muted: r.Muted, at: r.At, by: actor.ForCustomer(r.Customer.ID), links: r.Match.Links})
	}
	if err != nil {
		return Message{}, err
	}
	if c.InboxID != r.Inbox.ID { // the customer is elsewhere now
		if err := t.goOnIn(ctx, tx, actor.ForCustomer(r.Customer.ID), &c, r.Inbox); err != nil {
			return Message{}, err
		}
	}
	m := t.toReceiver().incoming(c, r)
	if err := t.toReceiver().withdraw(ctx, tx, r.Inbox, &m); err != nil {
		return Message{}, err
	}
	idle := c.MessageCount == 0 || c.Status != Open
	if err := t.toReceiver().appendIncoming(ctx, tx, &c, m, r); err != nil {
		return Message{}, err
	}
	if err := t.toReceiver().rest(ctx, tx, &c, r, idle); err != nil {
		return Message{}, err
	}
	t.Journal.Emit(tx, ReceivedFact, string(c.ID), actor.ForCustomer(r.Customer.ID),
		MessageData{Place: c.place(), MessageID: m.ID, Kind: Incoming, Automatic: m.Automatic})
	return m, nil
}

// maxRest is how far ahead the time of an answer may be: later is a mistake.
const maxRest = 31 * 24 * time.Hour

// rest lets a conversation sleep until the time for which its customer wants an
// answer, unless they still wait for another one (idle is false).
func (t receiver) rest(ctx context.Context, tx *sqldb.Tx, c *Conversation, r Received, idle bool) error {
	due := r.Message.Due
	if !idle || c.Status != Open || !due.After(tx.Now) || due.Sub(tx.Now) > maxRest {
		return nil
	}
	if err := t.setStatus(ctx, tx, actor.ForCustomer(r.Customer.ID), c, statusChange{to: Snoozed, until: due}); err != nil {
		return err
	}
	return save(ctx, tx, c)
}

type opening struct {
	inbox      inbox.Inbox
	customerID string
	subject    string
	origin     string
	muted      bool
	at         time.Time
	by         actor.Actor
	links      []Link
}

// openTx makes an empty conversation; the caller adds its first message.
func (t *core) openTx(ctx context.Context, tx *sqldb.Tx, o opening) (Conversation, error) {
	ref, err := nextRef(ctx, tx)
	if err != nil {
		return Conversation{}, err
	}
	c := Conversation{ID: ID(t.IDs.New("conv")), Ref: ref, BrandID: o.inbox.BrandID, InboxID: o.inbox.ID, CustomerID: o.customerID,
		Subject: oneLine(o.subject), Status: Open, Priority: Normal, LastAt: o.at, LastFrom: o.origin, Muted: o.muted, Origin: o.origin,
		CreatedAt: o.at}
	if err := insert(ctx, tx, c); err != nil {
		return Conversation{}, err
	}
	t.Journal.Emit(tx, OpenedFact, string(c.ID), o.by, OpenedData{Place: c.place(), Origin: o.origin, Muted: o.muted})
	return c, insertLinks(ctx, tx, c.ID, o.links)
}

func (t receiver) incoming(c Conversation, r Received) Message {
	in := r.Message
	m := Message{
		ID: MessageID(t.IDs.New("msg")), ConversationID: c.ID, InboxID: c.InboxID, Kind: Incoming,
		AuthorKind: string(actor.Customer), AuthorID: r.Customer.ID, AuthorName: r.Customer.Label(), At: r.At,
		Subject: oneLine(in.Subject), Body: cut(in.Visible), Quoted: cut(in.Quoted), Language: in.Language,
		Envelope:   Envelope{From: in.From, ReplyTo: in.ReplyTo, To: in.To, Cc: in.Cc, Token: in.Token},
		ExternalID: in.ExternalID, Automatic: in.Auto != "", LedgerID: r.LedgerID, Attachments: r.Attachments,
	}
	if m.Body == "" && m.Quoted == "" {
		m.Body = cut(in.Text)
	}
	if in.From.Name != "" && keyOf(in.From.Address) == keyOf(r.Customer.Address(t.kindOf(r.Inbox).PointOf(in.From.Address))) {
		m.AuthorName = in.From.Name
	}
	if in.Thing != nil {
		m.Event = &EventData{Name: in.Thing.Name, Data: in.Thing.Data}
	}
	if r.HTML.HTML != "" {
		m.HTML, m.HasHTML, m.RemoteImages = r.HTML.HTML, true, r.HTML.RemoteImages
	}
	return m
}

func (t receiver) appendIncoming(ctx context.Context, tx *sqldb.Tx, c *Conversation, m Message, r Received) error {
	if err := insertMessage(ctx, tx, m); err != nil {
		return err
	}
	for i, a := range m.Attachments {
		if err := insertAttachment(ctx, tx, m.ID, "", a, i); err != nil {
			return err
		}
	}
	if r.Sender.Address == "" {
		r.Sender = m.Envelope.From
	}
	sender := Participant{Address: r.Sender.Address, Name: r.Sender.Name, CustomerID: r.Customer.ID}
	if sender.key() != "" {
		if ours, err := t.Inboxes.Ours(ctx, tx, sender.Address); err != nil {
			return err
		} else if !ours(sender.Address) {
			if err := addParticipant(ctx, tx, c.ID, sender); err != nil {
				return err
			}
		}
	}
	others := without(slices.Concat([]channel.Address{m.Envelope.From}, m.Envelope.ReplyTo, m.Envelope.To, m.Envelope.Cc), []channel.Address{r.Sender})
	if err := t.join(ctx, tx, c.ID, others); err != nil {
		return err
	}
	by := actor.ForCustomer(r.Customer.ID)
	if m.human() && c.FirstCustomerAt.IsZero() && c.MessageCount > 0 { // a person joined a machine's thread
		if err := derive(ctx, tx, c); err != nil {
			return err
		}
	} else {
		c.take(m)
	}
	if m.human() && c.Status != c.Status.afterIncoming() {
		if err := t.setStatus(ctx, tx, by, c, statusChange{to: c.Status.afterIncoming(), silent: c.Status == Pending, again: true, entry: EntryReopened}); err != nil {
			return err
		}
	}
	return save(ctx, tx, c)
}

// oneLine makes text from anywhere fit for a subject.
func oneLine(s string) string {
	return text.Clip(text.Line(s), maxSubject)
}

// cut cleans and bounds a body, at a character.
func cut(s string) string {
	s = text.Safe(s)
	if len(s) <= maxBody {
		return s
	}
	return strings.ToValidUTF8(s[:maxBody], "") + text.Ellipsis
}

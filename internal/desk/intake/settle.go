package intake

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// The words of a channel's Message.Auto that the door treats apart.
const (
	autoReply = "auto-reply"
	autoLoop  = "loop"
)

// settle decides what a parcel is and puts it in its place. The questions are
// asked in the order of how much harm a wrong answer would do.
func (d *Door) settle(ctx context.Context, tx *sqldb.Tx, e *Entry, p parcel) error {
	defer func() { d.tell(tx, *e) }()
	switch first, found, err := original(ctx, tx, *e); {
	case err != nil:
		return err
	case found:
		e.because(Duplicate, ReasonDuplicate, "")
		e.MessageID, e.ConversationID = first.MessageID, first.ConversationID
		return nil
	}
	m := p.message
	switch {
	case p.unknown:
		e.because(Quarantined, ReasonKind, "")
		return nil
	case p.trouble != nil:
		e.because(Quarantined, ReasonUnreadable, p.trouble.Error())
		return nil
	}
	if conv, msg, ours := d.Threads.Ours(m.ExternalID); ours {
		return d.ownCopy(ctx, tx, e, conv, msg)
	}
	switch {
	case m.Bounce != nil:
		return d.bounced(ctx, tx, e, p)
	case m.Auto == autoLoop && !p.force:
		e.because(Quarantined, ReasonLoop, "")
		return nil
	case m.Spam != "" && !p.force:
		e.because(Spam, ReasonSpam, m.Spam)
		return nil
	}
	if done, err := (signals{d}).signal(ctx, tx, e, p); done || err != nil {
		return err
	}
	return d.admit(ctx, tx, e, p)
}

// ownCopy settles a mail whose Message-ID we signed: it is our own message,
// come back by a copy to ourselves or from a folder of sent mail.
func (d *Door) ownCopy(ctx context.Context, tx *sqldb.Tx, e *Entry, conv conversation.ID, msg conversation.MessageID) error {
	e.because(Linked, ReasonOwnCopy, "")
	m, err := d.Threads.Message(ctx, tx, msg)
	switch {
	case err == nil:
		e.MessageID, e.ConversationID = m.ID, m.ConversationID
		return nil
	case !fault.Is(err, fault.NotFound):
		return err
	}
	c, err := d.Threads.ByID(ctx, tx, conv) // a letter about the conversation that is not one of its messages
	if err == nil {
		e.ConversationID = c.ID
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil
}

// admit lets a mail into its conversation, or into a new one.
func (d *Door) admit(ctx context.Context, tx *sqldb.Tx, e *Entry, p parcel) error {
	m := p.message
	sender, ours, err := d.sender(ctx, tx, m)
	switch {
	case err != nil:
		return err
	case sender.Address == "":
		e.because(Quarantined, ReasonNoSender, "")
		return nil
	case ours && !p.force:
		e.because(Quarantined, ReasonOwn, "")
		return nil
	}
	match, err := d.match(ctx, tx, p, sender)
	if err != nil {
		return err
	}
	e.because(Linked, "", "")
	if m.Auto != "" {
		e.because(Linked, ReasonAutomatic, m.Auto)
	}
	if m.Auto == autoReply {
		e.because(AutoReply, ReasonAutoReply, "")
		if match.ConversationID == "" && !p.force {
			return nil
		}
	}
	if match.CustomerID != "" {
		if _, err := d.Customers.AttachTx(ctx, tx, match.CustomerID, customer.Point{Kind: p.point(), Address: sender.Address}); err != nil {
			return err
		}
	}
	who, created, err := d.Customers.ResolveTx(ctx, tx, customer.Seen{Kind: p.point(), Address: sender.Address, Name: sender.Name, Locale: m.Language, At: e.ReceivedAt})
	if fault.Is(err, fault.Invalid) {
		e.because(Quarantined, ReasonNoSender, "")
		return nil
	}
	if err != nil {
		return err
	}
	got, err := d.Threads.ReceiveTx(ctx, tx, conversation.Received{Inbox: p.box, Customer: who, Sender: sender, Match: match, Message: m,
		HTML: p.html, Attachments: p.files, At: e.ReceivedAt, LedgerID: e.ID, Muted: m.Auto != ""})
	if err != nil {
		return err
	}
	e.MessageID, e.ConversationID = got.ID, got.ConversationID
	if created && who.Name == "" {
		if err := (fetcher{d}).planProfile(ctx, tx, p, sender.Address); err != nil {
			return err
		}
	}
	return fetcher{d}.planFiles(ctx, tx, p)
}

// sender is who is to be answered and served. A mail from one of our own
// addresses with somebody else's Reply-To is a form on a web site; without one
// it is ours.
func (d *Door) sender(ctx context.Context, tx *sqldb.Tx, m *channel.Message) (who channel.Address, ours bool, err error) {
	candidates := append([]channel.Address{m.From}, m.ReplyTo...)
	candidates = slices.DeleteFunc(candidates, func(a channel.Address) bool { return strings.TrimSpace(a.Address) == "" })
	ask := []string{}
	for _, a := range slices.Concat(candidates, m.To, m.Cc) { // the thread will ask about the others
		ask = append(ask, a.Address)
	}
	isOurs, err := d.Inboxes.Ours(ctx, tx, ask...)
	if err != nil {
		return channel.Address{}, false, err
	}
	for _, a := range candidates {
		if !isOurs(a.Address) {
			return a, false, nil
		}
	}
	if len(candidates) == 0 {
		return channel.Address{}, false, nil
	}
	return candidates[0], true, nil
}

func (d *Door) match(ctx context.Context, tx *sqldb.Tx, p parcel, sender channel.Address) (conversation.Match, error) {
	known, found, err := d.Customers.ByPoint(ctx, tx, p.point(), sender.Address)
	if err != nil {
		return conversation.Match{}, err
	}
	ev := conversation.Evidence{InboxID: p.box.ID, Personal: p.kind.Personal, Senders: []string{sender.Address, p.message.From.Address}, InReplyTo: p.message.InReplyTo, References: p.message.References}
	if found {
		ev.CustomerID = known.ID
	}
	for _, a := range p.message.ReplyTo {
		ev.Senders = append(ev.Senders, a.Address)
	}
	return d.Threads.MatchTx(ctx, tx, ev)
}

// The kinds of a channel's Bounce.
const (
	bounceFailed    = "failed"
	bounceDelayed   = "delayed"
	bounceComplaint = "complaint"
)

// bounced settles a report about a mail of ours. It never opens a conversation.
func (d *Door) bounced(ctx context.Context, tx *sqldb.Tx, e *Entry, p parcel) error {
	b := p.message.Bounce
	reasons := map[string]string{bounceFailed: ReasonBounce, bounceDelayed: ReasonDelayed, bounceComplaint: ReasonComplaint}
	e.because(Bounce, reasons[b.Kind], cmp.Or(b.Text, b.Reason))
	original := b.OriginalID
	if original == "" { // some machines quote nothing, but answer properly
		for _, one := range append(slices.Clone(p.message.InReplyTo), p.message.References...) {
			if _, _, ours := d.Threads.Ours(one); ours {
				original = one
			}
		}
	}
	about, found, err := d.Outbox.BounceTx(ctx, tx, delivery.Bounce{InboxID: p.box.ID, ExternalID: original, Recipients: b.Recipients,
		Delayed: b.Kind != bounceFailed, Reason: b.Reason, Text: b.Text})
	if err != nil {
		return err
	}
	if !found {
		e.because(Bounce, ReasonBounceUnknown, cmp.Or(b.Text, b.Reason))
		return nil
	}
	if err := d.markPoints(ctx, tx, p.kind, *b, about.Recipients); err != nil {
		return err
	}
	if about.MessageID == "" {
		return nil
	}
	m, err := d.Threads.Message(ctx, tx, conversation.MessageID(about.MessageID))
	if err != nil {
		return err
	}
	e.MessageID, e.ConversationID = m.ID, m.ConversationID
	entry := conversation.EventData{Name: conversation.EntryBounce, Data: map[string]string{"messageId": string(m.ID), "kind": b.Kind,
		"recipients": strings.Join(b.Recipients, ", "), "reason": b.Reason, "text": e.Detail}}
	if b.Hard {
		entry.Data["hard"] = "1"
	}
	_, err = d.Threads.EntryTx(ctx, tx, system(), m.ConversationID, entry)
	return err
}

// markPoints notes addresses that do not work. Only those that we did write to:
// anybody can send a report about anybody.
func (d *Door) markPoints(ctx context.Context, tx *sqldb.Tx, kind channel.Kind, b channel.Bounce, wroteTo []string) error {
	if !b.Hard || b.Kind != bounceFailed {
		return nil
	}
	failed := b.Recipients
	if len(wroteTo) == 1 { // a forwarding on the way may have changed the name
		failed = wroteTo
	}
	for _, address := range failed {
		if !slices.Contains(wroteTo, text.Fold(address)) {
			continue
		}
		if err := d.Customers.BouncedTx(ctx, tx, kind.PointOf(address), address); err != nil {
			return err
		}
	}
	return nil
}

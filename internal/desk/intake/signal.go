package intake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// signals is the part of a Door that settles what nobody said.
type signals struct{ *Door }

// signal settles what a channel tells without anybody having said something:
// receipts, permissions, edits. done is false when there is also a message.
func (d signals) signal(ctx context.Context, tx *sqldb.Tx, e *Entry, p parcel) (done bool, err error) {
	m := p.message
	for _, r := range m.Receipts {
		if err := d.receipt(ctx, tx, e, receiptDuty{InboxID: p.box.ID, ExternalID: r.ExternalID, Read: r.State == "read", At: r.At}); err != nil {
			return false, err
		}
	}
	if m.Contact != channel.ContactSame {
		if err := d.contact(ctx, tx, e, p); err != nil {
			return false, err
		}
	}
	if m.Edits != "" || m.Deletes != "" {
		if done, err := d.amend(ctx, tx, e, p); done || err != nil {
			return done, err
		}
	}
	if !m.Empty() || !p.kind.Personal {
		return false, nil
	}
	switch {
	case m.Contact != channel.ContactSame:
		e.because(Linked, ReasonContact, "")
	case len(m.Receipts) > 0:
		e.because(Linked, ReasonReceipt, "")
	case m.Deletes != "":
		e.because(Linked, ReasonUnsent, "")
	default:
		e.because(Linked, ReasonEvent, m.Subject)
	}
	return true, nil
}

// amend brings a message up to date that its writer edited or took back. An edit
// of a message that nobody knows is a message of its own.
func (d signals) amend(ctx context.Context, tx *sqldb.Tx, e *Entry, p parcel) (done bool, err error) {
	m := p.message
	a := conversation.Amendment{InboxID: p.box.ID, ExternalID: m.Edits, Sender: m.From.Address, Text: m.Text, At: p.received}
	reason := ReasonEdited
	if m.Deletes != "" {
		a.ExternalID, a.Unsent, reason = m.Deletes, true, ReasonUnsent
	}
	got, found, err := conversation.Amend(d.Threads).AmendTx(ctx, tx, a)
	if err != nil || !found && !a.Unsent {
		return false, err
	}
	e.because(Linked, reason, "")
	e.MessageID, e.ConversationID = got.ID, got.ConversationID
	return true, nil
}

// contact keeps that a customer may be written to, or may not any more.
func (d signals) contact(ctx context.Context, tx *sqldb.Tx, e *Entry, p parcel) error {
	customerID, err := d.consent(ctx, tx, p)
	if err != nil || customerID == "" {
		return err
	}
	match, err := d.Threads.MatchTx(ctx, tx, conversation.Evidence{InboxID: p.box.ID, CustomerID: customerID, Personal: true})
	if err != nil || match.ConversationID == "" {
		return err
	}
	e.ConversationID = match.ConversationID
	_, err = d.Threads.EntryTx(ctx, tx, system(), match.ConversationID, conversation.EventData{
		Name: conversation.EntryContact, Data: map[string]string{"state": string(p.message.Contact)}})
	return err
}

// consent notes what a customer said about being written to, and returns whose word
// it was: "" if nobody's, or not news. A number may stand under the channel's own
// kind too, from before numbers were told apart there: both hear of it.
func (d signals) consent(ctx context.Context, tx *sqldb.Tx, p parcel) (customerID string, err error) {
	from := p.message.From.Address
	said := customer.Consent{Allowed: p.message.Contact == channel.ContactAllowed, At: cmp.Or(p.message.At, p.received)}
	for _, kind := range slices.Compact([]string{p.point(), p.kind.Point()}) {
		who, known, err := d.Customers.ByPoint(ctx, tx, kind, from)
		if err != nil {
			return "", err
		}
		if !known {
			continue
		}
		noted, err := d.Customers.AllowTx(ctx, tx, customer.Point{Kind: kind, Address: from}, said)
		if err != nil {
			return "", err
		}
		if noted {
			customerID = cmp.Or(customerID, who.ID)
		}
	}
	return customerID, nil
}

// How long a receipt waits for the letter it names: it may overtake the answer
// that brings the letter's id.
const (
	receiptEvery = 5 * time.Second
	receiptWait  = 30 * time.Second
)

type receiptDuty struct {
	InboxID    string    `json:"inboxId"`
	ExternalID string    `json:"externalId"`
	Read       bool      `json:"read"`
	At         time.Time `json:"at"`
	Until      time.Time `json:"until"` // how long it is looked for
}

func (r receiptDuty) receipt() delivery.Receipt {
	return delivery.Receipt{InboxID: r.InboxID, ExternalID: text.Safe(r.ExternalID), Read: r.Read, At: r.At}
}

// receipt notes how far a letter came, or looks again later.
func (d signals) receipt(ctx context.Context, tx *sqldb.Tx, e *Entry, r receiptDuty) error {
	about, found, err := d.Outbox.ReceiptTx(ctx, tx, r.receipt())
	if err != nil {
		return err
	}
	if !found {
		r.Until = tx.Now.Add(receiptWait)
		return d.Queue.Add(ctx, tx, job.Duty{Kind: receiptDutyKind, Subject: e.InboxID, Data: r, RunAt: tx.Now.Add(receiptEvery)})
	}
	got, err := d.tellReceipt(ctx, tx, about)
	e.MessageID, e.ConversationID = got.ID, got.ConversationID
	return err
}

// tellReceipt lets those who look at the conversation see how far a message came.
func (d signals) tellReceipt(ctx context.Context, tx *sqldb.Tx, about delivery.ChangedData) (m conversation.Message, err error) {
	if about.MessageID == "" {
		return m, nil
	}
	return conversation.Amend(d.Threads).DeliveredTx(ctx, tx, conversation.MessageID(about.MessageID), string(about.State))
}

// receiptAgain is the duty of a receipt that came before its letter was known.
func (d signals) receiptAgain(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var r receiptDuty
	if err := j.Decode(&r); err != nil {
		return job.Give(err)
	}
	about, found, err := d.Outbox.ReceiptTx(ctx, tx, r.receipt())
	switch {
	case err != nil:
		return err
	case found:
		_, err = d.tellReceipt(ctx, tx, about)
		return err
	case tx.Now.Before(r.Until):
		return job.Later(tx.Now.Add(receiptEvery))
	}
	return nil // of a message that is not ours
}

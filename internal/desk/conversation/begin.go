package conversation

import (
	"context"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phone"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Opening is a conversation that an agent begins. Mail alone has a subject and
// copies.
type Opening struct {
	InboxID       string
	To, Cc, Bcc   []channel.Address
	Subject       string
	HTML, Text    string
	AttachmentIDs []string
	Template      *channel.TemplateUse // whose words Text is; nil: none
}

// Begin opens a conversation by writing first. The first address in To is the
// customer. Errors: fault.Invalid with fields, also where the channel wants the
// customer to write first, or a template.
func (t *Threads) Begin(ctx context.Context, by actor.Actor, o Opening) (c Conversation, m Message, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := o.check(); err != nil {
			return err
		}
		box, err := t.Inboxes.ByID(ctx, tx, o.InboxID)
		if err != nil {
			return err
		}
		// Our own addresses are no customers.
		if o.To, err = t.withoutOurs(ctx, tx, o.To); err != nil {
			return err
		}
		var check fault.Check
		if check.That(len(o.To) > 0, "body.to", "error.conversation.onlyOurs"); check.Err() != nil {
			return check.Err()
		}
		if err := t.toWriter().mayBegin(ctx, tx, box, &o); err != nil {
			return err
		}
		person, _, err := t.Customers.ResolveTx(ctx, tx, customer.Seen{Kind: t.kindOf(box).PointOf(o.To[0].Address), Address: o.To[0].Address, Name: o.To[0].Name})
		if err != nil {
			return err
		}
		c, err = t.openTx(ctx, tx, opening{inbox: box, customerID: person.ID, subject: o.Subject, origin: "agent", at: tx.Now, by: by})
		if err != nil {
			return err
		}
		if err := addParticipant(ctx, tx, c.ID, Participant{Address: o.To[0].Address, Name: o.To[0].Name, CustomerID: person.ID}); err != nil {
			return err
		}
		c.AssigneeID = by.AgentID()
		if c.AssigneeID != "" {
			t.Journal.Emit(tx, AssignedFact, string(c.ID), by, AssignedData{Place: c.place(), AssigneeID: c.AssigneeID})
		}
		m, err = t.toWriter().post(ctx, tx, &c, posting{by: by, subject: c.Subject, reply: Reply{
			HTML: o.HTML, Text: o.Text, To: o.To, Cc: o.Cc, Bcc: o.Bcc, AttachmentIDs: o.AttachmentIDs, Template: o.Template}})
		return err
	})
	return c, m, err
}

func (o Opening) check() error {
	var check fault.Check
	check.Require(o.InboxID != "", "body.inboxId")
	check.Require(len(o.To) > 0, "body.to")
	return check.Err()
}

// mayBegin refuses what the channel's rules of writing first forbid, and writes
// telephone numbers as the address book keeps them.
func (t writer) mayBegin(ctx context.Context, tx *sqldb.Tx, box inbox.Inbox, o *Opening) error {
	var check fault.Check
	if box.Kind == inbox.Email || box.Kind == "" {
		check.Require(oneLine(o.Subject) != "", "body.subject")
		return check.Err()
	}
	kind := t.kindOf(box)
	for i, to := range o.To {
		number, ok := numberOn(kind, box, to.Address)
		check.That(ok || kind.Point() != channel.PointPhone, "body.to", "error.channel.phone", "address", to.Address)
		if ok {
			o.To[i].Address = number
		}
	}
	if err := check.Err(); err != nil {
		return err
	}
	heard := true
	for _, to := range o.To {
		_, known, err := t.Customers.ByPoint(ctx, tx, kind.PointOf(to.Address), to.Address)
		if err != nil {
			return err
		}
		heard = heard && known
	}
	windowed := kind.Can.Window > 0
	check.That(kind.Starts || heard && !windowed, "body.to", "error.channel.theyFirst")
	check.That(!kind.Starts || !windowed || o.Template != nil, "body.template", "error.channel.beginTemplate")
	return check.Err()
}

// numberOn reads an address as a telephone number, where the channel has such. Beside
// a channel's own addresses only one with its country is a number.
func numberOn(kind channel.Kind, box inbox.Inbox, address string) (string, bool) {
	if kind.Point() == channel.PointPhone {
		return phone.E164(address, homeOf(box.Address))
	}
	number, ok := phone.E164(address, "")
	return number, ok && kind.Numbers
}

// homeOf is the country of numbers that are written without one: Japan's, if our
// own number is Japanese.
func homeOf(own string) string {
	if strings.HasPrefix(own, "+"+japan) {
		return japan
	}
	return ""
}

package conversation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phone"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Met is how somebody was talked with beside the channels.
type Met string

// The ways.
const (
	Walkin    Met = "walk-in"
	ByLetter  Met = "letter"
	ByFax     Met = "fax"
	Telephone Met = "phone"
)

// recorded reports whether an agent wrote a message down.
func (m Message) recorded() bool { return m.Event != nil && m.Event.Name == ThingRecord }

// Ways returns all of them in the order in which they are offered.
func Ways() []Met { return []Met{Telephone, Walkin, ByLetter, ByFax} }

// ThingRecord marks a message that an agent wrote down.
const ThingRecord = "record"

// pointUnknown is the kind of point of who left no address. It reaches nobody.
const pointUnknown = "record"

const (
	maxPlace  = 200 // characters
	recordAge = 366 * 24 * time.Hour
)

// Caller is who was talked with: a customer by ID, or what they said of
// themselves. Without an address they are somebody whom nobody can answer.
type Caller struct {
	ID                 string
	Name, Email, Phone string
}

// Record is what an agent writes down of a contact beside the channels.
type Record struct {
	ConversationID ID     // "" for a new one
	InboxID        string // of a new one: answers go out from it
	Customer       Caller // of a new one
	Subject        string // of a new one

	How           Met
	Ours          bool      // we called or wrote; else the customer did
	At            time.Time // zero: now
	Place         string    // where, "" for nowhere in particular
	TakenBy       string    // agent; "": who writes it down
	Text          string
	AttachmentIDs []string // a letter that was scanned
	TagIDs        []string
	Resolve       bool // settled there and then
}

// Record writes a contact down: into its conversation, or as a new one. What a
// customer said counts as their message and starts the clocks; what we said there
// stops them. Errors: fault.Invalid with fields; fault.NotFound.
func (t Clerk) Record(ctx context.Context, by actor.Actor, r Record) (c Conversation, m Message, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := r.check(tx.Now); err != nil {
			return err
		}
		if c, err = t.toRecorder().place(ctx, tx, by, r); err != nil {
			return err
		}
		if m, err = t.toRecorder().add(ctx, tx, by, &c, r); err != nil {
			return err
		}
		c, err = t.toRecorder().finish(ctx, tx, by, c, r)
		return err
	})
	return c, m, err
}

func (r *Record) check(now time.Time) error {
	r.Text, r.Place = strings.TrimSpace(text.Safe(r.Text)), text.Line(strings.TrimSpace(r.Place))
	if r.At.IsZero() {
		r.At = now
	}
	var check fault.Check
	check.That(slices.Contains(Ways(), r.How), "body.how", "error.field.invalid")
	check.That(!r.Ours || r.How != Walkin, "body.how", "error.record.walkin")
	check.Require(r.Text != "" || len(r.AttachmentIDs) > 0, "body.text")
	check.That(utf8.RuneCountInString(r.Place) <= maxPlace, "body.place", "error.text.long", "max", maxPlace)
	check.That(!r.At.After(now.Add(time.Minute)), "body.at", "error.record.future")
	check.That(now.Sub(r.At) <= recordAge, "body.at", "error.record.old")
	if r.ConversationID == "" {
		check.Require(r.InboxID != "", "body.inboxId")
		check.Require(oneLine(r.Subject) != "", "body.subject")
		check.That(r.Customer.ID != "" || strings.TrimSpace(r.Customer.Name+r.Customer.Email+r.Customer.Phone) != "", "body.customer.name", "error.field.required")
		if r.Customer.Email = strings.TrimSpace(r.Customer.Email); r.Customer.Email != "" {
			check.That(validAddress(channel.Address{Address: r.Customer.Email}), "body.customer.email", "error.conversation.address", "address", r.Customer.Email)
		}
		if r.Customer.Phone != "" {
			number, ok := phone.E164(r.Customer.Phone, japan)
			check.That(ok, "body.customer.phone", "error.form.phone")
			r.Customer.Phone = number
		}
	}
	if r.At.After(now) {
		r.At = now
	}
	return check.Err()
}

const lastSaidSQL = `SELECT MAX(at) FROM message WHERE conversation_id = $1 AND kind = 'incoming' AND NOT automatic`

// after refuses what we said before the customer said their last: it answers
// nothing, and would stop the clock all the same.
func (r Record) after(ctx context.Context, tx *sqldb.Tx, c Conversation) error {
	var said time.Time
	if err := tx.QueryRow(ctx, lastSaidSQL, string(c.ID)).Scan(sqldb.At(&said)); err != nil {
		return err
	}
	var check fault.Check
	check.That(!r.Ours || !r.At.Before(said.Truncate(time.Minute)), "body.at", "error.record.before")
	return check.Err()
}

// place is the conversation that a record belongs to.
func (t recorder) place(ctx context.Context, tx *sqldb.Tx, by actor.Actor, r Record) (Conversation, error) {
	if r.ConversationID != "" {
		c, err := hold(ctx, tx, r.ConversationID)
		if err != nil {
			return c, err
		}
		return c, r.after(ctx, tx, c)
	}
	box, err := t.Inboxes.ByID(ctx, tx, r.InboxID)
	if fault.Is(err, fault.NotFound) {
		var check fault.Check
		check.Add("body.inboxId", "error.inbox.notFound")
		err = check.Err()
	}
	if err != nil {
		return Conversation{}, err
	}
	who, err := t.who(ctx, tx, r.Customer)
	if err != nil {
		return Conversation{}, err
	}
	origin := "customer"
	if r.Ours {
		origin = "agent"
	}
	return t.openTx(ctx, tx, opening{inbox: box, customerID: who.ID, subject: r.Subject, origin: origin, at: r.At, by: by})
}

// who finds the customer by what they said of themselves, or makes one. An agent
// heard it and decides; a name alone finds nobody.
func (t recorder) who(ctx context.Context, tx *sqldb.Tx, in Caller) (customer.Customer, error) {
	if in.ID != "" {
		return t.Customers.ByID(ctx, tx, in.ID)
	}
	seen := customer.Seen{Kind: inbox.Email, Address: in.Email, Name: in.Name}
	switch {
	case in.Email != "":
		ours, err := t.Inboxes.Ours(ctx, tx, in.Email)
		if err != nil {
			return customer.Customer{}, err
		}
		if ours(in.Email) {
			var check fault.Check
			check.Add("body.customer.email", "error.form.ours")
			return customer.Customer{}, check.Err()
		}
	case in.Phone != "":
		seen.Kind, seen.Address = channel.PointPhone, in.Phone
	default:
		seen.Kind, seen.Address = pointUnknown, t.IDs.New("nobody")
	}
	who, _, err := t.Customers.ResolveTx(ctx, tx, seen)
	if err == nil && in.Email != "" && in.Phone != "" {
		_, err = t.Customers.AttachTx(ctx, tx, who.ID, customer.Point{Kind: channel.PointPhone, Address: in.Phone})
	}
	return who, err
}

// add writes the message.
func (t recorder) add(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, r Record) (Message, error) {
	taker, err := t.taker(ctx, tx, by, r)
	if err != nil {
		return Message{}, err
	}
	who, err := t.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil {
		return Message{}, err
	}
	m := Message{ID: MessageID(t.IDs.New("msg")), ConversationID: c.ID, InboxID: c.InboxID, Kind: Incoming, At: r.At, Body: cut(r.Text),
		AuthorKind: string(actor.Customer), AuthorID: who.ID, AuthorName: who.Label(), Envelope: Envelope{From: channel.Address{Name: who.Name}},
		Event: &EventData{Name: ThingRecord, Data: map[string]string{"how": string(r.How), "takenBy": taker}}}
	if r.Place != "" {
		m.Event.Data["place"] = r.Place
	}
	if r.Ours {
		m.Kind, m.AuthorKind, m.AuthorID, m.Envelope = Outgoing, string(by.Kind), by.ID, Envelope{}
		m.Event.Data["ours"] = "1"
		if m.AuthorName, err = t.authorName(ctx, tx, by); err != nil {
			return m, err
		}
	}
	if err := insertMessage(ctx, tx, m); err != nil {
		return m, err
	}
	if m.Attachments, err = t.toWriter().attach(ctx, tx, m.ID, by, r.AttachmentIDs, nil); err != nil {
		return m, err
	}
	data := MessageData{Place: c.place(), MessageID: m.ID, Kind: m.Kind}
	if r.Ours {
		t.Journal.Emit(tx, PostedFact, string(c.ID), by, data)
	} else {
		t.Journal.Emit(tx, ReceivedFact, string(c.ID), by, data)
	}
	return m, derive(ctx, tx, c)
}

// taker names who took it.
func (t recorder) taker(ctx context.Context, tx *sqldb.Tx, by actor.Actor, r Record) (string, error) {
	if r.TakenBy == "" {
		return t.authorName(ctx, tx, by)
	}
	a, err := t.Agents.ByID(ctx, tx, r.TakenBy)
	if fault.Is(err, fault.NotFound) {
		var check fault.Check
		check.Add("body.takenBy", "error.conversation.assignee")
		err = check.Err()
	}
	return a.Name, err
}

// finish saves the conversation as the record leaves it.
func (t recorder) finish(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation, r Record) (Conversation, error) {
	to := c.Status.afterIncoming()
	if r.Ours {
		to = c.Status.afterReply()
	}
	if r.Resolve && to.MayBecome(Resolved) {
		to = Resolved
	}
	if to != c.Status {
		if err := t.setStatus(ctx, tx, by, &c, statusChange{to: to}); err != nil {
			return c, err
		}
	}
	if err := save(ctx, tx, &c); err != nil {
		return c, err
	}
	if len(r.TagIDs) == 0 {
		return c, nil
	}
	have, err := tagsOf(ctx, tx, c.ID)
	if err != nil {
		return c, err
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(have, r.TagIDs...))))
	return t.toPatcher().changeTx(ctx, tx, by, c.ID, Patch{TagIDs: &all})
}

// japan is the country that numbers written without one belong to.
const japan = "81"

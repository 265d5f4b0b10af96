package form

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	sent "github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// State says to a customer how their matter stands.
type State string

// The states.
const (
	Received State = "received"
	Working  State = "working"
	Answered State = "answered"
	Settled  State = "settled"
)

// maxLines is how many of the latest messages of a conversation are looked at.
const maxLines = 200

// Matter is what somebody sees who wrote. It has the number that its link was made
// for, whatever it was joined with since. How the conversation stands that took it
// in is only for those to know to whom both belonged before: an agent who takes
// two customers for one may be wrong, and must not tell one of the other's matter.
type Matter struct {
	Form     Form
	Brand    brand.Brand
	Ref      int64
	Lang     string
	State    State
	At       time.Time // of the last change that is seen here
	Sender   string    // under which answers are written
	ByMail   bool      // answers come by mail too
	Together bool      // it goes on together with another matter of theirs, whose state it shows: answers come by mail only
	Apart    bool      // agents go on with it where this page does not look: it stands as it stood then
	Mails    bool      // the inbox can send at all
	Lines    []Line    // oldest first
}

// Line is one thing that was said.
type Line struct {
	Ours  bool
	Text  string
	Files []string // names
	At    time.Time
}

// Matter opens the page behind a pass. fault.NotFound if there is none.
func (x *Forms) Matter(ctx context.Context, token string) (m Matter, err error) {
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		p, err := x.open(tx.Now, token)
		if err != nil {
			return err
		}
		m, err = x.matter(ctx, tx, p)
		if fault.Is(err, fault.NotFound) { // the form or the conversation is gone
			return noPass()
		}
		return err
	})
	return m, err
}

func (x *Forms) matter(ctx context.Context, tx *sqldb.Tx, p pass) (m Matter, err error) {
	m.Lang = p.Lang
	if m.Form, err = x.ByID(ctx, tx, p.Form); err != nil {
		return m, err
	}
	own, err := conversation.Itself(ctx, tx, conversation.ID(p.Conversation))
	if err != nil {
		return m, err
	}
	c, err := x.Threads.ByID(ctx, tx, own.ID)
	if err != nil {
		return m, err
	}
	if m.Brand, err = x.Brands.ByID(ctx, tx, own.BrandID); err != nil {
		return m, err
	}
	box, err := x.Inboxes.ByID(ctx, tx, m.Form.InboxID)
	if err != nil {
		return m, err
	}
	m.Mails = strings.Contains(p.Address, "@") && x.Inboxes.Sends(box)
	m.Ref, m.Sender, m.ByMail = own.Ref, cmp.Or(box.SenderName, m.Brand.Name), strings.Contains(p.Address, "@")
	if c.ID != own.ID {
		if m.Together, err = x.together(ctx, tx, own, c); err != nil {
			return m, err
		}
		m.Apart = !m.Together
	}
	if m.Lines, err = x.lines(ctx, tx, c, p); err != nil {
		return m, err
	}
	if m.Apart {
		c = own
	}
	m.State = stateOf(c, m.Lines)
	m.At = own.CreatedAt
	if n := len(m.Lines); n > 0 {
		m.At = m.Lines[n-1].At
	}
	if m.State == Settled && c.ResolvedAt.After(m.At) {
		m.At = c.ResolvedAt
	}
	return m, nil
}

// together reports whether a conversation and the one that took it in were one
// customer's all along: an agent may also put those of two customers together.
func (x *Forms) together(ctx context.Context, tx *sqldb.Tx, own, c conversation.Conversation) (bool, error) {
	theirs, err := x.Customers.ByID(ctx, tx, own.CustomerID)
	if err != nil {
		return false, err
	}
	host, err := x.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil || theirs.ID != host.ID {
		return false, err
	}
	return x.Customers.OneAllAlong(ctx, tx, host.ID)
}

// stateOf is how a conversation stands in the eyes of who sees these lines.
func stateOf(c conversation.Conversation, lines []Line) State {
	answered := slices.ContainsFunc(lines, func(l Line) bool { return l.Ours })
	switch {
	case c.Status == conversation.Resolved, c.Status == conversation.Closed:
		return Settled
	case answered && lines[len(lines)-1].Ours:
		return Answered
	case answered, c.AssigneeID != "", c.Status == conversation.Snoozed, c.Status == conversation.Pending:
		return Working
	}
	return Received
}

// lines are what was entered through this form by this address, and what was
// answered to that address in this very conversation and can no longer be taken
// back. Whatever else the conversation holds is not for who has the pass.
func (x *Forms) lines(ctx context.Context, tx *sqldb.Tx, c conversation.Conversation, p pass) ([]Line, error) {
	part, err := x.Threads.Messages(ctx, tx, conversation.Span{ConversationID: c.ID, Limit: maxLines})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range part.Messages {
		ids = append(ids, string(m.ID))
	}
	letters, err := x.Outbox.ByMessages(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, m := range part.Messages {
		if l := (Line{Ours: m.Kind == conversation.Outgoing, Text: m.Body, At: m.At}); x.isFor(p, m, letters) {
			for _, a := range m.Attachments {
				l.Files = append(l.Files, a.Name)
			}
			out = append(out, l)
		}
	}
	return out, nil
}

func (x *Forms) isFor(p pass, m conversation.Message, letters map[string]delivery.Delivery) bool {
	mine := func(a channel.Address) bool { return text.Fold(a.Address) == text.Fold(p.Address) }
	switch m.Kind {
	case conversation.Incoming:
		return sent.FormOf(m.ExternalID) == p.Form && m.LedgerID != "" && mine(m.Envelope.From)
	case conversation.Outgoing:
		signed, _, ours := x.Threads.Ours(m.ExternalID)
		if !ours || string(signed) != p.Conversation || !slices.ContainsFunc(slices.Concat(m.Envelope.To, m.Envelope.Cc), mine) {
			return false
		}
		d, known := letters[string(m.ID)]
		return known && (d.State == delivery.Sending || d.State == delivery.Sent || d.State == delivery.Ambiguous || d.State == delivery.Bounced)
	}
	return false
}

// Addition is what somebody adds to their matter.
type Addition struct {
	Visit string
	Text  string
}

// Add takes in what somebody adds to their matter, and returns the receipt of the
// conversation it came into: another one if theirs was closed long ago.
// fault.Invalid at PathText, fault.NotFound for a pass that is none.
func (x *Forms) Add(ctx context.Context, token string, a Addition) (Receipt, error) {
	var c fault.Check
	a.Text = strings.TrimSpace(text.Safe(a.Text))
	c.Require(a.Text != "", PathText)
	c.That(utf8.RuneCountInString(a.Text) <= MaxLong, PathText, "error.text.long", "max", MaxLong)
	if err := c.Err(); err != nil {
		return Receipt{}, err
	}
	var doc sent.Sent
	var inboxID string
	var place conversation.ID
	err := x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		p, err := x.open(tx.Now, token)
		if err != nil {
			return err
		}
		m, err := x.matter(ctx, tx, p)
		if err != nil {
			return err
		}
		inboxID, place = m.Form.InboxID, conversation.ID(p.Conversation)
		doc = sent.Sent{Form: p.Form, Visit: a.Visit, Title: m.Form.Content.Title.In(p.Lang), Lang: p.Lang, Text: a.Text}
		if m.ByMail {
			doc.Email = p.Address
		} else {
			doc.Stranger = p.Address
		}
		doc.About = p.About
		return nil
	})
	if err != nil {
		return Receipt{}, err
	}
	r, err := x.accept(ctx, inboxID, doc)
	if err != nil || r.Conversation == "" {
		return r, err
	}
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error { // it may have been joined just now
		now, err := x.Threads.ByID(ctx, tx, place)
		if r.Conversation == now.ID {
			r.Pass = token // a pass is never exchanged for one to what the matter was joined with
		}
		return err
	})
	return r, err
}

package survey

import (
	"cmp"
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// scene is a situation with the people and things it is about.
type scene struct {
	situation
	conversation conversation.Conversation
	brand        brand.Brand
	inbox        inbox.Inbox
	customer     customer.Customer
	to           channel.Address
	thread       thread
	chat         bool // on a channel of short words and no subjects
	inThread     bool // the customer is asked where they read the thread, see Reader
}

// gather looks at everything an invitation is about as it is now, and takes its
// brand, agent, team, customer, address and language over into it.
func (p *Program) gather(ctx context.Context, tx *sqldb.Tx, i *Invitation) (s scene, err error) {
	if s.conversation, err = p.Threads.ByID(ctx, tx, conversation.ID(i.ConversationID)); err != nil {
		return s, err
	}
	c := s.conversation
	if s.inbox, err = p.Inboxes.ByID(ctx, tx, c.InboxID); err != nil {
		return s, err
	}
	if s.brand, err = p.Brands.ByID(ctx, tx, c.BrandID); err != nil {
		return s, err
	}
	if s.customer, err = p.Customers.ByID(ctx, tx, c.CustomerID); err != nil {
		return s, err
	}
	if s.policy, err = policyOf(ctx, tx, c.InboxID); err != nil {
		return s, err
	}
	if s.thread, err = p.readThread(ctx, tx, c, reader{s.customer, p.Inboxes.Point(s.inbox.Kind)}); err != nil {
		return s, err
	}
	point := s.thread.point
	i.BrandID, i.InboxID, i.CustomerID = c.BrandID, c.InboxID, s.customer.ID
	i.AgentID, i.TeamID = cmp.Or(c.AssigneeID, i.AgentID), c.TeamID
	i.Address, i.Locale = point.Address, s.language()
	s.to = channel.Address{Name: s.customer.Name, Address: point.Address}
	return s, p.weigh(ctx, tx, *i, &s, point)
}

// weigh fills in what decides.
func (p *Program) weigh(ctx context.Context, tx *sqldb.Tx, i Invitation, s *scene, point customer.Point) (err error) {
	s.kind, s.inboxActive, s.muted = i.Kind, s.inbox.Active, s.conversation.Muted
	kind, _ := p.Inboxes.Kind(s.inbox.Kind)
	s.inboxSends = p.Inboxes.Sends(s.inbox)
	s.chat, s.inThread = kind.Can.OneToOne, kind.InThread
	s.windowOver = kind.Can.Window > 0 && tx.Now.Sub(s.thread.heard) >= kind.Can.Window
	s.unwanted = !point.EndedAt.IsZero()
	s.customerSaid = !s.conversation.FirstCustomerAt.IsZero()
	s.address, s.bounced = point.Address, !point.BouncedAt.IsZero()
	s.picked = sampled(i.ConversationID, i.Resolution, s.policy.Sampling)
	if s.optedOut, err = optedOut(ctx, tx, point.Address, i.CustomerID); err != nil || s.policy.CoolDown == 0 {
		return err
	}
	since := tx.Now.Add(-time.Duration(s.policy.CoolDown) * day)
	s.asked, err = askedSince(ctx, tx, i, since.UnixMilli())
	return err
}

// language is the one the customer is known to read, else the one they wrote,
// else the brand's. What we do not speak becomes English.
func (s scene) language() string {
	for _, tag := range []string{s.customer.Locale, s.thread.language, s.brand.Locale} {
		if tag != "" {
			return phrase.Pick(tag)
		}
	}
	return phrase.English
}

// thread is what the letter needs to know of the conversation's messages.
type thread struct {
	point      customer.Point // the customer's address that was used last
	language   string         // of the customer's last message
	inReplyTo  string
	references []string
	heard      time.Time // when the customer wrote last
}

// reader is whom a letter is for, and by which kind of address.
type reader struct {
	customer.Customer
	kind string
}

const (
	maxReferences = 10 // of the chain that a letter carries
	maxLookedAt   = 50 // of a thread's last entries, notes and events included
)

// readThread looks through the last messages of a conversation.
func (p *Program) readThread(ctx context.Context, tx *sqldb.Tx, c conversation.Conversation, who reader) (t thread, err error) {
	recent, err := p.Threads.Messages(ctx, tx, conversation.Span{ConversationID: c.ID, Limit: maxLookedAt})
	if err != nil {
		return t, err
	}
	for _, m := range recent.Messages { // oldest first: the last one wins
		if m.ExternalID != "" && (m.Kind == conversation.Incoming || m.Kind == conversation.Outgoing) {
			t.references, t.inReplyTo = append(t.references, m.ExternalID), m.ExternalID
		}
		if m.Kind != conversation.Incoming || m.Automatic {
			continue
		}
		if m.InboxID == c.InboxID && (m.Event == nil || m.Event.Name != conversation.ThingRecord) {
			t.heard = m.At
		}
		if point, ok := pointOf(who, m.Envelope.From.Address); ok {
			t.point, t.language = point, m.Language
		}
	}
	t.references = t.references[max(0, len(t.references)-maxReferences):]
	if t.point.Address == "" { // wrote from elsewhere, or long ago
		t.point, _ = pointOf(who, who.Address(who.kind))
	}
	return t, nil
}

// pointOf returns the customer's point of an address.
func pointOf(c reader, address string) (customer.Point, bool) {
	for _, p := range c.Points {
		if p.Kind == c.kind && text.Fold(p.Address) == text.Fold(address) {
			return p, true
		}
	}
	return customer.Point{}, false
}

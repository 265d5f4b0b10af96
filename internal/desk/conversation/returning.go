package conversation

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phone"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Reasons to suggest a conversation that somebody goes on with elsewhere.
const (
	// LinkReturning: the same customer, in another inbox, not finished and not
	// long ago.
	LinkReturning = "returning"
	// LinkAddress: the customer wrote an address that is another customer's. That
	// may be one person or two: an agent decides.
	LinkAddress = "address"
)

const (
	// ReturnWithin is how long after its last message an unfinished conversation is
	// what a customer most likely means who writes on another channel.
	ReturnWithin = 14 * 24 * time.Hour

	maxWritten = 5 // addresses that are looked up
)

// returns reports whether the customer of c most likely goes on with other.
func returns(c, other Conversation, now time.Time) bool {
	return other.BrandID == c.BrandID && other.InboxID != c.InboxID && other.CreatedAt.Before(c.CreatedAt) &&
		other.Status != Resolved && other.Status != Closed && now.Sub(other.LastAt) <= ReturnWithin &&
		c.Status != Closed
}

// A few lines are enough to say who one is.
const heardSQL = `SELECT substr(m.body, 1, 2000) FROM message m WHERE m.conversation_id = $1 AND m.kind = 'incoming' ORDER BY ` + arrived + ` DESC, m.id DESC LIMIT 20`

// lastOfSQL is the conversation that was carried on last with a customer.
const lastOfSQL = `SELECT ` + columns + ` FROM conversation c WHERE c.customer_id = $1 AND c.brand_id = $2 AND c.merged_into IS NULL AND NOT c.muted
ORDER BY c.last_at DESC LIMIT 1`

// named is a conversation of another customer whose address was written in c.
type named struct {
	Conversation
	address string
}

// byWritten finds the customers whose addresses the customer of c wrote. A name
// alone connects nobody.
func (t Reader) byWritten(ctx context.Context, tx *sqldb.Tx, c Conversation) ([]named, error) {
	bodies, err := sqldb.List(ctx, tx, scanText, heardSQL, string(c.ID))
	if err != nil {
		return nil, err
	}
	self, err := t.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil {
		return nil, err
	}
	var out []named
	for _, p := range addressesIn(bodies) {
		if self.Address(p.Kind) != "" { // whoever has one of their own writes others' in signatures and stories
			continue
		}
		who, known, err := t.Customers.ByPoint(ctx, tx, p.Kind, p.Address)
		if err != nil {
			return nil, err
		}
		if !known || who.ID == self.ID || slices.ContainsFunc(out, func(n named) bool { return n.CustomerID == who.ID }) {
			continue
		}
		last, err := sqldb.List(ctx, tx, scanConversation, lastOfSQL, who.ID, c.BrandID)
		if err != nil {
			return nil, err
		}
		for _, other := range last {
			out = append(out, named{other, p.Address})
		}
	}
	return out, nil
}

func mails() *regexp.Regexp {
	return regexp.MustCompile(`[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63})+`)
}

// hyphens is what Japanese keyboards put in the place of "-".
func hyphens() *strings.Replacer {
	return strings.NewReplacer("ー", "-", "−", "-", "‐", "-", "–", "-")
}

func numbers() *regexp.Regexp { return regexp.MustCompile(`(\+|\b0)[0-9][0-9() \-]{7,16}[0-9]`) }

// addressesIn picks the mail addresses and telephone numbers out of what somebody
// wrote. A number that begins with 0 is taken for a Japanese one.
func addressesIn(bodies []string) []customer.Point {
	var out []customer.Point
	add := func(kind, address string) {
		p := customer.Point{Kind: kind, Address: address}
		if len(out) < maxWritten && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, body := range bodies {
		body = norm.NFKC.String(body)
		for _, a := range mails().FindAllString(body, maxWritten) {
			add(inbox.Email, strings.ToLower(strings.TrimRight(a, ".-")))
		}
		for _, n := range numbers().FindAllString(hyphens().Replace(body), maxWritten) {
			if number, ok := phone.E164(n, japan); ok {
				add(channel.PointPhone, number)
			}
		}
	}
	return out
}

// Joined names two conversations, and whether their customers may become one.
type Joined struct {
	From, Into   ID
	SameCustomer bool
}

// Join puts a conversation into the one that its customer goes on with. Where the
// two belong to two customers, these become one: that is the agent's decision,
// said by SameCustomer. Part takes it back. Errors as those of Merge.
func (t Clerk) Join(ctx context.Context, by actor.Actor, j Joined) (c Conversation, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if j.SameCustomer {
			if err := customer.Alone(ctx, tx); err != nil {
				return err
			}
		}
		gone, kept, err := t.toJoiner().both(ctx, tx, j.From, j.Into)
		if err != nil {
			return err
		}
		if gone.CustomerID != kept.CustomerID {
			var check fault.Check
			if check.That(j.SameCustomer, "body.sameCustomer", "error.conversation.twoCustomers"); check.Err() != nil {
				return check.Err()
			}
			if _, err := t.Customers.MergeTx(ctx, tx, by, gone.CustomerID, kept.CustomerID); err != nil {
				return err
			}
		}
		to, err := t.goesOn(ctx, tx, gone, kept)
		if err != nil {
			return err
		}
		if c, err = t.toJoiner().mergeTx(ctx, tx, by, joining{gone: gone, kept: kept, to: to.ID}); err != nil || to.ID == "" {
			return err
		}
		if err := t.goOnIn(ctx, tx, by, &c, to); err != nil {
			return err
		}
		return save(ctx, tx, &c)
	})
	return c, err
}

// goesOn is the inbox in which a conversation goes on that another is joined to:
// where its customer is now, if an answer reaches them there. Zero: where it is.
func (t Clerk) goesOn(ctx context.Context, tx *sqldb.Tx, gone, kept Conversation) (inbox.Inbox, error) {
	if kept.InboxID == gone.InboxID || gone.LastAt.Before(kept.LastAt) {
		return inbox.Inbox{}, nil
	}
	to, err := t.Inboxes.ByID(ctx, tx, gone.InboxID)
	if err != nil || !to.Active || !t.Inboxes.Sends(to) {
		return inbox.Inbox{}, err
	}
	who, err := t.Customers.ByID(ctx, tx, kept.CustomerID)
	if err != nil || !reachable(who, t.kindOf(to)) {
		return inbox.Inbox{}, err
	}
	return to, nil
}

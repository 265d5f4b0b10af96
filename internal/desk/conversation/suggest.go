package conversation

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/mime"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Further reasons to suggest a conversation.
const (
	LinkSplit    = "split"    // one was split off from the other
	LinkSubject  = "subject"  // same customer, same subject
	LinkCustomer = "customer" // same customer, not long ago
)

const (
	suggestWithin  = 90 * 24 * time.Hour
	maxSuggestions = 10
)

// Suggestion is a conversation that may be about the same matter.
type Suggestion struct {
	Summary
	Reason string
	// Written is the address that the customer wrote, of LinkAddress.
	Written string
}

const (
	linksSQL = `SELECT l.other_id, l.reason FROM conversation_link l WHERE l.conversation_id = $1
UNION SELECT l.conversation_id, l.reason FROM conversation_link l WHERE l.other_id = $1`
	recentSQL = `SELECT ` + columns + ` FROM conversation c WHERE c.customer_id = $1 AND c.last_at > $2 AND c.id <> $3 AND c.merged_into IS NULL
ORDER BY c.last_at DESC LIMIT 20`
)

// Suggestions returns what may belong together with a conversation: what
// evidence connects first, then what the customer goes on with or named, then the customer's recent ones, those of the same
// subject first.
func (t Reader) Suggestions(ctx context.Context, tx *sqldb.Tx, id ID, reader string) ([]Suggestion, error) {
	c, err := follow(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	links, err := sqldb.List(ctx, tx, func(r *sql.Rows) (l Link, err error) {
		err = r.Scan(&l.ID, &l.Reason)
		return l, err
	}, linksSQL, string(c.ID))
	if err != nil {
		return nil, err
	}
	out := []Suggestion{}
	add := func(other Conversation, reason string) {
		if other.ID != c.ID && !slices.ContainsFunc(out, func(s Suggestion) bool { return s.ID == other.ID }) {
			out = append(out, Suggestion{Summary: Summary{Conversation: other}, Reason: reason})
		}
	}
	for _, l := range links {
		other, err := follow(ctx, tx, l.ID)
		if err != nil {
			return nil, err
		}
		add(other, l.Reason)
	}
	recent, err := sqldb.List(ctx, tx, scanConversation, recentSQL, c.CustomerID, tx.Now.Add(-suggestWithin).UnixMilli(), string(c.ID))
	if err != nil {
		return nil, err
	}
	subject := subjectKey(c.Subject)
	for _, other := range recent {
		if returns(c, other, tx.Now) {
			add(other, LinkReturning)
		}
	}
	named, err := t.byWritten(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	evidence := map[ID]string{}
	for _, n := range named {
		evidence[n.ID] = n.address
		add(n.Conversation, LinkAddress)
	}
	for _, other := range recent {
		if subject != "" && subjectKey(other.Subject) == subject {
			add(other, LinkSubject)
		}
	}
	for _, other := range recent {
		add(other, LinkCustomer)
	}
	out = out[:min(len(out), maxSuggestions)]
	rows := make([]Summary, len(out))
	for i := range out {
		rows[i] = out[i].Summary
	}
	err = t.complete(ctx, tx, rows, reader)
	for i := range out {
		out[i].Summary = rows[i]
		if out[i].Reason == LinkAddress {
			out[i].Written = evidence[out[i].ID]
		}
	}
	return out, err
}

func subjectKey(s string) string { return text.Fold(mime.BaseSubject(s)) }

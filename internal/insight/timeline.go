package insight

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Moment is one thing that happened between a customer and us. Kind is
// "conversation" (it began), "message", "note", "response" or "case" (it was
// opened).
type Moment struct {
	At             time.Time
	Kind           string
	ID             string
	Title          string // subject; of a message its author's name; of a case its source's label
	Text           string
	ConversationID string
	CaseID         string
	Score          int    // 0: none
	State          string // of a conversation its status; of a case its outcome, or else its state; of a message incoming or outgoing
	Ref            int64
	Severity       int
}

// MomentPage is a part of a timeline, newest first.
type MomentPage struct {
	Items []Moment
	Next  string
}

// maxMoments is how many moments one page has at most.
const maxMoments = 200

// The streams of a timeline. Each returns at most one page and a row. Responses
// and cases come in their order from an index that begins with the customer;
// conversations and their messages are those of one customer, read and sorted.
const (
	momentConversations = `SELECT created_at, 'conversation', id, subject, preview, id, '', 0, status, ref, 0 FROM conversation
WHERE customer_id = $1 AND merged_into IS NULL AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4`
	momentMessages = `SELECT m.at, CASE WHEN m.kind = 'note' THEN 'note' ELSE 'message' END, m.id, m.author_name, substr(m.body, 1, 500),
	m.conversation_id, '', 0, m.kind, k.ref, 0 FROM conversation k JOIN message m ON m.conversation_id = k.id
WHERE k.customer_id = $1 AND m.kind <> 'event' AND m.withdrawn_at IS NULL AND (m.at, m.id) < ($2, $3) ORDER BY m.at DESC, m.id DESC LIMIT $4`
	momentResponses = `SELECT answered_at, 'response', id, kind, comment, conversation_id, '', score, band, 0, 0 FROM response
WHERE customer_id = $1 AND (answered_at, id) < ($2, $3) ORDER BY answered_at DESC, id DESC LIMIT $4`
	momentCases = `SELECT opened_at, 'case', id, source_label, '', conversation_id, id, COALESCE(score_after, 0), COALESCE(outcome, state), ref, severity
FROM recovery_case WHERE customer_id = $1 AND (opened_at, id) < ($2, $3) ORDER BY opened_at DESC, id DESC LIMIT $4`
)

// followSQL finds who took a merged customer in; merges are few.
const followSQL = `SELECT COALESCE(merged_into, id) FROM customer WHERE id = $1`

// Timeline returns everything that happened with a customer, newest first. The
// id of a merged customer gives the timeline of the one who took them in.
// Errors: fault.NotFound; fault.Invalid for a bad cursor.
func Timeline(ctx context.Context, tx *sqldb.Tx, customerID, cursor string, limit int) (MomentPage, error) {
	for range maxMerges {
		var into string
		if err := tx.QueryRow(ctx, followSQL, customerID).Scan(&into); err != nil {
			return MomentPage{}, sqldb.NotFound(err, "error.customer.notFound")
		}
		if into == customerID {
			break
		}
		customerID = into
	}
	from := latest()
	if cursor != "" {
		var err error
		if from, err = parseRowMark(cursor); err != nil {
			return MomentPage{}, err
		}
	}
	if limit <= 0 || limit > maxMoments {
		limit = maxMoments
	}
	var all []Moment
	for _, stream := range []string{momentConversations, momentMessages, momentResponses, momentCases} {
		items, err := sqldb.List(ctx, tx, scanMoment, stream, customerID, from.At, from.ID, limit+1)
		if err != nil {
			return MomentPage{}, err
		}
		all = append(all, items...)
	}
	slices.SortFunc(all, func(a, b Moment) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID))
	})
	page := MomentPage{Items: all}
	if len(all) > limit {
		page.Items = all[:limit]
		last := page.Items[limit-1]
		page.Next = rowMark{last.At.UnixMilli(), last.ID}.String()
	}
	return page, nil
}

// maxMerges bounds how long a chain of merges is followed.
const maxMerges = 10

func scanMoment(r *sql.Rows) (m Moment, err error) {
	err = r.Scan(sqldb.At(&m.At), &m.Kind, &m.ID, &m.Title, &m.Text, &m.ConversationID, &m.CaseID, &m.Score, &m.State, &m.Ref, &m.Severity)
	return m, err
}

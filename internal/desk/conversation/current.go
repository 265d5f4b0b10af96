package conversation

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// The inbox is veiled: one customer has few conversations, an inbox many.
const currentSQL = `SELECT ` + columns + ` FROM conversation c
WHERE c.customer_id = $1 AND c.merged_into IS NULL
AND (COALESCE(c.inbox_id, '') = $2 OR EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.inbox_id = $2))
ORDER BY c.last_at DESC, c.id DESC LIMIT 1`

// current finds the conversation that somebody goes on with who writes on a
// channel where nothing is quoted: the latest with them in this inbox, if it may
// still be gone on with. Else it becomes a link.
func (t matcher) current(ctx context.Context, tx *sqldb.Tx, e Evidence) (Match, error) {
	if e.CustomerID == "" {
		return Match{}, nil
	}
	found, err := sqldb.List(ctx, tx, scanConversation, currentSQL, e.CustomerID, e.InboxID)
	if err != nil || len(found) == 0 {
		return Match{}, err
	}
	reason, err := e.refuses(ctx, tx, found[0])
	if err != nil {
		return Match{}, err
	}
	if reason == "" {
		return Match{ConversationID: found[0].ID}, nil
	}
	return Match{Links: []Link{{ID: found[0].ID, Reason: reason}}}, nil
}

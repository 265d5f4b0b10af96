package conversation

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Arrival is the order in which messages came into their conversation, and what
// "later" means here. Neither of the other times will do: a mail may carry an
// earlier time and still come later, and the clocks of two nodes differ, so that
// of two ids the greater may be the earlier.
//
// A message's arrival is the time of the transaction that wrote it, or, when
// that is not past the last of its conversation, the last's, or one more if the
// ids go back; it is given while the conversation's row is locked. So (arrival,
// id) grows within a conversation whatever clocks do.
//
// A merge and a split change no arrival: messages take their own with them, and
// undoing a merge restores both orders. After a merge, what came before it to one
// side and to the other stands as the clocks of the nodes had it; all that comes
// later is past both.
//
// Rows of nodes that knew no arrival, and of bulk data, have none: the time of
// their transaction stands in.
const arrived = `COALESCE(arrival, created_at)`

// arrivalSQL is part of the insert of a message: $1 is its id, $2 its
// conversation, $20 the time.
const arrivalSQL = `COALESCE((SELECT CASE WHEN l.arrival < $20 THEN $20 WHEN l.id < $1 THEN l.arrival ELSE l.arrival + 1 END
FROM message l WHERE l.conversation_id = $2 AND l.arrival IS NOT NULL ORDER BY l.arrival DESC, l.id DESC LIMIT 1), $20)`

// turn is a place in the order of arrival; the zero turn is before all messages.
type turn struct {
	arrival int64
	id      string
}

func (a turn) before(b turn) bool {
	return a.arrival < b.arrival || a.arrival == b.arrival && a.id < b.id
}

const (
	turnSQL     = `SELECT ` + arrived + `, id, at FROM message WHERE id = $1`
	lastTurnSQL = `SELECT ` + arrived + `, id, at FROM message WHERE conversation_id = $1 ORDER BY ` + arrived + ` DESC, id DESC LIMIT 1`
)

// met reads the turn and the time of one message; the zero turn if there is none.
func met(ctx context.Context, tx *sqldb.Tx, query string, args ...any) (m turn, at time.Time, err error) {
	err = tx.QueryRow(ctx, query, args...).Scan(&m.arrival, &m.id, sqldb.At(&at))
	if errors.Is(err, sql.ErrNoRows) {
		return turn{}, time.Time{}, nil
	}
	return m, at, err
}

// turnOf returns the turn of a message. An id that no message has marks a moment:
// releases before this order settled a conversation by minting one.
func turnOf(ctx context.Context, tx *sqldb.Tx, m MessageID) (turn, error) {
	if m == "" {
		return turn{}, nil
	}
	t, _, err := met(ctx, tx, turnSQL, string(m))
	if err != nil || t.id != "" {
		return t, err
	}
	if at, ok := id.Time(string(m)); ok {
		return turn{at.UnixMilli(), string(m)}, nil
	}
	return turn{}, nil
}

// lastOf returns the message that came last into a conversation, "" if none did.
func lastOf(ctx context.Context, tx *sqldb.Tx, c ID) (MessageID, error) {
	t, _, err := met(ctx, tx, lastTurnSQL, string(c))
	return MessageID(t.id), err
}

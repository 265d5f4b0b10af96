package conversation

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Way is another inbox through which somebody may go on with a conversation, as
// they were written to from there.
type Way struct {
	ConversationID ID
	InboxID        string
	Address        channel.Address
}

const insertWaySQL = `INSERT INTO conversation_way (conversation_id, inbox_id, address_key, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

// OpenWayTx opens a way: an answer through that inbox, from that address, to a
// Message-ID that we signed for this conversation joins it. The address takes part
// from now on.
func OpenWayTx(ctx context.Context, tx *sqldb.Tx, w Way) error {
	if _, err := tx.Exec(ctx, insertWaySQL, string(w.ConversationID), w.InboxID, keyOf(w.Address.Address), tx.Now.UnixMilli()); err != nil {
		return err
	}
	return addParticipant(ctx, tx, w.ConversationID, Participant{Address: w.Address.Address, Name: w.Address.Name})
}

const waySQL = `SELECT COUNT(*) FROM conversation_way WHERE conversation_id = $1 AND inbox_id = $2 AND address_key = $3`

// otherWay reports whether a message that came into another inbox came by a way
// that was opened for its sender: it brings back a Message-ID that only they got.
// Only the first of the senders counts, who becomes the customer: a further one, as
// of Reply-To, would let somebody pass off another's address as their own.
func (t matcher) otherWay(ctx context.Context, tx *sqldb.Tx, external string, e Evidence) (bool, error) {
	conv, _, ours := parseToken(t.Key, external)
	if !ours || len(e.Senders) == 0 {
		return false, nil
	}
	n := 0
	err := tx.QueryRow(ctx, waySQL, string(conv), e.InboxID, keyOf(e.Senders[0])).Scan(&n)
	return n > 0, err
}

// arrived is the match of a message that came by another way: the conversation, if
// it may still be gone on with, else a link to it.
func (t matcher) arrived(ctx context.Context, tx *sqldb.Tx, e Evidence, c Conversation, err error) (Match, error) {
	if err != nil {
		return Match{}, err
	}
	e.InboxID = c.InboxID
	reason, err := e.refuses(ctx, tx, c)
	if err != nil {
		return Match{}, err
	}
	if reason != "" {
		return Match{Links: []Link{{ID: c.ID, Reason: reason}}, CustomerID: c.CustomerID}, nil
	}
	return Match{ConversationID: c.ID, CustomerID: c.CustomerID}, nil
}

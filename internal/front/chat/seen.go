package chat

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

type mark struct {
	UpTo string `json:"upTo"` // id of the last message that was read
}

// unseenSQL finds what a visitor has not read, up to a message.
const unseenSQL = `SELECT ` + lineColumns + ` FROM message m JOIN delivery d ON d.message_id = m.id
WHERE m.inbox_id = $2 AND m.kind = 'outgoing' AND m.withdrawn_at IS NULL AND d.read_at IS NULL
AND (d.state = 'sent' OR d.state = 'ambiguous' AND d.error = 'delivery.reason.cutOff')
AND d.state_at <= (SELECT COALESCE(u.state_at, o.at) FROM message o LEFT JOIN delivery u ON u.message_id = o.id WHERE o.id = $1)
AND m.conversation_id IN (`

// seen notes that the visitor has read all up to a message, so that the agents see
// it. Somebody else's message marks nothing.
func (c archive) seen(v *visit) (any, error) {
	var in mark
	if err := v.body(&in); err != nil {
		return nil, err
	}
	ctx := v.Context()
	return nil, c.DB.Write(ctx, func(tx *sqldb.Tx) error {
		r, err := c.reader(ctx, tx, v)
		if err != nil || len(r.threads) == 0 {
			return err
		}
		if err := c.looked(ctx, tx, v.who); err != nil {
			return err
		}
		marks, args := sqldb.In(3, r.threads)
		rows, err := c.lines(ctx, tx, unseenSQL+marks+`) ORDER BY m.id`, append([]any{in.UpTo, v.place.box.ID}, args...))
		if err != nil {
			return err
		}
		for _, m := range rows {
			if !r.addressed(m) {
				continue
			}
			if err := c.receipt(ctx, tx, v.place, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c archive) receipt(ctx context.Context, tx *sqldb.Tx, p place, m row) error {
	about, found, err := c.Outbox.ReceiptTx(ctx, tx, delivery.Receipt{InboxID: p.box.ID, ExternalID: m.key, Read: true, At: tx.Now})
	if err != nil || !found {
		return err
	}
	_, err = conversation.Amend(c.Threads).DeliveredTx(ctx, tx, conversation.MessageID(about.MessageID), string(about.State))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

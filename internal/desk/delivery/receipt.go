package delivery

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Receipt says how far a letter came, in the words of the other side.
type Receipt struct {
	InboxID    string
	ExternalID string // the other side's id, or ours
	Read       bool   // read, and not only delivered
	At         time.Time
}

const (
	insertTheirsSQL = `INSERT INTO delivery_external (inbox_id, external_id, delivery_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	receiptSQL      = `UPDATE delivery SET delivered_at = COALESCE(delivered_at, $2), read_at = COALESCE(read_at, $3) WHERE id = $1`
)

// maxTheirs is the longest id of the other side's that is kept, in bytes: by a
// longer one no receipt finds its letter.
const maxTheirs = 1000

// accepted keeps the ids that the other side gave a letter. One that cannot be kept
// must not undo that the letter went out.
func accepted(ctx context.Context, tx *sqldb.Tx, d Delivery, ids []string) error {
	for _, one := range ids {
		if one == "" || len(one) > maxTheirs || one != text.Safe(one) {
			continue
		}
		if _, err := tx.Exec(ctx, insertTheirsSQL, d.InboxID, one, string(d.ID)); err != nil {
			return err
		}
	}
	return nil
}

// ReceiptTx notes how far a letter came and returns what it is about; found is
// false if nobody knows it (yet: a receipt may overtake the answer that brings
// the letter's id), or if it went through another inbox: who calls one cannot speak
// for the readers of others. What came is there: an ambiguous letter is a sent one now.
func (p *Post) ReceiptTx(ctx context.Context, tx *sqldb.Tx, c Receipt) (d ChangedData, found bool, err error) {
	r, ok, err := byExternal(ctx, tx, c.InboxID, c.ExternalID)
	if err != nil || !ok || r.InboxID != c.InboxID {
		return d, false, err
	}
	if c.At.IsZero() || c.At.After(tx.Now) {
		c.At = tx.Now
	}
	var read any
	if c.Read {
		read = c.At.UnixMilli()
	}
	news := r.DeliveredAt.IsZero() || c.Read && r.ReadAt.IsZero()
	if !news {
		return r.changed(), true, nil
	}
	if _, err := tx.Exec(ctx, receiptSQL, string(r.ID), c.At.UnixMilli(), read); err != nil {
		return d, false, err
	}
	if r.State == Ambiguous || r.State == Sending {
		err := p.move(ctx, tx, &r, change{to: Sent, by: system()})
		return r.changed(), true, err
	}
	return r.changed(), true, nil
}

package delivery

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Bounce is a report that a letter did not arrive.
type Bounce struct {
	InboxID    string   // that received the report
	ExternalID string   // of the letter, "" if the report does not say
	Recipients []string // who was not reached
	Delayed    bool     // not given up yet: the letter's state stays
	Reason     string   // "userunknown", "mailboxfull", …
	Text       string   // the other side's own words
}

// Outcome is what a bounce was about.
type Outcome struct {
	ChangedData
	Recipients []string // whom the letter went to, folded
}

const recipientsSQL = `SELECT address_key FROM delivery_recipient WHERE delivery_id = $1 ORDER BY address_key`

// BounceTx finds the letter that a report is about and marks it. By Message-ID
// it is certain; otherwise it is the newest letter of the same inbox that was
// sent to that recipient in the last days. found is false if there is none.
func (p *Post) BounceTx(ctx context.Context, tx *sqldb.Tx, b Bounce) (o Outcome, found bool, err error) {
	r, ok, err := byExternal(ctx, tx, b.InboxID, b.ExternalID)
	if err != nil {
		return o, false, err
	}
	if !ok && b.ExternalID == "" {
		if r, ok, err = p.byRecipient(ctx, tx, b); err != nil {
			return o, false, err
		}
	}
	if !ok {
		return o, false, nil
	}
	if err := p.miss(ctx, tx, r, b); err != nil {
		return o, false, err
	}
	if !b.Delayed && (r.State == Sent || r.State == Ambiguous || r.State == Sending) {
		if err := p.move(ctx, tx, &r, change{to: Bounced, reason: b.words(), by: system()}); err != nil {
			return o, false, err
		}
	}
	o.ChangedData = r.changed()
	o.Recipients, err = sqldb.List(ctx, tx, func(rows *sql.Rows) (key string, err error) {
		err = rows.Scan(&key)
		return key, err
	}, recipientsSQL, string(r.ID))
	return o, err == nil, err
}

// miss keeps who did not get a letter that others may have got. A report about a
// letter that never left is somebody's invention, and about an address of a
// forwarder nothing is known.
func (p *Post) miss(ctx context.Context, tx *sqldb.Tx, r row, b Bounce) error {
	missed, err := missing(ctx, tx, r.ID)
	if err != nil || b.Delayed {
		return err
	}
	left := r.State == Sending || r.State == Sent || r.State == Ambiguous || r.State == Bounced
	if !left && len(missed) == 0 {
		return nil
	}
	return setMissed(ctx, tx, r.ID, tx.Now, b.Recipients)
}

func (p *Post) byRecipient(ctx context.Context, tx *sqldb.Tx, b Bounce) (row, bool, error) {
	for _, address := range b.Recipients {
		var id ID
		err := tx.QueryRow(ctx, byRecipientSQL, text.Fold(address), b.InboxID, tx.Now.Add(-bounceWindow).UnixMilli()).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return row{}, false, err
		}
		r, err := lock(ctx, tx, id)
		return r, err == nil, err
	}
	return row{}, false, nil
}

// words are the other side's, or at least its reason.
func (b Bounce) words() string {
	if t := strings.TrimSpace(b.Text); t != "" {
		return words(t)
	}
	return strings.Join(append([]string{b.Reason}, b.Recipients...), " ")
}

package delivery

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// row is a delivery as stored.
type row struct {
	Delivery
	only   []string // who is to get it again, folded; empty: everybody. Read by take
	letter Letter
	tried  time.Time // when the first try was made
	lease  string    // the duty that holds it
	at     time.Time // when it was created
}

// recipients counts whom the next try is for.
func (r row) recipients() int {
	if len(r.only) > 0 {
		return len(r.only)
	}
	return len(r.letter.To) + len(r.letter.Cc) + len(r.letter.Bcc)
}

func (r row) changed() ChangedData {
	return ChangedData{MessageID: r.MessageID, SubjectID: r.letter.Subject, Purpose: r.Purpose, State: r.State, Error: r.Error}
}

const insertSQL = `INSERT INTO delivery (id, inbox_id, purpose, message_id, content, external_id, state, hold_until, attempts, error, state_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9, $9)`

const insertRecipientSQL = `INSERT INTO delivery_recipient (delivery_id, address_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`

func insert(ctx context.Context, tx *sqldb.Tx, d Delivery, l Letter) error {
	if _, err := tx.Exec(ctx, insertSQL, string(d.ID), d.InboxID, d.Purpose, sqldb.Null(d.MessageID), sqldb.JSON{V: l}, l.ExternalID,
		string(d.State), sqldb.Millis(d.HoldUntil), tx.Now.UnixMilli()); err != nil {
		return err
	}
	for _, list := range [][]channel.Address{l.To, l.Cc, l.Bcc} {
		for _, a := range list {
			if _, err := tx.Exec(ctx, insertRecipientSQL, string(d.ID), text.Fold(a.Address)); err != nil {
				return err
			}
		}
	}
	return nil
}

const columns = `id, inbox_id, purpose, message_id, content, state, hold_until, attempts, error, state_at, tried_at, lease, created_at, delivered_at, read_at`

const (
	byIDSQL       = `SELECT ` + columns + ` FROM delivery WHERE id = $1`
	byMessageSQL  = `SELECT ` + columns + ` FROM delivery WHERE message_id = $1`
	byExternalSQL = `SELECT id FROM delivery WHERE external_id = $1`
	byTheirsSQL   = `SELECT delivery_id FROM delivery_external WHERE inbox_id = $1 AND external_id = $2`
	saveSQL       = `UPDATE delivery SET state = $2, attempts = $3, error = $4, state_at = $5, tried_at = $6, lease = $7 WHERE id = $1`
	waitingSQL    = `SELECT ` + columns + ` FROM delivery WHERE inbox_id = $1 AND state = 'queued' AND attempts > 0 ORDER BY id`
	// The newest letter of an inbox to an address that could still bounce.
	byRecipientSQL = `SELECT d.id FROM delivery_recipient r JOIN delivery d ON d.id = r.delivery_id
WHERE r.address_key = $1 AND d.inbox_id = $2 AND (d.state = 'sent' OR d.state = 'bounced' AND r.missed_at IS NULL)
AND d.state_at >= $3 ORDER BY d.id DESC LIMIT 1`
)

func scan(r interface{ Scan(...any) error }) (d row, err error) {
	err = r.Scan(&d.ID, &d.InboxID, &d.Purpose, sqldb.Str(&d.MessageID), sqldb.JSON{V: &d.letter}, &d.State, sqldb.At(&d.HoldUntil),
		&d.Attempts, &d.Error, sqldb.At(&d.StateAt), sqldb.At(&d.tried), &d.lease, sqldb.At(&d.at), sqldb.At(&d.DeliveredAt), sqldb.At(&d.ReadAt))
	return d, err
}

func lock(ctx context.Context, tx *sqldb.Tx, id ID) (row, error) {
	if err := tx.Lock(ctx, "delivery", string(id)); err != nil {
		return row{}, err
	}
	r, err := scan(tx.QueryRow(ctx, byIDSQL, string(id)))
	return r, sqldb.NotFound(err, "error.delivery.notFound")
}

func lockByMessage(ctx context.Context, tx *sqldb.Tx, messageID string) (row, error) {
	r, err := scan(tx.QueryRow(ctx, byMessageSQL, messageID))
	if err != nil {
		return r, sqldb.NotFound(err, "error.delivery.notFound")
	}
	return lock(ctx, tx, r.ID)
}

func save(ctx context.Context, tx *sqldb.Tx, r row) error {
	_, err := tx.Exec(ctx, saveSQL, string(r.ID), string(r.State), r.Attempts, r.Error, r.StateAt.UnixMilli(), sqldb.Millis(r.tried), r.lease)
	return err
}

const (
	missingSQL   = `SELECT address_key FROM delivery_recipient WHERE delivery_id = $1 AND missed_at IS NOT NULL ORDER BY address_key`
	setMissedSQL = `UPDATE delivery_recipient SET missed_at = $3 WHERE delivery_id = $1 AND address_key = $2`
)

// missing returns, folded, who is known not to have a letter that has left.
func missing(ctx context.Context, tx *sqldb.Tx, id ID) ([]string, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (key string, err error) {
		err = r.Scan(&key)
		return key, err
	}, missingSQL, string(id))
}

// setMissed notes since when recipients of a letter are known not to have it;
// zero: they have it. Whom the letter did not go to is passed over.
func setMissed(ctx context.Context, tx *sqldb.Tx, id ID, at time.Time, addresses []string) error {
	for _, a := range addresses {
		if _, err := tx.Exec(ctx, setMissedSQL, string(id), text.Fold(a), sqldb.Millis(at)); err != nil {
			return err
		}
	}
	return nil
}

func waitingFor(ctx context.Context, tx *sqldb.Tx, inboxID string) ([]Delivery, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (Delivery, error) {
		d, err := scan(r)
		return d.Delivery, err
	}, waitingSQL, inboxID)
}

// ByID returns one delivery.
func (p *Post) ByID(ctx context.Context, tx *sqldb.Tx, id ID) (Delivery, error) {
	r, err := scan(tx.QueryRow(ctx, byIDSQL, string(id)))
	return r.Delivery, sqldb.NotFound(err, "error.delivery.notFound")
}

// ByMessages returns the deliveries of messages, by message id.
func (p *Post) ByMessages(ctx context.Context, tx *sqldb.Tx, messageIDs []string) (map[string]Delivery, error) {
	out := map[string]Delivery{}
	if len(messageIDs) == 0 {
		return out, nil
	}
	marks, args := sqldb.In(1, messageIDs)
	err := tx.Each(ctx, func(r *sql.Rows) error {
		d, err := scan(r)
		out[d.MessageID] = d.Delivery
		return err
	}, `SELECT `+columns+` FROM delivery WHERE message_id IN (`+marks+`)`, args...)
	return out, err
}

// byExternal finds a letter by its Message-ID, or by an id that the other side
// of its inbox gave it; ok is false if it is not ours.
func byExternal(ctx context.Context, tx *sqldb.Tx, inboxID, externalID string) (r row, ok bool, err error) {
	if externalID == "" {
		return r, false, nil
	}
	var id ID
	err = tx.QueryRow(ctx, byExternalSQL, externalID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(ctx, byTheirsSQL, inboxID, externalID).Scan(&id)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	r, err = lock(ctx, tx, id)
	return r, err == nil, err
}

package intake

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	columns = `id, inbox_id, source, source_key, external_id, fingerprint, received_at, state, reason, sender, subject, size, raw_key,
message_id, conversation_id, attempts, updated_at, format`
	byIDSQL     = `SELECT ` + columns + ` FROM ledger WHERE id = $1`
	bySourceSQL = `SELECT ` + columns + ` FROM ledger WHERE inbox_id = $1 AND source_key = $2`
	originalSQL = `SELECT ` + columns + ` FROM ledger WHERE inbox_id = $1 AND external_id = $2 AND fingerprint = $3 AND state <> 'duplicate' AND id <> $4`
	insertSQL   = `INSERT INTO ledger (` + columns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
	updateSQL   = `UPDATE ledger SET external_id = $2, fingerprint = $3, state = $4, reason = $5, sender = $6, subject = $7, message_id = $8,
conversation_id = $9, attempts = $10, updated_at = $11 WHERE id = $1`
)

func scan(r interface{ Scan(...any) error }) (e Entry, err error) {
	var reason string
	err = r.Scan(&e.ID, &e.InboxID, &e.Source, &e.SourceKey, &e.ExternalID, &e.Fingerprint, sqldb.At(&e.ReceivedAt), &e.State, &reason,
		&e.Sender, &e.Subject, &e.Size, &e.RawKey, sqldb.Str(&e.MessageID), sqldb.Str(&e.ConversationID), &e.Attempts, sqldb.At(&e.UpdatedAt), &e.Format)
	e.unstore(reason)
	return e, err
}

func insert(ctx context.Context, tx *sqldb.Tx, e Entry) error {
	_, err := tx.Exec(ctx, insertSQL, e.ID, e.InboxID, e.Source, e.SourceKey, e.ExternalID, e.Fingerprint, e.ReceivedAt.UnixMilli(), string(e.State),
		e.stored(), e.Sender, e.Subject, e.Size, e.RawKey, sqldb.Null(e.MessageID), sqldb.Null(e.ConversationID), e.Attempts, e.UpdatedAt.UnixMilli(), e.Format)
	return err
}

func update(ctx context.Context, tx *sqldb.Tx, e Entry) error {
	_, err := tx.Exec(ctx, updateSQL, e.ID, e.ExternalID, e.Fingerprint, string(e.State), e.stored(), e.Sender, e.Subject,
		sqldb.Null(e.MessageID), sqldb.Null(e.ConversationID), e.Attempts, e.UpdatedAt.UnixMilli())
	return err
}

func byID(ctx context.Context, tx *sqldb.Tx, id string) (Entry, error) {
	e, err := scan(tx.QueryRow(ctx, byIDSQL, id))
	return e, sqldb.NotFound(err, "error.ledger.notFound")
}

func bySource(ctx context.Context, tx *sqldb.Tx, inboxID, key string) (Entry, bool, error) {
	return maybe(scan(tx.QueryRow(ctx, bySourceSQL, inboxID, key)))
}

// original finds the entry of the same mail by another way.
func original(ctx context.Context, tx *sqldb.Tx, e Entry) (Entry, bool, error) {
	return maybe(scan(tx.QueryRow(ctx, originalSQL, e.InboxID, e.ExternalID, e.Fingerprint, e.ID)))
}

func maybe(e Entry, err error) (Entry, bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, false, nil
	}
	return e, err == nil, err
}

// Query asks for a page of the ledger, newest first; empty fields do not narrow it.
type Query struct {
	State   State
	InboxID string
	Cursor  string // Next of the page before
	Limit   int    // 1 to 200; 0: 50
}

// Page is a part of the ledger; Next is "" on the last.
type Page struct {
	Items []Entry
	Next  string
}

const (
	defaultPage = 50
	maxPage     = 200
	beyondAll   = "led_zzzzzzzzzzzzzzzzzzzzzzzzzz" // sorts after every id, in every collation

	listSQL          = `SELECT ` + columns + ` FROM ledger WHERE id < $1 ORDER BY id DESC LIMIT $2`
	listStateSQL     = `SELECT ` + columns + ` FROM ledger WHERE id < $1 AND state = $3 ORDER BY id DESC LIMIT $2`
	listInboxSQL     = `SELECT ` + columns + ` FROM ledger WHERE id < $1 AND inbox_id = $3 ORDER BY id DESC LIMIT $2`
	listBothSQL      = `SELECT ` + columns + ` FROM ledger WHERE id < $1 AND state = $3 AND inbox_id = $4 ORDER BY id DESC LIMIT $2`
	quarantineAllSQL = `SELECT COUNT(*) FROM ledger WHERE state = 'quarantined'`
)

// Ledger returns a page of entries. fault.Invalid for a cursor that is none.
func (d *Door) Ledger(ctx context.Context, tx *sqldb.Tx, q Query) (Page, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	if q.Cursor != "" && !id.Is("led", q.Cursor) {
		return Page{}, fault.New(fault.Invalid, "error.cursor")
	}
	before := cmp.Or(q.Cursor, beyondAll)
	query, args := listSQL, []any{before, limit + 1}
	switch {
	case q.State != "" && q.InboxID != "":
		query, args = listBothSQL, append(args, string(q.State), q.InboxID)
	case q.State != "":
		query, args = listStateSQL, append(args, string(q.State))
	case q.InboxID != "":
		query, args = listInboxSQL, append(args, q.InboxID)
	}
	items, err := sqldb.List(ctx, tx, func(r *sql.Rows) (Entry, error) { return scan(r) }, query, args...)
	page := Page{Items: items}
	if err == nil && len(items) > limit {
		page.Items, page.Next = items[:limit], items[limit-1].ID
	}
	return page, err
}

// Waiting returns how many mails wait in quarantine.
func (d *Door) Waiting(ctx context.Context, tx *sqldb.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, quarantineAllSQL).Scan(&n)
	return n, err
}

// Entry returns one entry; fault.NotFound if there is none.
func (d *Door) Entry(ctx context.Context, tx *sqldb.Tx, id string) (Entry, error) {
	return byID(ctx, tx, id)
}

// Raw returns an entry with the bytes as they came. The caller closes them.
func (d *Door) Raw(ctx context.Context, id string) (e Entry, r io.ReadSeekCloser, err error) {
	err = d.DB.Read(ctx, func(tx *sqldb.Tx) error {
		e, err = byID(ctx, tx, id)
		return err
	})
	if err != nil {
		return e, nil, err
	}
	if e.RawKey == "" {
		return e, nil, fault.New(fault.NotFound, "error.message.noRaw")
	}
	r, err = d.Blobs.Get(ctx, e.RawKey)
	return e, r, err
}

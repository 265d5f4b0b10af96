package conversation

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const columns = `c.id, c.ref, c.brand_id, c.inbox_id, c.customer_id, c.subject, c.status, c.priority, c.assignee_id, c.team_id, c.snoozed_until,
c.preview, c.waiting_since, c.last_at, c.last_from, c.message_count, c.muted, c.origin, c.first_customer_at, c.first_response_at, c.resolved_at,
c.first_resolved_at, c.resolution, c.settled, c.merged_into, c.created_at, c.version`

const byIDSQL = `SELECT ` + columns + ` FROM conversation c WHERE c.id = $1`

func fields(c *Conversation) []any {
	return []any{&c.ID, &c.Ref, &c.BrandID, &c.InboxID, &c.CustomerID, &c.Subject, &c.Status, &c.Priority,
		sqldb.Str(&c.AssigneeID), sqldb.Str(&c.TeamID), sqldb.At(&c.SnoozedUntil), &c.Preview, sqldb.At(&c.WaitingSince),
		sqldb.At(&c.LastAt), &c.LastFrom, &c.MessageCount, &c.Muted, &c.Origin, sqldb.At(&c.FirstCustomerAt),
		sqldb.At(&c.FirstResponseAt), sqldb.At(&c.ResolvedAt), sqldb.At(&c.FirstResolvedAt), &c.Resolution, &c.Settled,
		sqldb.Str(&c.MergedInto), sqldb.At(&c.CreatedAt), &c.Version}
}

func scanConversation(r *sql.Rows) (c Conversation, err error) {
	err = r.Scan(fields(&c)...)
	return c, err
}

func byID(ctx context.Context, tx *sqldb.Tx, id ID) (c Conversation, err error) {
	err = tx.QueryRow(ctx, byIDSQL, string(id)).Scan(fields(&c)...)
	return c, sqldb.NotFound(err, "error.conversation.notFound")
}

const insertSQL = `INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, preview, last_at, last_from,
message_count, muted, origin, resolution, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, 0, $11, $12, 0, $13, 0)`

func insert(ctx context.Context, tx *sqldb.Tx, c Conversation) error {
	_, err := tx.Exec(ctx, insertSQL, string(c.ID), c.Ref, c.BrandID, c.InboxID, c.CustomerID, c.Subject, string(c.Status), int(c.Priority),
		c.LastAt.UnixMilli(), c.Origin, c.Muted, c.Origin, c.CreatedAt.UnixMilli())
	return err
}

const saveSQL = `UPDATE conversation SET customer_id = $2, subject = $3, status = $4, priority = $5, assignee_id = $6, team_id = $7, snoozed_until = $8,
preview = $9, waiting_since = $10, last_at = $11, last_from = $12, message_count = $13, muted = $14, first_customer_at = $15, first_response_at = $16,
resolved_at = $17, first_resolved_at = $18, resolution = $19, settled = $20, merged_into = $21, version = $22, created_at = $23 WHERE id = $1`

// save writes what may change of a conversation under its next version.
func save(ctx context.Context, tx *sqldb.Tx, c *Conversation) error {
	c.Version++
	if _, err := tx.Exec(ctx, saveSQL, string(c.ID), c.CustomerID, c.Subject, string(c.Status), int(c.Priority), sqldb.Null(c.AssigneeID),
		sqldb.Null(c.TeamID), sqldb.Millis(c.SnoozedUntil), c.Preview, sqldb.Millis(c.WaitingSince), c.LastAt.UnixMilli(), c.LastFrom,
		c.MessageCount, c.Muted, sqldb.Millis(c.FirstCustomerAt), sqldb.Millis(c.FirstResponseAt), sqldb.Millis(c.ResolvedAt),
		sqldb.Millis(c.FirstResolvedAt), c.Resolution, string(c.Settled), sqldb.Null(c.MergedInto), c.Version, c.CreatedAt.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE conversation_tag SET last_at = $2, status = $3, priority = $4 WHERE conversation_id = $1`,
		string(c.ID), c.LastAt.UnixMilli(), string(c.Status), int(c.Priority))
	return err
}

// firstRef is the number of the first conversation: short numbers look like a toy.
const firstRef = 1001

const nextRefSQL = `INSERT INTO counter (name, value) VALUES ('conversation.ref', $1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value`

func nextRef(ctx context.Context, tx *sqldb.Tx) (ref int64, err error) {
	err = tx.QueryRow(ctx, nextRefSQL, firstRef).Scan(&ref)
	return ref, err
}

func tagsOf(ctx context.Context, tx *sqldb.Tx, id ID) ([]string, error) {
	return sqldb.List(ctx, tx, scanText, `SELECT tag_id FROM conversation_tag WHERE conversation_id = $1 ORDER BY tag_id`, string(id))
}

func scanText(r *sql.Rows) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

const insertMessageSQL = `INSERT INTO message (id, conversation_id, inbox_id, kind, author_kind, author_id, author_name, at, subject, body, quoted,
has_html, remote_images, lang, envelope, external_id, automatic, event, ledger_id, created_at, arrival)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, ` + arrivalSQL + `)`

// insertMessage writes a message and its HTML. The conversation is held.
func insertMessage(ctx context.Context, tx *sqldb.Tx, m Message) error {
	var event any
	if m.Event != nil {
		event = sqldb.JSON{V: m.Event}
	}
	if _, err := tx.Exec(ctx, insertMessageSQL, string(m.ID), string(m.ConversationID), m.InboxID, string(m.Kind), m.AuthorKind, m.AuthorID,
		m.AuthorName, m.At.UnixMilli(), m.Subject, m.Body, m.Quoted, m.HasHTML, m.RemoteImages, m.Language, sqldb.JSON{V: m.Envelope},
		m.ExternalID, m.Automatic, event, sqldb.Null(m.LedgerID), tx.Now.UnixMilli()); err != nil {
		return err
	}
	if m.HasHTML {
		if _, err := tx.Exec(ctx, `INSERT INTO message_html (message_id, html) VALUES ($1, $2)`, string(m.ID), m.HTML); err != nil {
			return err
		}
	}
	return nil
}

const insertAttachmentSQL = `INSERT INTO attachment (id, message_id, uploaded_by, name, content_type, size, blob_key, content_id, inline, position, created_at, state, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

func insertAttachment(ctx context.Context, tx *sqldb.Tx, m MessageID, by string, a Attachment, position int) error {
	_, err := tx.Exec(ctx, insertAttachmentSQL, a.ID, sqldb.Null(m), by, a.Name, a.ContentType, a.Size, a.BlobKey, a.ContentID, a.Inline,
		position, tx.Now.UnixMilli(), string(a.State), a.Source)
	return err
}

const messageColumns = `m.id, m.conversation_id, m.inbox_id, m.kind, m.author_kind, m.author_id, m.author_name, m.at, m.subject, m.body, m.quoted,
m.has_html, m.remote_images, m.lang, m.envelope, m.external_id, m.automatic, m.event, m.ledger_id`

func messageFields(m *Message) []any {
	return []any{&m.ID, &m.ConversationID, &m.InboxID, &m.Kind, &m.AuthorKind, &m.AuthorID, &m.AuthorName, sqldb.At(&m.At), &m.Subject,
		&m.Body, &m.Quoted, &m.HasHTML, &m.RemoteImages, &m.Language, sqldb.JSON{V: &m.Envelope}, &m.ExternalID, &m.Automatic,
		sqldb.JSON{V: &m.Event}, sqldb.Str(&m.LedgerID)}
}

func scanMessage(r *sql.Rows) (m Message, err error) {
	err = r.Scan(messageFields(&m)...)
	return m, err
}

// addParticipants notes who takes part, by folded address.
const addParticipantSQL = `INSERT INTO participant (conversation_id, address_key, address, name, customer_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (conversation_id, address_key) DO UPDATE SET name = CASE WHEN participant.name = '' THEN excluded.name ELSE participant.name END,
customer_id = COALESCE(participant.customer_id, excluded.customer_id)`

func addParticipant(ctx context.Context, tx *sqldb.Tx, id ID, p Participant) error {
	_, err := tx.Exec(ctx, addParticipantSQL, string(id), p.key(), p.Address, p.Name, sqldb.Null(p.CustomerID))
	return err
}

func participantsOf(ctx context.Context, tx *sqldb.Tx, id ID) ([]Participant, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (p Participant, err error) {
		err = r.Scan(&p.Address, &p.Name, sqldb.Str(&p.CustomerID))
		return p, err
	}, `SELECT address, name, customer_id FROM participant WHERE conversation_id = $1 ORDER BY address_key`, string(id))
}

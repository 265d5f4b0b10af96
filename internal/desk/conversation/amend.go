package conversation

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Names of Message.Event that say what became of a customer's message. Data holds
// at, as RFC 3339.
const (
	ThingEdited = "edited"
	ThingUnsent = "unsent"
)

// Amender brings messages up to date after they were received or sent: what their
// writer changed, how far they came, files that were still to be fetched.
type Amender struct{ *core }

// Amend returns the amender of threads.
func Amend(t *Threads) Amender { return Amender{t.core} }

// Amendment is a customer's change of what they wrote.
type Amendment struct {
	InboxID    string
	ExternalID string
	Sender     string // who changes it: only the writer may
	Text       string
	Unsent     bool // taken back: its words and files are not shown any more
	At         time.Time
}

const (
	theirsSQL = `SELECT id FROM message WHERE external_id = $1 AND external_id <> '' AND inbox_id = $2 AND kind = 'incoming' ORDER BY id DESC LIMIT 1`
	amendSQL  = `UPDATE message SET body = $2, event = $3 WHERE id = $1`
)

// AmendTx brings a customer's message up to date; found is false if nobody knows
// it or somebody else wrote it. Changes may come in another order than they were
// made in: what was taken back stays so, and an older text replaces no newer one.
func (t Amender) AmendTx(ctx context.Context, tx *sqldb.Tx, a Amendment) (m Message, found bool, err error) {
	var id MessageID
	err = tx.QueryRow(ctx, theirsSQL, a.ExternalID, a.InboxID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, t.expectUnsent(ctx, tx, a)
	}
	if err != nil {
		return m, false, err
	}
	if m, err = messageByID(ctx, tx, id); err != nil || keyOf(m.Envelope.From.Address) != keyOf(a.Sender) {
		return Message{}, false, err
	}
	c, err := hold(ctx, tx, m.ConversationID)
	if err != nil || a.overtaken(m) {
		return m, err == nil, err
	}
	m.Body, m.Event = cut(a.Text), &EventData{Name: ThingEdited, Data: map[string]string{"at": a.At.UTC().Format(time.RFC3339)}}
	if a.Unsent {
		m.Body, m.Event.Name = "", ThingUnsent
		if _, err := tx.Exec(ctx, `UPDATE attachment SET state = 'gone' WHERE message_id = $1`, string(m.ID)); err != nil {
			return m, false, err
		}
	}
	if _, err := tx.Exec(ctx, amendSQL, string(m.ID), m.Body, sqldb.JSON{V: m.Event}); err != nil {
		return m, false, err
	}
	if err := derive(ctx, tx, &c); err != nil {
		return m, false, err
	}
	t.amended(tx, c, m)
	return m, true, save(ctx, tx, &c)
}

const (
	// unsentFor is how long a message is waited for that was taken back already.
	unsentFor = 8 * 24 * time.Hour

	expectSQL   = `INSERT INTO message_unsent (inbox_id, external_id, sender_key, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	expectedSQL = `DELETE FROM message_unsent WHERE inbox_id = $1 AND external_id = $2 AND sender_key = $3`
)

// expectUnsent keeps that a message was taken back that has not come: its words
// must not show when it does.
func (t Amender) expectUnsent(ctx context.Context, tx *sqldb.Tx, a Amendment) error {
	if !a.Unsent || a.ExternalID == "" || a.Sender == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM message_unsent WHERE at < $1`, tx.Now.Add(-unsentFor).UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, expectSQL, a.InboxID, a.ExternalID, keyOf(a.Sender), tx.Now.UnixMilli())
	return err
}

// withdraw empties a message that was taken back before it came.
func (t receiver) withdraw(ctx context.Context, tx *sqldb.Tx, box inbox.Inbox, m *Message) error {
	kind, _ := t.Inboxes.Kind(box.Kind)
	if !kind.Personal || m.ExternalID == "" {
		return nil
	}
	n, err := tx.Exec(ctx, expectedSQL, m.InboxID, m.ExternalID, keyOf(m.Envelope.From.Address))
	if err != nil || n == 0 {
		return err
	}
	m.Body, m.Quoted, m.HTML, m.HasHTML = "", "", "", false
	m.Event = &EventData{Name: ThingUnsent, Data: map[string]string{"at": tx.Now.UTC().Format(time.RFC3339)}}
	for i := range m.Attachments {
		m.Attachments[i].State = FileGone
	}
	return nil
}

// overtaken reports whether a message was taken back already, or edited later.
func (a Amendment) overtaken(m Message) bool {
	switch {
	case m.Event == nil:
		return false
	case m.Event.Name == ThingUnsent:
		return true
	case m.Event.Name != ThingEdited || a.Unsent:
		return false
	}
	at, err := time.Parse(time.RFC3339, m.Event.Data["at"])
	return err == nil && a.At.Before(at)
}

// amended tells that a message is not what it was.
func (t *core) amended(tx *sqldb.Tx, c Conversation, m Message) {
	t.Journal.Emit(tx, AmendedFact, string(c.ID), actor.ForCustomer(c.CustomerID), MessageData{Place: c.place(), MessageID: m.ID, Kind: m.Kind, Automatic: m.Automatic})
}

// DeliveredTx tells those who look at a message's conversation that it came
// further, and returns the message.
func (t Amender) DeliveredTx(ctx context.Context, tx *sqldb.Tx, id MessageID, state string) (Message, error) {
	m, err := messageByID(ctx, tx, id)
	if err != nil {
		return m, err
	}
	c, err := follow(ctx, tx, m.ConversationID)
	if err == nil {
		t.Journal.Emit(tx, DeliveredFact, string(c.ID), actor.OfSystem("delivery"), DeliveredData{Place: c.place(), MessageID: m.ID, State: state})
	}
	return m, err
}

const (
	fileSQL   = `SELECT ` + attachmentColumns + ` FROM attachment a WHERE a.id = $1`
	filledSQL = `UPDATE attachment SET state = $2, blob_key = $3, size = $4, content_type = $5 WHERE id = $1 AND state = 'waiting'`
)

// FileTx returns a file of a message, wherever its bytes are. fault.NotFound if
// there is none.
func (t Amender) FileTx(ctx context.Context, tx *sqldb.Tx, id string) (Attachment, error) {
	a, err := scanAttachment(tx.QueryRow(ctx, fileSQL, id))
	return a, sqldb.NotFound(err, "error.attachment.notFound")
}

// FilledTx notes that the bytes of a file were fetched, or cannot be had.
func (t Amender) FilledTx(ctx context.Context, tx *sqldb.Tx, a Attachment) error {
	n, err := tx.Exec(ctx, filledSQL, a.ID, string(a.State), a.BlobKey, a.Size, a.ContentType)
	if err != nil || n == 0 {
		return err
	}
	var id MessageID
	if err := tx.QueryRow(ctx, `SELECT message_id FROM attachment WHERE id = $1`, a.ID).Scan(sqldb.Str(&id)); err != nil {
		return err
	}
	m, err := messageByID(ctx, tx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := follow(ctx, tx, m.ConversationID)
	if err == nil {
		t.amended(tx, c, m)
	}
	return err
}

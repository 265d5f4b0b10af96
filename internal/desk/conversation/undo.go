package conversation

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// intent is what the writer of a message had in mind.
type intent struct {
	draft   content
	resolve bool
	before  Conversation // only Status, SnoozedUntil, ResolvedAt, Settled and AssigneeID
}

const (
	insertIntentSQL = `INSERT INTO message_intent (message_id, draft, resolve, status_before, snoozed_before, resolved_before, settled_before, assignee_before)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	intentSQL = `SELECT draft, resolve, status_before, snoozed_before, resolved_before, settled_before, assignee_before FROM message_intent WHERE message_id = $1`
)

// keepIntent notes what Undo gives back and what is done once the message is sent.
func (t writer) keepIntent(ctx context.Context, tx *sqldb.Tx, c Conversation, m Message, p posting) error {
	d := content{Kind: DraftReply, HTML: p.reply.HTML, Text: p.reply.Text, To: p.reply.To, Cc: p.reply.Cc, Bcc: p.reply.Bcc, AttachmentIDs: p.reply.AttachmentIDs, Choices: p.reply.Choices}
	_, err := tx.Exec(ctx, insertIntentSQL, string(m.ID), sqldb.JSON{V: d}, p.reply.Resolve, string(c.Status), sqldb.Millis(c.SnoozedUntil),
		sqldb.Millis(c.ResolvedAt), string(c.Settled), c.AssigneeID)
	return err
}

func intentOf(ctx context.Context, tx *sqldb.Tx, id MessageID) (i intent, found bool, err error) {
	b := &i.before
	err = tx.QueryRow(ctx, intentSQL, string(id)).Scan(sqldb.JSON{V: &i.draft}, &i.resolve, &b.Status, sqldb.At(&b.SnoozedUntil),
		sqldb.At(&b.ResolvedAt), &b.Settled, &b.AssigneeID)
	if errors.Is(err, sql.ErrNoRows) {
		return i, false, nil
	}
	return i, err == nil, err
}

// Undo takes back a message while it is held. It leaves the thread, the
// conversation is as it was before, and the words are the writer's draft again,
// above what the writer has begun to write since.
// Once the letter has left it is fault.Conflict "error.delivery.gone".
func (t *Threads) Undo(ctx context.Context, by actor.Actor, id MessageID) (d Draft, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		d, err = t.toWriter().undoTx(ctx, tx, by, id)
		return err
	})
	return d, err
}

func (t writer) undoTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id MessageID) (Draft, error) {
	m, err := messageByID(ctx, tx, id)
	if err != nil {
		return Draft{}, err
	}
	c, err := hold(ctx, tx, m.ConversationID)
	if err != nil {
		return Draft{}, err
	}
	if _, err := t.Outbox.CancelTx(ctx, tx, by, string(id)); err != nil {
		return Draft{}, err
	}
	i, found, err := intentOf(ctx, tx, id)
	if err != nil {
		return Draft{}, err
	}
	if !found {
		return Draft{}, fault.New(fault.Conflict, "error.delivery.gone")
	}
	if _, err := tx.Exec(ctx, `UPDATE message SET withdrawn_at = $2 WHERE id = $1`, string(id), tx.Now.UnixMilli()); err != nil {
		return Draft{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE attachment SET message_id = NULL WHERE message_id = $1`, string(id)); err != nil {
		return Draft{}, err
	}
	if err := t.restore(ctx, tx, by, &c, i); err != nil {
		return Draft{}, err
	}
	t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"messages"}})
	if m.AuthorKind != string(actor.Agent) { // a program keeps no drafts; it gets its words back
		files, err := looseByIDs(ctx, tx, m.AuthorKind+":"+m.AuthorID, i.draft.AttachmentIDs)
		return i.draft.draft(c.ID, "", files), err
	}
	since, err := contentOf(ctx, tx, c.ID, m.AuthorID)
	if err != nil {
		return Draft{}, err
	}
	d, err := saveDraft(ctx, tx, c.ID, m.AuthorID, i.draft.above(since))
	if err != nil {
		return Draft{}, err
	}
	t.Journal.Emit(tx, DraftFact, string(c.ID), by, DraftData{AgentID: m.AuthorID})
	if by.AgentID() != m.AuthorID { // what the author has begun since is theirs alone
		return i.draft.draft(c.ID, m.AuthorID, []Attachment{}), nil
	}
	return d, nil
}

// restore gives a conversation back what the withdrawn message changed, unless
// somebody has changed it since.
func (t writer) restore(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, i intent) error {
	if c.Status == i.before.Status.afterReply() && c.Status != i.before.Status && c.Status.MayBecome(i.before.Status) {
		s := statusChange{to: i.before.Status, until: i.before.SnoozedUntil, silent: true}
		if err := t.setStatus(ctx, tx, by, c, s); err != nil {
			return err
		}
		if i.before.Status == Closed {
			if err := t.settleAgain(ctx, tx, by, c, i.before); err != nil {
				return err
			}
		}
	}
	if err := derive(ctx, tx, c); err != nil {
		return err
	}
	return save(ctx, tx, c)
}

// settleAgain gives a closed conversation back what opening it took away. It is
// not resolved anew: nobody is asked about it a second time.
func (t writer) settleAgain(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c *Conversation, was Conversation) error {
	c.ResolvedAt, c.Settled = was.ResolvedAt, was.Settled
	if was.AssigneeID == "" || c.AssigneeID != "" {
		return nil
	}
	a, err := t.Agents.ByID(ctx, tx, was.AssigneeID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.AssigneeID = a.ID
	t.Journal.Emit(tx, AssignedFact, string(c.ID), by, AssignedData{Place: c.place(), AssigneeID: a.ID, TeamID: c.TeamID})
	_, err = t.entry(ctx, tx, by, *c, EventData{Name: EntryAssigned, Data: map[string]string{"assigneeId": a.ID, "assigneeName": a.Name, "teamId": c.TeamID}})
	return err
}

// addresses is shorthand for a list that is never nil in JSON.
func addresses(list []channel.Address) []channel.Address {
	if list == nil {
		return []channel.Address{}
	}
	return list
}

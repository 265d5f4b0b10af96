package conversation

import (
	"context"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// NewNote is a private message among agents.
type NewNote struct {
	ConversationID ID
	HTML, Text     string
	Mentions       []string // agents
	AttachmentIDs  []string
}

// Note adds a note. No customer ever sees it, and no clock moves.
func (t *Threads) Note(ctx context.Context, by actor.Actor, n NewNote) (m Message, err error) {
	err = t.DB.Write(ctx, func(tx *sqldb.Tx) error {
		m, err = t.toWriter().noteTx(ctx, tx, by, n)
		return err
	})
	return m, err
}

func (t writer) noteTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, n NewNote) (Message, error) {
	c, err := hold(ctx, tx, n.ConversationID)
	if err != nil {
		return Message{}, err
	}
	w := write(n.HTML, n.Text)
	var check fault.Check
	check.Require(!w.empty() || len(n.AttachmentIDs) > 0, "body.text")
	mentions := slices.Compact(slices.Sorted(slices.Values(n.Mentions)))
	for _, agentID := range mentions {
		_, err := t.Agents.ByID(ctx, tx, agentID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return Message{}, err
		}
		check.That(err == nil, "body.mentions", "error.conversation.assignee")
	}
	if err := check.Err(); err != nil {
		return Message{}, err
	}
	name, err := t.authorName(ctx, tx, by)
	if err != nil {
		return Message{}, err
	}
	m := Message{ID: MessageID(t.IDs.New("msg")), ConversationID: c.ID, InboxID: c.InboxID, Kind: Note, AuthorKind: string(by.Kind),
		AuthorID: by.ID, AuthorName: name, At: tx.Now, Body: w.text, HTML: w.html, HasHTML: w.html != ""}
	if err := insertMessage(ctx, tx, m); err != nil {
		return m, err
	}
	if m.Attachments, err = t.attach(ctx, tx, m.ID, by, n.AttachmentIDs, w.cids); err != nil {
		return m, err
	}
	for _, agentID := range mentions {
		if _, err := tx.Exec(ctx, `INSERT INTO mention (agent_id, message_id, conversation_id) VALUES ($1, $2, $3)`, agentID, string(m.ID), string(c.ID)); err != nil {
			return m, err
		}
	}
	if err := dropDraft(ctx, tx, c.ID, by.AgentID(), DraftNote); err != nil {
		return m, err
	}
	t.Journal.Emit(tx, NotedFact, string(c.ID), by, MessageData{Place: c.place(), MessageID: m.ID, Kind: Note, Mentions: mentions})
	return m, nil
}

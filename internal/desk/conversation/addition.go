package conversation

import (
	"context"
	"database/sql"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// The kinds of what a merge adds to the conversation that is kept.
const (
	addedPerson = "participant" // by address_key
	addedTag    = "tag"         // by id
)

const (
	unionPeopleSQL = `INSERT INTO participant (conversation_id, address_key, address, name, customer_id)
SELECT $2, p.address_key, p.address, p.name, p.customer_id FROM participant p WHERE p.conversation_id = $1 ON CONFLICT DO NOTHING
RETURNING address_key`
	unionTagsSQL = `INSERT INTO conversation_tag (conversation_id, tag_id, last_at)
SELECT $2, g.tag_id, $3 FROM conversation_tag g WHERE g.conversation_id = $1 ON CONFLICT DO NOTHING RETURNING tag_id`
	noteAdditionSQL    = `INSERT INTO merge_addition (event_id, conversation_id, kind, name) VALUES ($1, $2, $3, $4)`
	additionsSQL       = `SELECT name FROM merge_addition WHERE event_id = $1 AND kind = $2`
	forgetAdditionsSQL = `DELETE FROM merge_addition WHERE event_id = $1`
	forgetTagSQL       = `DELETE FROM merge_addition WHERE conversation_id = $1 AND kind = 'tag' AND name = $2`
)

// unite gives the kept conversation the people, the tags and the drafts of the
// one that goes, and notes under the entry of the merge what was new to it.
func (t joiner) unite(ctx context.Context, tx *sqldb.Tx, e MessageID, gone, kept Conversation) error {
	people, err := sqldb.List(ctx, tx, scanText, unionPeopleSQL, string(gone.ID), string(kept.ID))
	if err != nil {
		return err
	}
	// The tags come along without facts: what they called for was done for the other.
	tags, err := sqldb.List(ctx, tx, scanText, unionTagsSQL, string(gone.ID), string(kept.ID), kept.LastAt.UnixMilli())
	if err != nil {
		return err
	}
	for kind, names := range map[string][]string{addedPerson: people, addedTag: tags} {
		for _, name := range names {
			if _, err := tx.Exec(ctx, noteAdditionSQL, string(e), string(kept.ID), kind, name); err != nil {
				return err
			}
		}
	}
	return t.uniteDrafts(ctx, tx, gone.ID, kept.ID)
}

// part takes away what a merge had added, except people whose messages are
// still in the conversation: they take part on their own account by now.
func (t joiner) part(ctx context.Context, tx *sqldb.Tx, e MessageID, c ID) error {
	people, err := sqldb.List(ctx, tx, scanText, additionsSQL, string(e), addedPerson)
	if err != nil {
		return err
	}
	if len(people) > 0 {
		here, err := peopleOf(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, key := range people {
			if here[key] {
				continue
			}
			if _, err := tx.Exec(ctx, `DELETE FROM participant WHERE conversation_id = $1 AND address_key = $2`, string(c), key); err != nil {
				return err
			}
		}
	}
	tags, err := sqldb.List(ctx, tx, scanText, additionsSQL, string(e), addedTag)
	if err != nil {
		return err
	}
	for _, id := range tags {
		if _, err := tx.Exec(ctx, `DELETE FROM conversation_tag WHERE conversation_id = $1 AND tag_id = $2`, string(c), id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, forgetAdditionsSQL, string(e))
	return err
}

// peopleOf are the folded addresses in a conversation's messages.
func peopleOf(ctx context.Context, tx *sqldb.Tx, c ID) (map[string]bool, error) {
	list, err := sqldb.List(ctx, tx, scanMessage, allMessagesSQL, string(c))
	if err != nil {
		return nil, err
	}
	here := map[string]bool{}
	for _, m := range list {
		for _, a := range m.people() {
			here[keyOf(a.Address)] = true
		}
	}
	return here, nil
}

// people are all addresses of a message's envelope.
func (m Message) people() []channel.Address {
	e := m.Envelope
	return slices.Concat(e.ReplyTo, []channel.Address{e.From}, e.To, e.Cc, e.Bcc)
}

const draftsOfSQL = `SELECT agent_id, content FROM draft WHERE conversation_id = $1 ORDER BY agent_id`

// uniteDrafts brings along what agents have begun to write. Who has begun in
// both keeps both texts, one above the other.
func (t joiner) uniteDrafts(ctx context.Context, tx *sqldb.Tx, gone, kept ID) error {
	type one struct {
		agent string
		content
	}
	list, err := sqldb.List(ctx, tx, func(r *sql.Rows) (d one, err error) {
		err = r.Scan(&d.agent, sqldb.JSON{V: &d.content})
		return d, err
	}, draftsOfSQL, string(gone))
	if err != nil {
		return err
	}
	for _, d := range list {
		have, err := contentOf(ctx, tx, kept, d.agent)
		if err != nil {
			return err
		}
		if _, err := saveDraft(ctx, tx, kept, d.agent, have.above(d.content)); err != nil {
			return err
		}
		for _, id := range []ID{gone, kept} {
			t.Journal.Emit(tx, DraftFact, string(id), actor.ForAgent(d.agent), DraftData{AgentID: d.agent})
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM draft WHERE conversation_id = $1`, string(gone))
	return err
}

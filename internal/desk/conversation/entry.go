package conversation

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// The entries of a thread, by EventData.Name. Data holds ids, codes and numbers,
// never sentences: the reader's language makes those.
const (
	EntryStatus   = "status"      // from, to; until (RFC 3339) of a snooze
	EntryReopened = "reopened"    // from, to: the customer wrote again
	EntryWoken    = "woken"       // from, to: a snooze ended
	EntryAssigned = "assigned"    // assigneeId, assigneeName, teamId, teamName
	EntryReleased = "released"    // assigneeId, assigneeName: who is no longer in service; nobody is responsible
	EntryTagged   = "tagged"      // tagId, tagName, added ("true" or "false")
	EntryPriority = "priority"    // from, to
	EntrySubject  = "subject"     // from, to
	EntryMerged   = "merged"      // conversationId, ref: what was taken in
	EntrySplit    = "split"       // conversationId, ref: what was split off
	EntryCameFrom = "cameFrom"    // conversationId, ref: what this was split off from
	EntryUnmerged = "unmerged"    // conversationId, ref: the other side of a merge that was undone
	EntryBounce   = "bounced"     // messageId, recipients, reason, text, hard ("1"), kind
	EntryDelivery = "undelivered" // messageId, state, error
	EntrySwitched = "switched"    // fromId, fromName, toId, toName: the inbox in which it goes on
	EntryParted   = "parted"      // customerId, name: the customer with whom this one was taken for one person
	EntryContact  = "contact"     // state ("allowed", "ended"): whether the customer wants messages on this channel
)

// EntryTx adds an entry to a thread, in the name of an actor, and tells those
// who look at it.
func (t *Threads) EntryTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id ID, e EventData) (Message, error) {
	c, err := hold(ctx, tx, id)
	if err != nil {
		return Message{}, err
	}
	t.Journal.Emit(tx, UpdatedFact, string(c.ID), by, UpdatedData{Place: c.place(), Fields: []string{"entries"}})
	return t.entry(ctx, tx, by, c, e)
}

func (t *core) entry(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Conversation, e EventData) (Message, error) {
	name, err := t.authorName(ctx, tx, by)
	if err != nil {
		return Message{}, err
	}
	m := Message{ID: MessageID(t.IDs.New("msg")), ConversationID: c.ID, InboxID: c.InboxID, Kind: Event, At: tx.Now,
		AuthorKind: string(by.Kind), AuthorID: by.ID, AuthorName: name, Event: &e}
	return m, insertMessage(ctx, tx, m)
}

// authorName is what an actor is called at this moment; it is kept with the
// message, as names change.
func (t *core) authorName(ctx context.Context, tx *sqldb.Tx, by actor.Actor) (string, error) {
	switch by.Kind {
	case actor.Agent:
		a, err := t.Agents.ByID(ctx, tx, by.ID)
		return a.Name, err
	case actor.Key:
		keys, err := t.Agents.Keys(ctx, tx)
		for _, k := range keys {
			if k.ID == by.ID {
				return k.Name, err
			}
		}
		return "", err
	case actor.Customer:
		c, err := t.Customers.ByID(ctx, tx, by.ID)
		return c.Label(), err
	}
	return "", nil
}

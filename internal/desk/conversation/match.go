package conversation

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// maxCandidates bounds how many Message-IDs of a mail are looked up.
const maxCandidates = 50

// Evidence is what an incoming message says about where it belongs.
type Evidence struct {
	InboxID    string
	Senders    []string // who is answered, then From and Reply-To
	CustomerID string   // of the sender, "" if unknown
	InReplyTo  []string // Message-IDs without brackets
	References []string // oldest first
	Personal   bool     // the channel has one thread with a person at a time
}

// Match is where a message belongs.
type Match struct {
	ConversationID ID     // "" if it begins a new conversation
	Links          []Link // what a new one may have to do with
	// CustomerID is whose further address the sender's has proven to be, as they
	// answered by another way what was sent there; "" if nothing was proven.
	CustomerID string
}

// Link connects a conversation to another without joining them.
type Link struct {
	ID     ID
	Reason string
}

// Why a message with a reference did not join the conversation it refers to.
const (
	LinkStranger = "stranger" // the sender does not take part
	LinkInbox    = "inbox"    // it came into another inbox
	LinkClosed   = "closed"   // the conversation is closed
	LinkLate     = "late"     // it was resolved long ago
)

// MatchTx finds the conversation that a message belongs to. Only evidence
// counts: a Message-ID that we signed, or one of a message in the same inbox;
// and only from somebody who takes part. What fails that becomes a link.
func (t *Threads) MatchTx(ctx context.Context, tx *sqldb.Tx, e Evidence) (Match, error) {
	var m Match
	if e.Personal {
		return t.toMatcher().current(ctx, tx, e)
	}
	for _, external := range e.candidates() {
		found, err := t.toMatcher().referred(ctx, tx, external, e.InboxID)
		if err != nil {
			return m, err
		}
		for _, c := range found {
			reason, err := e.refuses(ctx, tx, c)
			if err != nil {
				return m, err
			}
			if reason == LinkInbox {
				if came, err := t.toMatcher().otherWay(ctx, tx, external, e); err != nil || came {
					return t.toMatcher().arrived(ctx, tx, e, c, err)
				}
			}
			if reason == "" {
				return Match{ConversationID: c.ID}, nil
			}
			if !slices.ContainsFunc(m.Links, func(l Link) bool { return l.ID == c.ID }) {
				m.Links = append(m.Links, Link{ID: c.ID, Reason: reason})
			}
		}
	}
	return m, nil
}

// candidates are the Message-IDs in the order of their weight: what the message
// answers, then its ancestors from the nearest.
func (e Evidence) candidates() []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) && len(out) < maxCandidates {
			out = append(out, id)
		}
	}
	for _, id := range e.InReplyTo {
		add(id)
	}
	for _, id := range slices.Backward(e.References) {
		add(id)
	}
	return out
}

const byExternalSQL = `SELECT DISTINCT m.conversation_id, m.inbox_id FROM message m WHERE m.external_id = $1 AND m.external_id <> '' LIMIT 20`

// referred returns the conversations that hold a message of this Message-ID,
// those of the asking inbox first.
func (t matcher) referred(ctx context.Context, tx *sqldb.Tx, external, inboxID string) ([]Conversation, error) {
	if conv, msg, ok := parseToken(t.Key, external); ok {
		// The message may have been moved by a split since it was signed.
		var now ID
		err := tx.QueryRow(ctx, `SELECT conversation_id FROM message WHERE id = $1`, string(msg)).Scan(&now)
		if errors.Is(err, sql.ErrNoRows) {
			now, err = conv, nil
		}
		if err != nil {
			return nil, err
		}
		return t.living(ctx, tx, []ID{now})
	}
	type place struct {
		conv  ID
		inbox string
	}
	places, err := sqldb.List(ctx, tx, func(r *sql.Rows) (p place, err error) {
		err = r.Scan(&p.conv, &p.inbox)
		return p, err
	}, byExternalSQL, external)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(places, func(a, b place) int {
		switch {
		case a.inbox == inboxID && b.inbox != inboxID:
			return -1
		case a.inbox != inboxID && b.inbox == inboxID:
			return 1
		}
		return 0
	})
	var ids []ID
	for _, p := range places {
		ids = append(ids, p.conv)
	}
	return t.living(ctx, tx, ids)
}

// living reads conversations, following merges; unknown ones are left out.
func (t matcher) living(ctx context.Context, tx *sqldb.Tx, ids []ID) ([]Conversation, error) {
	var out []Conversation
	for _, id := range ids {
		c, err := follow(ctx, tx, id)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// refuses tells why a message may not join a conversation it refers to; "" if it may.
func (e Evidence) refuses(ctx context.Context, tx *sqldb.Tx, c Conversation) (string, error) {
	here, err := wasIn(ctx, tx, c, e.InboxID)
	if err != nil {
		return "", err
	}
	if !here {
		return LinkInbox, nil
	}
	partakes, err := e.partakes(ctx, tx, c)
	switch {
	case err != nil:
		return "", err
	case !partakes:
		return LinkStranger, nil
	case c.Status == Closed:
		return LinkClosed, nil
	case c.Status == Resolved && tx.Now.Sub(c.ResolvedAt) > reopenUntil:
		return LinkLate, nil
	}
	return "", nil
}

// partakes reports whether the sender takes part, by address or as the customer
// whose other address does.
func (e Evidence) partakes(ctx context.Context, tx *sqldb.Tx, c Conversation) (bool, error) {
	if e.CustomerID != "" && e.CustomerID == c.CustomerID {
		return true, nil
	}
	known, err := participantsOf(ctx, tx, c.ID)
	if err != nil {
		return false, err
	}
	for _, p := range known {
		if e.CustomerID != "" && p.CustomerID == e.CustomerID {
			return true, nil
		}
		if slices.ContainsFunc(e.Senders, func(s string) bool { return keyOf(s) == p.key() }) {
			return true, nil
		}
	}
	return false, nil
}

const insertLinkSQL = `INSERT INTO conversation_link (conversation_id, other_id, reason, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

func insertLinks(ctx context.Context, tx *sqldb.Tx, id ID, links []Link) error {
	for _, l := range links {
		if _, err := tx.Exec(ctx, insertLinkSQL, string(id), string(l.ID), l.Reason, tx.Now.UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

package push

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// reader is a session with what its visitor has not read in a conversation.
type reader struct {
	InboxID                string
	Hash, Address, Subject string
	LiveAt, ToldAt         time.Time
	Unread                 int
	Browsers               int // that want to be told
}

const (
	unreadSQL = `SELECT m.envelope FROM message m JOIN delivery d ON d.message_id = m.id
WHERE m.conversation_id = $1 AND m.inbox_id = $2 AND m.kind = 'outgoing' AND m.withdrawn_at IS NULL AND d.state = 'sent' AND d.read_at IS NULL LIMIT $3`
	// A visitor has the address of now and those of before they signed in to the site.
	sessionsSQL = `SELECT s.inbox_id, s.token_hash, s.address, s.subject, s.live_at, s.told_at, (SELECT COUNT(*) FROM chat_push p WHERE p.token_hash = s.token_hash) FROM chat_session s WHERE s.ended_at IS NULL AND s.address IN (`
	becameSQL   = `SELECT address, became FROM chat_alias WHERE address IN (`
)

// maxUnread is how many unread messages are counted.
const maxUnread = 100

// readers are the sessions of those who have something unread in a conversation.
func readers(ctx context.Context, tx *sqldb.Tx, a about) ([]reader, error) {
	counts := map[string]int{} // by address
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var e conversation.Envelope
		if err := r.Scan(sqldb.JSON{V: &e}); err != nil {
			return err
		}
		for _, to := range unique(e.To) {
			counts[to]++
		}
		return nil
	}, unreadSQL, a.ConversationID, a.InboxID, maxUnread)
	if err != nil || len(counts) == 0 {
		return nil, err
	}
	var all []string
	for address := range counts {
		all = append(all, address)
	}
	slices.Sort(all)
	marks, args := sqldb.In(1, all)
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var old, now string
		if err := r.Scan(&old, &now); err != nil {
			return err
		}
		counts[now] += counts[old]
		all = append(all, now)
		return nil
	}, becameSQL+marks+`)`, args...)
	if err != nil {
		return nil, err
	}
	marks, args = sqldb.In(1, all)
	list, err := sqldb.List(ctx, tx, func(r *sql.Rows) (one reader, err error) {
		err = r.Scan(&one.InboxID, &one.Hash, &one.Address, &one.Subject, sqldb.At(&one.LiveAt), sqldb.At(&one.ToldAt), &one.Browsers)
		one.Unread = counts[one.Address]
		return one, err
	}, sessionsSQL+marks+`)`, args...)
	list = slices.DeleteFunc(list, func(r reader) bool { return r.InboxID != a.InboxID })
	slices.SortFunc(list, func(x, y reader) int { return strings.Compare(x.Hash, y.Hash) })
	return list, err
}

func unique(list []channel.Address) (out []string) {
	for _, a := range list {
		if key := text.Fold(a.Address); !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

const browsersSQL = `SELECT id FROM chat_push WHERE token_hash = $1 ORDER BY id`

func browsers(ctx context.Context, tx *sqldb.Tx, hash string) ([]string, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	}, browsersSQL, hash)
}

const liveSQL = `UPDATE chat_session SET live_at = $1 WHERE EXISTS (SELECT 1 FROM chat_push p WHERE p.token_hash = chat_session.token_hash) AND token_hash IN (`

// liveBatch is how many sessions one statement names.
const liveBatch = 500

// Live notes that pages of sessions are connected; called says that somebody is
// called when they are away, even where no browser is.
func (p *Push) Live(ctx context.Context, hashes []string, called bool) error {
	query := liveSQL
	if called {
		query = `UPDATE chat_session SET live_at = $1 WHERE token_hash IN (`
	}
	slices.Sort(hashes) // two nodes that note the same sessions do not wait for each other crosswise
	for some := range slices.Chunk(hashes, liveBatch) {
		err := p.DB.Write(ctx, func(tx *sqldb.Tx) error {
			marks, args := sqldb.In(2, some)
			_, err := tx.Exec(ctx, query+marks+`)`, append([]any{tx.Now.UnixMilli()}, args...)...) // arch:composed
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const lookedSQL = `UPDATE chat_session SET told_at = NULL, live_at = $2 WHERE address = $1`

// LookedTx notes that a visitor has looked just now: later their browsers may be
// told anew.
func (p *Push) LookedTx(ctx context.Context, tx *sqldb.Tx, address string) error {
	_, err := tx.Exec(ctx, lookedSQL, address, tx.Now.UnixMilli())
	return err
}

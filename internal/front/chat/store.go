package chat

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	sessionColumns = `token_hash, inbox_id, address, name, email, proven, lang, seen_at, subject`
	byHashSQL      = `SELECT ` + sessionColumns + ` FROM chat_session WHERE token_hash = $1 AND ended_at IS NULL`
	insertSQL      = `INSERT INTO chat_session (` + sessionColumns + `, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)`
	saveSQL        = `UPDATE chat_session SET name = $2, email = $3, proven = $4, lang = $5, seen_at = $6, subject = $7 WHERE token_hash = $1`
	touchSQL       = `UPDATE chat_session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2`
	endSQL         = `UPDATE chat_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL`
	endedSQL       = `SELECT token_hash FROM chat_session WHERE ended_at IS NOT NULL AND ended_at > $1`
	becomesSQL     = `INSERT INTO chat_alias (address, became) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING`
	aliasesSQL     = `SELECT address FROM chat_alias WHERE became = $1 ORDER BY address LIMIT $2`
)

func scanSession(r interface{ Scan(...any) error }) (s session, err error) {
	err = r.Scan(&s.Hash, &s.InboxID, &s.Address, &s.Name, &s.Email, &s.Proven, &s.Lang, sqldb.At(&s.SeenAt), &s.Subject)
	return s, err
}

func sessionByHash(ctx context.Context, tx *sqldb.Tx, hash string) (session, bool, error) {
	s, err := scanSession(tx.QueryRow(ctx, byHashSQL, hash))
	if errors.Is(err, sql.ErrNoRows) {
		return session{}, false, nil
	}
	return s, err == nil, err
}

func insert(ctx context.Context, tx *sqldb.Tx, s session) error {
	_, err := tx.Exec(ctx, insertSQL, s.Hash, s.InboxID, s.Address, s.Name, s.Email, s.Proven, s.Lang, tx.Now.UnixMilli(), s.Subject)
	return err
}

// save writes what may change of a session, which is a sign of life.
func save(ctx context.Context, tx *sqldb.Tx, s session) error {
	_, err := tx.Exec(ctx, saveSQL, s.Hash, s.Name, s.Email, s.Proven, s.Lang, tx.Now.UnixMilli(), s.Subject)
	return err
}

func touch(ctx context.Context, tx *sqldb.Tx, hash string) error {
	_, err := tx.Exec(ctx, touchSQL, hash, tx.Now.UnixMilli())
	return err
}

func end(ctx context.Context, tx *sqldb.Tx, hash string) error {
	_, err := tx.Exec(ctx, endSQL, hash, tx.Now.UnixMilli())
	return err
}

func scanText(r *sql.Rows) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

// ended lists the sessions that ended after a moment.
func ended(ctx context.Context, tx *sqldb.Tx, after time.Time) ([]string, error) {
	return sqldb.List(ctx, tx, scanText, endedSQL, after.UnixMilli())
}

func becomes(ctx context.Context, tx *sqldb.Tx, address, became string) error {
	_, err := tx.Exec(ctx, becomesSQL, address, became)
	return err
}

// maxAliases is how many addresses of before somebody keeps.
const maxAliases = 50

// addresses are all a visitor has had, the present one first.
func addresses(ctx context.Context, tx *sqldb.Tx, s session) ([]string, error) {
	before, err := sqldb.List(ctx, tx, scanText, aliasesSQL, s.Address, maxAliases)
	return append([]string{s.Address}, before...), err
}

const sweepSilentSQL = `DELETE FROM chat_session WHERE seen_at < $1
AND NOT EXISTS (SELECT 1 FROM participant p WHERE p.address_key = chat_session.address)`

// sweep deletes sessions that nobody used since one moment, that ended before
// another, and those of visitors who came before a third and never wrote.
func sweep(ctx context.Context, tx *sqldb.Tx, unused, over, silent time.Time) (n int64, err error) {
	for _, s := range []struct {
		query  string
		before time.Time
	}{
		{`DELETE FROM chat_session WHERE seen_at < $1`, unused},
		{`DELETE FROM chat_session WHERE ended_at IS NOT NULL AND ended_at < $1`, over},
		{sweepSilentSQL, silent},
	} {
		did, err := tx.Exec(ctx, s.query, s.before.UnixMilli())
		if err != nil {
			return n, err
		}
		n += did
	}
	return n, nil
}

const (
	partakeSQL = `SELECT address_key FROM participant WHERE conversation_id = $1`
	becameSQL  = `SELECT became FROM chat_alias WHERE address IN (`
	leftSQL    = `SELECT ` + sessionColumns + ` FROM chat_session WHERE ended_at IS NULL AND email <> '' AND address IN (`
)

// visitorOf returns the latest session of a conversation's visitor that has a mail
// address; false if they left none.
func visitorOf(ctx context.Context, tx *sqldb.Tx, c conversation.Conversation) (who session, left bool, err error) {
	keys, err := sqldb.List(ctx, tx, scanText, partakeSQL, string(c.ID))
	if err != nil || len(keys) == 0 {
		return who, false, err
	}
	marks, args := sqldb.In(1, keys)
	now, err := sqldb.List(ctx, tx, scanText, becameSQL+marks+`)`, args...)
	if err != nil {
		return who, false, err
	}
	marks, args = sqldb.In(1, append(keys, now...))
	sessions, err := sqldb.List(ctx, tx, func(r *sql.Rows) (session, error) { return scanSession(r) }, leftSQL+marks+`)`, args...)
	for _, s := range sessions {
		if !left || s.SeenAt.After(who.SeenAt) {
			who, left = s, true
		}
	}
	return who, left, err
}

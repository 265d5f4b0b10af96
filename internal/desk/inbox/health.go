package inbox

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// successEvery is how exactly the last success is known: an idle mailbox is
// polled often and need not be written as often.
const successEvery = time.Minute

// Healthy notes how a contact with an inbox's server went: nil for a success.
// The fact inbox.health is told only when the state turns. An inbox that is
// gone is left alone.
func (s *Inboxes) Healthy(ctx context.Context, id string, contact error) error {
	words := ""
	if contact != nil {
		words = clip(strings.ToValidUTF8(contact.Error(), "\uFFFD"), maxError)
	}
	var h Health
	if err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		i, _, err := first(ctx, tx, byIDSQL, id)
		h = i.Health
		return err
	}); err != nil {
		return err
	}
	now := s.db.Clock().Now()
	if words == h.Error && now.Sub(later(h.SuccessAt, h.ErrorAt)) < successEvery {
		return nil // nothing new
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error { return s.healthTx(ctx, tx, id, words) })
}

func (s *Inboxes) healthTx(ctx context.Context, tx *sqldb.Tx, id, words string) error {
	if err := tx.Lock(ctx, "inbox", id); err != nil {
		return err
	}
	i, found, err := first(ctx, tx, byIDSQL, id)
	if err != nil || !found {
		return err
	}
	was := i.Health.State()
	if words == "" {
		i.Health.SuccessAt = tx.Now
	} else {
		i.Health.ErrorAt = tx.Now
	}
	i.Health.Error = words
	if now := i.Health.State(); now != was {
		s.journal.Emit(tx, HealthFact, id, actor.OfSystem("inbox"), HealthData{State: now, Error: words})
	}
	_, err = tx.Exec(ctx, `UPDATE inbox SET last_success_at = $2, last_error = $3, last_error_at = $4 WHERE id = $1`,
		id, sqldb.Millis(i.Health.SuccessAt), words, sqldb.Millis(i.Health.ErrorAt))
	return err
}

// CursorOf returns how far the folders of an inbox were read.
func (s *Inboxes) CursorOf(id string) channel.Cursor { return cursor{db: s.db, inbox: id} }

type cursor struct {
	db    *sqldb.DB
	inbox string
}

// Get implements channel.Cursor; a folder that was never read is at the zero Position.
func (c cursor) Get(ctx context.Context, folder string) (p channel.Position, err error) {
	err = c.db.Read(ctx, func(tx *sqldb.Tx) error {
		var validity, uid int64
		err := tx.QueryRow(ctx, `SELECT uid_validity, last_uid FROM inbox_cursor WHERE inbox_id = $1 AND folder = $2`, c.inbox, folder).
			Scan(&validity, &uid)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		p = channel.Position{UIDValidity: uint32(validity), UID: uint32(uid)}
		return err
	})
	return p, err
}

// Set implements channel.Cursor.
func (c cursor) Set(ctx context.Context, folder string, p channel.Position) error {
	return c.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO inbox_cursor (inbox_id, folder, uid_validity, last_uid, updated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (inbox_id, folder) DO UPDATE SET uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, updated_at = excluded.updated_at`,
			c.inbox, folder, int64(p.UIDValidity), int64(p.UID), tx.Now.UnixMilli())
		return err
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clip cuts text to at most n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

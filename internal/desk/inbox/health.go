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

// Healthy notes how a contact with the server of one direction went: nil for a
// success. The fact inbox.health is told only when that direction's state turns.
// An inbox that is gone is left alone.
func (s *Inboxes) Healthy(ctx context.Context, id string, d Direction, contact error) error {
	words := ""
	if contact != nil {
		words = clip(strings.ToValidUTF8(contact.Error(), "\uFFFD"), maxError)
	}
	var c Contact
	if err := s.db.Read(ctx, func(tx *sqldb.Tx) error {
		i, _, err := first(ctx, tx, byIDSQL, id)
		c = *i.Health.of(d)
		return err
	}); err != nil {
		return err
	}
	now := s.db.Clock().Now()
	if words == c.Error && now.Sub(later(c.SuccessAt, c.ErrorAt)) < successEvery {
		return nil // nothing new
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "inbox", id); err != nil {
			return err
		}
		i, found, err := first(ctx, tx, byIDSQL, id)
		if err != nil || !found {
			return err
		}
		return s.healthTx(ctx, tx, i, turn{d, words})
	})
}

// turn is how a contact went: words is "" for a success.
type turn struct {
	direction Direction
	words     string
}

const healthSQL = `UPDATE inbox SET last_success_at = $2, last_error = $3, last_error_at = $4,
send_success_at = $5, send_error = $6, send_error_at = $7 WHERE id = $1`

func (s *Inboxes) healthTx(ctx context.Context, tx *sqldb.Tx, i Inbox, t turn) error {
	c := i.Health.of(t.direction)
	was := c.State()
	if t.words == "" {
		c.SuccessAt = tx.Now
	} else {
		c.ErrorAt = tx.Now
	}
	c.Error = t.words
	s.tell(tx, i, t.direction, was)
	return saveHealth(ctx, tx, i)
}

// tell reports a direction whose state is not what it was.
func (s *Inboxes) tell(tx *sqldb.Tx, i Inbox, d Direction, was State) {
	c := i.Health.of(d)
	if now := c.State(); now != was {
		s.journal.Emit(tx, HealthFact, i.ID, actor.OfSystem("inbox"), HealthData{Direction: d, State: now, Error: c.Error})
	}
}

func saveHealth(ctx context.Context, tx *sqldb.Tx, i Inbox) error {
	in, out := i.Health.Receive, i.Health.Send
	_, err := tx.Exec(ctx, healthSQL, i.ID, sqldb.Millis(in.SuccessAt), in.Error, sqldb.Millis(in.ErrorAt),
		sqldb.Millis(out.SuccessAt), out.Error, sqldb.Millis(out.ErrorAt))
	return err
}

// forgive forgets an error that the change of an inbox has made meaningless and
// that no contact of its own accord would take back: mail is fetched at once and
// tells how it is, but a letter may be long in coming.
func (s *Inboxes) forgive(ctx context.Context, tx *sqldb.Tx, i *Inbox, ch Change) error {
	stale := map[Direction]bool{Receiving: ch.Values != nil, Sending: ch.Values != nil}
	if i.Kind == Email {
		m, err := i.Mail()
		if err != nil {
			return err
		}
		stale = map[Direction]bool{Receiving: m.Receive.Mode != ModeIMAP, Sending: ch.Send != nil}
	}
	for _, d := range []Direction{Receiving, Sending} {
		c := i.Health.of(d)
		was := c.State()
		if !stale[d] || was != Failing {
			continue
		}
		c.Error = ""
		s.tell(tx, *i, d, was)
		if err := saveHealth(ctx, tx, *i); err != nil {
			return err
		}
	}
	return nil
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

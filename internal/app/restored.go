package app

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// restoredSetting marks a database that came out of a backup and has not been
// started since.
const restoredSetting = "restored"

// Waiting counts what was about to leave when a backup was made. It may have
// left afterwards: the copy cannot know.
type Waiting struct {
	Letters     int // held or queued, to customers
	Notices     int // held or queued, to agents
	Invitations int // to a survey, planned for a time that has passed
}

const (
	waitingLettersSQL     = `SELECT COUNT(*) FILTER (WHERE purpose <> $1), COUNT(*) FILTER (WHERE purpose = $1) FROM delivery WHERE state IN ('held', 'queued')`
	waitingInvitationsSQL = `SELECT COUNT(*) FROM invitation WHERE state = 'planned' AND run_at <= $1`
	markSQL               = `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	unmarkSQL             = `DELETE FROM setting WHERE name = $1 RETURNING value`
)

// mark is what is kept under restoredSetting.
type mark struct {
	At time.Time `json:"at"`
}

// markRestored notes that a database came out of a backup just now, and counts
// what will therefore not be sent by itself.
func markRestored(ctx context.Context, db *sqldb.DB) (w Waiting, err error) {
	err = db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.QueryRow(ctx, waitingLettersSQL, notice.Purpose).Scan(&w.Letters, &w.Notices); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, waitingInvitationsSQL, tx.Now.UnixMilli()).Scan(&w.Invitations); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, markSQL, restoredSetting, sqldb.JSON{V: mark{tx.Now}})
		return err
	})
	return w, err
}

// MarkRestored is for a database that another program has restored: like one
// that Restore unpacked, it will not send by itself what was waiting. Call it
// before the instance is started.
func MarkRestored(ctx context.Context, cfg Config) (w Waiting, err error) {
	db, err := sqldb.Open(ctx, cfg.Database, sqldb.Options{Clock: cfg.Clock, Existing: true})
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return markRestored(ctx, db)
}

// AfterRestore takes the mark off a restored database, before anything of it
// runs: letters that waited become ambiguous, so that a person decides about
// each, and invitations whose time had passed are skipped. Without the mark it
// does nothing.
func AfterRestore(ctx context.Context, in Inside) (w Waiting, err error) {
	err = in.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w = Waiting{}
		var m mark
		err := tx.QueryRow(ctx, unmarkSQL, restoredSetting).Scan(sqldb.JSON{V: &m})
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, waitingLettersSQL, notice.Purpose).Scan(&w.Letters, &w.Notices); err != nil {
			return err
		}
		if _, err := in.Outbox.DoubtTx(ctx, tx); err != nil {
			return err
		}
		w.Invitations, err = in.Program.DoubtTx(ctx, tx, m.At)
		return err
	})
	return w, err
}

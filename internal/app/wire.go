package app

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

func scanText(r *sql.Rows) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

func contextWithTimeout(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}

// flagInbox notes on an inbox whether it can send.
func (a *App) flagInbox(ctx context.Context, id string, cause error) {
	if err := a.inboxes.Healthy(ctx, id, inbox.Sending, cause); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "noting an inbox's health", "inbox", id, "error", err)
	}
}

const inboxHealthSQL = `SELECT id, name, last_success_at, last_error, last_error_at, send_success_at, send_error, send_error_at FROM inbox WHERE active ORDER BY id`

// inboxHealth reads what each active inbox last said. It reads the table itself,
// so that doctor works without the rest of the product.
func inboxHealth(ctx context.Context, tx *sqldb.Tx) ([]InboxHealth, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (InboxHealth, error) {
		h := InboxHealth{}
		var health inbox.Health
		in, out := &health.Receive, &health.Send
		err := r.Scan(&h.ID, &h.Name, sqldb.At(&in.SuccessAt), &in.Error, sqldb.At(&in.ErrorAt),
			sqldb.At(&out.SuccessAt), &out.Error, sqldb.At(&out.ErrorAt))
		h.Receive, h.Send = contactHealth(*in), contactHealth(*out)
		h.ContactHealth = contactHealth(health.Sum())
		return h, err
	}, inboxHealthSQL)
}

func contactHealth(c inbox.Contact) ContactHealth {
	h := ContactHealth{OK: c.Error == "", LastError: c.Error}
	if !c.SuccessAt.IsZero() {
		h.LastSuccessAt = &c.SuccessAt
	}
	if !c.ErrorAt.IsZero() {
		h.LastErrorAt = &c.ErrorAt
	}
	return h
}

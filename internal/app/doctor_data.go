package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// oldestPostgres is the oldest PostgreSQL that its makers still look after.
const oldestPostgres = 140000

// database looks at the database, and with it at what only it knows.
func (e *examination) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	db, err := sqldb.Open(ctx, e.cfg.Database, sqldb.Options{Clock: e.cfg.Clock, Existing: true})
	if e.fail("database", err) {
		return
	}
	defer func() { _ = db.Close() }() // only read from
	e.engine(ctx, db)
	have, want, err := db.Migrations(ctx)
	switch {
	case e.fail("schema", err):
		return
	case have < want:
		e.say("schema", Failure, "it is at version %d, this program needs %d; run `kintsugi migrate`, or start the server", have, want)
		return
	case have > want:
		e.say("schema", Failure, "it is at version %d and this program knows only %d: a newer program wrote it; use that one", have, want)
		return
	}
	e.say("schema", Fine, "version %d", have)
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		return errors.Join(e.time(ctx, tx), e.duties(ctx, db, tx), e.inboxes(ctx, db, tx))
	})
	e.fail("inboxes", err)
}

// duties looks for what nobody takes. A queue that knows no kind sees all of it:
// what this program would do, too, as an hour is long for that.
func (e *examination) duties(ctx context.Context, db *sqldb.DB, tx *sqldb.Tx) error {
	lag, err := e.queue(db).Lag(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range lag.Stranded {
		e.say("duties", Warning, "%d of kind %s, the oldest due since %s, and nobody does them; start the server, and if they stay, the newer release that asked for them",
			s.Count, s.Kind, s.Since.Format("2006-01-02 15:04 MST"))
	}
	switch {
	case lag.Dead > 0:
		e.say("duties", Warning, "%d failed too often and lie dead; see GET /api/v1/jobs", lag.Dead)
	case len(lag.Stranded) == 0:
		e.say("duties", Fine, "%d wait", lag.Ready)
	}
	return nil
}

// queue looks at the queue and does nothing.
func (e *examination) queue(db *sqldb.DB) *job.Queue {
	return job.New(db, e.ids(), slog.New(slog.DiscardHandler))
}

func (e *examination) ids() *id.Source { return id.NewSource(e.cfg.Clock, rand.Reader) }

func (e *examination) engine(ctx context.Context, db *sqldb.DB) {
	shown := sqldb.Redact(e.cfg.Database)
	if db.Dialect() == sqldb.SQLite {
		e.say("database", Fine, "%s", shown)
		return
	}
	var number int
	var version string
	err := db.Pool().QueryRowContext(ctx, `SELECT CAST(current_setting('server_version_num') AS INTEGER), current_setting('server_version')`).Scan(&number, &version) // arch:postgres-only
	switch {
	case e.fail("database", err):
	case number < oldestPostgres:
		e.say("database", Failure, "%s is PostgreSQL %s; use %d or newer", shown, version, oldestPostgres/10000)
	default:
		e.say("database", Fine, "%s, PostgreSQL %s", shown, version)
	}
}

const newestFactSQL = `SELECT COALESCE(MAX(at), 0) FROM (SELECT at FROM journal ORDER BY seq DESC LIMIT 1) newest`

// time compares this machine's clock with the database's, and with the newest fact.
func (e *examination) time(ctx context.Context, tx *sqldb.Tx) error {
	var newest time.Time
	if err := tx.QueryRow(ctx, newestFactSQL).Scan(sqldb.At(&newest)); err != nil {
		return err
	}
	now := e.cfg.Clock.Now()
	theirs := now
	if tx.Dialect() == sqldb.Postgres {
		var ms int64
		err := tx.QueryRow(ctx, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`).Scan(&ms) // arch:postgres-only
		if err != nil {
			return err
		}
		theirs = time.UnixMilli(ms)
	}
	switch off := now.Sub(theirs).Abs(); {
	case off > clockSlack:
		e.say("clock", Failure, "this machine's clock and the database's are %s apart; let both follow a time server", off.Round(time.Second))
	case newest.After(now.Add(clockSlack)):
		e.say("clock", Failure, "it is %s, and the newest record is of %s: the clock was set back", now.UTC().Format(time.RFC3339), newest.UTC().Format(time.RFC3339))
	default:
		e.say("clock", Fine, "%s", now.UTC().Format(time.RFC3339))
	}
	return nil
}

// inboxes reports what each inbox last said, and whether mail can reach those
// that wait for the built-in receiver.
func (e *examination) inboxes(ctx context.Context, db *sqldb.DB, tx *sqldb.Tx) error {
	health, err := inboxHealth(ctx, tx)
	if err != nil {
		return err
	}
	for _, i := range health {
		switch {
		case !i.OK:
			if !i.Receive.OK {
				e.say("inbox", Failure, "%s: receiving: %s", i.Name, i.Receive.LastError)
			}
			if !i.Send.OK {
				e.say("inbox", Failure, "%s: sending: %s", i.Name, i.Send.LastError)
			}
		case i.LastSuccessAt != nil:
			e.say("inbox", Fine, "%s, last worked %s", i.Name, i.LastSuccessAt.Format("2006-01-02 15:04 MST"))
		default:
			e.say("inbox", Fine, "%s, not used yet", i.Name)
		}
	}
	key := e.openKey()
	boxes := inbox.NewInboxes(db, e.ids(), event.NewJournal(db, e.queue(db)), key)
	list, err := boxes.List(ctx, tx)
	if err != nil {
		return err
	}
	fed := 0
	for _, in := range list {
		if key != nil {
			if _, err := boxes.Secrets(ctx, tx, in.ID); err != nil {
				e.say("inbox", Failure, "%s: %s", in.Name, Explain(err))
			}
		}
		m, err := in.Mail()
		if err != nil {
			return err
		}
		if in.Active && m.Receive.Mode == "smtp" {
			fed++
			if e.cfg.SMTP == "" && e.cfg.LMTP == "" {
				e.say("inbox", Warning, "%s waits for the built-in mail receiver, which is off; start it with --smtp or --lmtp", in.Name)
			}
		}
	}
	if fed == 0 && (e.cfg.SMTP != "" || e.cfg.LMTP != "") {
		e.say("mail receiver", Warning, "no active inbox takes mail from it, so every recipient is refused; set one to receive by the built-in receiver")
	}
	return nil
}

// openKey returns the instance key, nil if there is none that can be read; the
// check of the key has told why.
func (e *examination) openKey() *seal.Key {
	text := e.cfg.Key
	if text == "" {
		b, err := os.ReadFile(e.cfg.KeyPath())
		if err != nil {
			return nil
		}
		text = string(b)
	}
	key, err := seal.Parse(text)
	if err != nil {
		return nil
	}
	return key
}

package form

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Forms is the handle on forms. Make it with New; it is safe for concurrent use.
type Forms struct{ Tools }

// Tools are what Forms work with.
type Tools struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Key       *seal.Key
	Words     *phrase.Catalogue
	Brands    *brand.Brands
	Tags      *tag.Tags
	Customers *customer.Book
	Inboxes   *inbox.Inboxes
	Outbox    *delivery.Post
	Threads   *conversation.Threads
	Door      *intake.Door
	PublicURL string // without a slash at its end
	// Elsewhere returns forms that another slice keeps and nobody designs, by ids of
	// its own; fault.NotFound for others. Nil: there are none.
	Elsewhere func(ctx context.Context, tx *sqldb.Tx, id string) (Form, error)
}

// New returns the forms of a database.
func New(t Tools) *Forms { return &Forms{t} }

// The facts of this package; the subject is the form's id.
const (
	UpdatedFact = "form.updated" // Data
	DeletedFact = "form.deleted" // Data
)

// Data tells which form changed.
type Data struct {
	InboxID string `json:"inboxId"`
	Slug    string `json:"slug"`
	Kind    Kind   `json:"kind"`
	Active  bool   `json:"active"`
}

func dataOf(f Form) Data {
	return Data{InboxID: f.InboxID, Slug: f.Slug, Kind: f.Kind, Active: f.Active}
}

const selectSQL = `SELECT id, inbox_id, slug, kind, content, active, created_at, version FROM form `

func scan(r *sql.Rows) (f Form, err error) {
	err = r.Scan(&f.ID, &f.InboxID, &f.Slug, &f.Kind, sqldb.JSON{V: &f.Content}, &f.Active, sqldb.At(&f.CreatedAt), &f.Version)
	return f, err
}

// List returns all forms in the order they were made.
func (x *Forms) List(ctx context.Context, tx *sqldb.Tx) ([]Form, error) {
	return sqldb.List(ctx, tx, scan, selectSQL+`ORDER BY id`)
}

// ByID returns a form; fault.NotFound if there is none.
func (x *Forms) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Form, error) {
	f, err := x.designed(ctx, tx, id)
	if x.Elsewhere != nil && fault.Is(err, fault.NotFound) {
		return x.Elsewhere(ctx, tx, id)
	}
	return f, err
}

// designed is ByID for the forms that are kept here.
func (x *Forms) designed(ctx context.Context, tx *sqldb.Tx, id string) (Form, error) {
	return one(sqldb.List(ctx, tx, scan, selectSQL+`WHERE id = $1`, id))
}

// BySlug returns the form at an address. One that is switched off, or whose inbox
// is, is fault.NotFound like one that does not exist.
func (x *Forms) BySlug(ctx context.Context, tx *sqldb.Tx, slug string) (Form, error) {
	f, err := one(sqldb.List(ctx, tx, scan, selectSQL+`WHERE slug = $1`, slug))
	if err != nil {
		return f, err
	}
	box, err := x.Inboxes.ByID(ctx, tx, f.InboxID)
	if err == nil && (!f.Active || !box.Active) {
		err = missing()
	}
	return f, err
}

func one(found []Form, err error) (Form, error) {
	if err == nil && len(found) == 0 {
		err = missing()
	}
	if err != nil {
		return Form{}, err
	}
	return found[0], nil
}

func missing() error { return fault.New(fault.NotFound, "error.form.notFound") }

// Create makes a form. fault.Invalid with fields.
func (x *Forms) Create(ctx context.Context, by actor.Actor, ch Change) (f Form, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		f = Form{ID: x.IDs.New("form"), Kind: Contact, Active: true, CreatedAt: tx.Now, Version: 1}
		if err := ch.apply(&f); err != nil {
			return err
		}
		if err := x.checkInbox(ctx, tx, f); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO form (id, inbox_id, slug, kind, content, active, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (slug) DO NOTHING`,
			f.ID, f.InboxID, f.Slug, string(f.Kind), sqldb.JSON{V: f.Content}, f.Active, f.CreatedAt.UnixMilli(), f.Version)
		if err != nil {
			return err
		}
		if n == 0 {
			return taken()
		}
		x.Journal.Emit(tx, UpdatedFact, f.ID, by, dataOf(f))
		return nil
	})
	return f, err
}

// Change changes a form. fault.Conflict for a stale version.
func (x *Forms) Change(ctx context.Context, by actor.Actor, id string, ch Change) (f Form, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "form", id); err != nil {
			return err
		}
		if f, err = x.designed(ctx, tx, id); err != nil {
			return err
		}
		if ch.Version != 0 && ch.Version != f.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		if err := ch.apply(&f); err != nil {
			return err
		}
		if err := x.checkInbox(ctx, tx, f); err != nil {
			return err
		}
		f.Version++
		_, err = tx.Exec(ctx, `UPDATE form SET inbox_id = $2, slug = $3, kind = $4, content = $5, active = $6, version = $7 WHERE id = $1`,
			f.ID, f.InboxID, f.Slug, string(f.Kind), sqldb.JSON{V: f.Content}, f.Active, f.Version)
		if sqldb.IsUnique(err) {
			return taken()
		}
		x.Journal.Emit(tx, UpdatedFact, f.ID, by, dataOf(f))
		return err
	})
	return f, err
}

// Delete removes a form. What came through it stays.
func (x *Forms) Delete(ctx context.Context, by actor.Actor, id string) error {
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		f, err := x.designed(ctx, tx, id)
		if err != nil {
			return err
		}
		x.Journal.Emit(tx, DeletedFact, id, by, dataOf(f))
		_, err = tx.Exec(ctx, `DELETE FROM form WHERE id = $1`, id)
		return err
	})
}

// checkInbox asks for a mail inbox: answers go out from it.
func (x *Forms) checkInbox(ctx context.Context, tx *sqldb.Tx, f Form) error {
	box, err := x.Inboxes.ByID(ctx, tx, f.InboxID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	var c fault.Check
	c.That(err == nil && box.Kind == inbox.Email, "body.inboxId", "error.form.inbox")
	return c.Err()
}

func taken() error {
	var c fault.Check
	c.Add("body.slug", "error.form.taken")
	return c.Err()
}

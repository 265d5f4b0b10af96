package place

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Tools are what Places work with.
type Tools struct {
	DB       *sqldb.DB
	IDs      *id.Source
	Journal  *event.Journal
	Key      *seal.Key
	Words    *phrase.Catalogue
	Brands   *brand.Brands
	Inboxes  *inbox.Inboxes
	Forms    *form.Forms
	Contacts *contact.Points
	// PublicURL is how customers reach this instance, without a slash at its end.
	PublicURL string
}

// Places is the handle on places, their stickers and ratings. Make it with New; it
// is safe for concurrent use.
type Places struct {
	Tools
	Records
}

// Records is the read side: places, stickers and ratings as they are kept.
type Records struct{}

// New returns the places of a database.
func New(t Tools) *Places { return &Places{Tools: t} }

const placeSQL = `SELECT id, brand_id, inbox_id, kind, name, question, active, created_at, version FROM place `

func scanPlace(r *sql.Rows) (p Place, err error) {
	err = r.Scan(&p.ID, &p.BrandID, &p.InboxID, &p.Kind, sqldb.JSON{V: &p.Name}, sqldb.JSON{V: &p.Question}, &p.Active, sqldb.At(&p.CreatedAt), &p.Version)
	return p, err
}

// List returns all places in the order they were made.
func (Records) List(ctx context.Context, tx *sqldb.Tx) ([]Place, error) {
	return sqldb.List(ctx, tx, scanPlace, placeSQL+`ORDER BY id`)
}

// ByID returns a place; fault.NotFound if there is none.
func (Records) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Place, error) {
	found, err := sqldb.List(ctx, tx, scanPlace, placeSQL+`WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.place.notFound")
	}
	if err != nil {
		return Place{}, err
	}
	return found[0], nil
}

// Create makes a place. fault.Invalid with fields.
func (x *Places) Create(ctx context.Context, by actor.Actor, ch Change) (p Place, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		p = Place{ID: x.IDs.New("place"), Kind: Site, Active: true, CreatedAt: tx.Now, Version: 1}
		if err := ch.apply(&p); err != nil {
			return err
		}
		if err := x.settle(ctx, tx, &p); err != nil {
			return err
		}
		x.Journal.Emit(tx, UpdatedFact, p.ID, by, dataOf(p))
		_, err := tx.Exec(ctx, `INSERT INTO place (id, brand_id, inbox_id, kind, name, question, active, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			p.ID, p.BrandID, p.InboxID, string(p.Kind), sqldb.JSON{V: p.Name}, sqldb.JSON{V: p.Question}, p.Active, p.CreatedAt.UnixMilli(), p.Version)
		return err
	})
	return p, err
}

// Change changes a place. fault.Conflict for a stale version.
func (x *Places) Change(ctx context.Context, by actor.Actor, id string, ch Change) (p Place, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "place", id); err != nil {
			return err
		}
		if p, err = x.ByID(ctx, tx, id); err != nil {
			return err
		}
		if ch.Version != 0 && ch.Version != p.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		if err := ch.apply(&p); err != nil {
			return err
		}
		if err := x.settle(ctx, tx, &p); err != nil {
			return err
		}
		p.Version++
		x.Journal.Emit(tx, UpdatedFact, p.ID, by, dataOf(p))
		_, err = tx.Exec(ctx, `UPDATE place SET brand_id = $2, inbox_id = $3, kind = $4, name = $5, question = $6, active = $7, version = $8 WHERE id = $1`,
			p.ID, p.BrandID, p.InboxID, string(p.Kind), sqldb.JSON{V: p.Name}, sqldb.JSON{V: p.Question}, p.Active, p.Version)
		return err
	})
	return p, err
}

// settle asks for a mail inbox, as answers go out from it, and takes its brand.
func (x *Places) settle(ctx context.Context, tx *sqldb.Tx, p *Place) error {
	box, err := x.Inboxes.ByID(ctx, tx, p.InboxID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	var c fault.Check
	c.That(err == nil && box.Kind == inbox.Email, "body.inboxId", "error.place.inbox")
	p.BrandID = box.BrandID
	return c.Err()
}

func dataOf(p Place) Data {
	return Data{BrandID: p.BrandID, InboxID: p.InboxID, Kind: p.Kind, Active: p.Active}
}

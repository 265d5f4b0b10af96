package contact

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// MaxPoints is how many contact points there may be in all.
const MaxPoints = 500

// Points is the handle on the registry. It is safe for concurrent use.
type Points struct{ Tools }

// Tools are what Points work with.
type Tools struct {
	DB      *sqldb.DB
	IDs     *id.Source
	Journal *event.Journal
	Brands  *brand.Brands
	Inboxes *inbox.Inboxes
}

// New returns the registry of a database.
func New(t Tools) *Points { return &Points{t} }

// The facts of this package; the subject is the contact point's id.
const (
	UpdatedFact = "contact-point.updated" // Data
	DeletedFact = "contact-point.deleted" // Data
)

// Data tells which contact point changed.
type Data struct {
	BrandID string `json:"brandId"`
	Kind    Kind   `json:"kind"`
	Active  bool   `json:"active"`
}

func dataOf(p Point) Data { return Data{BrandID: p.BrandID, Kind: p.Content.Kind, Active: p.Active} }

const selectSQL = `SELECT id, brand_id, inbox_id, position, content, active, created_at, version FROM contact_point `

func scan(r *sql.Rows) (p Point, err error) {
	err = r.Scan(&p.ID, &p.BrandID, sqldb.Str(&p.InboxID), &p.Position, sqldb.JSON{V: &p.Content}, &p.Active, sqldb.At(&p.CreatedAt), &p.Version)
	return p, err
}

// List returns all contact points, those of a brand together, in their order.
func (x *Points) List(ctx context.Context, tx *sqldb.Tx) ([]Point, error) {
	return sqldb.List(ctx, tx, scan, selectSQL+`ORDER BY brand_id, position, id`)
}

// Of returns what a brand shows to customers, in its order.
func (x *Points) Of(ctx context.Context, tx *sqldb.Tx, brandID string) ([]Point, error) {
	return sqldb.List(ctx, tx, scan, selectSQL+`WHERE brand_id = $1 AND active ORDER BY position, id`, brandID)
}

// ByID returns a contact point; fault.NotFound if there is none.
func (x *Points) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Point, error) {
	found, err := sqldb.List(ctx, tx, scan, selectSQL+`WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.contact.notFound")
	}
	if err != nil {
		return Point{}, err
	}
	return found[0], nil
}

// Create adds a contact point. fault.Invalid with fields; fault.Conflict when there
// are MaxPoints already.
func (x *Points) Create(ctx context.Context, by actor.Actor, ch Change) (p Point, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		p = Point{ID: x.IDs.New("way"), Active: true, CreatedAt: tx.Now, Version: 1}
		if err := x.apply(ctx, tx, ch, &p); err != nil {
			return err
		}
		if err := tx.Serialize(ctx, "contact point"); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_point`).Scan(&n); err != nil {
			return err
		}
		if n >= MaxPoints {
			return fault.New(fault.Conflict, "error.contact.many", "max", MaxPoints)
		}
		_, err := tx.Exec(ctx, `INSERT INTO contact_point (id, brand_id, inbox_id, position, content, active, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			p.ID, p.BrandID, sqldb.Null(p.InboxID), p.Position, sqldb.JSON{V: p.Content}, p.Active, p.CreatedAt.UnixMilli(), p.Version)
		x.Journal.Emit(tx, UpdatedFact, p.ID, by, dataOf(p))
		return err
	})
	return p, err
}

// Change changes a contact point. fault.Conflict for a stale version.
func (x *Points) Change(ctx context.Context, by actor.Actor, id string, ch Change) (p Point, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "contact_point", id); err != nil {
			return err
		}
		if p, err = x.ByID(ctx, tx, id); err != nil {
			return err
		}
		if ch.Version != 0 && ch.Version != p.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		if err := x.apply(ctx, tx, ch, &p); err != nil {
			return err
		}
		p.Version++
		_, err := tx.Exec(ctx, `UPDATE contact_point SET brand_id = $2, inbox_id = $3, position = $4, content = $5, active = $6, version = $7 WHERE id = $1`,
			p.ID, p.BrandID, sqldb.Null(p.InboxID), p.Position, sqldb.JSON{V: p.Content}, p.Active, p.Version)
		x.Journal.Emit(tx, UpdatedFact, p.ID, by, dataOf(p))
		return err
	})
	return p, err
}

// Delete removes a contact point.
func (x *Points) Delete(ctx context.Context, by actor.Actor, id string) error {
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		p, err := x.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		x.Journal.Emit(tx, DeletedFact, id, by, dataOf(p))
		_, err = tx.Exec(ctx, `DELETE FROM contact_point WHERE id = $1`, id)
		return err
	})
}

// apply makes a change and looks whether what it names is there.
func (x *Points) apply(ctx context.Context, tx *sqldb.Tx, ch Change, p *Point) error {
	if err := ch.apply(p); err != nil {
		return err
	}
	var c fault.Check
	_, err := x.Brands.ByID(ctx, tx, p.BrandID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	c.That(err == nil, "body.brandId", "error.brand.notFound")
	if p.InboxID != "" {
		box, err := x.Inboxes.ByID(ctx, tx, p.InboxID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		c.That(err == nil && box.BrandID == p.BrandID, "body.inboxId", "error.contact.inbox")
	}
	return c.Err()
}

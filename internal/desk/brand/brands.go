package brand

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Brands is the handle on brands. It is safe for concurrent use.
type Brands struct {
	db      *sqldb.DB
	ids     *id.Source
	journal *event.Journal
}

// NewBrands returns the brands of a database.
func NewBrands(db *sqldb.DB, ids *id.Source, journal *event.Journal) *Brands {
	return &Brands{db: db, ids: ids, journal: journal}
}

// List returns all brands in the order they were made.
func (s *Brands) List(ctx context.Context, tx *sqldb.Tx) ([]Brand, error) {
	return sqldb.List(ctx, tx, scan, selectSQL+`ORDER BY id`)
}

// ByID returns a brand; fault.NotFound if there is none.
func (s *Brands) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Brand, error) {
	found, err := sqldb.List(ctx, tx, scan, selectSQL+`WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.brand.notFound")
	}
	if err != nil {
		return Brand{}, err
	}
	return found[0], nil
}

// Create makes a brand. It needs a name; what else is not given is English,
// UTC, and open on weekdays from nine to six.
func (s *Brands) Create(ctx context.Context, by actor.Actor, ch Change) (b Brand, err error) {
	if ch.Name == nil {
		ch.Name = new(string)
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		b = blank()
		b.ID, b.CreatedAt, b.Version = s.ids.New("brand"), tx.Now, 1
		if _, err := ch.apply(&b); err != nil {
			return err
		}
		s.journal.Emit(tx, UpdatedFact, b.ID, by, UpdatedData{Created: true})
		_, err := tx.Exec(ctx, `INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			b.ID, b.Name, b.Locale, b.Zone, sqldb.JSON{V: b.Hours}, b.Color, b.CreatedAt.UnixMilli(), b.Version)
		return err
	})
	return b, err
}

// Change changes a brand. Hours keep the version they were given, so that
// promises made before are explained by the hours that were in force then.
func (s *Brands) Change(ctx context.Context, by actor.Actor, id string, ch Change) (b Brand, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "brand", id); err != nil {
			return err
		}
		if b, err = s.ByID(ctx, tx, id); err != nil {
			return err
		}
		fields, err := ch.apply(&b)
		if err != nil || len(fields) == 0 {
			return err
		}
		b.Version++
		s.journal.Emit(tx, UpdatedFact, b.ID, by, UpdatedData{Fields: fields})
		_, err = tx.Exec(ctx, `UPDATE brand SET name = $2, locale = $3, zone = $4, hours = $5, color = $6, version = $7 WHERE id = $1`,
			b.ID, b.Name, b.Locale, b.Zone, sqldb.JSON{V: b.Hours}, b.Color, b.Version)
		return err
	})
	return b, err
}

const selectSQL = `SELECT id, name, locale, zone, hours, color, created_at, version FROM brand `

func scan(r *sql.Rows) (b Brand, err error) {
	err = r.Scan(&b.ID, &b.Name, &b.Locale, &b.Zone, sqldb.JSON{V: &b.Hours}, &b.Color, sqldb.At(&b.CreatedAt), &b.Version)
	return b, err
}

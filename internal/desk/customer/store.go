package customer

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

const (
	columns   = `c.id, c.name, c.locale, c.organization, c.note, c.merged_into, c.created_at, c.seen_at, c.version, c.prefers, c.hours_from, c.hours_to`
	byIDSQL   = `SELECT ` + columns + ` FROM customer c WHERE c.id = $1`
	pointsSQL = `SELECT id, customer_id, kind, address, bounced_at, created_at, ended_at FROM point WHERE customer_id = $1 ORDER BY id`
)

func scan(r *sql.Rows) (c Customer, err error) {
	err = r.Scan(&c.ID, &c.Name, &c.Locale, &c.Organization, &c.Note, sqldb.Str(&c.MergedInto),
		sqldb.At(&c.CreatedAt), sqldb.At(&c.SeenAt), &c.Version, &c.Prefers, &c.HoursFrom, &c.HoursTo)
	return c, err
}

func scanPoint(r *sql.Rows) (p Point, err error) {
	err = r.Scan(&p.ID, &p.CustomerID, &p.Kind, &p.Address, sqldb.At(&p.BouncedAt), sqldb.At(&p.CreatedAt), sqldb.At(&p.EndedAt))
	return p, err
}

// withPoints reads the points of a few customers (a page of them).
func withPoints(ctx context.Context, tx *sqldb.Tx, customers []Customer) ([]Customer, error) {
	for i := range customers {
		points, err := sqldb.List(ctx, tx, scanPoint, pointsSQL, customers[i].ID)
		if err != nil {
			return nil, err
		}
		customers[i].Points = points
	}
	return customers, nil
}

const insertSQL = `INSERT INTO customer (id, name, name_key, locale, organization, note, merged_into, created_at, seen_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

func insert(ctx context.Context, tx *sqldb.Tx, c Customer) error {
	_, err := tx.Exec(ctx, insertSQL, c.ID, c.Name, text.Fold(c.Name), c.Locale, c.Organization, c.Note,
		sqldb.Null(c.MergedInto), c.CreatedAt.UnixMilli(), c.SeenAt.UnixMilli(), c.Version)
	return err
}

const updateSQL = `UPDATE customer SET name = $2, name_key = $3, locale = $4, organization = $5, note = $6, merged_into = $7,
created_at = $8, seen_at = $9, version = $10, prefers = $11, hours_from = $12, hours_to = $13 WHERE id = $1`

func update(ctx context.Context, tx *sqldb.Tx, c Customer) error {
	_, err := tx.Exec(ctx, updateSQL, c.ID, c.Name, text.Fold(c.Name), c.Locale, c.Organization, c.Note,
		sqldb.Null(c.MergedInto), c.CreatedAt.UnixMilli(), c.SeenAt.UnixMilli(), c.Version, c.Prefers, c.HoursFrom, c.HoursTo)
	return err
}

func insertPoint(ctx context.Context, tx *sqldb.Tx, p Point) error {
	_, err := tx.Exec(ctx, `INSERT INTO point (id, customer_id, kind, address, address_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.ID, p.CustomerID, p.Kind, p.Address, addressKey(p.Address), p.CreatedAt.UnixMilli())
	return err
}

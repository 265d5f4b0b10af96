package customer

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Join is that two records of customers became one. It can be taken back by
// Book.PartTx.
type Join struct {
	ID   string
	From string // the record that went
	Into string // the one that took it in then; it may have been taken in itself since
	// Name is what the one who went is called: a name, else an address.
	Name string
	// Proven says that it was found by proof. Else it is what an agent decided, who
	// may be wrong.
	Proven bool
	By     actor.Actor
	At     time.Time
}

// profile is what a join may change of who takes another in.
type profile struct {
	Name         string    `json:"name"`
	Locale       string    `json:"locale"`
	Organization string    `json:"organization"`
	Note         string    `json:"note"`
	Prefers      string    `json:"prefers"`
	HoursFrom    string    `json:"hoursFrom"`
	HoursTo      string    `json:"hoursTo"`
	CreatedAt    time.Time `json:"createdAt"`
}

func (c Customer) profile() profile {
	return profile{c.Name, c.Locale, c.Organization, c.Note, c.Prefers, c.HoursFrom, c.HoursTo, c.CreatedAt}
}

// record is a join as it is kept.
type record struct {
	Join
	was, became profile
	partedAt    time.Time
}

const (
	insertJoinSQL = `INSERT INTO customer_join (id, from_id, into_id, proven, by_kind, by_id, was, became, joined_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	joinPointsSQL = `INSERT INTO customer_join_point (join_id, point_id) SELECT $1, p.id FROM point p WHERE p.customer_id = $2`
	joinByIDSQL   = `SELECT id, from_id, into_id, proven, by_kind, by_id, was, became, joined_at, parted_at FROM customer_join WHERE id = $1`
	standingSQL   = `SELECT id FROM customer_join WHERE from_id = $1 AND parted_at IS NULL`
)

// keep notes a join while the points are still where they were.
func (r record) keep(ctx context.Context, tx *sqldb.Tx) error {
	if _, err := tx.Exec(ctx, insertJoinSQL, r.ID, r.From, r.Into, r.Proven, string(r.By.Kind), r.By.ID,
		sqldb.JSON{V: r.was}, sqldb.JSON{V: r.became}, r.At.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, joinPointsSQL, r.ID, r.From)
	return err
}

func joinByID(ctx context.Context, tx *sqldb.Tx, id string) (r record, err error) {
	err = tx.QueryRow(ctx, joinByIDSQL, id).Scan(&r.ID, &r.From, &r.Into, &r.Proven, &r.By.Kind, &r.By.ID,
		sqldb.JSON{V: &r.was}, sqldb.JSON{V: &r.became}, sqldb.At(&r.At), sqldb.At(&r.partedAt))
	return r, sqldb.NotFound(err, "error.customer.join")
}

// standing is the join that holds for who was taken in by another; "" if it is
// older than joins are kept.
func standing(ctx context.Context, tx *sqldb.Tx, from string) (string, error) {
	found, err := sqldb.List(ctx, tx, scanID, standingSQL, from)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

func scanID(r *sql.Rows) (id string, err error) {
	err = r.Scan(&id)
	return id, err
}

// maxJoins is how many joins of one customer are shown: the latest.
const maxJoins = 50

const joinsSQL = `SELECT j.id, j.from_id, j.into_id, j.proven, j.by_kind, j.by_id, j.joined_at, CASE WHEN c.name <> '' THEN c.name ELSE COALESCE(
	(SELECT p.address FROM customer_join_point x JOIN point p ON p.id = x.point_id WHERE x.join_id = j.id ORDER BY p.id LIMIT 1), '') END
FROM customer c JOIN customer_join j ON j.from_id = c.id AND j.parted_at IS NULL WHERE c.merged_into = $1 ORDER BY j.joined_at DESC, j.id DESC LIMIT $2`

// Joins lists what a customer was made one of, the latest first, as far as it can
// be taken back.
func (b *Book) Joins(ctx context.Context, tx *sqldb.Tx, id string) ([]Join, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (j Join, err error) {
		err = r.Scan(&j.ID, &j.From, &j.Into, &j.Proven, &j.By.Kind, &j.By.ID, sqldb.At(&j.At), &j.Name)
		return j, err
	}, joinsSQL, id, maxJoins)
}

const decidedSQL = `SELECT COUNT(*) FROM customer c WHERE c.merged_into = $1
AND NOT EXISTS (SELECT 1 FROM customer_join j WHERE j.from_id = c.id AND j.parted_at IS NULL AND j.proven)`

// OneAllAlong reports whether a customer is one beyond doubt: always was, or was
// made one of several by proof alone.
func (b *Book) OneAllAlong(ctx context.Context, tx *sqldb.Tx, id string) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, decidedSQL, id).Scan(&n)
	return n == 0, err
}

package customer

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// ByIDs returns customers with their points by the ids asked for, in two
// queries. The id of one who was merged gives the customer who took them in;
// unknown ids are left out. It is for pages of lists: at most a few hundred ids.
func (b *Book) ByIDs(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]Customer, error) {
	out := map[string]Customer{}
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := sqldb.In(1, ids)
	// asked is the id that was asked for; c the customer it leads to.
	if err := tx.Each(ctx, func(r *sql.Rows) error {
		var asked string
		var c Customer
		err := r.Scan(&asked, &c.ID, &c.Name, &c.Locale, &c.Organization, &c.Note, sqldb.Str(&c.MergedInto),
			sqldb.At(&c.CreatedAt), sqldb.At(&c.SeenAt), &c.Version)
		out[asked] = c
		return err
	}, `SELECT a.id, `+columns+` FROM customer a JOIN customer c ON c.id = COALESCE(a.merged_into, a.id) WHERE a.id IN (`+marks+`)`, args...); err != nil {
		return nil, err
	}
	living := map[string][]string{} // customer → ids that lead to them
	var livingIDs []string
	for asked, c := range out {
		if _, seen := living[c.ID]; !seen {
			livingIDs = append(livingIDs, c.ID)
		}
		living[c.ID] = append(living[c.ID], asked)
	}
	if len(livingIDs) == 0 {
		return out, nil
	}
	marks, args = sqldb.In(1, livingIDs)
	points, err := sqldb.List(ctx, tx, scanPoint,
		`SELECT id, customer_id, kind, address, bounced_at, created_at FROM point WHERE customer_id IN (`+marks+`) ORDER BY id`, args...)
	for _, p := range points {
		for _, asked := range living[p.CustomerID] {
			c := out[asked]
			c.Points = append(c.Points, p)
			out[asked] = c
		}
	}
	return out, err
}

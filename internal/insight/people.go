package insight

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Person is a customer as shown beside something else.
type Person struct {
	Name    string
	Address string // the first mail address, "" if there is none
}

// People names a page of customers (at most marksLimit), by id.
func People(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]Person, error) {
	out := map[string]Person{}
	list, args, ok := page(ids)
	if !ok {
		return out, nil
	}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var id string
		var p Person
		if err := r.Scan(&id, &p.Name, &p.Address); err != nil {
			return err
		}
		out[id] = p
		return nil
	}, `SELECT c.id, c.name, COALESCE((SELECT p.address FROM point p WHERE p.customer_id = c.id AND p.kind = 'email' ORDER BY p.id LIMIT 1), '')
FROM customer c WHERE c.id IN (`+list+`)`, args...)
	return out, err
}

// CasesOfResponses returns the case that each of a page of responses opened or
// joined, by the response's id; those without one are left out.
func CasesOfResponses(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	list, args, ok := page(ids)
	if !ok {
		return out, nil
	}
	err := tx.Each(ctx, pairs(out), `SELECT source_id, id FROM recovery_case WHERE source_kind = 'response' AND source_id IN (`+list+`)
UNION ALL SELECT source_id, case_id FROM case_source WHERE source_kind = 'response' AND source_id IN (`+list+`)`, args...)
	return out, err
}

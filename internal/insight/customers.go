package insight

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// CustomerCounts says how much there is of a customer.
type CustomerCounts struct {
	Conversations int
	Cases         int
	Responses     int
}

// CountByCustomer counts what belongs to each of a page of customers (at most
// marksLimit); who has nothing is left out. Merged conversations count once.
func CountByCustomer(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]CustomerCounts, error) {
	out := map[string]CustomerCounts{}
	list, args, ok := page(ids)
	if !ok {
		return out, nil
	}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var id, what string
		var n int
		if err := r.Scan(&id, &what, &n); err != nil {
			return err
		}
		c := out[id]
		switch what {
		case "conversation":
			c.Conversations = n
		case "case":
			c.Cases = n
		case "response":
			c.Responses = n
		}
		out[id] = c
		return nil
	}, `SELECT customer_id, 'conversation', COUNT(*) FROM conversation WHERE merged_into IS NULL AND customer_id IN (`+list+`) GROUP BY customer_id
UNION ALL SELECT customer_id, 'case', COUNT(*) FROM recovery_case WHERE customer_id IN (`+list+`) GROUP BY customer_id
UNION ALL SELECT customer_id, 'response', COUNT(*) FROM response WHERE customer_id IN (`+list+`) GROUP BY customer_id`, args...)
	return out, err
}

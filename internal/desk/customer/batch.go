package customer

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Card is what a list shows of a customer.
type Card struct {
	Name    string
	Address string // the first; "" if there is none
}

// Label returns what to call the customer, as Customer.Label does.
func (c Card) Label() string {
	if c.Name != "" {
		return c.Name
	}
	return c.Address
}

const cardsSQL = `SELECT a.id, c.name, (SELECT p.address FROM point p WHERE p.customer_id = c.id ORDER BY p.id LIMIT 1)
FROM customer a JOIN customer c ON c.id = COALESCE(a.merged_into, a.id) WHERE a.id IN (`

// Cards returns the cards of customers by the ids asked for, in one query. The id
// of one who was merged gives the customer who took them in; unknown ids are left
// out. It is for pages of lists: at most a few hundred ids.
func (b *Book) Cards(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]Card, error) {
	out := map[string]Card{}
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := sqldb.In(1, ids)
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var asked string
		var c Card
		err := r.Scan(&asked, &c.Name, sqldb.Str(&c.Address))
		out[asked] = c
		return err
	}, cardsSQL+marks+`)`, args...)
	return out, err
}

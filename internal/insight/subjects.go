package insight

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Subjects returns what a page of conversations (at most marksLimit) is about, by
// id; unknown ones are left out.
func Subjects(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	if len(ids) > marksLimit {
		ids = ids[:marksLimit]
	}
	list, args := sqldb.In(1, ids)
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var id, subject string
		if err := r.Scan(&id, &subject); err != nil {
			return err
		}
		out[id] = subject
		return nil
	}, `SELECT id, subject FROM conversation WHERE id IN (`+list+`)`, args...)
	return out, err
}

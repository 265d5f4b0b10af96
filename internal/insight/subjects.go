package insight

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Subjects returns what a page of conversations (at most marksLimit) is about, by
// id; unknown ones are left out.
func Subjects(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	list, args, ok := page(ids)
	if !ok {
		return out, nil
	}
	err := tx.Each(ctx, pairs(out), `SELECT id, subject FROM conversation WHERE id IN (`+list+`)`, args...)
	return out, err
}

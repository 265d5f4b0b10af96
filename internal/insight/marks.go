package insight

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Mark is what stands beside a conversation in a list: its latest score and its
// case, if it has them.
type Mark struct {
	Score  int // 0: none
	Band   string
	CaseID string
}

// marksLimit bounds how many conversations are asked for at once.
const marksLimit = 200

// Marks returns the marks of conversations, by id; those without any are left out.
func Marks(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]Mark, error) {
	out := map[string]Mark{}
	if len(ids) == 0 {
		return out, nil
	}
	if len(ids) > marksLimit {
		ids = ids[:marksLimit]
	}
	list, args := sqldb.In(1, ids)
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var id string
		var m Mark
		if err := r.Scan(&id, &m.Score, &m.Band); err != nil {
			return err
		}
		out[id] = m // rows come oldest first: the latest stays
		return nil
	}, `SELECT conversation_id, score, band FROM response WHERE conversation_id IN (`+list+`) AND kind = 'csat' ORDER BY answered_at, id`, args...)
	if err != nil {
		return nil, err
	}
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var id, caseID string
		if err := r.Scan(&id, &caseID); err != nil {
			return err
		}
		m := out[id]
		m.CaseID = caseID
		out[id] = m
		return nil
	}, `SELECT conversation_id, id FROM recovery_case WHERE conversation_id IN (`+list+`) ORDER BY opened_at, id`, args...)
	return out, err
}

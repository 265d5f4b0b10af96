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

// page names at most marksLimit ids in a query: placeholders and arguments; ok is
// false where there is nothing to ask.
func page(ids []string) (list string, args []any, ok bool) {
	list, args = sqldb.In(1, ids[:min(len(ids), marksLimit)])
	return list, args, len(args) > 0
}

// pairs collects rows of two texts, the first being the key.
func pairs(out map[string]string) func(*sql.Rows) error {
	return func(r *sql.Rows) error {
		var key, value string
		err := r.Scan(&key, &value)
		out[key] = value
		return err
	}
}

// Marks returns the marks of conversations, by id; those without any are left out.
func Marks(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]Mark, error) {
	out := map[string]Mark{}
	list, args, ok := page(ids)
	if !ok {
		return out, nil
	}
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

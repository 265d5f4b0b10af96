package survey

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// Figure is customer satisfaction over a period: the share of the answers 4 and
// 5 among all answers (top-2-box) with its 95 % Wilson interval, and how many
// gave each score. Follow-up surveys do not count; they are recovery's.
type Figure struct {
	stat.Estimate
	Distribution [MaxScore]int // answers with score 1, 2, 3, 4, 5
}

const (
	talliesSQL = `SELECT score, COUNT(*) FROM response WHERE kind = 'csat' AND answered_at >= $1 AND answered_at < $2 GROUP BY score`
	tallySQL   = `SELECT score, COUNT(*) FROM response WHERE kind = 'csat' AND brand_id = $3 AND answered_at >= $1 AND answered_at < $2 GROUP BY score`
)

// Figure returns the satisfaction of a brand's customers ("": of all brands)
// by answers given in [from, to), each counted once as it reads now.
func (Records) Figure(ctx context.Context, tx *sqldb.Tx, brandID string, from, to time.Time) (Figure, error) {
	query, args := talliesSQL, []any{from.UnixMilli(), to.UnixMilli()}
	if brandID != "" {
		query, args = tallySQL, append(args, brandID)
	}
	counts := stat.Answers{}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var score, n int
		err := r.Scan(&score, &n)
		counts[score] = n
		return err
	}, query, args...)
	if err != nil {
		return Figure{}, err
	}
	var f Figure
	for score := range f.Distribution {
		f.Distribution[score] = counts[score+1]
	}
	f.Estimate, err = stat.TopBox(counts, MaxScore, stat.Level95)
	return f, err
}

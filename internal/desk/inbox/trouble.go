package inbox

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Sort is a way in which what comes in can be wrong while the inbox itself works.
type Sort string

// The sorts of trouble.
const (
	Doubted Sort = "doubted" // calls that are not signed with our secret
	Skewed  Sort = "skewed"  // the other side's clock and ours do not agree
	Garbled Sort = "garbled" // what is broken, or not in UTF-8
	Strange Sort = "strange" // events of a kind nobody has heard of
	Large   Sort = "large"   // files larger than what is taken
)

const (
	// troubleFor is how long a trouble is shown after it last happened, and after
	// which it is counted anew.
	troubleFor = 7 * 24 * time.Hour
	// MaxSkew is how far a clock of the other side may be ahead of ours.
	MaxSkew = 5 * time.Minute
)

// Trouble is one sort of what was wrong with what came in.
type Trouble struct {
	Sort            Sort
	Times           int
	FirstAt, LastAt time.Time
	Words           string // of the last time: others', or what exactly was wrong
}

const (
	noteSQL = `INSERT INTO inbox_trouble (inbox_id, sort, times, first_at, last_at, words) VALUES ($1, $2, $3, $4, $4, $5)
ON CONFLICT (inbox_id, sort) DO UPDATE SET
times = CASE WHEN inbox_trouble.last_at < $6 THEN excluded.times ELSE inbox_trouble.times + excluded.times END,
first_at = CASE WHEN inbox_trouble.last_at < $6 THEN excluded.first_at ELSE inbox_trouble.first_at END,
last_at = excluded.last_at, words = excluded.words`
	troublesSQL = `SELECT sort, times, first_at, last_at, words FROM inbox_trouble WHERE inbox_id = $1 AND last_at >= $2 ORDER BY last_at DESC, first_at DESC`
)

// Note counts a trouble of an inbox that exists; Times 0 is once. Call it before
// anything is emitted: it waits for whoever counts the same.
func Note(ctx context.Context, tx *sqldb.Tx, inboxID string, t Trouble) error {
	_, err := tx.Exec(ctx, noteSQL, inboxID, string(t.Sort), max(t.Times, 1), tx.Now.UnixMilli(), clip(text.Line(t.Words), maxError), tx.Now.Add(-troubleFor).UnixMilli())
	return err
}

// Troubles lists what was wrong in the last week, the latest first.
func Troubles(ctx context.Context, tx *sqldb.Tx, inboxID string) ([]Trouble, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (t Trouble, err error) {
		err = r.Scan(&t.Sort, &t.Times, sqldb.At(&t.FirstAt), sqldb.At(&t.LastAt), &t.Words)
		return t, err
	}, troublesSQL, inboxID, tx.Now.Add(-troubleFor).UnixMilli())
}

// Settle forgets the troubles of an inbox: somebody has looked at them.
func Settle(ctx context.Context, s *Inboxes, inboxID string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := s.ByID(ctx, tx, inboxID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM inbox_trouble WHERE inbox_id = $1`, inboxID)
		return err
	})
}

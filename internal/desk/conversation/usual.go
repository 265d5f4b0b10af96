package conversation

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// How the usual time of a first answer is found.
const (
	usualOver    = 28 * 24 * time.Hour // what happened since counts
	usualMost    = 500                 // conversations, the latest
	usualLeast   = 10                  // fewer say nothing
	usualRefresh = 5 * time.Minute
)

// Usual knows how long a first answer usually takes in each inbox: the median of
// the business time from the first word to the first answer. Those who still wait
// count with the time they have waited so far, so that a desk that answers nobody
// does not look quick.
type Usual struct {
	mu    sync.Mutex
	known map[string]reckoned // by inbox
}

type reckoned struct {
	at    time.Time
	took  time.Duration
	known bool
}

// NewUsual returns what knows nothing yet.
func NewUsual() *Usual { return &Usual{known: map[string]reckoned{}} }

const usualSQL = `SELECT first_customer_at, first_response_at FROM conversation
WHERE inbox_id = $1 AND last_at >= $2 AND first_customer_at >= $2 AND origin = 'customer' AND NOT muted AND merged_into IS NULL
ORDER BY last_at DESC, id DESC LIMIT $3`

// Of returns the usual time in an inbox, in the business time of hours; known is
// false while too little was seen.
func (u *Usual) Of(ctx context.Context, tx *sqldb.Tx, inboxID string, hours *worktime.Calendar) (took time.Duration, known bool, err error) {
	u.mu.Lock()
	r, ok := u.known[inboxID]
	u.mu.Unlock()
	if ok && tx.Now.Sub(r.at) < usualRefresh {
		return r.took, r.known, nil
	}
	var waits []float64
	err = tx.Each(ctx, func(rows *sql.Rows) error {
		var asked, answered time.Time
		if err := rows.Scan(sqldb.At(&asked), sqldb.At(&answered)); err != nil {
			return err
		}
		if answered.IsZero() {
			answered = tx.Now
		}
		waits = append(waits, hours.Between(asked, answered).Seconds())
		return nil
	}, usualSQL, inboxID, tx.Now.Add(-usualOver).UnixMilli(), usualMost)
	if err != nil {
		return 0, false, err
	}
	r = reckoned{at: tx.Now}
	if len(waits) >= usualLeast {
		median, _ := stat.Median(waits)
		r.took, r.known = time.Duration(median*float64(time.Second)), true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known[inboxID] = r
	return r.took, r.known, nil
}

// Within says how long something usually takes in steps that nobody will measure:
// a number and its unit, "minutes", "hours" or "days" (of eight hours).
func Within(took time.Duration) (n int, unit string) {
	minutes := int((took + time.Minute - 1) / time.Minute)
	for _, step := range []int{5, 10, 15, 30, 45} {
		if minutes <= step {
			return step, "minutes"
		}
	}
	if hours := (minutes + 59) / 60; hours <= workday {
		return hours, "hours"
	}
	return (minutes + workday*60 - 1) / (workday * 60), "days"
}

// workday is how many hours of business people take for a day.
const workday = 8

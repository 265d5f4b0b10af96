package chat

import (
	"context"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/stat"
)

// How the usual time of a first answer is found.
const (
	usualOver    = 28 * 24 * time.Hour // what happened since counts
	usualMost    = 500                 // conversations, the latest
	usualLeast   = 10                  // fewer say nothing
	usualRefresh = 5 * time.Minute
)

// usual knows how long a first answer usually takes in each inbox: the median of
// the business time from the first word to the first answer. Those who still wait
// count with the time they have waited so far, so that a desk that answers nobody
// does not look quick.
type usual struct {
	mu    sync.Mutex
	known map[string]reckoned // by inbox
}

type reckoned struct {
	at    time.Time
	took  time.Duration
	known bool
}

func newUsual() *usual { return &usual{known: map[string]reckoned{}} }

const usualSQL = `SELECT first_customer_at, first_response_at FROM conversation
WHERE inbox_id = $1 AND last_at >= $2 AND first_customer_at >= $2 AND origin = 'customer' AND NOT muted AND merged_into IS NULL
ORDER BY last_at DESC, id DESC LIMIT $3`

// of returns the usual time in an inbox; known is false while too little was seen.
func (u *usual) of(ctx context.Context, tx *sqldb.Tx, p place) (took time.Duration, known bool, err error) {
	u.mu.Lock()
	r, ok := u.known[p.box.ID]
	u.mu.Unlock()
	if ok && tx.Now.Sub(r.at) < usualRefresh {
		return r.took, r.known, nil
	}
	hours, err := p.brand.Calendar()
	if err != nil {
		return 0, false, err
	}
	var waits []float64
	err = tx.Each(ctx, func(rows rowScanner) error {
		var asked, answered time.Time
		if err := rows.Scan(sqldb.At(&asked), sqldb.At(&answered)); err != nil {
			return err
		}
		if answered.IsZero() {
			answered = tx.Now
		}
		waits = append(waits, hours.Between(asked, answered).Seconds())
		return nil
	}, usualSQL, p.box.ID, tx.Now.Add(-usualOver).UnixMilli(), usualMost)
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
	u.known[p.box.ID] = r
	return r.took, r.known, nil
}

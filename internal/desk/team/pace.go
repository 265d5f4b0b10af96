package team

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Tries are counted twice. The limiter in memory comes first and costs nothing;
// what it lets through is counted in the database, which all nodes share and
// which remembers over a restart. So three nodes allow no more than one, and a
// flood of tries reaches the database no faster than the limiter lets it.

// takePaceSQL moves a bucket's end on by one try, unless it would then be further
// away than a burst. $2 is now, $3 what a try costs, $4 a burst, all in
// milliseconds.
const takePaceSQL = `INSERT INTO pace (key, until) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
ON CONFLICT (key) DO UPDATE SET until = CASE WHEN pace.until > $2 THEN pace.until ELSE $2 END + $3
WHERE CASE WHEN pace.until > $2 THEN pace.until ELSE $2 END + $3 - $2 <= CAST($4 AS BIGINT)`

// tries counts them.
type tries struct {
	db     *sqldb.DB
	memory *limiter
}

// take takes one try for an account from an address, or says how long to wait.
func (s tries) take(ctx context.Context, address, account string) error {
	if err := s.memory.try(s.db.Clock().Now(), address, account); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM pace WHERE until < $1`, tx.Now.UnixMilli()); err != nil {
			return err
		}
		wait, err := takePace(ctx, tx, "a "+Network(address), addressBurst, addressEvery)
		if err == nil && wait == 0 {
			wait, err = takePace(ctx, tx, pairKey(address, account), pairBurst, pairEvery)
		}
		if err == nil && wait > 0 {
			err = tooMany(wait)
		}
		return err
	})
}

// takePace takes one try out of a bucket, or says how long to wait for one.
func takePace(ctx context.Context, tx *sqldb.Tx, key string, burst int, every time.Duration) (wait time.Duration, err error) {
	now, cost := tx.Now.UnixMilli(), every.Milliseconds()
	n, err := tx.Exec(ctx, takePaceSQL, seal.Hash(key), now, cost, int64(burst)*cost)
	if err != nil || n == 1 {
		return 0, err
	}
	var until int64
	err = tx.QueryRow(ctx, `SELECT until FROM pace WHERE key = $1`, seal.Hash(key)).Scan(&until)
	return time.Duration(until+cost-now-int64(burst)*cost) * time.Millisecond, err
}

// forgiveTx forgets the tries of one account from one address, after a right one.
func (s tries) forgiveTx(ctx context.Context, tx *sqldb.Tx, address, account string) error {
	tx.AfterCommit(func() { s.memory.forgive(address, account) })
	_, err := tx.Exec(ctx, `DELETE FROM pace WHERE key = $1`, seal.Hash(pairKey(address, account)))
	return err
}

// tooMany says how long to wait, in whole seconds.
func tooMany(wait time.Duration) error {
	wait = (wait + time.Second - 1).Truncate(time.Second)
	return &fault.Error{Kind: fault.TooMany, Key: "error.tooMany", RetryAfter: wait, Args: map[string]any{"seconds": int(wait.Seconds())}}
}

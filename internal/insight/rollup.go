package insight

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// What is counted often is counted once a day: rollup_day holds the tally of
// every local day of a brand. The schema itself notes in rollup_change each
// moment at which a change has made its day stale, in the change's transaction.
// A report takes stored days where nothing is noted and counts the others from
// their rows, so it is exact at any time; [Roll] counts noted days again and
// stores them. A brand whose zone or hours changed has no stored days until all
// were made anew.

// stored reads the tallies of a brand's days. Those before from are wanted for
// their scores only.
func (b brand) stored(ctx context.Context, tx *sqldb.Tx, days []worktime.Bound, from string) ([]*tally, error) {
	out := make([]*tally, len(days))
	stale, err := b.stale(ctx, tx, days)
	if err != nil || len(days) == 0 {
		return out, err
	}
	at := map[int]int{}
	for i, d := range days {
		at[dayNumber(d.Name)] = i
	}
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var day int
		var content sql.RawBytes
		if err := r.Scan(&day, &content); err != nil {
			return err
		}
		i, wanted := at[day]
		if !wanted || stale[i] {
			return nil
		}
		t, err := decode(content, days[i].Name >= from)
		out[i] = t
		return err
	}, `SELECT day, content FROM rollup_day WHERE brand_id = $1 AND day >= $2 AND day <= $3`, b.id, dayNumber(days[0].Name), dayNumber(days[len(days)-1].Name))
	if err != nil {
		return nil, err
	}
	for i, d := range days {
		switch {
		case out[i] != nil:
		case stale[i]:
			if out[i], err = b.count(ctx, tx, d, d.Name >= from); err != nil {
				return nil, err
			}
		default:
			out[i] = &tally{} // nothing ever happened on that day
		}
	}
	return out, nil
}

const nextChangeSQL = `SELECT at FROM rollup_change WHERE brand_id = $1 AND at >= $2 AND at < $3 ORDER BY at LIMIT 1`

// stale tells which days changed since they were stored, with one look a day
// that did and one more.
func (b brand) stale(ctx context.Context, tx *sqldb.Tx, days []worktime.Bound) ([]bool, error) {
	out := make([]bool, len(days))
	basis, err := b.storedBasis(ctx, tx)
	if err != nil || len(days) == 0 {
		return out, err
	}
	if basis != b.basis {
		for i := range out {
			out[i] = true
		}
		return out, nil
	}
	end := days[len(days)-1].End.UnixMilli()
	for i := 0; i < len(days); {
		var at int64
		err := tx.QueryRow(ctx, nextChangeSQL, b.id, days[i].Start.UnixMilli(), end).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return nil, err
		}
		for days[i].End.UnixMilli() <= at {
			i++
		}
		out[i] = true
		i++
	}
	return out, nil
}

func (b brand) storedBasis(ctx context.Context, tx *sqldb.Tx) (basis string, err error) {
	err = tx.QueryRow(ctx, `SELECT basis FROM rollup_basis WHERE brand_id = $1`, b.id).Scan(&basis)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return basis, err
}

// basisVersion changes when stored days of an earlier program no longer hold.
const basisVersion = "1"

// basisOf names what the tallies of a brand depend on beside its rows.
func basisOf(h worktime.Hours) (string, error) {
	b, err := json.Marshal(h)
	sum := sha256.Sum256(append(b, basisVersion...))
	return hex.EncodeToString(sum[:8]), err
}

// dayNumber is 20261121 for "2026-11-21".
func dayNumber(name string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(name, "-", ""))
	if err != nil {
		return 0
	}
	return n
}

// Stale reports whether [Roll] would find something to do.
func Stale(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	brands, err := brandsOf(ctx, tx, "")
	if err != nil {
		return false, err
	}
	for _, b := range brands {
		basis, err := b.storedBasis(ctx, tx)
		if err != nil || basis != b.basis {
			return true, err
		}
	}
	var n int64
	err = tx.QueryRow(ctx, `SELECT n FROM rollup_change LIMIT 1`).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Roll stores one day that changed, or prepares to make all days of a brand
// anew, and reports whether it found anything to do. Its work is bounded by one
// day of one brand, except when a brand's hours changed.
func Roll(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	// Of two that store the same day the one who counted later must be last.
	if err := tx.Serialize(ctx, "insight.rollup"); err != nil {
		return false, err
	}
	brands, err := brandsOf(ctx, tx, "")
	if err != nil {
		return false, err
	}
	for _, b := range brands {
		basis, err := b.storedBasis(ctx, tx)
		if err != nil {
			return false, err
		}
		if basis != b.basis {
			return true, b.renew(ctx, tx)
		}
		done, err := b.roll(ctx, tx)
		if err != nil || done {
			return done, err
		}
	}
	return false, nil
}

const (
	newestChangeSQL = `SELECT at FROM rollup_change WHERE brand_id = $1 ORDER BY at DESC LIMIT 1`
	storeDaySQL     = `INSERT INTO rollup_day (brand_id, day, content) VALUES ($1, $2, $3)
ON CONFLICT (brand_id, day) DO UPDATE SET content = excluded.content`
)

// roll stores the newest day that changed. The notes go first: whatever is
// committed after that keeps its own, whether it is counted here or not.
func (b brand) roll(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	var at int64
	err := tx.QueryRow(ctx, newestChangeSQL, b.id).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	moment := time.UnixMilli(at)
	day := worktime.Days(b.calendar.Zone(), moment, moment.Add(time.Millisecond))[0]
	if _, err := tx.Exec(ctx, `DELETE FROM rollup_change WHERE brand_id = $1 AND at >= $2 AND at < $3`, b.id, day.Start.UnixMilli(), day.End.UnixMilli()); err != nil {
		return false, err
	}
	t, err := b.count(ctx, tx, day, true)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, storeDaySQL, b.id, dayNumber(day.Name), t.encode())
	return true, err
}

// renewSQL notes a moment of every quarter of an hour in which something ended:
// every zone's midnight falls on one.
const renewSQL = `INSERT INTO rollup_change (brand_id, at)
SELECT brand_id, first_response_at / 900000 * 900000 FROM conversation WHERE brand_id = $1 AND first_response_at IS NOT NULL AND merged_into IS NULL AND NOT muted
UNION SELECT brand_id, resolved_at / 900000 * 900000 FROM conversation WHERE brand_id = $1 AND resolved_at IS NOT NULL AND merged_into IS NULL AND NOT muted
UNION SELECT brand_id, first_resolved_at / 900000 * 900000 FROM conversation WHERE brand_id = $1 AND first_resolved_at IS NOT NULL AND merged_into IS NULL AND NOT muted
UNION SELECT brand_id, answered_at / 900000 * 900000 FROM response WHERE brand_id = $1`

// renew forgets a brand's days and notes all moments that had made them.
func (b brand) renew(ctx context.Context, tx *sqldb.Tx) error {
	for _, forget := range []string{`DELETE FROM rollup_day WHERE brand_id = $1`, `DELETE FROM rollup_change WHERE brand_id = $1`} {
		if _, err := tx.Exec(ctx, forget, b.id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO rollup_basis (brand_id, basis) VALUES ($1, $2) ON CONFLICT (brand_id) DO UPDATE SET basis = excluded.basis`, b.id, b.basis); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, renewSQL, b.id)
	return err
}

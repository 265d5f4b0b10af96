package place

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	defaultPage = 50
	maxPage     = 200
)

// RatingQuery chooses ratings of a place.
type RatingQuery struct {
	PlaceID string
	Cursor  string // Next of the page before
	Limit   int    // 1 to 200; 0: 50
}

// RatingPage is a part of a list. Next is "" on the last page.
type RatingPage struct {
	Items []Rating
	Next  string
}

const (
	ratingsSQL     = `SELECT ` + ratingColumns + ` FROM rating WHERE place_id = $1 ORDER BY at DESC, id DESC LIMIT $2`
	ratingsPastSQL = `SELECT ` + ratingColumns + ` FROM rating WHERE place_id = $1 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $2`
)

// Ratings returns a page of the ratings of a place, the newest first. fault.Invalid
// for a cursor that is none.
func (Records) Ratings(ctx context.Context, tx *sqldb.Tx, q RatingQuery) (page RatingPage, err error) {
	n := q.Limit
	if n == 0 {
		n = defaultPage
	}
	n = min(max(n, 1), maxPage)
	if q.Cursor == "" {
		page.Items, err = sqldb.List(ctx, tx, scanRating, ratingsSQL, q.PlaceID, n+1)
	} else {
		ms, id, ok := strings.Cut(q.Cursor, ".")
		at, wrong := strconv.ParseInt(ms, 10, 64)
		if !ok || wrong != nil {
			return page, fault.New(fault.Invalid, "error.cursor")
		}
		page.Items, err = sqldb.List(ctx, tx, scanRating, ratingsPastSQL, q.PlaceID, n+1, at, id)
	}
	if len(page.Items) > n {
		page.Items = page.Items[:n]
		last := page.Items[n-1]
		page.Next = strconv.FormatInt(last.At.UnixMilli(), 10) + "." + last.ID
	}
	return page, err
}

// Standing is how many stickers of a place are in use, and how many hang somewhere
// though they are not.
type Standing struct{ Active, Lingers int }

// Standing counts the stickers of every place that has some.
func (Records) Standing(ctx context.Context, tx *sqldb.Tx) (map[string]Standing, error) {
	out := map[string]Standing{}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var id string
		var s Standing
		err := r.Scan(&id, &s.Active, &s.Lingers)
		out[id] = s
		return err
	}, `SELECT place_id, COUNT(*) FILTER (WHERE state = 'active'), COUNT(*) FILTER (WHERE state <> 'active' AND scanned_at > ended_at) FROM sticker GROUP BY place_id`)
	return out, err
}

package customer

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

const maxPage = 200

// Query asks for customers, the last seen first. Text finds the beginning of a
// name or of a later word in it, of an address, or of an address's domain.
type Query struct {
	Text   string
	Cursor string // Next of the page before
	Limit  int    // 1 to 200; 0: 50
}

// Page is a part of a list. Next is "" on the last page.
type Page struct {
	Items []Customer
	Next  string
}

const (
	listSQL = `SELECT ` + columns + ` FROM customer c
WHERE c.merged_into IS NULL AND (c.seen_at, c.id) < ($1, $2)
ORDER BY c.seen_at DESC, c.id DESC LIMIT $3`
	findSQL = `SELECT ` + columns + ` FROM customer c
WHERE c.merged_into IS NULL AND (c.seen_at, c.id) < ($1, $2)
AND (c.name_key LIKE $4 ESCAPE '!' OR c.name_key LIKE $5 ESCAPE '!'
  OR EXISTS (SELECT 1 FROM point p WHERE p.customer_id = c.id AND (p.address_key LIKE $4 ESCAPE '!' OR p.address_key LIKE $6 ESCAPE '!')))
ORDER BY c.seen_at DESC, c.id DESC LIMIT $3`
)

// List returns a page of customers with their points. fault.Invalid for a
// cursor that is none.
func (b *Book) List(ctx context.Context, tx *sqldb.Tx, q Query) (Page, error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, maxPage)
	at, id, err := readCursor(q.Cursor)
	if err != nil {
		return Page{}, err
	}
	query, args := listSQL, []any{at, id, q.Limit + 1}
	if key := text.Fold(q.Text); key != "" {
		p := escape(key) + "%"
		query, args = findSQL, append(args, p, "% "+p, "%@"+p)
	}
	items, err := sqldb.List(ctx, tx, scan, query, args...)
	if err != nil {
		return Page{}, err
	}
	var page Page
	if len(items) > q.Limit {
		items = items[:q.Limit]
		last := items[q.Limit-1]
		page.Next = cursor(last.SeenAt, last.ID)
	}
	page.Items, err = withPoints(ctx, tx, items)
	return page, err
}

// escape makes the marks of LIKE stand for themselves.
func escape(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

func cursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", at.UnixMilli(), id))
}

// readCursor returns where a page begins; the empty cursor is before everybody.
func readCursor(s string) (at int64, id string, err error) {
	if s == "" {
		return 1 << 62, "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		_, err = fmt.Sscanf(string(b), "%d %s", &at, &id)
	}
	return at, id, fault.Wrap(err, fault.Invalid, "error.cursor")
}

package search

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of searching.
const (
	MaxQuery     = 300 // characters of a query
	MaxPage      = 100
	snippetWidth = 120 // characters around a match
)

// Finder answers queries. Make it with New.
type Finder struct{}

// New returns a finder.
func New() *Finder { return &Finder{} }

// Query is what somebody looks for. Kind is empty for all; Cursor is Next of
// the page before.
type Query struct {
	Text   string
	Kind   Kind
	Cursor string
	Limit  int
}

// Hit is one thing found. Marks are the matching places in Snippet, start and
// length in UTF-16 units, as browsers count.
type Hit struct {
	Kind           Kind
	Subject        string
	ConversationID string
	Ref            int64
	Title          string
	Snippet        string
	Marks          [][2]int
	At             time.Time
	CustomerName   string
}

// Page is a list of hits, newest first.
type Page struct {
	Hits []Hit
	Next string
}

const findSQLite = `SELECT d.n, d.kind, d.subject FROM search_token t JOIN search_doc d ON d.n = t.rowid
WHERE t.tokens MATCH $1 AND t.rowid < $2 AND ($3 = '' OR d.kind = $3) ORDER BY t.rowid DESC LIMIT $4` // arch:sqlite-only

const findPostgres = `SELECT d.n, d.kind, d.subject FROM search_token t JOIN search_doc d ON d.n = t.n
WHERE t.tokens @@ $1::tsquery AND t.n < $2 AND ($3 = '' OR d.kind = $3) ORDER BY t.n DESC LIMIT $4` // arch:postgres-only

// Find returns one page of what matches. A query without anything to look for
// finds nothing.
func (x *Finder) Find(ctx context.Context, tx *sqldb.Tx, q Query) (Page, error) {
	before, err := check(&q)
	if err != nil {
		return Page{}, err
	}
	words := q.Text
	if q.Kind != "" {
		words += " " + q.Kind.marker()
	}
	statement, expr := findSQLite, text.FTS5Query(words)
	if tx.Dialect() == sqldb.Postgres {
		statement, expr = findPostgres, text.TSQuery(words)
	}
	if text.FTS5Query(q.Text) == "" {
		return Page{Hits: []Hit{}}, nil
	}
	type found struct {
		n int64
		Hit
	}
	list, err := sqldb.List(ctx, tx, func(r *sql.Rows) (f found, err error) {
		err = r.Scan(&f.n, &f.Kind, &f.Subject)
		return f, err
	}, statement, expr, before, string(q.Kind), q.Limit+1)
	if err != nil {
		return Page{}, err
	}
	page := Page{Hits: make([]Hit, 0, len(list))}
	for i, f := range list {
		if i == q.Limit {
			page.Next = strconv.FormatInt(list[i-1].n, 10)
			break
		}
		err := fill(ctx, tx, &f.Hit, q.Text)
		if errors.Is(err, sql.ErrNoRows) {
			continue // gone since it was indexed
		}
		if err != nil {
			return Page{}, err
		}
		page.Hits = append(page.Hits, f.Hit)
	}
	return page, nil
}

func check(q *Query) (before int64, err error) {
	var c fault.Check
	c.That(len([]rune(q.Text)) <= MaxQuery, "query.q", "error.search.long", "max", MaxQuery)
	c.That(q.Kind == "" || q.Kind.Valid(), "query.kind", "error.field.invalid")
	before = 1 << 62
	if q.Cursor != "" {
		before, err = strconv.ParseInt(q.Cursor, 10, 64)
		c.That(err == nil && before > 0, "query.cursor", "error.field.invalid")
	}
	if q.Limit < 1 || q.Limit > MaxPage {
		q.Limit = MaxPage / 2
	}
	return before, c.Err()
}

const (
	hitMessageSQL = `SELECT m.conversation_id, v.ref, v.subject, m.body, m.at, m.author_name FROM message m
JOIN conversation v ON v.id = m.conversation_id WHERE m.id = $1`
	hitConversationSQL = `SELECT v.id, v.ref, v.subject, v.preview, v.last_at, c.name FROM conversation v
JOIN customer c ON c.id = v.customer_id WHERE v.id = $1 AND v.merged_into IS NULL`
	hitCustomerSQL = `SELECT '', 0, c.name, COALESCE((SELECT MIN(p.address) FROM point p WHERE p.customer_id = c.id), ''), c.seen_at, c.name
FROM customer c WHERE c.id = $1 AND c.merged_into IS NULL`
)

// fill reads what a hit looks like now.
func fill(ctx context.Context, tx *sqldb.Tx, h *Hit, query string) error {
	statement := map[Kind]string{Message: hitMessageSQL, Conversation: hitConversationSQL, Customer: hitCustomerSQL}[h.Kind]
	var body string
	err := tx.QueryRow(ctx, statement, h.Subject).Scan(&h.ConversationID, &h.Ref, &h.Title, &body, sqldb.At(&h.At), &h.CustomerName)
	if err != nil {
		return err
	}
	h.Snippet = text.Snippet(body, query, snippetWidth)
	h.Marks = [][2]int{}
	for _, m := range text.Marks(h.Snippet, query) {
		h.Marks = append(h.Marks, [2]int{units(h.Snippet[:m[0]]), units(h.Snippet[m[0]:m[1]])})
	}
	return nil
}

// units counts a string as browsers do.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

package search

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of searching.
const (
	MaxQuery     = 300 // characters of a query
	MaxPage      = 200
	defaultPage  = 50
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

// Find returns one page of what matches. A query without anything to look for
// finds nothing.
func (x *Finder) Find(ctx context.Context, tx *sqldb.Tx, q Query) (Page, error) {
	before, err := check(&q)
	if err != nil {
		return Page{}, err
	}
	if text.FTS5Query(q.Text, nil) == "" {
		return Page{Hits: []Hit{}}, nil
	}
	list, err := newest(ctx, tx, q, before)
	if err != nil {
		return Page{}, err
	}
	page := Page{Hits: make([]Hit, 0, len(list))}
	if len(list) > q.Limit {
		list = list[:q.Limit]
		page.Next = strconv.FormatInt(list[q.Limit-1].n, 10)
	}
	if err := fill(ctx, tx, list, q.Text); err != nil {
		return Page{}, err
	}
	for _, f := range list {
		if f.there {
			page.Hits = append(page.Hits, f.Hit)
		}
	}
	return page, nil
}

// found is a hit on its way to a page.
type found struct {
	n     int64
	there bool // it still exists: what was taken back or merged away is not shown
	Hit
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
	if q.Limit < 1 {
		q.Limit = defaultPage
	}
	q.Limit = min(q.Limit, MaxPage)
	return before, c.Err()
}

const (
	hitMessageSQL = `SELECT m.id, m.conversation_id, v.ref, v.subject, m.body, m.at, m.author_name FROM message m
JOIN conversation v ON v.id = m.conversation_id WHERE m.withdrawn_at IS NULL AND m.id IN (`
	hitConversationSQL = `SELECT v.id, v.id, v.ref, v.subject, v.preview, v.last_at, c.name FROM conversation v
JOIN customer c ON c.id = v.customer_id WHERE v.merged_into IS NULL AND v.id IN (`
	hitCustomerSQL = `SELECT c.id, '', 0, c.name, COALESCE((SELECT MIN(p.address) FROM point p WHERE p.customer_id = c.id), ''), c.seen_at, c.name
FROM customer c WHERE c.merged_into IS NULL AND c.id IN (`
)

// fill reads what the hits look like now, one query a kind.
func fill(ctx context.Context, tx *sqldb.Tx, list []found, query string) error {
	for kind, statement := range map[Kind]string{Message: hitMessageSQL, Conversation: hitConversationSQL, Customer: hitCustomerSQL} {
		at := map[string]int{}
		var marks []string
		var args []any
		for i, f := range list {
			if f.Kind == kind {
				at[f.Subject] = i
				args = append(args, f.Subject)
				marks = append(marks, "$"+strconv.Itoa(len(args)))
			}
		}
		if len(args) == 0 {
			continue
		}
		err := tx.Each(ctx, func(r *sql.Rows) error {
			var subject, body string
			var h Hit
			if err := r.Scan(&subject, &h.ConversationID, &h.Ref, &h.Title, &body, sqldb.At(&h.At), &h.CustomerName); err != nil {
				return err
			}
			h.Kind, h.Subject = kind, subject
			h.mark(body, query)
			list[at[subject]].Hit, list[at[subject]].there = h, true
			return nil
		}, statement+strings.Join(marks, ", ")+")", args...) // arch:composed
		if err != nil {
			return err
		}
	}
	return nil
}

// mark cuts the snippet around the first match and notes the matches in it.
func (h *Hit) mark(body, query string) {
	h.Snippet = text.Snippet(body, query, snippetWidth)
	h.Marks = [][2]int{}
	for _, m := range text.Marks(h.Snippet, query) {
		h.Marks = append(h.Marks, [2]int{units(h.Snippet[:m[0]]), units(h.Snippet[m[0]:m[1]])})
	}
}

// units counts a string as browsers do.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

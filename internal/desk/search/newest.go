package search

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// newest returns the newest documents before a number that match, one more than
// the page holds.
func newest(ctx context.Context, tx *sqldb.Tx, q Query, before int64) ([]found, error) {
	words := q.Kind.words() + " " + q.Text
	if tx.Dialect() == sqldb.Postgres {
		return newestPostgres(ctx, tx, text.TSQuery(words), before, q.Limit+1)
	}
	expr := text.FTS5Query(words, func(beginning string) ([]string, bool) { return completions(ctx, tx, beginning) })
	return sqldb.List(ctx, tx, scanFound, findSQLite, expr, before, q.Limit+1)
}

// words narrow a query to a kind. Messages, which have no marker, are what
// remains without the others.
func (k Kind) words() string {
	switch k {
	case "":
		return ""
	case Message:
		return `-"` + Conversation.marker() + `" -"` + Customer.marker() + `"`
	}
	return `"` + k.marker() + `"`
}

func scanFound(r *sql.Rows) (f found, err error) {
	err = r.Scan(&f.n, &f.Kind, &f.Subject)
	return f, err
}

const findSQLite = `SELECT d.n, d.kind, d.subject FROM search_token t JOIN search_doc d ON d.n = t.rowid
WHERE t.tokens MATCH $1 AND t.rowid < $2 ORDER BY t.rowid DESC LIMIT $3` // arch:sqlite-only

// maxCompletions is how many words the beginning of one is written out as; where
// more begin so the engine puts their lists together itself.
const maxCompletions = 40

// lastRune is behind every word that begins the same.
const lastRune = "\U0010FFFF"

func completions(ctx context.Context, tx *sqldb.Tx, beginning string) (words []string, ok bool) {
	words, err := sqldb.List(ctx, tx, func(r *sql.Rows) (w string, err error) { err = r.Scan(&w); return w, err },
		`SELECT word FROM search_word WHERE word >= $1 AND word < $2 LIMIT $3`, beginning, beginning+lastRune, maxCompletions+1) // arch:sqlite-only
	return words, err == nil && len(words) <= maxCompletions // an error shows itself again in the query itself
}

// near is how many of the newest documents are looked at one by one on
// PostgreSQL. What occurs often is found among them; what does not is so rare
// that the index gives it quickly as a whole. The planner, who cannot know how
// common a query is, would often look through all documents for a rare one.
const near = 6000

const (
	nearPostgres = `SELECT d.n, d.kind, d.subject FROM search_token t JOIN search_doc d ON d.n = t.n
WHERE t.tokens @@ $1::tsquery AND t.n < $2 AND t.n >= $4 ORDER BY t.n DESC LIMIT $3` // arch:postgres-only
	farPostgres = `WITH hit AS MATERIALIZED (SELECT t.n FROM search_token t WHERE t.tokens @@ $1::tsquery AND t.n < $2),
newest AS MATERIALIZED (SELECT n FROM hit ORDER BY n DESC LIMIT $3)
SELECT d.n, d.kind, d.subject FROM newest w JOIN search_doc d ON d.n = w.n ORDER BY d.n DESC` // arch:postgres-only
)

func newestPostgres(ctx context.Context, tx *sqldb.Tx, expr string, before int64, limit int) ([]found, error) {
	var last int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(n), 0) FROM search_doc`).Scan(&last); err != nil {
		return nil, err
	}
	from := min(before, last+1) - near
	list, err := sqldb.List(ctx, tx, scanFound, nearPostgres, expr, before, limit, from)
	if len(list) >= limit/2 && len(list) < limit && err == nil { // on at that rate, a page will soon be full
		from -= 2 * near
		list, err = sqldb.List(ctx, tx, scanFound, nearPostgres, expr, before, limit, from)
	}
	if err != nil || len(list) == limit || from <= 1 {
		return list, err
	}
	return sqldb.List(ctx, tx, scanFound, farPostgres, expr, before, limit)
}

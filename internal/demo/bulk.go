package demo

import (
	"context"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// bulkRows is how many rows one statement takes on PostgreSQL, where a statement
// costs a journey. SQLite takes one: its statements stay prepared, and one that
// inserts several rows begins with a savepoint, at which the search index is
// written out. So does one with a trigger: tables are written one after another.
const bulkRows = 50

// bulk writes many rows of one table with few statements.
type bulk struct {
	table string
	cols  []string
	args  []any
	rows  int
	texts map[int]string // by number of rows
}

func table(name, cols string) *bulk {
	return &bulk{table: name, cols: strings.Fields(cols), texts: map[int]string{}}
}

// add takes one row.
func (b *bulk) add(values ...any) {
	b.args = append(b.args, values...)
	b.rows++
}

// write writes what was taken.
func (b *bulk) write(ctx context.Context, tx *sqldb.Tx) error {
	step := 1
	if tx.Dialect() == sqldb.Postgres {
		step = bulkRows
	}
	for from := 0; from < b.rows; from += step {
		n := min(step, b.rows-from)
		args := b.args[from*len(b.cols) : (from+n)*len(b.cols)]
		if _, err := tx.Exec(ctx, b.statement(n, tx.Dialect()), args...); err != nil {
			return err
		}
	}
	return nil
}

// statement writes the text that inserts n rows.
func (b *bulk) statement(n int, d sqldb.Dialect) string {
	if b.texts[n] != "" {
		return b.texts[n]
	}
	var q strings.Builder
	q.WriteString("INSERT INTO " + b.table + " (" + strings.Join(b.cols, ", ") + ") VALUES ")
	arg := 0
	for row := range n {
		if row > 0 {
			q.WriteString(", ")
		}
		q.WriteByte('(')
		for i := range b.cols {
			if i > 0 {
				q.WriteByte(',')
			}
			arg++
			q.WriteByte('$')
			q.WriteString(strconv.Itoa(arg))
			if b.table == "search_token" && b.cols[i] == "tokens" && d == sqldb.Postgres {
				q.WriteString("::tsvector")
			}
		}
		q.WriteByte(')')
	}
	b.texts[n] = q.String()
	return b.texts[n]
}

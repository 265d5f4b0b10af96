package demo

import (
	"context"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// bulkArgs bounds the values of one statement: SQLite looks every numbered
// parameter up in a list, so the cost of one statement grows with the square.
const bulkArgs = 600

// bulk writes many rows of one table with few statements.
type bulk struct {
	table string
	cols  []string
	args  []any
	rows  int
}

func table(name, cols string) *bulk { return &bulk{table: name, cols: strings.Fields(cols)} }

// add takes one row.
func (b *bulk) add(values ...any) {
	b.args = append(b.args, values...)
	b.rows++
}

// full reports whether it is time to write.
func (b *bulk) full() bool { return len(b.args) > bulkArgs }

// flush writes what was taken.
func (b *bulk) flush(ctx context.Context, tx *sqldb.Tx) error {
	if b.rows == 0 {
		return nil
	}
	var q strings.Builder
	q.WriteString("INSERT INTO " + b.table + " (" + strings.Join(b.cols, ", ") + ") VALUES ")
	n := 0
	for row := range b.rows {
		if row > 0 {
			q.WriteString(", ")
		}
		q.WriteByte('(')
		for i := range b.cols {
			if i > 0 {
				q.WriteByte(',')
			}
			n++
			q.WriteByte('$')
			q.WriteString(strconv.Itoa(n))
			if b.table == "search_token" && b.cols[i] == "tokens" && tx.Dialect() == sqldb.Postgres {
				q.WriteString("::tsvector")
			}
		}
		q.WriteByte(')')
	}
	_, err := tx.Exec(ctx, q.String(), b.args...)
	b.args, b.rows = b.args[:0], 0
	return err
}

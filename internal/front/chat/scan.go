package chat

import (
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

type rowScanner = *sql.Rows

func scanRow(r rowScanner) (m row, err error) {
	var authorKind string
	err = r.Scan(&m.ID, &m.conversation, &m.kind, &authorKind, &m.author, sqldb.At(&m.written), &m.Text, &m.Lang, sqldb.JSON{V: &m.envelope}, &m.key, sqldb.JSON{V: &m.thing},
		sqldb.At(&m.left), sqldb.At(&m.readAt))
	if authorKind != "agent" { // what the desk says by itself, it says in the brand's name
		m.author = ""
	}
	return m, err
}

package search_test

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// FuzzFind asks the database for anything that can be typed: the answer is a
// page or a refusal of the input, never an error of the database.
func FuzzFind(f *testing.F) {
	db := dbtest.SQLite(f, clock.NewManual(dbtest.Start))
	err := db.Write(f.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(f.Context(), seedSQL, "cus_1", "返金 refund café", tx.Now.UnixMilli()); err != nil {
			return err
		}
		return search.PutTx(f.Context(), tx, search.Document{Kind: search.Customer, Subject: "cus_1", Text: "返金 refund café"})
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, q := range queries {
		f.Add(q, "", "")
	}
	f.Add("a", "customer", "9223372036854775807")
	f.Add("a", "x", "-1")
	f.Fuzz(func(t *testing.T, q, kind, cursor string) {
		ask(t, db, search.Query{Text: q, Kind: search.Kind(kind), Cursor: cursor})
	})
}

// queries try to end the string, the expression or the statement they stand in.
var queries = []string{`"`, `'`, `a" OR "b`, `a' | 'b`, `a:*`, `NEAR(a b)`, `a NOT`, `- -`, `"a`, `a*`, `^a`, `{a b}:c`, `col:a`, "a\x00b", "\xff", `a'; DROP TABLE customer; --`, `\'`, `返金 OR 1`, "「", "-返", `a & b`, `!a`, `<->`, `('`, "a\\", strings.Repeat("a ", 150), strings.Repeat("返", 300), strings.Repeat("-a ", 100)}

func ask(t *testing.T, db *sqldb.DB, q search.Query) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		_, err := search.New().Find(t.Context(), tx, q)
		return err
	})
	if err != nil && !fault.Is(err, fault.Invalid) {
		t.Errorf("%+v: %v", q, err)
	}
}

// TestQueriesCannotLeaveTheirPlace asks the same of both databases.
func TestQueriesCannotLeaveTheirPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		customers(t, db, "返金 refund café")
		for _, q := range queries {
			ask(t, db, search.Query{Text: q})
			ask(t, db, search.Query{Text: "refund " + q})
		}
	})
}

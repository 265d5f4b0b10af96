package conversation

import (
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// manySQL fills the tables with years of work: few conversations are open, most
// are resolved.
var manySQL = []string{
	`INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ('b', 'b', 'ja', 'UTC', '{}', '', 0, 1)`,
	`INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
SELECT 'cust_' || i, '', '', '', '', '', 0, 0, 1 FROM n`,
	`INSERT INTO agent (id, email, email_key, name, role, password_hash, active, locale, zone, preferences, created_at, version)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
SELECT 'a' || i, 'a' || i, 'a' || i, '', 'agent', '', true, '', '', '{}', 0, 1 FROM n`,
	`INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_error, created_at, version)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2)
SELECT 'i' || i, 'b', '', 'email', 'i' || i, '{}', '', '', '', false, true, '', 0, 1 FROM n`,
	`INSERT INTO tag (id, name, name_key, color, complaint, created_at) VALUES ('t', 't', 't', 0, false, 0)`,
	`INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, assignee_id, preview, waiting_since, last_at, last_from,
message_count, muted, origin, resolution, created_at, version)
WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 16000)
SELECT 'conv_' || (100000 + i), i, 'b', 'i' || (i % 3), 'cust_' || (1 + i % 2000), '',
CASE WHEN i % 100 = 0 THEN 'open' WHEN i % 100 = 1 THEN 'pending' WHEN i % 100 = 2 THEN 'snoozed' WHEN i % 100 < 10 THEN 'closed' ELSE 'resolved' END,
i % 4, CASE WHEN i % 17 = 0 THEN NULL ELSE 'a' || (i % 20) END, '', CASE WHEN i % 200 = 0 THEN i ELSE NULL END, i * 60000, 'customer',
1, false, 'customer', 0, i * 60000, 1 FROM n`,
	`INSERT INTO conversation_tag (conversation_id, tag_id, last_at) SELECT c.id, 't', c.last_at FROM conversation c WHERE c.ref % 50 = 0`,
}

// TestListsAreServedByIndexes reads the plans of both engines for the lists that
// are asked for all day long: conversations are not read whole, and no crowd is
// sorted.
func TestListsAreServedByIndexes(t *testing.T) {
	high := High
	filters := map[string]Filter{
		"all open":                 {Status: Open},
		"all":                      {},
		"all, oldest":              {Sort: Oldest},
		"open, oldest":             {Status: Open, Sort: Oldest},
		"resolved":                 {Status: Resolved},
		"mine, open":               {View: Mine, Reader: "a1", Status: Open},
		"mine":                     {View: Mine, Reader: "a1"},
		"mine, resolved":           {View: Mine, Reader: "a1", Status: Resolved},
		"unassigned, open":         {View: Unassigned, Status: Open},
		"inbox, open":              {InboxID: "i1", Status: Open},
		"inbox":                    {InboxID: "i1"},
		"inbox, resolved":          {InboxID: "i1", Status: Resolved},
		"tag":                      {TagID: "t"},
		"tag, open":                {TagID: "t", Status: Open},
		"customer":                 {CustomerID: "cust_7"},
		"open, waiting":            {Status: Open, Sort: Waiting},
		"all, waiting":             {Sort: Waiting},
		"mine, open, waiting":      {View: Mine, Reader: "a1", Status: Open, Sort: Waiting},
		"open, priority":           {Status: Open, Sort: ByPriority},
		"resolved, priority":       {Status: Resolved, Sort: ByPriority},
		"all, priority":            {Sort: ByPriority},
		"high, open":               {Status: Open, Priority: &high},
		"high":                     {Priority: &high},
		"someone else's, resolved": {AssigneeID: "a2", Status: Resolved},
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			for _, q := range manySQL {
				if _, err := tx.Exec(t.Context(), q); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), "ANALYZE") // arch:composed
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range filters {
			for i, l := range f.legs() {
				for _, p := range []place{{}, {leg: i, at: 480_000_000, id: "conv_108000"}} {
					query, args := f.walk(db.Dialect(), l, p, 51)
					plan := explain(t, db, query, args)
					if why := bad(db.Dialect(), plan, f); why != "" {
						t.Errorf("%s, stretch %d, from %q: %s\n%s\n%s", name, i, p.id, why, query, plan)
					}
				}
			}
		}
		plan := explain(t, db, countsSQL, nil)
		if !strings.Contains(plan, "conversation_active") {
			t.Errorf("counting reads more than what is active:\n%s", plan)
		}
	})
}

// fewRows is how many rows may be sorted: where PostgreSQL expects no more, it
// is right to fetch and sort them.
const fewRows = 500

var reRows = regexp.MustCompile(`rows=(\d+)`)

// bad tells what is wrong with a plan.
func bad(d sqldb.Dialect, plan string, f Filter) string {
	if f.CustomerID != "" || f.Sort == Waiting { // one person's conversations, or those who wait, are few
		return ""
	}
	before := ""
	for _, line := range strings.Split(plan, "\n") {
		switch {
		case d == sqldb.SQLite && strings.Contains(line, "SCAN") && !strings.Contains(line, "INDEX") && line != "SCAN CONSTANT ROW",
			d == sqldb.Postgres && strings.Contains(line, "Seq Scan on conversation c"):
			return "a whole table is read"
		case strings.Contains(line, "TEMP B-TREE"), strings.Contains(line, "Sort Key") && estimate(before) > fewRows:
			return "something is sorted"
		}
		before = line
	}
	return ""
}

func estimate(line string) int {
	m := reRows.FindStringSubmatch(line)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

func explain(t *testing.T, db *sqldb.DB, query string, args []any) string {
	t.Helper()
	prefix, columns := "EXPLAIN QUERY PLAN ", 4
	if db.Dialect() == sqldb.Postgres {
		prefix, columns = "EXPLAIN ", 1
	}
	var out []string
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(t.Context(), func(r *sql.Rows) error {
			cells := make([]any, columns)
			for i := range cells {
				cells[i] = new(any)
			}
			err := r.Scan(cells...)
			out = append(out, fmt.Sprint(*cells[columns-1].(*any)))
			return err
		}, prefix+query, args...) // arch:composed
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

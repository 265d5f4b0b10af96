package arch

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// TestStatements lets both engines read every SQL text of the program against
// the migrated schema: each table, column and type in it is known to both.
func TestStatements(t *testing.T) {
	found, _ := statements(whole(t))
	if len(found) < 100 {
		t.Fatalf("only %d statements found: the search is broken", len(found))
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		check(t, "sql-"+db.Dialect().String(), prepareProblems(t, db, found))
	})
}

func prepareProblems(t *testing.T, db *sqldb.DB, list []statement) (out []problem) {
	t.Helper()
	ctx := t.Context()
	conn, err := db.Pool().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, s := range list {
		text := s.text
		if db.Dialect() == sqldb.SQLite {
			text = s.lite
		}
		if s.only != "" && s.only != db.Dialect().String() {
			continue
		}
		if err := understood(ctx, conn, db.Dialect(), text); err != nil {
			out = append(out, problem{s.where, fmt.Sprintf("%s does not understand: %v\n\t%s", db.Dialect(), err, strings.Join(strings.Fields(text), " "))})
		}
	}
	return out
}

// understood lets an engine compile a text without running it.
func understood(ctx context.Context, conn *sql.Conn, d sqldb.Dialect, text string) error {
	if d == sqldb.Postgres {
		st, err := conn.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		return st.Close()
	}
	args := make([]any, highest(text))
	rows, err := conn.QueryContext(ctx, "EXPLAIN "+text, args...)
	if err != nil {
		return err
	}
	return rows.Close()
}

// highest returns the highest $N in a text.
func highest(text string) (n int) {
	for _, m := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(text, -1) {
		if i, err := strconv.Atoi(m[1]); err == nil {
			n = max(n, i)
		}
	}
	return n
}

// TestComposed lists where SQL is put together at run time: there, tests of the
// package must run each way it can turn out on both engines.
func TestComposed(t *testing.T) {
	_, composed := statements(whole(t))
	check(t, "composed", composed)
}

// TestPortable forbids, in any SQL text, what the two engines understand differently.
func TestPortable(t *testing.T) {
	found, _ := statements(whole(t))
	check(t, "portable", portableProblems(found))
}

func traps() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"LIKE folds case on one engine only; match a folded _key column": regexp.MustCompile(`(?i)\b(I?LIKE|SIMILAR TO)\b`),
		"lower and upper differ beyond ASCII; fold in Go":                regexp.MustCompile(`(?i)\b(lower|upper)\s*\(`),
		"time comes from tx.Now":                                         regexp.MustCompile(`(?i)\b(now\(\)|CURRENT_TIMESTAMP|CURRENT_DATE|date_trunc|strftime|datetime\()`),
		"arrays exist on one engine only":                                regexp.MustCompile(`(?i)(=\s*ANY\s*\(|\bARRAY\[|unnest\()`),
		"types are cast by one engine only":                              regexp.MustCompile(`::[a-z]`),
		"? is not a parameter on PostgreSQL":                             regexp.MustCompile(`[=(,]\s*\?`),
	}
}

func portableProblems(list []statement) (out []problem) {
	for _, s := range list {
		if s.only != "" {
			continue
		}
		for why, trap := range traps() {
			if m := trap.FindString(s.text); m != "" {
				if strings.EqualFold(strings.TrimSpace(m), "LIKE") && likeOnKeys(s.text) {
					continue
				}
				out = append(out, problem{s.where, m + ": " + why})
			}
		}
	}
	return out
}

// likeOnKeys reports whether every LIKE of a text matches a column of folded text.
func likeOnKeys(text string) bool {
	all := regexp.MustCompile(`(?i)\bLIKE\b`).FindAllString(text, -1)
	keys := regexp.MustCompile(`(?i)(_key|address) LIKE\b`).FindAllString(text, -1)
	return len(all) == len(keys)
}

func TestStatementRulesCatch(t *testing.T) {
	tr := example(t, "x/a.go", `package x

const cols = "id, name"
const part = "SELECT " + cols
const plain = "SELECT id FROM job"
const start = "SELECT id FROM job"

func f(tx T, where string) {
	tx.Exec(ctx, plain)
	tx.Exec(ctx, part+" FROM nowhere")
	tx.Exec(ctx, start+" WHERE id = $1")
	tx.Exec(ctx, "UPDATE job SET nothing = 1")
	tx.Exec(ctx, "SELECT pg_notify('a', 'b')") // arch:postgres-only
	tx.Exec(ctx, "SELECT id FROM job LIMIT 1"+tx.Dialect().SkipLocked())
	tx.Exec(ctx, "SELECT id FROM job"+where)
	q := "not sql"
	q += " AND id = $1"
}

func g(tx T, where string) { tx.Exec(ctx, "SELECT key FROM job WHERE " + where + " ORDER BY id") }
func in(tx T, ids []string) { tx.Exec(ctx, "SELECT id FROM job WHERE id IN (" + marks(ids) + ")") }
func of(tx T, q string) { tx.Exec(ctx, q + marks(ids) + ")") }
func on(tx T) { of(tx, "SELECT name FROM job WHERE id IN (") }
func grow(tx T) {
	q := "SELECT id FROM job WHERE"
	q += " OR x" // arch:composed
}
func h(tx T) { g(tx, "state = $1"); g(tx, "states = $1") }
`)
	found, composed := statements(tr)
	caught(t, composed, "x/a.go:15", "x/a.go:17")
	var where []string
	for _, s := range found {
		where = append(where, s.where)
	}
	want := "x/a.go:5 x/a.go:10 x/a.go:11 x/a.go:12 x/a.go:13 x/a.go:14 x/a.go:20 x/a.go:20 x/a.go:21 x/a.go:22"
	if got := strings.Join(where, " "); got != want {
		t.Errorf("statements found at %s, want %s", got, want)
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		caught(t, prepareProblems(t, db, found), "x/a.go:10", "x/a.go:12", "states", "x/a.go:22")
	})
	caught(t, portableProblems([]statement{
		{where: "1", text: "SELECT 1 FROM a WHERE name LIKE $1"}, {where: "2", text: "SELECT 1 FROM a WHERE name_key LIKE $1"},
		{where: "3", text: "SELECT 1 FROM a WHERE id = ANY($1)"}, {where: "4", text: "SELECT now()"}, {where: "5", text: "SELECT a::text FROM b"},
		{where: "6", text: "SELECT lower(a) FROM b"}, {where: "7", text: "SELECT a FROM b WHERE c = ?"},
	}), "1 LIKE", "3 = ANY", "4 now()", "5 ::t", "6 lower(", "7 = ?")
}

// TestPostgresIsThere says plainly when half of these checks could not run.
func TestPostgresIsThere(t *testing.T) {
	if os.Getenv(dbtest.Env) == "" {
		t.Skip("PostgreSQL was not asked: " + dbtest.Env + " is not set")
	}
}

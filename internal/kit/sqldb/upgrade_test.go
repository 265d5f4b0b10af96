package sqldb_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// Whoever upgrades has lived with an earlier schema: from each of its versions,
// with rows in every table it had, the newest is reached, looks like one made
// afresh, and has kept everything.
func TestEveryEarlierSchemaMigrates(t *testing.T) {
	engines := map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "old.db") },
		"postgres": func(t *testing.T) string { return dbtest.PostgresURL(t) },
	}
	for engine, url := range engines {
		t.Run(engine, func(t *testing.T) {
			fresh := empty(t, url(t))
			migrateAll(t, fresh)
			want := schema(t, fresh)
			versions, err := fresh.Versions()
			if err != nil || len(versions) < 8 {
				t.Fatal(versions, err)
			}
			for _, v := range versions {
				t.Run(fmt.Sprint(v), func(t *testing.T) { upgrade(t, empty(t, url(t)), v, want) })
			}
		})
	}
}

func upgrade(t *testing.T, db *sqldb.DB, version int64, want string) {
	if err := db.MigrateTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	live(t, db, version)
	before := rows(t, db)
	migrateAll(t, db)
	if got := schema(t, db); got != want {
		t.Errorf("the schema differs from one made afresh:\n%s\n\nwant\n%s", got, want)
	}
	after := rows(t, db)
	for table, n := range before {
		if n == 0 || after[table] != n {
			t.Errorf("%s: %d rows before, %d after", table, n, after[table])
		}
	}
	if version >= 2 && version < 19 {
		checkHealth(t, db)
	}
	if version >= 2 && version < 24 {
		checkArrival(t, db)
	}
	if version < 4 {
		return
	}
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		var tagged, round int64
		if err := tx.QueryRow(t.Context(), `SELECT last_at FROM conversation_tag`).Scan(&tagged); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `SELECT round_at FROM recovery_case`).Scan(&round); err != nil {
			return err
		}
		if version < 11 && tagged != 3000 || version < 13 && round != 4000 {
			t.Errorf("tagged %d, round %d: columns that came later are not filled", tagged, round)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkHealth expects what an inbox last said to stand with the direction that said it.
func checkHealth(t *testing.T, db *sqldb.DB) {
	const fetches, takes = `SELECT COUNT(*) FROM inbox WHERE id = 'in_1' AND last_success_at = 2000 AND send_success_at IS NULL AND send_error = ''`,
		`SELECT COUNT(*) FROM inbox WHERE id = 'in_2' AND send_success_at = 2000 AND send_error = '535' AND send_error_at = 2500
AND last_success_at IS NULL AND last_error = '' AND last_error_at IS NULL`
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		for _, query := range []string{fetches, takes} {
			n := 0
			if err := tx.QueryRow(t.Context(), query).Scan(&n); err != nil {
				return err
			}
			if n != 1 {
				t.Errorf("%d rows for %s", n, query)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNumbersBecomeTelephones: a number that stood under the open door's own kind is a
// telephone's, unless somebody has that already; an account stays what it is.
func TestNumbersBecomeTelephones(t *testing.T) {
	for engine, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "old.db"), "postgres": "postgres"} {
		t.Run(engine, func(t *testing.T) {
			if engine == "postgres" {
				url = dbtest.PostgresURL(t)
			}
			db := empty(t, url)
			if err := db.MigrateTo(t.Context(), 55); err != nil {
				t.Fatal(err)
			}
			got := ""
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
				for _, text := range []string{
					`INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version) VALUES ('cu', '', '', '', '', '', 1, 1, 1)`,
					`INSERT INTO point (id, customer_id, kind, address, address_key, created_at, ended_at) VALUES ('p1', 'cu', 'hook', '+819012345678', '+819012345678', 1, 5),
('p2', 'cu', 'hook', '+815011112222', '+815011112222', 1, 5), ('p3', 'cu', 'phone', '+815011112222', '+815011112222', 1, NULL),
('p4', 'cu', 'hook', 'account-7', 'account-7', 1, NULL), ('p5', 'cu', 'hook', '+0123456789', '+0123456789', 1, NULL),
('p6', 'cu', 'hook', '+81901234567x', '+81901234567x', 1, NULL), ('p7', 'cu', 'telegram', '+819012345670', '+819012345670', 1, NULL)`,
				} {
					if _, err := tx.Exec(t.Context(), text); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			migrateAll(t, db)
			err = db.Read(t.Context(), func(tx *sqldb.Tx) error {
				return tx.Each(t.Context(), func(r *sql.Rows) error {
					var id, kind string
					err := r.Scan(&id, &kind)
					got += id + " " + kind + ", "
					return err
				}, `SELECT id, kind FROM point ORDER BY id`)
			})
			if want := "p1 phone, p2 hook, p3 phone, p4 hook, p5 hook, p6 hook, p7 telegram, "; err != nil || got != want {
				t.Errorf("%s, want %s: %v", got, want, err)
			}
		})
	}
}

// checkArrival expects messages in the order of their ids, which told it before,
// also where a transaction that began earlier was the later one.
func checkArrival(t *testing.T, db *sqldb.DB) {
	got := ""
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(t.Context(), func(r *sql.Rows) error {
			var id string
			var arrival int64
			err := r.Scan(&id, &arrival)
			got += fmt.Sprintf("%s %d ", id, arrival)
			return err
		}, `SELECT id, arrival FROM message ORDER BY arrival, id`)
	})
	if want := "ms_1 1000 ms_2 2000 ms_3 2000 "; err != nil || got != want {
		t.Errorf("messages arrived %q, want %q: %v", got, want, err)
	}
}

func empty(t *testing.T, url string) *sqldb.DB {
	db, err := sqldb.Open(t.Context(), url, sqldb.Options{Relaxed: true, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func migrateAll(t *testing.T, db *sqldb.DB) {
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// tables are those that the sample of a life has rows in.
var tables = strings.Fields(`setting counter journal job idempotency brand agent session customer point inbox inbox_address tag conversation
	conversation_tag participant message draft ledger delivery survey_policy invitation response playbook recovery_case`)

// live fills the tables of a version.
func live(t *testing.T, db *sqldb.DB, version int64) {
	files, err := filepath.Glob("testdata/life/*.sql")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for i, file := range files {
		if int64(i+1) > version {
			return
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
			for _, statement := range strings.Split(string(b), ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if _, err := tx.Exec(t.Context(), statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rows counts each table that is there.
func rows(t *testing.T, db *sqldb.DB) map[string]int {
	there := schema(t, db)
	out := map[string]int{}
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		for _, table := range tables {
			if !strings.Contains(there, "\n"+table+" ") {
				continue
			}
			n := 0
			if err := tx.QueryRow(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
				return err
			}
			out[table] = n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// schema lists every column and index as text.
func schema(t *testing.T, db *sqldb.DB) string {
	columns := `SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || COALESCE(c.dflt_value, '') FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1`
	indexes := `SELECT COALESCE(sql, name) FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%' ORDER BY 1`
	if db.Dialect() == sqldb.Postgres {
		columns = `SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1` // arch:postgres-only
		indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`                                                                                                                            // arch:postgres-only
	}
	var b strings.Builder
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		for _, query := range []string{columns, indexes} {
			list, err := tx.Query(t.Context(), query)
			if err != nil {
				return err
			}
			for list.Next() {
				var line string
				if err := list.Scan(&line); err != nil {
					return err
				}
				b.WriteString("\n" + line)
			}
			if err := list.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

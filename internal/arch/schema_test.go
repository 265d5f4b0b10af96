package arch

import (
	"database/sql"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// schema describes a database: tables, columns and indexes, each as one line.
type schema map[string]string

// TestSchemas compares what the migrations make on the two engines.
func TestSchemas(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	pg := postgresSchema(t, dbtest.Postgres(t, c))
	lite := sqliteSchema(t, dbtest.SQLite(t, c))
	if len(lite) < 100 {
		t.Fatalf("only %d parts of the SQLite schema found", len(lite))
	}
	check(t, "schema", schemaProblems(lite, pg))
}

func schemaProblems(lite, pg schema) (out []problem) {
	for name, a := range lite {
		if b, ok := pg[name]; !ok {
			out = append(out, problem{name, "exists on SQLite only"})
		} else if a != b {
			out = append(out, problem{name, fmt.Sprintf("is %q on SQLite and %q on PostgreSQL", a, b)})
		}
	}
	for name := range pg {
		if _, ok := lite[name]; !ok {
			out = append(out, problem{name, "exists on PostgreSQL only"})
		}
	}
	return out
}

// own are tables that each engine keeps in its own way.
func own(table string) bool {
	return strings.HasPrefix(table, "search_") || strings.HasPrefix(table, "goose_") || strings.HasPrefix(table, "sqlite_")
}

func each(t *testing.T, db *sqldb.DB, query string, scan func(*sql.Rows) error, args ...any) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *sqldb.Tx) error { return tx.Each(t.Context(), scan, query, args...) }); err != nil {
		t.Fatal(err)
	}
}

func sqliteSchema(t *testing.T, db *sqldb.DB) schema {
	t.Helper()
	out := schema{}
	var tables []string
	each(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		if !own(name) {
			tables = append(tables, name)
		}
		return err
	})
	for _, table := range tables {
		each(t, db, `SELECT name, type, "notnull", COALESCE(dflt_value, ''), pk FROM pragma_table_info($1)`, func(r *sql.Rows) error {
			var name, typ, def string
			var notNull bool
			var pk int
			err := r.Scan(&name, &typ, &notNull, &def, &pk)
			out[table+"."+name] = column(typ, notNull || pk > 0, def)
			return err
		}, table)
		each(t, db, `SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list($1)`, func(r *sql.Rows) error {
			var to, from, onDelete string
			var col sql.NullString
			err := r.Scan(&to, &from, &col, &onDelete)
			out[table+" key "+from] = "references " + to + " on delete " + strings.ToLower(onDelete)
			return err
		}, table)
		each(t, db, `SELECT l.name, l."unique", l.partial, (SELECT group_concat(name, ',') FROM (SELECT i.name FROM pragma_index_xinfo(l.name) i WHERE i.key = 1 ORDER BY i.seqno)),
			COALESCE(m.sql, '') FROM pragma_index_list($1) l LEFT JOIN sqlite_master m ON m.name = l.name`, func(r *sql.Rows) error {
			var name, text string
			var cols sql.NullString
			var unique, partial bool
			err := r.Scan(&name, &unique, &partial, &cols, &text)
			if strings.HasPrefix(name, "sqlite_autoindex") {
				name = "unique"
			}
			addIndex(out, table, name, index(cols.String, unique, partial, text))
			return err
		}, table)
	}
	return out
}

func postgresSchema(t *testing.T, db *sqldb.DB) schema {
	t.Helper()
	out := schema{}
	each(t, db, `SELECT table_name, column_name, data_type, is_nullable = 'NO', COALESCE(column_default, '') FROM information_schema.columns
		WHERE table_schema = 'public'`, func(r *sql.Rows) error {
		var table, name, typ, def string
		var notNull bool
		err := r.Scan(&table, &name, &typ, &notNull, &def)
		if !own(table) {
			out[table+"."+name] = column(typ, notNull, def)
		}
		return err
	})
	each(t, db, `SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, c.confdeltype FROM pg_constraint c
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace`, func(r *sql.Rows) error {
		var table, from, to, onDelete string
		err := r.Scan(&table, &from, &to, &onDelete)
		if !own(table) {
			words := map[string]string{"a": "no action", "c": "cascade", "n": "set null", "r": "restrict", "d": "set default"}
			out[table+" key "+from] = "references " + to + " on delete " + words[onDelete]
		}
		return err
	})
	each(t, db, `SELECT t.relname, i.relname, x.indisunique, x.indpred IS NOT NULL,
		(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k (num, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num),
		pg_get_indexdef(i.oid), EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u'))
		FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
		JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public'`, func(r *sql.Rows) error {
		var table, name, text string
		var cols sql.NullString
		var unique, partial, constraint bool
		err := r.Scan(&table, &name, &unique, &partial, &cols, &text, &constraint)
		if constraint {
			name = "unique"
		}
		if !own(table) {
			addIndex(out, table, name, index(cols.String, unique, partial, text))
		}
		return err
	})
	return out
}

// addIndex notes an index; those that belong to constraints have no name of
// their own and are told apart by what they hold.
func addIndex(s schema, table, name, text string) {
	if name == "unique" {
		name += " (" + text + ")"
	}
	s[table+" index "+name] = text
}

func column(typ string, notNull bool, def string) string {
	typ = strings.ToLower(typ)
	if !notNull {
		typ += " null"
	}
	def = regexp.MustCompile(`::[a-z ]+`).ReplaceAllString(def, "")
	if def != "" {
		typ += " default " + strings.ToLower(def)
	}
	return typ
}

func index(cols string, unique, partial bool, text string) string {
	out := cols
	if unique {
		out = "unique " + out
	}
	if strings.Contains(strings.ToUpper(text), " DESC") {
		out += " desc"
	}
	if partial {
		_, where, _ := strings.Cut(text, " WHERE ")
		out += " where " + condition(where)
	}
	return out
}

// condition brings the two engines' spellings of a condition to one: the words
// in it, sorted, as PostgreSQL puts brackets and order of its own.
func condition(s string) string {
	s = regexp.MustCompile(`::[a-z]+(\[\])?`).ReplaceAllString(strings.ToLower(s), "")
	s = strings.NewReplacer("= any", "in", "array", "", "<>", " <> ", "!=", " <> ").Replace(s)
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ()[],\n\t", r) })
	sort.Strings(words)
	return strings.Join(words, " ")
}

func TestSchemaRulesCatch(t *testing.T) {
	caught(t, schemaProblems(
		schema{"a.x": "text", "a.y": "text null", "a.only": "text", "a.same": "text"},
		schema{"a.x": "bigint", "a.y": "text", "b.only": "text", "a.same": "text"},
	), "a.x is", "a.y is", "a.only exists on SQLite only", "b.only exists on PostgreSQL only")
	if a, b := condition("state = 'ready' AND key <> ''"), condition("((key <> ''::text) AND (state = 'ready'::text))"); a != b {
		t.Errorf("conditions differ: %q, %q", a, b)
	}
	if a, b := condition("state IN ('a', 'b')"), condition("(state = ANY (ARRAY['a'::text, 'b'::text]))"); a != b {
		t.Errorf("conditions differ: %q, %q", a, b)
	}
}

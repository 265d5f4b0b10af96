package arch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// grows lists the tables that grow as long as a desk is used.
func grows() []string {
	return []string{"message", "message_html", "message_intent", "message_move", "attachment", "conversation", "conversation_tag", "conversation_read", "conversation_link", "conversation_way", "chat_session", "chat_mailed",
		"participant", "mention", "merge_addition", "customer", "point", "ledger", "delivery", "delivery_recipient", "invitation", "response", "response_history",
		"survey_optout", "recovery_case", "case_step", "case_story", "case_source", "case_message", "promise", "remedy", "journal", "search_doc", "search_token", "search_word",
		"notice", "draft", "rollup_day", "rollup_change"}
}

// TestNoTextReadsWhatGrows asks both engines for the plan of every SQL text and
// finds those that read the whole of a table that grows: by scanning it, or by
// walking all of an index without a limit. SQLite plans without statistics here,
// as in production; PostgreSQL is forbidden to scan, so that a scan in its plan
// means that no index would do, however large the table became.
func TestNoTextReadsWhatGrows(t *testing.T) {
	found, _ := statements(whole(t))
	found = slices.DeleteFunc(found, func(s statement) bool { return strings.HasPrefix(s.where, "test/") })
	var mu sync.Mutex
	var problems []problem
	t.Run("ask", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
			populate(t, db)
			some := scanProblems(t, db, found)
			mu.Lock()
			defer mu.Unlock()
			problems = append(problems, some...)
		})
	})
	check(t, "plans", problems)
}

// small lists the indexes of what is few at any time, however much has been:
// what is open, active, loose. Walking them whole is no harm.
func small() []string {
	return []string{"conversation_active", "conversation_waiting", "recovery_case_severity", "recovery_case_unfinished", "recovery_case_due",
		"case_step_active", "promise_open", "remedy_proposed", "attachment_loose", "delivery_inbox"}
}

// populate gives PostgreSQL's planner something to weigh.
func populate(t *testing.T, db *sqldb.DB) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		for _, q := range population() {
			if _, err := tx.Exec(t.Context(), q); err != nil {
				return fmt.Errorf("%w\n%s", err, q)
			}
		}
		if tx.Dialect() == sqldb.SQLite {
			return nil // it plans without statistics in production too
		}
		_, err := tx.Exec(t.Context(), "ANALYZE")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func population() []string {
	const n = `WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 4000) `
	return []string{
		`INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ('b', 'b', 'ja', 'UTC', '{}', '', 0, 1)`,
		`INSERT INTO agent (id, email, email_key, name, role, password_hash, active, locale, zone, preferences, created_at, version)
` + n + `SELECT 'a' || i, 'a' || i, 'a' || i, '', 'agent', '', true, '', '', '{}', 0, 1 FROM n WHERE i <= 20`,
		`INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_error, created_at, version)
` + n + `SELECT 'i' || i, 'b', '', 'email', 'i' || i, '{}', '', '', '', false, true, '', 0, 1 FROM n WHERE i <= 3`,
		`INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version)
` + n + `SELECT 'cust_' || i, '', '', '', '', '', i, i, 1 FROM n`,
		`INSERT INTO point (id, customer_id, kind, address, address_key, created_at) ` + n + `SELECT 'pt_' || i, 'cust_' || i, 'email', 'x' || i, 'x' || i, i FROM n`,
		`INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, assignee_id, preview, waiting_since, last_at, last_from,
message_count, muted, origin, first_customer_at, first_response_at, resolved_at, first_resolved_at, resolution, created_at, version)
` + n + `SELECT 'conv_' || (100000 + i), i, 'b', 'i' || (1 + i % 3), 'cust_' || (1 + i % 3999), '',
CASE WHEN i % 100 = 0 THEN 'open' WHEN i % 100 < 10 THEN 'resolved' ELSE 'closed' END,
i % 4, CASE WHEN i % 17 = 0 THEN NULL ELSE 'a' || (1 + i % 20) END, '', CASE WHEN i % 200 = 0 THEN i ELSE NULL END, i * 60000, 'customer',
1, false, 'customer', i * 60000, i * 60000, i * 60000, i * 60000, 1, i * 60000, 1 FROM n`,
		`INSERT INTO participant (conversation_id, address_key, address, name, customer_id)
` + n + `SELECT 'conv_' || (100000 + i), 'x' || i, 'x' || i, '', 'cust_' || (1 + i % 3999) FROM n`,
		`INSERT INTO message (id, conversation_id, inbox_id, kind, author_kind, author_id, author_name, at, subject, body, quoted, has_html, remote_images, lang,
envelope, external_id, automatic, created_at)
` + n + `SELECT 'msg_' || i, 'conv_' || (100000 + i), 'i1', CASE WHEN i % 2 = 0 THEN 'incoming' ELSE 'outgoing' END, 'customer', '', '', i * 60000, '', '', '', false, 0, '',
'{}', 'm' || i, false, i * 60000 FROM n`,
		`INSERT INTO journal (seq, name, subject, actor_kind, actor_id, at, data) ` + n + `SELECT i, 'x', 'conv_' || i, 'system', '', i, '{}' FROM n`,
		`INSERT INTO search_doc (n, kind, subject) ` + n + `SELECT i, 'message', 'msg_' || i FROM n`,
		`INSERT INTO mention (agent_id, message_id, conversation_id) ` + n + `SELECT 'a' || (1 + i % 20), 'msg_' || i, 'conv_' || (100000 + i) FROM n`,
		`INSERT INTO message_move (event_id, message_id, from_id, into_id) ` + n + `SELECT 'msg_' || (1 + i % 900), 'msg_' || i, 'conv_' || (100000 + i), 'conv_100001' FROM n`,
		`INSERT INTO delivery (id, inbox_id, purpose, content, external_id, state, attempts, error, state_at, created_at)
` + n + `SELECT 'dlv_' || i, 'i1', 'reply', '{}', 'x' || i, CASE WHEN i % 500 = 0 THEN 'queued' ELSE 'sent' END, 1, '', i, i FROM n`,
		`INSERT INTO ledger (id, inbox_id, source, source_key, external_id, fingerprint, received_at, state, reason, sender, subject, size, raw_key, attempts, updated_at)
` + n + `SELECT 'led_' || i, 'i' || (1 + i % 3), 'smtp', 'k' || i, 'x' || i, 'f' || i, i, 'linked', '', '', '', 1, 'r' || i, 1, i FROM n`,
		`INSERT INTO session (id, token_hash, agent_id, created_at, seen_at, expires_at, user_agent, address)
` + n + `SELECT 's' || i, 't' || i, 'a' || (1 + i % 20), i, i, i + 1000000, '', '' FROM n`,
		`INSERT INTO tag (id, name, name_key, color, complaint, created_at) ` + n + `SELECT 't' || i, 't' || i, 't' || i, 0, false, 0 FROM n WHERE i <= 9`,
		`INSERT INTO conversation_tag (conversation_id, tag_id, last_at, status, priority) ` + n + `SELECT 'conv_' || (100000 + i), 't' || (1 + i % 9), i * 60000, 'closed', i % 4 FROM n`,
		`INSERT INTO playbook (id, key, version, content, created_at) VALUES ('p', 'p', 1, '{}', 0)`,
		`INSERT INTO recovery_case (id, ref, brand_id, customer_id, conversation_id, source_kind, source_id, source_label, severity, inputs, state, owner_id,
double_deviation, reopened, cause_category, playbook_id, tries, due_at, opened_at, closed_at, version)
` + n + `SELECT 'case_' || i, i, 'b', 'cust_' || i, 'conv_' || (100000 + i), 'manual', 's' || i, '', 1 + i % 4, '{}', CASE WHEN i % 100 = 0 THEN 'detected' ELSE 'closed' END,
'a' || (1 + i % 20), false, 0, '', 'p', 0, i, i, i, 1 FROM n`,
		`INSERT INTO invitation (id, kind, link, conversation_id, resolution, customer_id, inbox_id, brand_id, locale, state, reason, token_hash, created_at)
` + n + `SELECT 'inv_' || i, 'csat', '', 'conv_' || (100000 + i), 1, 'cust_' || i, 'i1', 'b', '', 'answered', '', 't' || i, i FROM n`,
		`INSERT INTO response (id, invitation_id, kind, link, conversation_id, customer_id, inbox_id, brand_id, metric, score, band, comment, answered_at)
` + n + `SELECT 'res_' || i, 'inv_' || i, 'csat', '', 'conv_' || (100000 + i), 'cust_' || i, 'i1', 'b', 'csat', 1 + i % 5, 'neutral', '', i FROM n`,
		`INSERT INTO promise (id, case_id, text, due_at, state, created_by, created_at) ` + n + `SELECT 'pro_' || i, 'case_' || i, '', i, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'kept' END, 'a', i FROM n`,
		`INSERT INTO remedy (id, case_id, type, amount, currency, text, state, proposed_by, decided_by, reason, created_at)
` + n + `SELECT 'rem_' || i, 'case_' || i, 'refund', 1, 'JPY', '', CASE WHEN i % 100 = 0 THEN 'proposed' ELSE 'delivered' END, 'a', 'a', '', i FROM n`,
		`INSERT INTO case_step (id, case_id, round, position, key, state, escalation, taken_by, done_by, evidence)
` + n + `SELECT 'stp_' || i, 'case_' || i, 1, 1, 'k', CASE WHEN i % 100 = 0 THEN 'active' ELSE 'done' END, 0, 'a' || (1 + i % 20), '', '[]' FROM n`,
	}
}

func scanProblems(t *testing.T, db *sqldb.DB, list []statement) (out []problem) {
	t.Helper()
	for _, p := range plansOf(t, db, list) {
		for _, s := range p.steps {
			if s.whole && slices.Contains(grows(), s.table) && !slices.Contains(small(), s.index) && mentions(p.text, s.table) {
				out = append(out, problem{p.where, fmt.Sprintf("%s reads all of %s: %s", db.Dialect(), s, strings.Join(strings.Fields(p.text), " "))})
				break
			}
		}
	}
	return out
}

// mentions reports whether a text itself names a table: the checks of foreign
// keys, which SQLite shows too, are asked for only when a key is in doubt.
func mentions(text, table string) bool {
	return !strings.HasPrefix(strings.TrimSpace(text), "INSERT") || regexp.MustCompile(`\b`+table+`\b`).MatchString(text)
}

// plan is how an engine would run a text.
type plan struct {
	where, text string
	steps       []step
}

// step is one reading of a table.
type step struct {
	table, index string
	whole        bool // all of it is read
}

func (s step) String() string {
	if s.index == "" {
		return s.table
	}
	return s.table + " by " + s.index
}

func plansOf(t *testing.T, db *sqldb.DB, list []statement) (out []plan) {
	t.Helper()
	conn, err := db.Pool().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	read := litePlan
	if db.Dialect() == sqldb.Postgres {
		read = postgresPlan
		for _, q := range []string{"SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan"} {
			if _, err := conn.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range list {
		if s.only != "" && s.only != db.Dialect().String() {
			continue
		}
		p := plan{where: s.where, text: s.text}
		if db.Dialect() == sqldb.SQLite {
			p.text = s.lite
		}
		if p.steps, err = read(t.Context(), conn, p.text); err != nil {
			t.Errorf("%s: %v\n%s", s.where, err, p.text)
			continue
		}
		out = append(out, p)
	}
	return out
}

// litePlan reads SQLite's plan. A walk down an index in its order ends early
// where there is a limit.
func litePlan(ctx context.Context, conn *sql.Conn, text string) (out []step, err error) {
	rows, err := conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, make([]any, highest(text))...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	limited := regexp.MustCompile(`(?i)\bLIMIT\b`).MatchString(text)
	tables := aliases(text)
	line := regexp.MustCompile(`^(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?`)
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		m := line.FindStringSubmatch(detail)
		if m == nil {
			continue
		}
		s := step{table: m[2], index: m[3], whole: m[1] == "SCAN" && !limited}
		if t, ok := tables[m[2]]; ok {
			s.table = t
		}
		s.whole = s.whole && !strings.Contains(detail, "VIRTUAL TABLE")
		out = append(out, s)
	}
	return out, rows.Err()
}

// aliases maps the short names of tables in a text to tables.
func aliases(text string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?i)(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)\s+(?:AS\s+)?(\w+)`).FindAllStringSubmatch(text, -1) {
		out[m[2]] = m[1]
	}
	return out
}

// postgresPlan reads PostgreSQL's plan for whatever the arguments are.
func postgresPlan(ctx context.Context, conn *sql.Conn, text string) (out []step, err error) {
	if _, err := conn.ExecContext(ctx, "PREPARE plan AS "+text); err != nil {
		return nil, err
	}
	defer func() { _, _ = conn.ExecContext(ctx, "DEALLOCATE plan") }()
	call := "EXPLAIN (FORMAT JSON) EXECUTE plan"
	if n := highest(text); n > 0 {
		call += "(" + strings.TrimSuffix(strings.Repeat("NULL, ", n), ", ") + ")"
	}
	var raw []byte
	if err := conn.QueryRowContext(ctx, call).Scan(&raw); err != nil {
		return nil, err
	}
	var tree []struct{ Plan node }
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	tree[0].Plan.walk(false, &out)
	return out, nil
}

// node is a node of PostgreSQL's plan.
type node struct {
	Type   string `json:"Node Type"`
	Table  string `json:"Relation Name"`
	Index  string `json:"Index Name"`
	Cond   string `json:"Index Cond"`
	Plans  []node
	Parent string `json:"Parent Relationship"`
}

// walk gathers the readings. limited: somebody above takes only the first rows,
// and nothing between must see all of them.
func (n node) walk(limited bool, out *[]step) {
	switch n.Type {
	case "Limit":
		limited = true
	case "Sort", "Aggregate", "HashAggregate", "Hash", "Materialize", "WindowAgg":
		limited = false
	}
	if n.Parent == "SubPlan" { // one of two ways that the engine chooses between as it runs
		return
	}
	if n.Table != "" && n.Type != "ModifyTable" {
		walked := n.Type == "Index Scan" || n.Type == "Index Only Scan"
		s := step{table: n.Table, index: n.Index, whole: n.Cond == "" && !(walked && limited)}
		if n.Type == "Bitmap Heap Scan" {
			s.index, s.whole = n.bitmaps()
		}
		*out = append(*out, s)
	}
	for _, p := range n.Plans {
		p.walk(limited, out)
	}
}

// bitmaps names the indexes that a bitmap is put together from; whole if one of
// them is read without a condition.
func (n node) bitmaps() (names string, whole bool) {
	for _, p := range n.Plans {
		name, all := p.Index, p.Index != "" && p.Cond == "" && !slices.Contains(small(), p.Index)
		if p.Index == "" {
			name, all = p.bitmaps()
		}
		names, whole = strings.TrimPrefix(names+" + "+name, " + "), whole || all
	}
	return names, whole
}

// busiest are the beginnings of the texts that run most when mail comes in, is
// read, found and answered; TestBusiestPlans keeps the plans of each.
func busiest() []string {
	return []string{
		"SELECT s.id, s.agent_id, s.user_agent, s.address, s.created_at",
		"SELECT id, name, role, created_by, created_at, used_at, revoked_at FROM api_key WHERE token_hash",
		"SELECT m.id, m.conversation_id, m.inbox_id, m.kind, m.author_kind, m.author_id, m.author_name, m.at, m.subject, m.body, m.quoted, m.has_html, m.remote_images, m.lang, m.envelope, m.external_id, m.automatic, m.event, m.ledger_id FROM message m WHERE m.conversation_id = $1 AND m.withdrawn_at IS NULL AND (m.at, m.id) <",
		"SELECT c.id, c.ref,",
		"SELECT status, inbox_id, assignee_id, COUNT(*) FROM conversation",
		"SELECT COUNT(DISTINCT c.id) FROM mention",
		"SELECT conversation_id, tag_id FROM conversation_tag",
		"SELECT conversation_id, read_at FROM conversation_read",
		"SELECT id, customer_id, kind, address, bounced_at, created_at, ended_at FROM point WHERE customer_id",
		"SELECT a.id, c.name, (SELECT p.address",
		"SELECT conversation_id, score, band FROM response",
		"SELECT conversation_id, id FROM recovery_case",
		"SELECT DISTINCT m.conversation_id, m.inbox_id FROM message",
		"SELECT d.n, d.kind, d.subject FROM search_token",
		"SELECT n FROM search_doc",
		"SELECT id, kind, key, subject, data, state, run_at, created_at, attempt, last_error FROM job WHERE lane",
		"SELECT run_at FROM job",
		"UPDATE job SET state = 'running'",
		"SELECT seq, name, subject, actor_kind, actor_id, at, data FROM journal WHERE seq",
		"SELECT COALESCE(MAX(seq), 0) FROM journal",
		"UPDATE conversation SET customer_id",
		"UPDATE conversation_tag SET last_at",
		"UPDATE delivery SET state",
		"SELECT day, content FROM rollup_day",
		"SELECT at FROM rollup_change",
	}
}

// TestBusiestPlans compares how the busiest texts are run with what was agreed
// on, in testdata/plans-*.txt. KINTSUGI_PLANS=write agrees on what is found.
func TestBusiestPlans(t *testing.T) {
	found, _ := statements(whole(t))
	found = slices.DeleteFunc(found, func(s statement) bool { return strings.HasPrefix(s.where, "test/") })
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, _ *clock.Manual) {
		populate(t, db)
		plans := plansOf(t, db, found)
		var b strings.Builder
		for _, begin := range busiest() {
			seen := map[string]bool{}
			for _, p := range plans {
				text := strings.Join(strings.Fields(p.text), " ")
				if !strings.HasPrefix(text, begin) {
					continue
				}
				var steps []string
				for _, s := range p.steps {
					steps = append(steps, s.String())
				}
				seen[fmt.Sprintf("%s\n\t%s\n", text, strings.Join(steps, ", then "))] = true
			}
			if len(seen) == 0 && !strings.Contains(begin, "search_token") {
				t.Errorf("no text begins with %q any more", begin)
			}
			for _, line := range slices.Sorted(maps.Keys(seen)) {
				b.WriteString(line)
			}
		}
		file := filepath.Join("testdata", "plans-"+db.Dialect().String()+".txt")
		if os.Getenv("KINTSUGI_PLANS") == "write" {
			if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, []byte(b.String()), 0o644)); err != nil {
				t.Fatal(err)
			}
			return
		}
		agreed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(agreed), "\n"), strings.Split(b.String(), "\n")); diff != "" {
			t.Errorf("plans changed (KINTSUGI_PLANS=write go test ./internal/arch -run BusiestPlans agrees on them):\n%s", diff)
		}
	})
}

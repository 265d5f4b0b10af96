package insight_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/insight"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/web"
)

func (w *world) page(q insight.RowQuery) (p insight.RowPage, err error) {
	err = w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
		p, err = insight.Rows(w.ctx, tx, q)
		return err
	})
	return p, err
}

// rows pages through all rows of a figure.
func (w *world) rows(q insight.RowQuery) (out []insight.Row) {
	w.Helper()
	for {
		p, err := w.page(q)
		if err != nil {
			w.Fatal(err)
		}
		out = append(out, p.Items...)
		if p.Next == "" {
			return out
		}
		q.Cursor = p.Next
	}
}

// Every figure opens exactly the rows it counted, page by page, newest first.
func TestRowsAreWhatWasCounted(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.fill(400)
		for _, q := range []insight.Query{{BrandID: "brn_1", From: "2025-11-01", To: "2026-03-31"}, {From: "2025-11-01", To: "2026-03-31"}} {
			l := w.report(q)
			causes := map[string]int{}
			for _, b := range l.Causes {
				causes[b.Key] = int(b.Weight)
			}
			for _, c := range []struct {
				number insight.Number
				only   string
				want   int
			}{
				{insight.CSAT, "", l.CSAT.N}, {insight.CSAT, "5", l.Distribution[4]}, {insight.CSAT, "1", l.Distribution[0]},
				{insight.FirstResponse, "", l.FirstResponse.Clock.N}, {insight.Resolution, "", l.Resolution.Business.N},
				{insight.FirstResolution, "", l.FirstResolution.Clock.N}, {insight.CasesOpen, "", l.Cases.Open}, {insight.CasesOverdue, "", l.Cases.Overdue},
				{insight.CasesOpened, "", l.Cases.Opened}, {insight.CasesClosed, "", l.Cases.Closed}, {insight.Recovery, "", l.Recovery.N},
				{insight.Conservative, "", l.Conservative.N}, {insight.Conservative, "recovered", int(l.Conservative.Numerator)},
				{insight.TimeToClose, "", l.TimeToClose.N}, {insight.Causes, "", l.CausesN}, {insight.Causes, "process", causes["process"]},
				{insight.Promises, "", l.Promises.Kept + l.Promises.Broken + l.Promises.Open}, {insight.Promises, "broken", l.Promises.Broken},
			} {
				rows := w.rows(insight.RowQuery{Query: q, Number: c.number, Only: c.only, Limit: 7})
				if len(rows) != c.want {
					t.Errorf("%+v %s %q: %d rows, want %d", q, c.number, c.only, len(rows), c.want)
				}
				seen := map[string]bool{}
				for i, r := range rows {
					if seen[r.ID] || i > 0 && rows[i-1].At.Before(r.At) {
						t.Fatalf("%s: row %d %+v", c.number, i, r)
					}
					seen[r.ID] = true
					if r.Kind == "" || r.ConversationID == "" || r.Ref == 0 || r.Customer == "" {
						t.Fatalf("%s: bare row %+v", c.number, r)
					}
				}
			}
			won := 0
			for _, r := range w.rows(insight.RowQuery{Query: q, Number: insight.Recovery}) {
				if r.Score >= 4 {
					won++
				}
			}
			if won != int(l.Recovery.Numerator) {
				t.Errorf("%d answers of 4 and 5, the figure counted %v", won, l.Recovery.Numerator)
			}
			longest := 0.0
			for _, r := range w.rows(insight.RowQuery{Query: q, Number: insight.FirstResponse}) {
				longest = max(longest, r.Business.Seconds())
			}
			if p90 := *l.FirstResponse.Business.P90; p90 > longest || math.IsNaN(p90) {
				t.Errorf("p90 %v is longer than the longest row %v", p90, longest)
			}
		}
	})
}

func TestRowErrors(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, q := range []insight.RowQuery{{Number: "sales"}, {Number: insight.CSAT, Cursor: "!"}, {Number: insight.CSAT, Query: insight.Query{From: "x"}}} {
			if _, err := w.page(q); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", q, err)
			}
		}
		for _, n := range insight.Numbers() {
			if p, err := w.page(insight.RowQuery{Number: n}); err != nil || p.Items == nil || len(p.Items) != 0 {
				t.Errorf("%s of nothing: %+v, %v", n, p, err)
			}
		}
	})
}

func TestCSV(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, clock.NewManual(dbtest.Start)), clock.NewManual(dbtest.Start))
	w.fill(200)
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	q := insight.Query{BrandID: "brn_1", From: "2025-11-01", To: "2026-03-31"}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range phrase.Languages() {
		for _, n := range insight.Numbers() {
			var b bytes.Buffer
			s := insight.Sheet{Zone: tokyo, BOM: lang == phrase.Japanese, Words: func(key string) string { return words.Text(lang, key, nil) }}
			if err := s.WriteCSV(&b, n, func(cursor string) (insight.RowPage, error) {
				return w.page(insight.RowQuery{Query: q, Number: n, Cursor: cursor, Limit: 9})
			}); err != nil {
				t.Fatal(err)
			}
			text, marked := strings.CutPrefix(b.String(), "\uFEFF")
			if marked != s.BOM || !strings.Contains(text, "\r\n") {
				t.Errorf("%s %s: byte order mark %v", lang, n, marked)
			}
			lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if rows := w.rows(insight.RowQuery{Query: q, Number: n}); len(lines) != len(rows)+1 || len(rows) == 0 {
				t.Errorf("%s %s: %d lines for %d rows", lang, n, len(lines)-1, len(rows))
			}
			for i, line := range lines {
				for _, cell := range line {
					if strings.Contains(cell, "report.") || strings.Contains(cell, "playbook.") {
						t.Errorf("%s %s: no words for %s", lang, n, cell)
					}
					if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
						t.Errorf("%s %s line %d: %q is a formula to a spreadsheet", lang, n, i, cell)
					}
				}
			}
		}
	}
	var b bytes.Buffer
	s := insight.Sheet{Zone: tokyo, Words: func(key string) string { return words.Text("ja", key, nil) }}
	if err := s.WriteCSV(&b, insight.CSAT, func(string) (insight.RowPage, error) {
		return insight.RowPage{Items: []insight.Row{{Kind: "response", At: time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC), Ref: 7, Customer: "=SUM(A1)",
			Score: 2, Text: "-1\n\"quoted\", @x", Agent: "花", State: "yes"}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	const want = "回答日時,番号,お客様,評価(1〜5),コメント,担当者,説明の繰り返し\r\n2026-04-01 09:30,7,'=SUM(A1),2,\"'-1\r\n\"\"quoted\"\", @x\",花,あり\r\n"
	if got := b.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A report over many years of rows reads the period's only.
func TestReportsAreServedByIndexes(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, clock.NewManual(dbtest.Start)), clock.NewManual(dbtest.Start))
	for query, index := range map[string]string{
		`SELECT answered_at / 900000, score, COUNT(*) FROM response WHERE brand_id = 'b' AND kind = 'csat' AND answered_at >= 1 AND answered_at < 2 GROUP BY 1, 2`: "COVERING INDEX response_scores",
		`SELECT first_customer_at, first_response_at FROM conversation WHERE brand_id = 'b' AND first_response_at >= 1 AND first_response_at < 2
			AND first_response_at IS NOT NULL AND merged_into IS NULL AND NOT muted AND first_customer_at IS NOT NULL`: "COVERING INDEX conversation_answered",
		`SELECT created_at, resolved_at FROM conversation WHERE brand_id = 'b' AND resolved_at >= 1 AND resolved_at < 2
			AND resolved_at IS NOT NULL AND merged_into IS NULL AND NOT muted`: "COVERING INDEX conversation_resolved",
		`SELECT created_at, first_resolved_at FROM conversation WHERE brand_id = 'b' AND first_resolved_at >= 1 AND first_resolved_at < 2
			AND first_resolved_at IS NOT NULL AND merged_into IS NULL AND NOT muted`: "COVERING INDEX conversation_first_resolved",
		`SELECT COUNT(*) FROM recovery_case WHERE brand_id = 'b' AND opened_at >= 1 AND opened_at < 2`: "recovery_case_brand",
		`SELECT COUNT(*) FROM recovery_case WHERE brand_id = 'b' AND closed_at >= 1 AND closed_at < 2`: "recovery_case_closed",
	} {
		var plan []string
		if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
			return tx.Each(w.ctx, func(r *sql.Rows) error {
				var id, parent, x int
				var step string
				err := r.Scan(&id, &parent, &x, &step)
				plan = append(plan, step)
				return err
			}, `EXPLAIN QUERY PLAN `+query)
		}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, index) || !strings.Contains(text, "SEARCH") {
			t.Errorf("%s\nis done by %s", query, text)
		}
	}
}

func TestTimelineHasEverythingOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.fill(150)
		w.write(func(tx *sqldb.Tx) error {
			for i, th := range w.threads[:60] {
				for j, kind := range []string{"incoming", "outgoing", "note", "event"} {
					w.exec(tx, `INSERT INTO message (id, conversation_id, inbox_id, kind, author_kind, author_id, author_name, at, subject, body, quoted, has_html, remote_images, lang, envelope, external_id, automatic, created_at)
						VALUES ($1, $2, $3, $4, 'agent', 'agt_1', 'Hana', $5, '', $6, '', false, 0, '', '{}', '', false, 0)`,
						fmt.Sprintf("msg_%026d", i*10+j), th.id, "inb_"+th.brand, kind, sqldb.Millis(th.created.Add(time.Duration(j)*time.Hour)), strings.Repeat("長", 600))
				}
			}
			return nil
		})
		want := map[string]int{}
		w.write(func(tx *sqldb.Tx) error {
			for kind, query := range map[string]string{
				"conversation": `SELECT COUNT(*) FROM conversation WHERE customer_id = 'cus_1' AND merged_into IS NULL`,
				"message":      `SELECT COUNT(*) FROM message m JOIN conversation k ON k.id = m.conversation_id WHERE k.customer_id = 'cus_1' AND m.kind IN ('incoming', 'outgoing')`,
				"note":         `SELECT COUNT(*) FROM message m JOIN conversation k ON k.id = m.conversation_id WHERE k.customer_id = 'cus_1' AND m.kind = 'note'`,
				"response":     `SELECT COUNT(*) FROM response WHERE customer_id = 'cus_1'`,
				"case":         `SELECT COUNT(*) FROM recovery_case WHERE customer_id = 'cus_1'`,
			} {
				var n int
				if err := tx.QueryRow(w.ctx, query).Scan(&n); err != nil {
					return err
				}
				want[kind] = n
			}
			w.exec(tx, `INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version, merged_into) VALUES ('cus_old', '', '', '', '', '', 0, 0, 1, 'cus_1')`)
			return nil
		})
		got, seen := map[string]int{}, map[string]bool{}
		var last insight.Moment
		for cursor := ""; ; {
			var p insight.MomentPage
			if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) (err error) {
				p, err = insight.Timeline(w.ctx, tx, "cus_old", cursor, 7)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			for _, m := range p.Items {
				if seen[m.Kind+m.ID] || !last.At.IsZero() && last.At.Before(m.At) || len([]rune(m.Text)) > 500 {
					t.Fatalf("%+v after %+v", m, last)
				}
				seen[m.Kind+m.ID] = true
				got[m.Kind]++
				last = m
			}
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		for kind, n := range want {
			if got[kind] != n || n == 0 {
				t.Errorf("%d of %s, want %d", got[kind], kind, n)
			}
		}
		if err := w.db.Read(w.ctx, func(tx *sqldb.Tx) error {
			_, err := insight.Timeline(w.ctx, tx, "cus_none", "", 7)
			return err
		}); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody's timeline: %v", err)
		}
		if !slices.Contains([]string{"conversation", "message", "note", "response", "case"}, last.Kind) {
			t.Errorf("last is %+v", last)
		}
	})
}

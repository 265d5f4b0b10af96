package insight_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// world is a database full of rows, which are also kept as plain structs so that
// tests can count them again without SQL.
type world struct {
	testing.TB
	ctx     context.Context
	db      *sqldb.DB
	now     time.Time
	random  *rand.Rand
	n       int
	threads []thread
	replies []reply
	cases   []kase
	words   []word
}

type thread struct {
	id, brand                        string
	origin                           string
	muted, merged                    bool
	created, firstCustomer, answered time.Time
	resolved, firstResolved          time.Time
}

type reply struct {
	id, brand, kind, caseID string
	score                   int
	repeated                *bool
	at                      time.Time
}

type kase struct {
	id, brand, state, outcome, cause string
	opened, closed, confirmed, due   time.Time
}

type word struct {
	id, brand, state string
	due              time.Time
}

var brands = []struct {
	id    string
	hours worktime.Hours
}{
	{"brn_1", worktime.Weekdays("Asia/Tokyo", "09:00", "18:00")},
	{"brn_2", worktime.Weekdays("America/New_York", "08:30", "17:15")},
}

func eachWorld(t *testing.T, fn func(w *world)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(newWorld(t, db, c)) })
}

func newWorld(t testing.TB, db *sqldb.DB, c *clock.Manual) *world {
	w := &world{TB: t, ctx: t.Context(), db: db, now: c.Now(), random: rand.New(rand.NewPCG(1, 2))}
	w.write(func(tx *sqldb.Tx) error {
		for _, b := range brands {
			w.exec(tx, `INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ($1, $2, 'ja', $3, $4, '#000000', $5, 1)`,
				b.id, b.id, b.hours.Zone, sqldb.JSON{V: b.hours}, len(b.id))
			w.exec(tx, `INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_error, created_at, version)
				VALUES ($1, $2, 'Support', 'email', $1, '{}', '', '', '', false, true, '', 0, 1)`, "inb_"+b.id, b.id)
		}
		w.exec(tx, `INSERT INTO agent (id, email, email_key, name, role, password_hash, active, locale, zone, preferences, created_at, version)
			VALUES ('agt_1', 'a@x', 'a@x', 'Hana', 'agent', '', true, '', '', '{}', 0, 1)`)
		for i := range 9 {
			w.exec(tx, `INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version) VALUES ($1, $2, '', 'ja', '', '', 0, 0, 1)`,
				fmt.Sprintf("cus_%d", i), []string{"", "葵", "=SUM(A1)"}[i%3])
			w.exec(tx, `INSERT INTO point (id, customer_id, kind, address, address_key, created_at) VALUES ($1, $2, 'email', $3, $3, 0)`,
				fmt.Sprintf("pt_%d", i), fmt.Sprintf("cus_%d", i), fmt.Sprintf("c%d@example.jp", i))
		}
		w.exec(tx, `INSERT INTO playbook (id, key, version, content, created_at) VALUES ('pb_1', 'default', 1, '{}', 0)`)
		return nil
	})
	return w
}

func (w *world) write(fn func(tx *sqldb.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.ctx, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) exec(tx *sqldb.Tx, query string, args ...any) {
	w.Helper()
	if _, err := tx.Exec(w.ctx, query, args...); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
}

func (w *world) id(prefix string) string {
	w.n++
	return fmt.Sprintf("%s_%026d", prefix, w.n)
}

// some is true p times of a hundred.
func (w *world) some(p int) bool { return w.random.IntN(100) < p }

// past is a moment of the last days, to the minute.
func (w *world) past(days int) time.Time {
	return w.now.Add(-time.Duration(w.random.IntN(days*24*60)) * time.Minute).Truncate(time.Minute)
}

func (w *world) later(t time.Time, hours int) time.Time {
	return t.Add(time.Duration(w.random.IntN(hours*60)) * time.Minute)
}

func (w *world) brand() string { return brands[w.random.IntN(len(brands))].id }

// fill adds n conversations with what belongs to them over the last 250 days.
func (w *world) fill(n int) {
	w.Helper()
	w.write(func(tx *sqldb.Tx) error {
		for range n {
			t := w.thread(tx)
			if !t.merged && !t.resolved.IsZero() && w.some(70) {
				w.reply(tx, reply{brand: t.brand, kind: "csat", score: 1 + w.random.IntN(5), at: w.later(t.resolved, 90)}, t.id)
			}
			if w.some(30) {
				w.kase(tx, t)
			}
		}
		return nil
	})
}

func (w *world) thread(tx *sqldb.Tx) thread {
	t := thread{id: w.id("conv"), brand: w.brand(), origin: "customer", created: w.past(250), muted: w.some(5), merged: w.some(5)}
	t.firstCustomer = t.created
	if w.some(10) {
		t.origin, t.firstCustomer = "agent", time.Time{}
		if w.some(70) {
			t.firstCustomer = w.later(t.created, 80)
		}
	}
	if w.some(90) && !t.firstCustomer.IsZero() {
		t.answered = w.later(t.firstCustomer, 100)
	}
	if w.some(80) {
		t.firstResolved = w.later(t.created, 300)
		if w.some(90) {
			t.resolved = w.later(t.firstResolved, 100)
		}
	}
	var into any
	if t.merged && len(w.threads) > 0 {
		into = w.threads[0].id
	}
	t.merged = into != nil
	w.threads = append(w.threads, t)
	w.exec(tx, `INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, preview, last_at, last_from, message_count, muted,
		origin, first_customer_at, first_response_at, resolved_at, resolution, first_resolved_at, merged_into, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, 'open', 1, '', $7, 'customer', 0, $8, $9, $10, $11, $12, 0, $13, $14, $15, 1)`,
		t.id, w.n, t.brand, "inb_"+t.brand, fmt.Sprintf("cus_%d", w.n%9), fmt.Sprintf("+subject %d", w.n), sqldb.Millis(t.created), t.muted, t.origin,
		sqldb.Millis(t.firstCustomer), sqldb.Millis(t.answered), sqldb.Millis(t.resolved), sqldb.Millis(t.firstResolved), into, sqldb.Millis(t.created))
	return t
}

func (w *world) reply(tx *sqldb.Tx, r reply, conversationID string) {
	r.id = w.id("resp")
	if w.some(40) {
		again := w.some(30)
		r.repeated = &again
	}
	w.replies = append(w.replies, r)
	link, inv := "", w.id("inv")
	if r.kind == "follow-up" {
		link = r.caseID + "/1/1"
	}
	w.exec(tx, `INSERT INTO invitation (id, kind, link, conversation_id, resolution, customer_id, inbox_id, brand_id, locale, state, reason, token_hash, created_at)
		VALUES ($1, $2, $3, $4, $5, 'cus_1', $6, $7, 'ja', 'answered', '', $1, 0)`, inv, r.kind, link, conversationID, w.n, "inb_"+r.brand, r.brand)
	band := []string{"dissatisfied", "dissatisfied", "neutral", "satisfied", "satisfied"}[r.score-1]
	w.exec(tx, `INSERT INTO response (id, invitation_id, kind, link, conversation_id, customer_id, inbox_id, brand_id, agent_id, metric, score, band, comment, answered_at, repeated)
		VALUES ($1, $2, $3, $4, $5, 'cus_1', $6, $7, 'agt_1', 'csat', $8, $9, $10, $11, $12)`,
		r.id, inv, r.kind, link, conversationID, "inb_"+r.brand, r.brand, r.score, band, "-comment \"of\", "+r.id, sqldb.Millis(r.at), r.repeated)
}

func (w *world) kase(tx *sqldb.Tx, t thread) {
	k := kase{id: w.id("case"), brand: t.brand, state: "acknowledged", opened: w.later(t.created, 50)}
	if w.some(70) {
		k.cause = []string{"process", "people", "product", "other", "delivery"}[min(w.random.IntN(8), 4)]
	}
	asked := w.later(k.opened, 300)
	switch w.random.IntN(5) {
	case 0, 1:
		k.state, k.outcome, k.closed, k.confirmed = "closed", "recovered", asked, asked
	case 2:
		k.state, k.outcome, k.closed = "closed", "unreachable", asked
	case 3:
		k.state = "reopened"
		k.due = w.later(asked, 3000)
	default:
		k.due = w.later(k.opened, 9000)
	}
	w.cases = append(w.cases, k)
	var outcome any
	if k.outcome != "" {
		outcome = k.outcome
	}
	w.exec(tx, `INSERT INTO recovery_case (id, ref, brand_id, customer_id, conversation_id, source_kind, source_id, source_label, severity, inputs, state, outcome,
		owner_id, double_deviation, reopened, cause_category, playbook_id, tries, due_at, opened_at, round_at, closed_at, confirmed_at, version)
		VALUES ($1, $2, $3, 'cus_1', $4, 'manual', $1, '@label', 3, '{}', $5, $6, 'agt_1', false, 0, $7, 'pb_1', 0, $8, $9, $9, $10, $11, 1)`,
		k.id, w.n, k.brand, t.id, k.state, outcome, k.cause, sqldb.Millis(k.due), sqldb.Millis(k.opened), sqldb.Millis(k.closed), sqldb.Millis(k.confirmed))
	switch k.state {
	case "reopened": // asked twice, disappointed at last
		w.reply(tx, reply{brand: k.brand, kind: "follow-up", caseID: k.id, score: 4 + w.random.IntN(2), at: asked}, t.id)
		w.reply(tx, reply{brand: k.brand, kind: "follow-up", caseID: k.id, score: 1 + w.random.IntN(2), at: w.later(asked.Add(time.Minute), 60)}, t.id)
	case "closed":
		if k.outcome == "recovered" {
			w.reply(tx, reply{brand: k.brand, kind: "follow-up", caseID: k.id, score: 4 + w.random.IntN(2), at: asked}, t.id)
		}
	}
	for range w.random.IntN(3) {
		p := word{id: w.id("prom"), brand: k.brand, state: []string{"kept", "kept", "broken", "open"}[w.random.IntN(4)], due: w.later(k.opened, 200)}
		w.words = append(w.words, p)
		w.exec(tx, `INSERT INTO promise (id, case_id, text, due_at, state, created_by, created_at) VALUES ($1, $2, '@promise', $3, $4, 'agent:agt_1', 0)`,
			p.id, k.id, sqldb.Millis(p.due), p.state)
	}
}

package conversation

import (
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Every list is a walk down one index, which the filter decides and not the
// planner: one narrowing leads (it is written as an index has it), the others
// are veiled (written so that no index has them) and only looked at on the way.
// Whichever leads, what is passed over is bounded: by what waits, by what one
// agent is mentioned in, by one customer's history, or by one agent's share.
// Only two rare narrowings at once (an agent in an inbox where they hardly work)
// pass over many.

// leg is a stretch of an order that one index serves.
type leg struct {
	waiting  bool      // those who wait, the longest first
	calm     bool      // those who do not wait
	priority *Priority // of one priority
	up       bool      // the oldest first
}

// legs returns the stretches of an order. Orders that no single index has
// (those who wait, then the others) are walked one stretch after the other.
func (f Filter) legs() []leg {
	newest := leg{priority: f.Priority}
	switch f.Sort {
	case Oldest:
		return []leg{{priority: f.Priority, up: true}}
	case Waiting:
		if f.Status != "" && !f.Status.Active() {
			return []leg{newest} // nobody waits for what is settled
		}
		return []leg{{waiting: true, priority: f.Priority, up: true}, {calm: true, priority: f.Priority}}
	case ByPriority:
		if f.Priority != nil {
			return []leg{newest}
		}
		var out []leg
		for p := Urgent; p >= Low; p-- {
			out = append(out, leg{priority: &p})
		}
		return out
	}
	return []leg{newest}
}

// key is the time by which a leg sorts.
func (l leg) key(c Conversation) time.Time {
	if l.waiting {
		return c.WaitingSince
	}
	return c.LastAt
}

// walk is the query of one leg being written.
type walk struct {
	from   string
	at, id string // what it is sorted by
	table  string // whose status and priority the leading index has; "" if it has none
	split  bool   // the leading index has the priority only behind the status
	where  []string
	args   []any

	dialect sqldb.Dialect
}

func (w *walk) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

func (w *walk) that(condition string) { w.where = append(w.where, condition) }

// veiled narrows without leading.
func (w *walk) veiled(column, value string) {
	if value != "" {
		w.that(w.dialect.Veiled(column) + " = " + w.arg(value))
	}
}

// walk writes the query of one leg, after a row of it if p.id names one.
func (f Filter) walk(d sqldb.Dialect, l leg, p place, limit int) (string, []any) {
	w := &walk{dialect: d, from: "conversation c", at: "c.last_at", id: "c.id", table: "c."}
	w.that("c.merged_into IS NULL")
	switch {
	case f.CustomerID != "":
		w.that("c.customer_id = " + w.arg(f.CustomerID))
		w.table = ""
		w.waits(l)
	case f.View == Mentions && !l.waiting:
		w.from = "(SELECT DISTINCT conversation_id FROM mention WHERE agent_id = " + w.arg(f.Reader) + ") n JOIN conversation c ON c.id = n.conversation_id"
		w.at, w.table, f.View = "COALESCE(c.last_at, 0)", "", All
	case l.waiting:
		w.table = ""
		w.waits(l)
		if f.Status != "" {
			w.that("c.status = " + w.arg(string(f.Status)))
			f.Status = ""
		}
	default:
		f.lead(w)
	}
	statuses := f.narrow(w, l)
	f.follow(w)
	return w.text(l, p, limit, statuses), w.args
}

// waits keeps those who wait, where the leg wants them.
func (w *walk) waits(l leg) {
	if l.waiting {
		w.that("c.waiting_since IS NOT NULL")
		w.at = "c.waiting_since"
	}
}

// lead chooses the narrowing whose index is walked, and takes it out of the filter.
func (f *Filter) lead(w *walk) {
	w.split = true
	switch {
	case f.TagID != "":
		w.from = "conversation_tag g JOIN conversation c ON c.id = g.conversation_id"
		w.at, w.id, w.table = "g.last_at", "g.conversation_id", "g."
		w.that("g.tag_id = " + w.arg(f.TagID))
		f.TagID = ""
	case f.View == Mine:
		w.that("c.assignee_id = " + w.arg(f.Reader))
		f.View = All
	case f.View == Unassigned:
		w.that("c.assignee_id IS NULL")
		f.View = All
	case f.AssigneeID != "":
		w.that("c.assignee_id = " + w.arg(f.AssigneeID))
		f.AssigneeID = ""
	case f.InboxID != "":
		w.that("c.inbox_id = " + w.arg(f.InboxID))
		f.InboxID = ""
	default: // of all there is an index by priority alone
		w.split = false
	}
}

// narrow adds status and priority, and returns the statuses that are walked
// side by side because the index by priority begins with the status.
func (f Filter) narrow(w *walk, l leg) []Status {
	if l.calm {
		w.that("c.waiting_since IS NULL")
	}
	if l.priority != nil {
		column := w.table + "priority"
		if w.table == "" {
			column = "c.priority + 0"
		}
		w.that(fmt.Sprintf("%s = %d", column, int(*l.priority)))
	}
	switch {
	case w.table == "":
		w.veiled("c.status", string(f.Status))
	case f.Status != "":
		w.that(w.table + "status = " + w.arg(string(f.Status)))
	case l.priority != nil && w.split:
		return Statuses()
	}
	return nil
}

// follow adds the narrowings that do not lead.
func (f Filter) follow(w *walk) {
	w.veiled("c.inbox_id", f.InboxID)
	w.veiled("c.assignee_id", f.AssigneeID)
	if f.TagID != "" {
		w.that("EXISTS (SELECT 1 FROM conversation_tag g WHERE g.conversation_id = c.id AND g.tag_id = " + w.arg(f.TagID) + ")")
	}
	switch f.View {
	case Mine:
		w.veiled("c.assignee_id", f.Reader)
	case Unassigned:
		w.that(w.dialect.Veiled("COALESCE(c.assignee_id, '')") + " = ''")
	case Mentions:
		w.that("EXISTS (SELECT 1 FROM mention m WHERE m.conversation_id = c.id AND m.agent_id = " + w.arg(f.Reader) + ")")
	}
}

// text puts the query together.
func (w *walk) text(l leg, p place, limit int, statuses []Status) string {
	order, compare := " DESC", "<"
	if l.up {
		order, compare = " ASC", ">"
	}
	if p.id != "" {
		w.that(fmt.Sprintf("(%s, %s) %s (%s, %s)", w.at, w.id, compare, w.arg(p.at), w.arg(p.id)))
	}
	tail := fmt.Sprintf(" ORDER BY %s%s, %s%s LIMIT %d", w.at, order, w.id, order, limit)
	where := " WHERE " + strings.Join(w.where, " AND ")
	if statuses == nil {
		return "SELECT " + columns + " FROM " + w.from + where + tail // arch:composed
	}
	var parts []string
	for i, s := range statuses {
		parts = append(parts, fmt.Sprintf("SELECT * FROM (SELECT %s AS id, %s AS at FROM %s%s AND %sstatus = '%s'%s) s%d", w.id, w.at, w.from, where, w.table, s, tail, i)) // arch:composed
	}
	return "SELECT " + columns + " FROM (" + strings.Join(parts, " UNION ALL ") + ") k JOIN conversation c ON c.id = k.id ORDER BY k.at" + order + ", k.id" + order + // arch:composed
		fmt.Sprint(" LIMIT ", limit)
}

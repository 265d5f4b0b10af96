package insight

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Number names a figure of the Loop whose rows can be opened.
type Number string

// The figures.
const (
	CSAT            Number = "csat"             // answers; Only: a score
	Repeated        Number = "repeated"         // answers; Only: "1" told again, "0" not
	FirstResponse   Number = "first-response"   // conversations
	Resolution      Number = "resolution"       // conversations
	FirstResolution Number = "first-resolution" // conversations
	CasesOpen       Number = "cases-open"       // now, whatever the period
	CasesOverdue    Number = "cases-overdue"    // now, whatever the period
	CasesOpened     Number = "cases-opened"
	CasesClosed     Number = "cases-closed"  // Only: an outcome
	Recovery        Number = "recovery"      // the last follow-up answer of each case; Only: a score
	Conservative    Number = "conservative"  // as CasesClosed
	TimeToClose     Number = "time-to-close" // as CasesOpened
	Causes          Number = "causes"        // cases whose cause is known; Only: a category
	Promises        Number = "promises"      // Only: a state
)

// Numbers lists all figures.
func Numbers() []Number {
	return []Number{CSAT, Repeated, FirstResponse, Resolution, FirstResolution, CasesOpen, CasesOverdue, CasesOpened, CasesClosed, Recovery,
		Conservative, TimeToClose, Causes, Promises}
}

// Row is one thing that a figure counted. Which fields are filled depends on
// Kind: "response", "conversation", "case" or "promise".
type Row struct {
	Kind           string
	ID             string
	At             time.Time // of the answer, the response, the opening…: what the period is about
	Ref            int64     // of the conversation, or of the case
	ConversationID string
	CaseID         string
	Customer       string
	Agent          string // who answered, who owns it
	Text           string // comment, subject, label, promise
	Score          int
	Clock          time.Duration // conversations
	Business       time.Duration
	Severity       int
	State          string // of the case or promise; of an answer: whether it was told again, "yes", "no" or ""
	Outcome        string
	Cause          string
	EndedAt        time.Time // when the case was closed, when the promise was kept
	ConfirmedAt    time.Time // when the customer's answer closed the case
}

// RowQuery chooses the rows of a figure.
type RowQuery struct {
	Query
	Number Number
	Only   string // narrows to one part of the figure, see the constants; "": all
	Cursor string
	Limit  int
}

// RowPage is a part of a figure's rows, newest first.
type RowPage struct {
	Items []Row
	Next  string // cursor, "" at the end
}

const maxRows = 1000 // of one page

// family is a sort of rows: how they are read.
type family struct {
	kind, columns, from string
	at, id              string // what they are ordered by, newest first
	brand               string
	scan                func(*sql.Rows, *Row) error
}

const person = `COALESCE(NULLIF(cu.name, ''), (SELECT pt.address FROM point pt WHERE pt.customer_id = cu.id ORDER BY pt.id LIMIT 1), '')`

func answers() family {
	return family{kind: "response", at: "r.answered_at", id: "r.id", brand: "r.brand_id",
		columns: `k.ref, k.id, CASE WHEN r.kind = 'follow-up' THEN substr(r.link, 1, 31) ELSE '' END, ` + person + `, COALESCE(a.name, ''), r.score, r.comment, CASE WHEN r.repeated THEN 'yes' WHEN NOT r.repeated THEN 'no' ELSE '' END`,
		from: `response r JOIN conversation k ON k.id = r.conversation_id JOIN customer cu ON cu.id = r.customer_id
	LEFT JOIN agent a ON a.id = r.agent_id`,
		scan: func(r *sql.Rows, w *Row) error {
			return r.Scan(&w.ID, sqldb.At(&w.At), &w.Ref, &w.ConversationID, &w.CaseID, &w.Customer, &w.Agent, &w.Score, &w.Text, &w.State)
		}}
}

// threads are conversations whose waiting ended at a column's time; began is
// where it started. Row.EndedAt carries the start until Business is reckoned.
func threads(at, began string) family {
	return family{kind: "conversation", at: "k." + at, id: "k.id", brand: "k.brand_id",
		columns: `k.ref, k.id, ` + person + `, COALESCE(a.name, ''), k.subject, ` + began + `, k.brand_id`,
		from:    `conversation k JOIN customer cu ON cu.id = k.customer_id LEFT JOIN agent a ON a.id = k.assignee_id`,
		scan: func(r *sql.Rows, w *Row) error {
			return r.Scan(&w.ID, sqldb.At(&w.At), &w.Ref, &w.ConversationID, &w.Customer, &w.Agent, &w.Text, sqldb.At(&w.EndedAt), &w.State)
		}}
}

func caseRows(at string) family {
	return family{kind: "case", at: "c." + at, id: "c.id", brand: "c.brand_id",
		columns: `c.ref, c.conversation_id, c.id, ` + person + `, COALESCE(a.name, ''), c.source_label, c.severity, c.state, c.outcome,
	c.cause_category, COALESCE(c.score_after, 0), c.closed_at, c.confirmed_at`,
		from: `recovery_case c JOIN customer cu ON cu.id = c.customer_id LEFT JOIN agent a ON a.id = c.owner_id`,
		scan: func(r *sql.Rows, w *Row) error {
			return r.Scan(&w.ID, sqldb.At(&w.At), &w.Ref, &w.ConversationID, &w.CaseID, &w.Customer, &w.Agent, &w.Text, &w.Severity, &w.State,
				sqldb.Str(&w.Outcome), &w.Cause, &w.Score, sqldb.At(&w.EndedAt), sqldb.At(&w.ConfirmedAt))
		}}
}

func promised() family {
	return family{kind: "promise", at: "p.due_at", id: "p.id", brand: "c.brand_id",
		columns: `c.ref, c.conversation_id, c.id, ` + person + `, COALESCE(a.name, ''), p.text, p.state, p.kept_at`,
		from: `promise p JOIN recovery_case c ON c.id = p.case_id JOIN customer cu ON cu.id = c.customer_id
	LEFT JOIN agent a ON a.id = c.owner_id`,
		scan: func(r *sql.Rows, w *Row) error {
			return r.Scan(&w.ID, sqldb.At(&w.At), &w.Ref, &w.ConversationID, &w.CaseID, &w.Customer, &w.Agent, &w.Text, &w.State, sqldb.At(&w.EndedAt))
		}}
}

// figure is how a number's rows are chosen; it must say the same as its count.
type figure struct {
	family
	where string // beside the brand and the period
	only  string // the expression that RowQuery.Only is compared with
	now   bool   // as things stand, without the period
}

const (
	living = `k.merged_into IS NULL AND NOT k.muted`
	since  = `CASE WHEN k.origin = 'customer' THEN COALESCE(k.first_customer_at, k.created_at) ELSE k.created_at END`
	// lastOfCase keeps a case's latest follow-up answer of the period.
	lastOfCase = `r.kind = 'follow-up' AND NOT EXISTS (SELECT 1 FROM response x WHERE x.customer_id = r.customer_id
	AND x.kind = 'follow-up' AND x.answered_at >= $start AND x.answered_at < $end AND substr(x.link, 1, 31) = substr(r.link, 1, 31)
	AND (x.answered_at, x.id) > (r.answered_at, r.id))`
)

func figureOf(n Number) (figure, bool) {
	f, ok := map[Number]figure{
		CSAT:            {family: answers(), where: `r.kind = 'csat'`, only: `CAST(r.score AS TEXT)`},
		Repeated:        {family: answers(), where: `r.repeated IS NOT NULL`, only: `CASE WHEN r.repeated THEN '1' ELSE '0' END`},
		Recovery:        {family: answers(), where: lastOfCase, only: `CAST(r.score AS TEXT)`},
		FirstResponse:   {family: threads("first_response_at", "k.first_customer_at"), where: living + ` AND k.first_response_at IS NOT NULL AND k.first_customer_at IS NOT NULL`},
		Resolution:      {family: threads("resolved_at", since), where: living + ` AND k.resolved_at IS NOT NULL`},
		FirstResolution: {family: threads("first_resolved_at", since), where: living + ` AND k.first_resolved_at IS NOT NULL`},
		CasesOpen:       {family: caseRows("opened_at"), where: `c.state <> 'closed'`, now: true},
		CasesOverdue:    {family: caseRows("opened_at"), where: `c.state <> 'closed' AND c.due_at < $now`, now: true},
		CasesOpened:     {family: caseRows("opened_at"), where: `1 = 1`},
		TimeToClose:     {family: caseRows("opened_at"), where: `1 = 1`},
		CasesClosed:     {family: caseRows("closed_at"), where: `c.closed_at IS NOT NULL`, only: `c.outcome`},
		Conservative:    {family: caseRows("closed_at"), where: `c.closed_at IS NOT NULL`, only: `c.outcome`},
		Causes:          {family: caseRows("opened_at"), where: `c.cause_category <> ''`, only: `c.cause_category`},
		Promises:        {family: promised(), where: `1 = 1`, only: `p.state`},
	}[n]
	return f, ok
}

// statement puts a query together; arguments are named in the fragments.
type statement struct {
	text string
	args []any
}

func (s *statement) arg(v any) string {
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

// Rows returns the rows that a figure counted, newest first. Errors:
// fault.Invalid for an unknown figure, period or cursor.
func Rows(ctx context.Context, tx *sqldb.Tx, q RowQuery) (RowPage, error) {
	f, ok := figureOf(q.Number)
	if !ok {
		return RowPage{}, fault.New(fault.Invalid, "error.report.number")
	}
	p, err := Resolve(ctx, tx, q.Query)
	if err != nil || len(p.brands) == 0 {
		return RowPage{Items: []Row{}}, err
	}
	if q.Limit <= 0 || q.Limit > maxRows {
		q.Limit = maxRows
	}
	items := []Row{}
	for _, b := range p.brands { // one after another, so that each is read in its index's order
		s, err := f.statement(b, q, tx.Now)
		if err != nil {
			return RowPage{}, err
		}
		some, err := sqldb.List(ctx, tx, func(r *sql.Rows) (Row, error) {
			w := Row{Kind: f.kind}
			err := f.scan(r, &w)
			return w, err
		}, s.text, s.args...)
		if err != nil {
			return RowPage{}, err
		}
		items = append(items, some...)
	}
	slices.SortFunc(items, func(a, b Row) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	page := RowPage{Items: items}
	if len(items) > q.Limit {
		page.Items = items[:q.Limit]
		last := page.Items[q.Limit-1]
		page.Next = rowMark{last.At.UnixMilli(), last.ID}.String()
	}
	if f.kind == "conversation" {
		p.reckon(page.Items)
	}
	return page, nil
}

// reckon fills the durations of conversations.
func (p Period) reckon(rows []Row) {
	for i := range rows {
		w := &rows[i]
		began, brandID := w.EndedAt, w.State
		w.EndedAt, w.State = time.Time{}, ""
		if began.After(w.At) {
			began = w.At
		}
		w.Clock = w.At.Sub(began)
		for _, b := range p.brands {
			if b.id == brandID {
				w.Business = b.calendar.Between(began, w.At)
			}
		}
	}
}

func (f figure) statement(b brand, q RowQuery, now time.Time) (statement, error) {
	var s statement
	where := f.brand + ` = ` + s.arg(b.id) + ` AND ` + s.fill(f.where, b, now)
	if !f.now {
		where += ` AND ` + f.at + ` >= ` + s.arg(b.start.UnixMilli()) + ` AND ` + f.at + ` < ` + s.arg(b.end.UnixMilli()) // arch:composed
	}
	if q.Only != "" && f.only != "" {
		where += ` AND ` + f.only + ` = ` + s.arg(q.Only) // arch:composed
	}
	if q.Cursor != "" {
		m, err := parseRowMark(q.Cursor)
		if err != nil {
			return s, err
		}
		where += ` AND (` + f.at + `, ` + f.id + `) < (` + s.arg(m.At) + `, ` + s.arg(m.ID) + `)` // arch:composed
	}
	s.text = `SELECT ` + f.id + `, ` + f.at + `, ` + f.columns + ` FROM ` + f.from + ` WHERE ` + where + // arch:composed
		` ORDER BY ` + f.at + ` DESC, ` + f.id + ` DESC LIMIT ` + strconv.Itoa(q.Limit+1)
	return s, nil
}

// fill puts arguments in place of the names in a fragment.
func (s *statement) fill(fragment string, b brand, now time.Time) string {
	for _, named := range []struct {
		name string
		at   time.Time
	}{{"$start", b.start}, {"$end", b.end}, {"$now", now}} {
		if strings.Contains(fragment, named.name) {
			fragment = strings.ReplaceAll(fragment, named.name, s.arg(named.at.UnixMilli()))
		}
	}
	return fragment
}

// rowMark is where a page ends.
type rowMark struct {
	At int64  `json:"a"`
	ID string `json:"i"`
}

func (m rowMark) String() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // two plain fields always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseRowMark(s string) (m rowMark, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, fault.Wrap(err, fault.Invalid, "error.cursor")
}

// latest is before everything newest-first.
func latest() rowMark { return rowMark{At: math.MaxInt64, ID: ""} }

package recovery

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// AnyOpen as a filter's state means every state but closed.
const AnyOpen State = "open"

// Learning as a filter's state means the closed cases whose lesson is still to
// be written: they have left the board with that one step on.
const Learning State = "learning"

// Filter chooses cases; zero fields choose all.
type Filter struct {
	State          State // or AnyOpen, Learning
	Severity       int
	OwnerID        string
	Nobody         bool // without an owner
	Overdue        bool
	BrandID        string
	CustomerID     string
	ConversationID string
	Cursor         string
	Limit          int
}

// Page is a part of a list of cases.
type Page struct {
	Items []Case
	Next  string // cursor, "" at the end
}

// urgent reports whether the filter is of cases to be worked on: these stand
// with the most severe and oldest first; all others with the newest first.
func (f Filter) urgent() bool {
	return f.Overdue || f.State != "" && f.State != Closed && f.State != Learning
}

// place is where a page ends.
type mark struct {
	Severity int    `json:"s"`
	At       int64  `json:"a"`
	ID       string `json:"i"`
}

func (m mark) String() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // three plain fields always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseMark(s string) (m mark, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, fault.Wrap(err, fault.Invalid, "error.cursor")
}

const maxPage = 200

// List returns a page of cases. Cases to be worked on come by severity and then
// by age, others newest first.
func List(ctx context.Context, tx *sqldb.Tx, f Filter) (Page, error) {
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	q := where{now: tx.Now.UnixMilli()}
	q.filter(f)
	if f.Cursor != "" {
		m, err := parseMark(f.Cursor)
		if err != nil {
			return Page{}, err
		}
		if f.urgent() {
			q.add(`(c.severity, c.opened_at, c.id) > (`, `)`, m.Severity, m.At, m.ID)
		} else {
			q.add(`(c.opened_at, c.id) < (`, `)`, m.At, m.ID)
		}
	}
	order := ` ORDER BY c.opened_at DESC, c.id DESC`
	if f.urgent() {
		order = ` ORDER BY c.severity, c.opened_at, c.id`
	}
	items, err := sqldb.List(ctx, tx, func(r *sql.Rows) (Case, error) { return scanCase(r) },
		`SELECT `+caseColumns+caseFrom+q.String()+order+` LIMIT `+itoa(f.Limit+1), q.args...) // arch:composed
	if err != nil {
		return Page{}, err
	}
	p := Page{Items: items}
	if len(items) > f.Limit {
		p.Items = items[:f.Limit]
		last := p.Items[f.Limit-1]
		p.Next = mark{last.Severity, last.OpenedAt.UnixMilli(), string(last.ID)}.String()
	}
	return p, nil
}

// where gathers conditions and their arguments.
type where struct {
	now   int64
	parts []string
	args  []any
}

// add adds a condition: before, placeholders for the arguments, after.
func (w *where) add(before, after string, args ...any) {
	w.parts = append(w.parts, before+sqldb.Marks(len(w.args)+1, len(args))+after)
	w.args = append(w.args, args...)
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.parts, " AND ")
}

func (w *where) filter(f Filter) {
	switch f.State {
	case "":
	case AnyOpen:
		w.add(`c.state <> 'closed'`, ``)
	case Closed:
		w.add(`c.state = 'closed'`, ``)
	case Learning:
		w.add(`c.state = 'closed' AND EXISTS (SELECT 1 FROM case_step s WHERE s.case_id = c.id AND s.state = 'active')`, ``)
	default:
		w.add(`c.state <> 'closed'`, ``) // says again what follows, for the partial index
		w.add(`c.state = `, ``, string(f.State))
	}
	if f.Severity != 0 {
		w.add(`c.severity = `, ``, f.Severity)
	}
	if f.OwnerID != "" {
		w.add(`c.owner_id = `, ``, f.OwnerID)
	}
	if f.Nobody {
		w.add(`c.owner_id IS NULL`, ``)
	}
	if f.Overdue {
		w.add(`c.state <> 'closed' AND c.due_at < `, ``, w.now)
	}
	if f.BrandID != "" {
		w.add(`c.brand_id = `, ``, f.BrandID)
	}
	if f.CustomerID != "" {
		w.add(`c.customer_id = `, ``, f.CustomerID)
	}
	if f.ConversationID != "" {
		w.add(`c.conversation_id = `, ``, f.ConversationID)
	}
}

// Column is one column of the board: how many cases a state has, and the first
// of them.
type Column struct {
	State State
	Total int
	Items []Case
}

// boardDepth is how many cases of a column the board shows.
const boardDepth = 50

const boardSQL = `SELECT ` + caseColumns + `, c.total FROM (
	SELECT r.*, COUNT(*) OVER (PARTITION BY r.state) AS total,
		ROW_NUMBER() OVER (PARTITION BY r.state ORDER BY r.severity, r.opened_at, r.id) AS place
	FROM recovery_case r WHERE r.state <> 'closed'`

// Board returns the open cases by state, in the order of a round, all states
// included, in one query.
func Board(ctx context.Context, tx *sqldb.Tx, f Filter) ([]Column, error) {
	query, args := boardSQL, []any{}
	for _, c := range []struct{ column, value string }{{"brand_id", f.BrandID}, {"owner_id", f.OwnerID}} {
		if c.value != "" {
			args = append(args, c.value)
			query += ` AND r.` + c.column + ` = $` + itoa(len(args)) // arch:composed
		}
	}
	query += `) c JOIN playbook p ON p.id = c.playbook_id WHERE c.place <= ` + itoa(boardDepth) + ` ORDER BY c.severity, c.opened_at, c.id`
	var out []Column
	at := map[State]int{}
	for i, s := range States()[:len(States())-1] {
		out, at[s] = append(out, Column{State: s, Items: []Case{}}), i
	}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var total int
		c, err := scanCase(r, &total)
		if err != nil {
			return err
		}
		col := &out[at[c.State]]
		col.Total, col.Items = total, append(col.Items, c)
		return nil
	}, query, args...)
	return out, err
}

// Full is a case with everything that one screen shows.
type Full struct {
	Case
	Steps    []Step // of the present round
	Promises []Promise
	Gifts    []Gift
	Story    []Entry
}

// Load returns a case with its steps, promises, remedies and story, by one query
// each. Errors: fault.NotFound.
func Load(ctx context.Context, tx *sqldb.Tx, id ID) (f Full, err error) {
	if f.Case, err = ByID(ctx, tx, id); err != nil {
		return f, err
	}
	if f.Steps, err = stepsOf(ctx, tx, id, f.Round()); err != nil {
		return f, err
	}
	if f.Promises, err = promisesOf(ctx, tx, id); err != nil {
		return f, err
	}
	if f.Gifts, err = giftsOf(ctx, tx, id); err != nil {
		return f, err
	}
	f.Story, err = storyOf(ctx, tx, id)
	return f, err
}

func listIDs(ctx context.Context, tx *sqldb.Tx, query string, args ...any) ([]ID, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (id ID, err error) {
		err = r.Scan(&id)
		return id, err
	}, query, args...)
}

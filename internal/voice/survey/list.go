package survey

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	defaultPage = 50
	maxPage     = 200
)

// Records is the read side: policies, invitations and responses as they are kept.
type Records struct{}

// InvitationQuery narrows a list of invitations; empty fields do not.
type InvitationQuery struct {
	State          State
	Reason         Reason
	InboxID        string
	BrandID        string
	ConversationID string
	CustomerID     string
	Cursor         string // Next of the page before
	Limit          int    // 1 to 200; 0: 50
}

// InvitationPage is a part of a list. Next is "" on the last page.
type InvitationPage struct {
	Items []Invitation
	Next  string
}

// text is the statement for n rows and its arguments.
func (q InvitationQuery) text(n int) (string, []any) {
	w := where{}
	w.is("state", string(q.State))
	w.is("reason", string(q.Reason))
	w.is("inbox_id", q.InboxID)
	w.is("brand_id", q.BrandID)
	w.is("conversation_id", q.ConversationID)
	w.is("customer_id", q.CustomerID)
	if q.Cursor != "" {
		w.add("id < ?", q.Cursor)
	}
	return `SELECT ` + invitationColumns + ` FROM invitation` + w.text() + ` ORDER BY id DESC LIMIT ` + strconv.Itoa(n), w.args // arch:composed
}

// Invitations returns a page of invitations, the newest first, those that were
// not sent included. fault.Invalid for a cursor that is none.
func (Records) Invitations(ctx context.Context, tx *sqldb.Tx, q InvitationQuery) (page InvitationPage, err error) {
	if q.Cursor != "" && !id.Is("inv", q.Cursor) {
		return page, fault.New(fault.Invalid, "error.cursor")
	}
	n := pageSize(q.Limit)
	query, args := q.text(n + 1)
	page.Items, err = sqldb.List(ctx, tx, scanInvitationRows, query, args...)
	if len(page.Items) > n {
		page.Items = page.Items[:n]
		page.Next = page.Items[n-1].ID
	}
	return page, err
}

// ResponseQuery narrows a list of responses; empty fields do not.
type ResponseQuery struct {
	Kind           Kind
	Band           Band
	BrandID        string
	AgentID        string
	ConversationID string
	CustomerID     string
	From, To       time.Time // answered in [From, To); zero: open
	Cursor         string    // Next of the page before
	Limit          int       // 1 to 200; 0: 50
}

// ResponsePage is a part of a list. Next is "" on the last page.
type ResponsePage struct {
	Items []Response
	Next  string
}

// text is the statement for n rows and its arguments.
func (q ResponseQuery) text(n int) (string, []any, error) {
	w := where{}
	w.is("kind", string(q.Kind))
	w.is("band", string(q.Band))
	w.is("brand_id", q.BrandID)
	w.is("agent_id", q.AgentID)
	w.is("conversation_id", q.ConversationID)
	w.is("customer_id", q.CustomerID)
	w.during("answered_at", q.From, q.To)
	if q.Cursor != "" {
		at, id, err := readCursor(q.Cursor)
		if err != nil {
			return "", nil, err
		}
		w.add("(answered_at, id) < (?, ?)", at, id)
	}
	return `SELECT ` + responseColumns + ` FROM response` + w.text() + ` ORDER BY answered_at DESC, id DESC LIMIT ` + strconv.Itoa(n), w.args, nil // arch:composed
}

// Responses returns a page of responses with their history, the newest first.
// fault.Invalid for a cursor that is none.
func (Records) Responses(ctx context.Context, tx *sqldb.Tx, q ResponseQuery) (page ResponsePage, err error) {
	n := pageSize(q.Limit)
	query, args, err := q.text(n + 1)
	if err != nil {
		return page, err
	}
	if page.Items, err = sqldb.List(ctx, tx, scanResponseRows, query, args...); err != nil {
		return page, err
	}
	if len(page.Items) > n {
		page.Items = page.Items[:n]
		last := page.Items[n-1]
		page.Next = writeCursor(last.AnsweredAt, last.ID)
	}
	return page, withHistory(ctx, tx, page.Items)
}

// withHistory reads the versions of a page of responses in one query.
func withHistory(ctx context.Context, tx *sqldb.Tx, page []Response) error {
	if len(page) == 0 {
		return nil
	}
	ids := make([]string, len(page))
	at := map[string]*Response{}
	for i := range page {
		ids[i], at[page[i].ID] = page[i].ID, &page[i]
	}
	w := where{}
	w.in("response_id", ids)
	query := `SELECT response_id, score, comment, repeated, at FROM response_history` + w.text() + ` ORDER BY response_id, position` // arch:composed
	rows, err := tx.Query(ctx, query, w.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err below has already reported what matters
	for rows.Next() {
		var id string
		var v Version
		if err := rows.Scan(&id, &v.Score, &v.Comment, &v.Repeated, sqldb.At(&v.At)); err != nil {
			return err
		}
		at[id].History = append(at[id].History, v)
	}
	return rows.Err()
}

func countVersions(ctx context.Context, tx *sqldb.Tx, responseID string) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM response_history WHERE response_id = $1`, responseID).Scan(&n)
	return n, err
}

// ResponseByID returns a response with its history; fault.NotFound if there is none.
func (Records) ResponseByID(ctx context.Context, tx *sqldb.Tx, id string) (Response, error) {
	r, err := scanResponse(tx.QueryRow(ctx, `SELECT `+responseColumns+` FROM response WHERE id = $1`, id))
	if err != nil {
		return r, sqldb.NotFound(err, "error.survey.missing")
	}
	one := []Response{r}
	err = withHistory(ctx, tx, one)
	return one[0], err
}

// where gathers conditions; each ? becomes the next $N.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// is asks for equality, unless value is empty.
func (w *where) is(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

func (w *where) in(column string, values []string) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.add(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}

func (w *where) during(column string, from, to time.Time) {
	if !from.IsZero() {
		w.add(column+" >= ?", from.UnixMilli())
	}
	if !to.IsZero() {
		w.add(column+" < ?", to.UnixMilli())
	}
}

func (w *where) text() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

func writeCursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", at.UnixMilli(), id))
}

func readCursor(s string) (at int64, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		_, err = fmt.Sscanf(string(b), "%d %s", &at, &id)
	}
	return at, id, fault.Wrap(err, fault.Invalid, "error.cursor")
}

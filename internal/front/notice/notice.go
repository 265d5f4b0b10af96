package notice

import (
	"context"
	"database/sql"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Kind says what a notice is about. Its words are the phrases
// "notice.<kind>.title" and "notice.<kind>.text".
type Kind string

// The kinds of notices.
const (
	CaseOpened     Kind = "case.opened"     // a case is yours
	CaseOwner      Kind = "case.owner"      // a case became yours
	CaseReopened   Kind = "case.reopened"   // a recovery of yours failed
	CaseEscalated  Kind = "case.escalated"  // a step is overdue
	PromiseBroken  Kind = "promise.broken"  // a promise was not kept in time
	RemedyProposed Kind = "remedy.proposed" // something waits for your approval
	Mention        Kind = "mention"         // a colleague's note names you
	Assigned       Kind = "assigned"        // a conversation is yours
	Released       Kind = "released"        // an agent left, and conversations need somebody
	InboxFailing   Kind = "inbox.failing"   // mail cannot be fetched or sent
	InboxExpiring  Kind = "inbox.expiring"  // its credential ends soon
	InboxExpired   Kind = "inbox.expired"   // its credential has ended
)

// Kinds lists all kinds; a test holds them against the phrases.
func Kinds() []Kind {
	return []Kind{CaseOpened, CaseOwner, CaseReopened, CaseEscalated, PromiseBroken, RemedyProposed, Mention, Assigned, Released, InboxFailing, InboxExpiring, InboxExpired}
}

// mailed are the kinds that cannot wait until somebody looks at the bell.
func (k Kind) mailed() bool {
	switch k {
	case CaseOpened, CaseOwner, CaseReopened, CaseEscalated, PromiseBroken, RemedyProposed, InboxFailing, InboxExpiring, InboxExpired:
		return true
	}
	return false
}

// Notice is something an agent should know. Subject is the id of the case,
// conversation or inbox it leads to; Data fills its words.
type Notice struct {
	ID      string
	AgentID string
	Kind    Kind
	Subject string
	Data    map[string]string
	At      time.Time
	ReadAt  time.Time // zero: not yet
}

// AddedFact tells that an agent has a new notice; its subject is the notice.
const AddedFact = "notice.added" // AddedData

// AddedData tells whose notice it is.
type AddedData struct {
	AgentID string `json:"agentId"`
	Kind    Kind   `json:"kind"`
}

const columns = `id, agent_id, kind, subject, data, at, read_at`

func scan(r *sql.Rows) (n Notice, err error) {
	err = r.Scan(&n.ID, &n.AgentID, &n.Kind, &n.Subject, sqldb.JSON{V: &n.Data}, sqldb.At(&n.At), sqldb.At(&n.ReadAt))
	return n, err
}

const (
	insertSQL = `INSERT INTO notice (` + columns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	// An unread notice of the same kind about the same thing is out of date.
	replaceSQL = `DELETE FROM notice WHERE agent_id = $1 AND kind = $2 AND subject = $3 AND read_at IS NULL`
	unreadSQL  = `SELECT COUNT(*) FROM notice WHERE agent_id = $1 AND read_at IS NULL`
	listSQL    = `SELECT ` + columns + ` FROM notice WHERE agent_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`
	newSQL     = `SELECT ` + columns + ` FROM notice WHERE agent_id = $1 AND id < $2 AND read_at IS NULL ORDER BY id DESC LIMIT $3`
	readSQL    = `UPDATE notice SET read_at = $3 WHERE id = $1 AND agent_id = $2 AND read_at IS NULL`
	readAllSQL = `UPDATE notice SET read_at = $2 WHERE agent_id = $1 AND read_at IS NULL`
	ownSQL     = `SELECT COUNT(*) FROM notice WHERE id = $1 AND agent_id = $2`
)

// Look is which notices of an agent are asked for.
type Look struct {
	AgentID string
	Unread  bool
	Cursor  string
	Limit   int
}

// Page is a part of an agent's notices, newest first.
type Page struct {
	Items  []Notice
	Next   string // cursor, "" at the end
	Unread int    // of all
}

const (
	maxPage = 200
	// lastID sorts after the id of every notice.
	lastID = "ntc_z"
)

// List returns a page of an agent's notices. fault.Invalid for a cursor that is none.
func List(ctx context.Context, tx *sqldb.Tx, l Look) (Page, error) {
	if l.Limit <= 0 || l.Limit > maxPage {
		l.Limit = maxPage
	}
	if l.Cursor == "" {
		l.Cursor = lastID
	} else if !id.Is("ntc", l.Cursor) {
		return Page{}, fault.New(fault.Invalid, "error.cursor")
	}
	query := listSQL
	if l.Unread {
		query = newSQL
	}
	var p Page
	var err error
	if p.Items, err = sqldb.List(ctx, tx, scan, query, l.AgentID, l.Cursor, l.Limit+1); err != nil {
		return p, err
	}
	if len(p.Items) > l.Limit {
		p.Items = p.Items[:l.Limit]
		p.Next = p.Items[l.Limit-1].ID
	}
	err = tx.QueryRow(ctx, unreadSQL, l.AgentID).Scan(&p.Unread)
	return p, err
}

// Read notes that an agent has seen a notice of theirs. fault.NotFound if they
// have no such notice; seeing it twice is fine.
func (b *Bell) Read(ctx context.Context, agentID, id string) error {
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, readSQL, id, agentID, tx.Now.UnixMilli())
		if err != nil || n > 0 {
			return err
		}
		var own int
		if err := tx.QueryRow(ctx, ownSQL, id, agentID).Scan(&own); err != nil {
			return err
		}
		if own == 0 {
			return fault.New(fault.NotFound, "error.notice.notFound")
		}
		return nil
	})
}

// ReadAll notes that an agent has seen all of their notices.
func (b *Bell) ReadAll(ctx context.Context, agentID string) error {
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, readAllSQL, agentID, tx.Now.UnixMilli())
		return err
	})
}

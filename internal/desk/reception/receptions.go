package reception

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// UpdatedFact tells that a reception was set; subject: the inbox, no data.
const UpdatedFact = "reception.updated"

// Receptions is the handle on receptions. Make it with New; it is safe for
// concurrent use.
type Receptions struct {
	db      *sqldb.DB
	journal *event.Journal
	inboxes *inbox.Inboxes
}

// New returns the receptions of a database.
func New(db *sqldb.DB, j *event.Journal, inboxes *inbox.Inboxes) *Receptions {
	return &Receptions{db, j, inboxes}
}

// Reception is what one inbox shows. Version is 0 while nobody has set one.
type Reception struct {
	InboxID string
	Content Content
	Version int64
}

// Of returns an inbox's reception; an empty one if nobody has set any.
func (*Receptions) Of(ctx context.Context, tx *sqldb.Tx, inboxID string) (Reception, error) {
	r := Reception{InboxID: inboxID, Content: Content{Form: Form{When: Never}}}
	err := tx.QueryRow(ctx, `SELECT content, version FROM chat_reception WHERE inbox_id = $1`, inboxID).Scan(sqldb.JSON{V: &r.Content}, &r.Version)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, err
}

const setSQL = `INSERT INTO chat_reception (inbox_id, content, updated_at, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (inbox_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at, version = excluded.version`

// Set sets an inbox's reception, if it still is at the version it was read at:
// else fault.Conflict. fault.Invalid with fields; fault.NotFound if there is no
// such chat.
func (x *Receptions) Set(ctx context.Context, by actor.Actor, r Reception) (Reception, error) {
	r.Content.tidy()
	if err := r.Content.check(); err != nil {
		return r, err
	}
	err := x.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "inbox", r.InboxID); err != nil {
			return err
		}
		if err := x.Chat(ctx, tx, r.InboxID); err != nil {
			return err
		}
		was, err := x.Of(ctx, tx, r.InboxID)
		if err != nil {
			return err
		}
		if was.Version != r.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		x.journal.Emit(tx, UpdatedFact, r.InboxID, by, struct{}{})
		_, err = tx.Exec(ctx, setSQL, r.InboxID, sqldb.JSON{V: r.Content}, tx.Now.UnixMilli(), r.Version+1)
		return err
	})
	r.Version++
	return r, err
}

// Chat is fault.NotFound unless an inbox is one of a chat.
func (x *Receptions) Chat(ctx context.Context, tx *sqldb.Tx, inboxID string) error {
	box, err := x.inboxes.ByID(ctx, tx, inboxID)
	if err == nil && box.Kind != webchat.Name {
		err = fault.New(fault.NotFound, "error.chat.inbox")
	}
	return err
}

// Vote is what one visitor says of a quick answer.
type Vote struct {
	InboxID  string
	AnswerID string
	Day      int // see worktime.DayNumber
	Helped   bool
}

const voteSQL = `INSERT INTO chat_answer_help (inbox_id, answer_id, day, yes, no) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (inbox_id, answer_id, day) DO UPDATE SET yes = chat_answer_help.yes + excluded.yes, no = chat_answer_help.no + excluded.no`

// Count counts a vote. fault.NotFound for an answer that does not exist.
func (x *Receptions) Count(ctx context.Context, v Vote) error {
	return x.db.Write(ctx, func(tx *sqldb.Tx) error {
		r, err := x.Of(ctx, tx, v.InboxID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(r.Content.Answers, func(a Answer) bool { return a.ID == v.AnswerID }) {
			return fault.New(fault.NotFound, "error.reception.answer")
		}
		yes, no := 1, 0
		if !v.Helped {
			yes, no = 0, 1
		}
		_, err = tx.Exec(ctx, voteSQL, v.InboxID, v.AnswerID, v.Day, yes, no)
		return err
	})
}

// Tally is how often a quick answer helped, and how often it did not.
type Tally struct {
	AnswerID string
	Yes, No  int64
}

const tallySQL = `SELECT answer_id, CAST(SUM(yes) AS BIGINT), CAST(SUM(no) AS BIGINT) FROM chat_answer_help WHERE inbox_id = $1 AND day >= $2 GROUP BY answer_id`

// Tallies are the votes on an inbox's answers from a day on.
func (*Receptions) Tallies(ctx context.Context, tx *sqldb.Tx, inboxID string, since int) ([]Tally, error) {
	return sqldb.List(ctx, tx, func(r *sql.Rows) (t Tally, err error) {
		err = r.Scan(&t.AnswerID, &t.Yes, &t.No)
		return t, err
	}, tallySQL, inboxID, since)
}

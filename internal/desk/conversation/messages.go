package conversation

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	defaultPage = 50
	maxPage     = 200
)

// Span asks for a part of a thread. Without cursors it is the latest part.
type Span struct {
	ConversationID ID
	Before         string // Prev of a page: what came before it
	After          string // Next of a page: what came after it; Prev of one is taken as Before
	Limit          int    // 1 to 200; 0: 50
}

// Thread is a part of a thread, oldest first. Prev is "" when it begins with
// the first message, Next when it ends with the last.
type Thread struct {
	Messages   []Message
	Prev, Next string
}

const (
	latestSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.withdrawn_at IS NULL
AND (m.at, m.id) < ($2, $3) ORDER BY m.at DESC, m.id DESC LIMIT $4`
	laterSQL = `SELECT ` + messageColumns + ` FROM message m WHERE m.conversation_id = $1 AND m.withdrawn_at IS NULL
AND (m.at, m.id) > ($2, $3) ORDER BY m.at, m.id LIMIT $4`
)

// Messages returns a part of a thread with its attachments, without HTML.
func (t Reader) Messages(ctx context.Context, tx *sqldb.Tx, s Span) (Thread, error) {
	c, err := t.ByID(ctx, tx, s.ConversationID)
	if err != nil {
		return Thread{}, err
	}
	limit := s.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	if older := strings.HasPrefix(s.After, backward); older && s.Before == "" {
		s.Before, s.After = s.After, ""
	}
	query, at, id, forward := latestSQL, int64(1)<<62, "", s.After != ""
	if mark := cmp.Or(s.After, s.Before); mark != "" {
		if at, id, err = readMark(strings.TrimPrefix(mark, backward)); err != nil {
			return Thread{}, err
		}
	}
	if forward {
		query = laterSQL
	}
	list, err := sqldb.List(ctx, tx, scanMessage, query, string(c.ID), at, id, limit+1)
	if err != nil {
		return Thread{}, err
	}
	more := len(list) > limit
	list = list[:min(len(list), limit)]
	if !forward {
		slices.Reverse(list)
	}
	out := Thread{Messages: list}
	if len(list) > 0 {
		first, last := mark(list[0]), mark(list[len(list)-1])
		if forward || more {
			out.Prev = backward + first
		}
		if s.Before != "" || (forward && more) {
			out.Next = last
		}
	}
	return out, fillAttachments(ctx, tx, out.Messages)
}

// backward stands before a mark that leads to what came earlier, so that a mark
// alone says which way it goes.
const backward = "-"

func mark(m Message) string { return fmt.Sprintf("%d.%s", m.At.UnixMilli(), m.ID) }

// readMark reads a place in an order by time and id.
func readMark(s string) (at int64, id string, err error) {
	head, id, ok := strings.Cut(s, ".")
	if ok {
		_, err = fmt.Sscanf(head, "%d", &at)
	}
	if !ok || err != nil || id == "" {
		return 0, "", fault.New(fault.Invalid, "error.cursor")
	}
	return at, id, nil
}

// Message returns one message with its attachments, also one that was taken back.
func (t Reader) Message(ctx context.Context, tx *sqldb.Tx, id MessageID) (Message, error) {
	m, err := messageByID(ctx, tx, id)
	if err != nil {
		return m, err
	}
	one := []Message{m}
	err = fillAttachments(ctx, tx, one)
	return one[0], err
}

// HTML returns a message's HTML as kept: safe, with remote images and cid:
// references in place. "" if it has none.
func (t Reader) HTML(ctx context.Context, tx *sqldb.Tx, id MessageID) (string, error) {
	return htmlOf(ctx, tx, id)
}

func messageByID(ctx context.Context, tx *sqldb.Tx, id MessageID) (m Message, err error) {
	err = tx.QueryRow(ctx, messageSQL, string(id)).Scan(messageFields(&m)...)
	return m, sqldb.NotFound(err, "error.message.notFound")
}

func htmlOf(ctx context.Context, tx *sqldb.Tx, id MessageID) (html string, err error) {
	err = tx.QueryRow(ctx, `SELECT html FROM message_html WHERE message_id = $1`, string(id)).Scan(&html)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return html, err
}

// fillAttachments reads the attachments of a page of messages in one query.
func fillAttachments(ctx context.Context, tx *sqldb.Tx, list []Message) error {
	if len(list) == 0 {
		return nil
	}
	at := map[string]int{}
	var ids []string
	for i, m := range list {
		list[i].Attachments = []Attachment{}
		at[string(m.ID)] = i
		ids = append(ids, string(m.ID))
	}
	marks, args := sqldb.In(1, ids)
	return tx.Each(ctx, func(r *sql.Rows) error {
		var message string
		a, err := scanAttachment(r, &message)
		if err == nil {
			i := at[message]
			list[i].Attachments = append(list[i].Attachments, a)
		}
		return err
	}, `SELECT `+attachmentColumns+`, a.message_id FROM attachment a WHERE a.message_id IN (`+marks+`) ORDER BY a.message_id, a.position`, args...)
}

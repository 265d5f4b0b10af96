package chat

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits of what is read at once.
const (
	pageSize      = 30
	maxThreads    = 50  // conversations of a visitor in an inbox, the newest
	maxNews       = 200 // facts after a gap; beyond, the page loads again
	maxAuthorName = 60  // characters
)

// history is an answer about what was said.
type history struct {
	Seq      int64      `json:"seq"`             // where the journal stood; ask with since=seq for what came later
	Messages []line     `json:"messages"`        // oldest first; with since, those that are new or not what they were
	Older    string     `json:"older"`           // with before=older comes what was said earlier; "" if nothing was
	Unread   int        `json:"unread"`          // messages of ours that the visitor has not read
	SeenTo   *time.Time `json:"seenTo"`          // up to when an agent has read the conversation the visitor is in; null: not yet
	Talking  bool       `json:"talking"`         // a conversation of the visitor is going on
	Survey   *asked     `json:"survey"`          // what the visitor is asked; null: nothing
	Reset    bool       `json:"reset,omitempty"` // too much happened: forget what there is and read from the start
}

// line is one message as its visitor sees it.
type line struct {
	ID     string    `json:"id"`
	Client string    `json:"client,omitempty"` // the visitor's own id of it
	Ours   bool      `json:"ours"`             // the desk says it
	Author string    `json:"author,omitempty"` // of the desk
	Text   string    `json:"text"`
	Lang   string    `json:"lang,omitempty"`
	At     time.Time `json:"at"`
	Seen   bool      `json:"seen"` // by the other side
	Files  []shown   `json:"files"`
	Asked  string    `json:"asked,omitempty"` // what the page had said first, and this answers

	conversation string
	key          string // by which the outbox knows it
}

// shown is a file of a message.
type shown struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	URL  string `json:"url"` // a path of the desk; "" while it is being fetched, or cannot be had
}

// archive reads what was said.
type archive struct{ *Chat }

// reader is a visitor with all that says what they may read.
type reader struct {
	place   place
	own     []string // addresses, folded
	threads []string // ids of conversations
}

// threadsSQL finds conversations that an address takes part in. Where they go on now
// is not asked: one that was begun here may go on by mail, and come back.
const threadsSQL = `SELECT conversation_id FROM participant WHERE address_key IN (`

func (c archive) reader(ctx context.Context, tx *sqldb.Tx, v *visit) (r reader, err error) {
	r.place = v.place
	list, err := addresses(ctx, tx, v.who)
	if err != nil {
		return r, err
	}
	for _, a := range list {
		r.own = append(r.own, text.Fold(a))
	}
	marks, args := sqldb.In(1, r.own)
	r.threads, err = sqldb.List(ctx, tx, scanText, threadsSQL+marks+`)`, args...)
	slices.Sort(r.threads) // ids sort by time
	r.threads = slices.Compact(r.threads)
	r.threads = r.threads[max(0, len(r.threads)-maxThreads):]
	return r, err
}

// read answers with the latest messages, with those before a cursor, or with what
// is new since a place in the journal.
func (c archive) read(v *visit) (any, error) {
	q := v.URL.Query()
	out := history{Messages: []line{}}
	ctx := v.Context()
	err := c.DB.Read(ctx, func(tx *sqldb.Tx) error {
		r, err := c.reader(ctx, tx, v)
		if err != nil {
			return err
		}
		if out.Seq, err = c.Journal.Last(ctx, tx); err != nil || len(r.threads) == 0 {
			return err
		}
		if out.Unread, err = unread(ctx, tx, r); err != nil {
			return err
		}
		if out.SeenTo, err = seenTo(ctx, tx, r); err != nil {
			return err
		}
		if out.Talking, err = talking(ctx, tx, r); err != nil {
			return err
		}
		if out.Survey, err = c.asking(ctx, tx, r, v.lang); err != nil {
			return err
		}
		if since := q.Get("since"); since != "" {
			return c.news(ctx, tx, r, since, &out)
		}
		out.Messages, out.Older, err = c.page(ctx, tx, r, q.Get("before"))
		return err
	})
	return out, err
}

const lineColumns = `m.id, m.conversation_id, m.kind, m.author_kind, m.author_name, m.at, m.body, m.lang, m.envelope, m.external_id, m.event, d.state_at, d.read_at`

// Of a message that goes out nothing is shown before its letter has left, which
// is when its writer can no longer take it back. A letter whose end was cut off
// has left: the visitor's reading it will say so.
const linesSQL = `SELECT ` + lineColumns + ` FROM message m LEFT JOIN delivery d ON d.message_id = m.id
WHERE m.inbox_id = $1 AND m.kind IN ('incoming', 'outgoing') AND m.withdrawn_at IS NULL
AND (m.kind = 'incoming' OR d.state = 'sent' OR d.state = 'ambiguous' AND d.error = 'delivery.reason.cutOff')`

// page reads the messages before a cursor; "" is the end.
func (c archive) page(ctx context.Context, tx *sqldb.Tx, r reader, before string) ([]line, string, error) {
	at, id := int64(1)<<62, ""
	if before != "" {
		head, tail, ok := strings.Cut(before, ".")
		n, err := strconv.ParseInt(head, 10, 64)
		if !ok || err != nil {
			return nil, "", fault.New(fault.Invalid, "error.cursor")
		}
		at, id = n, tail
	}
	marks, args := sqldb.In(5, r.threads)
	args = append([]any{r.place.box.ID, at, id, pageSize + 1}, args...)
	rows, err := c.lines(ctx, tx, linesSQL+` AND (m.at, m.id) < ($2, $3) AND m.conversation_id IN (`+marks+`) ORDER BY m.at DESC, m.id DESC LIMIT $4`, args)
	older := ""
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[len(rows)-1]
		older = strconv.FormatInt(last.written.UnixMilli(), 10) + "." + last.ID
	}
	slices.Reverse(rows)
	list, err2 := c.complete(ctx, tx, r, rows, err)
	return list, older, err2
}

// row is a message as stored, before it is known whether the visitor may see it.
type row struct {
	line
	kind     conversation.Kind
	author   string
	written  time.Time
	left     time.Time // when its letter went out
	readAt   time.Time
	envelope conversation.Envelope
	thing    conversation.EventData
}

func (c archive) lines(ctx context.Context, tx *sqldb.Tx, query string, args []any) (list []row, err error) {
	err = tx.Each(ctx, func(rows rowScanner) error {
		m, err := scanRow(rows)
		list = append(list, m)
		return err
	}, query, args...)
	return list, err
}

// addressed reports whether a message was said by the visitor, or to them. It is
// asked of every message beside the question where it stands: conversations are
// joined by hand, and a hand may slip.
func (r reader) addressed(m row) bool {
	own := func(a channel.Address) bool { return slices.Contains(r.own, text.Fold(a.Address)) }
	if m.kind == conversation.Incoming {
		return own(m.envelope.From)
	}
	return slices.ContainsFunc(m.envelope.To, own)
}

// complete turns rows into lines with their files, without what is not the
// visitor's.
func (c archive) complete(ctx context.Context, tx *sqldb.Tx, r reader, rows []row, err error) ([]line, error) {
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(m row) bool { return !r.addressed(m) })
	out := make([]line, 0, len(rows))
	at := map[string]int{}
	for i, m := range rows {
		at[m.ID] = i
		out = append(out, m.view(r))
	}
	if len(out) == 0 {
		return out, nil
	}
	if err := c.files(ctx, tx, out, at); err != nil {
		return nil, err
	}
	return out, markSeen(ctx, tx, out)
}

func (m row) view(r reader) line {
	l := m.line
	l.At, l.Files = m.written, []shown{}
	if m.kind == conversation.Incoming {
		for _, a := range r.own {
			if rest, ok := strings.CutPrefix(m.key, a+"/"); ok {
				l.Client = rest
			}
		}
		if m.thing.Name == webchat.ThingEntered {
			l.Asked = m.thing.Data["asked"]
		}
		return l
	}
	l.Ours, l.At, l.Seen = true, m.left, !m.readAt.IsZero()
	l.Author = r.place.brand.Name
	if m.author != "" {
		l.Author = text.Clip(m.author, maxAuthorName)
	}
	return l
}

const seenSQL = `SELECT conversation_id, MAX(read_at) FROM conversation_read WHERE conversation_id IN (`

// markSeen notes which messages of the visitor an agent has read.
func markSeen(ctx context.Context, tx *sqldb.Tx, list []line) error {
	var threads []string
	for _, l := range list {
		if !slices.Contains(threads, l.conversation) {
			threads = append(threads, l.conversation)
		}
	}
	marks, args := sqldb.In(1, threads)
	until := map[string]time.Time{}
	if err := tx.Each(ctx, func(r rowScanner) error {
		var id string
		var at time.Time
		err := r.Scan(&id, sqldb.At(&at))
		until[id] = at
		return err
	}, seenSQL+marks+`) GROUP BY conversation_id`, args...); err != nil {
		return err
	}
	for i, l := range list {
		if !l.Ours {
			list[i].Seen = !l.At.After(until[l.conversation])
		}
	}
	return nil
}

const seenToSQL = `SELECT MAX(read_at) FROM conversation_read WHERE conversation_id = $1`

// seenTo is up to when an agent has read the newest conversation of a reader.
func seenTo(ctx context.Context, tx *sqldb.Tx, r reader) (*time.Time, error) {
	var at time.Time
	err := tx.QueryRow(ctx, seenToSQL, r.threads[len(r.threads)-1]).Scan(sqldb.At(&at))
	if err != nil || at.IsZero() {
		return nil, err
	}
	return &at, nil
}

const unreadSQL = `SELECT COUNT(*) FROM message m JOIN delivery d ON d.message_id = m.id
WHERE m.inbox_id = $1 AND m.kind = 'outgoing' AND m.withdrawn_at IS NULL AND d.read_at IS NULL AND d.state = 'sent' AND m.conversation_id IN (`

func unread(ctx context.Context, tx *sqldb.Tx, r reader) (n int, err error) {
	marks, args := sqldb.In(2, r.threads)
	err = tx.QueryRow(ctx, unreadSQL+marks+`)`, append([]any{r.place.box.ID}, args...)...).Scan(&n)
	return n, err
}

const (
	newsSQL = `SELECT seq, name, data FROM journal WHERE seq > $1 AND subject IN (`
	// orderNews ends newsSQL.
	orderNews = `) ORDER BY seq LIMIT $2`
)

// news reads what is new, or not what it was, since a place in the journal. Facts
// become visible in their order, so nothing is passed over.
func (c archive) news(ctx context.Context, tx *sqldb.Tx, r reader, since string, out *history) error {
	from, err := strconv.ParseInt(since, 10, 64)
	if err != nil || from < 0 {
		return fault.New(fault.Invalid, "error.cursor")
	}
	if from > out.Seq { // of another life of the database
		out.Reset = true
		return nil
	}
	marks, args := sqldb.In(3, r.threads)
	args = append([]any{from, maxNews + 1}, args...)
	var facts []event.Fact
	err = tx.Each(ctx, func(rows rowScanner) error {
		var f event.Fact
		var data string
		err := rows.Scan(&f.Seq, &f.Name, &data)
		f.Data = []byte(data)
		facts = append(facts, f)
		return err
	}, newsSQL+marks+orderNews, args...)
	if err != nil {
		return err
	}
	ids, moved := changed(facts)
	if moved || len(facts) > maxNews {
		out.Reset = true
		return nil
	}
	if len(ids) == 0 {
		return nil
	}
	marks, args = sqldb.In(2, ids)
	more, moreArgs := sqldb.In(2+len(ids), r.threads)
	args = slices.Concat([]any{r.place.box.ID}, args, moreArgs)
	rows, err := c.lines(ctx, tx, linesSQL+` AND m.id IN (`+marks+`) AND m.conversation_id IN (`+more+`) ORDER BY m.at, m.id`, args)
	out.Messages, err = c.complete(ctx, tx, r, rows, err)
	return err
}

// changed names the messages that facts are about; moved is true when messages
// have changed their place.
func changed(facts []event.Fact) (ids []string, moved bool) {
	for _, f := range facts {
		var d struct {
			MessageID string   `json:"messageId"`
			Fields    []string `json:"fields"`
		}
		if json.Unmarshal(f.Data, &d) != nil {
			continue // no fact of messages
		}
		switch f.Name {
		case conversation.ReceivedFact, conversation.DeliveredFact, conversation.AmendedFact:
			if d.MessageID != "" && !slices.Contains(ids, d.MessageID) {
				ids = append(ids, d.MessageID)
			}
		case conversation.MergedFact, conversation.UnmergedFact:
			moved = true
		case conversation.UpdatedFact:
			moved = moved || slices.Contains(d.Fields, "messages")
		}
	}
	return ids, moved
}

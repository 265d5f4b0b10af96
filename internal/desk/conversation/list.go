package conversation

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// View is a way of looking at the conversations.
type View string

// The views.
const (
	All        View = "all"
	Mine       View = "mine"
	Unassigned View = "unassigned"
	Mentions   View = "mentions" // where somebody mentioned the reader in a note
)

// Sort is an order of the list.
type Sort string

// The orders. Waiting puts first who has waited longest, then those who do not
// wait; Priority the most urgent, and within a priority the newest.
const (
	Newest     Sort = "newest"
	Oldest     Sort = "oldest"
	Waiting    Sort = "waiting"
	ByPriority Sort = "priority"
)

// Filter asks for a page of conversations; empty fields do not narrow it.
type Filter struct {
	Reader     string // agent: for View, and for what is unread
	View       View   // "" is All
	Status     Status
	InboxID    string
	AssigneeID string
	TagID      string
	CustomerID string
	Priority   *Priority
	Sort       Sort // "" is Newest
	Cursor     string
	Limit      int
}

// Summary is a row of the list.
type Summary struct {
	Conversation
	CustomerName    string
	CustomerAddress string
	Unread          bool
	Last            *EventData // what the last message holds where it has no words: a call; nil: nothing
}

// Page is a part of the list; Next is "" on the last.
type Page struct {
	Items []Summary
	Next  string
}

// place is where a page begins: a leg, and the row before it.
type place struct {
	leg int
	at  int64
	id  string
}

// legStart stands in a cursor for the row before the first of a leg.
const legStart = "-"

func (f Filter) start() (p place, err error) {
	if f.Cursor == "" {
		return place{}, nil
	}
	head, rest, ok := strings.Cut(f.Cursor, ".")
	if ok {
		_, err = fmt.Sscanf(head, "%d", &p.leg)
	}
	if !ok || err != nil || p.leg < 0 || p.leg >= len(f.legs()) {
		return p, fault.New(fault.Invalid, "error.cursor")
	}
	if p.at, p.id, err = readMark(rest); p.id == legStart {
		p.id = ""
	}
	return p, err
}

// List returns a page of conversations. Its work grows with the page, not with
// the number of conversations. fault.Invalid for a cursor that is none.
func (t Reader) List(ctx context.Context, tx *sqldb.Tx, f Filter) (Page, error) {
	if f.Limit <= 0 {
		f.Limit = defaultPage
	}
	f.Limit = min(f.Limit, maxPage)
	p, err := f.start()
	if err != nil {
		return Page{}, err
	}
	var page Page
	legs := f.legs()
	for ; p.leg < len(legs); p = (place{leg: p.leg + 1}) {
		want := f.Limit - len(page.Items)
		query, args := f.walk(tx.Dialect(), legs[p.leg], p, want+1)
		list, err := sqldb.List(ctx, tx, scanConversation, query, args...)
		if err != nil {
			return Page{}, err
		}
		for _, c := range list[:min(len(list), want)] {
			page.Items = append(page.Items, Summary{Conversation: c})
		}
		if len(list) > want {
			// want may be 0: then the page ends exactly where the leg before did,
			// and the next page begins at the top of this leg.
			page.Next = fmt.Sprintf("%d.0.%s", p.leg, legStart)
			if want > 0 {
				last := list[want-1]
				page.Next = fmt.Sprintf("%d.%d.%s", p.leg, legs[p.leg].key(last).UnixMilli(), last.ID)
			}
			break
		}
	}
	return page, t.complete(ctx, tx, page.Items, f.Reader)
}

// complete fills in what other tables know of a page of conversations, one
// query a table.
func (t Reader) complete(ctx context.Context, tx *sqldb.Tx, items []Summary, reader string) error {
	if len(items) == 0 {
		return nil
	}
	at := map[ID]int{}
	var ids []ID
	var people []string
	for i := range items {
		items[i].TagIDs = []string{}
		items[i].Unread = unread(items[i].Conversation, time.Time{})
		at[items[i].ID] = i
		ids, people = append(ids, items[i].ID), append(people, items[i].CustomerID)
	}
	marks, args := sqldb.In(1, ids)
	if err := tx.Each(ctx, func(r *sql.Rows) error {
		var id ID
		var tag string
		err := r.Scan(&id, &tag)
		items[at[id]].TagIDs = append(items[at[id]].TagIDs, tag)
		return err
	}, `SELECT conversation_id, tag_id FROM conversation_tag WHERE conversation_id IN (`+marks+`) ORDER BY conversation_id, tag_id`, args...); err != nil {
		return err
	}
	marks, args = sqldb.In(2, ids)
	if err := tx.Each(ctx, func(r *sql.Rows) error {
		var id ID
		var read time.Time
		err := r.Scan(&id, sqldb.At(&read))
		items[at[id]].Unread = unread(items[at[id]].Conversation, read)
		return err
	}, `SELECT conversation_id, read_at FROM conversation_read WHERE agent_id = $1 AND conversation_id IN (`+marks+`)`, append([]any{reader}, args...)...); err != nil {
		return err
	}
	if err := wordless(ctx, tx, items, at); err != nil {
		return err
	}
	known, err := t.Customers.Cards(ctx, tx, people)
	for i := range items {
		who := known[items[i].CustomerID]
		items[i].CustomerName, items[i].CustomerAddress = who.Label(), who.Address
	}
	return err
}

// wordless fills in what the last message holds of those rows that have no words to
// show: a missed call, a sticker.
func wordless(ctx context.Context, tx *sqldb.Tx, items []Summary, at map[ID]int) error {
	var ids []ID
	for _, s := range items {
		if s.Preview == "" && s.MessageCount > 0 {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	marks, args := sqldb.In(1, ids)
	return tx.Each(ctx, func(r *sql.Rows) error {
		var id ID
		var e EventData
		err := r.Scan(&id, sqldb.JSON{V: &e})
		items[at[id]].Last = &e
		return err
	}, `SELECT m.conversation_id, m.event FROM conversation c JOIN message m ON m.conversation_id = c.id AND m.at = c.last_at
WHERE c.id IN (`+marks+`) AND m.kind IN ('incoming', 'outgoing') AND m.event IS NOT NULL AND m.withdrawn_at IS NULL ORDER BY m.id`, args...)
}

// Summary returns one conversation as a row of the list.
func (t Reader) Summary(ctx context.Context, tx *sqldb.Tx, id ID, reader string) (Summary, error) {
	c, err := follow(ctx, tx, id)
	if err != nil {
		return Summary{}, err
	}
	one := []Summary{{Conversation: c}}
	err = t.complete(ctx, tx, one, reader)
	return one[0], err
}

// Counts are the figures beside the views.
type Counts struct {
	Mine, Unassigned, All, Mentions int            // open
	Statuses                        map[Status]int // open, pending, snoozed
	Inboxes                         map[string]int // open, by inbox
}

const (
	countsSQL = `SELECT status, inbox_id, assignee_id, COUNT(*) FROM conversation
WHERE merged_into IS NULL AND status IN ('open', 'pending', 'snoozed') GROUP BY status, inbox_id, assignee_id`
	mentionsSQL = `SELECT COUNT(DISTINCT c.id) FROM mention m JOIN conversation c ON c.id = m.conversation_id
WHERE m.agent_id = $1 AND c.status = 'open' AND c.merged_into IS NULL`
)

// Counts counts the conversations that need somebody, never the settled ones:
// the work does not grow with the years.
func (t Reader) Counts(ctx context.Context, tx *sqldb.Tx, reader string) (Counts, error) {
	out := Counts{Statuses: map[Status]int{Open: 0, Pending: 0, Snoozed: 0}, Inboxes: map[string]int{}}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var status Status
		var box, assignee string
		var n int
		if err := r.Scan(&status, &box, sqldb.Str(&assignee), &n); err != nil {
			return err
		}
		out.Statuses[status] += n
		if status != Open {
			return nil
		}
		out.All += n
		out.Inboxes[box] += n
		switch {
		case assignee == "":
			out.Unassigned += n
		case assignee == reader:
			out.Mine += n
		}
		return nil
	}, countsSQL)
	if err != nil {
		return out, err
	}
	err = tx.QueryRow(ctx, mentionsSQL, reader).Scan(&out.Mentions)
	return out, err
}

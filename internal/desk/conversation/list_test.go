package conversation_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// crowd makes many different conversations and returns them.
func crowd(t *testing.T, d *threadtest.Desk, n int) (all []conversation.Conversation, tags []string) {
	t.Helper()
	for _, name := range []string{"配送", "返品"} {
		g, err := d.Tags.Create(t.Context(), d.Hana, tag.Change{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, g.ID)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var ids []conversation.ID
	for i := range n {
		if r.IntN(3) > 0 {
			d.Clock.Advance(time.Duration(r.IntN(90)) * time.Minute)
		}
		m := mail(fmt.Sprintf("p%d@customer.example", i%7), fmt.Sprintf("m%d@customer.example", i))
		if i%3 == 0 {
			m.Inbox = d.Sales
		}
		id := d.Receive(m).ConversationID
		ids = append(ids, id)
		if r.IntN(3) == 0 {
			if _, err := d.Threads.Note(t.Context(), d.Hana, conversation.NewNote{ConversationID: id, Text: "x", Mentions: []string{d.Ken.ID}}); err != nil {
				t.Fatal(err)
			}
		}
		if r.IntN(3) == 0 {
			reply(t, d, conversation.Reply{ConversationID: id, Text: "はい。", Hold: -1})
		}
		status, priority, until := conversation.Statuses()[r.IntN(5)], conversation.Priority(r.IntN(4)), d.Clock.Now().Add(1000*time.Hour)
		p := conversation.Patch{Status: &status, Priority: &priority, SnoozedUntil: &until}
		if a := r.IntN(3); a < 2 {
			p.AssigneeID = &[]string{d.Hana.ID, d.Ken.ID}[a]
		}
		chosen := tags[:r.IntN(3)]
		p.TagIDs = &chosen
		patch(t, d, id, p)
	}
	for i := 0; i+1 < n; i += n / 3 { // some were merged
		if _, err := d.Threads.Merge(t.Context(), d.Hana, ids[i], ids[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		if c := d.Conversation(id); c.ID == id {
			all = append(all, c)
		}
	}
	return all, tags
}

// naive filters and sorts in memory what List does by index.
func naive(d *threadtest.Desk, all []conversation.Conversation, f conversation.Filter, mentioned map[conversation.ID]bool) (out []conversation.ID) {
	keep := slices.DeleteFunc(slices.Clone(all), func(c conversation.Conversation) bool {
		return f.Status != "" && c.Status != f.Status || f.InboxID != "" && c.InboxID != f.InboxID ||
			f.AssigneeID != "" && c.AssigneeID != f.AssigneeID || f.TagID != "" && !slices.Contains(c.TagIDs, f.TagID) ||
			f.CustomerID != "" && c.CustomerID != f.CustomerID || f.Priority != nil && c.Priority != *f.Priority ||
			f.View == conversation.Mine && c.AssigneeID != f.Reader || f.View == conversation.Unassigned && c.AssigneeID != "" ||
			f.View == conversation.Mentions && !mentioned[c.ID]
	})
	newest := func(a, b conversation.Conversation) int {
		return cmp.Or(b.LastAt.Compare(a.LastAt), strings.Compare(string(b.ID), string(a.ID)))
	}
	slices.SortFunc(keep, func(a, b conversation.Conversation) int {
		switch f.Sort {
		case conversation.Oldest:
			return -newest(a, b)
		case conversation.Waiting:
			if a.WaitingSince.IsZero() != b.WaitingSince.IsZero() {
				if a.WaitingSince.IsZero() {
					return 1
				}
				return -1
			}
			if !a.WaitingSince.IsZero() {
				return cmp.Or(a.WaitingSince.Compare(b.WaitingSince), strings.Compare(string(a.ID), string(b.ID)))
			}
		case conversation.ByPriority:
			return cmp.Or(cmp.Compare(b.Priority, a.Priority), newest(a, b))
		}
		return newest(a, b)
	})
	for _, c := range keep {
		out = append(out, c.ID)
	}
	return out
}

// filters are all combinations of views, statuses, narrowings and orders.
func filters(d *threadtest.Desk, tags []string, customer string) (out []conversation.Filter) {
	high := conversation.High
	for _, view := range []conversation.View{conversation.All, conversation.Mine, conversation.Unassigned, conversation.Mentions} {
		for _, status := range []conversation.Status{"", conversation.Open, conversation.Resolved} {
			for _, narrow := range []conversation.Filter{{}, {InboxID: d.Sales.ID}, {AssigneeID: d.Ken.ID}, {TagID: tags[0]}, {CustomerID: customer}, {Priority: &high},
				{InboxID: d.Sales.ID, TagID: tags[1], Priority: &high}} {
				for _, sort := range []conversation.Sort{conversation.Newest, conversation.Oldest, conversation.Waiting, conversation.ByPriority} {
					narrow.View, narrow.Status, narrow.Sort, narrow.Reader = view, status, sort, d.Ken.ID
					out = append(out, narrow)
				}
			}
		}
	}
	return out
}

func TestEveryListInPagesOfAnySize(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		all, tags := crowd(t, d, 60)
		mentioned := map[conversation.ID]bool{}
		d.Read(func(tx *sqldb.Tx) error {
			return tx.Each(t.Context(), func(r *sql.Rows) error {
				var id conversation.ID
				err := r.Scan(&id)
				mentioned[id] = true
				return err
			}, `SELECT conversation_id FROM mention WHERE agent_id = $1`, d.Ken.ID)
		})
		nonEmpty := 0
		for i, f := range filters(d, tags, all[0].CustomerID) {
			want := naive(d, all, f, mentioned)
			f.Limit = 1 + i%9
			got := pages(t, d, f)
			if !slices.Equal(got, want) {
				t.Fatalf("%+v:\n got %v\nwant %v", f, got, want)
			}
			if len(want) > 1 {
				nonEmpty++
			}
		}
		if nonEmpty < 150 {
			t.Errorf("only %d of the lists say anything", nonEmpty)
		}
		d.Read(func(tx *sqldb.Tx) error {
			for _, bad := range []string{"x", "0", "9.1.conv_x", "0.x.conv_x", "0.1."} {
				if _, err := d.Threads.List(t.Context(), tx, conversation.Filter{Cursor: bad}); !fault.Is(err, fault.Invalid) {
					t.Errorf("cursor %q: %v", bad, err)
				}
			}
			return nil
		})
	})
}

func pages(t *testing.T, d *threadtest.Desk, f conversation.Filter) (out []conversation.ID) {
	t.Helper()
	for {
		var page conversation.Page
		d.Read(func(tx *sqldb.Tx) (err error) {
			page, err = d.Threads.List(t.Context(), tx, f)
			return err
		})
		if len(page.Items) > f.Limit || page.Next != "" && len(page.Items) != f.Limit {
			t.Fatalf("%d items on a page of %d, next %q", len(page.Items), f.Limit, page.Next)
		}
		for _, s := range page.Items {
			out = append(out, s.ID)
		}
		if f.Cursor = page.Next; page.Next == "" {
			return out
		}
	}
}

func TestCountsAgreeWithTheLists(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		crowd(t, d, 90)
		var c conversation.Counts
		d.Read(func(tx *sqldb.Tx) (err error) {
			c, err = d.Threads.Counts(t.Context(), tx, d.Ken.ID)
			return err
		})
		n := func(f conversation.Filter) int {
			f.Reader, f.Limit = d.Ken.ID, 200
			return len(pages(t, d, f))
		}
		open := conversation.Filter{Status: conversation.Open}
		for name, pair := range map[string][2]int{
			"all": {c.All, n(open)}, "snoozed": {c.Statuses[conversation.Snoozed], n(conversation.Filter{Status: conversation.Snoozed})},
			"mine":       {c.Mine, n(conversation.Filter{Status: conversation.Open, View: conversation.Mine})},
			"unassigned": {c.Unassigned, n(conversation.Filter{Status: conversation.Open, View: conversation.Unassigned})},
			"mentions":   {c.Mentions, n(conversation.Filter{Status: conversation.Open, View: conversation.Mentions})},
			"sales":      {c.Inboxes[d.Sales.ID], n(conversation.Filter{Status: conversation.Open, InboxID: d.Sales.ID})},
			"pending":    {c.Statuses[conversation.Pending], n(conversation.Filter{Status: conversation.Pending})},
		} {
			if pair[0] != pair[1] || pair[1] == 0 {
				t.Errorf("%s: counted %d, listed %d", name, pair[0], pair[1])
			}
		}
	})
}

func TestUnreadIsEachAgentsOwn(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		unread := func(who string) bool {
			var s conversation.Summary
			d.Read(func(tx *sqldb.Tx) (err error) {
				s, err = d.Threads.Summary(t.Context(), tx, id, who)
				return err
			})
			return s.Unread
		}
		d.Clock.Advance(time.Minute)
		if err := d.Threads.Read(t.Context(), d.Hana, id); err != nil {
			t.Fatal(err)
		}
		facts := len(d.Facts(string(id)))
		if err := d.Threads.Read(t.Context(), d.Hana, id); err != nil {
			t.Fatal(err)
		}
		if unread(d.Hana.ID) || !unread(d.Ken.ID) || len(d.Facts(string(id))) != facts {
			t.Fatal("reading is wrong, or told twice")
		}
		d.Clock.Advance(time.Minute)
		more := mail(taro, "m2@customer.example")
		more.InReplyTo = []string{"m1@customer.example"}
		d.Receive(more)
		if !unread(d.Hana.ID) {
			t.Error("a new mail is not unread")
		}
		reply(t, d, conversation.Reply{ConversationID: id, Text: "はい。"})
		if unread(d.Ken.ID) {
			t.Error("our own answer is unread")
		}
	})
}

func TestPagesOfAThread(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m0@customer.example")).ConversationID
		for i := 1; i < 23; i++ {
			if i%2 == 0 {
				d.Clock.Advance(time.Minute)
			}
			m := mail(taro, fmt.Sprintf("m%d@customer.example", i))
			m.InReplyTo = []string{"m0@customer.example"}
			d.Receive(m)
		}
		all := said(d, id)
		read := func(s conversation.Span) (th conversation.Thread) {
			s.ConversationID, s.Limit = id, 5
			d.Read(func(tx *sqldb.Tx) (err error) {
				th, err = d.Threads.Messages(t.Context(), tx, s)
				return err
			})
			return th
		}
		var got []conversation.MessageID
		page := read(conversation.Span{})
		if page.Next != "" {
			t.Error("the latest part has something after it")
		}
		for {
			var part []conversation.MessageID
			for _, m := range page.Messages {
				part = append(part, m.ID)
			}
			got = append(part, got...)
			if page.Prev == "" {
				break
			}
			page = read(conversation.Span{Before: page.Prev})
		}
		if !slices.Equal(got, all) {
			t.Fatalf("backwards:\n%v\n%v", got, all)
		}
		got = nil
		for {
			for _, m := range page.Messages {
				got = append(got, m.ID)
			}
			if page.Next == "" {
				break
			}
			page = read(conversation.Span{After: page.Next})
		}
		if !slices.Equal(got, all) {
			t.Fatalf("forwards:\n%v\n%v", got, all)
		}
	})
}

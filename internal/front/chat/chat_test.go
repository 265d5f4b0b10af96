package chat_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

func TestAVisitorTalksWithTheDesk(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		if h := p.history(""); len(h.Messages) != 0 || h.Older != "" || h.Unread != 0 {
			r.Errorf("before a word there is %+v", h)
		}
		id := p.say("Is the blue bowl in stock?")
		h := p.history("")
		if len(h.Messages) != 1 || h.Messages[0].Client != id || h.Messages[0].Ours || h.Messages[0].Text != "Is the blue bowl in stock?" {
			r.Fatalf("history %+v", h)
		}
		conv := r.thread()
		c := r.Conversation(conv)
		if c.InboxID != r.box.ID || c.Origin != "customer" || c.Status != conversation.Open {
			r.Errorf("conversation %+v", c)
		}
		// What an agent writes is not there while it can be taken back.
		gone := r.reply(conv, "Yes, and it is free!!!")
		r.Rest()
		if got := p.history("").words(); got != "Is the blue bowl in stock?" {
			r.Errorf("while it is held the visitor reads %q", got)
		}
		if _, err := r.Threads.Undo(r.Context(), r.Hana, gone.ID); err != nil {
			r.Fatal(err)
		}
		seq := p.history("").Seq
		r.reply(conv, "Yes, we have three.")
		r.Wait(hold)
		h = p.history("")
		if got := h.words(); got != "Is the blue bowl in stock? | us: Yes, we have three." || h.Unread != 1 || h.Messages[1].Author != "佐藤花" {
			r.Errorf("history %q %+v", got, h)
		}
		if news := p.history("?since=" + itoa(seq)); news.words() != "us: Yes, we have three." || news.Reset {
			r.Errorf("news %+v", news)
		}
		if news := p.history("?since=" + itoa(h.Seq)); len(news.Messages) != 0 {
			r.Errorf("no news is %+v", news)
		}
		// A note is for agents alone.
		if _, err := r.Threads.Note(r.Context(), r.Hana, conversation.NewNote{ConversationID: conv, Text: "difficult person"}); err != nil {
			r.Fatal(err)
		}
		if got := p.history("").words(); strings.Contains(got, "difficult") {
			r.Errorf("a visitor reads a note: %q", got)
		}
		// The next words go on with the same conversation.
		p.say("Then I will take one.")
		if r.thread() != conv {
			r.Error("the next message opened a conversation of its own")
		}
	})
}

func TestTheSameMessageTwiceIsOne(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		var first, second struct{ ID, Client string }
		p.call("POST", "/messages", object{"id": "client-0001", "text": "Hello"}).ok(&first)
		p.call("POST", "/messages", object{"id": "client-0001", "text": "Hello"}).ok(&second)
		if first != second || first.ID == "" || r.Count("message") != 1 {
			r.Errorf("%+v and %+v, %d messages", first, second, r.Count("message"))
		}
		// Another visitor's message of that name is another message.
		q := r.visitor()
		var other struct{ ID, Client string }
		q.call("POST", "/messages", object{"id": "client-0001", "text": "Hello"}).ok(&other)
		if other.ID == first.ID || r.Count("message") != 2 || r.Count("conversation") != 2 {
			r.Errorf("%+v beside %+v", other, first)
		}
	})
}

func TestTheAgentSeesWhatWasRead(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		p.say("Hello")
		conv := r.thread()
		m := r.reply(conv, "Good morning.")
		r.Wait(hold)
		h := p.history("")
		at := func() (d delivery.Delivery) {
			r.Read(func(tx *sqldb.Tx) error {
				all, err := r.Outbox.ByMessages(r.Context(), tx, []string{string(m.ID)})
				d = all[string(m.ID)]
				return err
			})
			return d
		}
		if d := at(); d.State != delivery.Sent || !d.ReadAt.IsZero() {
			r.Errorf("before it is read: %+v", d)
		}
		// Somebody else's mark reads nothing.
		q := r.visitor()
		q.say("Me, too")
		q.call("POST", "/read", object{"upTo": h.Messages[1].ID}).ok(nil)
		if d := at(); !d.ReadAt.IsZero() {
			r.Error("another visitor read it")
		}
		r.Clock.Advance(time.Minute)
		p.call("POST", "/read", object{"upTo": h.Messages[1].ID}).ok(nil)
		if d := at(); !d.ReadAt.Equal(r.Clock.Now()) || d.DeliveredAt.IsZero() {
			r.Errorf("after it was read: %+v", d)
		}
		if h := p.history(""); h.Unread != 0 || !h.Messages[1].Seen || h.Messages[0].Seen {
			r.Errorf("the visitor sees %+v", h)
		}
		facts := r.Facts(string(conv))
		if facts[len(facts)-1] != conversation.DeliveredFact {
			r.Errorf("agents are told %v", facts)
		}
		r.must(r.Threads.Read(r.Context(), r.Hana, conv))
		if h := p.history(""); !h.Messages[0].Seen {
			r.Error("the visitor does not see that an agent read it")
		}
	})
}

func TestHistoryHasPages(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		const n = 75
		for range n {
			r.Clock.Advance(3 * time.Second)
			p.say("word")
		}
		seen, cursor, pages := map[string]bool{}, "", 0
		for {
			h := p.history(cursor)
			for _, l := range h.Messages {
				if seen[l.ID] {
					r.Errorf("%s twice", l.ID)
				}
				seen[l.ID] = true
			}
			if pages++; h.Older == "" {
				break
			}
			cursor = "?before=" + h.Older
		}
		if len(seen) != n || pages != 3 {
			r.Errorf("%d messages on %d pages", len(seen), pages)
		}
		p.call("GET", "/messages?before=x", nil).refused(http.StatusUnprocessableEntity, "error.cursor")
		p.call("GET", "/messages?since=-1", nil).refused(http.StatusUnprocessableEntity, "error.cursor")
		if h := p.history("?since=0"); !h.Reset && len(h.Messages) != n {
			r.Errorf("since the beginning: reset %v, %d messages", h.Reset, len(h.Messages))
		}
		if h := p.history("?since=99999999"); !h.Reset {
			r.Error("a place that does not exist yet is taken for one")
		}
	})
}

func TestAboutTheDesk(t *testing.T) {
	each(t, func(r *room) {
		type view struct {
			Brand, Greeting, Color, Ink, Usual, Lang string
			Open                                     bool
			OpensAt                                  *time.Time
			Words                                    map[string]string
		}
		var a view
		p := r.stranger()
		p.call("GET", "/about?lang=en", nil).ok(&a)
		if a.Brand != r.Brand.Name || a.Greeting != "How can we help?" || a.Usual != "" || a.Words["send"] != "Send" || len(a.Color) != 7 || len(a.Ink) != 7 {
			r.Errorf("about %+v", a)
		}
		// Ten answered conversations, each within four minutes of an open desk.
		r.Clock.Set(time.Date(2026, 5, 12, 1, 0, 0, 0, time.UTC)) // a Tuesday, 10:00 in Tokyo
		for i := range 10 {
			if i == 9 {
				r.Clock.Advance(10 * time.Minute) // what is known is looked up again
				var few view
				p.call("GET", "/about?lang=en", nil).ok(&few)
				if few.Usual != "" {
					r.Errorf("after nine answers it says %q", few.Usual)
				}
			}
			q := r.visitor()
			q.say("Hello")
			r.Clock.Advance(4 * time.Minute)
			r.reply(r.thread(), "Good morning.")
			r.Wait(time.Minute)
		}
		r.Clock.Advance(10 * time.Minute)
		p.call("GET", "/about?lang=en", nil).ok(&a)
		if a.Usual != "Usually replies within 5 minutes" || !a.Open || a.OpensAt != nil {
			r.Errorf("about %+v", a)
		}
		r.Clock.Set(time.Date(2026, 5, 16, 1, 0, 0, 0, time.UTC)) // Saturday
		var closed view
		p.call("GET", "/about?lang=ja", nil).ok(&closed)
		if closed.Open || closed.OpensAt == nil || !closed.OpensAt.Equal(time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC)) || closed.Lang != "ja" || closed.Words["send"] != "送信" {
			r.Errorf("on a Saturday: %+v", closed)
		}
	})
}

func TestAMailAddressFirst(t *testing.T) {
	each(t, func(r *room) {
		p := r.stranger()
		p.box = r.open("Strict", inbox.Values{"origins": []any{site}, "requireEmail": true})
		if v := p.begin(nil); !v.NeedsEmail {
			r.Errorf("visitor %+v", v)
		}
		p.call("POST", "/messages", object{"id": "client-0001", "text": "Hello"}).refused(http.StatusConflict, "error.chat.needsEmail")
		p.call("POST", "/visitor", object{"email": "no address"}).refused(http.StatusUnprocessableEntity, "error.chat.email")
		var v visitorView
		p.call("POST", "/visitor", object{"email": "mei@customer.example", "name": "Mei"}).ok(&v)
		if v.NeedsEmail || v.Email != "mei@customer.example" || v.Name != "Mei" || v.Proven {
			r.Errorf("visitor %+v", v)
		}
		p.say("Hello")
		// An address that nobody has proven is nobody's point.
		r.Read(func(tx *sqldb.Tx) error {
			_, known, err := r.Customers.ByPoint(r.Context(), tx, "email", "mei@customer.example")
			if known {
				r.Error("an unproven address found its way into the address book")
			}
			return err
		})
	})
}

// TestMergedHistoriesStay: whatever agents join, each visitor goes on to read what
// was said by them and to them, and the agents read both.
func TestMergedHistoriesStay(t *testing.T) {
	each(t, func(r *room) {
		p, q := r.visitor(), r.visitor()
		p.say("The lid is broken.")
		first := r.thread()
		r.reply(first, "We send a new one.")
		r.Wait(hold)
		q.say("Where is my parcel?")
		second := r.thread()
		r.reply(second, "It left us today.")
		r.Wait(hold)
		mine, theirs := p.history("").words(), q.history("").words()
		same := func(when string) {
			r.Helper()
			if got := p.history("").words(); got != mine {
				r.Errorf("%s the first visitor reads %q, had %q", when, got, mine)
			}
			if got := q.history("").words(); got != theirs {
				r.Errorf("%s the second visitor reads %q, had %q", when, got, theirs)
			}
		}
		// One person with two browsers: their records become one, each browser keeps its own.
		_, err := r.Customers.Merge(r.Context(), r.Hana, r.Conversation(second).CustomerID, r.Conversation(first).CustomerID)
		r.must(err)
		r.Rest()
		same("after the customers were joined")
		// And their conversations, by a hand that may slip.
		_, err = r.Threads.Merge(r.Context(), r.Hana, second, first)
		r.must(err)
		r.Rest()
		same("after the conversations were joined")
		var page conversation.Thread
		r.Read(func(tx *sqldb.Tx) (err error) {
			page, err = r.Threads.Messages(r.Context(), tx, conversation.Span{ConversationID: first, Limit: 50})
			return err
		})
		var said []string
		for _, m := range page.Messages {
			if m.Kind == conversation.Incoming || m.Kind == conversation.Outgoing {
				said = append(said, m.Body)
			}
		}
		if got := strings.Join(said, " | "); got != "The lid is broken. | We send a new one. | Where is my parcel? | It left us today." {
			r.Errorf("agents read %q", got)
		}
	})
}

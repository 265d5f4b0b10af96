package conversation_test

import (
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// two is a desk of two nodes whose clocks are minutes apart.
type two struct {
	*threadtest.Desk                  // its clock is ahead
	behind           *threadtest.Desk // the other node
	now              time.Time
}

const apart = 5 * time.Minute

func onTwo(t *testing.T, fn func(t *testing.T, w *two)) {
	on(t, func(t *testing.T, d *threadtest.Desk) { fn(t, &two{Desk: d, behind: d.Beside(), now: d.Clock.Now()}) })
}

// next lets a second pass and gives the desk of one of the nodes, whose clock it is then.
func (w *two) next(ahead bool) *threadtest.Desk {
	w.now = w.now.Add(time.Second)
	if ahead {
		w.Clock.Set(w.now.Add(apart))
		return w.Desk
	}
	w.Clock.Set(w.now)
	return w.behind
}

// answering is a mail that goes into the thread of another.
func answering(id, to string) threadtest.Mail {
	m := mail(taro, id)
	m.InReplyTo = []string{to}
	return m
}

// "Send and resolve" closes over no mail that came in while the answer waited,
// whatever the clocks of the nodes say of which was first.
func TestSendAndResolveWithClocksApart(t *testing.T) {
	onTwo(t, func(t *testing.T, w *two) {
		id := w.next(true).Receive(mail(taro, "a1@customer.example")).ConversationID
		reply(t, w.next(true), conversation.Reply{ConversationID: id, Text: "解決しました。", Resolve: true, Hold: -1})
		got := w.next(false).Receive(answering("a2@customer.example", "a1@customer.example"))
		w.next(true).Rest()
		if c := w.Conversation(id); c.Status != conversation.Open || !c.WaitingSince.Equal(got.At) {
			t.Errorf("resolved over a newer mail: %s, waiting since %v", c.Status, c.WaitingSince)
		}

		// The other way round: the mail was there when the answer was written.
		other := w.next(true).Receive(mail(taro, "b1@customer.example")).ConversationID
		reply(t, w.next(false), conversation.Reply{ConversationID: other, Text: "解決しました。", Resolve: true, Hold: -1})
		w.next(false).Rest()
		if c := w.Conversation(other); c.Status != conversation.Resolved {
			t.Errorf("not resolved, though nothing came since: %s", c.Status)
		}
	})
}

// What was answered and what was settled stays so, whichever node computes it.
func TestWhoWaitsWithClocksApart(t *testing.T) {
	onTwo(t, func(t *testing.T, w *two) {
		id := w.next(true).Receive(mail(taro, "a1@customer.example")).ConversationID
		reply(t, w.next(false), conversation.Reply{ConversationID: id, Text: "お調べします。", Hold: -1})
		rest := w.next(false).Receive(mail(taro, "x1@customer.example")).ConversationID
		if _, err := w.next(false).Threads.Merge(t.Context(), w.Hana, rest, id); err != nil {
			t.Fatal(err)
		}
		back, err := w.next(false).Threads.Split(t.Context(), w.Hana, id, entryOf(t, w.Desk, id, conversation.EntryMerged))
		if err != nil || back.ID != rest {
			t.Fatal(back, err)
		}
		if c := w.Conversation(id); !c.WaitingSince.IsZero() || c.FirstResponseAt.IsZero() {
			t.Errorf("answered, and waits since %v; answered first at %v", c.WaitingSince, c.FirstResponseAt)
		}

		w.next(true).Receive(answering("a2@customer.example", "a1@customer.example"))
		patch(t, w.next(false), id, conversation.Patch{Status: ref(conversation.Resolved)})
		again := w.next(false).Receive(answering("a3@customer.example", "a1@customer.example"))
		if c := w.Conversation(id); c.Status != conversation.Open || !c.WaitingSince.Equal(again.At) {
			t.Errorf("what was settled waits again: since %v, wrote again at %v", c.WaitingSince, again.At)
		}
		m := reply(t, w.next(true), conversation.Reply{ConversationID: id, Text: "はい。"})
		var answered conversation.MessageID
		w.Read(func(tx *sqldb.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT i.id FROM delivery d JOIN message i ON i.external_id = d.content ->> 'inReplyTo' WHERE d.message_id = $1`, string(m.ID)).Scan(&answered)
		})
		if answered != again.ID {
			t.Errorf("the answer goes to %s, the latest mail is %s", answered, again.ID)
		}
	})
}

// A mark of a release that did not number messages is an id: the moment in it counts.
func TestMarksOfBefore(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "a1@customer.example")).ConversationID
		patch(t, d, id, conversation.Patch{Status: ref(conversation.Resolved)})
		d.Clock.Advance(time.Minute)
		d.Write(func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(t.Context(), `UPDATE conversation SET settled = $2 WHERE id = $1`, string(id), d.IDs.New("msg")); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `UPDATE message SET arrival = NULL WHERE conversation_id = $1`, string(id))
			return err
		})
		d.Clock.Advance(time.Minute)
		again := d.Receive(answering("a2@customer.example", "a1@customer.example"))
		if c := d.Conversation(id); !c.WaitingSince.Equal(again.At) {
			t.Errorf("waits since %v, wrote again at %v", c.WaitingSince, again.At)
		}
	})
}

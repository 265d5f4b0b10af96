package intake_test

import (
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestOneConversationOnTwoChannels follows a customer from chat to mail and back.
func TestOneConversationOnTwoChannels(t *testing.T) {
	talking(t, func(t *testing.T, h *talk) {
		e := h.says(channel.Message{ExternalID: "1", Text: "hello"})
		move := func(to inbox.Inbox) error {
			_, err := h.Threads.Change(h.Context(), h.Hana, e.ConversationID, conversation.Patch{InboxID: &to.ID})
			return err
		}
		if err := move(h.Desk.Support); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a customer without a mail address is written to by mail: %v", err)
		}
		// An agent finds out that taro is the same person.
		var mailer customer.Customer
		h.Write(func(tx *sqldb.Tx) (err error) {
			mailer, _, err = h.Customers.ResolveTx(h.Context(), tx, customer.Seen{Kind: inbox.Email, Address: taro, Name: "Taro"})
			return err
		})
		if _, err := h.Customers.Merge(h.Context(), h.Hana, mailer.ID, h.Conversation(e.ConversationID).CustomerID); err != nil {
			t.Fatal(err)
		}
		h.Rest()
		if err := move(h.Desk.Support); err != nil {
			t.Fatal(err)
		}
		m, err := h.answers(e.ConversationID, "I write by mail, as it is long.")
		if err != nil {
			t.Fatal(err)
		}
		if m.InboxID != h.Desk.Support.ID || m.Envelope.To[0].Address != taro || m.Subject == "" || m.Envelope.From.Address != threadtest.Support {
			t.Fatalf("answer %+v", m)
		}
		h.Rest()
		// The answer by mail joins by the id that we signed; the chat goes on too.
		mail := channel.Message{ExternalID: "m1@customer.example", From: channel.Address{Address: taro}, InReplyTo: []string{m.ExternalID}, Subject: "Re: x", Text: "Thank you"}
		back := h.acceptRaw(h.Desk.Support.ID, channel.Raw{Source: "test", Key: "mail-1", Bytes: raw(t, "x", mail).Bytes})
		if back.ConversationID != e.ConversationID {
			t.Fatalf("the mail went to %+v", back)
		}
		again := h.says(channel.Message{ExternalID: "2", Text: "one more thing"})
		h.want(again, intake.Linked, "")
		if c := h.Conversation(e.ConversationID); again.ConversationID != e.ConversationID || c.InboxID != h.box.ID {
			t.Fatalf("the chat went to %s, the conversation goes on in %s", again.ConversationID, c.InboxID)
		}
		switched := 0
		for _, m := range h.Thread(e.ConversationID) {
			if m.Event != nil && m.Event.Name == conversation.EntrySwitched {
				switched++
			}
		}
		if switched != 2 {
			t.Errorf("%d entries tell of it", switched)
		}
	})
}

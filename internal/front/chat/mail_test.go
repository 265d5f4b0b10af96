package chat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// mails are the letters that went out as mail to somebody.
func (r *room) mails(to string) (out []channel.Outgoing) {
	for _, m := range r.Wire.Sent() {
		if len(m.To) == 1 && m.To[0].Address == to && m.From.Address == threadtest.Support {
			out = append(out, m)
		}
	}
	return out
}

func (r *room) byMail() {
	m := chat.NewMailer(chat.MailDeps{Queue: r.Queue, Brands: r.Brands, Inboxes: r.Inboxes, Outbox: r.Outbox, Threads: r.Threads, Words: r.Phrases})
	event.On(r.Journal, conversation.DeliveredFact, "chat.mail", m.OnDelivered)
	event.On(r.Journal, delivery.Changed, "chat.letter", m.OnLetter)
}

const mei = "mei@customer.example"

func TestWhatIsNotReadIsMailedAndAnsweredByMail(t *testing.T) {
	each(t, func(r *room) {
		r.byMail()
		p := r.visitor()
		p.say("Is the blue bowl in stock?")
		conv := r.thread()
		r.reply(conv, "Without an address nobody is mailed.")
		r.Wait(hold)
		r.Wait(time.Hour)
		if sent := r.mails(mei); len(sent) != 0 {
			r.Fatalf("mailed before an address was left: %+v", sent)
		}
		p.call("POST", "/visitor", object{"email": mei}).ok(nil)
		// What was read in time is not mailed.
		h := p.history("")
		p.call("POST", "/read", object{"upTo": h.Messages[len(h.Messages)-1].ID}).ok(nil)
		r.reply(conv, "Yes, we have three.")
		r.Wait(hold)
		h = p.history("")
		p.call("POST", "/read", object{"upTo": h.Messages[len(h.Messages)-1].ID}).ok(nil)
		r.Wait(time.Hour)
		if sent := r.mails(mei); len(sent) != 0 {
			r.Fatalf("what was read is mailed: %+v", sent)
		}
		r.reply(conv, "Shall we keep one for you?")
		r.Wait(time.Minute)
		r.reply(conv, "Until Friday?")
		r.Wait(hold)
		r.Wait(4 * time.Minute)
		r.Wait(5 * time.Minute)
		sent := r.mails(mei)
		if len(sent) != 1 || !strings.Contains(sent[0].Text, "Shall we keep one for you?") || !strings.Contains(sent[0].Text, "Until Friday?") || strings.Contains(sent[0].Text, "three") || !sent[0].Automatic {
			r.Fatalf("mails %+v", sent)
		}
		r.Wait(24 * time.Hour)
		if n := len(r.mails(mei)); n != 1 {
			r.Errorf("%d mails about the same", n)
		}
		// The answer joins, and the visitor reads it in the chat, too.
		answer := threadtest.Mail{Message: channel.Message{ExternalID: "a1@customer.example", From: channel.Address{Name: "Mei", Address: mei}, To: []channel.Address{{Address: threadtest.Support}},
			InReplyTo: []string{sent[0].ID}, Subject: "Re", Text: "Yes, please."}}
		if e := r.takeMail(answer.Message); e.ConversationID != conv {
			r.Fatalf("the answer is in %q, not in %q", e.ConversationID, conv)
		}
		// It goes on by mail now, and what is said there is not said on the page.
		before := p.history("").words()
		if strings.Contains(before, "Yes, please") || !strings.Contains(before, "Until Friday?") {
			r.Errorf("the visitor reads %q", before)
		}
		// Who answers from there is the visitor: the address is theirs now.
		who := r.Conversation(conv).CustomerID
		r.Read(func(tx *sqldb.Tx) error {
			c, known, err := r.Customers.ByPoint(r.Context(), tx, "email", mei)
			if !known || c.ID != who {
				r.Errorf("the address belongs to %+v", c)
			}
			return err
		})
		r.reply(conv, "It is kept.")
		r.Wait(hold)
		r.Wait(time.Hour)
		if sent := r.mails(mei); len(sent) != 2 || sent[1].Text == "" || p.history("").words() != before {
			r.Errorf("%d mails, and the visitor reads %q", len(sent), p.history("").words())
		}
		// Back on the page, it goes on there.
		p.say("I am here again.")
		if r.thread() != conv || r.Conversation(conv).InboxID != r.box.ID {
			r.Error("the words on the page opened another conversation")
		}
		r.reply(conv, "Welcome back.")
		r.Wait(hold)
		if got := p.history("").words(); got != before+" | I am here again. | us: Welcome back." {
			r.Errorf("the visitor reads %q", got)
		}
	})
}

func TestNobodyElseGetsInByMail(t *testing.T) {
	each(t, func(r *room) {
		r.byMail()
		p := r.visitor()
		p.call("POST", "/visitor", object{"email": mei}).ok(nil)
		p.say("Hello")
		conv := r.thread()
		m := r.reply(conv, "Good morning.")
		r.Wait(hold)
		r.Wait(time.Hour)
		sent := r.mails(mei)
		if len(sent) != 1 {
			r.Fatalf("%d mails", len(sent))
		}
		for name, mail := range map[string]channel.Message{
			"another sender":         {From: channel.Address{Address: "evil@elsewhere.example"}, InReplyTo: []string{sent[0].ID}},
			"a guessed id":           {From: channel.Address{Address: mei}, InReplyTo: []string{strings.Replace(sent[0].ID, ".", ".0", 2)}},
			"no id":                  {From: channel.Address{Address: mei}},
			"an id of another place": {From: channel.Address{Address: mei}, InReplyTo: []string{"x" + m.ExternalID}},
		} {
			mail.ExternalID, mail.Subject, mail.Text = strings.ReplaceAll(name, " ", "-")+"@elsewhere.example", name, name
			if e := r.takeMail(mail); e.ConversationID == conv {
				r.Errorf("%s joins the chat", name)
			}
		}
		// Who got the mail cannot bring somebody else along: their address would become
		// the visitor's, and what they write later would belong to the visitor.
		boss := "boss@elsewhere.example"
		if e := r.takeMail(channel.Message{From: channel.Address{Address: boss}, ReplyTo: []channel.Address{{Address: mei}}, InReplyTo: []string{sent[0].ID},
			ExternalID: "y@elsewhere.example", Subject: "y", Text: "y"}); e.ConversationID == conv {
			r.Error("somebody else joins by the visitor's Reply-To")
		}
		r.Read(func(tx *sqldb.Tx) error {
			c, known, err := r.Customers.ByPoint(r.Context(), tx, "email", boss)
			if known && c.ID == r.Conversation(conv).CustomerID {
				r.Error("somebody else's address is the visitor's now")
			}
			return err
		})
		// Another inbox of the company is no way.
		mail := channel.Message{From: channel.Address{Address: mei}, InReplyTo: []string{sent[0].ID}, ExternalID: "z@elsewhere.example", Subject: "z", Text: "z"}
		if e := r.takeMailAt(r.Sales.ID, mail); e.ConversationID == conv {
			r.Error("it joins through another inbox")
		}
		if got := p.history("").words(); got != "Hello | us: Good morning." {
			r.Errorf("the visitor reads %q", got)
		}
	})
}

// takeMail lets a mail come in through the desk's main mail inbox.
func (r *room) takeMail(m channel.Message) intake.Entry {
	r.Helper()
	return r.takeMailAt(r.Support.ID, m)
}

package conversation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

const (
	taro    = "taro@customer.example"
	jiro    = "jiro@customer.example"
	mallory = "mallory@evil.example"
)

func addr(a string) channel.Address { return channel.Address{Address: a} }

func addrs(list ...string) (out []channel.Address) {
	for _, a := range list {
		out = append(out, addr(a))
	}
	return out
}

func mail(from, id string) threadtest.Mail {
	return threadtest.Mail{Message: channel.Message{ExternalID: id, From: addr(from), To: addrs(threadtest.Support), Subject: "割れた茶碗", Text: "届いた茶碗が割れていました。", Language: "ja"}}
}

// scene is a thread to which the cases of the threading table answer: Taro wrote
// m1, the desk answered with ours, Jiro was put in Cc by the agent.
type scene struct {
	*threadtest.Desk
	first conversation.Message
	ours  string // Message-ID of our answer
	n     int    // scenes on one desk have people of their own
}

// as gives an address of the cases to this scene's own person.
func (s *scene) as(address string) string { return fmt.Sprintf("s%d-%s", s.n, address) }

func newScene(t *testing.T, d *threadtest.Desk, n int) *scene {
	s := &scene{Desk: d, n: n}
	s.first = d.Receive(mail(s.as(taro), s.as("m1@customer.example")))
	m, err := d.Threads.Post(t.Context(), d.Hana, conversation.Reply{ConversationID: s.first.ConversationID, Text: "申し訳ございません。",
		To: addrs(s.as(taro)), Cc: addrs(s.as(jiro))})
	if err != nil {
		t.Fatal(err)
	}
	d.Wait(time.Minute)
	s.ours = m.ExternalID
	return s
}

// The labelled set: who may join whose conversation by which evidence.
func TestThreading(t *testing.T) {
	type answer struct {
		from        string
		replyTo     string
		inReplyTo   []string
		references  []string
		sales       bool
		sameSubject bool
	}
	const unknown = "never-seen@else.example"
	cases := []struct {
		name   string
		before func(s *scene)
		mail   func(s *scene) answer
		joins  bool
		link   string // reason of the link of a new conversation, "" for none
	}{
		{"answer to ours", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.ours}} }, true, ""},
		{"ours only in References", nil, func(s *scene) answer {
			return answer{from: taro, inReplyTo: []string{unknown}, references: []string{s.ours, unknown}}
		}, true, ""},
		{"answer to one's own first mail", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.as("m1@customer.example")}} }, true, ""},
		{"the domain of ours was rewritten by a gateway", nil, func(s *scene) answer {
			local, _, _ := cutAt(s.ours)
			return answer{from: taro, inReplyTo: []string{local + "@gateway.example"}}
		}, true, ""},
		{"ours in upper case", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{upper(s.ours)}} }, true, ""},
		{"put in Cc by the agent", nil, func(s *scene) answer { return answer{from: jiro, inReplyTo: []string{s.ours}} }, true, ""},
		{"same person, another spelling of the address", nil, func(s *scene) answer { return answer{from: "TARO@Customer.Example", inReplyTo: []string{s.ours}} }, true, ""},
		{"same customer, another address", func(s *scene) { s.mergeCustomers(s.as("taro@work.example"), s.as(taro)) },
			func(s *scene) answer { return answer{from: "taro@work.example", inReplyTo: []string{s.ours}} }, true, ""},
		{"Reply-To takes part, From does not", nil, func(s *scene) answer {
			return answer{from: "mailer@customer.example", replyTo: taro, inReplyTo: []string{s.ours}}
		}, true, ""},
		{"resolved last week", func(s *scene) { s.resolve(); s.Clock.Advance(7 * 24 * time.Hour) },
			func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.ours}} }, true, ""},
		{"snoozed", func(s *scene) { s.snooze() }, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.ours}} }, true, ""},

		{"a stranger with a true token: forwarded mail", nil, func(s *scene) answer { return answer{from: mallory, inReplyTo: []string{s.ours}} }, false, conversation.LinkStranger},
		{"a stranger quoting the customer's Message-ID", nil, func(s *scene) answer { return answer{from: mallory, inReplyTo: []string{s.as("m1@customer.example")}} }, false, conversation.LinkStranger},
		{"a guessed token of ours", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{forged(s)}} }, false, ""},
		{"a stranger with a guessed token", nil, func(s *scene) answer { return answer{from: mallory, inReplyTo: []string{forged(s)}} }, false, ""},
		{"only the subject agrees", nil, func(s *scene) answer { return answer{from: taro, sameSubject: true} }, false, ""},
		{"an unknown reference", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{unknown}} }, false, ""},
		{"an empty reference", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{""}, references: []string{""}} }, false, ""},
		{"into another inbox", nil, func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.ours}, sales: true} }, false, conversation.LinkInbox},
		{"another inbox, by the customer's Message-ID", nil, func(s *scene) answer {
			return answer{from: taro, inReplyTo: []string{s.as("m1@customer.example")}, sales: true}
		}, false, conversation.LinkInbox},
		{"closed", func(s *scene) { s.change(conversation.Closed) },
			func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.ours}} }, false, conversation.LinkClosed},
		{"resolved two months ago", func(s *scene) { s.resolve(); s.Clock.Advance(60 * 24 * time.Hour) },
			func(s *scene) answer { return answer{from: taro, inReplyTo: []string{s.ours}} }, false, conversation.LinkLate},
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, clk *clock.Manual) {
		d := threadtest.New(t, db, clk)
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				s := newScene(t, d, i)
				if c.before != nil {
					c.before(s)
				}
				a := c.mail(s)
				m := mail(s.as(a.from), s.as("m2@"+a.from))
				m.InReplyTo, m.References, m.Subject = a.inReplyTo, a.references, "Re: 割れた茶碗"
				if a.replyTo != "" {
					m.ReplyTo = addrs(s.as(a.replyTo))
				}
				if a.sales {
					m.Inbox = s.Sales
				}
				got := s.Receive(m)
				if joined := got.ConversationID == s.first.ConversationID; joined != c.joins {
					t.Fatalf("joined: %v, want %v", joined, c.joins)
				}
				if c.joins {
					if st := s.Conversation(got.ConversationID).Status; st != conversation.Open {
						t.Errorf("status %s after an answer", st)
					}
					return
				}
				if reason := s.linkTo(got.ConversationID, s.first.ConversationID); reason != c.link && !(c.link == "" && weak(reason)) {
					t.Errorf("suggested because of %q, want %q", reason, c.link)
				}
			})
		}
	})
}

// weak reasons come from the customer's other conversations, not from evidence.
func weak(reason string) bool {
	return reason == "" || reason == conversation.LinkSubject || reason == conversation.LinkCustomer
}

func cutAt(s string) (string, string, bool) {
	i := slices.Index([]byte(s), '@')
	return s[:i], s[i+1:], true
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
	}
	return string(b)
}

// forged is our Message-ID with a signature that was guessed.
func forged(s *scene) string {
	b := []byte(s.ours)
	i := slices.Index(b, '@') - 1
	if b[i] == '0' {
		b[i] = '1'
	} else {
		b[i] = '0'
	}
	return string(b)
}

func (s *scene) change(to conversation.Status) {
	s.Helper()
	if _, err := s.Threads.Change(s.Context(), s.Hana, s.first.ConversationID, conversation.Patch{Status: &to}); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) resolve() { s.Helper(); s.change(conversation.Resolved) }

func (s *scene) snooze() {
	s.Helper()
	until := s.Clock.Now().Add(72 * time.Hour)
	if _, err := s.Threads.Change(s.Context(), s.Hana, s.first.ConversationID, conversation.Patch{SnoozedUntil: &until}); err != nil {
		s.Fatal(err)
	}
}

// mergeCustomers gives the customer of an address another one.
func (s *scene) mergeCustomers(other, into string) {
	s.Helper()
	s.Receive(mail(other, "other@"+other))
	var from, to string
	s.Read(func(tx *sqldb.Tx) error {
		a, _, err := s.Customers.ByPoint(s.Context(), tx, s.Support.Kind, other)
		if err != nil {
			return err
		}
		b, _, err := s.Customers.ByPoint(s.Context(), tx, s.Support.Kind, into)
		from, to = a.ID, b.ID
		return err
	})
	if _, err := s.Customers.Merge(s.Context(), s.Hana, from, to); err != nil {
		s.Fatal(err)
	}
	s.Rest()
}

func (s *scene) linkTo(id, other conversation.ID) (reason string) {
	s.Helper()
	s.Read(func(tx *sqldb.Tx) error {
		list, err := s.Threads.Suggestions(s.Context(), tx, id, s.Hana.ID)
		for _, one := range list {
			if one.ID == other {
				reason = one.Reason
			}
		}
		return err
	})
	return reason
}

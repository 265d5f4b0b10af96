package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// written is a channel whose raw mail is a message as JSON. "garbage" cannot be
// read, "mine" makes the channel panic.
var written = channel.Kind{Name: inbox.Email, Parse: func(raw []byte) (*channel.Message, error) {
	if string(raw) == "mine" {
		panic("a mine")
	}
	var m channel.Message
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, errors.New("no mail: " + err.Error())
	}
	if m.Visible == "" {
		m.Visible = m.Text
	}
	return &m, nil
}}

type hall struct {
	*threadtest.Desk
	door *intake.Door
	n    int
}

func newHall(t testing.TB, db *sqldb.DB, c *clock.Manual) *hall {
	t.Helper()
	d := threadtest.New(t, db, c)
	return &hall{Desk: d, door: intake.New(intake.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Blobs: d.Blobs, Kinds: []channel.Kind{written},
		Inboxes: d.Inboxes, Customers: d.Customers, Outbox: d.Outbox, Threads: d.Threads, Queue: d.Queue})}
}

func on(t *testing.T, fn func(t *testing.T, h *hall)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(t, newHall(t, db, c)) })
}

const taro = "taro@customer.example"

func person(id string) channel.Message {
	return channel.Message{ExternalID: id, From: channel.Address{Name: "山田太郎", Address: taro}, To: []channel.Address{{Address: threadtest.Support}},
		Subject: "割れた茶碗", Text: "届いた茶碗が割れていました。", Language: "ja", At: dbtest.Start}
}

func raw(t testing.TB, key string, m channel.Message) channel.Raw {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return channel.Raw{Source: "test", Key: key, Bytes: b}
}

// accept takes a message in under a key of its own.
func (h *hall) accept(m channel.Message) intake.Entry {
	h.Helper()
	h.n++
	return h.acceptRaw(h.Desk.Support.ID, raw(h, fmt.Sprintf("key-%d", h.n), m))
}

func (h *hall) acceptRaw(inboxID string, r channel.Raw) intake.Entry {
	h.Helper()
	e, err := h.door.Accept(h.Context(), inboxID, r)
	if err != nil {
		h.Fatal(err)
	}
	return e
}

func (h *hall) want(e intake.Entry, state intake.State, reason string) {
	h.Helper()
	if e.State != state || e.Reason != reason {
		h.Fatalf("entry is %s because of %q (%s), want %s because of %q", e.State, e.Reason, e.Detail, state, reason)
	}
	var stored intake.Entry
	h.Read(func(tx *sqldb.Tx) (err error) {
		stored, err = h.door.Entry(h.Context(), tx, e.ID)
		return err
	})
	if fmt.Sprint(stored) != fmt.Sprint(e) {
		h.Fatalf("stored\n%+v, told\n%+v", stored, e)
	}
}

func (h *hall) sizes() string {
	return fmt.Sprint(h.Count("ledger"), h.Count("conversation"), h.Count("message"), h.Count("customer"), h.Count("journal"), h.Count("attachment"))
}

func TestTheSameDeliveryTwiceIsOneRow(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		m := person("m1@customer.example")
		m.Parts = []channel.Part{{Name: "写真.jpg", ContentType: "image/jpeg", Data: []byte("jpeg")}}
		first := h.acceptRaw(h.Desk.Support.ID, raw(t, "imap:INBOX:1:1", m))
		h.want(first, intake.Linked, "")
		before := h.sizes()
		again := h.acceptRaw(h.Desk.Support.ID, raw(t, "imap:INBOX:1:1", m))
		if fmt.Sprint(again) != fmt.Sprint(first) || h.sizes() != before {
			t.Fatalf("again:\n%+v\n%+v\nrows %s → %s", first, again, before, h.sizes())
		}
		other := h.acceptRaw(h.Desk.Support.ID, raw(t, "imap:INBOX:2:1", m)) // UIDVALIDITY changed: everything comes again
		h.want(other, intake.Duplicate, intake.ReasonDuplicate)
		if other.MessageID != first.MessageID || other.ConversationID != first.ConversationID || h.Count("message") != 1 {
			t.Fatalf("the duplicate leads to %+v", other)
		}
		bothInboxes := h.acceptRaw(h.Sales.ID, raw(t, "imap:INBOX:1:1", m))
		h.want(bothInboxes, intake.Linked, "")
		if bothInboxes.ConversationID == first.ConversationID || h.Count("conversation") != 2 {
			t.Fatalf("the other inbox got %+v", bothInboxes)
		}
	})
}

func TestWhatIsKeptApart(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		h.want(h.accept(person("m1@customer.example")), intake.Linked, "")
		changed := person("m1@customer.example")
		changed.Text = "同じ番号の別の内容です。"
		h.want(h.accept(changed), intake.Linked, "")
		nameless := person("")
		one := h.acceptRaw(h.Desk.Support.ID, raw(t, "a", nameless))
		h.want(one, intake.Linked, "")
		nameless.Text = "もう一通です。"
		h.want(h.acceptRaw(h.Desk.Support.ID, raw(t, "b", nameless)), intake.Linked, "")
		h.want(h.acceptRaw(h.Desk.Support.ID, raw(t, "c", nameless)), intake.Duplicate, intake.ReasonDuplicate) // the very same bytes
		if n := h.Count("message"); n != 4 {
			t.Fatalf("%d messages", n)
		}
	})
}

func TestEveryStateHasItsReason(t *testing.T) {
	own := channel.Address{Address: threadtest.Alias}
	cases := []struct {
		name          string
		mail          func(m *channel.Message)
		state         intake.State
		reason        string
		conversations int
	}{
		{"a person", func(*channel.Message) {}, intake.Linked, "", 1},
		{"a list", func(m *channel.Message) { m.Auto = "list" }, intake.Linked, intake.ReasonAutomatic, 1},
		{"a shop's notice", func(m *channel.Message) { m.Auto = "auto-generated" }, intake.Linked, intake.ReasonAutomatic, 1},
		{"a vacation reply to nothing", func(m *channel.Message) { m.Auto = "auto-reply" }, intake.AutoReply, intake.ReasonAutoReply, 0},
		{"our own automatic mail", func(m *channel.Message) { m.Auto = "loop" }, intake.Quarantined, intake.ReasonLoop, 0},
		{"from our own address", func(m *channel.Message) { m.From = own }, intake.Quarantined, intake.ReasonOwn, 0},
		{"a form on our web site", func(m *channel.Message) { m.ReplyTo, m.From = []channel.Address{m.From}, own }, intake.Linked, "", 1},
		{"from our own address, to our own address", func(m *channel.Message) { m.From, m.ReplyTo = own, []channel.Address{{Address: threadtest.Sales}} },
			intake.Quarantined, intake.ReasonOwn, 0},
		{"nobody", func(m *channel.Message) { m.From = channel.Address{Name: "Somebody"} }, intake.Quarantined, intake.ReasonNoSender, 0},
		{"nobody, but with a Reply-To", func(m *channel.Message) { m.ReplyTo, m.From = []channel.Address{m.From}, channel.Address{} }, intake.Linked, "", 1},
		{"spam", func(m *channel.Message) { m.Spam = "X-Spam-Flag: YES" }, intake.Spam, intake.ReasonSpam, 0},
		{"a bounce of nothing", func(m *channel.Message) {
			m.Bounce = &channel.Bounce{Kind: "failed", Hard: true, Recipients: []string{taro}}
		},
			intake.Bounce, intake.ReasonBounceUnknown, 0},
		{"text that no database takes", func(m *channel.Message) {
			m.Subject, m.Text, m.From.Name, m.ExternalID = "a\x00b\xff", "\x00\xfe", "\x00", "i\x00d\xff@x"
		}, intake.Linked, "", 1},
	}
	on(t, func(t *testing.T, h *hall) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := h.Count("conversation")
				m := person(fmt.Sprintf("m%d@customer.example", i))
				c.mail(&m)
				e := h.accept(m)
				h.want(e, c.state, c.reason)
				if n := h.Count("conversation") - before; n != c.conversations || (e.ConversationID != "") != (n == 1) {
					t.Fatalf("%d conversations: %+v", n, e)
				}
				if c.state == intake.Quarantined {
					if f := h.Facts(e.ID); !slices.Equal(f, []string{intake.QuarantinedFact}) {
						t.Errorf("facts %v", f)
					}
				}
				if r, err := h.rawOf(e.ID); err != nil || len(r) != int(e.Size) {
					t.Errorf("raw: %d of %d bytes, %v", len(r), e.Size, err)
				}
			})
		}
	})
}

func (h *hall) rawOf(id string) (string, error) {
	_, r, err := h.door.Raw(h.Context(), id)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String(), r.Close()
		}
	}
}

func TestAWebFormIsItsWritersConversation(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		form := person("form@shop.example")
		form.ReplyTo, form.From = []channel.Address{{Name: "山田太郎", Address: taro}}, channel.Address{Address: threadtest.Support}
		e := h.accept(form)
		m, err := h.Threads.Post(t.Context(), h.Hana, conversation.Reply{ConversationID: e.ConversationID, Text: "承りました。"})
		if err != nil {
			t.Fatal(err)
		}
		if to := m.Envelope.To; len(to) != 1 || to[0].Address != taro {
			t.Fatalf("the answer goes to %+v", to)
		}
		answer := person("m2@customer.example")
		answer.InReplyTo = []string{m.ExternalID}
		if got := h.accept(answer); got.ConversationID != e.ConversationID {
			t.Fatalf("the writer's answer went to %s", got.ConversationID)
		}
	})
}

func TestQuarantineIsTriedAgainByAPerson(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		ctx := t.Context()
		for i, bad := range []string{"{", "mine"} {
			e := h.acceptRaw(h.Desk.Support.ID, channel.Raw{Source: "test", Key: fmt.Sprint(i), Sender: taro, Bytes: []byte(bad)})
			h.want(e, intake.Quarantined, intake.ReasonUnreadable)
			if e.Detail == "" || e.Sender != taro {
				t.Errorf("%+v", e)
			}
			again, err := h.door.Retry(ctx, h.Hana, e.ID)
			if err != nil || again.State != intake.Quarantined || again.Attempts != 1 {
				t.Errorf("%+v, %v", again, err)
			}
		}
		m := person("spam@customer.example")
		m.Spam = "X-Spam: yes"
		e := h.accept(m)
		again, err := h.door.Retry(ctx, h.Hana, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.want(again, intake.Linked, "")
		if again.ID != e.ID || again.MessageID == "" {
			t.Fatalf("%+v", again)
		}
		if _, err := h.door.Retry(ctx, h.Hana, e.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("retry of what has its place: %v", err)
		}
		if _, err := h.door.Retry(ctx, h.Hana, "led_none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("retry of nothing: %v", err)
		}
		own := person("own@shop.example")
		own.From = channel.Address{Address: threadtest.Support}
		let, err := h.door.Retry(ctx, h.Hana, h.accept(own).ID)
		if err != nil || let.State != intake.Linked {
			t.Errorf("let in by a person: %+v, %v", let, err)
		}
	})
}

func TestBouncesFindTheirMessage(t *testing.T) {
	cases := []struct {
		name    string
		bounce  func(m conversation.Message, to string) channel.Message
		state   string // of the letter
		entry   bool
		bounced bool // the customer's point
		reason  string
	}{
		{"by Message-ID, hard", func(m conversation.Message, to string) channel.Message {
			return report(channel.Bounce{Kind: "failed", OriginalID: m.ExternalID, Recipients: []string{to}, Hard: true, Text: "550 5.1.1"})
		}, "bounced", true, true, intake.ReasonBounce},
		{"with words that no database takes", func(m conversation.Message, to string) channel.Message {
			return report(channel.Bounce{Kind: "failed", OriginalID: m.ExternalID, Recipients: []string{to, "\x00\xff"}, Reason: "a\x00", Text: "550 \x00\xfe"})
		}, "bounced", true, false, intake.ReasonBounce},
		{"soft", func(m conversation.Message, to string) channel.Message {
			return report(channel.Bounce{Kind: "failed", OriginalID: m.ExternalID, Recipients: []string{to}, Reason: "mailboxfull"})
		}, "bounced", true, false, intake.ReasonBounce},
		{"only delayed", func(m conversation.Message, to string) channel.Message {
			return report(channel.Bounce{Kind: "delayed", OriginalID: m.ExternalID, Recipients: []string{to}, Hard: true})
		}, "sent", true, false, intake.ReasonDelayed},
		{"marked as spam by the reader", func(m conversation.Message, _ string) channel.Message {
			return report(channel.Bounce{Kind: "complaint", OriginalID: m.ExternalID})
		}, "sent", true, false, intake.ReasonComplaint},
		{"by recipient", func(_ conversation.Message, to string) channel.Message {
			return report(channel.Bounce{Kind: "failed", Recipients: []string{strings.ToUpper(to)}, Hard: true})
		}, "bounced", true, true, intake.ReasonBounce},
		{"by In-Reply-To only", func(m conversation.Message, _ string) channel.Message {
			r := report(channel.Bounce{Kind: "failed", Hard: true})
			r.InReplyTo = []string{m.ExternalID}
			return r
		}, "bounced", true, true, intake.ReasonBounce},
		{"about somebody we did not write to", func(conversation.Message, string) channel.Message {
			return report(channel.Bounce{Kind: "failed", Recipients: []string{"else@customer.example"}, Hard: true})
		}, "sent", false, false, intake.ReasonBounceUnknown},
	}
	on(t, func(t *testing.T, h *hall) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := h.Count("conversation")
				address := fmt.Sprintf("taro%d@customer.example", i)
				first := person(fmt.Sprintf("m%d@customer.example", i))
				first.From.Address = address
				id := h.accept(first).ConversationID
				m, err := h.Threads.Post(t.Context(), h.Hana, conversation.Reply{ConversationID: id, Text: "お調べします。"})
				if err != nil {
					t.Fatal(err)
				}
				h.Wait(time.Minute)
				e := h.accept(c.bounce(m, address))
				h.Rest()
				h.want(e, intake.Bounce, c.reason)
				if n := h.Count("conversation") - before; n != 1 {
					t.Fatalf("%d conversations", n)
				}
				h.Read(func(tx *sqldb.Tx) error {
					ways, err := h.Outbox.ByMessages(t.Context(), tx, []string{string(m.ID)})
					if got := string(ways[string(m.ID)].State); got != c.state {
						t.Errorf("the letter is %s, want %s", got, c.state)
					}
					if err != nil {
						return err
					}
					who, _, err := h.Customers.ByPoint(t.Context(), tx, inbox.Email, address)
					if got := !who.Points[0].BouncedAt.IsZero(); got != c.bounced {
						t.Errorf("point bounced: %v", got)
					}
					return err
				})
				entry := slices.ContainsFunc(h.Thread(id), func(m conversation.Message) bool {
					return m.Event != nil && m.Event.Name == conversation.EntryBounce
				})
				if entry != c.entry || (c.entry && e.ConversationID != id) {
					t.Errorf("entry in the thread: %v; %+v", entry, e)
				}
				want := conversation.Pending
				if c.state == "bounced" {
					want = conversation.Open
				}
				if got := h.Conversation(id).Status; got != want {
					t.Errorf("status %s, want %s", got, want)
				}
			})
		}
	})
}

func report(b channel.Bounce) channel.Message {
	return channel.Message{ExternalID: "bounce@mx.example" + b.OriginalID + strings.Join(b.Recipients, ""), From: channel.Address{Address: "mailer-daemon@mx.example"}, Subject: "Undelivered", Bounce: &b, Auto: "auto-generated"}
}

func TestAutomaticRepliesAreLinkedAndMuted(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		id := h.accept(person("m1@customer.example")).ConversationID
		m, err := h.Threads.Post(t.Context(), h.Hana, conversation.Reply{ConversationID: id, Text: "交換します。", Resolve: true})
		if err != nil {
			t.Fatal(err)
		}
		h.Wait(time.Minute)
		away := person("away@customer.example")
		away.InReplyTo, away.Auto, away.Text = []string{m.ExternalID}, "auto-reply", "休暇中です。"
		e := h.accept(away)
		h.want(e, intake.AutoReply, intake.ReasonAutoReply)
		if c := h.Conversation(id); e.ConversationID != id || c.Status != conversation.Resolved {
			t.Fatalf("%s: %+v", c.Status, e)
		}
	})
}

func TestOurOwnCopyIsRecognised(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		id := h.accept(person("m1@customer.example")).ConversationID
		m, err := h.Threads.Post(t.Context(), h.Hana, conversation.Reply{ConversationID: id, Text: "お調べします。"})
		if err != nil {
			t.Fatal(err)
		}
		back := channel.Message{ExternalID: m.ExternalID, From: m.Envelope.From, To: m.Envelope.To, Text: m.Body, InReplyTo: []string{"m1@customer.example"}}
		e := h.accept(back)
		h.want(e, intake.Linked, intake.ReasonOwnCopy)
		if e.MessageID != m.ID || h.Count("conversation") != 1 {
			t.Fatalf("%+v", e)
		}
	})
}

// A failure anywhere in the transaction leaves nothing behind, and the same
// delivery works afterwards.
func TestACrashAnywhereLeavesNothing(t *testing.T) {
	tables := []string{"ledger", "customer", "point", "conversation", "message", "message_html", "attachment", "participant", "journal", "job", "counter"}
	on(t, func(t *testing.T, h *hall) {
		h.Journal.Listen(conversation.ReceivedFact, "test.listen", nil) // so that a duty is added
		for _, table := range tables {
			t.Run(table, func(t *testing.T) {
				m := person("m-" + table + "@customer.example")
				m.From.Address = table + "@customer.example" // somebody new, each time
				m.HTML = "<p>割れた</p>"
				m.Parts = []channel.Part{{Name: "a.txt", Data: []byte("a")}}
				before, messages := h.sizes(), h.Count("message")
				hide(t, h.DB, table, table+"_away")
				_, err := h.door.Accept(t.Context(), h.Desk.Support.ID, raw(t, table, m))
				hide(t, h.DB, table+"_away", table)
				if err == nil {
					t.Fatal("accepted without " + table)
				}
				if after := h.sizes(); after != before {
					t.Fatalf("rows %s → %s", before, after)
				}
				h.want(h.acceptRaw(h.Desk.Support.ID, raw(t, table, m)), intake.Linked, "")
				if h.Count("message") != messages+1 {
					t.Fatal(h.sizes())
				}
			})
		}
	})
}

func hide(t *testing.T, db *sqldb.DB, from, to string) {
	t.Helper()
	if _, err := db.Pool().ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
		t.Fatal(err)
	}
}

// However often, in whatever order and at the same time deliveries come, the
// ledger is the set of what was sent, and each mail is one message.
func TestTheLedgerIsASet(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			type sent struct{ key, mail int }
			n := rapid.IntRange(1, 4).Draw(r, "mails")
			list := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) sent {
				return sent{rapid.IntRange(0, 5).Draw(r, "key"), rapid.IntRange(0, n-1).Draw(r, "mail")}
			}), 1, 12).Draw(r, "deliveries")
			fixed := map[int]int{} // one key is one delivery: it always brings the same mail
			for i, s := range list {
				if m, ok := fixed[s.key]; ok {
					list[i].mail = m
				}
				fixed[s.key] = list[i].mail
			}
			rows, messages := h.Count("ledger"), h.Count("message")
			var wg sync.WaitGroup
			failed := make(chan error, len(list))
			for _, s := range list {
				m := person(fmt.Sprintf("run%d-%d@customer.example", run, s.mail))
				d := raw(t, fmt.Sprintf("run%d-%d", run, s.key), m)
				wg.Go(func() {
					if _, err := h.door.Accept(context.WithoutCancel(t.Context()), h.Desk.Support.ID, d); err != nil {
						failed <- err
					}
				})
			}
			wg.Wait()
			close(failed)
			for err := range failed {
				r.Fatal(err)
			}
			mails := map[int]bool{}
			for _, m := range fixed {
				mails[m] = true
			}
			if got := h.Count("ledger") - rows; got != len(fixed) {
				r.Fatalf("%d rows for %d keys", got, len(fixed))
			}
			if got := h.Count("message") - messages; got != len(mails) {
				r.Fatalf("%d messages for %d mails", got, len(mails))
			}
		})
	})
}

func TestPagesOfTheLedger(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		for i := range 7 {
			m := person(fmt.Sprintf("m%d@customer.example", i))
			if i%2 == 1 {
				m.Spam = "yes"
			}
			h.accept(m)
		}
		h.acceptRaw(h.Sales.ID, raw(t, "sales", person("s@customer.example")))
		for name, c := range map[string]struct {
			q    intake.Query
			want int
		}{
			"all": {intake.Query{Limit: 3}, 8}, "spam": {intake.Query{State: intake.Spam, Limit: 2}, 3},
			"support":           {intake.Query{InboxID: h.Desk.Support.ID, Limit: 2}, 7},
			"linked in support": {intake.Query{InboxID: h.Desk.Support.ID, State: intake.Linked, Limit: 1}, 4},
		} {
			var got []string
			for {
				var page intake.Page
				h.Read(func(tx *sqldb.Tx) (err error) {
					page, err = h.door.Ledger(t.Context(), tx, c.q)
					return err
				})
				for _, e := range page.Items {
					got = append(got, e.ID)
				}
				if c.q.Cursor = page.Next; page.Next == "" {
					break
				}
			}
			if len(got) != c.want || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
				t.Errorf("%s: %d entries: %v", name, len(got), got)
			}
		}
	})
}

// TestPanicQuarantines: a mail that panics in the middle of its transaction is
// kept, shown and logged once, and the next one comes in.
func TestPanicQuarantines(t *testing.T) {
	on(t, func(t *testing.T, h *hall) {
		var log bytes.Buffer
		broken := *h.door
		broken.Log = slog.New(slog.NewTextHandler(&log, nil))
		broken.Threads = nil // what is asked of it panics
		e, err := broken.Accept(t.Context(), h.Support.ID, raw(t, "k1", person("a@customer.example")))
		if err != nil || e.State != intake.Quarantined || e.Reason != intake.ReasonUnreadable || !strings.Contains(e.Detail, "panic") || strings.Contains(e.Detail, "goroutine") {
			t.Fatalf("%+v %v", e, err)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), "door.go") {
			t.Errorf("logged %d times: %s", n, log.String())
		}
		if again, err := h.door.Retry(t.Context(), h.Hana, e.ID); err != nil || again.State != intake.Linked {
			t.Errorf("once it is mended: %+v %v", again, err)
		}
	})
}

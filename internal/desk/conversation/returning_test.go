package conversation_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// into is a mail that comes into an inbox.
func into(box inbox.Inbox, from, id, words string) threadtest.Mail {
	m := mail(from, id)
	m.Inbox, m.To, m.Subject, m.Text, m.Visible = box, addrs(box.Address), "subject of "+id, words, words
	return m
}

// suggested returns what is suggested beside a conversation, by the other's id.
func suggested(d *threadtest.Desk, id conversation.ID) map[conversation.ID]conversation.Suggestion {
	d.Helper()
	out := map[conversation.ID]conversation.Suggestion{}
	d.Read(func(tx *sqldb.Tx) error {
		list, err := d.Threads.Suggestions(d.Context(), tx, id, d.Hana.ID)
		for _, s := range list {
			out[s.ID] = s
		}
		return err
	})
	return out
}

// TestReturningOnAnotherChannel suggests the unfinished conversation elsewhere, for
// as long as it is unfinished and not long ago, and joins it.
func TestReturningOnAnotherChannel(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		first := d.Receive(into(d.Support, taro, "r1@customer.example", "茶碗が割れていました。")).ConversationID
		d.Clock.Advance(time.Hour)
		second := d.Receive(into(d.Sales, taro, "r2@customer.example", "先日の件です。")).ConversationID
		if first == second {
			t.Fatal("two inboxes, one conversation")
		}
		reason := func(id, other conversation.ID) string { return suggested(d, id)[other].Reason }
		if got := reason(second, first); got != conversation.LinkReturning {
			t.Errorf("the later one is suggested to go on with the earlier: %q", got)
		}
		if got := reason(first, second); got != conversation.LinkCustomer {
			t.Errorf("the earlier one: %q", got)
		}
		patch(t, d, first, conversation.Patch{Status: ref(conversation.Resolved)})
		if got := reason(second, first); got != conversation.LinkCustomer {
			t.Errorf("a finished one: %q", got)
		}
		patch(t, d, first, conversation.Patch{Status: ref(conversation.Open)})
		d.Clock.Advance(conversation.ReturnWithin + time.Hour)
		if got := reason(second, first); got != conversation.LinkCustomer {
			t.Errorf("long ago: %q", got)
		}

		kept, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, conversation.Joined{From: second, Into: first})
		if err != nil {
			t.Fatal(err)
		}
		back, err := d.Threads.Split(t.Context(), d.Hana, first, lastEntry(d, first, conversation.EntryMerged))
		if err != nil || back.ID != second || d.Conversation(first).InboxID != d.Support.ID {
			t.Errorf("taken back: %+v %v, goes on in %s", back, err, d.Conversation(first).InboxID)
		}
		if kept, err = conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, conversation.Joined{From: second, Into: first}); err != nil {
			t.Fatal(err)
		}
		if kept.ID != first || kept.InboxID != d.Sales.ID || len(said(d, first)) != 2 {
			t.Errorf("joined: %+v", kept)
		}
		if _, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, conversation.Joined{From: second, Into: first}); !fault.Is(err, fault.Invalid) {
			t.Errorf("joined twice: %v", err)
		}
	})
}

// lastEntry is the id of the newest entry of a name.
func lastEntry(d *threadtest.Desk, id conversation.ID, name string) (entry conversation.MessageID) {
	d.Helper()
	for _, m := range d.Thread(id) {
		if m.Event != nil && m.Event.Name == name {
			entry = m.ID
		}
	}
	return entry
}

// TestWrittenAddresses connects two customers by an address that one of them
// wrote, and by nothing less; only an agent makes them one.
func TestWrittenAddresses(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		known := d.Receive(into(d.Support, taro, "w1@customer.example", "こんにちは。")).ConversationID
		d.Write(func(tx *sqldb.Tx) error {
			_, err := d.Customers.AttachTx(t.Context(), tx, d.Conversation(known).CustomerID, customer.Point{Kind: "phone", Address: "+819012345678"})
			return err
		})
		cases := []struct {
			words string
			want  bool
		}{
			{"佐藤太郎です。先日メールしました。", false},
			{"メールは taro@customer.example です", true},
			{"メールはｔａｒｏ＠ｃｕｓｔｏｍｅｒ．ｅｘａｍｐｌｅです", true},
			{"TARO@Customer.Example.", true},
			{"xtaro@customer.example", false},
			{"電話は090-1234-5678です", true},
			{"０９０ー１２３４ー５６７８", true},
			{"+81 90 1234 5678", true},
			{"注文番号 1090123456789", false},
			{"お電話は 090-1234-5679 まで", false},
			{"shop@shop.example から " + jiro + " に転送", false},
		}
		chat := d.Sales // as if it were one: its people have no mail address
		chat.Kind = "chat"
		for n, c := range cases {
			words, want := c.words, c.want
			from := string(rune('a'+n)) + "@stranger.example"
			id := d.Receive(into(chat, from, from, words)).ConversationID
			got := suggested(d, id)[known]
			if (got.Reason == conversation.LinkAddress) != want || (got.Written != "") != want {
				t.Errorf("%q: %q by %q, wanted %v", words, got.Reason, got.Written, want)
			}
			if d.Conversation(id).CustomerID == d.Conversation(known).CustomerID {
				t.Fatalf("%q made two customers one", words)
			}
			if want {
				join := conversation.Joined{From: id, Into: known}
				if _, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, join); !names(err, "body.sameCustomer") {
					t.Errorf("%q: two customers became one by the way: %v", words, err)
				}
				join.SameCustomer = true
				if _, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, join); err != nil {
					t.Fatal(err)
				}
				d.Rest()
				var who customer.Customer
				d.Read(func(tx *sqldb.Tx) (err error) {
					who, err = d.Customers.ByID(t.Context(), tx, d.Conversation(known).CustomerID)
					return err
				})
				if d.Conversation(id).ID != known || !hasPoint(who, from) || !hasPoint(who, taro) {
					t.Errorf("%q: after joining %+v", words, who)
				}
			}
		}
	})
}

// TestOwnAddressesAreEnough suggests nobody to those who have an address of that
// kind: a signature names colleagues.
func TestOwnAddressesAreEnough(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		known := d.Receive(into(d.Support, taro, "o1@customer.example", "こんにちは。")).ConversationID
		id := d.Receive(into(d.Sales, jiro, "o2@customer.example", "担当は "+taro+" です。")).ConversationID
		if got := suggested(d, id)[known]; got.Reason != "" {
			t.Errorf("%+v", got)
		}
	})
}

func hasPoint(c customer.Customer, address string) bool {
	for _, p := range c.Points {
		if p.Address == address {
			return true
		}
	}
	return false
}

// TestAnswersInTheirHours holds an answer until the customer likes to be reached.
func TestAnswersInTheirHours(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "h1@customer.example")).ConversationID
		who := d.Conversation(id).CustomerID
		zone, err := time.LoadLocation(d.Brand.Zone)
		if err != nil {
			t.Fatal(err)
		}
		from := d.Clock.Now().In(zone).Add(3 * time.Hour).Truncate(time.Minute)
		change := customer.Change{HoursFrom: ref(from.Format("15:04")), HoursTo: ref(from.Add(2 * time.Hour).Format("15:04"))}
		if _, err := d.Customers.Change(t.Context(), d.Hana, who, change); err != nil {
			t.Fatal(err)
		}
		sent := func() int { return len(d.Wire.Sent()) }
		reply(t, d, conversation.Reply{ConversationID: id, Text: "あとで", InHours: true})
		d.Wait(2 * time.Hour)
		if sent() != 0 {
			t.Error("sent outside of the hours")
		}
		d.Wait(time.Hour)
		if sent() != 1 {
			t.Errorf("%d sent in the hours", sent())
		}
		reply(t, d, conversation.Reply{ConversationID: id, Text: "すぐに", InHours: true})
		d.Wait(time.Minute)
		if sent() != 2 {
			t.Errorf("%d sent: an answer within the hours waits", sent())
		}
		d.Wait(3 * time.Hour)
		reply(t, d, conversation.Reply{ConversationID: id, Text: "急ぎ"})
		d.Wait(time.Minute)
		if sent() != 3 {
			t.Errorf("%d sent: hours hold what was not to be held", sent())
		}
	})
}

// TestRecords writes down what was said beside the channels.
func TestRecords(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		ctx := t.Context()
		good := conversation.Record{InboxID: d.Support.ID, How: conversation.Telephone, Subject: "到着日の確認", Text: "明日届くかとのお尋ね。",
			Customer: conversation.Caller{Name: "鈴木 一郎", Phone: "０３-1234-5678"}, Place: "本店"}
		c, m, err := conversation.ClerkOf(d.Threads).Record(ctx, d.Hana, good)
		if err != nil {
			t.Fatal(err)
		}
		if c.Status != conversation.Open || c.WaitingSince.IsZero() || m.Kind != conversation.Incoming || m.AuthorName != "鈴木 一郎" ||
			m.Event == nil || m.Event.Data["how"] != "phone" || m.Event.Data["place"] != "本店" || m.Event.Data["takenBy"] == "" {
			t.Errorf("%+v %+v", c, m)
		}
		// The same number finds the same person; who gives nothing but a name is somebody new.
		again := good
		again.Customer = conversation.Caller{Name: "鈴木", Phone: "+81 3 1234 5678"}
		if two, _, err := conversation.ClerkOf(d.Threads).Record(ctx, d.Hana, again); err != nil || two.CustomerID != c.CustomerID || two.ID == c.ID {
			t.Errorf("%+v %v", two, err)
		}
		again.Customer = conversation.Caller{Name: "鈴木 一郎"}
		if two, _, err := conversation.ClerkOf(d.Threads).Record(ctx, d.Hana, again); err != nil || two.CustomerID == c.CustomerID {
			t.Errorf("%+v %v", two, err)
		}
		// We called back, and it was settled.
		d.Clock.Advance(time.Hour)
		back, m, err := conversation.ClerkOf(d.Threads).Record(ctx, d.Hana, conversation.Record{ConversationID: c.ID, How: conversation.Telephone, Ours: true, Text: "明日の午前に届くとお伝えした。", Resolve: true})
		if err != nil {
			t.Fatal(err)
		}
		if back.Status != conversation.Resolved || back.FirstResponseAt.IsZero() || !back.WaitingSince.IsZero() || m.Kind != conversation.Outgoing || len(d.Wire.Sent()) != 0 {
			t.Errorf("%+v %+v", back, m)
		}
		early := conversation.Record{ConversationID: c.ID, How: conversation.Telephone, Ours: true, Text: "先に", At: d.Clock.Now().Add(-2 * time.Hour)}
		if _, _, err := conversation.ClerkOf(d.Threads).Record(ctx, d.Hana, early); !names(err, "body.at") {
			t.Errorf("an answer before the question: %v", err)
		}
		// An answer by mail after a record goes to the customer's mail address, where there is one.
		mixed := good
		mixed.Customer = conversation.Caller{Name: "田中", Email: "tanaka@example.jp", Phone: "090-0000-1111"}
		mixed.At = d.Clock.Now().Add(-48 * time.Hour)
		three, m, err := conversation.ClerkOf(d.Threads).Record(ctx, d.Hana, mixed)
		if err != nil || !m.At.Equal(mixed.At) || !three.CreatedAt.Equal(mixed.At) {
			t.Fatalf("%+v %v", three, err)
		}
		reply(t, d, conversation.Reply{ConversationID: three.ID, Text: "お電話ありがとうございました。"})
		d.Wait(time.Minute)
		if sent := d.Wire.Sent(); len(sent) == 1 && strings.Contains(sent[0].Text+sent[0].HTML, "お尋ね") {
			t.Errorf("the customer reads what was written down: %s", sent[0].Text)
		}
		if _, err := d.Threads.Post(ctx, d.Hana, conversation.Reply{ConversationID: three.ID, Text: "x", ReplyTo: m.ID}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a record is answered: %v", err)
		}
		if sent := d.Wire.Sent(); len(sent) != 1 || len(sent[0].To) != 1 || sent[0].To[0] != (channel.Address{Name: "田中", Address: "tanaka@example.jp"}) {
			t.Errorf("answered %+v", sent)
		}
	})
}

func TestRecordsThatAreRefused(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		good := conversation.Record{InboxID: d.Support.ID, How: conversation.Walkin, Subject: "s", Text: "t", Customer: conversation.Caller{Name: "n"}}
		cases := map[string]func(*conversation.Record){
			"body.how":            func(r *conversation.Record) { r.How = "telepathy" },
			"body.text":           func(r *conversation.Record) { r.Text = " \n" },
			"body.subject":        func(r *conversation.Record) { r.Subject = "" },
			"body.inboxId":        func(r *conversation.Record) { r.InboxID = "inb_00000000000000000000000000" },
			"body.customer.name":  func(r *conversation.Record) { r.Customer = conversation.Caller{} },
			"body.customer.email": func(r *conversation.Record) { r.Customer.Email = "x@" },
			"body.customer.phone": func(r *conversation.Record) { r.Customer.Phone = "call me" },
			"body.at":             func(r *conversation.Record) { r.At = d.Clock.Now().Add(time.Hour) },
			"body.takenBy":        func(r *conversation.Record) { r.TakenBy = "agt_00000000000000000000000000" },
			"body.attachmentIds":  func(r *conversation.Record) { r.AttachmentIDs = []string{"att_00000000000000000000000000"} },
		}
		before := d.Count("conversation")
		for path, break_ := range cases {
			r := good
			break_(&r)
			_, _, err := conversation.ClerkOf(d.Threads).Record(t.Context(), d.Hana, r)
			if !names(err, path) {
				t.Errorf("%s: %v", path, err)
			}
		}
		r := good
		r.Ours = true
		if _, _, err := conversation.ClerkOf(d.Threads).Record(t.Context(), d.Hana, r); !names(err, "body.how") {
			t.Errorf("we visited the customer in our shop: %v", err)
		}
		if n := d.Count("conversation"); n != before {
			t.Errorf("%d conversations are left behind", n-before)
		}
	})
}

// names reports whether an error says that a field is wrong.
func names(err error, path string) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.Invalid && slices.ContainsFunc(f.Fields, func(one fault.Field) bool { return one.Path == path })
}

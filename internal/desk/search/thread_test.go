package search_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// listening sets up a desk whose facts are indexed as in the product.
func listening(t *testing.T, db *sqldb.DB, c *clock.Manual) *threadtest.Desk {
	t.Helper()
	d, x := threadtest.New(t, db, c), search.New()
	event.On(d.Journal, conversation.ReceivedFact, "search.message", x.OnMessage)
	event.On(d.Journal, conversation.PostedFact, "search.message", x.OnMessage)
	event.On(d.Journal, conversation.NotedFact, "search.message", x.OnMessage)
	d.Journal.Listen(conversation.OpenedFact, "search.conversation", x.OnConversation)
	d.Journal.Listen(conversation.UpdatedFact, "search.conversation", x.OnConversation)
	d.Journal.Listen(customer.CreatedFact, "search.customer", x.OnCustomer)
	d.Journal.Listen(customer.UpdatedFact, "search.customer", x.OnCustomer)
	d.Journal.Listen(customer.MergedFact, "search.customer", x.OnCustomerMerged)
	return d
}

func hits(t *testing.T, db *sqldb.DB, words string) (out []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		p, err := search.New().Find(t.Context(), tx, search.Query{Text: words})
		for _, h := range p.Hits {
			out = append(out, string(h.Kind)+" "+h.Subject)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatHappensAtTheDeskIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := listening(t, db, c)
		ctx := t.Context()
		in := d.Receive(threadtest.Mail{Message: channel.Message{ExternalID: "m1@c", From: channel.Address{Name: "山田太郎", Address: "taro@customer.example"},
			Subject: "割れた急須", Text: "届いた茶碗が割れていました。"}})
		id := in.ConversationID
		note, err := d.Threads.Note(ctx, d.Hana, conversation.NewNote{ConversationID: id, Text: "倉庫に在庫あり"})
		if err != nil {
			t.Fatal(err)
		}
		file, err := d.Files.Upload(ctx, d.Hana, conversation.Attachment{Name: "見積書.pdf"}, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		post := func(text string) conversation.Message {
			m, err := d.Threads.Post(ctx, d.Hana, conversation.Reply{ConversationID: id, Text: text, AttachmentIDs: []string{file.ID}})
			if err != nil {
				t.Fatal(err)
			}
			d.Rest()
			return m
		}
		withdrawn := post("間違えた返金の話")
		if got := hits(t, db, "返金"); !slices.Equal(got, []string{"message " + string(withdrawn.ID)}) {
			t.Errorf("before undo: %v", got)
		}
		if _, err := d.Threads.Undo(ctx, d.Hana, withdrawn.ID); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		out := post("交換品をお送りします。")
		d.Wait(time.Minute)
		who := d.Conversation(id).CustomerID
		for words, want := range map[string][]string{
			"返金": nil, "茶碗": {"message " + string(in.ID), "conversation " + string(id)}, "在庫": {"message " + string(note.ID)},
			"見積書": {"message " + string(out.ID)}, "交換品": {"message " + string(out.ID)}, "急須": {"conversation " + string(id)},
			"taro": {"customer " + who}, "山田": {"customer " + who}, "1001": {"conversation " + string(id)},
		} {
			got := hits(t, db, words)
			if words == "茶碗" { // the conversation is found by its subject only; its preview is not indexed
				want = want[:1]
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s finds %v, want %v", words, got, want)
			}
		}
		subject := "漏れる花瓶"
		if _, err := d.Threads.Change(ctx, d.Hana, id, conversation.Patch{Subject: &subject}); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		if a, b := hits(t, db, "急須"), hits(t, db, "花瓶"); len(a) != 0 || len(b) != 1 {
			t.Errorf("after the subject changed: %v %v", a, b)
		}
	})
}

func TestMergedThingsAreFoundOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := listening(t, db, c)
		ctx := t.Context()
		mail := func(from, id string) conversation.Message {
			return d.Receive(threadtest.Mail{Message: channel.Message{ExternalID: id, From: channel.Address{Name: "鈴木花子", Address: from}, Subject: "花瓶", Text: "花瓶が届きません"}})
		}
		a, b := mail("hanako@home.example", "a@c"), mail("hanako@work.example", "b@c")
		from, into := d.Conversation(a.ConversationID).CustomerID, d.Conversation(b.ConversationID).CustomerID
		if _, err := d.Threads.Merge(ctx, d.Hana, a.ConversationID, b.ConversationID); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Customers.Merge(ctx, d.Hana, from, into); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		want := []string{"conversation " + string(b.ConversationID), "message " + string(a.ID), "message " + string(b.ID)}
		got := hits(t, db, "花瓶")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, words := range []string{"鈴木", "home", "work"} {
			if got := hits(t, db, words); !slices.Equal(got, []string{"customer " + into}) {
				t.Errorf("%s finds %v", words, got)
			}
		}
		var page search.Page
		d.Read(func(tx *sqldb.Tx) (err error) {
			page, err = search.New().Find(ctx, tx, search.Query{Text: "届きません", Kind: search.Message})
			return err
		})
		for _, h := range page.Hits {
			if h.ConversationID != string(b.ConversationID) {
				t.Errorf("%s leads to %s", h.Subject, h.ConversationID)
			}
		}
	})
}

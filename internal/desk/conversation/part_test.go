package conversation_test

import (
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

const saburo = "saburo@customer.example"

func customerOf(d *threadtest.Desk, id string) (c customer.Customer) {
	d.Helper()
	d.Read(func(tx *sqldb.Tx) (err error) {
		c, err = d.Customers.ByID(d.Context(), tx, id)
		return err
	})
	return c
}

func joinsOf(d *threadtest.Desk, id string) (list []customer.Join) {
	d.Helper()
	d.Read(func(tx *sqldb.Tx) (err error) {
		list, err = d.Customers.Joins(d.Context(), tx, id)
		return err
	})
	return list
}

func words(d *threadtest.Desk, id conversation.ID) string {
	d.Helper()
	var out []string
	for _, m := range d.Thread(id) {
		if m.Kind != conversation.Event {
			out = append(out, m.Body)
		}
	}
	return strings.Join(out, " | ")
}

// TestPartingGivesEachTheirOwn joins two customers and conversations of theirs,
// lets both go on, and parts them again: each has their own addresses,
// conversations and words, whether the join was just made or long heard of.
func TestPartingGivesEachTheirOwn(t *testing.T) {
	for name, rest := range map[string]bool{"at once": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, d *threadtest.Desk) {
				kept := d.Receive(into(d.Support, taro, "k1@customer.example", "太郎の件")).ConversationID
				gone := d.Receive(into(d.Sales, jiro, "g1@customer.example", "次郎の件")).ConversationID
				other := d.Receive(into(d.Support, jiro, "g2@customer.example", "次郎の別件")).ConversationID
				a, b := d.Conversation(kept).CustomerID, d.Conversation(gone).CustomerID
				note := "次郎は左利き"
				if _, err := d.Customers.Change(t.Context(), d.Hana, b, customer.Change{Note: &note}); err != nil {
					t.Fatal(err)
				}
				d.Rest()
				before := d.Conversation(kept)
				join := conversation.Joined{From: gone, Into: kept, SameCustomer: true}
				if _, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, join); err != nil {
					t.Fatal(err)
				}
				var since conversation.ID
				if rest {
					d.Rest()
					if got := customerOf(d, b); got.ID != a || got.Note != note || len(got.Points) != 2 || d.Conversation(other).CustomerID != a {
						t.Fatalf("joined: %+v", got)
					}
					d.Clock.Advance(time.Hour)
					more := into(d.Sales, jiro, "g3@customer.example", "次郎の続き")
					more.InReplyTo = []string{"g1@customer.example"}
					if got := d.Receive(more).ConversationID; got != kept {
						t.Fatalf("goes on in %s", got)
					}
					d.Receive(into(d.Support, taro, "k2@customer.example", "太郎の新しい件"))
					since = d.Receive(into(d.Support, jiro, "g4@customer.example", "次郎の新しい件")).ConversationID
					d.Rest()
				}
				joins := joinsOf(d, a)
				if len(joins) != 1 || joins[0].From != b || joins[0].Name != customerOf(d, b).Name && joins[0].Name != jiro || joins[0].Proven || joins[0].By != d.Hana {
					t.Fatalf("joins %+v", joins)
				}
				back, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, joins[0].ID)
				if err != nil || back.ID != b {
					t.Fatalf("parted %+v: %v", back, err)
				}
				d.Rest()
				one, two := customerOf(d, a), customerOf(d, b)
				if two.ID != b || two.Note != note || len(two.Points) != 1 || two.Points[0].Address != jiro {
					t.Errorf("back: %+v", two)
				}
				if one.Note != "" || len(one.Points) != 1 || one.Points[0].Address != taro {
					t.Errorf("kept: %+v", one)
				}
				want := map[conversation.ID]string{kept: a, gone: b, other: b}
				if rest {
					want[since] = b
				}
				for id, who := range want {
					if c := d.Conversation(id); c.ID != id || c.CustomerID != who {
						t.Errorf("%s is %s of %s, want %s", id, c.ID, c.CustomerID, who)
					}
				}
				if got := words(d, kept); got != "太郎の件" {
					t.Errorf("the one holds %s", got)
				}
				if got := words(d, gone); rest && got != "次郎の件 | 次郎の続き" || !rest && got != "次郎の件" {
					t.Errorf("the other holds %s", got)
				}
				if after := d.Conversation(kept); after.MessageCount != before.MessageCount || after.Preview != before.Preview || after.InboxID != before.InboxID {
					t.Errorf("before %+v, after %+v", before, after)
				}
				if lastEntry(d, gone, conversation.EntryParted) == "" || lastEntry(d, other, conversation.EntryParted) == "" || len(joinsOf(d, a)) != 0 {
					t.Error("nothing tells of it")
				}
				if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, joins[0].ID); !fault.Is(err, fault.Conflict) {
					t.Errorf("parted twice: %v", err)
				}
				again := d.Receive(into(d.Support, jiro, "g5@customer.example", "次郎のその後")).ConversationID
				if d.Conversation(again).CustomerID != b {
					t.Error("who went back is taken for the other again")
				}
			})
		})
	}
}

// TestPartingOneOfThree parts who was joined first, while a third has taken both in
// and the conversations became one in a chain; and then the second.
func TestPartingOneOfThree(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		var convs []conversation.ID
		var who []string
		for i, from := range []string{taro, jiro, saburo} {
			box := []inbox.Inbox{d.Support, d.Sales, d.Support}[i]
			convs = append(convs, d.Receive(into(box, from, from[:2]+"@customer.example", "件 "+from)).ConversationID)
			who = append(who, d.Conversation(convs[i]).CustomerID)
		}
		d.Clock.Advance(time.Minute)
		joins := []string{}
		for i := range 2 {
			if _, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, conversation.Joined{From: convs[i], Into: convs[i+1], SameCustomer: true}); err != nil {
				t.Fatal(err)
			}
			d.Rest()
			for _, j := range joinsOf(d, who[i+1]) {
				if j.From == who[i] {
					joins = append(joins, j.ID)
				}
			}
			d.Clock.Advance(time.Minute)
		}
		for i, id := range joins {
			if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, id); err != nil {
				t.Fatal(err)
			}
			d.Rest()
			for n, address := range []string{taro, jiro, saburo} {
				c, at := customerOf(d, who[n]), d.Conversation(convs[n])
				alone := n <= i || n == 2 && i == 1
				if alone && (c.ID != who[n] || len(c.Points) != 1 || c.Points[0].Address != address || at.ID != convs[n] || at.CustomerID != who[n] || words(d, convs[n]) != "件 "+address) {
					t.Errorf("after parting %d: %s is %+v, in %s of %s with %s", i, address, c, at.ID, at.CustomerID, words(d, convs[n]))
				}
				if !alone && (c.ID != who[2] || len(c.Points) != 2 || at.ID != convs[2]) {
					t.Errorf("after parting %d: %s is %+v, in %s", i, address, c, at.ID)
				}
			}
		}
	})
}

// three customers have written: their conversations, and who they are.
func three(d *threadtest.Desk) (convs []conversation.ID, who []string) {
	for _, from := range []string{taro, jiro, saburo} {
		convs = append(convs, d.Receive(into(d.Support, from, from[:2]+"@customer.example", "件 "+from)).ConversationID)
		who = append(who, d.Conversation(convs[len(convs)-1]).CustomerID)
	}
	return convs, who
}

// TestPartingBeforeAllIsHeard parts who was joined first while nobody has heard yet
// that a third took both in: what is heard afterwards takes nothing away again.
func TestPartingBeforeAllIsHeard(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		convs, who := three(d)
		d.Rest()
		for i := range 2 {
			d.Clock.Advance(time.Minute)
			if _, err := d.Customers.Merge(t.Context(), d.Hana, who[i], who[i+1]); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				d.Rest()
			}
		}
		for _, j := range joinsOf(d, who[2]) {
			if j.From != who[0] {
				continue
			}
			if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, j.ID); err != nil {
				t.Fatal(err)
			}
		}
		d.Rest()
		for i, want := range []string{who[0], who[2], who[2]} {
			if got := d.Conversation(convs[i]).CustomerID; got != want {
				t.Errorf("conversation %d is with %s, want %s", i, got, want)
			}
		}
	})
}

// TestPartingSignsWhatWasWrittenSince parts two customers of whom one wrote since
// the join, also a mail that its server had before: it is theirs, under their name.
func TestPartingSignsWhatWasWrittenSince(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		first := d.Receive(into(d.Support, taro, "k1@customer.example", "太郎の件")).ConversationID
		other := d.Receive(into(d.Support, jiro, "g1@customer.example", "次郎の件")).ConversationID
		kept, back := d.Conversation(first).CustomerID, d.Conversation(other).CustomerID
		name := "次郎"
		if _, err := d.Customers.Change(t.Context(), d.Hana, back, customer.Change{Name: &name}); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(time.Hour)
		if _, err := d.Customers.Merge(t.Context(), d.Hana, back, kept); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		d.Clock.Advance(time.Minute)
		named := "太郎"
		if _, err := d.Customers.Change(t.Context(), d.Hana, kept, customer.Change{Name: &named}); err != nil {
			t.Fatal(err)
		}
		late := into(d.Support, jiro, "g2@customer.example", "遅れて届いた件")
		late.At = d.Clock.Now().Add(-30 * time.Minute)
		wrote := d.Receive(late)
		if wrote.AuthorID != kept || wrote.AuthorName != named {
			t.Fatalf("joined: written by %s, %s", wrote.AuthorID, wrote.AuthorName)
		}
		if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, joinsOf(d, kept)[0].ID); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		if c := d.Conversation(wrote.ConversationID); c.CustomerID != back {
			t.Errorf("what came late is with %s", c.CustomerID)
		}
		if m := d.Thread(wrote.ConversationID)[0]; m.AuthorID != back || m.AuthorName != name {
			t.Errorf("written by %s, %s", m.AuthorID, m.AuthorName)
		}
		if m := d.Thread(first)[0]; m.AuthorID != kept {
			t.Errorf("the other's is written by %s", m.AuthorID)
		}
	})
}

// TestPartingAfterJoiningAnew parts two of three, after the first of them was parted
// and joined to the third by itself: it stays with the third, and all of it does.
func TestPartingAfterJoiningAnew(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		convs, who := three(d)
		join := func(from, into string) {
			t.Helper()
			d.Clock.Advance(time.Minute)
			if _, err := d.Customers.Merge(t.Context(), d.Hana, from, into); err != nil {
				t.Fatal(err)
			}
			d.Rest()
		}
		part := func(from string) {
			t.Helper()
			d.Clock.Advance(time.Minute)
			for _, j := range joinsOf(d, who[2]) {
				if j.From == from {
					if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, j.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			d.Rest()
		}
		join(who[0], who[1])
		join(who[1], who[2])
		part(who[0])
		join(who[0], who[2])
		part(who[1])
		for i, want := range []string{who[2], who[1], who[2]} {
			if got := d.Conversation(convs[i]).CustomerID; got != want || customerOf(d, who[i]).ID != want {
				t.Errorf("conversation %d is with %s, customer %s, want %s", i, got, customerOf(d, who[i]).ID, want)
			}
		}
	})
}

// TestPartingSortsWhatNobodyQuoted parts two customers in an inbox where nothing is
// quoted: since the join each went on in what was the latest of both. Nobody is
// answered in the other's conversation afterwards.
func TestPartingSortsWhatNobodyQuoted(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		say := func(from, id, words string) conversation.Message {
			t.Helper()
			d.Clock.Advance(time.Minute)
			return d.Receive(into(d.Support, from, id+"@customer.example", words))
		}
		first, second := say(taro, "k1", "太郎の件").ConversationID, say(jiro, "g1", "次郎の件").ConversationID
		kept, back := d.Conversation(first).CustomerID, d.Conversation(second).CustomerID
		if _, err := d.Customers.Merge(t.Context(), d.Hana, back, kept); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		// What goes on without a quotation goes by the person, not by the thread.
		for id, in := range map[string]struct {
			to    conversation.ID
			from  string
			words string
		}{"g2": {first, jiro, "次郎の続き"}, "k2": {second, taro, "太郎の続き"}} {
			d.Clock.Advance(time.Minute)
			m := into(d.Support, in.from, id+"@customer.example", in.words)
			d.Write(func(tx *sqldb.Tx) error {
				_, err := d.Threads.ReceiveTx(t.Context(), tx, conversation.Received{Inbox: d.Support, Customer: customerOf(d, kept),
					Match: conversation.Match{ConversationID: in.to}, Message: &channel.Message{From: m.From, To: m.To, ExternalID: m.ExternalID, Visible: in.words}})
				return err
			})
		}
		if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, joinsOf(d, kept)[0].ID); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		for id, want := range map[conversation.ID]struct{ who, words string }{
			first: {kept, "太郎の件 | 太郎の続き"}, second: {back, "次郎の件 | 次郎の続き"},
		} {
			c := d.Conversation(id)
			if got := words(d, id); c.CustomerID != want.who || got != want.words || c.MessageCount != 2 {
				t.Errorf("%s holds %d messages, %s, want %s", c.CustomerID, c.MessageCount, got, want.words)
			}
			if lastEntry(d, id, conversation.EntrySplit) == "" || lastEntry(d, id, conversation.EntryCameFrom) == "" {
				t.Errorf("nothing in %s tells of it", id)
			}
		}
	})
}

// TestPartingAboveAChain parts two customers whose conversations became one that was
// put into a third since: what was said there goes back as well.
func TestPartingAboveAChain(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		own := d.Receive(into(d.Support, jiro, "g1@customer.example", "次郎の件")).ConversationID
		host := d.Receive(into(d.Support, taro, "k1@customer.example", "太郎の件")).ConversationID
		top := d.Receive(into(d.Support, taro, "k2@customer.example", "太郎の別件")).ConversationID
		back, kept := d.Conversation(own).CustomerID, d.Conversation(host).CustomerID
		d.Clock.Advance(time.Minute)
		if _, err := conversation.ClerkOf(d.Threads).Join(t.Context(), d.Hana, conversation.Joined{From: own, Into: host, SameCustomer: true}); err != nil {
			t.Fatal(err)
		}
		d.Wait(time.Minute)
		if _, err := d.Threads.Merge(t.Context(), d.Hana, host, top); err != nil {
			t.Fatal(err)
		}
		d.Wait(time.Minute)
		more := into(d.Support, jiro, "g2@customer.example", "次郎の続き")
		more.InReplyTo = []string{"g1@customer.example"}
		if got := d.Receive(more).ConversationID; got != top {
			t.Fatalf("goes on in %s", got)
		}
		if _, err := conversation.ClerkOf(d.Threads).Part(t.Context(), d.Hana, joinsOf(d, kept)[0].ID); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		if c := d.Conversation(own); c.ID != own || c.CustomerID != back || words(d, own) != "次郎の件 | 次郎の続き" {
			t.Errorf("%s of %s holds %s", c.ID, c.CustomerID, words(d, own))
		}
		if c := d.Conversation(host); c.ID != top || c.CustomerID != kept || words(d, top) != "太郎の件 | 太郎の別件" {
			t.Errorf("%s of %s holds %s", c.ID, c.CustomerID, words(d, top))
		}
	})
}

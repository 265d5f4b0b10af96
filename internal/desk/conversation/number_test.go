package conversation_test

import (
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const number = "+819012345678"

// door opens an inbox of signed calls that can send, on a desk that knows such.
func door(t *testing.T, d *threadtest.Desk) (*threadtest.Desk, inbox.Inbox) {
	t.Helper()
	d.More = append(d.More, hook.Kind)
	d = d.Beside()
	yes := true
	box, err := d.Inboxes.Create(t.Context(), d.Hana, inbox.Change{Kind: hook.Kind.Name, BrandID: &d.Brand.ID, Name: ref("Exchange"), Active: &yes,
		Values: inbox.Values{"secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "sendSecret": "whsec_OTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI0", "url": "https://exchange.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	return d, box
}

// seen is the customer who has an address.
func seen(t *testing.T, d *threadtest.Desk, kind, address string) (who customer.Customer) {
	t.Helper()
	d.Write(func(tx *sqldb.Tx) (err error) {
		who, _, err = d.Customers.ResolveTx(t.Context(), tx, customer.Seen{Kind: kind, Address: address})
		return err
	})
	return who
}

// TestANumberIsOneCustomersAtTheDoor: whoever is known by calls is written to by the
// open door as the same customer, whether an agent begins or goes on there.
func TestANumberIsOneCustomersAtTheDoor(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		d, box := door(t, d)
		known := seen(t, d, channel.PointPhone, number)
		begin := func(to string) (conversation.Conversation, conversation.Message, error) {
			return d.Threads.Begin(t.Context(), d.Hana, conversation.Opening{InboxID: box.ID, To: []channel.Address{{Address: to}}, Text: "折り返しのご連絡です。"})
		}
		c, m, err := begin("+81 90-1234-5678")
		if err != nil || c.CustomerID != known.ID || m.Envelope.To[0].Address != number {
			t.Errorf("%s writes to %+v: %v", c.CustomerID, m.Envelope.To, err)
		}
		if c, _, err = begin("account-7"); err != nil || c.CustomerID == known.ID {
			t.Errorf("an account: %s %v", c.CustomerID, err)
		}
		mail := d.Receive(into(d.Support, taro, "n1@customer.example", "電話番号は変わりません。")).ConversationID
		if _, err := d.Threads.Change(t.Context(), d.Hana, mail, conversation.Patch{InboxID: &box.ID}); !names(err, "body.inboxId") {
			t.Errorf("nobody's number: %v", err)
		}
		d.Write(func(tx *sqldb.Tx) error {
			_, err := d.Customers.AttachTx(t.Context(), tx, d.Conversation(mail).CustomerID, customer.Point{Kind: channel.PointPhone, Address: "+815011112222"})
			return err
		})
		patch(t, d, mail, conversation.Patch{InboxID: &box.ID})
		if m := reply(t, d, conversation.Reply{ConversationID: mail, Text: "お電話いたします。", Hold: -1}); len(m.Envelope.To) != 1 || m.Envelope.To[0].Address != "+815011112222" {
			t.Errorf("the answer goes to %+v", m.Envelope.To)
		}
	})
}

// TestStoppedAtTheDoor: who wants no messages at a number gets none, under whichever
// kind the number is kept.
func TestStoppedAtTheDoor(t *testing.T) {
	for _, kind := range []string{channel.PointPhone, hook.Kind.Name} {
		t.Run(kind, func(t *testing.T) {
			on(t, func(t *testing.T, d *threadtest.Desk) {
				d, box := door(t, d)
				seen(t, d, kind, number)
				seen(t, d, channel.PointPhone, number) // the number rang since
				allow := func(yes bool) {
					d.Write(func(tx *sqldb.Tx) error {
						_, err := d.Customers.AllowTx(t.Context(), tx, customer.Point{Kind: kind, Address: number}, customer.Consent{Allowed: yes})
						return err
					})
				}
				begin := func() error {
					_, _, err := d.Threads.Begin(t.Context(), d.Hana, conversation.Opening{InboxID: box.ID, To: []channel.Address{{Address: number}}, Text: "お知らせです。"})
					return err
				}
				allow(false)
				if err := begin(); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "error.channel.ended") {
					t.Errorf("written to again: %v", err)
				}
				allow(true)
				if err := begin(); err != nil {
					t.Errorf("after they wanted messages again: %v", err)
				}
			})
		})
	}
}

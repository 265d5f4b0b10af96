package delivery_test

import (
	"io"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

func stringReader(s string) io.Reader { return strings.NewReader(s) }

func (o *office) emit(tx *sqldb.Tx, name, subject string) {
	o.post.Journal.Emit(tx, name, subject, actor.OfSystem("test"), struct{}{})
}

// message makes the rows that a letter of a thread refers to.
func (o *office) message(id string) {
	o.t.Helper()
	o.write(func(tx *sqldb.Tx) error {
		for _, q := range []string{
			`INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version)
				VALUES ('cus_1', 'Hana', 'hana', 'ja', '', '', 0, 0, 1) ON CONFLICT DO NOTHING`,
			`INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, preview, last_at, last_from, message_count, muted, origin, resolution, created_at, version)
				VALUES ('conv_1', 1, 'brn_1', 'inb_1', 'cus_1', '', 'open', 1, '', 0, 'customer', 0, false, 'customer', 0, 0, 1) ON CONFLICT DO NOTHING`,
		} {
			if _, err := tx.Exec(o.t.Context(), q); err != nil {
				return err
			}
		}
		_, err := tx.Exec(o.t.Context(), `INSERT INTO message (id, conversation_id, inbox_id, kind, author_kind, author_id, author_name, at, subject, body, quoted, has_html, remote_images, lang, envelope, external_id, automatic, created_at)
			VALUES ($1, 'conv_1', 'inb_1', 'outgoing', 'agent', 'agt_1', '', 0, '', '', '', false, 0, '', '{}', '', false, 0)`, id)
		return err
	})
}

func (o *office) queueFor(messageID string, hold time.Duration) delivery.ID {
	o.t.Helper()
	var d delivery.Delivery
	o.write(func(tx *sqldb.Tx) (err error) {
		d, err = o.post.QueueTx(o.t.Context(), tx, delivery.Letter{InboxID: inboxID, Purpose: "reply", MessageID: messageID, Subject: "conv_1",
			ExternalID: messageID + "@shop.example", HoldUntil: tx.Now.Add(hold), To: []channel.Address{{Address: "hana@example.jp"}}})
		return err
	})
	return d.ID
}

// cancel takes a message's letter back.
func (o *office) cancel(by actor.Actor, messageID string) error {
	return o.db.Write(o.t.Context(), func(tx *sqldb.Tx) error {
		_, err := o.post.CancelTx(o.t.Context(), tx, by, messageID)
		return err
	})
}

// retry lets an agent send a letter once more.
func (o *office) retry(id delivery.ID) error {
	o.t.Helper()
	_, err := o.post.RetryMessage(o.t.Context(), actor.ForAgent("agt_1"), o.look(id).MessageID)
	return err
}

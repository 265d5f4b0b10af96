package inbox_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// desk is the slice on one database, with a brand.
type desk struct {
	*testing.T
	db      *sqldb.DB
	clock   *clock.Manual
	ids     *id.Source
	journal *event.Journal
	inboxes *inbox.Inboxes
	brand   string
	read    int64
}

var agent = actor.ForAgent("agt_1")

func each(t *testing.T, fn func(d *desk)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(newDesk(t, db, c)) })
}

func newDesk(t *testing.T, db *sqldb.DB, c *clock.Manual) *desk {
	ids := id.NewSource(c, rand.Reader)
	j := event.NewJournal(db, job.New(db, ids, slog.New(slog.DiscardHandler)))
	b, err := brand.NewBrands(db, ids, j).Create(t.Context(), agent, brand.Change{Name: ref("Kiln")})
	d := &desk{T: t, db: db, clock: c, ids: ids, journal: j, inboxes: inbox.NewInboxes(db, ids, j, seal.Random()), brand: b.ID}
	d.must(err)
	d.facts()
	return d
}

func ref[T any](v T) *T { return &v }

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) tx(fn func(tx *sqldb.Tx) error) {
	d.Helper()
	d.must(d.db.Read(d.Context(), fn))
}

func (d *desk) facts() (out []event.Fact) {
	d.Helper()
	d.tx(func(tx *sqldb.Tx) (err error) {
		out, err = d.journal.Since(d.Context(), tx, d.read, 100)
		return err
	})
	if len(out) > 0 {
		d.read = out[len(out)-1].Seq
	}
	return out
}

func (d *desk) wantFacts(want ...string) []event.Fact {
	d.Helper()
	facts := d.facts()
	var got []string
	for _, f := range facts {
		got = append(got, f.Name)
	}
	if !slices.Equal(got, want) {
		d.Errorf("facts %v, want %v", got, want)
	}
	return facts
}

func (d *desk) byID(id string) (i inbox.Inbox) {
	d.Helper()
	d.tx(func(tx *sqldb.Tx) (err error) {
		i, err = d.inboxes.ByID(d.Context(), tx, id)
		return err
	})
	return i
}

func (d *desk) secrets(id string) (m inbox.MailSecrets) {
	d.Helper()
	d.tx(func(tx *sqldb.Tx) error {
		b, err := d.inboxes.Secrets(d.Context(), tx, id)
		d.must(err)
		return json.Unmarshal(b, &m)
	})
	return m
}

// change makes the change of an inbox that works, with a few words changed by edit.
func (d *desk) change(address string, edit func(ch *inbox.Change)) inbox.Change {
	ch := inbox.Change{
		BrandID: &d.brand, Name: ref("Support"), Address: &address,
		Receive: &inbox.ReceiveChange{Mode: ref(inbox.ModeIMAP), Host: ref("imap.example.jp"), Username: ref("support"), Password: ref("receive-secret")},
		Send:    &inbox.SendChange{Mode: ref(inbox.ModeSMTP), Host: ref("smtp.example.jp"), Security: ref(inbox.StartTLS), Username: ref("support"), Password: ref("send-secret")},
	}
	if edit != nil {
		edit(&ch)
	}
	return ch
}

func (d *desk) create(address string, edit func(ch *inbox.Change)) inbox.Inbox {
	d.Helper()
	i, err := d.inboxes.Create(d.Context(), agent, d.change(address, edit))
	d.must(err)
	return i
}

func (d *desk) wantField(err error, path, key string) {
	d.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		d.Errorf("got %v, want %s at %s", err, key, path)
		return
	}
	for _, field := range f.Fields {
		if field.Path == path && field.Key == key {
			return
		}
	}
	d.Errorf("got %v, want %s at %s", err, key, path)
}

func TestCreate(t *testing.T) {
	each(t, func(d *desk) {
		i := d.create(" Support@Example.jp ", func(ch *inbox.Change) { ch.Aliases = &[]string{"help@example.jp", " ", "SUPPORT@example.jp"} })
		d.wantFacts(inbox.ChangedFact)
		m, err := i.Mail()
		d.must(err)
		want := inbox.Mail{
			Receive: inbox.Receive{Mode: "imap", Host: "imap.example.jp", Port: 993, Security: "tls", Username: "support", Folders: []string{"INBOX"}},
			Send:    inbox.Send{Mode: "smtp", Host: "smtp.example.jp", Port: 587, Security: "starttls", Username: "support"},
		}
		if diff := cmp.Diff(want, m); diff != "" {
			d.Errorf("settings:\n%s", diff)
		}
		stored := d.byID(i.ID)
		if stored.Address != "Support@Example.jp" || !slices.Equal(stored.Aliases, []string{"help@example.jp"}) || !stored.Active || stored.Health.State() != inbox.Idle {
			d.Errorf("stored %+v", stored)
		}
		if got := d.secrets(i.ID); got != (inbox.MailSecrets{ReceivePassword: "receive-secret", SendPassword: "send-secret"}) {
			d.Errorf("secrets %+v", got)
		}
		d.tx(func(tx *sqldb.Tx) error {
			var settings, sealed string
			err := tx.QueryRow(d.Context(), `SELECT settings, secrets FROM inbox`).Scan(&settings, &sealed)
			if strings.Contains(settings+sealed, "secret") {
				d.Error("a password is stored in the clear")
			}
			return err
		})
		for _, f := range d.factsFrom(0) {
			if strings.Contains(string(f.Data), "secret") {
				d.Error("a password stands in the journal")
			}
		}
		plain := d.create("plain@example.jp", func(ch *inbox.Change) { ch.Receive, ch.Send = nil, nil })
		if got := d.secrets(plain.ID); got != (inbox.MailSecrets{}) {
			d.Errorf("an inbox without secrets has %+v", got)
		}
	})
}

func (d *desk) factsFrom(seq int64) []event.Fact {
	d.read = seq
	return d.facts()
}

// The settings an inbox stores are the ones the mail channel reads, field by field.
func TestFormIsTheChannels(t *testing.T) {
	strict := func(from, to any) {
		t.Helper()
		b, err := json.Marshal(from)
		if err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(to); err != nil {
			t.Errorf("%s: %v", b, err)
		}
		back, err := json.Marshal(to)
		if err != nil {
			t.Fatal(err)
		}
		var one, two map[string]any
		if err := errors.Join(json.Unmarshal(b, &one), json.Unmarshal(back, &two)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, two); diff != "" {
			t.Errorf("(-inbox +channel)\n%s", diff)
		}
	}
	strict(inbox.Mail{
		Receive: inbox.Receive{Mode: "imap", Host: "h", Port: 1, Security: "tls", Username: "u", Trust: "t", Folders: []string{"INBOX"}, Since: "2026-01-01", MaxBytes: 5},
		Send:    inbox.Send{Mode: "smtp", Host: "h", Port: 2, Security: "plain", Username: "v", Trust: "t"},
		DKIM:    inbox.DKIM{Domain: "example.jp", Selector: "s1"},
	}, &email.Settings{})
	strict(inbox.MailSecrets{ReceivePassword: "a", SendPassword: "b", DKIMKey: "c"}, &email.Secrets{})
}

func TestChange(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("support@example.jp", nil)
		d.facts()
		got, err := d.inboxes.Change(ctx, agent, i.ID, inbox.Change{Name: ref("Returns"), Signature: ref("-- \nKiln"), Receive: &inbox.ReceiveChange{Port: ref(1993)}})
		d.must(err)
		facts := d.wantFacts(inbox.ChangedFact)
		var data inbox.ChangedData
		d.must(facts[0].Decode(&data))
		if !data.Active || !slices.Equal(data.Fields, []string{"name", "signature", "receive"}) {
			d.Errorf("the fact says %+v", data)
		}
		if got.Version != 2 || got.Name != "Returns" {
			d.Errorf("changed to %+v", got)
		}
		if s := d.secrets(i.ID); s.ReceivePassword != "receive-secret" || s.SendPassword != "send-secret" {
			d.Errorf("passwords that were not given: %+v", s)
		}

		_, err = d.inboxes.Change(ctx, agent, i.ID, inbox.Change{Receive: &inbox.ReceiveChange{Host: ref("evil.example.com")}})
		d.wantField(err, "body.receive.password", "error.inbox.password.again")
		_, err = d.inboxes.Change(ctx, agent, i.ID, inbox.Change{Send: &inbox.SendChange{Username: ref("boss"), Password: ref("")}})
		d.wantField(err, "body.send.password", "error.inbox.password.again")
		_, err = d.inboxes.Change(ctx, agent, i.ID, inbox.Change{Send: &inbox.SendChange{Host: ref("SMTP.example.jp")}}) // the same
		d.must(err)
		_, err = d.inboxes.Change(ctx, agent, i.ID, inbox.Change{Receive: &inbox.ReceiveChange{Host: ref("new.example.jp"), Password: ref("new-secret")}, Active: ref(false)})
		d.must(err)
		if s := d.secrets(i.ID); s.ReceivePassword != "new-secret" {
			d.Errorf("a new password: %+v", s)
		}
		_, err = d.inboxes.Change(ctx, agent, i.ID, inbox.Change{Send: &inbox.SendChange{Username: ref("")}})
		d.must(err)
		if s := d.secrets(i.ID); s.SendPassword != "" {
			d.Errorf("a password without a user stays: %+v", s)
		}
		d.facts()
		_, err = d.inboxes.Change(ctx, agent, i.ID, inbox.Change{})
		d.must(err)
		d.wantFacts()
		_, err = d.inboxes.Change(ctx, agent, "inb_none", inbox.Change{Name: ref("x")})
		if !fault.Is(err, fault.NotFound) {
			d.Errorf("a missing inbox: %v", err)
		}
	})
}

func TestValidation(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	d := newDesk(t, dbtest.SQLite(t, c), c)
	for _, x := range []struct {
		edit      func(ch *inbox.Change)
		path, key string
	}{
		{func(ch *inbox.Change) { ch.Name = ref(" ") }, "body.name", "error.field.required"},
		{func(ch *inbox.Change) { ch.BrandID = nil }, "body.brandId", "error.field.required"},
		{func(ch *inbox.Change) { ch.BrandID = ref("brand_none") }, "body.brandId", "error.brand.notFound"},
		{func(ch *inbox.Change) { ch.Address = ref("support") }, "body.address", "error.inbox.address"},
		{func(ch *inbox.Change) { ch.Address = ref("Support <s@example.jp>") }, "body.address", "error.inbox.address"},
		{func(ch *inbox.Change) { ch.Aliases = &[]string{"ok@example.jp", "no"} }, "body.aliases[1]", "error.inbox.address"},
		{func(ch *inbox.Change) { ch.SenderName = ref("a\r\nBcc: x@y.z") }, "body.senderName", "error.field.invalid"},
		{func(ch *inbox.Change) { ch.Receive.Mode = ref("pop3") }, "body.receive.mode", "error.inbox.mode"},
		{func(ch *inbox.Change) { ch.Receive.Host = ref("") }, "body.receive.host", "error.field.required"},
		{func(ch *inbox.Change) { ch.Receive.Host = ref("https://imap.example.jp") }, "body.receive.host", "error.inbox.host"},
		{func(ch *inbox.Change) { ch.Receive.Host = ref("imap.example.jp:993") }, "body.receive.host", "error.inbox.host"},
		{func(ch *inbox.Change) { ch.Receive.Port = ref(70000) }, "body.receive.port", "error.inbox.port"},
		{func(ch *inbox.Change) { ch.Receive.Port = ref(-1) }, "body.receive.port", "error.inbox.port"},
		{func(ch *inbox.Change) { ch.Receive.Security = ref("ssl") }, "body.receive.security", "error.inbox.security"},
		{func(ch *inbox.Change) { ch.Receive.Security = ref(inbox.Plain) }, "body.receive.security", "error.inbox.plain"},
		{func(ch *inbox.Change) { ch.Receive.Since = ref("last week") }, "body.receive.since", "hours.date.unreadable"},
		{func(ch *inbox.Change) { ch.Receive.Trust = ref("my certificate") }, "body.receive.trust", "error.inbox.trust"},
		{func(ch *inbox.Change) { ch.Receive.Username = ref("a\x00b") }, "body.receive.username", "error.field.invalid"},
		{func(ch *inbox.Change) { ch.Receive.Folders = &[]string{"IN\nBOX"} }, "body.receive.folders", "error.field.invalid"},
		{func(ch *inbox.Change) { ch.Send.Mode = ref("imap") }, "body.send.mode", "error.inbox.mode"},
		{func(ch *inbox.Change) { ch.Send.Host, ch.Send.Security = ref("127.0.0.1.example.jp"), ref(inbox.Plain) }, "body.send.security", "error.inbox.plain"},
		{func(ch *inbox.Change) { ch.DKIM = &inbox.DKIMChange{Domain: ref("example.jp"), Selector: ref("s1")} }, "body.dkim.key", "error.field.required"},
		{func(ch *inbox.Change) {
			ch.DKIM = &inbox.DKIMChange{Domain: ref("example.jp"), Selector: ref("s1"), Key: ref("-----BEGIN NOTHING-----")}
		}, "body.dkim.key", "error.inbox.dkim.key"},
	} {
		_, err := d.inboxes.Create(t.Context(), agent, d.change("support@example.jp", x.edit))
		d.wantField(err, x.path, x.key)
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		d.create(strings.ReplaceAll(host, ":", "x")+"@example.jp", func(ch *inbox.Change) {
			ch.Receive.Host, ch.Receive.Security = &host, ref(inbox.Plain)
		})
	}
}

func TestDKIM(t *testing.T) {
	each(t, func(d *desk) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		d.must(err)
		der, err := x509.MarshalPKCS8PrivateKey(private)
		d.must(err)
		key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		i := d.create("support@example.jp", func(ch *inbox.Change) {
			ch.DKIM = &inbox.DKIMChange{Domain: ref("example.jp"), Selector: ref("s1"), Key: &key}
		})
		has := func() (h map[string]bool) {
			d.tx(func(tx *sqldb.Tx) (err error) {
				h, err = d.inboxes.Has(d.Context(), tx, i.ID)
				return err
			})
			return h
		}
		if got := d.secrets(i.ID); got.DKIMKey != key || !maps.Equal(has(), map[string]bool{"receivePassword": true, "sendPassword": true, "dkimKey": true}) {
			d.Errorf("secrets %+v, %+v", got, has())
		}
		_, err = d.inboxes.Change(d.Context(), agent, i.ID, inbox.Change{DKIM: &inbox.DKIMChange{Domain: ref(""), Selector: ref("")}})
		d.must(err)
		if got := d.secrets(i.ID); got.DKIMKey != "" || has()["dkimKey"] {
			d.Errorf("the key outlived the signature: %+v", got)
		}
	})
}

func TestAddresses(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		a := d.create("a@example.jp", func(ch *inbox.Change) { ch.Aliases = &[]string{"help@example.jp"} })
		b := d.create("b@example.jp", nil)
		_, err := d.inboxes.Create(ctx, agent, d.change("HELP@Example.jp", nil))
		d.wantField(err, "body.address", "error.inbox.address.taken")
		_, err = d.inboxes.Change(ctx, agent, b.ID, inbox.Change{Aliases: &[]string{"fine@example.jp", "A@example.jp"}})
		d.wantField(err, "body.aliases[1]", "error.inbox.address.taken")
		_, err = d.inboxes.Change(ctx, agent, b.ID, inbox.Change{CatchAll: ref(true)})
		d.must(err)
		_, err = d.inboxes.Change(ctx, agent, a.ID, inbox.Change{CatchAll: ref(true)})
		d.wantField(err, "body.catchAll", "error.inbox.catchall")

		for address, want := range map[string]string{
			"a@example.jp": a.ID, "A@EXAMPLE.JP": a.ID, "help@example.jp": a.ID, "help+t0ken@example.jp": a.ID,
			"b+@example.jp": b.ID, "c@example.jp": "", "+x@example.jp": "", "fine@example.jp": "", "": "", "a@": "",
		} {
			d.tx(func(tx *sqldb.Tx) error {
				got, found, err := d.inboxes.ForAddress(ctx, tx, address)
				if got.ID != want || found != (want != "") {
					d.Errorf("%q is for %q", address, got.ID)
				}
				return err
			})
		}
		catchall := func() (id string) {
			d.tx(func(tx *sqldb.Tx) error {
				i, _, err := d.inboxes.Catchall(ctx, tx)
				id = i.ID
				return err
			})
			return id
		}
		if got := catchall(); got != b.ID {
			d.Errorf("catch-all %q", got)
		}
		_, err = d.inboxes.Change(ctx, agent, b.ID, inbox.Change{Active: ref(false)})
		d.must(err)
		if got := catchall(); got != "" {
			d.Errorf("catch-all out of service %q", got)
		}
		d.tx(func(tx *sqldb.Tx) error {
			_, found, err := d.inboxes.ForAddress(ctx, tx, "b@example.jp")
			all, listErr := d.inboxes.List(ctx, tx)
			if found || len(all) != 2 {
				d.Errorf("out of service, but found: %v; listed %d", found, len(all))
			}
			return errors.Join(err, listErr)
		})
		d.must(d.inboxes.Delete(ctx, agent, a.ID))
		d.create("help@example.jp", nil) // free again
	})
}

func TestDelete(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("a@example.jp", nil)
		d.must(d.db.Write(ctx, func(tx *sqldb.Tx) error {
			for _, q := range []string{
				`INSERT INTO customer (id, name, name_key, locale, organization, note, created_at, seen_at, version) VALUES ('cust_1', '', '', '', '', '', 0, 0, 1)`,
				`INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, preview, last_at, last_from, message_count, muted, origin, resolution, created_at, version)
VALUES ('conv_1', 1, '` + d.brand + `', '` + i.ID + `', 'cust_1', '', 'open', 1, '', 0, 'customer', 0, false, 'customer', 0, 0, 1)`,
			} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}))
		d.facts()
		err := d.inboxes.Delete(ctx, agent, i.ID)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Conflict || f.Key != "error.inbox.used" {
			d.Errorf("deleting a used inbox: %v", err)
		}
		d.wantFacts()
		unused := d.create("b@example.jp", nil)
		d.must(d.inboxes.CursorOf(unused.ID).Set(ctx, "INBOX", channel.Position{UIDValidity: 1, UID: 1}))
		d.must(d.inboxes.Delete(ctx, agent, unused.ID))
		facts := d.wantFacts(inbox.ChangedFact, inbox.ChangedFact)
		var data inbox.ChangedData
		d.must(facts[1].Decode(&data))
		if !data.Deleted {
			d.Errorf("the fact says %+v", data)
		}
		if err := d.inboxes.Delete(ctx, agent, unused.ID); !fault.Is(err, fault.NotFound) {
			d.Errorf("deleting twice: %v", err)
		}
	})
}

func TestHealth(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("a@example.jp", nil)
		d.facts()
		report := func(err error) inbox.Contact {
			d.Helper()
			d.must(d.inboxes.Healthy(ctx, i.ID, inbox.Receiving, err))
			return d.byID(i.ID).Health.Receive
		}
		first := d.clock.Now()
		if h := report(nil); h.State() != inbox.OK || !h.SuccessAt.Equal(first) {
			d.Errorf("after a success: %+v", h)
		}
		d.wantFacts(inbox.HealthFact)
		d.clock.Advance(30 * time.Second)
		if h := report(nil); !h.SuccessAt.Equal(first) {
			d.Errorf("a second success within a minute was written: %+v", h)
		}
		d.clock.Advance(30 * time.Second)
		if h := report(nil); !h.SuccessAt.Equal(d.clock.Now()) {
			d.Errorf("a success after a minute was not written: %+v", h)
		}
		d.wantFacts()
		words := errors.New("NO [AUTHENTICATIONFAILED] \xff認証に失敗しました")
		if h := report(words); h.State() != inbox.Failing || !strings.Contains(h.Error, "認証") || !h.ErrorAt.Equal(d.clock.Now()) {
			d.Errorf("after a failure: %+v", h)
		}
		facts := d.wantFacts(inbox.HealthFact)
		var data inbox.HealthData
		d.must(facts[0].Decode(&data))
		if data.State != inbox.Failing || !strings.HasPrefix(data.Error, "NO [AUTH") {
			d.Errorf("the fact says %+v", data)
		}
		if h := report(errors.New("timeout")); h.Error != "timeout" {
			d.Errorf("another failure: %+v", h)
		}
		d.wantFacts() // still failing
		if h := report(nil); h.State() != inbox.OK || h.Error != "" || h.ErrorAt.IsZero() {
			d.Errorf("well again: %+v", h)
		}
		d.wantFacts(inbox.HealthFact)
		d.must(d.inboxes.Healthy(ctx, "inb_gone", inbox.Sending, words))
	})
}

// An inbox whose mail cannot leave is ill however well its mail comes in, and
// the other way round; each direction is told of once.
func TestHealthOfEachDirection(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("a@example.jp", nil)
		d.facts()
		report := func(way inbox.Direction, err error) inbox.Health {
			d.Helper()
			d.clock.Advance(time.Minute)
			d.must(d.inboxes.Healthy(ctx, i.ID, way, err))
			return d.byID(i.ID).Health
		}
		told := func(want ...inbox.HealthData) {
			d.Helper()
			var got []inbox.HealthData
			for _, f := range d.facts() {
				if f.Name == inbox.HealthFact {
					var data inbox.HealthData
					d.must(f.Decode(&data))
					got = append(got, data)
				}
			}
			if !slices.Equal(got, want) {
				d.Errorf("told %+v, want %+v", got, want)
			}
		}
		report(inbox.Receiving, nil)
		told(inbox.HealthData{Direction: inbox.Receiving, State: inbox.OK})
		report(inbox.Sending, errors.New("535 no"))
		told(inbox.HealthData{Direction: inbox.Sending, State: inbox.Failing, Error: "535 no"})
		for range 3 {
			if h := report(inbox.Receiving, nil); h.State() != inbox.Failing || h.Sum().Error != "535 no" || h.Receive.State() != inbox.OK {
				d.Errorf("receiving hides that sending fails: %+v", h)
			}
			report(inbox.Sending, errors.New("535 no"))
		}
		told()
		if h := report(inbox.Receiving, errors.New("timeout")); h.Sum().Error != "timeout" || h.Send.Error != "535 no" {
			d.Errorf("both fail: %+v", h)
		}
		told(inbox.HealthData{Direction: inbox.Receiving, State: inbox.Failing, Error: "timeout"})
		if h := report(inbox.Sending, nil); h.State() != inbox.Failing || h.Sum().Error != "timeout" {
			d.Errorf("sending hides that receiving fails: %+v", h)
		}
		if h := report(inbox.Receiving, nil); h.State() != inbox.OK || !h.Sum().SuccessAt.Equal(d.clock.Now()) {
			d.Errorf("both well: %+v", h)
		}
		told(inbox.HealthData{Direction: inbox.Sending, State: inbox.OK}, inbox.HealthData{Direction: inbox.Receiving, State: inbox.OK})
	})
}

// What a direction said of settings that are no longer its own is forgotten,
// when nothing else would take it back.
func TestNewSettingsForgive(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("a@example.jp", nil)
		for _, way := range []inbox.Direction{inbox.Receiving, inbox.Sending} {
			d.must(d.inboxes.Healthy(ctx, i.ID, way, errors.New("refused")))
		}
		change := func(ch inbox.Change) inbox.Health {
			d.Helper()
			_, err := d.inboxes.Change(ctx, agent, i.ID, ch)
			d.must(err)
			return d.byID(i.ID).Health
		}
		none, name := inbox.ModeNone, "another"
		if h := change(inbox.Change{Name: &name}); h.Receive.Error == "" || h.Send.Error == "" {
			d.Errorf("a new name mends nothing: %+v", h)
		}
		if h := change(inbox.Change{Send: &inbox.SendChange{Mode: &none}}); h.Receive.Error == "" || h.Send.Error != "" || h.Send.ErrorAt.IsZero() {
			d.Errorf("sends no more: %+v", h)
		}
		if h := change(inbox.Change{Receive: &inbox.ReceiveChange{Mode: &none}}); h.State() != inbox.Idle {
			d.Errorf("receives no more: %+v", h)
		}
	})
}

func TestCursor(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("a@example.jp", nil)
		cursor := d.inboxes.CursorOf(i.ID)
		at := func(folder string, want channel.Position) {
			d.Helper()
			got, err := cursor.Get(ctx, folder)
			d.must(err)
			if got != want {
				d.Errorf("%s is at %+v, want %+v", folder, got, want)
			}
		}
		at("INBOX", channel.Position{})
		far := channel.Position{UIDValidity: 1<<32 - 1, UID: 1<<32 - 2}
		d.must(cursor.Set(ctx, "INBOX", channel.Position{UIDValidity: 7, UID: 1}))
		d.must(cursor.Set(ctx, "INBOX", far))
		d.must(cursor.Set(ctx, "返品", channel.Position{UIDValidity: 2, UID: 3}))
		at("INBOX", far)
		at("返品", channel.Position{UIDValidity: 2, UID: 3})
	})
}

func TestTry(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		i := d.create("a@example.jp", nil)
		try := func(x inbox.Trial) (m inbox.Mail, s inbox.MailSecrets, err error) {
			d.tx(func(tx *sqldb.Tx) error {
				_, settings, secrets, e := d.inboxes.Try(ctx, tx, x)
				if err = e; err == nil {
					d.must(errors.Join(json.Unmarshal(settings, &m), json.Unmarshal(secrets, &s)))
				}
				return nil
			})
			return m, s, err
		}
		m, s, err := try(inbox.Trial{InboxID: i.ID, Receive: &inbox.ReceiveChange{Port: ref(1143), Security: ref(inbox.StartTLS)}})
		d.must(err)
		if m.Send.Mode != inbox.ModeNone || m.Receive.Port != 1143 || m.Receive.Host != "imap.example.jp" || s.ReceivePassword != "receive-secret" {
			d.Errorf("stored settings fill in: %+v %+v", m, s)
		}
		if m, _, err := try(inbox.Trial{InboxID: i.ID}); err != nil || m.Receive.Mode != inbox.ModeIMAP || m.Send.Mode != inbox.ModeSMTP {
			d.Errorf("as it is stored: %+v %v", m, err)
		}
		if got, err := d.byID(i.ID).Mail(); err != nil || got.Receive.Port != 993 {
			d.Errorf("a trial was stored: %+v %v", got, err)
		}
		_, _, err = try(inbox.Trial{InboxID: i.ID, Receive: &inbox.ReceiveChange{Host: ref("evil.example.com")}})
		d.wantField(err, "body.receive.password", "error.inbox.password.again")
		m, s, err = try(inbox.Trial{Send: &inbox.SendChange{Mode: ref("smtp"), Host: ref("smtp.example.jp"), Username: ref("u"), Password: ref("p")}})
		d.must(err)
		if m.Send.Port != 465 || s.SendPassword != "p" || m.Receive.Mode != inbox.ModeNone {
			d.Errorf("a new inbox: %+v %+v", m, s)
		}
	})
}

func TestAnotherKeyCannotOpenTheSeal(t *testing.T) {
	each(t, func(d *desk) {
		i := d.create("a@example.jp", nil)
		thief := inbox.NewInboxes(d.db, d.ids, d.journal, seal.Random())
		d.tx(func(tx *sqldb.Tx) error {
			if b, err := thief.Secrets(d.Context(), tx, i.ID); !fault.Is(err, fault.Unavailable) {
				d.Errorf("opened %s %v", b, err)
			}
			h, err := thief.Has(d.Context(), tx, i.ID)
			if len(h) != 0 {
				d.Errorf("has %+v", h)
			}
			return err
		})
		// Who lost the key can enter the password again.
		_, err := thief.Change(d.Context(), agent, i.ID, inbox.Change{Receive: &inbox.ReceiveChange{Password: ref("once more")}})
		d.must(err)
		d.inboxes = thief
		if s := d.secrets(i.ID); s != (inbox.MailSecrets{ReceivePassword: "once more"}) {
			d.Errorf("secrets %+v", s)
		}
	})
}

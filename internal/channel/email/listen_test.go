package email_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

// mail is the n-th mail of a customer.
func mail(n int) []byte {
	return emailtest.Mail{From: "Ana <ana@x.example>", To: account, Subject: fmt.Sprintf("mail %d", n), ID: fmt.Sprintf("m%d@x.example", n), Text: "hello"}.Bytes()
}

// put delivers mails from..to into a folder of the account.
func put(t *testing.T, o *emailtest.Office, folder string, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		if err := o.DeliverInto(account, folder, mail(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// ids are the numbers of the mails in the order in which they came.
func ids(raws []channel.Raw) []string {
	var out []string
	for _, raw := range raws {
		_, id, _ := strings.Cut(string(raw.Bytes), "Message-ID: <m")
		id, _, _ = strings.Cut(id, "@")
		out = append(out, id)
	}
	return out
}

func numbers(from, to int) []string {
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, fmt.Sprint(n))
	}
	return out
}

func count(n int) func(*channeltest.Desk) bool {
	return func(d *channeltest.Desk) bool { return len(d.Got) >= n }
}

// client connects to the office as another mail program of the same account.
func client(t *testing.T, o *emailtest.Office) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(o.IMAP(), nil)
	if err == nil {
		err = c.Login(account, password).Wait()
	}
	if err == nil {
		_, err = c.Select("INBOX", nil).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestListen(t *testing.T) {
	for _, security := range []string{"plain", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			o, m, d := office(t, security)
			put(t, o, "INBOX", 1, 3)
			stop := d.Listen(t, m)
			d.Until(t, "what was there", count(3))
			// The next look by the clock is minutes away: only the server can tell.
			put(t, o, "INBOX", 4, 5)
			d.Until(t, "what came later", count(5))
			d.Until(t, "cursor", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 5 })
			stop()
			if diff := cmp.Diff(numbers(1, 5), ids(d.Got)); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			raw := d.Got[0]
			if raw.Source != "imap" || raw.Key != "imap:INBOX:1:1" || raw.At.IsZero() || !slices.Equal(raw.Bytes, mail(1)) {
				t.Errorf("the first delivery is %s %s at %s:\n%s", raw.Source, raw.Key, raw.At, raw.Bytes)
			}
			if len(d.Health) == 0 || d.Health[0] != nil {
				t.Errorf("health %v", d.Health)
			}
		})
	}
}

// TestFlagsAreNobodysBusiness: others read and mark mail before us, and after us
// nothing is marked.
func TestFlagsAreNobodysBusiness(t *testing.T) {
	o, m, d := office(t, "plain")
	put(t, o, "INBOX", 1, 3)
	other := client(t, o)
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}
	if err := other.Store(imap.UIDSetNum(1, 2), flags, nil).Close(); err != nil {
		t.Fatal(err)
	}
	stop := d.Listen(t, m)
	d.Until(t, "all mail", count(3))
	stop()
	msgs, err := other.Fetch(imap.UIDSetNum(1, 2, 3), &imap.FetchOptions{Flags: true, UID: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range msgs {
		if got, want := len(msg.Flags), map[imap.UID]int{1: 2, 2: 2, 3: 0}[msg.UID]; got != want {
			t.Errorf("message %d has the flags %v", msg.UID, msg.Flags)
		}
	}
	if len(msgs) != 3 {
		t.Errorf("%d of 3 messages are left", len(msgs))
	}
}

func TestNoIdle(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{})
	o.Add(account, password)
	wire := emailtest.NewWire(t, o.IMAP())
	wire.Alter(" IDLE", " XDLE")
	m, d := through(t, o, wire)
	m.Hurry(func(l *email.Limits) { l.Poll = time.Hour })
	d.Listen(t, m)
	put(t, o, "INBOX", 1, 1)
	d.Until(t, "first look", func(d *channeltest.Desk) bool { return len(d.Health) > 0 })
	put(t, o, "INBOX", 2, 2)
	m.Refresh()
	d.Until(t, "after a reminder", count(2))

	m, d = through(t, o, wire)
	m.Hurry(func(l *email.Limits) { l.Poll = 20 * time.Millisecond })
	d.Listen(t, m)
	d.Until(t, "first look", count(2))
	put(t, o, "INBOX", 3, 3)
	d.Until(t, "by polling", count(3))
}

// through opens an endpoint that reads over a wire.
func through(t *testing.T, o *emailtest.Office, wire *emailtest.Wire) (*email.Endpoint, *channeltest.Desk) {
	t.Helper()
	settings, secrets := o.Settings(account)
	d := channeltest.NewDesk()
	return open(t, d, edit(t, settings, func(s map[string]any) { part(s, "receive")["port"] = wire.Port() }), secrets), d
}

// folders opens an endpoint that reads several folders.
func folders(t *testing.T, o *emailtest.Office, names ...string) (*email.Endpoint, *channeltest.Desk) {
	t.Helper()
	settings, secrets := o.Settings(account)
	d := channeltest.NewDesk()
	m := open(t, d, edit(t, settings, func(s map[string]any) { part(s, "receive")["folders"] = names }), secrets)
	m.Hurry(func(l *email.Limits) { l.Poll = 30 * time.Millisecond })
	return m, d
}

func TestFolders(t *testing.T) {
	o, _, _ := office(t, "plain")
	put(t, o, "INBOX", 1, 2)
	put(t, o, "Shop/注文:new", 3, 4)
	wire := emailtest.NewWire(t, o.IMAP())
	m, d := folders(t, o, "INBOX", "Shop/注文:new", "gone")
	m.Through(wire.Port())
	stop := d.Listen(t, m)
	d.Until(t, "both folders", count(4))
	put(t, o, "Shop/注文:new", 5, 5)
	put(t, o, "INBOX", 6, 6)
	d.Until(t, "news of both", count(6))
	d.Until(t, "the refused folder is told", func(d *channeltest.Desk) bool {
		return slices.ContainsFunc(d.Health, func(err error) bool { return err != nil && strings.Contains(err.Error(), "folder gone") })
	})
	d.Until(t, "and the session goes on", func(d *channeltest.Desk) bool { return len(d.Health) > 5 })
	if n := wire.Conns(); n != 1 {
		t.Errorf("%d connections for one session", n)
	}
	stop()
	keys := slices.Sorted(func(yield func(string) bool) {
		for k := range d.Seen {
			if !yield(k) {
				return
			}
		}
	})
	want := []string{"imap:INBOX:1:1", "imap:INBOX:1:2", "imap:INBOX:1:3", "imap:Shop/注文:new:2:1", "imap:Shop/注文:new:2:2", "imap:Shop/注文:new:2:3"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// TestDeliverFails: the cursor stays until the desk has the mail.
func TestDeliverFails(t *testing.T) {
	o, m, d := office(t, "plain")
	put(t, o, "INBOX", 1, 5)
	failures := 0
	d.Refuse = func(raw channel.Raw) error {
		if strings.HasSuffix(raw.Key, ":3") && failures < 3 {
			failures++
			if p, _ := d.Get(t.Context(), "INBOX"); p.UID > 2 {
				t.Errorf("the cursor is at %d", p.UID)
			}
			return errors.New("the database is away")
		}
		return nil
	}
	stop := d.Listen(t, m)
	d.Until(t, "all mail", count(5))
	stop()
	if diff := cmp.Diff(numbers(1, 5), ids(d.Got)); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if d.Seen["imap:INBOX:1:2"] != 1 {
		t.Errorf("a mail that was safe was delivered %d times", d.Seen["imap:INBOX:1:2"])
	}
	if !slices.ContainsFunc(d.Health, func(err error) bool {
		return err != nil && strings.Contains(err.Error(), "uid 3 in INBOX: the database is away")
	}) {
		t.Errorf("health %v", d.Health)
	}
}

// TestBrokenConnections cuts the line again and again, at another byte each time.
func TestBrokenConnections(t *testing.T) {
	const n = 300
	o := emailtest.Open(t, emailtest.Options{})
	o.Add(account, password)
	put(t, o, "INBOX", 1, n)
	wire := emailtest.NewWire(t, o.IMAP())
	m, d := through(t, o, wire)
	m.Hurry(func(l *email.Limits) {
		l.Retry, l.Longest, l.Count, l.Group = time.Millisecond, 2*time.Millisecond, 20, 2000
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var saboteur sync.WaitGroup
	saboteur.Go(func() {
		for after := int64(100); ctx.Err() == nil; after = after%9000 + 577 {
			wire.CutAfter(after)
			time.Sleep(3 * time.Millisecond)
		}
	})
	stop := d.Listen(t, m)
	d.Until(t, "all mail", count(n))
	stop()
	cancel()
	saboteur.Wait()
	if diff := cmp.Diff(numbers(1, n), ids(d.Got)); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	for _, raw := range d.Got {
		if !strings.HasSuffix(string(raw.Bytes), "hello\r\n") {
			t.Errorf("%s is cut short", raw.Key)
		}
	}
	t.Logf("%d connections", wire.Conns())
	if wire.Conns() < 5 {
		t.Errorf("only %d connections: nothing was cut", wire.Conns())
	}
}

func TestUIDValidityChanges(t *testing.T) {
	o, m, d := office(t, "plain")
	put(t, o, "INBOX", 1, 3)
	stop := d.Listen(t, m)
	d.Until(t, "first", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 3 })
	stop()
	if err := o.Recreate(account, "INBOX"); err != nil {
		t.Fatal(err)
	}
	put(t, o, "INBOX", 2, 4) // one is gone, one is new, two have other numbers
	d.Listen(t, m)
	d.Until(t, "again", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"] == channel.Position{UIDValidity: 2, UID: 3} })
	if diff := cmp.Diff([]string{"1", "2", "3", "2", "3", "4"}, ids(d.Got)); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// TestMovedWhileFetching: another program takes mail away under our hands.
func TestMovedWhileFetching(t *testing.T) {
	o, m, d := office(t, "plain")
	put(t, o, "INBOX", 1, 10)
	m.Hurry(func(l *email.Limits) { l.Group = 1 }) // every mail its own command
	other := client(t, o)
	if err := other.Create("Done", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	d.Refuse = func(raw channel.Raw) error {
		if strings.HasSuffix(raw.Key, ":2") {
			_, err := other.Move(imap.UIDSetNum(3, 4, 10), "Done").Wait()
			return err
		}
		return nil
	}
	d.Listen(t, m)
	d.Until(t, "the rest", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 10 })
	if diff := cmp.Diff([]string{"1", "2", "5", "6", "7", "8", "9"}, ids(d.Got)); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestOversize(t *testing.T) {
	o, _, _ := office(t, "plain")
	for n := 1; n <= 6; n++ {
		m := emailtest.Mail{From: "Ana <ana@x.example>", To: account, Subject: "大きい", ID: fmt.Sprintf("m%d@x.example", n), Text: "small"}
		if n == 1 || n == 3 || n == 4 {
			m.Text = strings.Repeat("x", 200_000)
		}
		if err := o.Deliver(account, m.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	settings, secrets := o.Settings(account)
	d := channeltest.NewDesk()
	m := open(t, d, edit(t, settings, func(s map[string]any) { part(s, "receive")["maxMessageBytes"] = 100_000 }), secrets)
	stop := d.Listen(t, m)
	d.Until(t, "all", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 6 })
	stop()
	if diff := cmp.Diff(numbers(1, 6), ids(d.Got)); diff != "" {
		t.Fatalf("mails (-want +got):\n%s", diff)
	}
	for n, raw := range d.Got {
		msg, err := email.Parse(raw.Bytes)
		if n != 0 && n != 2 && n != 3 {
			if err != nil || msg.Text != "small\n" {
				t.Errorf("mail %d: %v, %+v", n+1, err, msg)
			}
			continue
		}
		if !errors.Is(err, channel.ErrIncomplete) || !strings.Contains(err.Error(), "more than the limit of 100000") {
			t.Errorf("mail %d: error %v", n+1, err)
		}
		if msg == nil || msg.Subject != "大きい" || msg.From.Address != "ana@x.example" || msg.Text != "" {
			t.Errorf("mail %d: %+v", n+1, msg)
		}
	}
}

// TestSizesLie: a server that announces another size than it sends.
func TestSizesLie(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{})
	o.Add(account, password)
	put(t, o, "INBOX", 1, 1)
	if err := o.Deliver(account, emailtest.Mail{From: "ana@x.example", To: account, Subject: "s", ID: "m2@x.example", Text: strings.Repeat("x", 150_000)}.Bytes()); err != nil {
		t.Fatal(err)
	}
	put(t, o, "INBOX", 3, 3)
	wire := emailtest.NewWire(t, o.IMAP())
	wire.Alter("RFC822.SIZE 15", "RFC822.SIZE 1")
	settings, secrets := o.Settings(account)
	d := channeltest.NewDesk()
	m := open(t, d, edit(t, settings, func(s map[string]any) {
		part(s, "receive")["maxMessageBytes"] = 100_000
		part(s, "receive")["port"] = wire.Port()
	}), secrets)
	stop := d.Listen(t, m)
	d.Until(t, "all", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 3 })
	stop()
	if diff := cmp.Diff(numbers(1, 3), ids(d.Got)); diff != "" {
		t.Fatalf("mails (-want +got):\n%s", diff)
	}
	if _, err := email.Parse(d.Got[1].Bytes); !errors.Is(err, channel.ErrIncomplete) {
		t.Errorf("error %v", err)
	}
}

// TestPoison: a mail that the server cannot give out must not hold up the others,
// and must not vanish either.
func TestPoison(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{})
	o.Add(account, password)
	put(t, o, "INBOX", 1, 3)
	poison := emailtest.Mail{From: "Ana <ana@x.example>", To: account, Subject: "p", ID: "m4@x.example", Text: "POISON"}
	if err := o.Deliver(account, poison.Bytes()); err != nil {
		t.Fatal(err)
	}
	wire := emailtest.NewWire(t, o.IMAP())
	wire.Alter("POISON", "") // the literal is shorter than announced
	m, d := through(t, o, wire)
	m.Hurry(func(l *email.Limits) {
		l.Answer, l.Retry, l.Longest = 100*time.Millisecond, time.Millisecond, 2*time.Millisecond
	})
	d.Listen(t, m)
	d.Until(t, "those before it", count(3))
	conns := wire.Conns()
	d.Until(t, "it is tried again and again", func(d *channeltest.Desk) bool { return wire.Conns() > conns+5 || len(d.Health) > 40 })
	if len(d.Got) != 3 {
		t.Fatal("the last mail of a folder was given up although it holds up nobody")
	}
	put(t, o, "INBOX", 5, 7)
	d.Until(t, "those behind it", count(7))
	if diff := cmp.Diff([]string{"1", "2", "3", "", "5", "6", "7"}, ids(d.Got)); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if _, err := email.Parse(d.Got[3].Bytes); !errors.Is(err, channel.ErrIncomplete) || !strings.Contains(err.Error(), "does not give it out") {
		t.Errorf("error %v", err)
	}
	if d.Got[3].Key != "imap:INBOX:1:4" {
		t.Errorf("key %s", d.Got[3].Key)
	}
}

func TestMissing(t *testing.T) {
	o, _, _ := office(t, "plain")
	put(t, o, "INBOX", 1, 6)
	put(t, o, "a:b", 7, 9)
	m, d := folders(t, o, "INBOX", "a:b", "c")
	put(t, o, "c", 10, 10)
	stop := d.Listen(t, m)
	d.Until(t, "all", count(10))
	d.Until(t, "cursors", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 6 && d.Cursors["a:b"].UID == 3 })
	stop()
	have := func(key string) bool { return d.Seen[key] > 0 }
	if missing, err := m.Missing(t.Context(), have); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	lost := []string{"imap:INBOX:1:2", "imap:INBOX:1:5", "imap:a:b:2:3"}
	for _, key := range lost {
		delete(d.Seen, key)
	}
	d.Got = nil
	put(t, o, "INBOX", 11, 11) // still to come, not missing
	missing, err := m.Missing(t.Context(), have)
	if diff := cmp.Diff(lost, missing); diff != "" || err != nil {
		t.Errorf("missing (-want +got), %v:\n%s", err, diff)
	}
	before := d.Cursors["INBOX"]
	if err := m.Fetch(t.Context(), append(missing, "imap:INBOX:99:1", "imap:INBOX:1:77"), d.Deliver); err != nil {
		t.Fatal(err)
	}
	got := ids(d.Got)
	slices.Sort(got)
	if diff := cmp.Diff([]string{"2", "5", "9"}, got); diff != "" || d.Cursors["INBOX"] != before {
		t.Errorf("fetched, cursor %v (-want +got):\n%s", d.Cursors["INBOX"], diff)
	}
	if missing, err := m.Missing(t.Context(), have); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	if err := m.Fetch(t.Context(), []string{"smtp:x"}, d.Deliver); err == nil {
		t.Error("a foreign key is taken")
	}
}

func TestSince(t *testing.T) {
	o, _, _ := office(t, "plain")
	other := client(t, o)
	for n, day := range []string{"2020-01-01", "2026-05-31", "2026-06-01", "2026-07-01"} {
		at, err := time.Parse("2006-01-02", day)
		if err != nil {
			t.Fatal(err)
		}
		raw := mail(n)
		cmd := other.Append("INBOX", int64(len(raw)), &imap.AppendOptions{Time: at.Add(12 * time.Hour)})
		if _, err := cmd.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	settings, secrets := o.Settings(account)
	d := channeltest.NewDesk()
	m := open(t, d, edit(t, settings, func(s map[string]any) { part(s, "receive")["since"] = "2026-06-01" }), secrets)
	stop := d.Listen(t, m)
	d.Until(t, "young mail", func(d *channeltest.Desk) bool { return d.Cursors["INBOX"].UID == 4 })
	stop()
	if diff := cmp.Diff([]string{"2", "3"}, ids(d.Got)); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if missing, err := m.Missing(t.Context(), func(key string) bool { return d.Seen[key] > 0 }); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
}

func TestWrongPassword(t *testing.T) {
	o, _, _ := office(t, "plain")
	put(t, o, "INBOX", 1, 1)
	settings, _ := o.Settings(account)
	d := channeltest.NewDesk()
	m := open(t, d, settings, []byte(`{"receivePassword":"guess"}`))
	d.Listen(t, m)
	d.Until(t, "health", func(d *channeltest.Desk) bool { return len(d.Health) > 1 })
	if err := d.Health[0]; !channel.IsSettings(err) || !strings.Contains(err.Error(), "[AUTHENTICATIONFAILED]") || strings.Contains(err.Error(), "guess") {
		t.Errorf("error %v", err)
	}
}

// TestServerComesBack: no server, then one.
func TestServerComesBack(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{})
	o.Add(account, password)
	put(t, o, "INBOX", 1, 1)
	wire := emailtest.NewWire(t, o.IMAP())
	wire.CutAfter(1)
	m, d := through(t, o, wire)
	d.Listen(t, m)
	d.Until(t, "failures", func(d *channeltest.Desk) bool { return len(d.Health) > 3 && d.Health[0] != nil && d.Health[3] != nil })
	wire.CutAfter(0)
	d.Until(t, "mail", count(1))
	d.Until(t, "health", func(d *channeltest.Desk) bool { return d.Health[len(d.Health)-1] == nil })
}

func TestListenLeavesNothingBehind(t *testing.T) {
	o, m, d := office(t, "tls")
	ignore := goleak.IgnoreCurrent()
	put(t, o, "INBOX", 1, 2)
	stop := d.Listen(t, m)
	d.Until(t, "mail", count(2))
	time.Sleep(20 * time.Millisecond) // into IDLE
	stop()
	if err := goleak.Find(ignore, goleak.IgnoreAnyFunction("github.com/emersion/go-imap/v2/imapserver.(*Conn).serve")); err != nil {
		t.Error(err)
	}
}

func TestListenWithoutIMAP(t *testing.T) {
	d := channeltest.NewDesk()
	m := open(t, d, []byte(`{"receive":{"mode":"smtp"}}`), nil)
	stop := d.Listen(t, m)
	stop()
	if missing, err := m.Missing(t.Context(), func(string) bool { return false }); err != nil || missing != nil {
		t.Errorf("missing %v, %v", missing, err)
	}
}

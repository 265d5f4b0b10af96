//go:build unix

package email_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

// dovecot starts a server that others wrote.
func dovecot(t *testing.T, extra string) *emailtest.Dovecot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	d, err := emailtest.NewDovecot(ctx, "secret", extra)
	if errors.Is(err, emailtest.ErrNoDovecot) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing dovecot: %v", err)
		}
	})
	return d
}

// drop delivers mails from..to past IMAP.
func drop(t *testing.T, d *emailtest.Dovecot, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		if err := d.Drop("ana", fmt.Sprintf("%d.M%dP1.host", 1700000000+n, n), mail(n)); err != nil {
			t.Fatal(err)
		}
	}
}

// reader opens an endpoint on a Dovecot.
func reader(t *testing.T, server *emailtest.Dovecot, names ...string) (*email.Endpoint, *channeltest.Desk) {
	t.Helper()
	d := channeltest.NewDesk()
	settings, secrets := server.Settings("ana", names...)
	return open(t, d, settings, secrets), d
}

// peer is another mail program on the same account.
func peer(t *testing.T, server *emailtest.Dovecot) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(server.Addr(), nil)
	if err == nil {
		err = c.Login("ana", "secret").Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestDovecot(t *testing.T) {
	server := dovecot(t, "")
	drop(t, server, 1, 20)
	m, d := reader(t, server, "INBOX")
	stop := d.Listen(t, m)
	d.Until(t, "what was there", count(20))
	drop(t, server, 21, 22)
	d.Until(t, "what is announced", count(22))
	stop()
	got := ids(d.Got)
	if first := got[:20]; len(slices.Compact(slices.Sorted(slices.Values(first)))) != 20 {
		t.Errorf("mails %v", first)
	}
	if d.Got[0].At.IsZero() || !strings.HasSuffix(string(d.Got[0].Bytes), "hello\r\n") {
		t.Errorf("delivery %+v", d.Got[0])
	}

	// Nothing was touched: all is unseen, and still recent for the next reader.
	other := peer(t, server)
	if _, err := other.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	seen, err := other.UIDSearch(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil || len(seen.AllUIDs()) != 0 {
		t.Errorf("seen %v, %v", seen.AllUIDs(), err)
	}
	have := func(key string) bool { return d.Seen[key] > 0 }
	if missing, err := m.Missing(t.Context(), have); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}

	// A restore from backup: other numbers for the same mail.
	before := d.Cursors["INBOX"]
	if err := other.Logout().Wait(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // UIDVALIDITY is a time in seconds
	if err := server.Renumber("ana"); err != nil {
		t.Fatal(err)
	}
	d.Listen(t, m)
	d.Until(t, "all again", func(d *channeltest.Desk) bool {
		return d.Cursors["INBOX"].UIDValidity != before.UIDValidity && d.Cursors["INBOX"].UID == 22
	})
}

func TestDovecotWithoutIdle(t *testing.T) {
	server := dovecot(t, "imap_capability = IMAP4rev1 UIDPLUS")
	drop(t, server, 1, 1)
	m, d := reader(t, server)
	m.Hurry(func(l *email.Limits) { l.Poll = 50 * time.Millisecond })
	d.Listen(t, m)
	d.Until(t, "what was there", count(1))
	drop(t, server, 2, 3)
	d.Until(t, "by polling", count(3))
}

func TestDovecotFolders(t *testing.T) {
	server := dovecot(t, "")
	other := peer(t, server)
	for n, folder := range []string{"お問い合わせ", "A&B \"quoted\""} {
		if err := other.Create(folder, nil).Wait(); err != nil {
			t.Fatal(err)
		}
		raw := mail(n)
		cmd := other.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
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
	m, d := reader(t, server, "INBOX", "お問い合わせ", "A&B \"quoted\"")
	stop := d.Listen(t, m)
	d.Until(t, "both", count(2))
	stop()
	got := ids(d.Got)
	slices.Sort(got)
	if diff := cmp.Diff([]string{"0", "1"}, got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestDovecotRefuses(t *testing.T) {
	server := dovecot(t, "")
	d := channeltest.NewDesk()
	settings, _ := server.Settings("ana")
	m := open(t, d, settings, []byte(`{"receivePassword":"guess"}`))
	d.Listen(t, m)
	d.Until(t, "health", func(d *channeltest.Desk) bool { return len(d.Health) > 0 })
	if err := d.Health[0]; !channel.IsSettings(err) || !strings.Contains(err.Error(), "[AUTHENTICATIONFAILED] Authentication failed.") {
		t.Errorf("error %v", err)
	}
}

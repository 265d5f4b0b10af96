package app_test

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/smtp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// within waits until something is so.
func (s *site) within(limit time.Duration, what string, so func() bool) {
	s.Helper()
	for end := time.Now().Add(limit); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("%s: not within %s\n%s", what, limit, s.log)
		}
	}
}

func (s *site) count(query string, args ...any) (n int) {
	s.Helper()
	s.must(s.in.DB.Read(s.Context(), func(tx *sqldb.Tx) error { return tx.QueryRow(s.Context(), query, args...).Scan(&n) }))
	return n
}

// fetched makes the inbox of an account in an office fetch its mail.
func (s *site) fetched(office *emailtest.Office, address string) inbox.Inbox {
	s.Helper()
	i := s.inbox("Fetched", address)
	office.Add(address, "secret")
	host, portText, err := net.SplitHostPort(office.IMAP())
	s.must(err)
	port, err := strconv.Atoi(portText)
	s.must(err)
	mode, plain, pass := "imap", "plain", "secret"
	i, err = s.in.Inboxes.Change(s.Context(), actor.OfSystem("test"), i.ID, inbox.Change{
		Receive: &inbox.ReceiveChange{Mode: &mode, Host: &host, Port: &port, Security: &plain, Username: &address, Password: &pass},
	})
	s.must(err)
	return i
}

func loopback(c *app.Config) {
	c.AllowNet = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	c.SMTP = "127.0.0.1:0"
}

func letter(to, subject, id string) []byte {
	return emailtest.Mail{From: "ana@customer.example", To: to, Subject: subject, Text: "Hello", ID: id, Date: time.Now().Format(time.RFC1123Z)}.Bytes()
}

// TestMailIsWorkedOff takes a mail in and waits until nothing is left to do: it
// can be found, and no duty has failed.
func TestMailIsWorkedOff(t *testing.T) {
	onBoth(t, loopback, func(s *site) {
		s.inbox("Post", "post@desk.example")
		s.must(smtp.SendMail(s.app.MailAddress(), nil, "ana@customer.example", []string{"post@desk.example"}, letter("post@desk.example", "Teapot", "t@x.example")))
		s.within(20*time.Second, "duties are done", func() bool {
			return s.count(`SELECT COUNT(*) FROM job WHERE state <> 'ready' OR run_at <= $1`, time.Now().UnixMilli()) == 0
		})
		if rec := s.ask("GET", "/api/v1/search?q=teapot", stranger, s.key, ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "Teapot") {
			s.Errorf("search: %d %s", rec.Code, rec.Body)
		}
		if n := s.count(`SELECT COUNT(*) FROM search_doc`); n != 3 {
			s.Errorf("%d documents, want the message, the conversation and the customer", n)
		}
	})
}

// TestReconcileFindsWhatIsMissing lets an inbox pass over a mail, as a defect
// would: the comparison finds it, says so, and fetches it.
func TestReconcileFindsWhatIsMissing(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	onBoth(t, func(cfg *app.Config) { loopback(cfg); cfg.Clock = c }, func(s *site) {
		const address = "fetched@desk.example"
		office := emailtest.Open(s, emailtest.Options{})
		i := s.fetched(office, address)
		s.must(office.Deliver(address, letter(address, "First", "one@x.example")))
		known := func(n int) func() bool {
			return func() bool { return s.count(`SELECT COUNT(*) FROM ledger`) == n }
		}
		s.within(30*time.Second, "the first mail comes in", known(1))
		active := func(yes bool) {
			_, err := s.in.Inboxes.Change(s.Context(), actor.OfSystem("test"), i.ID, inbox.Change{Active: &yes})
			s.must(err)
		}
		active(false)
		time.Sleep(7 * time.Second) // until it is seen that the inbox rests
		s.must(office.Deliver(address, letter(address, "Second", "two@x.example")))
		s.must(s.in.DB.Write(s.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(s.Context(), `UPDATE inbox_cursor SET last_uid = last_uid + 1`)
			return err
		}))
		active(true)
		s.must(office.Deliver(address, letter(address, "Third", "three@x.example")))
		s.within(30*time.Second, "the third mail comes in", known(2))
		s.within(30*time.Second, "the second mail is found", func() bool {
			c.Advance(time.Hour)
			return known(3)()
		})
		if !strings.Contains(s.log.String(), "mail on the server is not in the ledger; fetching it") || !strings.Contains(s.log.String(), "count=1") {
			s.Errorf("nobody was told: %s", s.log)
		}
	})
}

// TestNothingOutlivesStop uses an instance in every way and stops it: no goroutine
// is left, and no file in its data folder that does not belong there.
func TestNothingOutlivesStop(t *testing.T) {
	onBothAlone(t, func(t *testing.T, database string) {
		office := emailtest.Open(t, emailtest.Options{})
		before := goleak.IgnoreCurrent()
		dir := ""
		s := open(t, database, func(c *app.Config) { loopback(c); c.LMTP = "127.0.0.1:0"; dir = c.DataDir })
		s.fetched(office, "fetched@desk.example")
		s.must(office.Deliver("fetched@desk.example", letter("fetched@desk.example", "First", "one@x.example")))
		s.within(30*time.Second, "the mail comes in", func() bool { return s.count(`SELECT COUNT(*) FROM ledger`) == 1 })
		keep := http.Transport{}
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/", "/api/v1/setup"} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.app.URL()+path, nil)
			s.must(err)
			res, err := keep.RoundTrip(req)
			s.must(err)
			_ = res.Body.Close()
		}
		idle := s.dial()
		_, err := fmt.Fprint(idle, "GET /")
		s.must(err)
		s.stop()
		keep.CloseIdleConnections()
		_ = idle.Close()
		ignore := []goleak.Option{before, goleak.IgnoreTopFunction("github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest.(*imapSession).Idle")}
		if err := goleak.Find(ignore...); err != nil {
			t.Error(err)
		}
		left, err := os.ReadDir(dir)
		s.must(err)
		for _, e := range left {
			if name := e.Name(); name != "blobs" && name != "key" && name != "kintsugi.db" && name != "kintsugi.db.lock" {
				t.Errorf("%s was left in %s", name, filepath.Base(dir))
			}
		}
	})
}

// onBothAlone is onBoth for those who open the instance themselves.
func onBothAlone(t *testing.T, fn func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, "") })
	t.Run("postgres", func(t *testing.T) { fn(t, dbtest.MigratedURL(t)) })
}

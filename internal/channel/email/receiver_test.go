package email_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// house is an installation with two inboxes, one of which has two addresses.
type house struct {
	*channeltest.Desk
	addresses map[string]string
	fail      map[string]error // by inbox
	inbox     map[string][]channel.Raw
}

// receive starts a receiver and returns its address.
func receive(t *testing.T, change func(*email.ReceiverConfig)) (*house, string) {
	t.Helper()
	h := &house{Desk: channeltest.NewDesk(), fail: map[string]error{}, inbox: map[string][]channel.Raw{}, addresses: map[string]string{
		"support@example.jp": "ibx_support", "help@example.jp": "ibx_support", "billing@example.jp": "ibx_billing",
	}}
	config := email.ReceiverConfig{
		Domain: "mx.example.jp", Clock: clock.NewManual(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)),
		Log:    slog.New(slog.NewTextHandler(t.Output(), nil)),
		Accept: h.accept, Deliver: h.keep,
	}
	if change != nil {
		change(&config)
	}
	r, err := email.NewReceiver(config)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return h, l.Addr().String()
}

func (h *house) accept(_ context.Context, to string) (string, error) {
	if strings.HasPrefix(to, "broken@") {
		return "", errors.New("the database is away")
	}
	if strings.HasPrefix(to, "gone@") {
		return "", fault.New(fault.NotFound, "error.inbox.unknown")
	}
	if inbox, ok := h.addresses[strings.ToLower(to)]; ok {
		return inbox, nil
	}
	return "", email.ErrNoRecipient
}

// keep keeps each key once in each inbox, as the ledger does.
func (h *house) keep(_ context.Context, inbox string, raw channel.Raw) error {
	var err error
	h.Change(func() {
		if err = h.fail[inbox]; err != nil {
			return
		}
		if !slices.ContainsFunc(h.inbox[inbox], func(r channel.Raw) bool { return r.Key == raw.Key }) {
			h.inbox[inbox] = append(h.inbox[inbox], raw)
		}
	})
	return err
}

// kept is what an inbox has.
func (h *house) kept(inbox string) (raws []channel.Raw) {
	h.Change(func() { raws = slices.Clone(h.inbox[inbox]) })
	return raws
}

// code is the SMTP code of an error, 0 for none.
func code(err error) int {
	var e *textproto.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestReceive(t *testing.T) {
	h, addr := receive(t, nil)
	content := string(mail(1))
	if err := smtp.SendMail(addr, nil, "ana@x.example", []string{"Support@example.jp", "help@example.jp", "billing@example.jp"}, []byte(content)); err != nil {
		t.Fatal(err)
	}
	if len(h.kept("ibx_support")) != 1 || len(h.kept("ibx_billing")) != 1 {
		t.Fatalf("inboxes %v", h.inbox)
	}
	raw := h.kept("ibx_support")[0]
	if raw.Source != "smtp" || raw.Sender != "ana@x.example" || raw.Key == h.kept("ibx_billing")[0].Key ||
		!slices.Equal(raw.Recipients, []string{"Support@example.jp", "help@example.jp"}) || raw.At.Year() != 2026 {
		t.Errorf("delivery %+v", raw)
	}
	want := "Return-Path: <ana@x.example>\r\nDelivered-To: Support@example.jp\r\nDelivered-To: help@example.jp\r\n" +
		"Received: from localhost ([127.0.0.1])\r\n by mx.example.jp (Kintsugi) with ESMTP;\r\n Sat, 21 Nov 2026 00:00:00 +0000\r\n" + content
	if diff := cmp.Diff(want, string(raw.Bytes)); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
	if m, err := email.Parse(raw.Bytes); err != nil || m.Subject != "mail 1" || m.Auto != "" {
		t.Errorf("message %+v, %v", m, err)
	}
}

func TestReceiveRefuses(t *testing.T) {
	h, addr := receive(t, func(c *email.ReceiverConfig) { c.MaxMessageBytes, c.MaxRecipients = 2000, 3 })
	many := []string{"support@example.jp", "help@example.jp", "billing@example.jp", "support@example.jp"}
	tests := []struct {
		name string
		to   []string
		body string
		code int
	}{
		{"unknown", []string{"nobody@example.jp"}, "x", 550},
		{"not found", []string{"gone@example.jp"}, "x", 550},
		{"relay", []string{"someone@elsewhere.example"}, "x", 550},
		{"lookup fails", []string{"broken@example.jp"}, "x", 451},
		{"too many", many, "x", 452},
		{"too large", many[:1], "Subject: x\r\n\r\n" + strings.Repeat("x\r\n", 1000), 552},
		{"loop", many[:1], strings.Repeat("Received: by a\r\n", 51) + "\r\nx", 554},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := smtp.SendMail(addr, nil, "ana@x.example", tt.to, []byte(tt.body))
			if code(err) != tt.code || strings.Contains(fmt.Sprint(err), "database") {
				t.Errorf("error %v", err)
			}
		})
	}
	if len(h.inbox) > 0 {
		t.Errorf("something was kept: %v", h.inbox)
	}
}

// TestAllOrLater: two inboxes, one of which cannot keep the message. The client
// tries again, and nobody has it twice.
func TestAllOrLater(t *testing.T) {
	h, addr := receive(t, nil)
	to := []string{"support@example.jp", "billing@example.jp"}
	h.fail["ibx_billing"] = errors.New("disk full of secrets")
	for range 3 {
		if err := smtp.SendMail(addr, nil, "ana@x.example", to, mail(1)); code(err) != 451 || strings.Contains(err.Error(), "secrets") {
			t.Fatalf("error %v", err)
		}
	}
	h.Change(func() { delete(h.fail, "ibx_billing") })
	if err := smtp.SendMail(addr, nil, "ana@x.example", to, mail(1)); err != nil {
		t.Fatal(err)
	}
	if len(h.kept("ibx_support")) != 1 || len(h.kept("ibx_billing")) != 1 {
		t.Errorf("support has %d, billing has %d", len(h.kept("ibx_support")), len(h.kept("ibx_billing")))
	}
}

// TestNoMessageID: nothing tells such messages apart, so each one counts.
func TestNoMessageID(t *testing.T) {
	h, addr := receive(t, nil)
	for range 2 {
		if err := smtp.SendMail(addr, nil, "cron@x.example", []string{"support@example.jp"}, []byte("Subject: disk full\r\n\r\nMessage-ID: <not@header>\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.kept("ibx_support")); n != 2 {
		t.Errorf("%d of 2 are kept", n)
	}
}

func TestLMTP(t *testing.T) {
	h, addr := receive(t, func(c *email.ReceiverConfig) { c.LMTP = true })
	h.fail["ibx_billing"] = errors.New("disk full")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := gosmtp.NewClientLMTP(conn)
	defer c.Close()
	for _, err := range []error{c.Hello("mta.example"), c.Mail("", nil), c.Rcpt("support@example.jp", nil), c.Rcpt("billing@example.jp", nil), c.Rcpt("help@example.jp", nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(mail(1)); err != nil {
		t.Fatal(err)
	}
	done, err := w.CloseWithLMTPResponse()
	var failed gosmtp.LMTPDataError
	if !errors.As(err, &failed) || len(failed) != 1 || failed["billing@example.jp"].Code != 451 || len(done) != 2 {
		t.Errorf("done %v, error %v", done, err)
	}
	if got := h.kept("ibx_support"); len(got) != 1 || got[0].Source != "lmtp" || got[0].Sender != "" || !strings.Contains(string(got[0].Bytes), "with LMTP;") {
		t.Errorf("inbox %+v", got)
	}
}

func TestReceiveStartTLS(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{})
	h, addr := receive(t, func(c *email.ReceiverConfig) { c.TLS = o.TLS() })
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if ok, _ := c.Extension("STARTTLS"); !ok {
		t.Fatal("no STARTTLS")
	}
	if ok, mechs := c.Extension("AUTH"); ok {
		t.Errorf("AUTH %s is offered", mechs)
	}
	if err := c.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{c.Mail("ana@x.example"), c.Rcpt("support@example.jp")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(mail(1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := h.kept("ibx_support"); len(got) != 1 || !strings.Contains(string(got[0].Bytes), "with ESMTPS;") {
		t.Errorf("inbox %s", got[0].Bytes)
	}
}

// dialogue plays lines against a server and returns all it said.
func dialogue(t *testing.T, addr string, lines ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(strings.Join(lines, ""))); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if _, err := bufio.NewReader(conn).WriteTo(&said); err != nil {
		t.Logf("after %q: %v", said.String(), err)
	}
	return said.String()
}

const begin = "EHLO x\r\nMAIL FROM:<ana@x.example>\r\nRCPT TO:<support@example.jp>\r\nDATA\r\n"

// TestNoSmuggling: only CR LF dot CR LF ends a message. Anything looser lets a
// sender put a second, forged message into the first.
func TestNoSmuggling(t *testing.T) {
	for _, end := range []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r"} {
		h, addr := receive(t, nil)
		said := dialogue(t, addr, begin, "Message-ID: <1@x>\r\n\r\nfirst", end,
			"MAIL FROM:<boss@example.jp>\r\nRCPT TO:<support@example.jp>\r\nDATA\r\nMessage-ID: <2@x>\r\n\r\nsecond\r\n.\r\nQUIT\r\n")
		if got := h.kept("ibx_support"); len(got) != 1 || !strings.Contains(string(got[0].Bytes), "second") {
			t.Errorf("%q: %d messages\n%s", end, len(got), said)
		}
	}
}

func TestHalfAMessageIsNone(t *testing.T) {
	for _, rest := range []string{"Subject: x\r\n\r\nhalf", "Subject: x\r\n\r\nhalf\r\n.", "BDAT"} {
		h, addr := receive(t, nil)
		if rest == "BDAT" {
			dialogue(t, addr, strings.TrimSuffix(begin, "DATA\r\n"), "BDAT 10\r\n0123456789")
		} else {
			dialogue(t, addr, begin, rest)
		}
		time.Sleep(20 * time.Millisecond)
		if n := len(h.kept("ibx_support")); n != 0 {
			t.Errorf("%q: %d messages", rest, n)
		}
	}
}

func TestBDAT(t *testing.T) {
	h, addr := receive(t, nil)
	body := "Message-ID: <1@x>\r\n\r\n.\r\nhi\r\n"
	dialogue(t, addr, strings.TrimSuffix(begin, "DATA\r\n"), fmt.Sprintf("BDAT %d LAST\r\n%s", len(body), body), "QUIT\r\n")
	h.Until(t, "mail", func(*channeltest.Desk) bool { return len(h.inbox["ibx_support"]) == 1 })
	if got := string(h.kept("ibx_support")[0].Bytes); !strings.HasSuffix(got, body) {
		t.Errorf("bytes %q", got)
	}
}

// TestTraceIsOurs: nothing a client says can end a line of the trace.
func TestTraceIsOurs(t *testing.T) {
	h, addr := receive(t, nil)
	dialogue(t, addr, "EHLO x)\rX-Evil:1\r\nMAIL FROM:<\"a\rX-Evil: 1\"@x.example>\r\nRCPT TO:<support@example.jp>\r\nDATA\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n.\r\nQUIT\r\n")
	h.Until(t, "mail", func(*channeltest.Desk) bool { return len(h.inbox["ibx_support"]) == 1 })
	for _, raw := range h.kept("ibx_support") {
		for line := range strings.SplitSeq(strings.ReplaceAll(string(raw.Bytes), "\r", "\n"), "\n") {
			if strings.HasPrefix(line, "X-Evil") {
				t.Errorf("%q", raw.Bytes)
			}
		}
	}
}

func TestConnectionLimits(t *testing.T) {
	_, addr := receive(t, func(c *email.ReceiverConfig) {
		c.MaxPerAddress, c.Silence, c.Session = 2, 150*time.Millisecond, 600*time.Millisecond
	})
	hear := func(conn net.Conn) string {
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			return err.Error()
		}
		return line
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	first, second := dial(), dial()
	if a, b := hear(first), hear(second); !strings.HasPrefix(a, "220") || !strings.HasPrefix(b, "220") {
		t.Fatalf("greetings %q, %q", a, b)
	}
	if got := hear(dial()); !strings.HasPrefix(got, "421 4.7.0") {
		t.Errorf("a third connection hears %q", got)
	}
	// The silent ones are cut, which makes room.
	if got := hear(first); got != "EOF" && !strings.Contains(got, "421") && !strings.Contains(got, "reset") {
		t.Errorf("a silent client hears %q", got)
	}
	var last string
	for range 50 {
		if last = hear(dial()); strings.HasPrefix(last, "220") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !strings.HasPrefix(last, "220") {
		t.Errorf("no room afterwards: %q", last)
	}
	// One that keeps talking is cut in the end.
	time.Sleep(200 * time.Millisecond)
	talker := dial()
	var ended time.Duration
	for ; ended < 5*time.Second; ended += 50 * time.Millisecond {
		if _, err := fmt.Fprint(talker, "NOOP\r\n"); err != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if ended < 300*time.Millisecond || ended > 3*time.Second {
		t.Errorf("a talker is cut after %s", ended)
	}
}

// TestManyAtOnce sends from many clients and kills the server in between.
func TestManyAtOnce(t *testing.T) {
	h, addr := receive(t, func(c *email.ReceiverConfig) { c.MaxPerAddress = 1000 })
	var wait sync.WaitGroup
	accepted := make(chan int, 200)
	for n := range 200 {
		wait.Go(func() {
			if smtp.SendMail(addr, nil, "ana@x.example", []string{"support@example.jp"}, mail(n)) == nil {
				accepted <- n
			}
		})
	}
	wait.Wait()
	close(accepted)
	var confirmed int
	for range accepted {
		confirmed++
	}
	if got := len(h.kept("ibx_support")); got != 200 || confirmed != 200 {
		t.Errorf("%d kept, %d confirmed", got, confirmed)
	}
}

func TestReceiverNeeds(t *testing.T) {
	if _, err := email.NewReceiver(email.ReceiverConfig{Domain: "x"}); err == nil {
		t.Error("a receiver without holes is made")
	}
}

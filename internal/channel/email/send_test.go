package email_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

const (
	account  = "support@example.jp"
	password = "correct horse"
)

// office opens an office with one account and an endpoint on it.
func office(t *testing.T, security string) (*emailtest.Office, *email.Endpoint, *channeltest.Desk) {
	t.Helper()
	o := emailtest.Open(t, emailtest.Options{Security: security})
	o.Add(account, password)
	settings, secrets := o.Settings(account)
	d := channeltest.NewDesk()
	return o, open(t, d, settings, secrets), d
}

func TestSend(t *testing.T) {
	for _, security := range []string{"plain", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			o, m, _ := office(t, security)
			out := letter()
			var committed atomic.Int32
			out.Committing = func(context.Context) error {
				if len(o.Sent()) != 0 {
					t.Error("the server has the message before the point of no return")
				}
				committed.Add(1)
				return nil
			}
			if err := m.Send(t.Context(), out); err != nil {
				t.Fatal(err)
			}
			sent := o.Sent()
			if len(sent) != 1 || committed.Load() != 1 {
				t.Fatalf("%d messages, %d commits", len(sent), committed.Load())
			}
			want := []string{"hanako@xn--r8jz45g.jp", "a..b@carrier.example", "plain@example.com", "secret@example.com"}
			if sent[0].From != account || !slices.Equal(sent[0].To, want) {
				t.Errorf("envelope %s → %v", sent[0].From, sent[0].To)
			}
			if diff := cmp.Diff(compose(t, letter()), string(sent[0].Raw)); diff != "" {
				t.Errorf("what arrived is not what was composed:\n%s", diff)
			}
		})
	}
}

// faulty opens an endpoint that sends to a server which fails.
func faulty(t *testing.T, at emailtest.Stage, how emailtest.Failure) (*emailtest.Faulty, *email.Endpoint) {
	t.Helper()
	f := emailtest.NewFaulty(t, at, how)
	m := open(t, channeltest.NewDesk(), fmt.Appendf(nil, `{"send":{"mode":"smtp","host":"127.0.0.1","port":%d,"security":"plain"}}`, f.Port()), nil)
	m.Hurry(func(l *email.Limits) { l.Answer, l.Submit = 200*time.Millisecond, 200*time.Millisecond })
	return f, m
}

// TestFailures walks every stage and every way to fail and asks for the one
// verdict that is right: nothing is "sent" that is not, nothing is tried again
// that may have arrived, and nothing may have arrived that was not committed.
func TestFailures(t *testing.T) {
	stages := []emailtest.Stage{emailtest.AtGreeting, emailtest.AtHello, emailtest.AtMail, emailtest.AtRcpt, emailtest.AtData, emailtest.AtBody, emailtest.AtDot}
	for _, at := range stages {
		for _, how := range []emailtest.Failure{emailtest.Later, emailtest.Never, emailtest.Hang, emailtest.Drop, emailtest.Babble} {
			t.Run(string(at)+" "+string(how), func(t *testing.T) {
				t.Parallel()
				f, m := faulty(t, at, how)
				out := letter()
				if at == emailtest.AtBody && (how == emailtest.Hang || how == emailtest.Drop) {
					// More than the buffers on the way hold, so that the failure is felt.
					out.Parts = []channel.OutgoingPart{file("b", "", "", false, strings.Repeat("x", 8<<20))}
				}
				committed := false
				out.Committing = func(context.Context) error { committed = true; return nil }
				err := m.Send(t.Context(), out)
				refusal, refused := channel.IsRefused(err)
				ambiguous := channel.IsAmbiguous(err)
				arrived := len(f.Bodies()) > 0
				// An answer in the middle of the body is read as the answer to it.
				whole := at == emailtest.AtDot || at == emailtest.AtBody && how != emailtest.Hang && how != emailtest.Drop
				wantAmbiguous := whole && how != emailtest.Later && how != emailtest.Never
				wantRefused := how == emailtest.Never
				switch {
				case err == nil:
					t.Fatal("no error")
				case ambiguous != wantAmbiguous:
					t.Errorf("ambiguous is %v: %v", ambiguous, err)
				case refused != wantRefused:
					t.Errorf("refused is %v: %v", refused, err)
				case refused && (refusal.Code != 550 || !strings.Contains(refusal.Text, "5.7.1 never, said the server") || len(refusal.Recipients) > 0):
					t.Errorf("refusal %+v", refusal)
				case arrived && !committed:
					t.Error("the server has a message that was not committed")
				case committed != whole:
					t.Errorf("committed is %v", committed)
				}
				if how == emailtest.Later && !strings.Contains(err.Error(), "451 4.3.0 try again later") {
					t.Errorf("the server's words are lost: %v", err)
				}
			})
		}
	}
}

func TestCommittingSaysNo(t *testing.T) {
	f, m := faulty(t, "", "")
	out := letter()
	out.Committing = func(context.Context) error { return errors.New("it was taken back") }
	err := m.Send(t.Context(), out)
	if err == nil || !strings.Contains(err.Error(), "it was taken back") || channel.IsAmbiguous(err) {
		t.Fatalf("error %v", err)
	}
	if n := len(f.Bodies()); n != 0 {
		t.Errorf("the server took %d messages", n)
	}
}

// TestStopWhileSending ends the context at the worst moments.
func TestStopWhileSending(t *testing.T) {
	t.Run("before the point of no return", func(t *testing.T) {
		f, m := faulty(t, emailtest.AtMail, emailtest.Hang)
		m.Hurry(func(l *email.Limits) { l.Answer = time.Minute })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := m.Send(ctx, letter())
		if !errors.Is(err, context.DeadlineExceeded) || channel.IsAmbiguous(err) || len(f.Bodies()) != 0 {
			t.Errorf("error %v", err)
		}
	})
	t.Run("after it, an answer is waited for", func(t *testing.T) {
		o, m, _ := office(t, "plain")
		ctx, cancel := context.WithCancel(t.Context())
		out := letter()
		out.Committing = func(context.Context) error { cancel(); return nil }
		if err := m.Send(ctx, out); err != nil || len(o.Sent()) != 1 {
			t.Errorf("error %v, %d sent", err, len(o.Sent()))
		}
	})
	t.Run("after it, no answer is no verdict", func(t *testing.T) {
		_, m := faulty(t, emailtest.AtDot, emailtest.Hang)
		m.Hurry(func(l *email.Limits) { l.Submit, l.Linger = time.Minute, 50*time.Millisecond })
		ctx, cancel := context.WithCancel(t.Context())
		out := letter()
		out.Committing = func(context.Context) error { cancel(); return nil }
		if err := m.Send(ctx, out); !channel.IsAmbiguous(err) {
			t.Errorf("error %v", err)
		}
	})
}

func TestSomeRecipients(t *testing.T) {
	tests := []struct {
		name    string
		refuse  map[string]int
		sent    bool
		refused []string // nil: not refused
		all     bool
		later   bool
	}{
		{"one refused", map[string]int{"plain@example.com": 550}, true, []string{"plain@example.com"}, false, false},
		{"one put off", map[string]int{"plain@example.com": 451}, false, nil, false, true},
		{"one refused, one put off", map[string]int{"plain@example.com": 451, "secret@example.com": 550}, false, nil, false, true},
		{"all refused", map[string]int{"plain@example.com": 550, "secret@example.com": 550, "hanako@xn--r8jz45g.jp": 550, "a..b@carrier.example": 550}, false, nil, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, m, _ := office(t, "plain")
			for rcpt, code := range tt.refuse {
				o.Refuse(rcpt, code, "not "+rcpt)
			}
			committed := false
			out := letter()
			out.Committing = func(context.Context) error { committed = true; return nil }
			err := m.Send(t.Context(), out)
			if got := len(o.Sent()) == 1; got != tt.sent || committed != tt.sent {
				t.Errorf("sent %v, committed %v", got, committed)
			}
			refusal, refused := channel.IsRefused(err)
			switch {
			case tt.later:
				if refused || err == nil || !strings.Contains(err.Error(), "not plain@example.com") {
					t.Errorf("error %v", err)
				}
			case !refused || refusal.Code != 550 || !strings.Contains(refusal.Text, "not plain@example.com"):
				t.Errorf("error %v", err)
			default:
				if diff := cmp.Diff(tt.refused, refusal.Recipients); diff != "" {
					t.Errorf("refused recipients (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// A letter that goes out again to one of its recipients still shows them all.
func TestOnlySomeRecipients(t *testing.T) {
	o, m, _ := office(t, "plain")
	out := letter()
	out.Only = []string{"plain@example.com"}
	if err := m.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	sent := o.Sent()
	if len(sent) != 1 || !slices.Equal(sent[0].To, []string{"plain@example.com"}) || !strings.Contains(string(sent[0].Raw), "a..b") {
		t.Errorf("%d sent, to %v", len(sent), sent[0].To)
	}
}

// TestLogin: a server that knows only the old LOGIN, and one that knows neither.
func TestLogin(t *testing.T) {
	for offer, works := range map[string]bool{"AUTH LOGIN": true, "AUTH CRAM-MD5": false} {
		t.Run(offer, func(t *testing.T) {
			o := emailtest.Open(t, emailtest.Options{})
			o.Add(account, password)
			wire := emailtest.NewWire(t, o.SMTP())
			wire.Alter("AUTH PLAIN LOGIN", offer)
			settings, secrets := o.Settings(account)
			m := open(t, channeltest.NewDesk(), edit(t, settings, func(s map[string]any) { part(s, "send")["port"] = wire.Port() }), secrets)
			err := m.Send(t.Context(), letter())
			if works && (err != nil || len(o.Sent()) != 1) || !works && !channel.IsSettings(err) {
				t.Errorf("error %v, %d sent", err, len(o.Sent()))
			}
		})
	}
}

func TestSendSettings(t *testing.T) {
	o := emailtest.Open(t, emailtest.Options{Security: "starttls"})
	o.Add(account, password)
	settings, secrets := o.Settings(account)
	tests := []struct {
		name   string
		change func(send map[string]any)
		secret string
		says   string
		broken bool // only other settings help
	}{
		{"wrong password", func(map[string]any) {}, `{"sendPassword":"guess"}`, "535 5.7.8 Username and password not accepted", true},
		{"no login", func(s map[string]any) { s["username"] = "" }, string(secrets), "authenticate first", false},
		{"untrusted", func(s map[string]any) { s["trust"] = "" }, string(secrets), "certificate", false},
		{"wrong name", func(s map[string]any) { s["host"] = "127.0.0.2" }, string(secrets), "", false},
		{"tls to a plain port", func(s map[string]any) { s["security"] = "tls" }, string(secrets), "tls", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := open(t, channeltest.NewDesk(), edit(t, settings, func(s map[string]any) { tt.change(part(s, "send")) }), []byte(tt.secret))
			m.Hurry(func(l *email.Limits) { l.Answer = time.Second })
			err := m.Send(t.Context(), letter())
			if err == nil || !strings.Contains(err.Error(), tt.says) || channel.IsSettings(err) != tt.broken || channel.IsAmbiguous(err) {
				t.Errorf("error %v", err)
			}
			if strings.Contains(fmt.Sprint(err), password) || strings.Contains(fmt.Sprint(err), "guess") {
				t.Errorf("the password is in the error: %v", err)
			}
			if len(o.Sent()) > 0 {
				t.Error("something was sent")
			}
		})
	}
	t.Run("no way to send", func(t *testing.T) {
		if err := open(t, channeltest.NewDesk(), nil, nil).Send(t.Context(), letter()); !channel.IsSettings(err) {
			t.Errorf("error %v", err)
		}
	})
}

func TestOpenRefusesSettings(t *testing.T) {
	for _, doc := range []string{
		`{"send":{"mode":"pigeon"}}`, `{"receive":{"mode":"pop3"}}`, `{"send":{"mode":"smtp"}}`,
		`{"send":{"mode":"smtp","host":"mail.example.com","security":"plain"}}`,
		`{"receive":{"mode":"imap","host":"10.0.0.1","security":"plain"}}`,
		`{"send":{"mode":"smtp","host":"a b","security":"tls"}}`,
		`{"send":{"mode":"smtp","host":"mail.example.com","security":"ssl"}}`,
		`{"send":{"mode":"smtp","host":"mail.example.com","port":70000}}`,
		`{"send":{"mode":"smtp","host":"mail.example.com","trust":"x"}}`,
		`{"receive":{"mode":"imap","host":"mail.example.com","since":"yesterday"}}`, `[]`,
	} {
		if _, err := email.Kind.Open([]byte(doc), nil, channeltest.NewDesk().Host(t)); !channel.IsSettings(err) {
			t.Errorf("%s: %v", doc, err)
		}
	}
	if _, err := email.Kind.Open(nil, []byte(`{"sendPassword":"hunter2`), channeltest.NewDesk().Host(t)); !channel.IsSettings(err) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("secrets: %v", err)
	}
	if _, err := email.Kind.Open(nil, nil, channel.Host{}); err == nil {
		t.Error("a host without Dial is taken")
	}
}

// TestPlainGoesNowhereElse connects in the clear to a name that turns out to be
// another machine.
func TestPlainGoesNowhereElse(t *testing.T) {
	d := channeltest.NewDesk()
	host := d.Host(t)
	host.Dial = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() { _ = server.Close() }()
		return elsewhere{client}, nil
	}
	c, err := email.Kind.Open([]byte(`{"send":{"mode":"smtp","host":"localhost","security":"plain"}}`), nil, host)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(t.Context(), letter()); err == nil || !strings.Contains(err.Error(), "not without TLS") {
		t.Errorf("error %v", err)
	}
}

type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25} }

package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// quitTimeout is how long a server may take to say goodbye.
const quitTimeout = 5 * time.Second

// smtpSession is a connection on which the server has greeted us and knows who we are.
type smtpSession struct {
	line   *line
	client *smtp.Client
	limits limits
}

// connectSMTP opens a session ready for a message from the address from.
func (e *Endpoint) connectSMTP(ctx context.Context, from string) (*smtpSession, error) {
	l, err := e.dial(ctx, &e.settings.Send.Server)
	if err != nil {
		return nil, err
	}
	s, err := e.greetSMTP(ctx, l, from)
	if err == nil {
		err = e.loginSMTP(s)
	}
	if err != nil {
		err = l.why(err)
		return nil, errors.Join(err, ignoreClosed(l.Close()))
	}
	return s, nil
}

// greetSMTP agrees on TLS and says hello.
func (e *Endpoint) greetSMTP(ctx context.Context, l *line, from string) (*smtpSession, error) {
	server := &e.settings.Send.Server
	config, err := server.tls()
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	s := &smtpSession{line: l, limits: e.limits}
	switch server.Security {
	case securityTLS:
		conn, err := l.handshake(ctx, config, e.limits.answer)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		s.client = smtp.NewClient(conn)
	case securityStartTLS:
		if s.client, err = e.startTLS(l, config); err != nil {
			return nil, fmt.Errorf("starttls: %w", err)
		}
	default:
		s.client = smtp.NewClient(l)
	}
	s.client.CommandTimeout = e.limits.answer
	s.client.SubmissionTimeout = e.limits.submit
	if err := s.client.Hello(helloName(from)); err != nil {
		return nil, verdict("hello", err)
	}
	return s, nil
}

func (e *Endpoint) startTLS(l *line, config *tls.Config) (*smtp.Client, error) {
	defer l.wait(e.limits.answer)()
	return smtp.NewClientStartTLS(l, config)
}

// loginSMTP signs in with a mechanism that both sides know.
func (e *Endpoint) loginSMTP(s *smtpSession) error {
	user, password := e.settings.Send.Username, e.secrets.SendPassword
	if user == "" {
		return nil
	}
	var auth sasl.Client
	switch {
	case s.client.SupportsAuth(sasl.Plain):
		auth = sasl.NewPlainClient("", user, password)
	case s.client.SupportsAuth(sasl.Login):
		auth = sasl.NewLoginClient(user, password)
	default:
		_, offered := s.client.Extension("AUTH")
		return &channel.SettingsError{Err: fmt.Errorf("login: the server knows neither PLAIN nor LOGIN, only %q", offered)}
	}
	err := s.client.Auth(auth)
	var answer *smtp.SMTPError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer) && answer.Code/100 == 5:
		return &channel.SettingsError{Err: fmt.Errorf("login: %s", words(answer))}
	default:
		return verdict("login", err)
	}
}

// close says goodbye and hangs up. After an error in the middle of a message
// hanging up is the point: the server must not take what it has for all.
func (s *smtpSession) close(ctx context.Context, log *slog.Logger, polite bool) {
	if polite {
		s.client.CommandTimeout = quitTimeout
		if err := s.client.Quit(); err != nil {
			log.DebugContext(ctx, "taking leave of an SMTP server", "error", err)
		}
	}
	if err := ignoreClosed(s.line.Close()); err != nil {
		log.DebugContext(ctx, "closing an SMTP connection", "error", err)
	}
}

// ignoreClosed drops the error of closing what is closed already.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// helloName is the name to greet with: the domain of the sender's address.
func helloName(from string) string {
	name := from[strings.LastIndexByte(from, '@')+1:]
	if name == "" || strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return "localhost"
	}
	return name
}

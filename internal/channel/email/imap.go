package email

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// imapSession is a connection that is signed in. One goroutine uses it.
type imapSession struct {
	e        *Endpoint
	line     *line
	client   *imapclient.Client
	selected string
	state    *imap.SelectData
	news     chan struct{} // the server said that there is something new
}

// connectIMAP opens a session.
func (e *Endpoint) connectIMAP(ctx context.Context) (*imapSession, error) {
	l, err := e.dial(ctx, &e.settings.Receive.Server)
	if err != nil {
		return nil, err
	}
	s, err := e.greetIMAP(ctx, l)
	if err == nil {
		if err = s.login(); err == nil {
			s.introduce(ctx)
			return s, nil
		}
		s.close()
	}
	return nil, errors.Join(l.why(err), ignoreClosed(l.Close()))
}

// greetIMAP agrees on TLS and waits for the greeting.
func (e *Endpoint) greetIMAP(ctx context.Context, l *line) (*imapSession, error) {
	server := &e.settings.Receive.Server
	config, err := server.tls()
	if err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	s := &imapSession{e: e, line: l, news: make(chan struct{}, 1)}
	opts := &imapclient.Options{TLSConfig: config, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				s.announce()
			}
		},
	}}
	var conn net.Conn = l
	if server.Security == securityTLS {
		if conn, err = l.handshake(ctx, config, e.limits.answer); err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
	}
	defer l.wait(e.limits.answer)()
	if server.Security == securityStartTLS {
		if s.client, err = imapclient.NewStartTLS(conn, opts); err != nil {
			return nil, fmt.Errorf("starttls: %w", saying(err))
		}
	} else {
		s.client = imapclient.New(conn, opts)
	}
	if err := s.client.WaitGreeting(); err != nil {
		s.close()
		return nil, fmt.Errorf("greeting: %w", saying(err))
	}
	return s, nil
}

// announce notes that the server spoke of new mail.
func (s *imapSession) announce() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// login signs in with LOGIN, or with AUTHENTICATE PLAIN where LOGIN is disabled.
func (s *imapSession) login() error {
	user, password := s.e.settings.Receive.Username, s.e.secrets.ReceivePassword
	if s.client.State() == imap.ConnStateAuthenticated {
		return nil // PREAUTH
	}
	done := s.line.wait(s.e.limits.answer)
	defer done()
	caps := s.client.Caps()
	var err error
	if caps.Has(imap.CapLoginDisabled) || !printable(user+password) && caps.Has(imap.AuthCap(sasl.Plain)) {
		err = s.client.Authenticate(sasl.NewPlainClient("", user, password))
	} else {
		err = s.client.Login(user, password).Wait()
	}
	var refused *imap.Error
	if errors.As(err, &refused) && refused.Code != imap.ResponseCodeUnavailable {
		return &channel.SettingsError{Err: fmt.Errorf("login: %w", saying(err))}
	}
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	return nil
}

// introduce says who we are. Some providers refuse to open a folder for a client
// that has no name.
func (s *imapSession) introduce(ctx context.Context) {
	if !s.client.Caps().Has(imap.CapID) {
		return
	}
	if err := s.do("id", func() error {
		_, err := s.client.ID(&imap.IDData{Name: "Kintsugi"}).Wait()
		return err
	}); err != nil {
		s.e.host.Log.DebugContext(ctx, "an IMAP server does not want to know us", "error", err)
	}
}

// do runs one command: silence ends it, and the reason of a cut line is told.
func (s *imapSession) do(what string, f func() error) error {
	defer s.line.wait(s.e.limits.answer)()
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", what, s.line.why(saying(err)))
	}
	return nil
}

// examine opens a folder for reading only.
func (s *imapSession) examine(folder string) error {
	return s.do("folder "+folder, func() error {
		s.selected = ""
		data, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity == 0 {
			return errors.New("the server gives no UIDVALIDITY: its messages have no lasting names")
		}
		s.selected, s.state = folder, data
		return nil
	})
}

// close hangs up and waits until the client's reader has ended. Whatever state
// the connection is in, nothing of it is needed any more.
func (s *imapSession) close() {
	_ = s.client.Close()
	_ = s.line.Close()
}

// logout takes leave and hangs up.
func (s *imapSession) logout(ctx context.Context) {
	if err := s.do("logout", func() error { return s.client.Logout().Wait() }); err != nil {
		s.e.host.Log.DebugContext(ctx, "taking leave of an IMAP server", "error", err)
	}
	s.close()
}

// spoken is an error with the server's own words. It is no reason to hang up.
type spoken struct{ err *imap.Error }

// Error implements error.
func (e *spoken) Error() string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(e.err.Text, "?")), " ")
	if e.err.Code != "" {
		text = "[" + string(e.err.Code) + "] " + text
	}
	return string(e.err.Type) + " " + text
}

// Unwrap returns the library's error.
func (e *spoken) Unwrap() error { return e.err }

// saying words an answer of the server the way the server did.
func saying(err error) error {
	var said *imap.Error
	var already *spoken
	if errors.As(err, &said) && !errors.As(err, &already) {
		return &spoken{said}
	}
	return err
}

// answered tells whether err is the server's answer, so that the connection lives.
func answered(err error) bool {
	var e *spoken
	return errors.As(err, &e)
}

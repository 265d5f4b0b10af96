package emailtest

import (
	"bytes"
	"errors"
	"io"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// imapSession is the memory server's session with an IDLE that misses nothing:
// the library's forgets what happened just before IDLE began.
type imapSession struct {
	imapserver.SessionIMAP4rev2
	office *Office
}

func (o *Office) session() imapserver.Session {
	return &imapSession{SessionIMAP4rev2: o.mem.NewSession().(imapserver.SessionIMAP4rev2), office: o}
}

// Idle implements imapserver.Session.
func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		s.office.mu.Lock()
		changed := s.office.changed
		s.office.mu.Unlock()
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stop:
			return nil
		}
	}
}

// submission is one SMTP connection to the office.
type submission struct {
	office *Office
	user   string
	sent   Sent
}

var _ smtp.AuthSession = (*submission)(nil)

// AuthMechanisms implements smtp.AuthSession.
func (s *submission) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth implements smtp.AuthSession.
func (s *submission) Auth(mech string) (sasl.Server, error) {
	check := func(_, user, password string) error {
		s.office.mu.Lock()
		defer s.office.mu.Unlock()
		if a := s.office.accounts[fold(user)]; a == nil || a.password != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Username and password not accepted"}
		}
		s.user = user
		return nil
	}
	if mech == sasl.Plain {
		return sasl.NewPlainServer(check), nil
	}
	return &loginServer{check: check}, nil
}

// Mail implements smtp.Session.
func (s *submission) Mail(from string, _ *smtp.MailOptions) error {
	if s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.sent = Sent{From: from}
	return nil
}

// Rcpt implements smtp.Session.
func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	if err := s.office.refuse[fold(to)]; err != nil {
		return err
	}
	s.sent.To = append(s.sent.To, to)
	return nil
}

// Data implements smtp.Session.
func (s *submission) Data(r io.Reader) error {
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	s.sent.Raw = raw.Bytes()
	return s.office.take(s.sent)
}

// Reset implements smtp.Session.
func (s *submission) Reset() { s.sent = Sent{} }

// Logout implements smtp.Session.
func (s *submission) Logout() error { return nil }

// loginServer is the old LOGIN mechanism: it asks for the name, then for the password.
type loginServer struct {
	check func(identity, user, password string) error
	user  *string
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil && l.user == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	case response == nil:
		return nil, false, errors.New("no password")
	}
	return nil, true, l.check("", *l.user, string(response))
}

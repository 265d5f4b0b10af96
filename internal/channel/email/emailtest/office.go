package emailtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Options says what kind of office to open.
type Options struct {
	// Security is "plain" (the default), "starttls" or "tls".
	Security string
	// Trace, if set, receives everything that is said over IMAP.
	Trace io.Writer
}

// Office is a mail provider: accounts with folders to read over IMAP, and a
// submission server. Mail to an account of its own is put into that account's
// INBOX; all mail that was submitted is kept in Sent.
type Office struct {
	security string
	cert     *certificate
	imapNet  net.Listener
	smtpNet  net.Listener
	imap     *imapserver.Server
	smtp     *smtp.Server
	mem      *imapmemserver.Server

	mu       sync.Mutex
	accounts map[string]*account
	sent     []Sent
	changed  chan struct{} // closed and replaced at every change
	refuse   map[string]*smtp.SMTPError
}

type account struct {
	password string
	user     *imapmemserver.User
}

// Sent is one message that the office took.
type Sent struct {
	From string
	To   []string
	Raw  []byte
}

// TB is what Open needs of a test.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Open opens an office for the length of a test.
func Open(t TB, opts Options) *Office {
	t.Helper()
	o, err := New(opts)
	if err != nil {
		t.Fatalf("post office: %v", err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Fatalf("closing the post office: %v", err)
		}
	})
	return o
}

// New opens an office; the caller closes it.
func New(opts Options) (*Office, error) {
	o := &Office{
		security: opts.Security, mem: imapmemserver.New(),
		accounts: map[string]*account{}, changed: make(chan struct{}), refuse: map[string]*smtp.SMTPError{},
	}
	if o.security == "" {
		o.security = "plain"
	}
	var err error
	if o.cert, err = newCertificate(); err != nil {
		return nil, err
	}
	if o.imapNet, err = o.listen(); err != nil {
		return nil, err
	}
	if o.smtpNet, err = o.listen(); err != nil {
		return nil, errors.Join(err, o.imapNet.Close())
	}
	quiet := log.New(io.Discard, "", 0)
	o.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return o.session(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapNamespace: {}},
		InsecureAuth: o.security == "plain",
		TLSConfig:    o.startTLS(),
		Logger:       quiet,
		DebugWriter:  opts.Trace,
	})
	o.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{office: o}, nil }))
	o.smtp.Domain = "office.test"
	o.smtp.AllowInsecureAuth = o.security == "plain"
	o.smtp.TLSConfig = o.startTLS()
	o.smtp.ErrorLog = quiet
	o.smtp.EnableSMTPUTF8 = true
	go func() { _ = o.imap.Serve(o.imapNet) }() // ends with Close
	go func() { _ = o.smtp.Serve(o.smtpNet) }()
	return o, nil
}

// Close ends the office. Connections are cut.
func (o *Office) Close() error {
	err := errors.Join(o.imap.Close(), o.smtp.Close())
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (o *Office) listen() (net.Listener, error) {
	if o.security == "tls" {
		return tls.Listen("tcp", "127.0.0.1:0", o.cert.config)
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

func (o *Office) startTLS() *tls.Config {
	if o.security == "starttls" {
		return o.cert.config
	}
	return nil
}

// IMAP returns the address of the IMAP server.
func (o *Office) IMAP() string { return o.imapNet.Addr().String() }

// SMTP returns the address of the submission server.
func (o *Office) SMTP() string { return o.smtpNet.Addr().String() }

// Certificate returns the PEM of the certificate that clients must trust.
func (o *Office) Certificate() string { return o.cert.pem }

// Add opens an account with an INBOX.
func (o *Office) Add(address, password string) {
	user := imapmemserver.NewUser(address, password)
	if err := user.Create("INBOX", nil); err != nil {
		panic(fmt.Sprintf("a new account has no INBOX yet: %v", err))
	}
	o.mem.AddUser(user)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.accounts[fold(address)] = &account{password: password, user: user}
}

// Settings returns the settings and secrets with which the channel "email" reads
// and sends as an account.
func (o *Office) Settings(address string) (settings, secrets []byte) {
	server := func(l net.Listener, mode string) map[string]any {
		a := l.Addr().(*net.TCPAddr)
		return map[string]any{
			"mode": mode, "host": a.IP.String(), "port": a.Port, "security": o.security,
			"username": address, "trust": o.cert.pem,
		}
	}
	o.mu.Lock()
	password := ""
	if a := o.accounts[fold(address)]; a != nil {
		password = a.password
	}
	o.mu.Unlock()
	return document(map[string]any{"receive": server(o.imapNet, "imap"), "send": server(o.smtpNet, "smtp")}),
		document(map[string]any{"receivePassword": password, "sendPassword": password})
}

func document(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("maps of strings and numbers are JSON: %v", err))
	}
	return b
}

// Deliver puts a mail into an account's INBOX.
func (o *Office) Deliver(address string, raw []byte) error {
	return o.DeliverInto(address, "INBOX", raw)
}

// DeliverInto puts a mail into a folder, which is made if need be.
func (o *Office) DeliverInto(address, folder string, raw []byte) error {
	user, err := o.user(address)
	if err != nil {
		return err
	}
	var exists *imap.Error
	if err := user.Create(folder, nil); err != nil && (!errors.As(err, &exists) || exists.Code != imap.ResponseCodeAlreadyExists) {
		return err
	}
	_, err = user.Append(folder, literal{bytes.NewReader(raw)}, &imap.AppendOptions{})
	o.announce(nil)
	return err
}

// Recreate empties a folder and gives it another UIDVALIDITY.
func (o *Office) Recreate(address, folder string) error {
	user, err := o.user(address)
	if err != nil {
		return err
	}
	return errors.Join(user.Delete(folder), user.Create(folder, nil))
}

func (o *Office) user(address string) (*imapmemserver.User, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := o.accounts[fold(address)]
	if a == nil {
		return nil, fmt.Errorf("no account %s", address)
	}
	return a.user, nil
}

// Refuse makes the submission server answer a recipient with an SMTP code from
// now on; 0 accepts it again.
func (o *Office) Refuse(recipient string, code int, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.refuse, fold(recipient))
	if code != 0 {
		o.refuse[fold(recipient)] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
	}
}

// Sent returns what was submitted so far, oldest first.
func (o *Office) Sent() []Sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sent)
}

// Await returns what was submitted once there are n messages or more.
func (o *Office) Await(ctx context.Context, n int) ([]Sent, error) {
	for {
		o.mu.Lock()
		sent, changed := slices.Clone(o.sent), o.changed
		o.mu.Unlock()
		if len(sent) >= n {
			return sent, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return sent, fmt.Errorf("%d of %d messages were sent: %w", len(sent), n, ctx.Err())
		}
	}
}

// announce wakes those who wait for a change, after change has made it.
func (o *Office) announce(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if change != nil {
		change()
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

// take keeps a submitted message and brings it to the accounts here.
func (o *Office) take(s Sent) error {
	for _, to := range s.To {
		if _, err := o.user(to); err == nil {
			if err := o.Deliver(to, s.Raw); err != nil {
				return err
			}
		}
	}
	o.announce(func() { o.sent = append(o.sent, s) })
	return nil
}

func fold(address string) string { return strings.ToLower(address) }

// literal is a message to append.
type literal struct{ *bytes.Reader }

// Size implements imap.LiteralReader.
func (l literal) Size() int64 { return l.Reader.Size() }

// TLS returns a server's TLS configuration with the office's certificate.
func (o *Office) TLS() *tls.Config { return o.cert.config.Clone() }

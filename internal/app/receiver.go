package app

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// receiver is the built-in mail server on one address.
type receiver struct {
	kind     string // "smtp" or "lmtp"
	listener net.Listener
	server   *email.Receiver
}

func newReceiver(a *App, kind, address string) (*receiver, error) {
	c := email.ReceiverConfig{
		Domain: a.cfg.Hostname, LMTP: kind == "lmtp", Log: a.log, Clock: a.cfg.Clock, MaxMessageBytes: a.cfg.MaxMail,
		Accept: mailroom{a}.inboxFor,
		Deliver: func(ctx context.Context, inboxID string, raw channel.Raw) error {
			_, err := a.door.Accept(ctx, inboxID, raw)
			return err
		},
	}
	if a.cfg.SMTPCert != "" {
		cert, err := loadCertificate(a.cfg)
		if err != nil {
			return nil, err
		}
		c.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	server, err := email.NewReceiver(c)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return &receiver{kind: kind, listener: l, server: server}, nil
}

func loadCertificate(cfg Config) (tls.Certificate, error) {
	return tls.LoadX509KeyPair(cfg.SMTPCert, cfg.SMTPKey)
}

// mailroom sorts what the receiver takes in.
type mailroom struct{ *App }

// inboxFor finds the inbox of a recipient: its own, or the one that takes all.
func (a mailroom) inboxFor(ctx context.Context, recipient string) (id string, err error) {
	err = a.db.Read(ctx, func(tx *sqldb.Tx) error {
		in, ok, err := a.inboxes.ForAddress(ctx, tx, recipient)
		if err == nil && !ok {
			in, ok, err = a.inboxes.Catchall(ctx, tx)
		}
		if err == nil && !ok {
			return email.ErrNoRecipient
		}
		id = in.ID
		return err
	})
	return id, err
}

func (m *receiver) run(ctx context.Context) error { return m.server.Serve(ctx, m.listener) }

// close frees the address of a receiver, also of one that never ran.
func (m *receiver) close() error {
	if err := m.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

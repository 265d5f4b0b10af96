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

	"github.com/emersion/go-smtp"
	"golang.org/x/sync/semaphore"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// ErrNoRecipient is what Accept returns for an address that is nobody's.
var ErrNoRecipient = errors.New("email: no such recipient")

// ReceiverConfig says how the built-in receiver works. Accept, Deliver, Clock,
// Log and Domain are needed; zero limits take their defaults.
type ReceiverConfig struct {
	Domain string      // the name in the greeting and in Received
	LMTP   bool        // LMTP (RFC 2033) instead of SMTP
	TLS    *tls.Config // offers STARTTLS when set
	Log    *slog.Logger
	Clock  clock.Clock

	// Accept names the inbox of a recipient. ErrNoRecipient, a fault of the kind
	// NotFound or no name refuse the recipient; any other error puts it off.
	Accept func(ctx context.Context, recipient string) (inboxID string, err error)
	// Deliver keeps a message. It has been kept when Deliver returns nil, and only
	// then is it acknowledged. The same Key is the same delivery again.
	Deliver func(ctx context.Context, inboxID string, raw channel.Raw) error

	MaxMessageBytes int64         // 50 MiB
	MaxRecipients   int           // 100 a message
	MaxHeld         int64         // 96 MiB of messages in memory at once; others that are complete wait on disk
	MaxConns        int           // 200 at once
	MaxPerAddress   int           // 20 at once from one address
	Silence         time.Duration // 2 minutes without a byte end a connection
	Session         time.Duration // 30 minutes end any connection
}

func (c *ReceiverConfig) defaults() {
	number := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	span := func(v *time.Duration, def time.Duration) {
		if *v <= 0 {
			*v = def
		}
	}
	if c.MaxMessageBytes <= 0 {
		c.MaxMessageBytes = defaultLimits().message
	}
	number(&c.MaxRecipients, 100)
	if c.MaxHeld <= 0 {
		c.MaxHeld = 96 << 20
	}
	number(&c.MaxConns, 200)
	number(&c.MaxPerAddress, 20)
	span(&c.Silence, 2*time.Minute)
	span(&c.Session, 30*time.Minute)
}

const (
	// maxLine bounds a line. RFC 5321 allows 1,000 bytes; mailers that put a whole
	// HTML page into one line are common enough to be let in.
	maxLine = 1 << 20
	// receivedMemory is how much of a message that is coming in is kept in memory.
	receivedMemory = 64 << 10
	// maxHops is how many relays a message may have passed (RFC 5321 6.3).
	maxHops = 50
	// stopping is how long open conversations may go on after the context has ended.
	stopping = 10 * time.Second
)

// Receiver is the built-in SMTP or LMTP server: it takes mail for the inboxes of
// this installation and relays nothing. It knows no logins; who may connect is a
// matter of the network, and who may be written to of Accept.
type Receiver struct{ config ReceiverConfig }

// NewReceiver makes a receiver.
func NewReceiver(config ReceiverConfig) (*Receiver, error) {
	if config.Accept == nil || config.Deliver == nil || config.Clock == nil || config.Log == nil || config.Domain == "" {
		return nil, errors.New("email: a receiver needs Domain, Accept, Deliver, Clock and Log")
	}
	config.defaults()
	return &Receiver{config: config}, nil
}

// Serve answers connections to l, which it closes, until ctx ends. Conversations
// that are open then may go on for a moment; a message whose reception was not
// confirmed will be sent again by the other side.
func (r *Receiver) Serve(ctx context.Context, l net.Listener) error {
	c := &r.config
	held := semaphore.NewWeighted(c.MaxHeld)
	s := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		// A message that is being kept is kept, also while the product stops.
		ctx := context.WithoutCancel(ctx)
		return &reception{
			config: c, conn: conn,
			hold: func(bytes int64) (func(), error) {
				wait, cancel := context.WithTimeout(ctx, c.Silence)
				defer cancel()
				bytes = min(bytes, c.MaxHeld)
				return func() { held.Release(bytes) }, held.Acquire(wait, bytes)
			},
			accept: func(to string) (string, error) { return c.Accept(ctx, to) },
			keep:   func(inboxID string, raw channel.Raw) error { return c.Deliver(ctx, inboxID, raw) },
		}, nil
	}))
	s.Domain, s.LMTP, s.TLSConfig = c.Domain, c.LMTP, c.TLS
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = c.MaxMessageBytes, c.MaxRecipients, maxLine
	s.EnableSMTPUTF8 = true
	s.ErrorLog = serverLog{c.Log}
	release := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopping)
		defer cancel()
		if err := s.Shutdown(grace); err != nil {
			err = s.Close()
			c.Log.DebugContext(ctx, "conversations of the mail receiver were cut", "error", err)
		}
	})
	defer release()
	err := s.Serve(newGate(l, c))
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("mail receiver: %w", err)
}

// serverLog passes the library's complaints on. They are about clients, so they
// are of interest only to who looks for them; but a panic, which it catches and
// answers with 421, is about us.
type serverLog struct{ log *slog.Logger }

// Printf implements smtp.Logger.
func (l serverLog) Printf(format string, v ...any) {
	if strings.HasPrefix(format, "panic") {
		l.log.Error("mail receiver", "error", fmt.Sprintf(format, v...))
		return
	}
	l.log.Debug("mail receiver", "error", fmt.Sprintf(format, v...))
}

// Println implements smtp.Logger.
func (l serverLog) Println(v ...any) {
	l.log.Debug("mail receiver", "error", fmt.Sprintln(v...))
}

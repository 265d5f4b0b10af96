// Package channel is the contract between the desk and the ways of talking to
// customers. One folder a channel implements it; nothing of the desk is visible
// here, so an adapter can be lifted out whole.
//
// A Kind is a value in one explicit list (package builtin). What a channel can
// do beyond sending is discovered by asserting Listener or Checker.
package channel

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phone"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// Kind describes one way of talking.
type Kind struct {
	Name string // "email"
	// Parse understands raw bytes as they came from the channel. It is pure and
	// repeatable; an error means quarantine, with its text as the reason.
	Parse func(raw []byte) (*Message, error)
	// Open prepares one configured endpoint. settings and secrets are the
	// channel's own JSON documents.
	Open func(settings, secrets []byte, host Host) (Channel, error)
	// Sends reports whether an endpoint with these settings has a way to send at
	// all. nil: every endpoint of this kind has one.
	Sends func(settings []byte) bool
	// Fields are the settings of an endpoint as a form asks for them. nil: the
	// product has a form of its own (e-mail).
	Fields []Field
	// Can says what fits through the channel; composers obey it.
	Can Can
	// Points is the kind of address its customers have, where that is not Name:
	// text messages and calls both reach a "phone".
	Points string
	// Numbers says that a telephone number with its country is an address here too,
	// of the kind PointPhone: as an exchange tells of callers among an application's
	// own addresses.
	Numbers bool
	// Personal channels have one thread with a person at a time: what somebody
	// writes belongs to what they last wrote about, as there is nothing to quote.
	Personal bool
	InThread bool // customers read the thread itself: a letter outside of it is shown there by an outlet, or reaches nobody
	Hook     bool // the other side calls us: the channel is a Receiver
	Starts   bool // we can write to somebody who has not written yet
	Checks   bool // the channel is a Checker
	Hidden   bool // no inbox is made for it by hand
	// Address names an endpoint where people see it ("@shop"); nil or "": it has
	// no name of its own.
	Address func(settings []byte) string
	// Arrive is the address that leads a customer into the conversation with an
	// endpoint, with words entered for them where the other side can (a link, a QR
	// code); nil or "": there is none.
	Arrive func(settings []byte, words string) string
	// Longer is the time for answers that people write themselves, where settings
	// make it longer than Can.Window; nil: none does.
	Longer func(settings []byte) time.Duration
	// Lasts names the secret that ends by itself, and how long after it was entered,
	// where the other side tells no end; nil or 0: nobody knows of one.
	Lasts func(settings []byte) (secret string, d time.Duration)
}

// Window returns how long after the customer's last message a person may answer
// through an endpoint; 0: always.
func (k Kind) Window(settings []byte) time.Duration {
	if k.Longer == nil {
		return k.Can.Window
	}
	return max(k.Can.Window, k.Longer(settings))
}

// Point returns the kind of address that customers of this channel have.
func (k Kind) Point() string { return cmp.Or(k.Points, k.Name) }

// PointPhone is the kind of address that telephone numbers are, whatever channel
// reaches them.
const PointPhone = "phone"

// PointOf returns the kind that an address has on this channel: PointPhone where
// the channel has Numbers and it is one as E.164 writes it, else Point.
func (k Kind) PointOf(address string) string {
	if number, ok := phone.E164(address, ""); k.Numbers && ok && number == address {
		return PointPhone
	}
	return k.Point()
}

// Reaches reports whether this channel can be used to write to an address of a kind.
func (k Kind) Reaches(point, address string) bool {
	return point == k.Point() || point == k.PointOf(address)
}

// Host is what the product offers a channel.
type Host struct {
	Log   *slog.Logger
	Clock clock.Clock
	// Dial opens outgoing connections under the product's rules (no loopback or
	// private addresses unless allowed).
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Client makes requests under the same rules, with a time limit and without
	// following redirects to other hosts.
	Client *http.Client
	// Hook is the address at which the other side calls this endpoint, for vendors
	// that are told with each message; "" where there is none.
	Hook string
	// Cursor remembers how far a source was read.
	Cursor Cursor
	// Calendar returns the business hours of the endpoint's brand; nil where they
	// are not known.
	Calendar func(ctx context.Context) (*worktime.Calendar, error)
	// Words is a phrase of the catalogue in a language, for channels that speak
	// themselves; nil where there is no catalogue.
	Words func(lang, key string, args map[string]any) string
	// Healthy is told of every success (nil) and failure in receiving.
	Healthy func(ctx context.Context, err error)
}

// Cursor remembers how far a folder was read. Set happens after the message is safe.
type Cursor interface {
	Get(ctx context.Context, folder string) (Position, error)
	Set(ctx context.Context, folder string, p Position) error
}

// Position is IMAP's: UIDs count within one UIDVALIDITY.
type Position struct {
	UIDValidity uint32
	UID         uint32
}

// Channel is one open endpoint.
type Channel interface {
	// Send hands over one message and returns when the other side has accepted
	// it. Errors are of the kinds below; any other error is temporary.
	Send(ctx context.Context, m *Outgoing) error
	Close() error
}

// Listener is a channel that fetches by itself. Listen calls deliver for every
// message and moves its cursor only after deliver returned nil; it returns when
// ctx ends. Its own failures go to Host.Healthy and are tried again.
type Listener interface {
	Listen(ctx context.Context, deliver func(context.Context, Raw) error) error
}

// Checker is a channel that can try its settings ("test connection").
type Checker interface {
	Check(ctx context.Context) []Step
}

// Refresher is a listener that can be told to look now and not at its next turn.
type Refresher interface {
	// Refresh returns at once; the looking happens in Listen.
	Refresh()
}

// Reconciler is a listener whose source can be compared with what arrived.
type Reconciler interface {
	// Missing returns the keys of the messages that the source holds up to its
	// cursor and that have does not know. Nothing missing is an empty list.
	Missing(ctx context.Context, have func(key string) bool) ([]string, error)
	// Fetch delivers the messages of these keys again, wherever the cursor is.
	// A message that the source no longer holds is passed over.
	Fetch(ctx context.Context, keys []string, deliver func(context.Context, Raw) error) error
}

// Step is one part of a check with the server's own words.
type Step struct {
	Part string `json:"part"` // "receive" or "send"
	Name string `json:"name"` // "resolve", "connect", "tls", "login", "folders", …
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	// Expires is when the credential that was tried ends; zero if it does not, or
	// nobody says.
	Expires time.Time `json:"-"`
}

// Raw is a message as it came, before anybody understands it.
type Raw struct {
	Format     string    // the Kind that understands it, where that is not the inbox's
	Source     string    // "imap", "smtp", "lmtp", "api", …
	Key        string    // names this very delivery: the same Key is the same delivery again
	Recipients []string  // envelope, where the source knows
	Sender     string    // envelope, where the source knows
	At         time.Time // when the source received it; zero: now
	Bytes      []byte
}

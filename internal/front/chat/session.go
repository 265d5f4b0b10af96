package chat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// How long sessions live.
const (
	sessionLife = 180 * 24 * time.Hour // after the last sign of life
	touchAfter  = time.Minute          // signs of life are noted at most so often
	tokenPrefix = "kch_"
)

// guests begins and ends sessions.
type guests struct{ *Chat }

// session is one page's right to read and write as a visitor.
type session struct {
	Hash    string
	InboxID string
	Address string
	Name    string
	Email   string
	Proven  bool // the site has said so; else the visitor has
	Lang    string
	SeenAt  time.Time
	Subject string // the site's own id of who it has proven
}

// visitor is a session as its page sees it.
type visitor struct {
	Token  string `json:"token,omitempty"` // only of a new session
	ID     string `json:"id"`              // names the visitor, and opens nothing
	Name   string `json:"name"`
	Email  string `json:"email"`
	Proven bool   `json:"proven"`
	// NeedsEmail says that nothing is taken before a mail address is left.
	NeedsEmail bool `json:"needsEmail"`
}

func (s session) view(p place, token string) visitor {
	return visitor{Token: token, ID: s.Address, Name: s.Name, Email: s.Email, Proven: s.Proven, NeedsEmail: p.settings.RequireEmail && s.Email == ""}
}

// session returns the living session of a token; a zero one if there is none.
func (c *Chat) session(ctx context.Context, tx *sqldb.Tx, p place, token string) (session, error) {
	if !strings.HasPrefix(token, tokenPrefix) || len(token) > 2*len(tokenPrefix)+64 {
		return session{}, nil
	}
	s, found, err := sessionByHash(ctx, tx, seal.Hash(token))
	if err != nil || !found || s.InboxID != p.box.ID || tx.Now.Sub(s.SeenAt) > sessionLife {
		return session{}, err
	}
	return s, nil
}

type beginning struct {
	Identity string `json:"identity"` // a site's proof, see prove
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// begin starts a session, or goes on with the one whose token comes along. With a
// proof it is the proven person's.
func (c guests) begin(v *visit) (any, error) {
	var in beginning
	if err := v.body(&in); err != nil {
		return nil, err
	}
	var who identity
	if in.Identity != "" {
		if c.pace.full(strangers, c.Client(v.Request)) {
			return nil, tooMany(strangers.every)
		}
		var err error
		if who, err = prove(v.place.settings.IdentitySecret, in.Identity, c.Clock.Now()); err != nil {
			c.pace.take(strangers, c.Client(v.Request))
			return nil, err
		}
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if v.who.Address != "" && (in.Identity == "" || v.who.Address == c.addressOf(v.place, who)) {
		return c.resume(v, who)
	}
	if bearer(v.Request) != "" && v.who.Address == "" { // a token of nobody: it may have ended, or been guessed
		if err := c.slow(v.Request, strangers); err != nil {
			return nil, err
		}
	}
	if err := c.slow(v.Request, beginnings); err != nil {
		return nil, err
	}
	return c.start(v, in, who)
}

func (in *beginning) check() error {
	in.Name, in.Email = text.Clip(text.Line(in.Name), maxName), strings.TrimSpace(in.Email)
	var check fault.Check
	check.That(in.Email == "" || text.IsEmail(in.Email), "body.email", "error.chat.email")
	return check.Err()
}

// resume notes a sign of life and what a site says anew of its visitor.
func (c guests) resume(v *visit, who identity) (any, error) {
	s := v.who
	if who.Subject != "" {
		s.Subject = who.Subject
		if who.Name != "" {
			s.Name = who.Name
		}
		if who.Email != "" { // else what the visitor left stays
			s.Email, s.Proven = who.Email, true
		}
	}
	s.Lang = v.lang
	if s == v.who && c.Clock.Now().Sub(s.SeenAt) < touchAfter {
		return s.view(v.place, ""), nil
	}
	return s.view(v.place, ""), c.DB.Write(v.Context(), func(tx *sqldb.Tx) error { return save(v.Context(), tx, s) })
}

func (c guests) start(v *visit, in beginning, who identity) (any, error) {
	ctx := v.Context()
	token, hash := seal.Token(tokenPrefix)
	s := session{Hash: hash, InboxID: v.place.box.ID, Address: newAddress(), Name: in.Name, Email: in.Email, Lang: v.lang}
	if who.Subject != "" {
		s.Subject = who.Subject
		s.Address, s.Name, s.Email, s.Proven = c.addressOf(v.place, who), who.Name, who.Email, who.Email != ""
	}
	err := c.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if v.who.Address != "" {
			if err := c.succeed(ctx, tx, v.who, s); err != nil {
				return err
			}
		}
		return insert(ctx, tx, s)
	})
	if err == nil && v.who.Address != "" {
		c.hub.drop(v.who.Hash)
		err = c.unite(ctx, v.who, s)
	}
	return s.view(v.place, token), err
}

// newAddress names a visitor of whom nothing is known.
func newAddress() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	return unknownVisitor + hex.EncodeToString(b[:])
}

// succeed ends a session in favour of another. What a visitor wrote before they
// signed in to the site goes along; what one person wrote never goes to another.
func (c guests) succeed(ctx context.Context, tx *sqldb.Tx, old, s session) error {
	if err := end(ctx, tx, old.Hash); err != nil {
		return err
	}
	if !strings.HasPrefix(old.Address, unknownVisitor) {
		return nil
	}
	return becomes(ctx, tx, old.Address, s.Address)
}

// unite makes one customer of who wrote before and after signing in. The site has
// proven that they are one person, and at one device.
func (c guests) unite(ctx context.Context, old, s session) error {
	if !strings.HasPrefix(old.Address, unknownVisitor) {
		return nil
	}
	before, wrote, err := c.customer(ctx, old.Address)
	if err != nil || !wrote {
		return err
	}
	after, known, err := c.customer(ctx, s.Address)
	if err != nil {
		return err
	}
	if !known {
		return c.DB.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := c.Customers.AttachTx(ctx, tx, before.ID, customer.Point{Kind: webchat.Name, Address: s.Address})
			return err
		})
	}
	if before.ID == after.ID {
		return nil
	}
	_, err = c.Customers.Merge(ctx, actor.OfSystem("chat"), before.ID, after.ID)
	return err
}

func (c guests) customer(ctx context.Context, address string) (who customer.Customer, known bool, err error) {
	err = c.DB.Read(ctx, func(tx *sqldb.Tx) error {
		who, known, err = c.Customers.ByPoint(ctx, tx, webchat.Name, address)
		return err
	})
	return who, known, err
}

// leave ends a session: its token opens nothing any more.
func (c guests) leave(v *visit) (any, error) {
	err := c.DB.Write(v.Context(), func(tx *sqldb.Tx) error { return end(v.Context(), tx, v.who.Hash) })
	c.hub.drop(v.who.Hash)
	return nil, err
}

// introduce changes what a visitor says of themselves. What a site has proven
// stays.
func (c guests) introduce(v *visit) (any, error) {
	if err := c.slower(introducing, v.who.Address); err != nil {
		return nil, err
	}
	var in beginning
	if err := v.body(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	s := v.who
	if s.Proven {
		return nil, fault.New(fault.Conflict, "error.chat.proven")
	}
	if in.Name != "" {
		s.Name = in.Name
	}
	if in.Email != "" {
		s.Email = in.Email
	}
	if err := c.DB.Write(v.Context(), func(tx *sqldb.Tx) error { return save(v.Context(), tx, s) }); err != nil {
		return nil, err
	}
	return s.view(v.place, ""), c.told(v.Context(), s)
}

// told lets the agents see the mail address that a visitor has left, as one that
// nobody has confirmed, once there is a customer.
func (c *Chat) told(ctx context.Context, s session) error {
	if s.Proven || s.Email == "" {
		return nil
	}
	var who customer.Customer
	var known bool
	err := c.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		who, known, err = c.Customers.ByPoint(ctx, tx, webchat.Name, s.Address)
		return err
	})
	if err != nil || !known {
		return err
	}
	return c.Told(ctx, who.ID, s.Email)
}

// Sweep forgets sessions that have ended, that nobody used for long, or in which
// nothing was ever said, and returns how many.
func (c *Chat) Sweep(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	return sweep(ctx, tx, tx.Now.Add(-sessionLife), tx.Now.Add(-endedKeep), tx.Now.Add(-silentKeep))
}

// silentKeep is how long a session is kept in which nothing was ever said.
const silentKeep = 7 * 24 * time.Hour

// endedKeep is how long it is remembered that a session ended, so that every node
// closes its connections.
const endedKeep = time.Hour

// link makes a visitor whose mail address a site has proven the customer who has
// that address, before their first message opens a record of its own.
func (c guests) link(ctx context.Context, s session) error {
	if !s.Proven {
		return nil
	}
	if _, known, err := c.customer(ctx, s.Address); err != nil || known {
		return err
	}
	err := c.DB.Write(ctx, func(tx *sqldb.Tx) error {
		who, _, err := c.Customers.ResolveTx(ctx, tx, customer.Seen{Kind: customer.Email, Address: s.Email, Name: s.Name, Locale: s.Lang})
		if err != nil {
			return err
		}
		_, err = c.Customers.AttachTx(ctx, tx, who.ID, customer.Point{Kind: webchat.Name, Address: s.Address})
		return err
	})
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid { // an address that the book does not take: the visitor is somebody of their own
		return nil
	}
	return err
}

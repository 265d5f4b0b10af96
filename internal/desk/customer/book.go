package customer

import (
	"context"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Book is the address book: the handle on customers. It is safe for concurrent use.
type Book struct {
	db      *sqldb.DB
	ids     *id.Source
	journal *event.Journal
}

// NewBook returns the customers of a database.
func NewBook(db *sqldb.DB, ids *id.Source, journal *event.Journal) *Book {
	return &Book{db: db, ids: ids, journal: journal}
}

// ByID returns a customer with points. The id of one who was merged gives the
// customer who took them in. fault.NotFound if there is none.
func (b *Book) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Customer, error) {
	c, err := row(ctx, tx, id)
	if err == nil && c.MergedInto != "" {
		c, err = row(ctx, tx, c.MergedInto)
	}
	if err != nil {
		return Customer{}, err
	}
	c.Points, err = sqldb.List(ctx, tx, scanPoint, pointsSQL, c.ID)
	return c, err
}

func row(ctx context.Context, tx *sqldb.Tx, id string) (Customer, error) {
	found, err := sqldb.List(ctx, tx, scan, byIDSQL, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.customer.notFound")
	}
	if err != nil {
		return Customer{}, err
	}
	return found[0], nil
}

const byPointSQL = `SELECT ` + columns + ` FROM point p JOIN customer c ON c.id = p.customer_id WHERE p.kind = $1 AND p.address_key = $2`

// ByPoint returns the customer with an address; false if nobody has it.
func (b *Book) ByPoint(ctx context.Context, tx *sqldb.Tx, kind, address string) (Customer, bool, error) {
	found, err := sqldb.List(ctx, tx, scan, byPointSQL, kind, addressKey(address))
	if err != nil || len(found) == 0 {
		return Customer{}, false, err
	}
	found, err = withPoints(ctx, tx, found)
	if err != nil {
		return Customer{}, false, err
	}
	return found[0], true, nil
}

// ResolveTx returns the customer who shows a sign of life, and makes one if the
// address is new. What the sign adds (a name, a language) is kept where nothing
// was known. fault.Invalid if there is no usable address.
func (b *Book) ResolveTx(ctx context.Context, tx *sqldb.Tx, s Seen) (c Customer, created bool, err error) {
	if err := s.clean(); err != nil {
		return Customer{}, false, err
	}
	if s.At.IsZero() || s.At.After(tx.Now) { // a sender's clock may be ahead
		s.At = tx.Now
	}
	// Two first mails of one person may arrive at the same moment.
	if err := tx.Serialize(ctx, "point "+s.Kind+" "+addressKey(s.Address)); err != nil {
		return Customer{}, false, err
	}
	c, known, err := b.ByPoint(ctx, tx, s.Kind, s.Address)
	if err != nil {
		return Customer{}, false, err
	}
	if !known {
		c, err = b.add(ctx, tx, s)
		return c, true, err
	}
	return c, false, b.learn(ctx, tx, &c, s)
}

func (b *Book) add(ctx context.Context, tx *sqldb.Tx, s Seen) (Customer, error) {
	c := Customer{ID: b.ids.New("cust"), Name: s.Name, Locale: s.Locale, CreatedAt: tx.Now, SeenAt: s.At, Version: 1}
	if err := insert(ctx, tx, c); err != nil {
		return Customer{}, err
	}
	p := Point{ID: b.ids.New("pt"), CustomerID: c.ID, Kind: s.Kind, Address: s.Address, CreatedAt: tx.Now}
	c.Points = []Point{p}
	b.journal.Emit(tx, CreatedFact, c.ID, actor.ForCustomer(c.ID), Data{Name: c.Name})
	return c, insertPoint(ctx, tx, p)
}

// learn keeps what a sign of life tells beyond what is known.
func (b *Book) learn(ctx context.Context, tx *sqldb.Tx, c *Customer, s Seen) error {
	held, err := b.hold(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	*c = held
	var fields []string
	if c.Name == "" && s.Name != "" {
		c.Name, fields = s.Name, append(fields, "name")
	}
	if c.Locale == "" && s.Locale != "" {
		c.Locale, fields = s.Locale, append(fields, "locale")
	}
	if len(fields) > 0 {
		c.Version++
		b.journal.Emit(tx, UpdatedFact, c.ID, actor.ForCustomer(c.ID), Data{Name: c.Name, Fields: fields})
	}
	if s.At.After(c.SeenAt) {
		c.SeenAt = s.At
	}
	return update(ctx, tx, *c)
}

// Change changes what we know of a customer. Errors: fault.Conflict when the
// version is not the customer's any more; fault.Invalid with fields.
func (b *Book) Change(ctx context.Context, by actor.Actor, id string, ch Change) (c Customer, err error) {
	err = b.db.Write(ctx, func(tx *sqldb.Tx) error {
		if c, err = b.hold(ctx, tx, id); err != nil {
			return err
		}
		if ch.Version != 0 && ch.Version != c.Version {
			return fault.New(fault.Conflict, "error.stale")
		}
		fields, err := ch.apply(&c)
		if err != nil || len(fields) == 0 {
			return err
		}
		c.Version++
		b.journal.Emit(tx, UpdatedFact, c.ID, by, Data{Name: c.Name, Fields: fields})
		return update(ctx, tx, c)
	})
	return c, err
}

// hold reads a customer for a change, following a merge.
func (b *Book) hold(ctx context.Context, tx *sqldb.Tx, id string) (Customer, error) {
	for {
		if err := tx.Lock(ctx, "customer", id); err != nil {
			return Customer{}, err
		}
		held, err := b.ByID(ctx, tx, id)
		if err != nil || held.ID == id {
			return held, err
		}
		id = held.ID // merged, perhaps while we waited
	}
}

// Merge makes two records of one person one: from's points go to into, what
// into does not know is taken over, and from's id leads to into from now on.
// It returns into. PartTx takes it back. In the name of the system it is by proof,
// else somebody's decision. fault.Invalid if both are one already.
func (b *Book) Merge(ctx context.Context, by actor.Actor, from, into string) (c Customer, err error) {
	err = b.db.Write(ctx, func(tx *sqldb.Tx) error {
		c, err = b.MergeTx(ctx, tx, by, from, into)
		return err
	})
	return c, err
}

// Alone lets one transaction at a time change who is one with whom, or act on it.
// Whoever also holds conversations takes this lock before them.
func Alone(ctx context.Context, tx *sqldb.Tx) error { return tx.Serialize(ctx, "customer.merge") }

// MergeTx is Merge in a transaction of the caller's.
func (b *Book) MergeTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, from, into string) (c Customer, err error) {
	// Two merges at once could lead two customers to each other.
	if err := Alone(ctx, tx); err != nil {
		return c, err
	}
	gone, err := b.hold(ctx, tx, from)
	if err != nil {
		return c, err
	}
	if c, err = b.hold(ctx, tx, into); err != nil {
		return c, err
	}
	if gone.ID == c.ID {
		return c, fault.New(fault.Invalid, "error.customer.same")
	}
	return c, b.unite(ctx, tx, by, gone, &c)
}

func (b *Book) unite(ctx context.Context, tx *sqldb.Tx, by actor.Actor, gone Customer, c *Customer) error {
	data := MergedData{From: gone.ID, Into: c.ID, PointIDs: []string{}}
	for _, p := range gone.Points {
		data.PointIDs = append(data.PointIDs, p.ID)
	}
	was := c.profile()
	fields := takeOver(c, gone)
	join := record{Join: Join{ID: b.ids.New("join"), From: gone.ID, Into: c.ID, Proven: by.Kind == actor.System, By: by, At: tx.Now}, was: was, became: c.profile()}
	if err := join.keep(ctx, tx); err != nil {
		return err
	}
	data.JoinID = join.ID
	if _, err := tx.Exec(ctx, `UPDATE point SET customer_id = $2 WHERE customer_id = $1`, gone.ID, c.ID); err != nil {
		return err
	}
	// Those merged into gone before lead on in one step too.
	if _, err := tx.Exec(ctx, `UPDATE customer SET merged_into = $2 WHERE merged_into = $1`, gone.ID, c.ID); err != nil {
		return err
	}
	c.Version++
	if err := update(ctx, tx, *c); err != nil {
		return err
	}
	gone.MergedInto = c.ID
	gone.Version++
	if err := update(ctx, tx, gone); err != nil {
		return err
	}
	b.journal.Emit(tx, MergedFact, gone.ID, by, data)
	b.journal.Emit(tx, UpdatedFact, c.ID, by, Data{Name: c.Name, Fields: fields})
	points, err := sqldb.List(ctx, tx, scanPoint, pointsSQL, c.ID)
	c.Points = points
	return err
}

// takeOver fills what c does not know from gone and returns what changed.
func takeOver(c *Customer, gone Customer) []string {
	fields := []string{"points"}
	fill := func(field string, at *string, value string) {
		if *at == "" && value != "" {
			*at, fields = value, append(fields, field)
		}
	}
	if c.Note != "" && gone.Note != "" {
		c.Note, fields = c.Note+"\n\n"+gone.Note, append(fields, "note")
	}
	fill("note", &c.Note, gone.Note)
	fill("name", &c.Name, gone.Name)
	fill("locale", &c.Locale, gone.Locale)
	fill("organization", &c.Organization, gone.Organization)
	fill("prefers", &c.Prefers, gone.Prefers)
	if c.HoursFrom == "" && gone.HoursFrom != "" {
		c.HoursFrom, c.HoursTo, fields = gone.HoursFrom, gone.HoursTo, append(fields, "hours")
	}
	if gone.SeenAt.After(c.SeenAt) {
		c.SeenAt = gone.SeenAt
	}
	if gone.CreatedAt.Before(c.CreatedAt) {
		c.CreatedAt = gone.CreatedAt
	}
	return slices.Compact(fields)
}

// BouncedTx notes that mail to an address does not arrive; an unknown address is left alone.
func (b *Book) BouncedTx(ctx context.Context, tx *sqldb.Tx, kind, address string) error {
	_, err := tx.Exec(ctx, `UPDATE point SET bounced_at = $3 WHERE kind = $1 AND address_key = $2`, kind, addressKey(address), tx.Now.UnixMilli())
	return err
}

const allowSQL = `UPDATE point SET ended_at = $3, contact_at = $4 WHERE kind = $1 AND address_key = $2 AND (contact_at IS NULL OR contact_at <= $4)`

// AllowTx notes whether a customer may be written to at an address: they
// unsubscribed, or subscribed again. An unknown address is left alone, and so is
// one about which something later is known: noted is false then.
func (b *Book) AllowTx(ctx context.Context, tx *sqldb.Tx, p Point, c Consent) (noted bool, err error) {
	var ended any
	if !c.Allowed {
		ended = tx.Now.UnixMilli()
	}
	if c.At.IsZero() || c.At.After(tx.Now) {
		c.At = tx.Now
	}
	n, err := tx.Exec(ctx, allowSQL, p.Kind, addressKey(p.Address), ended, c.At.UnixMilli())
	return n > 0, err
}

// Consent is what a customer said about being written to.
type Consent struct {
	Allowed bool
	At      time.Time // when they said it; zero: now
}

package claim

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Limits.
const (
	Lasts      = 7 * 24 * time.Hour  // how long a link can be used
	unanswered = 30 * 24 * time.Hour // after a link has ended its address is forgotten
	maxClaims  = 10                  // of one customer

	perAddress     = 3 // questions an address gets within addressWithin, whoever asks
	addressWithin  = 24 * time.Hour
	perAgent       = 30 // questions an agent sends within agentWithin
	agentWithin    = time.Hour
	tokenPrefix    = "kcl_"
	maxTokenLength = 100 // bytes
)

// ChangedFact tells that a customer's claims changed; the subject is the customer's
// id. It has no data.
const ChangedFact = "claim.changed"

// Claim is an address that a customer told, and nobody has confirmed.
type Claim struct {
	ID         string
	CustomerID string // as it was told; the customer may have been taken in by another since
	Address    string
	ToldAt     time.Time
	AskedAt    time.Time // zero: nobody was asked
	Until      time.Time // how long the link of the question can be used

	brandID, lang string
}

// Claims is the handle. Make it with New; it is safe for concurrent use.
type Claims struct{ Tools }

// Tools are what Claims work with.
type Tools struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Words     *phrase.Catalogue
	Brands    *brand.Brands
	Customers *customer.Book
	Inboxes   *inbox.Inboxes
	Outbox    *delivery.Post
	PublicURL string // without a slash at its end
}

// New returns the claims of a database.
func New(t Tools) *Claims { return &Claims{t} }

const (
	columns = `id, customer_id, address, told_at, asked_at, until, COALESCE(brand_id, ''), lang`
	ofSQL   = `SELECT ` + columns + ` FROM claim WHERE customer_id IN (SELECT c.id FROM customer c WHERE c.id = $1 UNION ALL
SELECT c.id FROM customer c WHERE c.merged_into = $1) ORDER BY id`
	byIDSQL   = `SELECT ` + columns + ` FROM claim WHERE id = $1`
	insertSQL = `INSERT INTO claim (id, customer_id, address, address_key, told_at) VALUES ($1, $2, $3, $4, $5)`
	dropSQL   = `DELETE FROM claim WHERE id = $1`
	staleSQL  = `DELETE FROM claim WHERE until < $1`
)

func scan(r *sql.Rows) (c Claim, err error) {
	err = r.Scan(&c.ID, &c.CustomerID, &c.Address, sqldb.At(&c.ToldAt), sqldb.At(&c.AskedAt), sqldb.At(&c.Until), &c.brandID, &c.lang)
	return c, err
}

// Of lists the claims of a customer, also of those they have taken in.
func (x *Claims) Of(ctx context.Context, tx *sqldb.Tx, customerID string) ([]Claim, error) {
	return sqldb.List(ctx, tx, scan, ofSQL, customerID)
}

func one(ctx context.Context, tx *sqldb.Tx, query, key string) (Claim, error) {
	found, err := sqldb.List(ctx, tx, scan, query, key)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.claim.notFound")
	}
	if err != nil {
		return Claim{}, err
	}
	return found[0], nil
}

// Tell notes an address that a customer told. Telling it again changes nothing.
// fault.Invalid with body.address.
func (x *Claims) Tell(ctx context.Context, by actor.Actor, customerID, address string) error {
	address = strings.TrimSpace(address)
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		who, err := x.alone(ctx, tx, customerID)
		if err != nil {
			return err
		}
		have, err := x.Of(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		ours, err := x.Inboxes.Ours(ctx, tx, address)
		if err != nil {
			return err
		}
		var c fault.Check
		c.That(text.IsEmail(address), "body.address", "error.claim.address")
		c.That(address == "" || !ours(address), "body.address", "error.claim.ours")
		c.That(len(have) < maxClaims, "body.address", "error.claim.many", "max", maxClaims)
		for _, p := range who.Points {
			c.That(p.Kind != customer.Email || text.Fold(p.Address) != text.Fold(address), "body.address", "error.claim.have")
		}
		if err := c.Err(); err != nil {
			return err
		}
		for _, old := range have {
			if text.Fold(old.Address) == text.Fold(address) {
				return nil
			}
		}
		x.Journal.Emit(tx, ChangedFact, who.ID, by, struct{}{})
		_, err = tx.Exec(ctx, insertSQL, x.IDs.New("claim"), who.ID, address, text.Fold(address), tx.Now.UnixMilli())
		return err
	})
}

// Sweep forgets addresses whose question nobody has answered long after its link
// ended: who is not our customer was promised that theirs is used for nothing else.
func (x *Claims) Sweep(ctx context.Context, tx *sqldb.Tx) error {
	if _, err := tx.Exec(ctx, staleSQL, tx.Now.Add(-unanswered).UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, forgetSQL, tx.Now.Add(-max(addressWithin, agentWithin)).UnixMilli())
	return err
}

// Hear notes an address that a customer left by themselves. What is noted already,
// is theirs or ours, or can be nobody's, changes nothing: nobody is there to be told.
func (x *Claims) Hear(ctx context.Context, customerID, address string) error {
	var have []Claim
	err := x.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		have, err = x.Of(ctx, tx, customerID)
		return err
	})
	if err != nil || slices.ContainsFunc(have, func(c Claim) bool { return text.Fold(c.Address) == text.Fold(address) }) {
		return err
	}
	if err = x.Tell(ctx, actor.OfSystem("claim"), customerID, address); fault.Is(err, fault.Invalid) {
		return nil
	}
	return err
}

// alone returns a customer of whom no other transaction notes a claim meanwhile,
// under whichever of their ids it knows them.
func (x *Claims) alone(ctx context.Context, tx *sqldb.Tx, id string) (customer.Customer, error) {
	for {
		who, err := x.Customers.ByID(ctx, tx, id)
		if err != nil {
			return who, err
		}
		if err := tx.Serialize(ctx, "claim "+who.ID); err != nil {
			return who, err
		}
		now, err := x.Customers.ByID(ctx, tx, who.ID)
		if err != nil || now.ID == who.ID {
			return now, err
		}
		id = now.ID // taken in by another while we waited
	}
}

// Withdraw forgets a claim: its link opens nothing any more. fault.NotFound.
func (x *Claims) Withdraw(ctx context.Context, by actor.Actor, id string) error {
	return x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		c, err := one(ctx, tx, byIDSQL, id)
		if err != nil {
			return err
		}
		return x.drop(ctx, tx, by, c)
	})
}

func (x *Claims) drop(ctx context.Context, tx *sqldb.Tx, by actor.Actor, c Claim) error {
	who, err := x.Customers.ByID(ctx, tx, c.CustomerID)
	if err != nil {
		return err
	}
	x.Journal.Emit(tx, ChangedFact, who.ID, by, struct{}{})
	_, err = tx.Exec(ctx, dropSQL, c.ID)
	return err
}

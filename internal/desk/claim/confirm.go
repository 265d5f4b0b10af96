package claim

import (
	"context"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Path is where the pages of the links stand.
const Path = "/c/confirm/"

// Question is what the page behind a link asks.
type Question struct {
	Brand   brand.Brand
	Lang    string
	Address string
}

const byTokenSQL = `SELECT ` + columns + ` FROM claim WHERE token_hash = $1 AND token_hash <> ''`

func (x *Claims) open(ctx context.Context, tx *sqldb.Tx, token string) (c Claim, q Question, err error) {
	if !strings.HasPrefix(token, tokenPrefix) || len(token) > maxTokenLength {
		return c, q, fault.New(fault.NotFound, "error.claim.notFound")
	}
	if c, err = one(ctx, tx, byTokenSQL, seal.Hash(token)); err != nil {
		return c, q, err
	}
	if !tx.Now.Before(c.Until) {
		return c, q, fault.New(fault.NotFound, "error.claim.notFound")
	}
	q.Lang, q.Address = c.lang, c.Address
	q.Brand, err = x.Brands.ByID(ctx, tx, c.brandID)
	return c, q, err
}

// Open reads the question behind a link, and changes nothing. A link that was used,
// is over or was never sent is fault.NotFound, all alike.
func (x *Claims) Open(ctx context.Context, token string) (q Question, err error) {
	err = x.DB.Read(ctx, func(tx *sqldb.Tx) error {
		_, q, err = x.open(ctx, tx, token)
		return err
	})
	return q, err
}

// Confirm takes the word of who read the mail: the address is the customer's. Who
// has it already and they become one customer, by proof. The link is used up.
// Errors as those of Open.
func (x *Claims) Confirm(ctx context.Context, token string) (q Question, err error) {
	err = x.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Serialize(ctx, "claim "+seal.Hash(token)); err != nil { // pressed twice at once
			return err
		}
		c, question, err := x.open(ctx, tx, token)
		if err != nil {
			return err
		}
		q = question
		by := actor.OfSystem("claim")
		attached, err := x.Customers.AttachTx(ctx, tx, c.CustomerID, customer.Point{Kind: customer.Email, Address: c.Address})
		if err != nil {
			return err
		}
		if err := x.drop(ctx, tx, by, c); err != nil || attached {
			return err
		}
		who, err := x.Customers.ByID(ctx, tx, c.CustomerID)
		if err != nil {
			return err
		}
		owner, _, err := x.Customers.ByPoint(ctx, tx, customer.Email, c.Address)
		if err != nil || owner.ID == who.ID {
			return err
		}
		_, err = x.Customers.MergeTx(ctx, tx, by, who.ID, owner.ID)
		return err
	})
	return q, err
}

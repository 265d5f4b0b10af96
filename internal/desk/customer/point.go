package customer

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// AttachTx gives a customer a further address that is proven to be theirs. An
// address that somebody has already stays where it is: attached is false.
// fault.Invalid if it is none.
func (b *Book) AttachTx(ctx context.Context, tx *sqldb.Tx, customerID string, p Point) (attached bool, err error) {
	if p.Kind == "" || addressKey(p.Address) == "" || len(p.Address) > maxAddress {
		return false, fault.New(fault.Invalid, "error.customer.address")
	}
	if err := tx.Serialize(ctx, "point "+p.Kind+" "+addressKey(p.Address)); err != nil {
		return false, err
	}
	if _, known, err := b.ByPoint(ctx, tx, p.Kind, p.Address); err != nil || known {
		return false, err
	}
	c, err := b.hold(ctx, tx, customerID)
	if err != nil {
		return false, err
	}
	c.Version++
	if err := update(ctx, tx, c); err != nil {
		return false, err
	}
	b.journal.Emit(tx, UpdatedFact, c.ID, actor.ForCustomer(c.ID), Data{Name: c.Name, Fields: []string{"points"}})
	return true, insertPoint(ctx, tx, Point{ID: b.ids.New("pt"), CustomerID: c.ID, Kind: p.Kind, Address: p.Address, CreatedAt: tx.Now})
}

package survey

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// An opt-out holds for the address the mail went to and for the customer it was
// meant for, so that it outlives a merge as well as a new address.
const (
	addOptOutSQL = `INSERT INTO survey_optout (address_key, customer_id, invitation_id, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (address_key) DO NOTHING`
	dropOptOutSQL = `DELETE FROM survey_optout WHERE address_key = $1 OR customer_id = $2`
	optedOutSQL   = `SELECT COUNT(*) FROM survey_optout WHERE address_key = $1 OR customer_id = $2`
	moveOptOutSQL = `UPDATE survey_optout SET customer_id = $2 WHERE customer_id = $1`
)

func optedOut(ctx context.Context, tx *sqldb.Tx, address, customerID string) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, optedOutSQL, text.Fold(address), customerID).Scan(&n)
	return n > 0, err
}

// OptOut ends survey mail for whoever holds this invitation's token; again is
// harmless. It works as long as the invitation is kept, answered or not.
func (p *Program) OptOut(ctx context.Context, token string) (Form, error) {
	return optOutBy(ctx, p, held(token))
}

func optOutBy(ctx context.Context, p *Program, which finder) (Form, error) {
	return p.opt(ctx, which, func(tx *sqldb.Tx, i Invitation) error {
		n, err := tx.Exec(ctx, addOptOutSQL, text.Fold(i.Address), i.CustomerID, i.ID, tx.Now.UnixMilli())
		if err == nil && n > 0 {
			p.Journal.Emit(tx, OptedOutFact, i.CustomerID, byCustomer(i), OptData{Address: i.Address, InvitationID: i.ID})
		}
		return err
	})
}

// OptIn takes an opt-out back.
func (p *Program) OptIn(ctx context.Context, token string) (Form, error) {
	return p.opt(ctx, held(token), func(tx *sqldb.Tx, i Invitation) error {
		n, err := tx.Exec(ctx, dropOptOutSQL, text.Fold(i.Address), i.CustomerID)
		if err == nil && n > 0 {
			p.Journal.Emit(tx, OptedInFact, i.CustomerID, byCustomer(i), OptData{Address: i.Address, InvitationID: i.ID})
		}
		return err
	})
}

func (p *Program) opt(ctx context.Context, which finder, act func(*sqldb.Tx, Invitation) error) (f Form, err error) {
	err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		i, err := which(ctx, tx)
		if err != nil {
			return err
		}
		if err := act(tx, i); err != nil {
			return err
		}
		f, err = p.form(ctx, tx, i)
		return err
	})
	return f, err
}

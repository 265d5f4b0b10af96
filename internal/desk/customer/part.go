package customer

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Parted is that two customers who were made one are two again.
type Parted struct {
	Join
	Back Customer // of their own again, with the points that came from them
	Kept Customer // who had them
	// Joins are this join's id and those of the joins that Back brings along, of
	// customers that Back had taken in before.
	Joins []string
	// Through are who may still have what came from Back: Kept, and who had taken
	// Back in before being taken in. Listeners of merges may not have heard yet.
	Through []string
}

const (
	// Whoever was taken in by who goes, and by those in turn.
	belowSQL = `WITH RECURSIVE below (id, join_id) AS (
	SELECT j.from_id, j.id FROM customer_join j WHERE j.into_id = $1 AND j.parted_at IS NULL
	UNION SELECT j.from_id, j.id FROM customer_join j JOIN below b ON j.into_id = b.id WHERE j.parted_at IS NULL) `
	aboveSQL = `WITH RECURSIVE above (id) AS (
	SELECT into_id FROM customer_join WHERE id = $1
	UNION SELECT j.into_id FROM customer_join j JOIN above a ON j.from_id = a.id WHERE j.parted_at IS NULL) `
	joinsBelowSQL  = belowSQL + `SELECT join_id FROM below ORDER BY join_id`
	leadBackSQL    = belowSQL + `UPDATE customer SET merged_into = $1 WHERE merged_into = $2 AND id IN (SELECT id FROM below)`
	pointsBackSQL  = `UPDATE point SET customer_id = $3 WHERE customer_id = $2 AND id IN (SELECT point_id FROM customer_join_point WHERE join_id = $1)`
	endJoinSQL     = `UPDATE customer_join SET parted_at = $2 WHERE id = $1`
	throughSQL     = aboveSQL + `SELECT id FROM above UNION SELECT CAST($2 AS TEXT) ORDER BY id`
	forgetAboveSQL = aboveSQL + `DELETE FROM customer_join_point WHERE point_id IN (SELECT x.point_id FROM customer_join_point x WHERE x.join_id = $1)
AND join_id IN (SELECT j.id FROM customer_join j JOIN above a ON j.from_id = a.id WHERE j.parted_at IS NULL)`
)

// PartTx takes a join back: who went is a customer of their own again, with the
// addresses that came from them, and who took them in loses what was learned from
// them, unless somebody has changed it since. Whoever keeps a customer's id moves
// its references; conversation.Clerk.Part does all of it. fault.NotFound if there
// is no such join, fault.Conflict if it was taken back before.
func (b *Book) PartTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, joinID string) (p Parted, err error) {
	if err := Alone(ctx, tx); err != nil {
		return p, err
	}
	j, err := joinByID(ctx, tx, joinID)
	if err != nil {
		return p, err
	}
	if !j.partedAt.IsZero() {
		return p, fault.New(fault.Conflict, "error.customer.parted")
	}
	p.Join = j.Join
	if p.Kept, err = b.hold(ctx, tx, j.From); err != nil {
		return p, err
	}
	if err := tx.Lock(ctx, "customer", j.From); err != nil {
		return p, err
	}
	if p.Back, err = row(ctx, tx, j.From); err != nil {
		return p, err
	}
	below, err := sqldb.List(ctx, tx, scanID, joinsBelowSQL, j.From)
	if err != nil {
		return p, err
	}
	p.Joins = append([]string{joinID}, below...)
	if p.Through, err = sqldb.List(ctx, tx, scanID, throughSQL, joinID, p.Kept.ID); err != nil {
		return p, err
	}
	return p, b.divide(ctx, tx, by, j, &p)
}

func (b *Book) divide(ctx context.Context, tx *sqldb.Tx, by actor.Actor, j record, p *Parted) error {
	p.Back.MergedInto = ""
	if err := unlearn(ctx, tx, j, &p.Kept); err != nil {
		return err
	}
	for _, c := range []*Customer{&p.Back, &p.Kept} {
		c.Version++
		if err := update(ctx, tx, *c); err != nil {
			return err
		}
	}
	for _, s := range []struct {
		query string
		args  []any
	}{
		{leadBackSQL, []any{p.Back.ID, p.Kept.ID}},
		{pointsBackSQL, []any{j.ID, p.Kept.ID, p.Back.ID}},
		{forgetAboveSQL, []any{j.ID}},
		{endJoinSQL, []any{j.ID, tx.Now.UnixMilli()}},
	} {
		if _, err := tx.Exec(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	both, err := withPoints(ctx, tx, []Customer{p.Back, p.Kept})
	if err != nil {
		return err
	}
	p.Back, p.Kept = both[0], both[1]
	b.journal.Emit(tx, PartedFact, p.Back.ID, by, PartedData{JoinID: j.ID, Back: p.Back.ID, Kept: p.Kept.ID, Through: p.Through})
	for _, c := range both {
		b.journal.Emit(tx, UpdatedFact, c.ID, by, Data{Name: c.Name, Fields: []string{"points"}})
	}
	return nil
}

package conversation

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TagTx puts one tag on a conversation, beside those it has. One that it has
// changes nothing.
func (t Reactor) TagTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id ID, tagID string) error {
	c, err := hold(ctx, tx, id)
	if err != nil {
		return err
	}
	have, err := tagsOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	all := append(have, tagID)
	_, err = t.toPatcher().changeTx(ctx, tx, by, c.ID, Patch{TagIDs: &all})
	return err
}

package customer

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// MergeListener reacts to MergedFact.
type MergeListener = func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d MergedData) error

// Present tells a listener who has the customer now: by the time it hears of a
// merge, the one who took the customer in may have been merged in turn, and the
// listener may have heard of that before.
func (b *Book) Present(next MergeListener) MergeListener {
	return func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d MergedData) error {
		c, err := b.ByID(ctx, tx, d.Into)
		if err != nil {
			return err
		}
		d.Into = c.ID
		return next(ctx, tx, f, d)
	}
}

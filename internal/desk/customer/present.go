package customer

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// MergeListener reacts to MergedFact.
type MergeListener = func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d MergedData) error

// PartListener reacts to PartedFact.
type PartListener = func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d PartedData) error

// Present tells a listener who has the customer now: by the time it hears of a
// merge, the one who took the customer in may have been merged in turn, and the
// listener may have heard of that before. Of a merge that was taken back it hears
// nothing; nor may it be taken back while the listener acts.
func (b *Book) Present(next MergeListener) MergeListener {
	return func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d MergedData) error {
		if err := Alone(ctx, tx); err != nil {
			return err
		}
		gone, err := row(ctx, tx, d.From)
		if err != nil || gone.MergedInto == "" {
			return err
		}
		d.Into = gone.MergedInto
		if d.JoinID, err = standing(ctx, tx, gone.ID); err != nil {
			return err
		}
		return next(ctx, tx, f, d)
	}
}

// PresentParted is Present for what listens to partings: Back may have been taken
// in by somebody meanwhile.
func (b *Book) PresentParted(next PartListener) PartListener {
	return func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d PartedData) error {
		if err := Alone(ctx, tx); err != nil {
			return err
		}
		back, err := b.ByID(ctx, tx, d.Back)
		if err != nil || back.ID == d.Kept {
			return err
		}
		d.Back = back.ID
		return next(ctx, tx, f, d)
	}
}

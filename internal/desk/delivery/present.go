package delivery

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Listener reacts to Changed.
type Listener = func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d ChangedData) error

// Present lets a listener hear only what is still so. A reaction that failed runs
// again after later ones, and acting then on "sent" would undo what "bounced"
// did; what has changed since is told by a fact of its own.
func (p *Post) Present(next Listener) Listener {
	return func(ctx context.Context, tx *sqldb.Tx, f event.Fact, d ChangedData) error {
		now, err := p.ByID(ctx, tx, ID(f.Subject))
		if fault.Is(err, fault.NotFound) || err == nil && now.State != d.State {
			return nil
		}
		if err != nil {
			return err
		}
		return next(ctx, tx, f, d)
	}
}

package app

import (
	"context"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

const (
	reconcileEvery = 24 * time.Hour
	reconcileFirst = 15 * time.Minute // after an inbox began to listen
)

// reconcile compares, every day, what an inbox's server holds with the ledger,
// and fetches what is missing. Nothing should ever be; if something is, it is
// logged as the defect it shows.
func (x *exchange) reconcile(ctx context.Context, id string, source channel.Reconciler) {
	wait := reconcileFirst
	for {
		wake, stop := x.app.cfg.Clock.After(wait)
		select {
		case <-ctx.Done():
			stop()
			return
		case <-wake:
		}
		err := fault.Guard(func() error { return x.compare(ctx, id, source) })
		if err != nil && ctx.Err() == nil {
			x.app.log.WarnContext(ctx, "comparing an inbox with the ledger", "inbox", id, "error", err, "stack", fault.Stack(err))
		}
		wait = reconcileEvery
	}
}

func (x *exchange) compare(ctx context.Context, id string, source channel.Reconciler) error {
	var trouble error
	missing, err := source.Missing(ctx, func(key string) bool {
		known, err := x.app.door.Known(ctx, id, key)
		if err != nil {
			trouble = err
			return true // asked again tomorrow
		}
		return known
	})
	if err == nil {
		err = trouble
	}
	if err != nil {
		return err
	}
	if len(missing) == 0 {
		x.app.log.InfoContext(ctx, "compared an inbox with the ledger: 0 missing", "inbox", id)
		return nil
	}
	x.app.log.ErrorContext(ctx, "mail on the server is not in the ledger; fetching it", "inbox", id, "count", len(missing))
	return source.Fetch(ctx, missing, func(ctx context.Context, raw channel.Raw) error {
		_, err := x.app.door.Accept(ctx, id, raw)
		return err
	})
}

package app

import (
	"context"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// How often the connection of a channel that only waits to be called is tried: a
// token that was revoked or has run out shows before somebody's answer fails.
const (
	watchFirst   = 10 * time.Minute // after the inbox was opened
	watchEvery   = 24 * time.Hour
	watchTimeout = time.Minute
)

// watch tries a connection every day until ctx ends.
func (x *exchange) watch(ctx context.Context, id string, c channel.Checker) {
	wait := watchFirst
	for {
		wake, stop := x.app.cfg.Clock.After(wait)
		select {
		case <-ctx.Done():
			stop()
			return
		case <-wake:
		}
		err := fault.Guard(func() error { return x.tryOut(ctx, id, c) })
		if err != nil && ctx.Err() == nil {
			x.app.log.WarnContext(ctx, "trying an inbox's connection", "inbox", id, "error", err, "stack", fault.Stack(err))
		}
		wait = watchEvery
	}
}

// tryOut notes on an inbox what is wrong with its connection. What works is not
// noted: that something could be sent shows when something is.
func (x *exchange) tryOut(ctx context.Context, id string, c channel.Checker) error {
	within, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	directions := map[string]inbox.Direction{"receive": inbox.Receiving, "send": inbox.Sending}
	steps := c.Check(within)
	errs := []error{x.expiry(ctx, id, steps)}
	for _, s := range steps {
		d, known := directions[s.Part]
		if s.OK || !known || ctx.Err() != nil {
			continue
		}
		words := s.Text
		if x.app.words.Has(phrase.English, words) {
			words = x.app.words.Text(phrase.English, words, nil)
		}
		errs = append(errs, x.app.inboxes.Healthy(ctx, id, d, errors.New(words)))
		delete(directions, s.Part) // the first failure says most
	}
	return errors.Join(errs...)
}

// expiry notes when an inbox's credential ends: the first of those that were tried.
// Where a step failed, what was known before stands.
func (x *exchange) expiry(ctx context.Context, id string, steps []channel.Step) error {
	var at time.Time
	failed := false
	for _, s := range steps {
		failed = failed || !s.OK
		if !s.Expires.IsZero() && (at.IsZero() || s.Expires.Before(at)) {
			at = s.Expires
		}
	}
	if at.IsZero() && failed {
		return inbox.Remind(ctx, x.app.inboxes, id)
	}
	return inbox.Expires(ctx, x.app.inboxes, id, at)
}

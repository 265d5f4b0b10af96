package email

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Listen implements channel.Listener: one connection reads all folders. It rests
// on the first one, where the server tells of new mail (IDLE); the others are
// looked at every minute. Without IDLE all are. A connection for every folder
// would use up what servers allow an account.
func (e *Endpoint) Listen(ctx context.Context, deliver func(context.Context, channel.Raw) error) error {
	if e.settings.Receive.Mode != modeIMAP {
		<-ctx.Done()
		return nil
	}
	pause := backoff{first: e.limits.retry, longest: e.limits.longest}
	for ctx.Err() == nil {
		err := e.listen(ctx, deliver, &pause)
		if ctx.Err() != nil {
			return nil
		}
		e.host.Log.WarnContext(ctx, "receiving mail failed", "server", e.settings.Receive.address(), "error", err)
		e.healthy(ctx, err)
		timer, stop := e.host.Clock.After(pause.next())
		select {
		case <-timer:
		case <-e.nudge:
		case <-ctx.Done():
		}
		stop()
	}
	return nil
}

// healthy tells the host how receiving goes.
func (e *Endpoint) healthy(ctx context.Context, err error) {
	if e.host.Healthy != nil {
		e.host.Healthy(ctx, err)
	}
}

// listen reads over one connection until it fails.
func (e *Endpoint) listen(ctx context.Context, deliver deliverFunc, pause *backoff) error {
	s, err := e.connectIMAP(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	watched := func(ctx context.Context, raw channel.Raw) error {
		err := deliver(ctx, raw)
		if err == nil {
			pause.reset()
		}
		return err
	}
	for fresh := true; ; {
		refused, err := s.round(ctx, fresh, watched)
		if err != nil {
			return err
		}
		pause.reset()
		e.healthy(ctx, refused)
		if fresh, err = s.rest(ctx); err != nil {
			return err
		}
	}
}

// round drains every folder, the watched one last, so that the session stays on
// it. A further folder that the server refuses is reported and keeps neither the
// others from being read nor the session from going on.
func (s *imapSession) round(ctx context.Context, fresh bool, deliver deliverFunc) (refused, err error) {
	folders := s.e.settings.Receive.Folders
	for i := len(folders) - 1; i >= 0; i-- {
		err := s.drain(ctx, folders[i], fresh, deliver)
		if err != nil && (i == 0 || !answered(err)) {
			return nil, err
		}
		refused = errors.Join(refused, err)
	}
	return refused, nil
}

// rest waits for news, for a reminder or for the next look. fresh says that the
// folders should be opened anew.
func (s *imapSession) rest(ctx context.Context) (fresh bool, err error) {
	pause := s.e.limits.poll
	idling := s.client.Caps().Has(imap.CapIdle)
	if idling && len(s.e.settings.Receive.Folders) == 1 {
		pause = s.e.limits.idle
	}
	stopIdle, err := s.idle(idling, pause)
	if err != nil {
		return false, err
	}
	timer, stop := s.e.host.Clock.After(pause)
	defer stop()
	select {
	case <-s.news:
	case <-s.e.nudge:
		fresh = true
	case <-timer:
		fresh = true
	case <-s.client.Closed():
		err = s.line.why(errors.New("the server hung up"))
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return false, err
	}
	return fresh, stopIdle()
}

// idle starts IDLE, if the server has it, and returns the way out of it.
func (s *imapSession) idle(has bool, pause time.Duration) (stop func() error, err error) {
	if !has {
		return func() error { return nil }, nil
	}
	done := s.line.wait(s.e.limits.answer)
	cmd, err := s.client.Idle()
	done()
	if err != nil {
		return nil, fmt.Errorf("idle: %w", s.line.why(saying(err)))
	}
	// The server may be silent all the while, but not much longer.
	quiet := s.line.wait(pause + s.e.limits.answer)
	return func() error {
		quiet()
		return s.do("idle", func() error {
			if err := cmd.Close(); err != nil {
				return err
			}
			return cmd.Wait()
		})
	}, nil
}

// backoff spaces out retries: doubling, bounded, and spread by chance so that
// many inboxes do not come back to a server at once.
type backoff struct {
	first, longest, last time.Duration
}

// next returns how long to wait.
func (b *backoff) next() time.Duration {
	b.last = min(max(b.last*2, b.first), b.longest)
	return b.last/2 + rand.N(b.last/2+1)
}

// reset starts over after a success.
func (b *backoff) reset() { b.last = 0 }

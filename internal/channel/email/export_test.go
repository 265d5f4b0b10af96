package email

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Hurry shortens the waits of an endpoint for tests.
func (e *Endpoint) Hurry(change func(*Limits)) {
	l := Limits{Answer: e.limits.answer, Submit: e.limits.submit, Poll: e.limits.poll, Idle: e.limits.idle,
		Retry: 10 * time.Millisecond, Longest: 50 * time.Millisecond, Group: e.limits.group, Count: e.limits.count, Linger: e.limits.linger}
	if change != nil {
		change(&l)
	}
	e.limits.answer, e.limits.submit, e.limits.poll, e.limits.idle = l.Answer, l.Submit, l.Poll, l.Idle
	e.limits.retry, e.limits.longest, e.limits.group, e.limits.count, e.limits.linger = l.Retry, l.Longest, l.Group, l.Count, l.Linger
}

// Limits are the waits a test may shorten.
type Limits struct {
	Answer, Submit, Poll, Idle, Retry, Longest, Linger time.Duration
	Group                                              int64
	Count                                              int
}

// Compose writes a message as Send would, with its signature.
func (e *Endpoint) Compose(ctx context.Context, out *channel.Outgoing) (string, error) {
	s, err := compose(ctx, out)
	if err != nil {
		return "", err
	}
	signature, err := e.signer.sign(s)
	if err != nil {
		return "", err
	}
	r, err := s.reader()
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(r)
	return signature + string(body), errors.Join(err, s.close())
}

// Through makes the endpoint read over another port of this machine.
func (e *Endpoint) Through(port int) { e.settings.Receive.Port = port }

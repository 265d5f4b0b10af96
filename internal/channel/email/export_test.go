package email

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Hurry shortens the waits of a mailbox for tests.
func (m *Mailbox) Hurry(change func(*Limits)) {
	l := Limits{Answer: m.limits.answer, Submit: m.limits.submit, Poll: m.limits.poll, Idle: m.limits.idle,
		Retry: 10 * time.Millisecond, Longest: 50 * time.Millisecond, Group: m.limits.group, Count: m.limits.count, Linger: m.limits.linger}
	if change != nil {
		change(&l)
	}
	m.limits.answer, m.limits.submit, m.limits.poll, m.limits.idle = l.Answer, l.Submit, l.Poll, l.Idle
	m.limits.retry, m.limits.longest, m.limits.group, m.limits.count, m.limits.linger = l.Retry, l.Longest, l.Group, l.Count, l.Linger
}

// Limits are the waits a test may shorten.
type Limits struct {
	Answer, Submit, Poll, Idle, Retry, Longest, Linger time.Duration
	Group                                              int64
	Count                                              int
}

// Compose writes a message as Send would, with its signature.
func (m *Mailbox) Compose(ctx context.Context, out *channel.Outgoing) (string, error) {
	s, err := compose(ctx, out)
	if err != nil {
		return "", err
	}
	signature, err := m.signer.sign(s)
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

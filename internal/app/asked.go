package app

import (
	"context"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// templates lists the approved texts of an inbox; none where its channel has no
// such thing.
func (x *exchange) templates(ctx context.Context, id string) (list []channel.Template, err error) {
	ch, err := x.answering(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	if source, ok := ch.(channel.Templated); ok {
		list, err = source.Templates(ctx)
	}
	return list, asked(err)
}

// quota returns what an inbox may send in the present period and what it sent;
// ok is false where its channel counts nothing.
func (x *exchange) quota(ctx context.Context, id string) (used, limit int, ok bool, err error) {
	ch, err := x.answering(ctx, id)
	if err != nil {
		return 0, 0, false, err
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	meter, ok := ch.(channel.Metered)
	if !ok {
		return 0, 0, false, nil
	}
	used, limit, err = meter.Quota(ctx)
	return used, limit, err == nil, asked(err)
}

// asked makes what the other side of a channel refuses to tell an error that a
// reader understands.
func asked(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "error.channel.silent")
}

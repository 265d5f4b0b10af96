package sqldb

import (
	"context"
	"sync/atomic"
)

// Witness knows whether anything may have been written.
type Witness struct{ commits atomic.Int64 }

type witnessKey struct{}

// Watch returns a context under which a witness watches the transactions.
func Watch(ctx context.Context) (context.Context, *Witness) {
	w := &Witness{}
	return context.WithValue(ctx, witnessKey{}, w), w
}

// Wrote reports whether a writing transaction was committed, or nobody knows
// whether it was: the connection may break after the database did it.
func (w *Witness) Wrote() bool { return w.commits.Load() > 0 }

// witnessed tells the witness, if there is one, that a commit begins, and returns
// what is to be told of its end.
func witnessed(ctx context.Context) (settled func(error)) {
	w, ok := ctx.Value(witnessKey{}).(*Witness)
	if !ok {
		return func(error) {}
	}
	w.commits.Add(1)
	return func(err error) {
		if err != nil && retryable(err) { // PostgreSQL has said that it did not
			w.commits.Add(-1)
		}
	}
}

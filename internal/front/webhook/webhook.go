package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
)

// Base is the path below which inboxes are called.
const Base = "/hook/"

// Limits of a call.
const (
	maxBody     = 8 << 20 // bytes: vendors send addresses of files, not files
	callTimeout = 25 * time.Second
	retryAfter  = 10 * time.Second // what a caller is told when we cannot take it now
)

// Deps is what calls are taken with.
type Deps struct {
	// Open returns the open channel of an active inbox; fault.NotFound if there is
	// none.
	Open func(ctx context.Context, inboxID string) (channel.Channel, error)
	// Accept makes a delivery safe.
	Accept func(ctx context.Context, inboxID string, raw channel.Raw) error
	// Tell is told how a call went: nil, or why it was not believed.
	Tell   func(ctx context.Context, inboxID string, err error)
	Clock  clock.Clock
	Log    *slog.Logger
	Origin string // the address under which others reach us, without a slash at the end
}

// Calls serves everything below Base.
type Calls struct{ Deps }

// New returns the outlet.
func New(d Deps) *Calls { return &Calls{d} }

// ServeHTTP implements http.Handler.
func (c *Calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	inboxID, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Base), "/")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		answer(w, http.StatusRequestEntityTooLarge, "the call is larger than "+strconv.Itoa(maxBody>>20)+" MB")
		return
	case err != nil:
		return // the caller went away
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	call := &channel.Call{Method: r.Method, URL: c.Origin + r.URL.RequestURI(), Path: rest, Header: r.Header, Body: body, At: c.Clock.Now()}
	got, err := c.take(ctx, inboxID, call)
	if err != nil {
		c.refuse(ctx, w, inboxID, err)
		return
	}
	if got.ContentType != "" {
		h.Set("Content-Type", got.ContentType)
	}
	if got.Status == 0 {
		got.Status = http.StatusOK
	}
	w.WriteHeader(got.Status)
	_, _ = w.Write(got.Body) // a caller who went away has been heard all the same
}

// take gives a call to its channel and makes safe what it brought.
func (c *Calls) take(ctx context.Context, inboxID string, call *channel.Call) (got channel.Reception, err error) {
	ch, err := c.Open(ctx, inboxID)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	receiver, ok := ch.(channel.Receiver)
	if !ok {
		return got, fault.New(fault.NotFound, "error.inbox.notFound")
	}
	err = fault.Guard(func() error {
		got, err = receiver.Receive(ctx, call)
		return err
	})
	if err != nil {
		return got, err
	}
	for _, raw := range got.Raws {
		if raw.At.IsZero() {
			raw.At = call.At
		}
		if err := c.Accept(ctx, inboxID, raw); err != nil {
			return got, err
		}
	}
	c.Tell(ctx, inboxID, nil)
	return got, nil
}

// refuse tells the caller what to do: nothing, or to call again.
func (c *Calls) refuse(ctx context.Context, w http.ResponseWriter, inboxID string, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		answer(w, http.StatusNotFound, "there is no such inbox here")
	case channel.IsUnverified(err):
		c.Log.WarnContext(ctx, "a call was not believed", "inbox", inboxID, "error", err)
		c.Tell(ctx, inboxID, err)
		answer(w, http.StatusUnauthorized, "the signature does not fit")
	case channel.IsMalformed(err):
		c.Log.WarnContext(ctx, "a call was not understood", "inbox", inboxID, "error", err)
		answer(w, http.StatusBadRequest, "not understood")
	default:
		c.Log.ErrorContext(ctx, "a call could not be taken", "inbox", inboxID, "error", err, "stack", fault.Stack(err))
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		answer(w, http.StatusServiceUnavailable, "not now")
	}
}

func answer(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, words+"\n") // nothing can be told to who went away
}

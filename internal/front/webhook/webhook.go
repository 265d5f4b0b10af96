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
	"github.com/kintsugi-desk/kintsugi/internal/front/page"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// Base is the path below which inboxes are called.
const Base = "/hook/"

// Limits of a call.
const (
	maxBody     = 8 << 20   // bytes: vendors send addresses of files, not files
	usualBody   = 256 << 10 // bytes: nearly every call is smaller
	maxLarge    = 8         // larger calls that are read or taken at once
	maxInbox    = 64        // bytes of an inbox's id
	callTimeout = 25 * time.Second
	retryAfter  = 10 * time.Second // what a caller is told when we cannot take it now
)

// What became of calls.
const (
	Taken      = "taken"
	Unknown    = "unknown"    // to an inbox that there is none of
	Unbelieved = "unbelieved" // not signed as they should be
	Malformed  = "malformed"
	Large      = "large"   // larger than what is taken
	Limited    = "limited" // from where too many were not believed
	Busy       = "busy"
	Failed     = "failed" // could not be made safe
)

// Results lists all that may become of a call.
func Results() []string {
	return []string{Taken, Unknown, Unbelieved, Malformed, Large, Limited, Busy, Failed}
}

// Deps is what calls are taken with.
type Deps struct {
	// Open returns the open channel of an active inbox; fault.NotFound if there is
	// none.
	Open func(ctx context.Context, inboxID string) (channel.Channel, error)
	// Accept makes a delivery safe.
	Accept func(ctx context.Context, inboxID string, raw channel.Raw) error
	// Tell is told how a call to an inbox went: nil, or why it was not believed
	// (channel.UnverifiedError) or not understood (channel.MalformedError).
	Tell func(ctx context.Context, inboxID string, err error)
	// Count counts every call, also to inboxes that there are none of, by one of the
	// Results.
	Count func(result string)
	// ClientAddress is where a call comes from.
	ClientAddress func(r *http.Request) string

	Clock  clock.Clock
	Log    *slog.Logger
	Origin string // the address under which others reach us, without a slash at the end
}

// Calls serves everything below Base.
type Calls struct {
	Deps
	large chan struct{} // places of large calls
	doubt *doubt
}

// New returns the outlet.
func New(d Deps) *Calls {
	return &Calls{Deps: d, large: make(chan struct{}, maxLarge), doubt: newDoubt()}
}

// ServeHTTP implements http.Handler.
func (c *Calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	inboxID, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Base), "/")
	from := caller(inboxID, c.ClientAddress(r))
	if c.doubt.wait(from, c.Clock.Now()) {
		c.Count(Limited)
		h.Set("Retry-After", strconv.Itoa(int(page.MissEvery.Seconds())))
		answer(w, http.StatusTooManyRequests, "too many calls that were not believed")
		return
	}
	receiver, err := c.open(r.Context(), inboxID)
	if err != nil {
		c.refuse(r.Context(), w, inboxID, err)
		return
	}
	defer func() { _ = receiver.Close() }() // whatever it brought is safe by then
	body, done, err := c.read(w, r)
	defer done()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		c.Count(Large)
		answer(w, http.StatusRequestEntityTooLarge, "the call is larger than "+strconv.Itoa(maxBody>>20)+" MB")
		return
	case errors.Is(err, errFull):
		c.Count(Busy)
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		answer(w, http.StatusServiceUnavailable, "not now")
		return
	case err != nil:
		return // the caller went away
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	call := &channel.Call{Method: r.Method, URL: c.Origin + r.URL.RequestURI(), Path: rest, Header: r.Header, Body: body, At: c.Clock.Now()}
	got, err := c.take(ctx, inboxID, receiver, call)
	if channel.IsUnverified(err) || channel.IsMalformed(err) { // some are not understood before they are believed
		c.doubt.wrong(from, call.At)
	}
	if err != nil {
		c.refuse(ctx, w, inboxID, err)
		return
	}
	c.doubt.right(from, call.At)
	if got.ContentType != "" {
		h.Set("Content-Type", got.ContentType)
	}
	if got.Status == 0 {
		got.Status = http.StatusOK
	}
	w.WriteHeader(got.Status)
	_, _ = w.Write(got.Body) // a caller who went away has been heard all the same
}

// closing is a channel that takes calls.
type closing interface {
	channel.Receiver
	Close() error
}

// open returns the channel of an inbox that takes calls; fault.NotFound if there is
// none, before anything of the call was read.
func (c *Calls) open(ctx context.Context, inboxID string) (closing, error) {
	none := fault.New(fault.NotFound, "error.inbox.notFound")
	if len(inboxID) > maxInbox || inboxID != text.Safe(inboxID) {
		return nil, none
	}
	ch, err := c.Open(ctx, inboxID)
	if err != nil {
		return nil, err
	}
	receiver, ok := ch.(closing)
	if !ok {
		return nil, errors.Join(none, ch.Close())
	}
	return receiver, nil
}

// errFull says that too many large calls are being read.
var errFull = errors.New("too many large calls at once")

// read takes a call's body. A usual one is read at once; a larger one needs one of
// few places, as anybody may send it: nobody is believed before all has come. The
// place is given back with done, which is never nil.
func (c *Calls) read(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	in := http.MaxBytesReader(w, r.Body, maxBody)
	body, err = io.ReadAll(io.LimitReader(in, usualBody+1))
	if err != nil || len(body) <= usualBody {
		return body, func() {}, err
	}
	select {
	case c.large <- struct{}{}:
	default:
		return nil, func() {}, errFull
	}
	rest, err := io.ReadAll(in)
	return append(body, rest...), func() { <-c.large }, err
}

// take gives a call to its channel and makes safe what it brought.
func (c *Calls) take(ctx context.Context, inboxID string, receiver channel.Receiver, call *channel.Call) (got channel.Reception, err error) {
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
	if got.Status >= http.StatusBadRequest { // the channel says what is wrong in its own way
		c.Count(Malformed)
		c.Tell(ctx, inboxID, &channel.MalformedError{Err: errors.New(string(got.Body))})
		return got, nil
	}
	c.Count(Taken)
	c.Tell(ctx, inboxID, nil)
	return got, nil
}

// refuse tells the caller what to do: nothing, or to call again.
func (c *Calls) refuse(ctx context.Context, w http.ResponseWriter, inboxID string, err error) {
	switch {
	case fault.Is(err, fault.NotFound):
		c.Count(Unknown)
		answer(w, http.StatusNotFound, "there is no such inbox here")
	case channel.IsUnverified(err):
		c.Count(Unbelieved)
		c.Log.WarnContext(ctx, "a call was not believed", "inbox", inboxID, "error", err)
		c.Tell(ctx, inboxID, err)
		answer(w, http.StatusUnauthorized, "the signature does not fit")
	case channel.IsMalformed(err):
		c.Count(Malformed)
		c.Log.WarnContext(ctx, "a call was not understood", "inbox", inboxID, "error", err)
		c.Tell(ctx, inboxID, err)
		answer(w, http.StatusBadRequest, "not understood")
	default:
		c.Count(Failed)
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

package channel

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Receiver is a channel that is pushed to: the other side calls us.
type Receiver interface {
	// Receive checks that a call comes from the other side and takes it apart.
	// What it returns is acknowledged only after every delivery is safe. Errors:
	// UnverifiedError, MalformedError; any other is temporary.
	Receive(ctx context.Context, c *Call) (Reception, error)
}

// Call is one request of the other side.
type Call struct {
	Method string
	URL    string // as the other side called it; some sign it
	Path   string // what follows the inbox's address, without the slash
	Header http.Header
	Body   []byte
	At     time.Time // when it came
}

// Reception is what a call brought and how it is answered.
type Reception struct {
	Raws        []Raw
	Status      int    // 0: 200
	ContentType string // of Body
	Body        []byte // a challenge's answer, or what the protocol asks for
}

// UnverifiedError says that a call cannot be believed: no signature, a wrong one,
// or one that is too old.
type UnverifiedError struct {
	Reason string
	// Skew is how far the caller's clock is ahead of ours (negative: behind), where
	// the call is signed as it should be and only its time cannot be believed.
	Skew time.Duration
}

// Error implements error.
func (e *UnverifiedError) Error() string { return "not verified: " + e.Reason }

// IsUnverified reports whether a call cannot be believed.
func IsUnverified(err error) bool {
	var e *UnverifiedError
	return errors.As(err, &e)
}

// MalformedError says that a call is none that the channel knows, although it
// may be believed. The other side need not repeat it.
type MalformedError struct{ Err error }

// Error implements error.
func (e *MalformedError) Error() string { return "malformed: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *MalformedError) Unwrap() error { return e.Err }

// IsMalformed reports whether a call is none that the channel knows.
func IsMalformed(err error) bool {
	var e *MalformedError
	return errors.As(err, &e)
}

// Skewed returns how far the clock of a caller is ahead of ours, if only that
// keeps its call from being believed.
func Skewed(err error) (skew time.Duration, skewed bool) {
	var e *UnverifiedError
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.Skew, e.Skew != 0
}

// BlockedError says that the customer does not want messages on this channel:
// blocked, unsubscribed, or never allowed them.
type BlockedError struct{ Text string }

// Error implements error.
func (e *BlockedError) Error() string { return "blocked by the customer: " + e.Text }

// IsBlocked reports whether the customer does not want messages.
func IsBlocked(err error) bool {
	var e *BlockedError
	return errors.As(err, &e)
}

// LaterError says when the other side is ready to be asked again (429 with
// Retry-After).
type LaterError struct {
	After time.Duration
	Text  string
}

// Error implements error.
func (e *LaterError) Error() string { return "asked to wait " + e.After.String() + ": " + e.Text }

// AsLater returns the wish to wait in err, if there is one.
func AsLater(err error) (*LaterError, bool) {
	var e *LaterError
	ok := errors.As(err, &e)
	return e, ok
}

// Fetcher is a channel whose files are fetched after their message is safe.
type Fetcher interface {
	// Fetch opens a file by Part.Ref. Errors: RefusedError when it is gone for
	// good; any other is temporary.
	Fetch(ctx context.Context, ref string) (r io.ReadCloser, contentType string, err error)
}

// Profiler is a channel that can be asked who somebody is.
type Profiler interface {
	// Profile returns what the other side tells of an address. Errors:
	// RefusedError when it tells nothing; any other is temporary.
	Profile(ctx context.Context, address string) (Profile, error)
}

// Profile is what a channel tells of a person.
type Profile struct {
	Name     string
	Language string // "ja", "en-US", "" if it does not say
	Picture  string // address of a picture
}

// Metered is a channel with a budget of messages.
type Metered interface {
	// Quota returns how many messages were sent in the present period and how
	// many may be; limit 0: there is none.
	Quota(ctx context.Context) (used, limit int, err error)
}

// Package fault holds the only words for failure that cross a package border:
// a kind, which three borders (HTTP, SMTP, job retry) translate once, and a
// message key, which the phrase catalogue turns into the reader's language.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure happened and therefore what a border does with it.
type Kind int

// The kinds. Internal is the zero value: an error nobody classified is ours.
const (
	Internal        Kind = iota // our defect; details are logged, never shown
	Invalid                     // the input is wrong; Fields say where and why
	Unauthenticated             // nobody is signed in
	Denied                      // signed in, but not allowed
	NotFound                    // there is no such thing, or the reader may not know of it
	Conflict                    // the thing changed meanwhile, or exists already
	TooLarge                    // a named limit was exceeded
	TooMany                     // a rate was exceeded; try later
	Unavailable                 // a part we need is away; the same call may work later
)

var kindNames = [...]string{"internal", "invalid", "unauthenticated", "denied", "not-found", "conflict", "too-large", "too-many", "unavailable"}

// String returns the kind's stable name, as it appears in problem documents.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "internal"
	}
	return kindNames[k]
}

// Field names one wrong input: its path in the request ("body.email"), and the
// phrase key that says why.
type Field struct {
	Path string
	Key  string
	Args map[string]any
}

// Error is a failure with a kind and a message key. Err, the cause, is for logs only.
type Error struct {
	Kind       Kind
	Key        string
	Args       map[string]any
	Fields     []Field
	RetryAfter time.Duration
	Err        error
}

// Error implements error with words for a log, not for a reader.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Key
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s: %s]", f.Path, f.Key)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind. args are pairs: name, value, name, value.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: pairs(args)}
}

// Wrap makes an error of a kind around its cause. It returns nil for a nil cause.
func Wrap(err error, kind Kind, key string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Key: key, Args: pairs(args), Err: err}
}

// KindOf returns the kind of the first classified error in the chain, else Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is classified as kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}

package channel

import (
	"errors"
	"fmt"
	"strings"
)

// RefusedError says that the other side will never accept this message. With
// Recipients only these were refused and everybody else has accepted it: sending
// it to all of them again would give it to the others twice.
type RefusedError struct {
	Code       int      // the other side's; 0 when the message could not even be offered
	Text       string   // its own words
	Recipients []string // which recipients, if not all
}

// Error implements error.
func (e *RefusedError) Error() string { return fmt.Sprintf("refused: %d %s", e.Code, e.Text) }

// AmbiguousError says that the connection was lost when the message may already
// have been accepted. It must not be sent again without a person's decision.
type AmbiguousError struct{ Err error }

// Error implements error.
func (e *AmbiguousError) Error() string { return "unknown whether it was accepted: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *AmbiguousError) Unwrap() error { return e.Err }

// SettingsError says that the endpoint cannot work until somebody changes its settings.
type SettingsError struct {
	Err error
	// Token says that the other side refuses our credential itself, whatever it was
	// used for: everything that needs it fails.
	Token bool
}

// tokenRefused begins the words of a credential that is refused.
const tokenRefused = "token: "

// Error implements error.
func (e *SettingsError) Error() string {
	if e.Token {
		return tokenRefused + e.Err.Error()
	}
	return "settings: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SettingsError) Unwrap() error { return e.Err }

// ErrIncomplete is in the error of a Kind.Parse for a delivery that stands for a
// message that could not be fetched whole, mostly as it is too large. Its text says why.
var ErrIncomplete = errors.New("the message could not be fetched whole")

// IsRefused returns the refusal in err, if there is one.
func IsRefused(err error) (*RefusedError, bool) {
	var e *RefusedError
	ok := errors.As(err, &e)
	return e, ok
}

// IsAmbiguous reports whether nobody knows if the message was accepted.
func IsAmbiguous(err error) bool {
	var e *AmbiguousError
	return errors.As(err, &e)
}

// IsToken reports whether the other side refuses our credential itself.
func IsToken(err error) bool {
	var e *SettingsError
	return errors.As(err, &e) && e.Token
}

// SaysToken reports whether the words of an error are those of one that IsToken.
func SaysToken(words string) bool { return strings.HasPrefix(words, tokenRefused) }

// IsSettings reports whether only a change of settings can help.
func IsSettings(err error) bool {
	var e *SettingsError
	return errors.As(err, &e)
}

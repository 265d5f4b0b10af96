package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	askTimeout  = 20 * time.Second
	ratePause   = 30 * time.Second // when Telegram asks to slow down and does not say for how long
	sendTimeout = 2 * time.Minute  // of a request with a file
)

// reply is what every request is answered with.
type reply struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"` // seconds
	} `json:"parameters"`
}

// call makes a request without a file. out is what its result is read into.
func (e *endpoint) call(ctx context.Context, method string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	doc, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return e.ask(ctx, fetch.JSON(http.MethodPost, e.api+method, nil, doc), out)
}

// silentError says that a request was made and that nothing is known of it.
type silentError struct{ err error }

// Error implements error.
func (e *silentError) Error() string { return "telegram did not answer: " + e.err.Error() }

// Unwrap returns the cause.
func (e *silentError) Unwrap() error { return e.err }

// ask makes a request. Errors: those of judge; silentError; any other is one that
// reached nobody.
func (e *endpoint) ask(ctx context.Context, r fetch.Request, out any) error {
	a, err := fetch.Ask(ctx, e.host.Client, r)
	switch {
	case fetch.Unsent(err):
		return err
	case err != nil:
		return &silentError{err}
	}
	var got reply
	if json.Unmarshal(a.Body, &got) != nil || !got.OK && got.ErrorCode == 0 {
		// Something between us and Telegram answered.
		err := fmt.Errorf("%d %s", a.Status, http.StatusText(a.Status))
		if a.Status >= 300 && a.Status < 500 {
			return e.judge(reply{ErrorCode: a.Status, Description: err.Error()}, a.Header)
		}
		return &silentError{err}
	}
	if !got.OK {
		return e.judge(got, a.Header)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(got.Result, out); err != nil {
		return fmt.Errorf("the answer of Telegram is not understood: %w", err)
	}
	return nil
}

// conflictError says that the bot's updates go elsewhere.
type conflictError struct{ text string }

// Error implements error.
func (e *conflictError) Error() string { return "telegram: " + e.text }

// judge says what an answer that is no success means.
func (e *endpoint) judge(r reply, h http.Header) error {
	words := cmp.Or(r.Description, http.StatusText(r.ErrorCode))
	switch r.ErrorCode {
	case http.StatusUnauthorized, http.StatusNotFound: // Telegram knows no bot of this token
		return &channel.SettingsError{Err: errors.New("telegram: " + words), Token: r.ErrorCode == http.StatusUnauthorized}
	case http.StatusForbidden:
		return &channel.BlockedError{Text: words}
	case http.StatusConflict:
		return &conflictError{words}
	case http.StatusTooManyRequests:
		after := fetch.RetryAfter(h, e.host.Clock.Now(), ratePause)
		if n := r.Parameters.RetryAfter; n > 0 {
			after = time.Duration(n) * time.Second
		}
		return &channel.LaterError{After: after, Text: words}
	}
	if r.ErrorCode >= 400 && r.ErrorCode < 500 {
		return &channel.RefusedError{Code: r.ErrorCode, Text: words}
	}
	return errors.New("telegram: " + words)
}

// wait rests; false when the context ends before.
func (e *endpoint) wait(ctx context.Context, d time.Duration) bool {
	wake, stop := e.host.Clock.After(d)
	defer stop()
	select {
	case <-wake:
		return true
	case <-ctx.Done():
		return false
	}
}

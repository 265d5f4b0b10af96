package twilio

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// How long we wait when we are asked to and not told how long, and at most.
const (
	defaultWait = 30 * time.Second
	maxWait     = time.Hour
)

// Failure is an answer of the interface that says no.
type Failure struct {
	Status int // of HTTP
	Code   int // Twilio's own; 0 if it gave none
	Text   string
	After  time.Duration
}

// Error implements error.
func (f *Failure) Error() string {
	return fmt.Sprintf("%s (code %d, HTTP %d)", f.Text, f.Code, f.Status)
}

func (a *Account) failure(status int, header http.Header, body []byte) *Failure {
	var doc struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	f := &Failure{Status: status, Text: http.StatusText(status), After: min(fetch.RetryAfter(header, a.Host.Clock.Now(), defaultWait), maxWait)}
	if json.Unmarshal(body, &doc) == nil && doc.Message != "" {
		f.Code, f.Text = doc.Code, doc.Message
	}
	return f
}

// Judge turns the error of a call into what the desk acts on. sent says that the
// call could have delivered something.
func Judge(err error, sent bool) error {
	var f *Failure
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &f):
		if sent && !fetch.Unsent(err) {
			return &channel.AmbiguousError{Err: err}
		}
		return err
	}
	switch {
	case f.Code == 21610: // the person sent STOP
		return &channel.BlockedError{Text: f.Error()}
	case f.throttled():
		return &channel.LaterError{After: f.After, Text: f.Error()}
	case f.ours():
		return &channel.SettingsError{Err: f, Token: f.Status == http.StatusUnauthorized}
	case f.Status >= http.StatusInternalServerError && f.Code == 0 && sent:
		return &channel.AmbiguousError{Err: f}
	case f.Status >= http.StatusInternalServerError:
		return f
	}
	return &channel.RefusedError{Code: cmp.Or(f.Code, f.Status), Text: f.Error()}
}

func (f *Failure) throttled() bool {
	switch f.Code {
	case 14107, 20429, 30001, 63018: // too many messages, requests; a full queue
		return true
	}
	return f.Status == http.StatusTooManyRequests
}

// ours reports whether only other settings help: the credentials, the account or
// the number we send from.
func (f *Failure) ours() bool {
	switch f.Code {
	case 20003, 20004, 20005, 20006, 20008, 20010, 30002, 90010:
		return true
	case 21212, 21603, 21606, 21659, 21660, 21703, 21705:
		return true
	}
	return f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden && f.Code == 0
}

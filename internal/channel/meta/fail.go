package meta

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// How long we wait when the other side asks for it and does not say how long.
const (
	defaultWait = time.Minute
	accountWait = 5 * time.Minute  // the account called too often
	spamWait    = 30 * time.Minute // too many people complained
	maxWait     = time.Hour
)

// usageHeader tells of accounts that called too often when they may again.
const usageHeader = "X-Business-Use-Case-Usage"

// Failure is an answer of the API that says no.
type Failure struct {
	Status    int // of HTTP
	Code      int // the API's own; 0 if it gave none
	Subcode   int
	Text      string
	Transient bool // the API says that it may work later
	After     time.Duration
}

// Error implements error.
func (f *Failure) Error() string {
	code := strconv.Itoa(f.Code)
	if f.Subcode != 0 {
		code += "/" + strconv.Itoa(f.Subcode)
	}
	return fmt.Sprintf("%s (code %s, HTTP %d)", f.Text, code, f.Status)
}

// failure reads an answer that is not 2xx.
func (g *Graph) failure(status int, header http.Header, body []byte) *Failure {
	var doc struct {
		Error struct {
			Message   string `json:"message"`
			Code      int    `json:"code"`
			Subcode   int    `json:"error_subcode"`
			Transient bool   `json:"is_transient"`
			UserText  string `json:"error_user_msg"`
			Data      struct {
				Details string `json:"details"`
			} `json:"error_data"`
		} `json:"error"`
	}
	f := &Failure{Status: status}
	defer func() { f.After = min(fetch.RetryAfter(header, g.host.Clock.Now(), f.wait(header)), maxWait) }()
	if err := json.Unmarshal(body, &doc); err != nil || doc.Error.Message == "" && doc.Error.Code == 0 {
		f.Text = http.StatusText(status)
		return f
	}
	e := doc.Error
	f.Code, f.Subcode, f.Transient, f.Text = e.Code, e.Subcode, e.Transient, e.Message
	for _, more := range []string{e.Data.Details, e.UserText} {
		if more != "" && !strings.Contains(f.Text, more) {
			f.Text += ": " + more
		}
	}
	return f
}

// wait is how long to wait where the answer has no Retry-After.
func (f *Failure) wait(header http.Header) time.Duration {
	var usage map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(header.Get(usageHeader)), &usage) == nil {
		longest := 0
		for _, uses := range usage {
			for _, one := range uses {
				longest = max(longest, one.Minutes)
			}
		}
		if longest > 0 {
			return time.Duration(longest) * time.Minute
		}
	}
	switch f.Code {
	case 80007:
		return accountWait
	case 131048:
		return spamWait
	}
	return defaultWait
}

// Judge turns the error of a call into what the desk acts on. sent says that the
// call could have delivered something: then no answer, or one that is not the
// API's, leaves it open whether it did.
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
	case f.blocked():
		return &channel.BlockedError{Text: f.Error()}
	case f.throttled():
		return &channel.LaterError{After: f.After, Text: f.Error()}
	case f.ours():
		return &channel.SettingsError{Err: f, Token: f.token()}
	case f.temporary():
		return f
	case f.Status >= http.StatusInternalServerError:
		if sent {
			return &channel.AmbiguousError{Err: f}
		}
		return f
	}
	return &channel.RefusedError{Code: cmp.Or(f.Code, f.Status), Text: f.Error()}
}

// blocked reports whether the person does not want messages, or cannot be
// written to any more.
func (f *Failure) blocked() bool {
	switch f.Code {
	case 551, 131050: // the person is not available; the person opted out
		return true
	case 200:
		return f.Subcode == 1545041 // the person is not available
	}
	return false
}

func (f *Failure) throttled() bool {
	switch f.Code {
	case 4, 17, 32, 613, 80007, 130429, 131048, 131056, 133016:
		return true
	}
	return f.Code >= 80000 && f.Code < 80100 || f.Status == http.StatusTooManyRequests
}

// ours reports whether only other settings help: the token, its permissions, the
// number or the account.
func (f *Failure) ours() bool {
	switch f.Code {
	case 3, 33, 102, 190, 368, 131005, 131031, 131042, 131045, 133010:
		return true
	case 10:
		// Outside the time for answers the API speaks of a missing permission.
		return f.Subcode != 2018278 && f.Subcode != 2534022
	case 100:
		return f.Subcode == 33 // no such number or page, or none that the token may use
	}
	return f.Code >= 200 && f.Code < 300 || f.Status == http.StatusUnauthorized || f.Code == 0 && f.Status == http.StatusForbidden
}

// token reports whether the token itself is refused, and not what it was used for.
func (f *Failure) token() bool {
	return f.Code == 102 || f.Code == 190 || f.Status == http.StatusUnauthorized
}

func (f *Failure) temporary() bool {
	switch f.Code {
	case 1, 2, 131000, 131016, 131057, 133004:
		return true
	}
	return f.Transient || f.Code != 0 && f.Status >= http.StatusInternalServerError
}

package line

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	askTimeout = 20 * time.Second // of one request
	ratePause  = time.Minute      // when LINE asks to slow down and does not say for how long
)

// complaint is LINE's document of an error.
type complaint struct {
	Message string `json:"message"`
	Details []struct {
		Message  string `json:"message"`
		Property string `json:"property"`
	} `json:"details"`
	SentMessages []sentMessage `json:"sentMessages"`
}

type sentMessage struct {
	ID string `json:"id"`
}

// ask makes a request of the interface. in is its document, nil for none.
func (e *endpoint) ask(ctx context.Context, method, path string, header http.Header, in any) (fetch.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	r := fetch.Request{Method: method, URL: e.api + path}
	if in != nil {
		doc, err := json.Marshal(in)
		if err != nil {
			return fetch.Answer{}, err
		}
		r = fetch.JSON(method, e.api+path, nil, doc)
	}
	var err error
	if r.Header, err = e.credentials(ctx); err != nil {
		return fetch.Answer{}, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	return fetch.Ask(ctx, e.host.Client, r)
}

func (e *endpoint) credentials(ctx context.Context) (http.Header, error) {
	token, err := e.bearer(ctx)
	return http.Header{"Authorization": {"Bearer " + token}}, err
}

// get asks for a document.
func (e *endpoint) get(ctx context.Context, path string, out any) error {
	a, err := e.ask(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return err
	}
	if !a.OK() {
		return e.judge(a)
	}
	if err := json.Unmarshal(a.Body, out); err != nil {
		return fmt.Errorf("LINE's answer is not understood: %w", err)
	}
	return nil
}

// judge says what an answer that is no success means.
func (e *endpoint) judge(a fetch.Answer) error {
	words := wordsOf(a)
	if a.Status == http.StatusUnauthorized {
		e.lease.forget()
	}
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return &channel.SettingsError{Err: fmt.Errorf("LINE: %s", words), Token: a.Status == http.StatusUnauthorized}
	case a.Status == http.StatusTooManyRequests && strings.Contains(strings.ToLower(words), "monthly limit"):
		// Waiting does not help until the month ends; a larger plan does.
		return &channel.SettingsError{Err: fmt.Errorf("LINE: %s", words)}
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return &channel.LaterError{After: fetch.RetryAfter(a.Header, e.host.Clock.Now(), ratePause), Text: words}
	case a.Status >= 400 && a.Status < 500 && a.Status != http.StatusRequestTimeout:
		return &channel.RefusedError{Code: a.Status, Text: words}
	}
	return fmt.Errorf("LINE: %s", words)
}

// wordsOf are LINE's own words.
func wordsOf(a fetch.Answer) string {
	var c complaint
	if json.Unmarshal(a.Body, &c) != nil || c.Message == "" {
		return fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	}
	out := []string{c.Message}
	for _, d := range c.Details {
		out = append(out, strings.TrimSpace(d.Property+" "+d.Message))
	}
	return strings.Join(out, "; ")
}

// idsOf returns the ids of the messages that an answer reports.
func idsOf(a fetch.Answer) (ids []string) {
	var c complaint
	if json.Unmarshal(a.Body, &c) != nil {
		return nil // accepted all the same; receipts will not find it
	}
	for _, s := range c.SentMessages {
		ids = append(ids, s.ID)
	}
	return ids
}

package vonage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

// defaultWait is how long we wait when we are asked to.
const defaultWait = 10 * time.Second

// Send implements channel.Channel.
func (e *Endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	to := m.Recipients()
	text := strings.TrimSpace(m.Text)
	switch {
	case len(to) != 1 || bare(to[0].Address) == "":
		return &channel.RefusedError{Text: "a message goes to one number"}
	case len(m.Parts) > 0:
		return &channel.RefusedError{Text: "files are not taken"}
	case text == "":
		return &channel.RefusedError{Text: "there is nothing to send"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	pieces := can.Split(text)
	for i, one := range pieces {
		ids, err := e.post(ctx, e.form(bare(to[0].Address), one, m.ID))
		m.Accepted = append(m.Accepted, ids...)
		switch {
		case err != nil && i > 0:
			return &channel.AmbiguousError{Err: fmt.Errorf("%d of %d messages arrived: %w", i, len(pieces), err)}
		case err != nil:
			return err
		}
	}
	return nil
}

func (e *Endpoint) form(to, text, letter string) url.Values {
	form := url.Values{"api_key": {e.settings.APIKey}, "api_secret": {e.secrets.APISecret}, "from": {bare(e.settings.Number)}, "to": {to},
		"text": {text}, "client-ref": {letter}, "status-report-req": {"1"}}
	if strings.ContainsFunc(text, func(r rune) bool { return r > 127 }) {
		form.Set("type", "unicode")
	}
	if strings.HasPrefix(e.host.Hook, "https://") || e.host.Hook != "" && e.settings.APIBase != "" {
		form.Set("callback", e.host.Hook)
	}
	return form
}

// post hands one message over and returns the ids of its parts.
func (e *Endpoint) post(ctx context.Context, form url.Values) (ids []string, err error) {
	answer, err := fetch.Ask(ctx, e.host.Client, fetch.Request{Method: http.MethodPost, URL: e.base + "/sms/json",
		Body: strings.NewReader(form.Encode()), Type: "application/x-www-form-urlencoded"})
	if err != nil {
		if fetch.Unsent(err) {
			return nil, err
		}
		return nil, &channel.AmbiguousError{Err: err}
	}
	if !answer.OK() {
		return nil, e.refused(answer)
	}
	var got struct {
		Messages []struct {
			ID     string `json:"message-id"`
			Status string `json:"status"`
			Words  string `json:"error-text"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(answer.Body, &got); err != nil || len(got.Messages) == 0 {
		return nil, &channel.AmbiguousError{Err: errors.New("the answer is none of Vonage's")}
	}
	for _, one := range got.Messages {
		if one.Status != "0" {
			if err := judge(one.Status, one.Words); len(ids) == 0 {
				return nil, err
			}
			return ids, &channel.AmbiguousError{Err: fmt.Errorf("a part of the message: %s %s", one.Status, one.Words)}
		}
		ids = append(ids, one.ID)
	}
	return ids, nil
}

// refused judges an answer that is not 2xx.
func (e *Endpoint) refused(a fetch.Answer) error {
	words := "HTTP " + strconv.Itoa(a.Status) + " " + http.StatusText(a.Status)
	switch {
	case a.Status == http.StatusTooManyRequests:
		return &channel.LaterError{After: fetch.RetryAfter(a.Header, e.host.Clock.Now(), defaultWait), Text: words}
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return &channel.SettingsError{Err: errors.New(words)}
	case a.Status >= http.StatusInternalServerError:
		return &channel.AmbiguousError{Err: errors.New(words)}
	}
	return &channel.RefusedError{Code: a.Status, Text: words}
}

// judge reads the status of a message that was not taken.
func judge(status, words string) error {
	said := status + " " + cmp.Or(words, "refused")
	code, err := strconv.Atoi(status)
	if err != nil {
		return &channel.AmbiguousError{Err: errors.New("the answer is none of Vonage's: " + said)}
	}
	switch code {
	case 1, 10: // throttled, too many connections
		return &channel.LaterError{After: defaultWait, Text: said}
	case 4, 8, 9, 11, 14, 15, 32: // credentials, account, money, sender
		return &channel.SettingsError{Err: errors.New(said)}
	case 5: // of their own
		return errors.New(said)
	case 7: // the number is barred
		return &channel.BlockedError{Text: said}
	}
	return &channel.RefusedError{Code: code, Text: said}
}

// Check implements channel.Checker.
func (e *Endpoint) Check(ctx context.Context) []channel.Step {
	var balance struct {
		Value float64 `json:"value"`
	}
	step := channel.Step{Part: "send", Name: "login"}
	if err := e.get(ctx, "/account/get-balance", &balance); err != nil {
		step.Text = err.Error()
		return []channel.Step{step}
	}
	step.OK, step.Text = balance.Value > 0, fmt.Sprintf("%.2f EUR", balance.Value)
	var found struct {
		Numbers []struct {
			Number string `json:"msisdn"`
			Hook   string `json:"moHttpUrl"`
		} `json:"numbers"`
	}
	number := channel.Step{Part: "send", Name: "number", Text: "+" + bare(e.settings.Number)}
	hook := channel.Step{Part: "receive", Name: "webhook", Text: "no address is entered for this number"}
	if err := e.get(ctx, "/account/numbers?pattern="+bare(e.settings.Number), &found); err != nil {
		number.Text = err.Error()
	}
	for _, n := range found.Numbers {
		if n.Number != bare(e.settings.Number) {
			continue
		}
		number.OK = true
		if n.Hook != "" {
			hook.Text, hook.OK = n.Hook, e.host.Hook == "" || n.Hook == e.host.Hook
		}
	}
	return []channel.Step{step, number, hook}
}

func (e *Endpoint) get(ctx context.Context, path string, out any) error {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(e.settings.APIKey, e.secrets.APISecret)
	answer, err := fetch.Ask(ctx, e.host.Client, fetch.Request{Method: http.MethodGet, URL: e.base + path, Header: r.Header})
	if err != nil {
		return err
	}
	if !answer.OK() {
		return errors.New("HTTP " + strconv.Itoa(answer.Status) + " " + http.StatusText(answer.Status))
	}
	return json.Unmarshal(answer.Body, out)
}

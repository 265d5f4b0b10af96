package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Check implements channel.Checker: whose account it is, what may still be sent,
// and whether LINE reaches us. LINE calls us with its signature for it, so that a
// wrong channel secret shows, too. Where LINE has no words of its own, a step's
// text is the key of a phrase.
func (e *endpoint) Check(ctx context.Context) []channel.Step {
	var steps []channel.Step
	step := func(part, name, text string, err error) bool {
		s := channel.Step{Part: part, Name: name, OK: err == nil, Text: text}
		var settings *channel.SettingsError
		if errors.As(err, &settings) {
			s.Text = settings.Err.Error()
		} else if err != nil {
			s.Text = err.Error()
		}
		steps = append(steps, s)
		return s.OK
	}
	var bot struct {
		DisplayName string `json:"displayName"`
		BasicID     string `json:"basicId"`
	}
	err := e.get(ctx, "/v2/bot/info", &bot)
	if !step("send", "login", bot.DisplayName+" "+bot.BasicID, err) {
		return steps
	}
	if e.token == "" {
		step("send", "token", "channel.line.check.lent", nil)
	} else if ends, err := e.ends(ctx); err != nil {
		step("send", "token", "", err)
	} else if !ends.IsZero() {
		step("send", "token", "→ "+ends.UTC().Format(time.DateOnly), nil)
		steps[len(steps)-1].Expires = ends
	}
	used, limit, err := e.Quota(ctx)
	words := fmt.Sprintf("%d", used)
	if limit > 0 {
		words = fmt.Sprintf("%d / %d", used, limit)
	}
	step("send", "quota", words, err)
	var hook struct {
		Endpoint string `json:"endpoint"`
		Active   bool   `json:"active"`
	}
	err = e.get(ctx, "/v2/bot/channel/webhook/endpoint", &hook)
	_, none := channel.IsRefused(err)
	switch {
	case none: // LINE knows of no address at all
		err = errors.New("channel.line.check.none")
	case err != nil:
	case !hook.Active:
		err = errors.New("channel.line.check.off")
	case e.host.Hook != "" && hook.Endpoint != e.host.Hook:
		err = errors.New("channel.line.check.elsewhere")
	}
	if step("receive", "webhook", hook.Endpoint, err) {
		words, err = e.tryHook(ctx)
		step("receive", "call", words, err)
	}
	return steps
}

// tryHook lets LINE call us.
func (e *endpoint) tryHook(ctx context.Context) (string, error) {
	a, err := e.ask(ctx, http.MethodPost, "/v2/bot/channel/webhook/test", nil, struct{}{})
	if err != nil {
		return "", err
	}
	if !a.OK() {
		return "", e.judge(a)
	}
	var got struct {
		Success    bool   `json:"success"`
		StatusCode int    `json:"statusCode"`
		Reason     string `json:"reason"`
		Detail     string `json:"detail"`
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		return "", fmt.Errorf("LINE's answer is not understood: %w", err)
	}
	words := fmt.Sprintf("%d %s %s", got.StatusCode, got.Reason, got.Detail)
	if !got.Success {
		return "", fmt.Errorf("LINE: %s", words)
	}
	return words, nil
}

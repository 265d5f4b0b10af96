package telegram

import (
	"context"
	"errors"
	"fmt"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Check implements channel.Checker: whose bot it is, and how its updates come.
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
		person
		Username string `json:"username"`
	}
	err := e.call(ctx, "getMe", struct{}{}, &bot)
	if !step("send", "login", bot.name()+" @"+bot.Username, err) {
		return steps
	}
	if e.mode == modeWebhook && e.host.Hook != "" {
		if !step("receive", "register", e.host.Hook, e.register(ctx)) {
			return steps
		}
	}
	info, err := e.hookInfo(ctx)
	words := fmt.Sprintf("%d", info.Pending)
	if info.URL != "" {
		words = info.URL + ": " + words
	}
	if err == nil && e.mode == modeWebhook && info.Pending > 0 && info.LastError != "" {
		err = fmt.Errorf("telegram: %s; %d updates wait", info.LastError, info.Pending)
	}
	step("receive", "updates", words, err)
	return steps
}

package whatsapp

import (
	"context"
	"net/url"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// Check implements channel.Checker.
func (e *Endpoint) Check(ctx context.Context) []channel.Step {
	var number struct {
		Shown   string `json:"display_phone_number"`
		Name    string `json:"verified_name"`
		Quality string `json:"quality_rating"`
	}
	step := channel.Step{Part: "send", Name: "number"}
	q := url.Values{"fields": {"display_phone_number,verified_name,quality_rating"}}
	if err := e.graph.Get(ctx, "/"+e.settings.PhoneNumberID, q, &number); err != nil {
		step.Text = err.Error()
		return []channel.Step{step}
	}
	step.OK, step.Text = true, lines(" · ", number.Name, number.Shown, number.Quality)
	trial := meta.Trial{Graph: e.graph, AppSecret: e.hook.AppSecret, Object: accountObject, Fields: []string{"messages"}}
	return append([]channel.Step{step}, trial.Check(ctx)...)
}

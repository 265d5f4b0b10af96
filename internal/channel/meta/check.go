package meta

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Trial is what of an app's set-up can be looked at.
type Trial struct {
	Graph     *Graph
	AppSecret string
	Object    string   // that the app must be subscribed to: "page"
	Fields    []string // of it, that we live on
}

// Check tells how long the token holds, and where the app sends its events. The
// steps end early when the vendor does not let the token look at itself.
func (t Trial) Check(ctx context.Context) []channel.Step {
	var got struct {
		Data struct {
			AppID   Loose    `json:"app_id"`
			Valid   bool     `json:"is_valid"`
			Expires int64    `json:"expires_at"`
			Scopes  []string `json:"scopes"`
		} `json:"data"`
	}
	if err := t.Graph.Get(ctx, "/debug_token", url.Values{"input_token": {t.Graph.token}}, &got); err != nil {
		return nil
	}
	d := got.Data
	step := channel.Step{Part: "send", Name: "token", OK: d.Valid, Text: strings.Join(d.Scopes, ", ")}
	if d.Expires > 0 {
		step.Expires = time.Unix(d.Expires, 0).UTC()
		step.Text += " (→ " + step.Expires.Format(time.DateOnly) + ")"
	}
	steps := []channel.Step{step}
	if d.AppID == "" || t.AppSecret == "" {
		return steps
	}
	return append(steps, t.subscribed(ctx, string(d.AppID)))
}

// subscribed looks at where the app sends its events. The app's secret is proved
// by the way.
func (t Trial) subscribed(ctx context.Context, app string) channel.Step {
	step := channel.Step{Part: "receive", Name: "webhook"}
	var got struct {
		Data []struct {
			Object string `json:"object"`
			URL    string `json:"callback_url"`
			Active bool   `json:"active"`
			Fields []struct {
				Name string `json:"name"`
			} `json:"fields"`
		} `json:"data"`
	}
	if err := t.Graph.GetAs(ctx, app+"|"+t.AppSecret, "/"+url.PathEscape(app)+"/subscriptions", nil, &got); err != nil {
		step.Text = err.Error()
		return step
	}
	step.Text = "no subscription to " + t.Object
	for _, s := range got.Data {
		if s.Object != t.Object {
			continue
		}
		var has []string
		for _, f := range s.Fields {
			has = append(has, f.Name)
		}
		missing := slices.DeleteFunc(slices.Clone(t.Fields), func(f string) bool { return slices.Contains(has, f) })
		step.OK, step.Text = s.Active && len(missing) == 0, s.URL+" ("+strings.Join(has, ", ")+")"
		if len(missing) > 0 {
			step.Text += ", without " + strings.Join(missing, ", ")
		}
	}
	return step
}

package messenger

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// Check implements channel.Checker.
func (e *Endpoint) Check(ctx context.Context) []channel.Step {
	at, fields, object := "/me", "id,name", "page"
	switch {
	case e.kind == instagram && e.settings.Login == "facebook":
		at, fields, object = "/"+e.settings.ID, "id,name,username", instagram // the token is the page's
	case e.kind == instagram:
		fields, object = "user_id,username", instagram
	}
	var who struct {
		ID       meta.Loose `json:"id"`
		UserID   meta.Loose `json:"user_id"` // by which the account is called about
		Name     string     `json:"name"`
		Username string     `json:"username"`
	}
	step := channel.Step{Part: "send", Name: "account"}
	if err := e.graph.Get(ctx, at, url.Values{"fields": {fields}}, &who); err != nil {
		step.Text = err.Error()
		return []channel.Step{step}
	}
	id := string(cmp.Or(who.UserID, who.ID))
	step.OK, step.Text = id == e.settings.ID, cmp.Or(who.Username, who.Name)
	if !step.OK {
		step.Text += ": the token is for " + id + ", and not for " + e.settings.ID
	}
	steps := []channel.Step{step, e.subscribed(ctx)}
	trial := meta.Trial{Graph: e.graph, AppSecret: e.hook.AppSecret, Object: object, Fields: []string{"messages"}}
	return append(steps, trial.Check(ctx)...)
}

// subscribed looks whether the page or account lets the app hear of messages.
func (e *Endpoint) subscribed(ctx context.Context) channel.Step {
	step := channel.Step{Part: "receive", Name: "subscription"}
	var got struct {
		Data []struct {
			Fields []string `json:"subscribed_fields"`
		} `json:"data"`
	}
	if err := e.graph.Get(ctx, "/me/subscribed_apps", nil, &got); err != nil {
		step.Text = err.Error()
		return step
	}
	step.Text = "no app is subscribed"
	for _, app := range got.Data {
		step.Text = strings.Join(app.Fields, ", ")
		// With Facebook's login the fields are the page's, and any of them will do.
		step.OK = slices.Contains(app.Fields, "messages") || e.kind == instagram && e.settings.Login == "facebook" && len(app.Fields) > 0
		if step.OK {
			break
		}
	}
	return step
}

// Profile implements channel.Profiler.
func (e *Endpoint) Profile(ctx context.Context, address string) (channel.Profile, error) {
	if address == "" || strings.Trim(address, "0123456789") != "" {
		return channel.Profile{}, &channel.RefusedError{Text: "no id of a person"}
	}
	fields := "first_name,last_name,name,profile_pic,locale"
	if e.kind == instagram {
		fields = "name,username,profile_pic"
	}
	var who struct {
		First    meta.Loose `json:"first_name"`
		Last     meta.Loose `json:"last_name"`
		Name     meta.Loose `json:"name"`
		Username meta.Loose `json:"username"`
		Picture  string     `json:"profile_pic"`
		Locale   string     `json:"locale"`
	}
	if err := e.graph.Get(ctx, "/"+address, url.Values{"fields": {fields}}, &who); err != nil {
		return channel.Profile{}, meta.Judge(err, false)
	}
	name := cmp.Or(string(who.Name), lines(" ", who.First, who.Last), string(who.Username))
	return channel.Profile{Name: name, Language: strings.ReplaceAll(who.Locale, "_", "-"), Picture: who.Picture}, nil
}

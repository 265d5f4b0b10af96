package demo

import (
	"context"
	"slices"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger/messengersim"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
)

// post is what somebody comments on for all to see.
const post = "7001_9001"

func (p *Phone) messenger(c clock.Clock) *chatApp {
	a := &chatApp{kind: "messenger", lang: "en", people: []api.Addr{{Name: "Ben Hughes", Address: "70010001"}, {Name: "Olivia Grant", Address: "70010002"}}}
	return p.social(c, a, messengersim.Config{ID: "7001", Name: "Larkfield Coffee"}, "Do you still sell the Kenya as whole beans?")
}

func (p *Phone) instagram(c clock.Clock) *chatApp {
	a := &chatApp{kind: "instagram", lang: "ja", people: []api.Addr{{Name: "yui_kurashi", Address: "71010001"}, {Name: "kotaro.cooks", Address: "71010002"}}}
	return p.social(c, a, messengersim.Config{Instagram: true, ID: "7101", Name: "hanamizuki_dougu"}, "この藍染めのふきん、再入荷の予定はありますか？")
}

// social plays Messenger or Instagram, where somebody has already commented on a post.
func (p *Phone) social(c clock.Clock, a *chatApp, cfg messengersim.Config, comment string) *chatApp {
	const token, secret = "demonstration-token", "demonstration-secret"
	a.values = map[string]any{"name": cfg.Name, "id": cfg.ID, "login": "instagram",
		"accessToken": token, "appSecret": secret, "verifyToken": "demonstration", "comments": true}
	cfg.AppID, cfg.AccessToken, cfg.AppSecret, cfg.Hook, cfg.Client, cfg.Clock = "7900", token, secret, a.hook, p.client(), c
	sim := messengersim.New(cfg)
	a.service = sim
	a.begin = func(ctx context.Context) error {
		return sim.Comment(ctx, messengersim.Person{Address: a.people[1].Address, Name: a.people[1].Name}, post, comment)
	}
	a.say = func(ctx context.Context, from api.Addr, words string) error {
		who, lines := messengersim.Person{Address: from.Address, Name: from.Name}, sim.Screen(from.Address)
		if n := len(lines); n > 0 && slices.Contains(strings.Split(lines[n-1].Choices, "|"), words) {
			return sim.Choose(ctx, who, words)
		}
		return sim.Say(ctx, who, words)
	}
	a.screen = func(address string) (out []api.DemoLine) {
		for _, l := range sim.Screen(address) {
			out = append(out, demoLine(api.DemoLine{Ours: l.Ours, Text: l.Text, File: l.File, At: l.At}, l.Choices))
		}
		return out
	}
	return a
}

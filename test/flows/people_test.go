package flows

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/hook/hooksim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line/linesim"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram/telegramsim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
)

// room is a played vendor and how somebody in it acts; each act is one call of
// the inbox.
type room struct {
	inbox   string // id
	address func(name string) string
	acts    map[string]func(ctx context.Context, name, words string) error
	screen  func(name string) []object
}

// The secrets of the played vendors.
const (
	lineSecret = "0123456789abcdef0123456789abcdef"
	lineToken  = "line-channel-access-token"
	hookSecret = "whsec_S2ludHN1Z2kga2VlcHMgdGhlIGdvbGQgaW4u"
	botToken   = "123456:AAflow_token-of-a-bot"
	sendSecret = "whsec_VGhlIG90aGVyIHdheSBoYXMgaXRzIG93biBrZXk="
)

// line @kinmokusei: an inbox of LINE, and LINE.
func (w *world) openLine(l line) {
	r := &room{address: func(name string) string { return "U" + digits(name) }}
	sim := linesim.New(linesim.Config{Secret: lineSecret, Token: lineToken, BasicID: l.word(1), Name: l.word(1), Clock: w.clock, Limit: 200,
		Hook: w.hook(r), Client: w.outside()})
	who := func(name string) linesim.Person { return linesim.Person{Address: r.address(name), Name: name} }
	r.acts = map[string]func(context.Context, string, string) error{
		"says":   func(ctx context.Context, name, words string) error { return sim.Say(ctx, who(name), words) },
		"sticks": func(ctx context.Context, name, words string) error { return sim.Sticker(ctx, who(name), "1", words) },
		"shows": func(ctx context.Context, name, words string) error {
			return sim.Picture(ctx, who(name), "image/png", []byte(words))
		},
		"unsends": func(ctx context.Context, name, _ string) error { return sim.Unsend(ctx, who(name)) },
		"blocks":  func(ctx context.Context, name, _ string) error { return sim.Block(ctx, who(name)) },
		"follows": func(ctx context.Context, name, _ string) error { return sim.Follow(ctx, who(name)) },
	}
	r.screen = func(name string) (out []object) {
		for _, s := range sim.Screen(r.address(name)) {
			out = append(out, object{"ours": s.Ours, "text": s.Text, "file": s.File, "choices": s.Choices})
		}
		return out
	}
	w.room(r, l.word(1), inbox.Change{Kind: "line", Values: inbox.Values{
		"channelSecret": lineSecret, "channelAccessToken": lineToken, "basicId": l.word(1), "apiBase": w.vendor(sim)}})
}

// door application: an inbox of signed calls, and an application.
func (w *world) openDoor(l line) {
	r := &room{address: number}
	sim := hooksim.New(hooksim.Config{Secret: hookSecret, SendSecret: sendSecret, Clock: w.clock, Hook: w.hook(r), Client: w.outside()})
	who := func(name string) hooksim.Person { return hooksim.Person{Address: r.address(name), Name: name} }
	r.acts = map[string]func(context.Context, string, string) error{
		"says":   func(ctx context.Context, name, words string) error { return sim.Say(ctx, who(name), words) },
		"reads":  func(ctx context.Context, name, _ string) error { return sim.Read(ctx, who(name)) },
		"blocks": func(ctx context.Context, name, _ string) error { return sim.Block(ctx, who(name)) },
		"rings": func(ctx context.Context, name, _ string) error {
			return sim.Tell(ctx, map[string]any{"from": object{"address": r.address(name)}, "call": object{"id": "1776214800.42", "event": "missed"}})
		},
	}
	r.screen = func(name string) (out []object) {
		for _, s := range sim.Screen(r.address(name)) {
			out = append(out, object{"ours": s.Ours, "text": s.Text, "file": s.File})
		}
		return out
	}
	w.room(r, l.word(1), inbox.Change{Kind: "hook", Values: inbox.Values{"secret": hookSecret, "sendSecret": sendSecret, "url": w.vendor(sim)}})
}

// telegram kinmokusei_bot: an inbox of Telegram whose webhook registers itself,
// and Telegram.
func (w *world) openTelegram(l line) {
	r := &room{address: func(name string) string { return strconv.Itoa(1e6 + len(name)*1e3 + int(name[0])) }}
	sim := telegramsim.New(telegramsim.Config{Token: botToken, Username: l.word(1), Name: l.word(1), Clock: w.clock, Hook: w.hook(r), Client: w.outside()})
	who := func(name string) telegramsim.Person { return telegramsim.Person{Address: r.address(name), Name: name} }
	r.acts = map[string]func(context.Context, string, string) error{
		"says":   func(ctx context.Context, name, words string) error { return sim.Say(ctx, who(name), words) },
		"edits":  func(ctx context.Context, name, words string) error { return sim.Edit(ctx, who(name), words) },
		"sticks": func(ctx context.Context, name, words string) error { return sim.Sticker(ctx, who(name), words) },
		"shows": func(ctx context.Context, name, words string) error {
			return sim.Picture(ctx, who(name), words, []byte(words))
		},
		"presses": func(ctx context.Context, name, words string) error {
			return sim.Press(ctx, who(name), words, "choice:0")
		},
		"starts": func(ctx context.Context, name, _ string) error { return sim.Start(ctx, who(name)) },
		"blocks": func(ctx context.Context, name, _ string) error { return sim.Block(ctx, who(name)) },
	}
	r.screen = func(name string) (out []object) {
		for _, s := range sim.Screen(r.address(name)) {
			out = append(out, object{"ours": s.Ours, "text": s.Text, "file": s.File, "choices": s.Choices})
		}
		return out
	}
	w.room(r, l.word(1), inbox.Change{Kind: "telegram", Values: inbox.Values{"botToken": botToken, "mode": "webhook", "apiBase": w.vendor(sim)}})
	for deadline := time.Now().Add(time.Minute); !slices.Contains(sim.Calls(), "setWebhook"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.fail("nobody registered a webhook: %v", sim.Calls())
		}
	}
}

// digits is a number of 32 hexadecimal digits for a name.
func digits(name string) string {
	sum := md5.Sum([]byte(name))
	return hex.EncodeToString(sum[:])
}

// hook is where a room's inbox is called.
func (w *world) hook(r *room) func() string {
	front := httptest.NewServer(w.app.Handler())
	w.t.Cleanup(front.Close)
	return func() string { return front.URL + "/hook/" + r.inbox }
}

// outside is a client of the world's.
func (w *world) outside() *http.Client {
	c := &http.Client{Transport: &http.Transport{}}
	w.t.Cleanup(c.CloseIdleConnections)
	return c
}

// vendor serves a vendor's interface and returns its address.
func (w *world) vendor(h http.Handler) string {
	srv := httptest.NewServer(h)
	w.t.Cleanup(srv.Close)
	return srv.URL
}

func (w *world) room(r *room, name string, ch inbox.Change) {
	yes := true
	ch.BrandID, ch.Name, ch.Active = &w.brandID, &name, &yes
	i, err := w.in.Inboxes.Create(w.t.Context(), actor.OfSystem("flow"), ch)
	w.must(err)
	w.name(i.ID, name)
	r.inbox = i.ID
	w.rooms[name] = r
}

// person hana on=@kinmokusei
func (w *world) person(l line) {
	r := w.rooms[l.set("on", "")]
	if r == nil {
		w.fail("there is no such room")
	}
	w.people[l.word(1)] = r
}

// hana says "…", hana blocks, …
func (w *world) personDoes(l line) {
	act := w.people[l.word(0)].acts[l.word(1)]
	if act == nil {
		w.fail("nobody can do this there")
	}
	w.must(act(w.t.Context(), l.word(0), l.word(2)))
	w.sentIn++
}

// screen returns what somebody sees.
func (w *world) screen(name string) []object {
	r := w.people[name]
	if r == nil {
		w.fail("nobody is called %q", name)
	}
	return r.screen(name)
}

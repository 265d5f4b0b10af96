package flows

import (
	"context"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat/webchatsim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
)

// chatSite is whose pages show the chat.
const chatSite = "https://www.shop.example"

// chat site: an inbox of a web chat, and pages of a site.
func openChat(w *world, l line) {
	front := httptest.NewServer(w.app.Handler())
	w.t.Cleanup(front.Close)
	r := &room{address: func(name string) string { return name }}
	pages := map[string]*webchatsim.Visitor{}
	page := func(ctx context.Context, name string) *webchatsim.Visitor {
		if pages[name] == nil {
			pages[name] = webchatsim.New(webchatsim.Config{Desk: front.URL, Inbox: r.inbox, Origin: chatSite, Lang: "ja", Client: w.outside()})
			w.must(pages[name].Begin(ctx, name))
		}
		return pages[name]
	}
	// What is no message is not in the ledger, where all that came in is counted.
	aside := func(do func(v *webchatsim.Visitor, ctx context.Context, words string) error) func(context.Context, string, string) error {
		return func(ctx context.Context, name, words string) error {
			w.sentIn--
			return do(page(ctx, name), ctx, words)
		}
	}
	r.acts = map[string]func(context.Context, string, string) error{
		"says":   func(ctx context.Context, name, words string) error { return page(ctx, name).Say(ctx, words) },
		"reads":  aside(func(v *webchatsim.Visitor, ctx context.Context, _ string) error { return v.Read(ctx) }),
		"leaves": aside(func(v *webchatsim.Visitor, ctx context.Context, words string) error { return v.Leave(ctx, words) }),
		"rates": aside(func(v *webchatsim.Visitor, ctx context.Context, words string) error {
			score, comment, _ := strings.Cut(words, " ")
			n, err := strconv.Atoi(score)
			w.must(err)
			return v.Rate(ctx, n, comment)
		}),
		"shows": func(ctx context.Context, name, words string) error {
			v := page(ctx, name)
			file, err := v.Upload(ctx, words+".txt", []byte(words))
			w.must(err)
			return v.Say(ctx, "", file)
		},
	}
	r.screen = func(name string) (out []object) {
		s, err := page(w.t.Context(), name).Screen(w.t.Context())
		w.must(err)
		for _, one := range s.Lines {
			file := ""
			if len(one.Files) > 0 {
				file = one.Files[0].Name
			}
			out = append(out, object{"ours": one.Ours, "text": one.Text, "seen": one.Seen, "file": file})
		}
		return out
	}
	w.room(r, l.word(1), inbox.Change{Kind: "webchat", Values: inbox.Values{"origins": []any{chatSite}}})
}

package demo

import (
	"context"
	"fmt"
	"net/url"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// greetings are what a company's chat says first.
var greetings = map[string]string{
	"ja": "はなみずきのチャット窓口です。商品のこと、ご注文のこと、お気軽にお尋ねください。",
	"en": "Hello from Larkfield Coffee. Ask us anything about your beans or your box.",
}

// promptAfter is how long a visitor looks around before the page speaks, in seconds.
const promptAfter = 20

// receptionOf is what stands beside a company's chat.
func receptionOf(lang string) reception.Content {
	words := func(s string) phrase.Words {
		if lang == "ja" {
			return phrase.Words{Ja: s}
		}
		return phrase.Words{En: s}
	}
	prompt, answers := "Wondering which beans suit your brewer? Just ask.", [][2]string{
		{"When does my box leave?", "Boxes leave on the first Tuesday of the month. You get a mail with the tracking number on that day."},
		{"Can I skip a month?", "Yes: until the Friday before it leaves, with the link in the mail that announces the box."},
	}
	if lang == "ja" {
		prompt, answers = "お探しのものはございますか。サイズやお手入れのことも、こちらでお答えします。", [][2]string{
			{"送料はいくらですか", "全国一律 660円（税込）です。8,800円（税込）以上のお買い上げで無料になります。"},
			{"鉄フライパンの手入れ方法", "洗剤を使わずにお湯とたわしで洗い、火にかけて水気を飛ばしてから、薄く油をひいて保管してください。"},
			{"返品はできますか", "未使用の商品に限り、到着から8日以内に承ります。ご注文番号を添えてお知らせください。"},
		}
	}
	d := reception.Content{
		Form:    reception.Form{When: reception.Closed, Fields: []reception.Field{{Name: "name", Type: reception.Name}, {Name: "email", Type: reception.Email}}},
		Prompts: []reception.Prompt{{ID: "look", Active: true, Text: words(prompt), After: promptAfter, Days: 1}},
	}
	for i, a := range answers {
		d.Answers = append(d.Answers, reception.Answer{ID: fmt.Sprintf("a%d", i+1), Title: words(a[0]), Body: words(a[1])})
	}
	return d
}

// sites are the addresses at which the demonstration's pages are opened: as it
// prints its own, and by the other name of this machine.
func sites(origin string) []any {
	out := []any{origin}
	if u, err := url.Parse(origin); err == nil && u.Port() != "" {
		switch u.Hostname() {
		case "127.0.0.1":
			out = append(out, u.Scheme+"://localhost:"+u.Port())
		case "localhost":
			out = append(out, u.Scheme+"://127.0.0.1:"+u.Port())
		}
	}
	return out
}

// openShop gives a company's web page its chat.
func (p *Phone) openShop(ctx context.Context, in app.Inside, s *stage) error {
	by := actor.OfSystem("demo")
	name := in.Words.Text(s.Lang, "channel.webchat", nil)
	greeting := map[string]string{"ja": "greetingJa", "en": "greetingEn"}[s.Lang]
	box, err := in.Inboxes.Create(ctx, by, inbox.Change{Kind: webchat.Name, BrandID: &s.brandID, Name: &name,
		Values: inbox.Values{"origins": sites(p.origin), greeting: greetings[s.Lang]}})
	if err != nil {
		return fmt.Errorf("the chat of %s: %w", s.Name, err)
	}
	if _, err := in.Receptions.Set(ctx, by, reception.Reception{InboxID: box.ID, Content: receptionOf(s.Lang)}); err != nil {
		return err
	}
	if _, err := in.Program.SetPolicy(ctx, by, survey.Policy{InboxID: box.ID, Enabled: true, Sampling: 100, AsksRepeat: true}); err != nil {
		return err
	}
	p.shops = append(p.shops, api.DemoShop{Name: s.Name, Locale: s.Lang, BrandID: s.brandID, InboxID: box.ID, Items: s.Items[:min(len(s.Items), shelf)]})
	return nil
}

// shelf is how many things a company's page shows.
const shelf = 6

// Shops implements api.Phone.
func (p *Phone) Shops() []api.DemoShop { return append([]api.DemoShop{}, p.shops...) }

package demo

import (
	"context"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
)

// waysOf are the contact points of a company. The numbers are of no one: they are
// kept free for examples, or have a digit less than any number that is given out.
func waysOf(s *stage) []contact.Content {
	mail := contact.Content{Kind: contact.Mail, Value: s.Address, Languages: []string{s.Lang}, Access: []contact.Access{contact.Writing}}
	if s.Lang == "en" {
		return []contact.Content{
			{Kind: contact.Phone, Value: "+44 20 7946 0018", Label: phrase.Words{En: "Orders and deliveries"}, Languages: []string{"en"}, PrintedOn: "Boxes, invoices"},
			mail,
		}
	}
	saturday := worktime.Weekdays(s.Zone, "10:00", "17:00")
	saturday.Week.Sat = saturday.Week.Mon
	return []contact.Content{
		{Kind: contact.Phone, Value: "0120-000-000", Label: phrase.Words{Ja: "ご注文・お届け", En: "Orders and deliveries"}, Hours: &saturday, Languages: []string{"ja", "en"},
			Access: []contact.Access{contact.Relay}, Note: phrase.Words{Ja: "おかけ間違いのないようご注意ください。"}, PrintedOn: "化粧箱、納品書、会員証"},
		mail,
		{Kind: contact.Shop, Value: "本店（京都市東山区）", Label: phrase.Words{Ja: "金継ぎのご相談"}, Languages: []string{"ja"}, Access: []contact.Access{contact.Wheelchair, contact.Plain}},
	}
}

// list puts a company's contact points into the registry.
func (s *stage) list(ctx context.Context, in app.Inside) error {
	for i, c := range waysOf(s) {
		ch := contact.Change{BrandID: &s.brandID, Content: &c, Position: &i}
		if c.Kind == contact.Mail {
			ch.InboxID = &s.inboxID
		}
		if _, err := in.Contacts.Create(ctx, actor.OfSystem("demo"), ch); err != nil {
			return err
		}
	}
	return nil
}

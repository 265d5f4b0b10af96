package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// chats are what customers said on their telephones today: by service and person, what they
// write and, where somebody answered already, the answer.
var chats = map[string][]struct {
	person int
	words  []string
	answer string
}{
	"line": {
		{0, []string{"こんにちは。先週買った土鍋なのですが、IHでも使えますか？"}, "お問い合わせありがとうございます。こちらの土鍋はIHにはお使いいただけず、直火専用となっております。IH対応の商品もございますので、よろしければご案内いたします。"},
		{1, []string{"注文した急須がまだ届きません", "追跡番号を見ても昨日から動いていないみたいです"}, ""},
	},
	"instagram": {
		{0, []string{"はじめまして。白磁の飯碗は電子レンジで使えますか？"}, ""},
	},
	"telegram": {
		{0, []string{"Hi! Can I switch my next box to decaf?"}, "Hi Priya, of course: your next box will be decaf. Would you like to keep it that way from then on?"},
		{1, []string{"My box arrived torn open today", "Two of the four bags are missing"}, ""},
	},
}

// connect makes the inboxes of the played services and lets people write.
func (p *Phone) connect(ctx context.Context, in app.Inside, desk http.Handler, stages []*stage) error {
	p.desk = desk
	by := actor.OfSystem("demo")
	for _, a := range p.apps {
		for _, s := range stages {
			if s.Lang != a.lang {
				continue
			}
			kind, _ := in.Inboxes.Kind(a.kind)
			values := inbox.Values{}
			for _, f := range kind.Fields {
				if v, ok := a.values[f.Name]; ok {
					values[f.Name] = v
				}
			}
			name := in.Words.Text(a.lang, "channel."+a.kind, nil)
			box, err := in.Inboxes.Create(ctx, by, inbox.Change{Kind: a.kind, BrandID: &s.brandID, Name: &name, Values: values})
			if err != nil {
				return fmt.Errorf("an inbox for %s: %w", a.kind, err)
			}
			a.inboxID = box.ID
			if err := a.announce(ctx, in, box.ID); err != nil {
				return err
			}
			if err := p.talk(ctx, in, a, s); err != nil {
				return err
			}
		}
	}
	for _, s := range stages {
		if err := p.openShop(ctx, in, s); err != nil {
			return err
		}
	}
	return nil
}

// announce lets the channel tell its service where to call, as a test of the
// connection does for an operator.
func (a *chatApp) announce(ctx context.Context, in app.Inside, inboxID string) (err error) {
	var kind string
	var settings, secrets []byte
	err = in.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		kind, settings, secrets, err = in.Inboxes.Try(ctx, tx, inbox.Trial{InboxID: inboxID})
		return err
	})
	if err != nil {
		return err
	}
	k, _ := in.Inboxes.Kind(kind)
	ch, err := k.Open(settings, secrets, channel.Host{Hook: a.hook(), Clock: in.DB.Clock()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ch.Close()) }()
	checker, ok := ch.(channel.Checker)
	if !ok {
		return nil
	}
	for _, step := range checker.Check(ctx) {
		// The test of the address cannot pass before the desk listens, or where it
		// is called in this program and known by its public URL.
		if !step.OK && step.Name != "webhook" && step.Name != "status" {
			return fmt.Errorf("%s: %s", step.Name, step.Text)
		}
	}
	return nil
}

func (p *Phone) talk(ctx context.Context, in app.Inside, a *chatApp, s *stage) error {
	if a.begin != nil {
		if err := a.begin(ctx); err != nil {
			return fmt.Errorf("on %s: %w", a.kind, err)
		}
	}
	for _, c := range chats[a.kind] {
		for _, words := range c.words {
			if err := a.say(ctx, a.people[c.person], words); err != nil {
				return fmt.Errorf("%s on %s: %w", a.people[c.person].Name, a.kind, err)
			}
		}
		if c.answer == "" {
			continue
		}
		id, err := latestIn(ctx, in, a.inboxID)
		if err != nil {
			return err
		}
		if _, err := in.Threads.Post(ctx, s.agent(), conversation.Reply{ConversationID: id, Text: c.answer, Hold: -time.Second}); err != nil {
			return err
		}
	}
	_, err := in.Queue.Drain(ctx)
	return err
}

// agent is who answers.
func (s *stage) agent() actor.Actor { return actor.ForAgent(s.staff[len(s.staff)-1].ID) }

func latestIn(ctx context.Context, in app.Inside, inboxID string) (id conversation.ID, err error) {
	err = in.DB.Read(ctx, func(tx *sqldb.Tx) error {
		page, err := in.Threads.List(ctx, tx, conversation.Filter{InboxID: inboxID, Limit: 1})
		if err == nil && len(page.Items) > 0 {
			id = page.Items[0].ID
		}
		return err
	})
	return id, err
}

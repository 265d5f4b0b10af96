package demo

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// TestATelephoneReachesTheDesk lets a made-up customer write on each played
// service and read the answer there.
func TestATelephoneReachesTheDesk(t *testing.T) {
	ctx := t.Context()
	c := NewClock(clock.System{}.Now())
	office, phone := NewOffice(c), NewPhone(c, "http://127.0.0.1:8080")
	a, err := app.New(ctx, app.Config{DataDir: t.TempDir(), PublicURL: "http://127.0.0.1:8080", Clock: c, Relaxed: true, PostOffice: office, Phone: phone,
		Kinds: phone.Kinds(office.Kind()), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	in := a.Inside()
	var stages []*stage
	for _, company := range companies() {
		s, err := build(ctx, in, company, c.Now())
		if err != nil {
			t.Fatal(err)
		}
		stages = append(stages, s)
	}
	if err := phone.connect(ctx, in, a.Handler(), stages); err != nil {
		t.Fatal(err)
	}
	for _, shop := range phone.Shops() {
		if got := greetedFrom(t, a, "http://localhost:8080", shop); got != greetings[shop.Locale] || len(shop.Items) != shelf {
			t.Errorf("the chat of %s says %q, on a page with %q", shop.Name, got, shop.Items)
		}
	}
	for _, ch := range phone.Channels() {
		t.Run(ch.Kind, func(t *testing.T) {
			from := ch.People[len(ch.People)-1]
			if err := phone.Say(ctx, ch.Kind, from, "Is anybody there?"); err != nil {
				t.Fatal(err)
			}
			if ch.Kind == "voice" { // people are called back; here the machine was heard
				lines, err := phone.Screen(ch.Kind, from.Address)
				if id, e := latestIn(ctx, in, ch.InboxID); e != nil || id == "" || err != nil || len(lines) != 2 || !lines[1].Ours || lines[1].Text == "" {
					t.Errorf("conversation %q, screen %+v, %v, %v", id, lines, err, e)
				}
				return
			}
			id := said(ctx, t, in, ch)
			if _, err := in.Threads.Post(ctx, stageOf(stages, ch.Locale).agent(), conversation.Reply{ConversationID: id, Text: "We are.", Hold: -time.Second}); err != nil {
				t.Fatal(err)
			}
			if _, err := in.Queue.Drain(ctx); err != nil {
				t.Fatal(err)
			}
			lines, err := phone.Screen(ch.Kind, from.Address)
			if err != nil || len(lines) < 2 || lines[len(lines)-1].Text != "We are." || !lines[len(lines)-1].Ours {
				t.Errorf("screen %+v, %v", lines, err)
			}
		})
	}
	if err := phone.Say(ctx, "line", api.Addr{Address: "nobody"}, "x"); err == nil {
		t.Error("nobody wrote")
	}
}

func stageOf(stages []*stage, lang string) *stage {
	for _, s := range stages {
		if s.Lang == lang {
			return s
		}
	}
	return nil
}

func said(ctx context.Context, t *testing.T, in app.Inside, ch api.DemoChannel) (id conversation.ID) {
	t.Helper()
	err := in.DB.Read(ctx, func(tx *sqldb.Tx) error {
		page, err := in.Threads.List(ctx, tx, conversation.Filter{InboxID: ch.InboxID})
		for _, c := range page.Items {
			if c.Preview == "Is anybody there?" {
				id = c.ID
			}
		}
		if id == "" {
			t.Errorf("conversations %+v", page.Items)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// greetedFrom returns what the chat of a shop says first on a page of an origin.
func greetedFrom(t *testing.T, a *app.App, origin string, shop api.DemoShop) string {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/chat/"+shop.InboxID+"/about?lang="+shop.Locale, nil)
	r.Header.Set("Origin", origin)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	var said struct {
		Greeting string
		Answers  int
		Prompts  []struct{}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code != http.StatusOK || said.Answers < 2 || len(said.Prompts) != 1 {
		t.Errorf("%d %s, %v", w.Code, w.Body, err)
	}
	return said.Greeting
}

package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

type tried []channel.Step

func (c tried) Check(context.Context) []channel.Step { return c }

// TestAConnectionThatBrokeShows notes the first thing that is wrong in each
// direction, and nothing of what works.
func TestAConnectionThatBrokeShows(t *testing.T) {
	a, err := New(t.Context(), Config{DataDir: t.TempDir(), PublicURL: "http://127.0.0.1:1", Relaxed: true, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	name, by := "LINE", actor.OfSystem("test")
	b, err := a.brands.Create(t.Context(), by, brand.Change{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	box, err := a.inboxes.Create(t.Context(), by, inbox.Change{Kind: "line", BrandID: &b.ID, Name: &name, Values: inbox.Values{"channelSecret": "s", "channelAccessToken": "t"}})
	if err != nil {
		t.Fatal(err)
	}
	health := func(steps tried) (h inbox.Health) {
		t.Helper()
		if err := a.exchange.tryOut(t.Context(), box.ID, steps); err != nil {
			t.Fatal(err)
		}
		err := a.db.Read(t.Context(), func(tx *sqldb.Tx) error {
			i, err := a.inboxes.ByID(t.Context(), tx, box.ID)
			h = i.Health
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	ends := time.Now().Add(20 * 24 * time.Hour).Truncate(time.Second)
	expires := func() (at time.Time) {
		t.Helper()
		if err := a.db.Read(t.Context(), func(tx *sqldb.Tx) error {
			i, err := a.inboxes.ByID(t.Context(), tx, box.ID)
			at = i.ExpiresAt
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return at
	}
	if health(tried{{Part: "send", OK: true, Expires: ends.Add(3 * time.Hour)}, {Part: "send", OK: true, Expires: ends}}); !expires().Equal(ends) {
		t.Errorf("the first of two ends at %v", expires())
	}
	if health(tried{{Part: "other", Text: "no answer"}}); !expires().Equal(ends) {
		t.Error("what is known was forgotten when nobody answered")
	}
	if health(tried{{Part: "send", OK: true}}); !expires().IsZero() {
		t.Error("a token without end has one")
	}
	// Instagram's own sign-in: nobody tells that the token ends 60 days after it was
	// entered, and a check that finds no end does not take it back.
	line := box
	if box, err = a.inboxes.Create(t.Context(), by, inbox.Change{Kind: "instagram", BrandID: &b.ID, Name: &name,
		Values: inbox.Values{"name": "shop", "id": "17841", "login": "instagram", "accessToken": "IGA", "appSecret": "s", "verifyToken": "v"}}); err != nil {
		t.Fatal(err)
	}
	entered := expires()
	if left := time.Until(entered); left < 59*24*time.Hour || left > 60*24*time.Hour {
		t.Errorf("the token is believed to hold for %v", left)
	}
	health(tried{{Part: "send", OK: true}})
	if box, err = a.inboxes.Change(t.Context(), by, box.ID, inbox.Change{Values: inbox.Values{"appSecret": "another"}}); err != nil || !expires().Equal(entered) {
		t.Errorf("another secret changed the token's end to %v: %v", expires(), err)
	}
	if box, err = a.inboxes.Change(t.Context(), by, box.ID, inbox.Change{Values: inbox.Values{"accessToken": "IGB"}}); err != nil || !expires().After(entered) {
		t.Errorf("a new token ends at %v: %v", expires(), err)
	}
	box = line
	if h := health(tried{{Part: "send", Name: "token", OK: true, Text: "fine"}}); h.State() != inbox.Idle {
		t.Errorf("what works was noted: %+v", h)
	}
	h := health(tried{{Part: "send", Name: "token", Text: "401 revoked"}, {Part: "send", Name: "later", Text: "nothing"}, {Part: "receive", Name: "webhook", Text: "error.inbox.notFound"}})
	if h.Send.Error != "401 revoked" || h.Receive.Error != "There is no such inbox." {
		t.Errorf("send %q, receive %q", h.Send.Error, h.Receive.Error)
	}
}

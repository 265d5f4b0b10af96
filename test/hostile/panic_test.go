package hostile

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/builtin"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// mined is the built-in channel with mines in it: a mail that says MINE panics
// while it is parsed, one with MINE in the subject while it is sent, and the
// first listening panics.
func mined(listened *atomic.Int64) []channel.Kind {
	kinds := builtin.Kinds()
	for i, k := range kinds {
		kinds[i].Parse = func(raw []byte) (*channel.Message, error) {
			if bytes.Contains(raw, []byte("MINE-IN-PARSING")) {
				panic("mine in parsing")
			}
			return k.Parse(raw)
		}
		kinds[i].Open = func(settings, secrets []byte, host channel.Host) (channel.Channel, error) {
			c, err := k.Open(settings, secrets, host)
			return &minedChannel{c, listened}, err
		}
	}
	return kinds
}

type minedChannel struct {
	channel.Channel
	listened *atomic.Int64
}

func (m *minedChannel) Send(ctx context.Context, out *channel.Outgoing) error {
	if strings.Contains(out.Subject, "MINE-IN-SENDING") {
		panic("mine in sending")
	}
	return m.Channel.Send(ctx, out)
}

func (m *minedChannel) Listen(ctx context.Context, _ func(context.Context, channel.Raw) error) error {
	if m.listened.Add(1) <= 2 { // once for each inbox
		panic("mine in listening")
	}
	<-ctx.Done()
	return nil
}

// minedOffice is a post office that panics when it is asked.
type minedOffice struct{ api.PostOffice }

func (minedOffice) About() api.DemoAbout { panic("mine in a request") }

// TestPanicsCostThemselves sets a mine at every border and sees that it is
// logged once and costs one request, one duty, one mail, one round.
func TestPanicsCostThemselves(t *testing.T) {
	var listened atomic.Int64
	d := open(t, "", func(c *app.Config) { c.Kinds, c.PostOffice = mined(&listened), minedOffice{} })
	logged := func(mine string, want int) {
		t.Helper()
		n := 0
		for _, line := range strings.Split(d.log.String(), "\n") {
			if strings.Contains(line, "mine "+mine) && strings.Contains(line, "level=ERROR") {
				n++
				if !strings.Contains(line, "panic_test.go") {
					t.Errorf("the log does not say where: %.300s", line)
				}
			}
		}
		if n != want {
			t.Errorf("mine %s: logged %d times, want %d", mine, n, want)
		}
	}

	if r := d.nobody().call("GET", "/demo", nil); r.status != http.StatusInternalServerError || strings.Contains(r.body, "mine") {
		t.Errorf("a request: %d %s", r.status, r.body)
	}
	logged("in a request", 1)

	d.mail(d.letter("ana@customer.example", "a mine", "X-Mine: MINE-IN-PARSING"))
	if e := d.ledger(); e["state"] != "quarantined" || !strings.Contains(fmt.Sprint(e), "panic") {
		t.Errorf("a mail: %v", e)
	}
	logged("in parsing", 1)
	if r := d.root.call("POST", fmt.Sprintf("/ledger/%v/retry", d.ledger()["id"]), object{}); r.status >= 500 {
		t.Errorf("trying it again: %d %s", r.status, r.body)
	}
	d.mail(d.letter("ana@customer.example", "MINE-IN-SENDING"))
	d.rest()
	e := d.ledger()
	if e["state"] != "linked" {
		t.Fatalf("the next mail: %v", e)
	}
	d.root.ok("POST", fmt.Sprintf("/conversations/%v/messages", e["conversationId"]), object{"kind": "reply", "text": "x"})
	d.wait(time.Minute)
	if n := strings.Count(d.log.String(), "mine in sending"); n == 0 {
		t.Error("sending: nothing was logged")
	}
	fine := d.conversation("bob@customer.example")
	d.root.ok("POST", "/conversations/"+fine+"/messages", object{"kind": "reply", "text": "fine"})
	d.wait(time.Minute)
	if n := len(d.office.Sent()); n != 1 {
		t.Errorf("%d mails left, want the one without a mine", n)
	}

	for deadline := time.Now().Add(30 * time.Second); listened.Load() < 4 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if listened.Load() < 4 {
		t.Errorf("the inboxes listened %d times", listened.Load())
	}
	logged("in listening", 2)
	if r := d.root.call("GET", "/me", nil); r.status != http.StatusOK {
		t.Errorf("afterwards: %d", r.status)
	}
}

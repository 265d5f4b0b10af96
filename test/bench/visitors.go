package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat/webchatsim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
)

const (
	visitors     = 5000
	talking      = 100 // of them have written, and are answered in turn
	answersEvery = 100 * time.Millisecond
	answers      = 200
	chatName     = "bench chat"
	arriving     = 8 // at once
)

// guest is a visitor who hears when there is something to read.
type guest struct {
	*webchatsim.Visitor
	conn *webchatsim.Connection
	news chan time.Time
	conv string
}

func runVisitors(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	inboxID, err := d.chatInbox(ctx)
	if err != nil {
		return nil, err
	}
	guests := make([]*guest, visitors)
	for i := range guests {
		guests[i] = &guest{Visitor: webchatsim.New(webchatsim.Config{Desk: "http://" + d.web, Inbox: inboxID, Dial: from(i)}), news: make(chan time.Time, 1)}
	}
	if err := all(guests, func(g *guest) error { return g.Begin(ctx, "") }); err != nil {
		return nil, err
	}
	said, err := d.talk(ctx, inboxID, guests[:talking])
	if err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	before, err := resident(d.process.Process.Pid)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, g := range guests {
			if g.conn != nil {
				_ = g.conn.Close() // it may be closed already
			}
		}
		time.Sleep(time.Second) // the server notices
	}()
	if err := greet(ctx, guests); err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	after, err := resident(d.process.Process.Pid)
	if err != nil {
		return nil, err
	}
	used := busy(d.process.Process.Pid)
	took, err := d.answerAll(guests[:talking])
	if err != nil {
		return nil, err
	}
	used = busy(d.process.Process.Pid) - used
	return []figure{{name: "p50", value: quantile(took, 0.5), unit: "ms"}, {name: "p95", value: quantile(took, 0.95), unit: "ms", limit: 500},
		{name: "first words", value: quantile(said, 0.5), unit: "ms"}, {value: float64(after-before) / visitors, unit: "KB a connection", limit: 20},
		{name: "processor", value: used / answers, unit: "ms an answer"}}, nil
}

// from dials from an address of loopback that is the visitor's own: limits count
// by address.
func from(i int) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 2, byte(i>>8), byte(i))}}
	return dialer.DialContext
}

// all lets each guest do something, a few at once.
func all(guests []*guest, do func(*guest) error) error {
	var g errgroup.Group
	g.SetLimit(arriving)
	for _, one := range guests {
		g.Go(func() error { return do(one) })
	}
	return g.Wait()
}

// chatInbox is the chat that visitors come to.
func (d *desk) chatInbox(ctx context.Context) (string, error) {
	var list struct {
		Items []struct{ ID, Name, BrandID string }
	}
	if err := d.call(ctx, http.MethodGet, "/inboxes", nil, &list); err != nil {
		return "", err
	}
	for _, x := range list.Items {
		if x.Name == chatName {
			return x.ID, nil
		}
	}
	var made struct{ ID string }
	err := d.call(ctx, http.MethodPost, "/inboxes", map[string]any{"brandId": list.Items[0].BrandID, "name": chatName, "kind": "webchat",
		"settings": map[string]any{"origins": []string{"https://www.shop.example"}}}, &made)
	return made.ID, err
}

// talk lets visitors write their first words, finds their conversations, and
// returns how long the words took.
func (d *desk) talk(ctx context.Context, inboxID string, some []*guest) (took []float64, err error) {
	seen := map[string]bool{}
	for i, g := range some {
		started := time.Now()
		if err := g.Say(ctx, fmt.Sprintf("Is bowl %d in stock?", i)); err != nil {
			return nil, err
		}
		took = append(took, milliseconds(started))
	}
	var page struct {
		Items []struct{ ID string }
	}
	if err := d.call(ctx, http.MethodGet, fmt.Sprintf("/conversations?sort=newest&status=any&inboxId=%s&limit=%d", inboxID, talking), nil, &page); err != nil {
		return nil, err
	}
	for i, c := range page.Items {
		if seen[c.ID] || i >= len(some) {
			return nil, errors.New("a conversation is listed twice")
		}
		seen[c.ID] = true
		some[len(some)-1-i].conv = c.ID // the newest first
	}
	return took, nil
}

// greet opens the guests' sockets and waits until all are known.
func greet(ctx context.Context, guests []*guest) error {
	var known atomic.Int64
	err := all(guests, func(g *guest) (err error) {
		g.conn, err = g.Connect(ctx, func(s webchatsim.Signal) {
			switch s.Type {
			case "hello":
				known.Add(1)
			case "news":
				select {
				case g.news <- time.Now():
				default:
				}
			}
		}, func() {})
		return err
	})
	for deadline := time.Now().Add(30 * time.Second); err == nil && known.Load() < visitors; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d were greeted", known.Load(), visitors)
		}
	}
	return err
}

// answerAll answers the guests in turn, as a room full of agents does, and returns
// how long after the end of the hold each heard of it.
func (d *desk) answerAll(some []*guest) ([]float64, error) {
	c, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer c.close()
	var mu sync.Mutex
	var took []float64
	var waiting errgroup.Group
	for i := range answers {
		g := some[i%len(some)]
		for len(g.news) > 0 {
			<-g.news // of what was before
		}
		body, err := json.Marshal(map[string]string{"kind": "reply", "text": "Yes, it is."})
		if err != nil {
			return nil, err
		}
		if _, err := c.ask(http.MethodPost, "/conversations/"+g.conv+"/messages", body); err != nil {
			return nil, err
		}
		due := time.Now().Add(conversation.DefaultHold)
		waiting.Go(func() error {
			for {
				select {
				case at := <-g.news:
					if at.Before(due.Add(-time.Second)) {
						continue // of something else
					}
					mu.Lock()
					defer mu.Unlock()
					took = append(took, max(0, float64(at.Sub(due).Microseconds())/1000))
					return nil
				case <-time.After(conversation.DefaultHold + 30*time.Second):
					return errors.New("an answer was not heard of")
				}
			}
		})
		time.Sleep(answersEvery)
	}
	return took, waiting.Wait()
}

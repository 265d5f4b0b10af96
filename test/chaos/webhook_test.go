package chaos

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
)

const (
	lineSecret = "chaos-secret"
	people     = 40 // who write
	perCall    = 5  // messages in a call
)

// webhooks lets calls of LINE come in, many at a time and several messages each,
// while the product is killed. The other side calls again until it is told 200,
// as LINE does, and now and then although it was.
func webhooks(t *testing.T, h *harness) {
	each(t, func(t *testing.T, database string) {
		v := newVictim(t, h, database)
		var line string
		v.furnish(mailbox{}, func(a *app.App) { line = v.lineInbox(a) })
		v.run()
		v.ready(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		harm, calm := context.WithCancel(ctx)
		var callers, trouble errgroup.Group
		trouble.Go(func() error { v.harass(harm, h.kills); return nil })
		calls := h.mails / perCall
		for who := range 8 {
			callers.Go(func() error {
				for n := who; n < calls; n += 8 {
					if err := v.tellLine(ctx, line, n); err != nil {
						return err
					}
				}
				return nil
			})
		}
		must(t, callers.Wait())
		until(ctx, 100*time.Millisecond, func() bool { return v.killed() >= h.kills })
		calm()
		must(t, trouble.Wait())
		v.ready(time.Minute)
		db := v.open()
		r := row{fault: "calls of a channel, killed", done: calls * perCall, note: fmt.Sprintf("%d kills, %d people in as many conversations", v.killed(), people)}
		r.harm.stuck = v.rest(db, h.clear)
		kept := number(t, db, `SELECT COUNT(DISTINCT external_id) FROM message WHERE kind = 'incoming'`)
		all := number(t, db, `SELECT COUNT(*) FROM message WHERE kind = 'incoming'`)
		r.harm.lost, r.harm.doubled = r.done-kept, all-kept
		if n := number(t, db, `SELECT COUNT(*) FROM conversation`); n != min(people, r.done) {
			t.Errorf("%d conversations with %d people", n, people)
		}
		if v.killed() < h.kills {
			t.Errorf("only %d kills", v.killed())
		}
		h.board.add(t, r)
	})
}

// lineInbox makes an inbox for LINE and returns its id.
func (v *victim) lineInbox(a *app.App) string {
	name := "LINE"
	made, err := a.Inside().Inboxes.Create(v.t.Context(), actor.OfSystem("chaos"), inbox.Change{Kind: "line", BrandID: &v.brand, Name: &name,
		Values: inbox.Values{"channelSecret": lineSecret, "channelAccessToken": "chaos-token"}})
	must(v.t, err)
	return made.ID
}

// tellLine calls until the call is taken, and every tenth once more.
func (v *victim) tellLine(ctx context.Context, inboxID string, n int) error {
	var events []map[string]any
	for i := range perCall {
		id := n*perCall + i
		events = append(events, map[string]any{
			"type": "message", "mode": "active", "timestamp": time.Now().UnixMilli(), "webhookEventId": fmt.Sprintf("01CHAOS%020d", id),
			"deliveryContext": map[string]any{"isRedelivery": false}, "replyToken": fmt.Sprintf("%032x", id+1),
			"source":  map[string]any{"type": "user", "userId": fmt.Sprintf("U%032x", id%people)},
			"message": map[string]any{"id": fmt.Sprint(500000000000 + id), "type": "text", "text": fmt.Sprint("matter ", id), "quoteToken": "q"},
		})
	}
	body, err := json.Marshal(map[string]any{"destination": "U" + fmt.Sprintf("%032x", 7), "events": events})
	if err != nil {
		return err
	}
	taken := 0
	for want := 1 + n%10/9; taken < want; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if v.callLine(ctx, inboxID, body) {
			taken++
			continue
		}
		pause(ctx, time.Duration(20+rand.IntN(100))*time.Millisecond)
	}
	return nil
}

func (v *victim) callLine(ctx context.Context, inboxID string, body []byte) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+v.web+"/hook/"+inboxID, bytes.NewReader(body))
	if err != nil {
		v.t.Error(err)
		return true
	}
	mac := hmac.New(sha256.New, []byte(lineSecret))
	mac.Write(body)
	req.Header.Set("X-Line-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res, err := v.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }() // only its status counts
	if res.StatusCode == http.StatusUnauthorized {
		v.t.Errorf("not believed: %s", body)
		return true
	}
	return res.StatusCode == http.StatusOK
}

package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// outbound lets replies go out through a server that puts off, refuses, hangs
// and hangs up at every step, while the product is killed at every step.
func outbound(t *testing.T, h *harness) {
	each(t, func(t *testing.T, database string) {
		v := newVictim(t, h, database)
		peer := newPeer(t)
		peer.strike = v.kill
		var threads []string
		v.furnish(mailbox{smtp: peer.addr()}, func(a *app.App) { threads = v.fillInside(a, h.replies) })
		v.run()
		v.ready(time.Minute)

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		peer.misbehave(true)
		replies := v.answerAll(ctx, threads)
		db := v.open()
		left := func() int {
			return number(t, db, `SELECT COUNT(*) FROM delivery WHERE state IN ('held', 'queued', 'sending')`)
		}
		// Until everything was tried, and enough was done to it. Letters that were put
		// off would wait for minutes: a change of the inbox lets them try at once.
		harm, calm := context.WithTimeout(ctx, 4*h.outage)
		var killer errgroup.Group
		killer.Go(func() error { v.harass(harm, h.kills); return nil })
		killer.Go(func() error {
			until(harm, 2*time.Second, func() bool { v.touchInbox(harm); return false })
			return nil
		})
		until(harm, 100*time.Millisecond, func() bool { return v.killed() >= h.kills && left() <= max(2, h.replies/20) })
		calm()
		must(t, killer.Wait())
		peer.misbehave(false)
		v.ready(time.Minute)
		until(ctx, time.Second, func() bool { v.touchInbox(ctx); return left() == 0 }) // letters that wait try at once
		r := row{fault: "replies out, peer fails and kills at every step", done: len(threads)}
		r.harm.stuck = v.rest(db, h.clear)
		states := judgeLetters(t, db, peer, &r.harm)
		judgeReplies(t, db, replies, &r.harm)
		r.note = fmt.Sprintf("%d kills (%d by the peer); letters: %v; peer: %s", v.killed(), peer.strikes, states, peer.did())
		h.board.add(t, r)
	})
}

// fillInside puts conversations in by the door and returns their ids.
func (v *victim) fillInside(a *app.App, n int) []string {
	in, ctx := a.Inside(), v.t.Context()
	var ids []string
	for i := range n {
		e, err := in.Door.Accept(ctx, v.inbox, channel.Raw{Source: "smtp", Bytes: mailTo(fmt.Sprintf("c%d", i), fmt.Sprintf("q%d", i)).Bytes()})
		must(v.t, err)
		ids = append(ids, string(e.ConversationID))
	}
	return ids
}

// answerAll replies once in every conversation and returns what the API said in
// the end: 201, or 409 where a kill left it unknown.
func (v *victim) answerAll(ctx context.Context, threads []string) map[string]int {
	var mu sync.Mutex
	said := map[string]int{}
	var g errgroup.Group
	g.SetLimit(4)
	for _, id := range threads {
		g.Go(func() error {
			until(ctx, 50*time.Millisecond, func() bool {
				a, err := v.call(ctx, http.MethodPost, "/conversations/"+id+"/messages", id, map[string]string{"kind": "reply", "text": "It comes tomorrow."})
				if err != nil || a.status != http.StatusCreated && a.status != http.StatusConflict {
					return false
				}
				mu.Lock()
				said[id] = a.status
				mu.Unlock()
				return true
			})
			return nil
		})
	}
	_ = g.Wait() // nobody returns an error
	return said
}

// touchInbox changes the inbox a little: whatever waits for it tries at once.
func (v *victim) touchInbox(ctx context.Context) {
	a, err := v.call(ctx, http.MethodPatch, "/inboxes/"+v.inbox, "", map[string]any{"name": fmt.Sprintf("support %d", time.Now().UnixNano())})
	if err == nil && a.status >= 300 && a.status != http.StatusServiceUnavailable {
		v.t.Fatalf("touching the inbox: %d %s", a.status, a.body)
	}
}

// judgeLetters: a letter that is called sent was accepted once; one of which
// nobody knows is called ambiguous; one that was refused is called failed;
// nothing was accepted twice.
func judgeLetters(t *testing.T, db *sqldb.DB, p *peer, harm *count) map[string]int {
	t.Helper()
	took := p.accepted()
	states := map[string]int{}
	must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error {
		return tx.Each(t.Context(), func(r *sql.Rows) error {
			var id, state, reason string
			if err := r.Scan(&id, &state, &reason); err != nil {
				return err
			}
			states[state]++
			n := took[strings.Trim(id, "<>")]
			switch {
			case n > 1:
				harm.doubled++
			case state == "sent" && n == 0:
				harm.lost++
			case state == "failed" && n == 1, state != "sent" && state != "ambiguous" && state != "failed":
				harm.stuck++
			default:
				return nil
			}
			t.Errorf("letter %s is %s (%s) and was accepted %d times", id, state, reason, n)
			return nil
		}, `SELECT external_id, state, error FROM delivery`)
	}))
	return states
}

// judgeReplies: what was promised with 201 is in its thread once, and so is, at
// most, what nobody knows of.
func judgeReplies(t *testing.T, db *sqldb.DB, said map[string]int, harm *count) {
	t.Helper()
	for id, status := range said {
		n := number(t, db, `SELECT COUNT(*) FROM message WHERE conversation_id = $1 AND kind = 'outgoing'`, id)
		switch {
		case n == 0 && status == http.StatusCreated:
			harm.lost++
		case n > 1:
			harm.doubled++
		default:
			continue
		}
		t.Errorf("the reply in %s was answered with %d and is there %d times", id, status, n)
	}
}

// chance is true n times out of 100.
func chance(n int) bool { return rand.IntN(100) < n }

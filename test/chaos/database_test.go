package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/app"
)

// noticed is how soon /readyz must tell that the database is away, and resumed
// how soon that it is back.
const (
	noticed = 6 * time.Second
	resumed = 10 * time.Second
)

// database stops PostgreSQL, cuts its connections and lets transactions fail,
// while mail comes in and replies go out.
func database(t *testing.T, h *harness) {
	t.Run("postgres", func(t *testing.T) {
		c := newCluster(t, "")
		t.Run("stopped in order", func(t *testing.T) {
			h.only(t, "a crash is the worse stop, and tried")
			outage(t, h, c, "orderly", syscall.SIGINT)
		})
		t.Run("crashed", func(t *testing.T) { outage(t, h, c, "crashed", syscall.SIGQUIT) })
		t.Run("connections cut", func(t *testing.T) { cutting(t, h, c) })
		t.Run("serialisation", func(t *testing.T) {
			h.only(t, "making transactions collide takes a while")
			serialisable(t, h, c)
		})
	})
}

// traffic is mail that comes in and replies that go out for as long as it lasts.
type traffic struct {
	v       *victim
	peer    *peer
	sent    *sent
	threads []string
	stop    context.CancelFunc
	group   errgroup.Group
	mu      sync.Mutex
	said    map[string]int
	away    atomic.Int64 // requests that were answered with 503
	wrong   map[string]int
	putOff  atomic.Int64 // mails that were put off
}

// startTraffic starts the product on a database, and people who use it.
func startTraffic(t *testing.T, h *harness, url string) *traffic {
	t.Helper()
	tr := &traffic{v: newVictim(t, h, url), peer: newPeer(t), sent: newSent(), said: map[string]int{}, wrong: map[string]int{}}
	tr.furnish(h)
	tr.v.run()
	tr.v.ready(time.Minute)
	tr.begin()
	return tr
}

func (tr *traffic) furnish(h *harness) {
	tr.v.furnish(mailbox{smtp: tr.peer.addr()}, func(a *app.App) {
		tr.threads = tr.v.fillInside(a, h.threads)
		_, err := a.CreateAgent(tr.v.t.Context(), app.NewAgent{Email: agentEmail, Name: "Hana", Role: "administrator", Password: agentPassword})
		must(tr.v.t, err)
	})
	for i := range tr.threads {
		tr.sent.add(fmt.Sprintf("q%d", i))
	}
}

func (tr *traffic) begin() {
	ctx, cancel := context.WithCancel(tr.v.t.Context())
	tr.stop = cancel
	for who := range 2 {
		tr.group.Go(func() error { tr.write(ctx, who); return nil })
	}
	tr.group.Go(func() error { tr.answer(ctx); return nil })
}

// write hands mails in until the end, each until it is taken.
func (tr *traffic) write(ctx context.Context, who int) {
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprintf("t%d.%d", who, n)
		raw := mailTo(fmt.Sprint("t", who), id).Bytes()
		until(ctx, 100*time.Millisecond, func() bool {
			err := tr.v.hand("t", raw)
			if err == nil {
				tr.sent.add(id)
			} else {
				tr.putOff.Add(1)
				if strings.HasPrefix(err.Error(), "5") {
					tr.v.t.Errorf("mail was refused for ever: %v", err)
				}
			}
			return err == nil
		})
		pause(ctx, time.Duration(20+rand.IntN(60))*time.Millisecond)
	}
}

// answer replies in one conversation after the other. What nobody knows of is
// asked again with the same key.
func (tr *traffic) answer(ctx context.Context) {
	for _, id := range tr.threads {
		until(ctx, 200*time.Millisecond, func() bool {
			a, err := tr.v.call(ctx, http.MethodPost, "/conversations/"+id+"/messages", id, map[string]string{"kind": "reply", "text": "It comes tomorrow."})
			if err != nil {
				return false
			}
			return tr.note(id, a)
		})
		pause(ctx, time.Duration(50+rand.IntN(100))*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
	}
}

// note keeps what a reply was answered with and reports whether that is final.
func (tr *traffic) note(id string, a answer) bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	switch a.status {
	case http.StatusCreated, http.StatusConflict: // there, or nobody knows
		tr.said[id] = a.status
		return true
	case http.StatusServiceUnavailable:
		tr.away.Add(1)
		if a.header.Get("Retry-After") == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
			tr.wrong[fmt.Sprintf("503 with Retry-After %q as %s", a.header.Get("Retry-After"), a.header.Get("Content-Type"))]++
		}
	default:
		tr.wrong[fmt.Sprintf("%d %s", a.status, a.body)]++
	}
	return false
}

// end stops the people, lets the product come to rest and judges.
func (tr *traffic) end(h *harness, r row) {
	t := tr.v.t
	t.Helper()
	tr.stop()
	must(t, tr.group.Wait())
	for what, n := range tr.wrong {
		t.Errorf("%d requests were answered with %s", n, what)
	}
	db := tr.v.open()
	tr.v.settleMail(db, tr.sent, h.clear)
	r.harm.stuck += tr.v.rest(db, h.clear)
	judgeMail(t, tr.v, db, tr.sent, &r.harm)
	judgeLetters(t, db, tr.peer, &r.harm)
	judgeReplies(t, db, tr.said, &r.harm)
	r.done = len(tr.sent.ids) + len(tr.said)
	r.note = fmt.Sprintf("%s; %d mails put off, %d requests told 503", r.note, tr.putOff.Load(), tr.away.Load())
	h.board.add(t, r)
}

// outage stops the database for a while.
func outage(t *testing.T, h *harness, c *cluster, name string, how syscall.Signal) {
	tr := startTraffic(t, h, c.make(name))
	watching, leave := context.WithCancel(t.Context())
	page := newWatcher(func() string { return tr.v.web }, tr.v.signIn(agentEmail, agentPassword))
	var pages errgroup.Group
	pages.Go(func() error { page.watch(watching); return nil })
	<-page.ready
	pause(t.Context(), 3*time.Second)
	at := time.Now()
	c.down(how)
	told := tr.v.unready(noticed)
	tr.apologise()
	pause(t.Context(), h.outage-time.Since(at))
	c.up()
	back := tr.v.ready(resumed)
	pause(t.Context(), 4*time.Second)
	leave()
	must(t, pages.Wait())
	if page.away == 0 {
		t.Error("an open page was not told that the database is away")
	}
	if page.floor == page.first || page.missing(page.floor) > 0 {
		t.Errorf("an open page heard nothing, or not everything: facts %d to %d", page.first, page.floor)
	}
	tr.end(h, row{fault: fmt.Sprintf("database %s, back after %v", map[string]string{"orderly": "stopped", "crashed": "crashed"}[name], h.outage),
		note: fmt.Sprintf("/readyz 503 after %v, 200 again %v after the start", told.Round(10*time.Millisecond), back.Round(10*time.Millisecond))})
	if tr.away.Load() == 0 || tr.putOff.Load() == 0 {
		t.Error("nobody noticed the outage")
	}
}

// apologise makes sure that the API says what is wrong while the database is away.
func (tr *traffic) apologise() {
	t := tr.v.t
	t.Helper()
	a, err := tr.v.call(t.Context(), http.MethodGet, "/conversations?limit=5", "", nil)
	if err != nil {
		t.Errorf("a request while the database is away: %v", err)
		return
	}
	var p struct{ Code, Detail string }
	if bad := oneOf(a.body, &p); bad != "" || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || p.Code == "" || p.Detail == "" ||
		!strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("a request while the database is away: %d %v %s", a.status, a.header, a.body)
	}
}

// cutting ends all connections of the product again and again.
func cutting(t *testing.T, h *harness, c *cluster) {
	tr := startTraffic(t, h, c.make("cutting"))
	var ended int64
	for range h.cuts {
		pause(t.Context(), time.Duration(200+rand.IntN(600))*time.Millisecond)
		ended += c.do(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'cutting'`)
	}
	back := tr.v.ready(resumed)
	tr.end(h, row{fault: fmt.Sprintf("all connections to the database cut %d times", h.cuts),
		note: fmt.Sprintf("%d connections ended; ready %v after the last", ended, back.Round(10*time.Millisecond))})
}

// serialisable makes every transaction serialisable, so that many of those that
// meet fail and must be run again.
func serialisable(t *testing.T, h *harness, c *cluster) {
	url := c.make("serial")
	c.do(`ALTER DATABASE serial SET default_transaction_isolation = 'serializable'`)
	tr := startTraffic(t, h, url)
	pause(t.Context(), h.outage)
	failed := c.logged("could not serialize access")
	tr.end(h, row{fault: "serialisation fails", note: fmt.Sprintf("%d transactions failed so and were run again", failed)})
	if failed == 0 {
		t.Error("no transaction failed")
	}
}

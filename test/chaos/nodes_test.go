package chaos

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email/emailtest"
)

const (
	agentEmail    = "hana@utsuwa.example"
	agentPassword = "a long sentence that only hana knows"
	// liveWithin is how soon a fact of one node must reach the pages on the others.
	liveWithin = time.Second
	// stalled is how long others may have to wait for what a node held that was cut off.
	stalled = 45 * time.Second
)

// nodes runs three of the product on one database, behind a balancer.
func nodes(t *testing.T, h *harness) {
	t.Run("postgres", func(t *testing.T) {
		t.Run("killed and restarted", func(t *testing.T) { rolling(t, h) })
		t.Run("cut off", func(t *testing.T) {
			h.only(t, "cutting a node off takes two minutes")
			cutOff(t, h)
		})
		t.Run("sign-in limits", func(t *testing.T) { limits(t, h) })
	})
}

// fleet is several nodes and what stands before them. Its front is a victim that
// is no process: requests to it go to one of the nodes.
type fleet struct {
	*traffic
	nodes []*victim
	box   *shelf
	imap  string // address of the mailbox's server
}

func newFleet(t *testing.T, h *harness, database func(node int) string) *fleet {
	t.Helper()
	f := &fleet{box: &shelf{t: t, office: emailtest.Open(t, emailtest.Options{})}}
	f.box.office.Add(address, "secret")
	line := newRelay(t, "127.0.0.1:0", "tcp", f.box.office.IMAP()).start()
	f.box.hangUp, f.imap = line.cut, line.addr()
	f.traffic = &traffic{v: newVictim(t, h, database(0)), peer: newPeer(t), sent: newSent(), said: map[string]int{}, wrong: map[string]int{}}
	f.v.furnish(mailbox{imap: f.imap, folders: []string{"INBOX"}, smtp: f.peer.addr()}, func(a *app.App) {
		f.threads = f.v.fillInside(a, max(h.threads, 60))
		_, err := a.CreateAgent(t.Context(), app.NewAgent{Email: agentEmail, Name: "Hana", Role: "administrator", Password: agentPassword})
		must(t, err)
	})
	for i := range f.threads {
		f.sent.add(fmt.Sprintf("q%d", i))
	}
	for i := range 3 {
		n := newVictim(t, h, database(i))
		n.dir, n.name, n.key, n.inbox = f.v.dir, fmt.Sprint("-node", i), f.v.key, f.v.inbox
		f.nodes = append(f.nodes, n)
	}
	f.v.web = f.balance(t, func(n *victim) string { return n.web })
	f.v.mail = f.balance(t, func(n *victim) string { return n.mail })
	f.v.client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return f
}

// balance carries every connection to one of the nodes, the next one each time,
// and to another if that one does not answer.
func (f *fleet) balance(t *testing.T, where func(*victim) string) string {
	r := newRelay(t, "127.0.0.1:0", "tcp", "")
	var next atomic.Int64
	r.dial = func() (c net.Conn, err error) {
		for range f.nodes {
			n := f.nodes[int(next.Add(1))%len(f.nodes)]
			if c, err = net.DialTimeout("tcp", where(n), 300*time.Millisecond); err == nil {
				return c, nil
			}
		}
		return nil, err
	}
	return r.start().addr()
}

func (f *fleet) run() {
	for _, n := range f.nodes {
		n.run()
	}
	for _, n := range f.nodes {
		n.ready(time.Minute)
	}
}

// rolling kills one node after the other, and restarts them in order, while
// people work.
func rolling(t *testing.T, h *harness) {
	c := newCluster(t, "")
	url := c.make("fleet")
	f := newFleet(t, h, func(int) string { return url })
	f.run()
	cookie := f.v.signIn(agentEmail, agentPassword)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var pages errgroup.Group
	through := newWatcher(func() string { return f.v.web }, cookie)
	pages.Go(func() error { through.watch(ctx); return nil })
	<-through.ready
	f.begin()
	asks := &asker{v: f.v, cookie: cookie, said: map[string]int{}}
	pages.Go(func() error { asks.ask(ctx); return nil })
	pages.Go(func() error { return f.box.fill(ctx, 60*h.rounds, f.sent) })

	slowest := f.spread(ctx, cookie, 20*h.rounds)
	for range h.rounds {
		for _, n := range f.nodes {
			pause(ctx, time.Duration(300+rand.IntN(1500))*time.Millisecond)
			n.kill()
			n.ready(time.Minute)
		}
	}
	killed := asks.count()
	for _, n := range f.nodes { // an orderly restart of one after the other
		pause(ctx, 500*time.Millisecond)
		must(t, n.signal(syscall.SIGTERM))
		n.restarted(time.Minute)
	}
	time.Sleep(3 * time.Second)
	f.stop()
	r := row{fault: fmt.Sprintf("three nodes, each killed %d times, then restarted", h.rounds)}
	if slowest > liveWithin {
		t.Errorf("a fact took %v to the pages of the other nodes", slowest)
	}
	db := f.v.open()
	last := int64(number(t, db, `SELECT COALESCE(MAX(seq), 0) FROM journal`))
	settle, enough := context.WithTimeout(ctx, 10*time.Second)
	until(settle, 50*time.Millisecond, func() bool { return through.missing(last) == 0 })
	enough()
	if n := through.missing(last); n > 0 && through.resyncs == 0 {
		t.Errorf("a page missed %d facts and was not told to load again", n)
	}
	cancel()
	_ = pages.Wait() // the filling ends with the context
	r.note = fmt.Sprintf("a fact on all pages within %v; page came back %d times; session: %s when killed, then %s", slowest.Round(time.Millisecond), through.lost-1, killed, asks.count())
	asks.judge(t)
	f.end(h, r)
}

// restarted waits until the process has been replaced and is ready.
func (v *victim) restarted(within time.Duration) {
	v.t.Helper()
	v.mu.Lock()
	before := v.starts
	v.mu.Unlock()
	ctx, cancel := context.WithTimeout(v.t.Context(), within)
	defer cancel()
	until(ctx, 20*time.Millisecond, func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.starts > before
	})
	v.ready(within)
}

// spread writes notes on one node and returns the longest time until pages on
// all the others had heard of one.
func (f *fleet) spread(ctx context.Context, cookie string, n int) (slowest time.Duration) {
	t := f.v.t
	watching, stop := context.WithCancel(ctx)
	var g errgroup.Group
	var pages []*watcher
	for _, node := range f.nodes {
		w := newWatcher(func() string { return node.web }, cookie)
		pages = append(pages, w)
		g.Go(func() error { w.watch(watching); return nil })
		<-w.ready
	}
	for i := range n {
		at, id := f.nodes[i%len(f.nodes)], f.threads[len(f.threads)-1-i]
		before := time.Now()
		a, err := f.v.callAt(ctx, at.web, http.MethodPost, "/conversations/"+id+"/messages", "", map[string]string{"kind": "note", "text": "Do look."})
		must(t, err)
		if a.status != http.StatusCreated {
			t.Fatalf("a note: %d %s", a.status, a.body)
		}
		committed := time.Now()
		for _, w := range pages {
			heard, enough := context.WithTimeout(ctx, 5*time.Second)
			var got time.Time
			until(heard, 2*time.Millisecond, func() (ok bool) { got, ok = w.when("note.added", id, before); return ok })
			enough()
			if got.IsZero() {
				t.Errorf("a page never heard of a note")
				continue
			}
			slowest = max(slowest, got.Sub(committed))
		}
	}
	stop()
	_ = g.Wait() // nobody returns an error
	return slowest
}

// asker is an agent who asks for something small all the time, by a session.
type asker struct {
	v      *victim
	cookie string
	mu     sync.Mutex
	said   map[string]int
}

func (a *asker) ask(ctx context.Context) {
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.v.web+"/api/v1/me", nil)
		must(a.v.t, err)
		req.Header.Set("Cookie", a.cookie)
		res, err := a.v.client.Do(req)
		word := "cut"
		if err == nil {
			word = fmt.Sprint(res.StatusCode)
			_ = res.Body.Close() // the status was asked for
		}
		if ctx.Err() == nil {
			a.mu.Lock()
			a.said[word]++
			a.mu.Unlock()
		}
		pause(ctx, 20*time.Millisecond)
	}
}

func (a *asker) count() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a.said)) {
		out = append(out, fmt.Sprintf("%s×%d", k, a.said[k]))
	}
	return strings.Join(out, " ")
}

// judge: nobody is signed out, and nothing is an error but a cut connection.
func (a *asker) judge(t *testing.T) {
	for word, n := range a.said {
		if word != "200" && word != "cut" && word != "503" {
			t.Errorf("%d requests by the session were answered with %s", n, word)
		}
	}
}

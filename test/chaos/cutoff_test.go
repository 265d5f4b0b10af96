package chaos

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// cutOff takes the network away from one node under load: as root in a network
// namespace whose bridge goes down, so that nobody hears of it; else the process
// is held and its connections are cut.
func cutOff(t *testing.T, h *harness) {
	i, why := newIsland(t)
	if why != nil {
		t.Logf("no network namespace (%v): the process is held and its connections are cut instead", why)
		held(t, h)
		return
	}
	c := newCluster(t, "127.0.0.1,"+i.ours)
	url := c.make("cutoff")
	f := newFleet(t, h, func(node int) string {
		if node == 2 {
			return c.at(i.ours, "cutoff")
		}
		return url
	})
	// The third node lives on the island. It reaches the database and the balancer
	// by the bridge, and the mail servers without it: it could still send.
	lone := f.nodes[2]
	lone.wrap = []string{"ip", "netns", "exec", i.name}
	_, port := split(t, lone.web)
	lone.web = fmt.Sprintf("%s:%d", i.their, port)
	_, port = split(t, lone.mail)
	lone.mail = fmt.Sprintf("%s:%d", i.their, port)
	sockets := t.TempDir()
	smtp, imap, web := filepath.Join(sockets, "smtp"), filepath.Join(sockets, "imap"), filepath.Join(sockets, "web")
	newRelay(t, smtp, "tcp", f.peer.addr()).start()
	newRelay(t, imap, "tcp", f.imap).start()
	i.pipe(f.peer.addr()+">"+smtp, f.imap+">"+imap, web+">"+lone.web)
	inside := newRelay(t, "127.0.0.1:0", "unix", web).start().addr()

	f.run()
	f.begin()
	stall := &stallWatch{f: f}
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { stall.run(ctx); return nil })
	g.Go(func() error { return f.box.fill(ctx, 400, f.sent) })
	rounds, told := 2, time.Duration(0)
	for range rounds {
		pause(t.Context(), 3*time.Second)
		i.bridge(false)
		at := time.Now()
		unready, enough := context.WithTimeout(ctx, 30*time.Second)
		until(unready, 100*time.Millisecond, func() bool {
			res, err := f.v.client.Get("http://" + inside + "/readyz")
			if err != nil {
				return false
			}
			_ = res.Body.Close() // the status was asked for
			return res.StatusCode == http.StatusServiceUnavailable
		})
		enough()
		told = max(told, time.Since(at))
		pause(t.Context(), stalled-time.Since(at))
		i.bridge(true)
		lone.ready(time.Minute)
	}
	cancel()
	_ = g.Wait() // the filling ends with the context
	if stall.worst > stalled {
		t.Errorf("the others stood still for %v", stall.worst)
	}
	if told > 12*time.Second {
		t.Errorf("the node that was cut off called itself ready for %v", told)
	}
	f.end(h, row{fault: fmt.Sprintf("a node cut off %d times (bridge of its network namespace)", rounds),
		note: fmt.Sprintf("it told /readyz 503 after %v; the others waited %v at most", told.Round(100*time.Millisecond), stall.worst.Round(100*time.Millisecond))})
}

// held stops the process of one node and cuts its connections to the database,
// as when a virtual machine is moved.
func held(t *testing.T, h *harness) {
	c := newCluster(t, "")
	url := c.make("held")
	line := newRelay(t, "127.0.0.1:0", "unix", c.socketPath()).start()
	f := newFleet(t, h, func(node int) string {
		if node == 2 {
			return fmt.Sprintf("postgres://postgres@%s/held?sslmode=disable", line.addr())
		}
		return url
	})
	f.run()
	f.begin()
	stall := &stallWatch{f: f}
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error { stall.run(ctx); return nil })
	lone := f.nodes[2]
	for range 2 {
		pause(t.Context(), 3*time.Second)
		must(t, lone.signal(syscall.SIGSTOP))
		line.refuse(true)
		pause(t.Context(), 30*time.Second)
		line.refuse(false)
		must(t, lone.signal(syscall.SIGCONT))
		lone.ready(time.Minute)
	}
	cancel()
	_ = g.Wait() // nobody returns an error
	f.end(h, row{fault: "a node held 2 times, its connections cut", note: fmt.Sprintf("the others waited %v at most", stall.worst.Round(100*time.Millisecond))})
}

// stallWatch writes notes on a healthy node all the time and keeps the longest
// time that one took.
type stallWatch struct {
	f     *fleet
	worst time.Duration
}

func (s *stallWatch) run(ctx context.Context) {
	v := s.f.v
	client := &http.Client{Timeout: 2 * stalled}
	defer client.CloseIdleConnections()
	slow := *v.client
	slow.Timeout = 2 * stalled
	for n := 0; ctx.Err() == nil; n++ {
		id := s.f.threads[len(s.f.threads)-1-n%50]
		at := time.Now()
		a, err := (&victim{t: v.t, key: v.key, client: &slow}).callAt(ctx, s.f.nodes[n%2].web, http.MethodPost, "/conversations/"+id+"/messages", "", map[string]string{"kind": "note", "text": "Do look."})
		if ctx.Err() != nil {
			return
		}
		if err != nil || a.status != http.StatusCreated {
			v.t.Errorf("a note on a healthy node: %v %d %s", err, a.status, a.body)
		}
		s.worst = max(s.worst, time.Since(at))
		pause(ctx, 100*time.Millisecond)
	}
}

// limits tries passwords on all nodes in turn: together they allow no more than one.
func limits(t *testing.T, h *harness) {
	c := newCluster(t, "")
	url := c.make("limits")
	f := newFleet(t, h, func(int) string { return url })
	f.run()
	allowed := 0
	for n := range 30 {
		body := map[string]string{"email": agentEmail, "password": fmt.Sprint("wrong", n)}
		a, err := f.v.callAt(t.Context(), f.nodes[n%3].web, http.MethodPost, "/session", "", body)
		must(t, err)
		switch a.status {
		case http.StatusUnauthorized:
			allowed++
		case http.StatusTooManyRequests:
			if a.header.Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
		default:
			t.Fatalf("a wrong password: %d %s", a.status, a.body)
		}
	}
	const burst = 8 // tries for one account from one address, as package team has it
	if allowed < burst || allowed > burst+1 {
		t.Errorf("three nodes allowed %d tries, want %d", allowed, burst)
	}
	h.board.add(t, row{fault: "passwords tried on three nodes in turn", done: 30, note: fmt.Sprintf("%d of 30 tries allowed, one node allows %d", allowed, burst)})
}

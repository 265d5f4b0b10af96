package chaos

import (
	"net"
	"strings"
	"sync"
	"testing"
)

// relay carries connections to a server, and cuts them.
type relay struct {
	net  net.Listener
	dial func() (net.Conn, error)
	wait sync.WaitGroup
	// watch, if set, makes the eyes of a connection before relay starts: each
	// sees what goes up (to the server) and down, before it is passed on, and
	// says whether it is.
	watch func() (up, down func([]byte) bool)

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	shut  bool // new connections are refused
	over  bool
	total int
}

// newRelay makes a relay on an address of this machine ("127.0.0.1:0", or the
// path of a socket) to a server ("unix", "/path" or "tcp", "host:port").
func newRelay(t *testing.T, at, network, server string) *relay {
	t.Helper()
	l, err := net.Listen(networkOf(at), at)
	must(t, err)
	r := &relay{net: l, dial: func() (net.Conn, error) { return net.Dial(network, server) }, conns: map[net.Conn]struct{}{}}
	t.Cleanup(func() {
		r.mu.Lock()
		r.over = true
		r.mu.Unlock()
		_ = l.Close() // the accepting ends
		r.cut()
		r.wait.Wait()
	})
	return r
}

func networkOf(address string) string {
	if strings.HasPrefix(address, "/") {
		return "unix"
	}
	return "tcp"
}

// start begins to carry.
func (r *relay) start() *relay {
	r.wait.Go(func() {
		for {
			c, err := r.net.Accept()
			if err != nil {
				return
			}
			r.wait.Go(func() { r.carry(c) })
		}
	})
	return r
}

func (r *relay) addr() string { return r.net.Addr().String() }

// cut ends all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close() // it may have ended already
	}
}

// refuse lets nobody in, or everybody again.
func (r *relay) refuse(yes bool) {
	r.mu.Lock()
	r.shut = yes
	r.mu.Unlock()
	if yes {
		r.cut()
	}
}

func (r *relay) admit(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut || r.over {
		return false
	}
	r.conns[c] = struct{}{}
	r.total++
	return true
}

func (r *relay) leave(c net.Conn) {
	r.mu.Lock()
	delete(r.conns, c)
	r.mu.Unlock()
	_ = c.Close() // twice does no harm
}

func (r *relay) carry(client net.Conn) {
	if !r.admit(client) {
		_ = client.Close()
		return
	}
	defer r.leave(client)
	server, err := r.dial()
	if err != nil || !r.admit(server) {
		if server != nil {
			_ = server.Close()
		}
		return
	}
	defer r.leave(server)
	var up, down func([]byte) bool
	if r.watch != nil {
		up, down = r.watch()
	}
	done := make(chan struct{}, 2)
	go func() { pass(server, client, up); done <- struct{}{} }()
	go func() { pass(client, server, down); done <- struct{}{} }()
	<-done
	_ = client.Close()
	_ = server.Close()
	<-done
}

func pass(to, from net.Conn, look func([]byte) bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if look != nil && !look(buf[:n]) {
				return
			}
			if _, e := to.Write(buf[:n]); e != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

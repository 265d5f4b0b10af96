package email

import (
	"errors"
	"net"
	"sync"
	"time"
)

// gate is a listener that lets in only so many connections, altogether and from
// one address, and ends those that fall silent or stay too long.
type gate struct {
	net.Listener
	config *ReceiverConfig
	mu     sync.Mutex
	total  int
	from   map[string]int
}

func newGate(l net.Listener, config *ReceiverConfig) *gate {
	return &gate{Listener: l, config: config, from: map[string]int{}}
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if guest := g.admit(conn); guest != nil {
			return guest, nil
		}
		go turnAway(conn)
	}
}

// admit counts a connection in, or returns nil when there is no room.
func (g *gate) admit(conn net.Conn) net.Conn {
	from := conn.RemoteAddr().String()
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total >= g.config.MaxConns || g.from[from] >= g.config.MaxPerAddress {
		return nil
	}
	g.total++
	g.from[from]++
	c := &guest{line: &line{Conn: conn, detach: func() bool { return true }}}
	c.line.wait(g.config.Silence)
	c.end = time.AfterFunc(g.config.Session, func() { c.line.cut(errors.New("the session took too long")) })
	c.leave = sync.OnceFunc(func() {
		c.end.Stop()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.total--
		if g.from[from]--; g.from[from] == 0 {
			delete(g.from, from)
		}
	})
	return c
}

// refusal is what a client hears for whom there is no room.
const refusal = "421 4.7.0 Too many connections, try again later\r\n"

// turnAway tells the client and hangs up, whether it listens or not.
func turnAway(conn net.Conn) {
	end := time.AfterFunc(5*time.Second, func() { _ = conn.Close() })
	defer end.Stop()
	_, _ = conn.Write([]byte(refusal)) // it is about to be closed anyway
	_ = conn.Close()
}

// guest is a connection that was let in.
type guest struct {
	*line
	end   *time.Timer
	leave func()
}

// Close implements net.Conn.
func (g *guest) Close() error {
	g.leave()
	return g.line.Close()
}

package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// line is a connection that is cut when nothing moves on it for too long while
// somebody waits, or when its context ends. Deadlines of the connection itself
// would do the same, but need the wall clock and forget progress.
type line struct {
	net.Conn
	mu     sync.Mutex
	limit  time.Duration // 0: nobody waits
	timer  *time.Timer
	reason error
	detach func() bool
}

// dial opens a line to s under the product's rules, without TLS.
func (e *Endpoint) dial(ctx context.Context, s *Server) (*line, error) {
	dialing, cancel := context.WithTimeout(ctx, e.limits.answer)
	defer cancel()
	conn, err := e.host.Dial(dialing, "tcp", s.address())
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.address(), err)
	}
	if s.Security == securityPlain && !loopbackPeer(conn) {
		return nil, errors.Join(fmt.Errorf("%s is not this machine: not without TLS", conn.RemoteAddr()), conn.Close())
	}
	l := &line{Conn: conn}
	l.detach = context.AfterFunc(ctx, func() { l.cut(context.Cause(ctx)) })
	return l, nil
}

// loopbackPeer looks at the address that was really connected to. A connection
// that is not TCP never left the process.
func loopbackPeer(conn net.Conn) bool {
	a, ok := conn.RemoteAddr().(*net.TCPAddr)
	return !ok || a.IP.IsLoopback()
}

// handshake wraps l in TLS.
func (l *line) handshake(ctx context.Context, config *tls.Config, limit time.Duration) (*tls.Conn, error) {
	defer l.wait(limit)()
	conn := tls.Client(l, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, l.why(err)
	}
	return conn, nil
}

// wait says that from now on silence of limit ends the line. The func that it
// returns ends the waiting.
func (l *line) wait(limit time.Duration) (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = limit
	if l.timer == nil {
		l.timer = time.AfterFunc(limit, l.silent)
	} else {
		l.timer.Reset(limit)
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.limit = 0
		l.timer.Stop()
	}
}

// silent is the timer's end. It may come late, after the waiting was over.
func (l *line) silent() {
	l.mu.Lock()
	limit := l.limit
	l.mu.Unlock()
	if limit > 0 {
		l.cut(fmt.Errorf("no sign of life for %s", limit))
	}
}

// cut ends the line and remembers the first reason.
func (l *line) cut(reason error) {
	l.mu.Lock()
	if l.reason == nil {
		l.reason = reason
	}
	l.mu.Unlock()
	_ = l.Conn.Close() // the reason is what counts; a second Close fails
}

// why puts the reason for which the line was cut before the error that it caused.
func (l *line) why(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil || l.reason == nil {
		return err
	}
	return fmt.Errorf("%w (%w)", l.reason, err)
}

// linger lets the line outlive its context by grace: an answer that is on its
// way is worth a moment.
func (l *line) linger(ctx context.Context, grace time.Duration) {
	if l.detach() {
		l.detach = context.AfterFunc(ctx, func() {
			time.AfterFunc(grace, func() { l.cut(context.Cause(ctx)) })
		})
	}
}

// Close implements net.Conn and releases the context and the timer.
func (l *line) Close() error {
	l.detach()
	l.mu.Lock()
	if l.limit = 0; l.timer != nil {
		l.timer.Stop()
	}
	l.mu.Unlock()
	return l.Conn.Close()
}

// Read implements net.Conn.
func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.moved(n)
	return n, err
}

// Write implements net.Conn.
func (l *line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.moved(n)
	return n, err
}

func (l *line) moved(n int) {
	if n == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limit > 0 {
		l.timer.Reset(l.limit)
	}
}

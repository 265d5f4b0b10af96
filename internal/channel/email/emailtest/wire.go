package emailtest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Wire carries connections to a server and can do harm on the way.
type Wire struct {
	net   net.Listener
	to    string
	stop  chan struct{}
	wait  sync.WaitGroup
	cutAt atomic.Int64 // bytes from the server after which a connection is cut; 0: never
	from  atomic.Pointer[[2][]byte]
	conns atomic.Int64
}

// NewWire starts a wire to the server at address for the length of a test.
func NewWire(t TB, address string) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("wire: %v", err)
	}
	w := &Wire{net: l, to: address, stop: make(chan struct{})}
	w.wait.Go(w.serve)
	t.Cleanup(func() {
		close(w.stop)
		if err := l.Close(); err != nil {
			t.Fatalf("wire: %v", err)
		}
		w.wait.Wait()
	})
	return w
}

// Port returns the port on 127.0.0.1.
func (w *Wire) Port() int { return w.net.Addr().(*net.TCPAddr).Port }

// Conns returns how many connections were made.
func (w *Wire) Conns() int { return int(w.conns.Load()) }

// CutAfter cuts every connection, also those that are open, after the server has
// sent n bytes on it; 0 stops cutting.
func (w *Wire) CutAfter(n int64) { w.cutAt.Store(n) }

// Alter replaces bytes of what the server says, if they come in one piece.
func (w *Wire) Alter(old, replacement string) {
	w.from.Store(&[2][]byte{[]byte(old), []byte(replacement)})
}

func (w *Wire) serve() {
	for {
		client, err := w.net.Accept()
		if err != nil {
			return
		}
		w.conns.Add(1)
		w.wait.Go(func() { w.carry(client) })
	}
}

func (w *Wire) carry(client net.Conn) {
	server, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = client.Close()
		return
	}
	done := make(chan struct{}, 2)
	go func() { _, _ = io.Copy(server, client); done <- struct{}{} }()
	go func() { w.back(client, server); done <- struct{}{} }()
	select {
	case <-done:
	case <-w.stop:
	}
	_ = client.Close()
	_ = server.Close()
}

// back carries what the server says.
func (w *Wire) back(client io.Writer, server io.Reader) {
	buf := make([]byte, 4096)
	var total int64
	for {
		n, err := server.Read(buf)
		chunk := buf[:n]
		if a := w.from.Load(); a != nil {
			chunk = bytes.ReplaceAll(chunk, a[0], a[1])
		}
		limit := w.cutAt.Load()
		if limit > 0 && total+int64(n) > limit {
			_, _ = client.Write(chunk[:max(0, min(int64(len(chunk)), limit-total))])
			return
		}
		total += int64(n)
		if _, e := client.Write(chunk); e != nil || err != nil {
			return
		}
	}
}

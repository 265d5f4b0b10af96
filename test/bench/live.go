package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"
)

func liveLines() []line {
	return []line{
		{name: "live", work: "a change to the last of 5,000 connected browsers", target: "≤ 150 ms, ≤ 15 KB a connection", run: runLive},
		{name: "visitors", work: "5,000 visitors of a chat connected, 10 answers a second to them for 20 s, from the end of the hold to the page", target: "p95 ≤ 500 ms, ≤ 20 KB a connection", run: runVisitors},
	}
}

const browsers = 5000

// listener counts what 5,000 browsers hear.
type listener struct {
	gws.BuiltinEventHandler
	hello atomic.Int64
	heard atomic.Int64
	last  chan struct{}
}

// OnMessage implements gws.Event.
func (l *listener) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer func() { _ = m.Close() }() // returns a buffer
	b := m.Data.String()
	switch {
	case strings.Contains(b, `"type":"hello"`):
		l.hello.Add(1)
	case strings.Contains(b, `"conversation.updated"`):
		if l.heard.Add(1) == browsers {
			l.last <- struct{}{}
		}
	}
}

func runLive(ctx context.Context, b *bench, engine string) ([]figure, error) {
	d, err := b.open(ctx, engine, b.base)
	if err != nil {
		return nil, err
	}
	id, err := d.longThread(ctx, 1)
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Second)
	before, err := resident(d.process.Process.Pid)
	if err != nil {
		return nil, err
	}
	l := &listener{last: make(chan struct{}, 1)}
	conns, err := d.connect(l)
	defer func() {
		for _, c := range conns {
			_ = c.NetConn().Close()
		}
		time.Sleep(time.Second) // the server notices
	}()
	if err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	after, err := resident(d.process.Process.Pid)
	if err != nil {
		return nil, err
	}
	took, err := d.announce(ctx, l, id)
	if err != nil {
		return nil, err
	}
	return []figure{{name: "p50", value: quantile(took, 0.5), unit: "ms", limit: 150}, {name: "worst", value: quantile(took, 1), unit: "ms"},
		{value: float64(after-before) / browsers, unit: "KB a connection", limit: 15}}, nil
}

// connect opens the browsers' sockets and says hello.
func (d *desk) connect(l *listener) ([]*gws.Conn, error) {
	name, value, _ := strings.Cut(d.agent, ": ")
	var conns []*gws.Conn
	for range browsers {
		c, _, err := gws.NewClient(l, &gws.ClientOption{Addr: "ws://" + d.web + "/api/v1/live", RequestHeader: http.Header{name: {value}}, ReadBufferSize: 1024})
		if err != nil {
			return conns, err
		}
		conns = append(conns, c)
		go c.ReadLoop()
		if err := c.WriteString(`{"type":"hello","since":0}`); err != nil {
			return conns, err
		}
	}
	for deadline := time.Now().Add(30 * time.Second); l.hello.Load() < browsers; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return conns, fmt.Errorf("only %d of %d were greeted", l.hello.Load(), browsers)
		}
	}
	return conns, nil
}

// announce changes a conversation again and again and returns how long it took
// from the request until the last browser knew.
func (d *desk) announce(ctx context.Context, l *listener, id string) ([]float64, error) {
	c, err := d.dial(d.boss)
	if err != nil {
		return nil, err
	}
	defer c.close()
	var took []float64
	for i := range 15 {
		l.heard.Store(0)
		priority := []string{"high", "low"}[i%2]
		started := time.Now()
		if _, err := c.ask(http.MethodPatch, "/conversations/"+id, []byte(`{"priority":"`+priority+`"}`)); err != nil {
			return nil, err
		}
		select {
		case <-l.last:
			took = append(took, milliseconds(started))
		case <-time.After(10 * time.Second):
			return nil, fmt.Errorf("only %d of %d heard", l.heard.Load(), browsers)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return took, nil
}

// busy returns how many milliseconds of a processor a process has used.
func busy(pid int) float64 {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields, sum := strings.Fields(rest), 0.0
	for _, i := range []int{11, 12} {
		n, err := strconv.ParseFloat(fields[i], 64)
		if err == nil {
			sum += n * 10 // ticks of a hundredth
		}
	}
	return sum
}

// resident returns the memory of a process in KB, as the system counts it.
func resident(pid int) (int, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	return strconv.Atoi(strings.Fields(rest)[0])
}

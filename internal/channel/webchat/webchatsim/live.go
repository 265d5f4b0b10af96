package webchatsim

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/lxzan/gws"
)

// Signal is what a connected page hears: hello, news, typing, seen, pong.
type Signal struct {
	Type string     `json:"type"`
	On   bool       `json:"on"`
	At   *time.Time `json:"at"`
}

// Connection is a page's WebSocket.
type Connection struct{ conn *gws.Conn }

// ear hears one connection.
type ear struct {
	gws.BuiltinEventHandler
	hear func(Signal)
	over func()
}

// OnMessage implements gws.Event.
func (e *ear) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer func() { _ = m.Close() }() // returns a buffer
	var s Signal
	if json.Unmarshal(m.Bytes(), &s) == nil {
		e.hear(s)
	}
}

// OnPing implements gws.Event.
func (e *ear) OnPing(c *gws.Conn, payload []byte) { _ = c.WritePong(payload) } // it may be gone already

// OnClose implements gws.Event.
func (e *ear) OnClose(*gws.Conn, error) { e.over() }

// dialer opens a connection within a context.
type dialer func(network, address string) (net.Conn, error)

// Dial implements gws.Dialer.
func (d dialer) Dial(network, address string) (net.Conn, error) { return d(network, address) }

// readBuffer is small: thousands of pages may stand in one process.
const readBuffer = 512

// Connect opens the WebSocket and says hello. hear is called for each signal and
// over once at the end, both by a goroutine of the connection. ctx is of the dialling.
func (v *Visitor) Connect(ctx context.Context, hear func(Signal), over func()) (*Connection, error) {
	h := http.Header{}
	if v.cfg.Origin != "" {
		h.Set("Origin", v.cfg.Origin)
	}
	o := &gws.ClientOption{Addr: v.live(), RequestHeader: h, ReadBufferSize: readBuffer}
	if v.cfg.Dial != nil {
		o.NewDialer = func() (gws.Dialer, error) {
			return dialer(func(network, address string) (net.Conn, error) { return v.cfg.Dial(ctx, network, address) }), nil
		}
	}
	conn, _, err := gws.NewClient(&ear{hear: hear, over: over}, o)
	if err != nil {
		return nil, err
	}
	c := &Connection{conn}
	go conn.ReadLoop()
	return c, c.tell(map[string]any{"type": "hello", "token": v.Token})
}

// Type says that the visitor types, or has ceased.
func (c *Connection) Type(on bool) error { return c.tell(map[string]any{"type": "typing", "on": on}) }

// Close ends the connection.
func (c *Connection) Close() error { return c.conn.NetConn().Close() }

func (c *Connection) tell(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.conn.WriteMessage(gws.OpcodeText, b)
}

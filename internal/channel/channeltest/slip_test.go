package channeltest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/channeltest"
)

// The channel "slip" is the smallest one that is whole: docs/CHANNEL.md takes it
// as its example. Its server keeps a list of slips, each one line of JSON:
//
//	PUT {...}   answers OK when the slip is kept
//	GET 7       answers the seventh slip, or an empty line when there is none yet

// kind is what builtin.Kinds would list.
func kind() channel.Kind {
	return channel.Kind{Name: "slip", Parse: parse, Open: open}
}

// slip is a message on the wire.
type slip struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

// parse is pure. An error sends the bytes to quarantine.
func parse(raw []byte) (*channel.Message, error) {
	var s slip
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("not a slip: %w", err)
	}
	return &channel.Message{ExternalID: s.ID, From: channel.Address{Address: s.From}, Text: s.Text, Visible: s.Text}, nil
}

// endpoint is one configured server.
type endpoint struct {
	host     channel.Host
	settings struct{ Address string }
}

// open looks at the settings and connects nowhere.
func open(settings, _ []byte, host channel.Host) (channel.Channel, error) {
	e := &endpoint{host: host}
	if err := json.Unmarshal(settings, &e.settings); err != nil {
		return nil, &channel.SettingsError{Err: err}
	}
	return e, nil
}

// Close implements channel.Channel.
func (e *endpoint) Close() error { return nil }

// ask says one line to the server and returns the answer. The point of no return
// is before the line's end: what has no end was not said.
func (e *endpoint) ask(ctx context.Context, line string, commit func(context.Context) error) (string, error) {
	conn, err := e.host.Dial(ctx, "tcp", e.settings.Address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := fmt.Fprint(conn, line); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if commit != nil {
		if err := commit(ctx); err != nil {
			return "", err
		}
	}
	if _, err = fmt.Fprint(conn, "\n"); err == nil {
		line, err = bufio.NewReader(conn).ReadString('\n')
	}
	if err != nil && commit != nil {
		return "", &channel.AmbiguousError{Err: err}
	}
	return strings.TrimSpace(line), err
}

// Send implements channel.Channel.
func (e *endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	if len(m.Recipients()) == 0 {
		return &channel.RefusedError{Text: "nobody to send to"}
	}
	doc, err := json.Marshal(slip{ID: m.ID, From: m.From.Address, Text: m.Text})
	if err != nil {
		return err
	}
	answer, err := e.ask(ctx, "PUT "+string(doc), m.Committing)
	if err == nil && answer != "OK" {
		return &channel.RefusedError{Text: answer}
	}
	return err
}

// Listen implements channel.Listener.
func (e *endpoint) Listen(ctx context.Context, deliver func(context.Context, channel.Raw) error) error {
	for ctx.Err() == nil {
		err := e.drain(ctx, deliver)
		if ctx.Err() == nil {
			e.host.Healthy(ctx, err)
		}
		timer, stop := e.host.Clock.After(10 * time.Millisecond)
		select {
		case <-timer:
		case <-ctx.Done():
		}
		stop()
	}
	return nil
}

func (e *endpoint) drain(ctx context.Context, deliver func(context.Context, channel.Raw) error) error {
	for {
		p, err := e.host.Cursor.Get(ctx, "slips")
		if err != nil {
			return err
		}
		p.UIDValidity, p.UID = 1, p.UID+1
		line, err := e.ask(ctx, fmt.Sprintf("GET %d", p.UID), nil)
		if err != nil || line == "" {
			return err
		}
		raw := channel.Raw{Source: "slip", Key: fmt.Sprintf("slip:%d", p.UID), Bytes: []byte(line)}
		if err := deliver(ctx, raw); err != nil {
			return err
		}
		if err := e.host.Cursor.Set(ctx, "slips", p); err != nil {
			return err
		}
	}
}

// Check implements channel.Checker.
func (e *endpoint) Check(ctx context.Context) []channel.Step {
	_, err := e.ask(ctx, "GET 1", nil)
	text := e.settings.Address
	if err != nil {
		text = err.Error()
	}
	return []channel.Step{{Part: "receive", Name: "connect", OK: err == nil, Text: text}}
}

// server keeps slips.
type server struct {
	net   net.Listener
	mu    sync.Mutex
	slips []string
	taken int
}

func (s *server) serve() {
	for {
		conn, err := s.net.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
				fmt.Fprintln(conn, s.answer(strings.TrimSpace(line)))
			}
		}()
	}
}

func (s *server) answer(line string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	verb, arg, _ := strings.Cut(line, " ")
	if verb == "PUT" {
		s.taken++
		return "OK"
	}
	var n int
	if _, err := fmt.Sscan(arg, &n); err != nil || n < 1 || n > len(s.slips) {
		return ""
	}
	return s.slips[n-1]
}

func TestContract(t *testing.T) {
	channeltest.Contract(t, kind(), func(t *testing.T) channeltest.Peer {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := &server{net: l}
		go s.serve()
		t.Cleanup(func() {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		})
		return channeltest.Peer{
			Settings: fmt.Appendf(nil, `{"Address":%q}`, l.Addr()),
			Put: func(n int) error {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.slips = append(s.slips, fmt.Sprintf(`{"id":"s%d","from":"ana","text":"hello"}`, n))
				return nil
			},
			Taken: func() int {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.taken
			},
			Outgoing: func() *channel.Outgoing {
				return &channel.Outgoing{ID: "o1", From: channel.Address{Address: "desk"}, To: []channel.Address{{Address: "ana"}}, Text: "hello"}
			},
		}
	})
}

func TestGoldens(t *testing.T) { channeltest.Goldens(t, kind(), "testdata/slip") }

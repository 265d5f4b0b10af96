package live_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/front/live"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// browser is the other end of a connection.
type browser struct {
	gws.BuiltinEventHandler
	got chan string
}

// OnMessage implements gws.Event.
func (b *browser) OnMessage(_ *gws.Conn, m *gws.Message) {
	b.got <- m.Data.String()
	_ = m.Close() // returns a buffer
}

// record is a log that tests read.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) count(s string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.b.String(), s)
}

// TestPanicsCostOneMessage gives a hub no database: greeting a browser panics, and
// so does looking for news. Both are caught and logged, and the hub goes on.
func TestPanicsCostOneMessage(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	db := dbtest.SQLite(t, c)
	log := &record{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	ids := id.NewSource(c, strings.NewReader(strings.Repeat("x", 1<<10)))
	journal := event.NewJournal(db, job.New(db, ids, logger))
	hub := live.New(nil, journal, logger, func(*http.Request) (live.Viewer, error) {
		return live.Viewer{AgentID: "agt_1", Valid: func(context.Context) bool { return true }}, nil
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	server := httptest.NewServer(hub)
	defer server.Close()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()

	b := &browser{got: make(chan string, 10)}
	conn, _, err := gws.NewClient(b, &gws.ClientOption{Addr: "ws" + strings.TrimPrefix(server.URL, "http")})
	if err != nil {
		t.Fatal(err)
	}
	go conn.ReadLoop()
	for _, m := range []string{`{"type":"hello"}`, `{"type":"ping"}`} {
		if err := conn.WriteString(m); err != nil {
			t.Fatal(err)
		}
	}
	for wait := time.After(10 * time.Second); ; {
		select {
		case m := <-b.got:
			if strings.Contains(m, "pong") {
				if n := log.count("a live message panicked"); n != 1 {
					t.Errorf("the greeting was logged %d times", n)
				}
				if log.count("live updates panicked") == 0 {
					t.Error("looking for news was not logged")
				}
				_ = conn.NetConn().Close() // the browser leaves
				return
			}
		case <-wait:
			t.Fatal("the connection is dead")
		}
	}
}

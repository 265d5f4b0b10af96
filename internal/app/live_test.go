package app_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
)

// listener is a browser that notes what it hears.
type listener struct {
	gws.BuiltinEventHandler
	heard chan string
}

// OnMessage implements gws.Event.
func (l *listener) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer func() { _ = m.Close() }()
	select {
	case l.heard <- m.Data.String():
	default: // enough was heard
	}
}

// TestLiveThroughEverything connects as a browser does, through all that stands
// before the hub: what wraps the answers must let a connection be taken over,
// and the time limits of requests must not end it.
func TestLiveThroughEverything(t *testing.T) {
	onBoth(t, impatient, func(s *site) {
		_, err := s.in.Agents.Create(s.Context(), actor.OfSystem("test"), team.NewAgent{Name: "Aoi", Email: "aoi@desk.example", Role: team.Manager, Password: "a long enough password"})
		s.must(err)
		res, err := http.Post(s.app.URL()+"/api/v1/session", "application/json", bytes.NewBufferString(`{"email":"aoi@desk.example","password":"a long enough password"}`))
		s.must(err)
		s.must(res.Body.Close())
		if len(res.Cookies()) == 0 {
			s.Fatal(res.Status)
		}
		l := &listener{heard: make(chan string, 16)}
		header := http.Header{"Cookie": {res.Cookies()[0].Name + "=" + res.Cookies()[0].Value}, "Origin": {s.app.URL()}}
		conn, _, err := gws.NewClient(l, &gws.ClientOption{Addr: strings.Replace(s.app.URL(), "http", "ws", 1) + "/api/v1/live", RequestHeader: header})
		s.must(err)
		defer conn.NetConn().Close()
		go conn.ReadLoop()
		s.must(conn.WriteMessage(gws.OpcodeText, []byte(`{"type":"hello","since":0}`)))
		time.Sleep(1700 * time.Millisecond) // longer than a request may take
		if rec := s.ask("POST", "/api/v1/tags", stranger, s.key, `{"name":"live","color":1,"complaint":false}`); rec.Code != http.StatusCreated {
			s.Fatal(rec.Code, rec.Body)
		}
		for {
			select {
			case m := <-l.heard:
				if strings.Contains(m, "tag") {
					return
				}
			case <-time.After(10 * time.Second):
				s.Fatal("nothing was heard of the new tag")
			}
		}
	})
}

package hostile

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// TestPagesWhileTheDatabaseIsGone takes the database away under signed-in agents:
// the page still opens, what needs the database says so and may be tried again,
// nobody is signed out, and mail is put off, not lost.
func TestPagesWhileTheDatabaseIsGone(t *testing.T) {
	onBoth(t, func(d *desk) {
		conv := d.conversation("ana@customer.example")
		d.must(d.in.DB.Close())
		for _, path := range []string{"/", "/inbox", "/inbox/" + conv, "/healthz"} {
			if r := d.root.send("GET", path, nil); r.status >= 500 && !strings.Contains(r.body, "make build") {
				t.Errorf("%s: %d", path, r.status)
			}
		}
		for _, path := range []string{"/me", "/conversations", "/conversations/" + conv, "/search?q=a", "/setup"} {
			r := d.root.call("GET", path, nil)
			if r.status != http.StatusServiceUnavailable && r.status != http.StatusInternalServerError || r.json()["code"] == nil || r.cookie() != "" || len(r.header["Set-Cookie"]) > 0 {
				t.Errorf("%s: %d %s %v", path, r.status, r.body, r.header["Set-Cookie"])
			}
			for _, inside := range []string{"sql", "SQL", "goroutine", ".go:", "pgx"} {
				if strings.Contains(r.body, inside) {
					t.Errorf("%s tells of the inside: %s", path, r.body)
				}
			}
		}
		if r := d.root.send("GET", "/readyz", nil); r.status != http.StatusServiceUnavailable {
			t.Errorf("ready: %d", r.status)
		}
		if r := d.root.send("GET", api.Base+"/live", nil, "Origin", "https://desk.example", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="); r.status != http.StatusServiceUnavailable {
			t.Errorf("live: %d %s", r.status, r.body)
		}
		if r := d.nobody().send("GET", "/s/some-token", nil); r.status < 500 || strings.Contains(r.body, "sql") {
			t.Errorf("a survey: %d %.200s", r.status, r.body)
		}
		start := time.Now()
		err := d.bring(d.letter("ana@customer.example", "while it is gone"))
		if err == nil || !strings.HasPrefix(err.Error(), "451") && !strings.Contains(err.Error(), "451") {
			t.Errorf("a mail is told %v", err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("and only after %s", took)
		}
		if strings.Contains(d.log.String(), "panic") {
			t.Error("something panicked")
		}
	})
}

package app

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestCompressed(t *testing.T) {
	long := `{"items":"` + strings.Repeat("x", 4000) + `"}`
	for name, c := range map[string]struct {
		method, path, accepts, kind, body string
		status                            int
		zipped                            bool
	}{
		"a list":           {"GET", "/api/v1/conversations", "gzip, br", "application/json", long, 200, true},
		"a problem":        {"GET", "/api/v1/conversations", "gzip", "application/problem+json", long, 500, true},
		"little":           {"GET", "/api/v1/me", "gzip", "application/json", `{}`, 200, false},
		"nothing":          {"GET", "/api/v1/me", "gzip", "", "", 204, false},
		"only a status":    {"GET", "/api/v1/me", "gzip", "", "", 418, false},
		"a file":           {"GET", "/api/v1/attachments/1", "gzip", "application/octet-stream", long, 200, false},
		"a change":         {"POST", "/api/v1/conversations", "gzip", "application/json", long, 200, false},
		"an old client":    {"GET", "/api/v1/conversations", "", "application/json", long, 200, false},
		"another's pages":  {"GET", "/assets/index.js", "gzip", "application/json", long, 200, false},
		"a new connection": {"GET", "/api/v1/live", "gzip", "application/json", long, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.kind != "" {
					w.Header().Set("Content-Type", c.kind)
				}
				if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
					t.Error(err)
				}
				w.WriteHeader(c.status)
				if c.body != "" {
					_, _ = io.WriteString(w, c.body)
				}
			}))
			for range 2 { // the second takes the first one's writer
				r := httptest.NewRequest(c.method, c.path, nil)
				r.Header.Set("Accept-Encoding", c.accepts)
				got := httptest.NewRecorder()
				h.ServeHTTP(got, r)
				var body io.Reader = got.Body
				if zipped := got.Header().Get("Content-Encoding") == "gzip"; zipped != c.zipped {
					t.Fatalf("compressed: %v", zipped)
				} else if zipped {
					if got.Body.Len() >= len(c.body)/2 || got.Header().Get("Vary") != "Accept-Encoding" {
						t.Errorf("%d bytes, Vary %q", got.Body.Len(), got.Header().Get("Vary"))
					}
					z, err := gzip.NewReader(got.Body)
					if err != nil {
						t.Fatal(err)
					}
					body = z
				}
				b, err := io.ReadAll(body)
				if err != nil || string(b) != c.body || got.Code != c.status {
					t.Errorf("status %d, %d bytes, %v", got.Code, len(b), err)
				}
			}
		})
	}
}

package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// TestNoTextIsRefused sends what PostgreSQL's text cannot hold to several routes:
// both databases refuse it, as the client's mistake.
func TestNoTextIsRefused(t *testing.T) {
	onBoth(t, func(s *site) {
		u := s.key(team.Administrator)
		for _, c := range []struct{ method, path, body string }{
			{"GET", "/search?q=a%00b", ""},
			{"GET", "/customers?q=%00", ""},
			{"GET", "/customers?q=%ff", ""},
			{"GET", "/conversations?status=open&tag=%00", ""},
			{"GET", "/conversations/conv_%00", ""},
			{"GET", "/customers?%00=1", ""},
			{"GET", "/conversations/a%ffb/messages", ""},
			{"POST", "/tags", `{"name":"a\u0000b"}`},
			{"POST", "/tags", `{"name":"a\\\u0000b"}`},
			{"POST", "/brands", `{"name":"\u0000","locale":"en","timeZone":"Europe/London"}`},
			{"POST", "/session", `{"email":"a\u0000@desk.example","password":"x"}`},
		} {
			req := httptest.NewRequest(c.method, api.Base+c.path, strings.NewReader(c.body)).WithContext(s.Context())
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+u.key)
			rec := httptest.NewRecorder()
			s.mux.ServeHTTP(rec, req)
			if rec.Code != 400 && rec.Code != 422 || rec.Header().Get("Content-Type") != "application/problem+json" {
				s.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, rec.Code, rec.Body)
			}
		}
		// The characters of the escape are text like any other.
		u.post("/tags", object{"name": `a\u0000b`}).ok(201, nil)
	})
}

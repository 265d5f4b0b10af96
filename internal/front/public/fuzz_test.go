package public_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/front/public"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
)

// FuzzAnswer sends anything to the page of a survey. It answers with a page or
// leads to one of its own, never with an error of the server, and what was sent
// stands nowhere as HTML.
func FuzzAnswer(f *testing.F) {
	c := clock.NewManual(dbtest.Start)
	d := surveytest.New(f, dbtest.SQLite(f, c), c)
	pages, err := public.New(public.Deps{Surveys: d.Program, Words: d.Phrases, Clock: c, Log: slog.New(slog.DiscardHandler),
		ClientAddress: func(*http.Request) string { return "192.0.2.1" }})
	if err != nil {
		f.Fatal(err)
	}
	path := "/s/" + surveytest.Token(d.Asked())
	f.Add("score=2&comment=%3Cscript%3Ealert(1)%3C/script%3E", "application/x-www-form-urlencoded", "")
	f.Add("score=99999999999999999999&comment=%00%ff", "application/x-www-form-urlencoded", "lang=xx&score=-1")
	f.Add("score=1&score=2&lang=ja&reference=x", "application/x-www-form-urlencoded", "score=%zz")
	f.Add("--b\r\nContent-Disposition: form-data; name=score\r\n\r\n5\r\n--b--", "multipart/form-data; boundary=b", "lang=en")
	f.Add("%", "application/x-www-form-urlencoded; charset=x", "%00")
	f.Add("comment="+strings.Repeat("%F0%9F%91%A8%E2%80%8D", 100)+"&score=5", "text/plain", "\"><img src=x onerror=alert(1)>")
	f.Fuzz(func(t *testing.T, body, kind, query string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(t.Context())
			r.URL.RawQuery = query
			r.Header["Content-Type"] = []string{kind}
			w := httptest.NewRecorder()
			pages.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s %q %q ?%q: %d", method, body, kind, query, w.Code)
			}
			if to := w.Header().Get("Location"); to != "" {
				u, err := url.Parse(to)
				if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, path) {
					t.Errorf("led to %q", to)
				}
			}
			out := strings.ToLower(w.Body.String())
			if strings.Count(out, "<script") > 0 || strings.Contains(out, "onerror=alert") && strings.Contains(out, "<img src=x") {
				t.Errorf("%q ?%q stands on the page as HTML", body, query)
			}
		}
	})
}

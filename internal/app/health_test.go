package app_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/web"
)

// inbox adds an inbox that takes mail from the built-in receiver.
func (s *site) inbox(name, address string) inbox.Inbox {
	s.Helper()
	lang, zone, mode, none, yes := "en", "Europe/London", "smtp", "none", true
	by := actor.OfSystem("test")
	b, err := s.in.Brands.Create(s.Context(), by, brand.Change{Name: &name, Locale: &lang, Zone: &zone})
	s.must(err)
	i, err := s.in.Inboxes.Create(s.Context(), by, inbox.Change{
		BrandID: &b.ID, Name: &name, Address: &address, Active: &yes, Receive: &inbox.ReceiveChange{Mode: &mode}, Send: &inbox.SendChange{Mode: &none},
	})
	s.must(err)
	return i
}

// TestReadyTellsStrangersLittle asks for readiness from this machine, through a
// proxy, with a key, and as anybody.
func TestReadyTellsStrangersLittle(t *testing.T) {
	onBoth(t, nil, func(s *site) {
		i := s.inbox("Secret project", "secret@desk.example")
		s.must(s.in.Inboxes.Healthy(s.Context(), i.ID, inbox.Receiving, nil))
		s.must(s.in.Inboxes.Healthy(s.Context(), i.ID, inbox.Receiving, http.ErrServerClosed))
		var all app.Readiness
		s.decode(s.ask("GET", "/readyz", here, "", ""), &all)
		if !all.Ready || !all.Database.OK || all.Database.Schema == 0 || !all.Storage.OK || !all.Jobs.OK || len(all.Inboxes) != 1 {
			s.Fatalf("from here: %+v", all)
		}
		if one := all.Inboxes[0]; one.Name != "Secret project" || one.OK || one.LastSuccessAt == nil || one.LastErrorAt == nil || one.LastError == "" || one.Receive.OK || !one.Send.OK {
			s.Errorf("the inbox: %+v", one)
		}
		s.decode(s.ask("GET", "/readyz", stranger, s.key, ""), &all)
		if len(all.Inboxes) != 1 {
			s.Errorf("with a manager's key: %+v", all)
		}
		proxied := httptest.NewRequest("GET", "/readyz", nil)
		proxied.RemoteAddr = here
		proxied.Header.Set("X-Forwarded-For", "203.0.113.7")
		through := httptest.NewRecorder()
		s.app.Handler().ServeHTTP(through, proxied)
		for name, rec := range map[string]*httptest.ResponseRecorder{"stranger": s.ask("GET", "/readyz", stranger, "", ""), "through a proxy": through} {
			var states map[string]any
			s.decode(rec, &states)
			want := map[string]bool{"ready": true, "database": true, "storage": true, "jobs": true, "inboxes": false}
			for k, v := range want {
				if states[k] != v {
					s.Errorf("%s: %s is %v", name, k, states[k])
				}
			}
			for k, v := range states {
				if _, plain := v.(bool); !plain {
					s.Errorf("%s: tells %s: %v", name, k, v)
				}
			}
			if strings.Contains(rec.Body.String(), "ecret") {
				s.Errorf("%s: %s", name, rec.Body)
			}
		}
		if rec := s.ask("GET", "/metrics", stranger, "", ""); rec.Code != http.StatusForbidden || strings.Contains(rec.Body.String(), "ecret") {
			s.Errorf("metrics for a stranger: %d", rec.Code)
		}
		if rec := s.ask("GET", "/metrics", stranger, s.key, ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `kintsugi_inbox_ok{inbox="Secret project"} 0`) {
			s.Errorf("metrics with a key: %d %s", rec.Code, rec.Body)
		}
	})
}

// TestReadyDuringAnUpgrade lets a newer node change the schema and leave duties
// that only it does: the older one stays ready, and says what it sees.
func TestReadyDuringAnUpgrade(t *testing.T) {
	onBoth(t, nil, func(s *site) {
		var r app.Readiness
		s.decode(s.ask("GET", "/readyz", here, "", ""), &r)
		if !r.Ready || r.Database.Note != "" || len(r.Jobs.Stranded) != 0 {
			s.Fatalf("before: %+v", r)
		}
		s.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
		s.strand("job_00000000000000000000000001", time.Now().Add(-2*time.Hour))
		s.strand("job_00000000000000000000000002", time.Now().Add(-2*time.Minute))
		for range 2 {
			s.decode(s.ask("GET", "/readyz", here, "", ""), &r)
		}
		if !r.Ready || !r.Database.OK || r.Database.Schema != 99999 || !strings.Contains(r.Database.Note, "newer program") {
			s.Errorf("with a newer schema: %+v", r.Database)
		}
		if !r.Jobs.OK || len(r.Jobs.Stranded) != 1 || r.Jobs.Stranded[0].Kind != "polish" || r.Jobs.Stranded[0].Count != 1 {
			s.Errorf("with duties of another release: %+v", r.Jobs)
		}
		if n := strings.Count(s.log.String(), "changed the schema"); n != 1 {
			s.Errorf("warned %d times: %s", n, s.log)
		}
		if body := s.ask("GET", "/readyz", stranger, "", "").Body.String(); strings.Contains(body, "newer") || strings.Contains(body, "polish") {
			s.Errorf("a stranger hears: %s", body)
		}
		var page struct {
			Items []struct{ ID, Kind, State string }
		}
		s.decode(s.ask("GET", "/api/v1/jobs?state=stranded", here, s.key, ""), &page)
		if len(page.Items) != 1 || page.Items[0].ID != "job_00000000000000000000000001" || page.Items[0].State != "ready" {
			s.Errorf("the list: %+v", page)
		}
		if rec := s.ask("GET", "/metrics", here, "", ""); !strings.Contains(rec.Body.String(), `kintsugi_jobs{state="stranded"} 1`) {
			s.Errorf("metrics: %s", rec.Body)
		}
	})
}

// TestStrangeProxyIsToldOnce sends what only a proxy sends from an address that
// nobody declared.
func TestStrangeProxyIsToldOnce(t *testing.T) {
	s := open(t, "", nil)
	for range 3 {
		req := httptest.NewRequest("GET", "/api/v1/setup", nil)
		req.RemoteAddr = "192.0.2.9:1"
		req.Header.Set("X-Forwarded-For", "203.0.113.7")
		s.app.Handler().ServeHTTP(httptest.NewRecorder(), req)
	}
	if n := strings.Count(s.log.String(), "--trusted-proxies"); n != 1 || !strings.Contains(s.log.String(), "192.0.2.9") {
		t.Errorf("warned %d times: %s", n, s.log)
	}
}

// TestNoTextEverywhere sends NULs to what is no API: nothing of it is our fault.
// A clone that was never built answers 503 for every page, whatever the path.
func TestNoTextEverywhere(t *testing.T) {
	_, err := fs.Stat(web.Dist(), "index.html")
	built := err == nil
	onBoth(t, nil, func(s *site) {
		for _, c := range [][3]string{
			{"GET", "/s/%00", ""}, {"GET", "/s/tok%ff", ""}, {"POST", "/s/%00", "score=1"}, {"POST", "/s/token", "score=1&comment=%00"}, {"GET", "/%00", ""}, {"GET", "/?%00", ""},
			{"GET", "/api/v1/search?q=%00", ""}, {"GET", "/api/v1/attachments/%00", ""}, {"GET", "/api/v1/attachments/%ff?inline=true", ""},
		} {
			req := httptest.NewRequest(c[0], c[1], strings.NewReader(c[2])).WithContext(s.Context())
			req.Header.Set("Authorization", "Bearer "+s.key)
			req.Header.Set("User-Agent", "\xff")
			if c[2] != "" {
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			rec := httptest.NewRecorder()
			s.app.Handler().ServeHTTP(rec, req)
			page := c[0] == "GET" && !strings.HasPrefix(c[1], "/s/") && !strings.HasPrefix(c[1], "/api/")
			if want := http.StatusServiceUnavailable; !built && page {
				if rec.Code != want {
					s.Errorf("%s %s without pages: %d, not %d", c[0], c[1], rec.Code, want)
				}
				continue
			}
			if rec.Code >= 500 {
				s.Errorf("%s %s: %d %s", c[0], c[1], rec.Code, rec.Body)
			}
		}
		body := "--b\r\nContent-Disposition: form-data; name=file; filename*=utf-8''a%00%ffb\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n"
		req := httptest.NewRequest("POST", "/api/v1/attachments", strings.NewReader(body)).WithContext(s.Context())
		req.Header.Set("Authorization", "Bearer "+s.key)
		req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		rec := httptest.NewRecorder()
		s.app.Handler().ServeHTTP(rec, req)
		if rec.Code >= 500 {
			s.Errorf("upload: %d %s", rec.Code, rec.Body)
		}
	})
}

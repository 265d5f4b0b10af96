package contact_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	front "github.com/kintsugi-desk/kintsugi/internal/front/contact"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
	"github.com/kintsugi-desk/kintsugi/web"
)

// site is a desk whose contact page is served.
type site struct {
	*testing.T
	clock  *clock.Manual
	points *contact.Points
	brand  brand.Brand
	server *httptest.Server
}

func serve(t *testing.T, db *sqldb.DB, c *clock.Manual) *site {
	t.Helper()
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	ids, log := id.NewSource(c, rand.Reader), slog.New(slog.DiscardHandler)
	journal := event.NewJournal(db, job.New(db, ids, log))
	brands := brand.NewBrands(db, ids, journal)
	s := &site{T: t, clock: c, points: contact.New(contact.Tools{DB: db, IDs: ids, Journal: journal, Brands: brands, Inboxes: inbox.NewInboxes(db, ids, journal, seal.Random())})}
	hours := worktime.Weekdays("Asia/Tokyo", "09:00", "18:00")
	hours.Holidays = worktime.Japan
	zone, name := "Asia/Tokyo", "器の店 <b>"
	if s.brand, err = brands.Create(t.Context(), actor.OfSystem("test"), brand.Change{Name: &name, Zone: &zone, Hours: &hours}); err != nil {
		t.Fatal(err)
	}
	pages, err := front.New(front.Deps{DB: db, Points: s.points, Brands: brands, Words: words, Clock: c, Log: log, Origin: "https://desk.example",
		ClientAddress: func(r *http.Request) string { return r.Header.Get("X-Test-Address") }})
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(pages)
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) add(c contact.Content) {
	s.Helper()
	if _, err := s.points.Create(s.Context(), actor.OfSystem("test"), contact.Change{BrandID: &s.brand.ID, Content: &c}); err != nil {
		s.Fatal(err)
	}
}

func (s *site) get(path string) (int, http.Header, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.server.URL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	res, err := s.server.Client().Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestPageAndBar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		s.add(contact.Content{Kind: contact.Phone, Value: "0120-123-456", Label: phrase.Words{Ja: "修理受付", En: "Repairs"}, Note: phrase.Words{Ja: "<script>x</script>"},
			Languages: []string{"ja", "en"}, Access: []contact.Access{contact.Relay}, PrintedOn: "秘密の配布先"})
		s.add(contact.Content{Kind: contact.Social, Value: "@utsuwa", URL: "https://line.me/R/ti/p/@utsuwa", Always: true})
		tokyo := time.FixedZone("JST", 9*3600)
		s.clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, tokyo)) // a holiday
		status, header, body := s.get("/contact/" + s.brand.ID + "?lang=ja")
		if status != 200 || header.Get("X-Frame-Options") != "DENY" || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Fatalf("%d %v", status, header)
		}
		for _, part := range []string{`<a href="tel:0120123456">0120-123-456</a>`, "修理受付", "通話料無料", "次の受付：2026年11月24日 09:00", "月～金 09:00～18:00", "祝日を除く", "日本語、English",
			"電話リレーサービス対応", "&lt;script&gt;", "24時間受付", "器の店 &lt;b&gt;"} {
			if !strings.Contains(body, part) {
				t.Errorf("the page does not say %q", part)
			}
		}
		if strings.Contains(body, "秘密の配布先") || strings.Contains(body, "<script>x") {
			t.Error("the page says what is ours, or runs what was entered")
		}
		s.clock.Set(time.Date(2026, 11, 24, 12, 0, 0, 0, tokyo))
		_, header, body = s.get("/contact/" + s.brand.ID + "/bar?lang=en")
		var bar struct {
			Page  string
			Items []struct {
				Kind, Label, Link, State, Cost string
				Open                           bool
			}
		}
		if err := json.Unmarshal([]byte(body), &bar); err != nil {
			t.Fatal(err)
		}
		if header.Get("Access-Control-Allow-Origin") != "*" || len(bar.Items) != 2 || !bar.Items[0].Open || bar.Items[0].State != "Open now" ||
			bar.Items[0].Cost != "Free of charge" || bar.Items[0].Label != "Repairs" || bar.Page != "https://desk.example/contact/"+s.brand.ID+"?lang=en" {
			t.Errorf("%v %+v", header, bar)
		}
		if strings.Contains(body, "秘密") {
			t.Error("the bar says what is ours")
		}
	})
}

func TestStrangersAndTheScript(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		if status, header, body := s.get("/contact.js"); status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/javascript") || len(body) > 4<<10 {
			t.Errorf("the script: %d, %d bytes", status, len(body))
		}
		if status, _, body := s.get("/contact/" + s.brand.ID); status != 200 || !strings.Contains(body, "There is nothing here yet.") {
			t.Errorf("an empty page: %d", status)
		}
		limited := false
		for range 40 {
			status, _, body := s.get("/contact/brand_unknown")
			limited = limited || status == http.StatusTooManyRequests
			if status != http.StatusNotFound && status != http.StatusTooManyRequests || !strings.Contains(body, "<h1>") {
				t.Fatalf("%d\n%s", status, body)
			}
		}
		if !limited {
			t.Error("trying brands costs nothing")
		}
		if status, _, _ := s.get("/contact/" + s.brand.ID); status != 200 {
			t.Errorf("who asks for a true one from there waits too: %d", status)
		}
	})
}

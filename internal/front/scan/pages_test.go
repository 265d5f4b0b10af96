package scan_test

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/contact"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/front/scan"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place"
	"github.com/kintsugi-desk/kintsugi/internal/voice/place/placetest"
)

// world is a desk with a sticker whose pages are served.
type world struct {
	*placetest.Desk
	server *httptest.Server
	from   string // the client's address
	agent  string // and what it calls itself
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		w := &world{Desk: placetest.New(t, db, c), from: "203.0.113.1", agent: "Mozilla/5.0 (iPhone) Safari/605 Line/14.0"}
		pages, err := scan.New(scan.Deps{Places: w.Places, Key: w.Key, Words: w.Phrases, Clock: c, Log: slog.New(slog.DiscardHandler),
			ClientAddress: func(*http.Request) string { return w.from }})
		if err != nil {
			t.Fatal(err)
		}
		w.server = httptest.NewServer(pages)
		t.Cleanup(w.server.Close)
		w.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		fn(t, w)
	})
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(method, path string, body io.Reader, headers ...string) answer {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, body)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("User-Agent", w.agent)
	req.Header.Set("Accept-Language", "ja")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func (w *world) get(path string, headers ...string) answer {
	w.Helper()
	return w.do(http.MethodGet, path, nil, headers...)
}

func (w *world) post(path string, pairs ...string) answer {
	w.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return w.do(http.MethodPost, path, strings.NewReader(v.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

func (w *world) has(a answer, status int, words ...string) answer {
	w.Helper()
	if a.status != status {
		w.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, s := range words {
		if !strings.Contains(a.body, html.EscapeString(s)) {
			w.Fatalf("the page does not say %q:\n%s", s, a.body)
		}
	}
	return a
}

func (w *world) say(key string, args map[string]any) string { return w.Phrases.Text("ja", key, args) }

// path is the page of the counter's sticker.
func (w *world) path() string { return "/q/" + w.Counter.Code }

func (w *world) ticket(a answer) string {
	w.Helper()
	found := regexp.MustCompile(`name="ticket" value="([^"]+)"`).FindStringSubmatch(a.body)
	if found == nil {
		w.Fatalf("no ticket: %d %s", a.status, a.body)
	}
	return html.UnescapeString(found[1])
}

// tapped opens the page, taps a face and returns the page that follows.
func (w *world) tapped(score int) answer {
	w.Helper()
	a := w.post(w.path()+"?lang=ja", "ticket", w.ticket(w.get(w.path())), "score", strconv.Itoa(score))
	if a.status != http.StatusSeeOther {
		w.Fatalf("tapped: %d %s", a.status, a.body)
	}
	return w.get(a.header.Get("Location"))
}

func (w *world) today() [10]int {
	w.Helper()
	return w.Days(w.Counter)[place.DayOf(w.Brand.Zone, w.Clock.Now())]
}

func TestTwoTaps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.has(w.get("/Q/"+w.Counter.Code), http.StatusOK, "「新宿店」のご利用はいかがでしたか。", "新宿店 – 2F レジ", "とても満足")
		if p := a.header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "script-src") || a.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("headers %v", a.header)
		}
		if strings.Contains(a.body, "<script") {
			t.Error("the page has a script")
		}
		w.has(w.get(w.path()+"?lang=en"), http.StatusOK, "How was your visit to Shinjuku shop?")
		next := w.tapped(1)
		w.has(next, http.StatusOK, w.say("place.say.dissatisfied", nil), w.say("place.say.given", map[string]any{"label": "とても不満"}))
		done := w.post(w.path()+"/say?lang=ja", "ticket", w.ticket(next), "act", "send", "words", "")
		if done.status != http.StatusSeeOther || !strings.HasPrefix(done.header.Get("Location"), w.path()+"/thanks") {
			t.Fatalf("sent: %d %v", done.status, done.header)
		}
		w.has(w.get(done.header.Get("Location")), http.StatusOK, w.say("place.heard.title", nil))
		if got, want := w.today(), ([10]int{1, 1, 1, 0, 0, 1}); got != want {
			t.Errorf("counted %v, want %v", got, want)
		}
		w.tapped(5) // who rates again a moment later had scanned again
		if got, want := w.today(), ([10]int{2, 2, 1, 0, 0, 1, 0, 0, 0, 1}); got != want {
			t.Errorf("counted %v, want %v", got, want)
		}
	})
}

func TestAComplaintOpensAMatter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		page := w.get(w.path() + "/say?lang=ja")
		w.has(page, http.StatusOK, w.say("place.say.complaint", nil))
		ticket := w.ticket(page)
		bad := w.post(w.path()+"/say?lang=ja", "ticket", ticket, "act", "ask", "words", "ドアが閉まらない。", "phone", "電話")
		w.has(bad, http.StatusUnprocessableEntity, "ドアが閉まらない。", w.say("error.form.phone", nil))
		sent := w.post(w.path()+"/say?lang=ja", "ticket", ticket, "act", "send", "words", "ドアが閉まらない。")
		again := w.post(w.path()+"/say?lang=ja", "ticket", ticket, "act", "send", "words", "ドアが閉まらない。")
		if sent.status != http.StatusSeeOther || again.status != http.StatusSeeOther || !strings.HasPrefix(sent.header.Get("Location"), "/c/status/") {
			t.Fatalf("sent: %d %v %s", sent.status, sent.header, sent.body)
		}
		if _, err := w.Forms.Matter(w.Context(), passIn(sent.header.Get("Location"))); err != nil {
			t.Errorf("the page of the matter: %v", err)
		}
		other := w.has(w.post(w.path()+"/say?lang=ja", "ticket", ticket, "act", "ask", "words", "開きもしない。", "email", "jiro@customer.example"), http.StatusUnprocessableEntity,
			w.say("place.again.taken", nil), "開きもしない。", "jiro@customer.example")
		if w.Count("conversation") != 1 || w.today() != [10]int{1, 1, 1, 0, 1} {
			t.Errorf("%d conversations, counted %v", w.Count("conversation"), w.today())
		}
		next := w.post(w.path()+"/say?lang=ja", "ticket", w.ticket(other), "act", "ask", "words", "開きもしない。", "email", "jiro@customer.example")
		if next.status != http.StatusSeeOther || w.Count("conversation") != 2 {
			t.Errorf("sent as another matter: %d, %d conversations", next.status, w.Count("conversation"))
		}
	})
}

func passIn(location string) string {
	rest, _, _ := strings.Cut(strings.TrimPrefix(location, "/c/status/"), "?")
	return rest
}

func TestWhoCountsAsAScan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do(http.MethodHead, w.path(), nil)
		w.get(w.path(), "Sec-Purpose", "prefetch;prerender")
		w.get(w.path(), "User-Agent", "facebookexternalhit/1.1;line-poker/1.0")
		w.get(w.path(), "Sec-Fetch-Dest", "image")
		if n := w.today()[0]; n != 0 {
			t.Errorf("%d machines counted", n)
		}
		w.get(w.path())
		w.get(w.path() + "?lang=en")
		w.Clock.Advance(20 * time.Minute)
		w.get(w.path())
		if n := w.today()[0]; n != 1 {
			t.Errorf("one visit counted %d times", n)
		}
		w.from = "203.0.113.2"
		w.get(w.path())
		w.Clock.Advance(31 * time.Minute)
		w.get(w.path())
		if n := w.today()[0]; n != 3 {
			t.Errorf("three visits counted %d times", n)
		}
		for range 200 { // one address that changes its name all the time
			w.agent += "x"
			w.get(w.path())
		}
		if n := w.today()[0]; n > 70 {
			t.Errorf("one address counted %d times", n)
		}
	})
}

func TestRetiredAndForged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		slug, kind, yes := "write", form.Contact, true
		if _, err := w.Forms.Create(w.Context(), actor.OfSystem("test"), form.Change{InboxID: &w.Support.ID, Slug: &slug, Kind: &kind, Active: &yes,
			Content: &form.Content{Title: phrase.Words{Ja: "お問い合わせ"}, Fields: []form.Field{{Name: "a", Type: form.Long, Label: phrase.Words{Ja: "内容"}}}}}); err != nil {
			t.Fatal(err)
		}
		ticket := w.ticket(w.get(w.path()))
		if _, err := w.Places.ChangeSticker(w.Context(), w.Hana, w.Counter.ID, place.StickerChange{Retired: &yes}); err != nil {
			t.Fatal(err)
		}
		w.has(w.get(w.path()), http.StatusGone, w.say("place.ended.title", nil), "/c/write?lang=ja", w.Support.Address)
		if _, err := w.Places.Contacts.Create(w.Context(), w.Hana, contact.Change{BrandID: &w.Brand.ID, Active: &yes,
			Content: &contact.Content{Kind: contact.Mail, Value: w.Support.Address, Languages: []string{"ja"}}}); err != nil {
			t.Fatal(err)
		}
		w.has(w.get(w.path()), http.StatusGone, "/contact/"+w.Brand.ID+"?lang=ja")
		w.has(w.post(w.path(), "ticket", ticket, "score", "5"), http.StatusGone)
		if w.Count("rating") != 0 {
			t.Error("a retired sticker took a rating")
		}
		w.has(w.get("/q/"+strings.Repeat("A", place.CodeLength)), http.StatusNotFound, w.say("place.missing.title", nil))
		w.has(w.get("/q/%00%ff"), http.StatusNotFound)
		w.has(w.get("/q/"+w.Counter.Code+"/nothing"), http.StatusNotFound)
		for range 30 {
			w.get("/q/" + strings.Repeat("B", place.CodeLength))
		}
		w.has(w.get("/q/"+strings.Repeat("B", place.CodeLength)), http.StatusTooManyRequests, w.say("place.slow.title", nil))
		w.has(w.get("/q/"+w.Issue("別の場所").Code), http.StatusOK) // behind the same address
	})
}

func TestHostilePosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ticket := w.ticket(w.get(w.path()))
		w.has(w.do(http.MethodPost, w.path(), strings.NewReader("score=1&ticket="+url.QueryEscape(ticket)), "Content-Type", "application/x-www-form-urlencoded",
			"Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
		other := w.Issue("別の場所")
		for name, pairs := range map[string][]string{
			"no ticket": {"score", "1"}, "forged": {"score", "1", "ticket", ticket + "0"}, "of another sticker": {"score", "1", "ticket", w.ticket(w.get("/q/" + other.Code))},
			"trap": {"score", "1", "ticket", ticket, "reference", "x"}, "no score": {"ticket", ticket}, "off the scale": {"ticket", ticket, "score", "9"},
		} {
			if a := w.post(w.path(), pairs...); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, a.status)
			}
		}
		w.has(w.post(w.path()+"/say", "ticket", ticket, "act", "send", "words", strings.Repeat("長", 300_000)), http.StatusRequestEntityTooLarge)
		w.has(w.post(w.path()+"/say?lang=ja", "ticket", ticket, "act", "send", "words", strings.Repeat("長", place.MaxWords+1)), http.StatusUnprocessableEntity)
		w.has(w.post(w.path()+"/say?lang=ja", "ticket", ticket, "act", "send", "words", `"><script>alert(1)</script>`, "reference", "x"), http.StatusUnprocessableEntity, `"><script>alert(1)</script>`)
		if w.Count("rating") != 0 {
			t.Error("something was kept")
		}
		busy := 0
		for range 60 { // one machine that taps and complains
			if w.post(w.path()+"/say", "ticket", w.ticket(w.get(w.path()+"/say")), "act", "send", "words", "x").status == http.StatusTooManyRequests {
				busy++
			}
		}
		if n := w.Count("conversation"); n > 10 || busy < 50 {
			t.Errorf("%d conversations, %d turned away", n, busy)
		}
		w.Clock.Advance(25 * time.Hour)
		w.has(w.post(w.path(), "ticket", ticket, "score", "1"), http.StatusUnprocessableEntity, w.say("place.again.expired", nil))
	})
}

func TestOneAddressMovesNoFigures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		rate := func(path string) answer {
			return w.post(path+"?lang=ja", "ticket", w.ticket(w.get(path)), "score", "1")
		}
		ratings := func() int { return w.today()[5] }
		other := w.Issue("別の場所")
		var last answer
		for i := range 60 { // slower than what any one address may tap
			w.from = "2001:db8::" + strconv.Itoa(i) // one client has all of them
			last = rate(w.path())
			w.Clock.Advance(10 * time.Second)
		}
		w.has(last, http.StatusTooManyRequests, w.say("place.again.many", nil))
		if n := ratings(); n < 30 || n > 36 {
			t.Errorf("one address rated %d times within ten minutes", n)
		}
		before := ratings()
		complaint := w.post(w.path()+"/say?lang=ja", "ticket", w.ticket(last), "act", "send", "words", "ドアが閉まらない。")
		if complaint.status != http.StatusSeeOther || w.Count("conversation") != 1 {
			t.Errorf("a complaint is refused, too: %d %s", complaint.status, complaint.body)
		}
		w.has(rate("/q/"+other.Code), http.StatusSeeOther)
		w.from = "2001:db8:0:1::1"
		first := w.ticket(w.get(w.path()))
		for range 35 { // who changes their mind is one
			w.has(w.post(w.path(), "ticket", first, "score", "1"), http.StatusSeeOther)
			w.Clock.Advance(10 * time.Second)
		}
		w.has(rate(w.path()), http.StatusSeeOther)
		if n := ratings(); n != before+2 {
			t.Errorf("two others made %d of %d", n, before)
		}
	})
}

func TestKiosk(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		pass := passOf(w, w.Counter)
		w.has(w.get(w.path()+"?kiosk=1"), http.StatusNotFound)
		a := w.has(w.get(w.path()+"?kiosk="+pass), http.StatusOK, "How was your visit", "ご利用はいかがでしたか")
		if p := a.header.Get("Content-Security-Policy"); !strings.Contains(p, "connect-src 'self'; worker-src 'self'") || strings.Contains(p, "unsafe") {
			t.Errorf("policy %q", p)
		}
		worker := w.get("/q/kiosk-worker.js")
		if worker.status != http.StatusOK || !strings.HasPrefix(worker.header.Get("Content-Type"), "text/javascript") {
			t.Errorf("worker %d %v", worker.status, worker.header)
		}
		at := strconv.FormatInt(w.Clock.Now().UnixMilli(), 10)
		w.Clock.Advance(time.Hour)
		batch := `{"pass":"` + pass + `","answers":[{"id":"a","score":5,"at":` + at + `},{"id":"b","score":1,"words":"暗い","lang":"ja","at":` + at + `},{"id":"c","score":9,"at":` + at + `}]}`
		for range 2 {
			told := w.do(http.MethodPost, w.path()+"/kiosk", strings.NewReader(batch), "Content-Type", "application/json")
			if told.status != http.StatusOK || strings.TrimSpace(told.body) != `{"done":["a","b"],"refused":["c"]}` {
				t.Fatalf("told: %d %s", told.status, told.body)
			}
		}
		if got, want := w.today(), ([10]int{0, 0, 0, 2, 1, 1, 0, 0, 0, 1}); got != want || w.Count("conversation") != 1 {
			t.Errorf("counted %v, want %v; %d conversations", got, want, w.Count("conversation"))
		}
		// A kiosk whose clock begins in 1970 says what it shows.
		wrong := `{"pass":"` + pass + `","now":3600000,"answers":[{"id":"w","score":4,"at":3000000}]}`
		if told := w.do(http.MethodPost, w.path()+"/kiosk", strings.NewReader(wrong), "Content-Type", "application/json"); strings.TrimSpace(told.body) != `{"done":["w"],"refused":[]}` {
			t.Errorf("told: %d %s", told.status, told.body)
		}
		if got, want := w.today(), ([10]int{0, 0, 0, 3, 1, 1, 0, 0, 1, 1}); got != want {
			t.Errorf("counted %v, want %v", got, want)
		}
		for name, c := range map[string]struct {
			body, kind string
			status     int
		}{
			"no pass": {`{"answers":[]}`, "application/json", http.StatusNotFound}, "a form": {batch, "text/plain", http.StatusBadRequest}, "no JSON": {"{", "application/json", http.StatusBadRequest},
		} {
			if a := w.do(http.MethodPost, w.path()+"/kiosk", strings.NewReader(c.body), "Content-Type", c.kind); a.status != c.status {
				t.Errorf("%s: %d", name, a.status)
			}
		}
	})
}

// passOf is what opens the kiosk of a sticker.
func passOf(w *world, s place.Sticker) string {
	_, pass, _ := strings.Cut(w.Places.Kiosk(s), "?kiosk=")
	return pass
}

func TestAKioskIsShut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := passOf(w, w.Counter)
		if n, signature, _ := strings.Cut(first, "."); n != "1" || len(signature) != 32 {
			t.Fatalf("the pass %q has not 128 bits", first)
		}
		tell := func(s place.Sticker, pass string) answer {
			return w.do(http.MethodPost, "/q/"+s.Code+"/kiosk", strings.NewReader(`{"pass":"`+pass+`","answers":[{"id":"a","score":5,"at":0}]}`), "Content-Type", "application/json")
		}
		renewed, err := w.Places.ChangeSticker(w.Context(), w.Hana, w.Counter.ID, place.StickerChange{NewPass: true})
		if err != nil {
			t.Fatal(err)
		}
		second := passOf(w, renewed)
		w.has(w.get(w.path()+"?kiosk="+first), http.StatusGone, w.say("place.kiosk.withdrawn.title", nil))
		if a := w.get(w.path() + "?kiosk=" + first); !strings.Contains(a.body, `data-shut="withdrawn"`) {
			t.Errorf("the kiosk does not shut: %s", a.body)
		}
		if told := tell(w.Counter, first); told.status != http.StatusGone || strings.TrimSpace(told.body) != `{"shut":"withdrawn"}` {
			t.Errorf("a withdrawn pass: %d %s", told.status, told.body)
		}
		other := w.Issue("別の場所")
		for _, forged := range []string{"", "2", "2." + first[2:], "3" + second[1:], passOf(w, other), "02" + second[1:]} {
			w.has(w.get(w.path()+"?kiosk="+forged), http.StatusNotFound)
			w.has(tell(w.Counter, forged), http.StatusNotFound)
		}
		if a := w.has(w.get(w.path()+"?kiosk="+second), http.StatusOK); !strings.Contains(a.body, `data-shut=""`) {
			t.Errorf("the new pass opens a kiosk that is shut: %s", a.body)
		}

		for range 40 { // a kiosk whose pass is none any more asks again and again
			w.has(tell(w.Counter, "7"+first[1:]), http.StatusNotFound)
		}
		w.has(w.get("/q/"+strings.Repeat("B", place.CodeLength)), http.StatusNotFound)

		fresh, err := w.Places.Replace(w.Context(), w.Hana, w.Counter.ID)
		if err != nil {
			t.Fatal(err)
		}
		if a := w.has(w.get(w.path()+"?kiosk="+second), http.StatusGone); !strings.Contains(a.body, `data-shut="ended"`) {
			t.Errorf("the kiosk of a replaced sticker goes on: %s", a.body)
		}
		if told := tell(w.Counter, second); told.status != http.StatusGone || strings.TrimSpace(told.body) != `{"shut":"ended"}` || w.Count("rating") != 0 {
			t.Errorf("the kiosk of a replaced sticker: %d %s, %d ratings", told.status, told.body, w.Count("rating"))
		}
		if old := w.Opened(w.Counter).Sticker; w.Places.Kiosk(old) != "" {
			t.Error("a replaced sticker has a kiosk")
		}
		newest, err := w.Places.Replace(w.Context(), w.Hana, fresh.ID)
		if err != nil {
			t.Fatal(err)
		}
		// What was kept for the stickers before is sent by the kiosk of the one that hangs there now.
		if a := w.has(w.get("/q/"+newest.Code+"?kiosk="+passOf(w, newest)), http.StatusOK); !strings.Contains(a.body, `data-before="`+w.Counter.Code+" "+fresh.Code+`"`) {
			t.Errorf("it does not take over: %s", a.body)
		}
		w.has(tell(newest, passOf(w, newest)), http.StatusOK)
	})
}

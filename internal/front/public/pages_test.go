package public_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/front/public"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
)

// site is a desk whose pages are served.
type site struct {
	*surveytest.Desk
	server *httptest.Server
	client *http.Client
}

func serve(t *testing.T, db *sqldb.DB, c *clock.Manual) *site {
	t.Helper()
	d := surveytest.New(t, db, c)
	pages, err := public.New(public.Deps{Surveys: d.Program, Words: d.Phrases, Clock: c, Log: slog.New(slog.DiscardHandler),
		ClientAddress: func(r *http.Request) string { return r.Header.Get("X-Test-Address") }})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Desk: d, server: httptest.NewServer(pages)}
	t.Cleanup(s.server.Close)
	s.client = s.server.Client()
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s
}

// answer is what a page answered.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(method, path string, form url.Values, headers ...string) answer {
	s.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+path, body)
	if err != nil {
		s.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func (s *site) get(path string, headers ...string) answer {
	return s.do(http.MethodGet, path, nil, headers...)
}

// rows counts the rows of every table.
func (s *site) rows() map[string]int {
	s.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if s.DB.Dialect() == sqldb.Postgres {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	out := map[string]int{}
	s.Read(func(tx *sqldb.Tx) error {
		var names []string
		r, err := tx.Query(s.Context(), list)
		if err != nil {
			return err
		}
		for r.Next() {
			var n string
			if err := r.Scan(&n); err != nil {
				return err
			}
			names = append(names, n)
		}
		if err := r.Close(); err != nil {
			return err
		}
		for _, n := range names {
			var count int
			if err := tx.QueryRow(s.Context(), `SELECT COUNT(*) FROM `+n).Scan(&count); err != nil {
				return err
			}
			out[n] = count
		}
		return nil
	})
	return out
}

// links returns every address in a mail, in either part.
func links(text string) []string {
	found := regexp.MustCompile(`https://desk\.example(/s/[^\s"<>]+)`).FindAllStringSubmatch(html.UnescapeString(text), -1)
	var out []string
	for _, f := range found {
		out = append(out, f[1])
	}
	return out
}

// What a mail scanner does: it follows every link of the mail, by GET and HEAD,
// several times, from several places. Nothing in the database may change.
func TestReadingRecordsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		m := s.Asked()
		before := s.rows()
		all := append(links(m.Text), links(m.HTML)...)
		all = append(all, links(m.Headers["List-Unsubscribe"])...)
		token := surveytest.Token(m)
		all = append(all, "/s/"+token+"/thanks", "/s/"+token+"?score=9", "/s/"+token+"?score=x", "/s/"+token+"?lang=en&score=1")
		if len(all) < 13 {
			t.Fatalf("only %d links: %v", len(all), all)
		}
		for range 2 {
			for i, path := range all {
				for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
					a := s.do(method, path, nil, "User-Agent", "Scanner/1.0", "X-Test-Address", fmt.Sprintf("192.0.2.%d", i))
					if a.status >= 500 || (method != http.MethodOptions && a.status >= 400) {
						t.Errorf("%s %s: %d", method, path, a.status)
					}
				}
			}
		}
		for name, n := range s.rows() {
			if before[name] != n {
				t.Errorf("table %s went from %d rows to %d", name, before[name], n)
			}
		}
		if before["invitation"] != 1 || before["response"] != 0 {
			t.Errorf("the count looks at the wrong tables: %v", before)
		}
	})
}

func TestAnswering(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		path := "/s/" + surveytest.Token(s.Asked())

		page := s.get(path + "?score=2")
		if page.status != 200 || !strings.Contains(page.body, `<html lang="ja">`) || !strings.Contains(page.body, "まだ送信されていません") ||
			!strings.Contains(page.body, `value="2" checked`) || strings.Count(page.body, " checked") != 1 {
			t.Fatalf("%d\n%s", page.status, page.body)
		}
		// One row, read from the worst to the best; the error's link leads to its beginning.
		if found := regexp.MustCompile(`name="score"( id="score")? value="(\d)"`).FindAllStringSubmatch(page.body, -1); len(found) != 5 || found[0][1] == "" || found[0][2] != "1" || found[4][2] != "5" ||
			!strings.Contains(page.body, `<span>とても不満</span><span>とても満足</span>`) {
			t.Errorf("the choices: %v", found)
		}
		if page := s.get(path); strings.Contains(page.body, " checked") || strings.Contains(page.body, "まだ送信されていません") {
			t.Error("something is chosen without a choice")
		}

		done := s.do(http.MethodPost, path, url.Values{"score": {"2"}, "comment": {"欠けていました\r\n<b>残念</b>"}, "lang": {"ja"}}, "Origin", "null")
		if done.status != http.StatusSeeOther || done.header.Get("Location") != path+"/thanks" {
			t.Fatalf("%d to %s", done.status, done.header.Get("Location"))
		}
		thanks := s.get(path + "/thanks")
		for _, part := range []string{"ご期待に沿えず、申し訳ございません", "責任者が内容を確認し、あらためてご連絡いたします", "2（不満）", "欠けていました\n&lt;b&gt;残念&lt;/b&gt;", "お答えを変更する"} {
			if !strings.Contains(thanks.body, part) {
				t.Errorf("the thanks do not say %q", part)
			}
		}
		// Back on the page: the answer is there and can be changed; another link of the mail chooses anew.
		if again := s.get(path); !strings.Contains(again.body, "すでに「2（不満）」とお答えいただいています") || !strings.Contains(again.body, `value="2" checked`) ||
			!strings.Contains(again.body, "変更を送信する") || !strings.Contains(again.body, "&lt;b&gt;残念&lt;/b&gt;</textarea>") {
			t.Errorf("the page does not show the answer:\n%s", again.body)
		}
		if again := s.get(path + "?score=5"); !strings.Contains(again.body, `value="5" checked`) {
			t.Error("the new choice is not shown")
		}
		s.do(http.MethodPost, path, url.Values{"score": {"5"}, "comment": {""}})
		if thanks := s.get(path + "/thanks"); !strings.Contains(thanks.body, "お役に立ててうれしく思います") || strings.Contains(thanks.body, "申し訳ございません") {
			t.Error("the thanks do not follow the change")
		}
		c.Advance(24 * time.Hour)
		if closed := s.get(path + "?score=1"); !strings.Contains(closed.body, "お答えを頂戴しております") || strings.Contains(closed.body, "<form") {
			t.Errorf("after a day:\n%s", closed.body)
		}
		late := s.do(http.MethodPost, path, url.Values{"score": {"1"}})
		if late.status != http.StatusSeeOther || late.header.Get("Location") != path {
			t.Errorf("a change after a day: %d to %s", late.status, late.header.Get("Location"))
		}
		if n := len(s.Told(survey.RespondedFact)); n != 2 {
			t.Errorf("%d facts", n)
		}
	})
}

// TestSecondQuestion answers, leaves out and changes what an inbox may ask beside
// the score.
func TestSecondQuestion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		path := "/s/" + surveytest.Token(s.Asked())
		if page := s.get(path); strings.Contains(page.body, "同じご説明を") {
			t.Error("asked without a reason")
		}
		s.Policy(func(p *survey.Policy) { p.AsksRepeat = true })
		chosen := func() string {
			m := regexp.MustCompile(`name="repeated" value="([a-z]*)" checked`).FindStringSubmatch(s.get(path).body)
			if m == nil {
				return "nothing"
			}
			return m[1]
		}
		for _, said := range []string{"yes", "no", "", "yes", "nonsense"} {
			if done := s.do(http.MethodPost, path, url.Values{"score": {"3"}, "repeated": {said}}, "Origin", "null"); done.status != http.StatusSeeOther {
				t.Fatalf("%q: %d", said, done.status)
			}
			if want := strings.TrimPrefix(said, "nonsense"); chosen() != want {
				t.Errorf("said %q, the page shows %q", said, chosen())
			}
		}
		wrong := s.do(http.MethodPost, path, url.Values{"repeated": {"yes"}}, "Origin", "null")
		if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `name="repeated" value="yes" checked`) {
			t.Errorf("%d: a missing score forgets the second answer", wrong.status)
		}
	})
}

func TestThanksByBandAndLanguage(t *testing.T) {
	want := map[string]map[int]string{
		"ja": {5: "お役に立ててうれしく思います", 3: "よりよい対応に努めてまいります", 1: "あらためてご連絡いたします"},
		"en": {5: "We are glad we could help", 3: "to do better next time", 1: "The person responsible will look into it and write to you"},
	}
	c := clock.NewManual(dbtest.Start)
	s := serve(t, dbtest.SQLite(t, c), c)
	path := "/s/" + surveytest.Token(s.Asked())
	for lang, scores := range want {
		for score, words := range scores {
			done := s.do(http.MethodPost, path, url.Values{"score": {fmt.Sprint(score)}, "lang": {lang}})
			page := s.get(done.header.Get("Location"))
			if page.status != 200 || !strings.Contains(page.body, words) || !strings.Contains(page.body, `<html lang="`+lang+`">`) || page.header.Get("Content-Language") != lang {
				t.Errorf("%s %d: %d\n%s", lang, score, page.status, page.body)
			}
		}
	}
}

func TestWrongInputKeepsWhatWasWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		path := "/s/" + surveytest.Token(s.Asked())
		none := s.do(http.MethodPost, path, url.Values{"comment": {"選び忘れました"}})
		if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, `role="alert"`) || !strings.Contains(none.body, "満足度を一つお選びください") ||
			!strings.Contains(none.body, "選び忘れました</textarea>") || !strings.Contains(none.body, "<title>入力内容をご確認ください") {
			t.Errorf("%d\n%s", none.status, none.body)
		}
		long := s.do(http.MethodPost, path, url.Values{"score": {"4"}, "comment": {strings.Repeat("長", 2001)}, "lang": {"en"}})
		if long.status != http.StatusUnprocessableEntity || !strings.Contains(long.body, "Your comment has 2001 characters") || !strings.Contains(long.body, `value="4" checked`) ||
			!strings.Contains(long.body, strings.Repeat("長", 2001)) {
			t.Errorf("%d", long.status)
		}
		trap := s.do(http.MethodPost, path, url.Values{"score": {"1"}, "reference": {"http://spam.example"}})
		if trap.status != http.StatusUnprocessableEntity || !strings.Contains(trap.body, "もう一度ボタンを押してください") || strings.Contains(trap.body, "spam.example") {
			t.Errorf("a robot: %d", trap.status)
		}
		if n := s.rows()["response"]; n != 0 {
			t.Errorf("%d responses", n)
		}
		// 2,000 characters of four bytes each, as a browser encodes them.
		full := s.do(http.MethodPost, path, url.Values{"score": {"4"}, "comment": {strings.Repeat("𠮷", 2000)}})
		if full.status != http.StatusSeeOther {
			t.Errorf("2,000 characters: %d", full.status)
		}
		families := s.do(http.MethodPost, path, url.Values{"score": {"4"}, "comment": {strings.Repeat("👨‍👩‍👧‍👦", 2000)}})
		if families.status != http.StatusSeeOther {
			t.Errorf("2,000 families: %d", families.status)
		}
		huge := s.do(http.MethodPost, path, url.Values{"score": {"4"}, "comment": {strings.Repeat("x", 600<<10)}})
		if huge.status != http.StatusRequestEntityTooLarge {
			t.Errorf("600 KiB: %d", huge.status)
		}
	})
}

func TestUnknownTokensTellNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		token := surveytest.Token(s.Asked())
		// Planned, but not sent: its token exists only as a hash nobody knows.
		s.Policy(func(p *survey.Policy) { p.CoolDown = 0 })
		s.Resolve(s.Hanako())
		first := s.get("/s/"+strings.Repeat("a", 27), "X-Test-Address", "a", "Accept-Language", "ja")
		if first.status != http.StatusNotFound || !strings.Contains(first.body, "ページが見つかりません") {
			t.Fatalf("%d\n%s", first.status, first.body)
		}
		for i, path := range []string{"/s/" + token[:26], "/s/" + token + "a", "/s/" + strings.Repeat("z", 5000), "/s/a/b/c", "/s/", "/s/" + token + "x/thanks", "/s/" + token + "x/stop"} {
			got := s.get(path, "X-Test-Address", fmt.Sprint(i), "Accept-Language", "ja")
			if got.status != http.StatusNotFound || got.body != first.body {
				t.Errorf("%.40s: %d, another page: %v", path, got.status, got.body != first.body)
			}
		}
		if got := s.do(http.MethodPost, "/s/"+token+"x", url.Values{"score": {"1"}}, "Accept-Language", "ja"); got.status != http.StatusNotFound || got.body != first.body {
			t.Errorf("post: %d", got.status)
		}
	})
}

func TestTryingTokensIsSlowedDown(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := serve(t, dbtest.SQLite(t, c), c)
	token := surveytest.Token(s.Asked())
	statuses := map[int]int{}
	for i := range 50 {
		statuses[s.get(fmt.Sprintf("/s/guess%022d", i), "X-Test-Address", "198.51.100.7").status]++
	}
	if statuses[http.StatusNotFound] != 20 || statuses[http.StatusTooManyRequests] != 30 {
		t.Errorf("%v", statuses)
	}
	if got := s.get("/s/"+token, "X-Test-Address", "198.51.100.8"); got.status != 200 {
		t.Errorf("somebody else waits too: %d", got.status)
	}
	if got := s.get("/s/"+token, "X-Test-Address", "198.51.100.7"); got.status != 200 {
		t.Errorf("somebody behind the same address waits too: %d", got.status)
	}
	slow := s.get("/s/"+token+"x", "X-Test-Address", "198.51.100.7")
	if slow.status != http.StatusTooManyRequests || slow.header.Get("Retry-After") != "60" {
		t.Errorf("%d, Retry-After %q", slow.status, slow.header.Get("Retry-After"))
	}
	c.Advance(time.Minute)
	if got := s.get("/s/"+token+"x", "X-Test-Address", "198.51.100.7"); got.status != http.StatusNotFound {
		t.Errorf("after a minute: %d", got.status)
	}
	for range 100 { // a customer's own link is never counted
		if got := s.get("/s/"+token, "X-Test-Address", "198.51.100.9"); got.status != 200 {
			t.Fatalf("%d", got.status)
		}
	}
}

func TestStoppingSurveyMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		s := serve(t, db, c)
		m := s.Asked()
		path := links(m.Headers["List-Unsubscribe"])[0]
		if page := s.get(path); page.status != 200 || !strings.Contains(page.body, "アンケートの配信を停止しますか") || s.rows()["survey_optout"] != 0 {
			t.Fatalf("%d\n%s", page.status, page.body)
		}
		// RFC 8058: the mail service posts this by itself, without any header of a browser.
		if done := s.do(http.MethodPost, path, url.Values{"List-Unsubscribe": {"One-Click"}}); done.status != 200 || !strings.Contains(done.body, "アンケートの配信を停止しました") {
			t.Fatalf("%d\n%s", done.status, done.body)
		}
		if page := s.get(path); !strings.Contains(page.body, "配信を再開する") || s.rows()["survey_optout"] != 1 {
			t.Error("the page does not show that mail is stopped")
		}
		base := strings.TrimSuffix(path, "/stop")
		if done := s.do(http.MethodPost, base+"/resume", url.Values{"lang": {"en"}}); done.status != 200 || !strings.Contains(done.body, "You will receive survey mail again") || s.rows()["survey_optout"] != 0 {
			t.Errorf("%d\n%s", done.status, done.body)
		}
		// Long after the survey has ended the link still works.
		c.Advance(90 * 24 * time.Hour)
		s.Rest()
		if page := s.get(base); !strings.Contains(page.body, "受付を終了しました") {
			t.Errorf("not over:\n%s", page.body)
		}
		if done := s.do(http.MethodPost, path, url.Values{}); done.status != 200 || s.rows()["survey_optout"] != 1 {
			t.Errorf("%d", done.status)
		}
	})
}

func TestFormsOfOtherSites(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := serve(t, dbtest.SQLite(t, c), c)
	path := "/s/" + surveytest.Token(s.Asked())
	host := strings.TrimPrefix(s.server.URL, "http://")
	for _, x := range []struct {
		name    string
		headers []string
		ok      bool
	}{
		{"another site, by its word", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"a neighbour", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"another origin, old browser", []string{"Origin", "https://evil.example"}, false},
		{"our own origin in its name", []string{"Origin", "https://" + host + ".evil.example"}, false},
		{"our page", []string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, true},
		{"our page, old browser", []string{"Origin", "http://" + host}, true},
		{"our page, old browser without referrer", []string{"Origin", "null"}, true},
		{"no browser", nil, true},
	} {
		got := s.do(http.MethodPost, path, url.Values{"score": {"4"}, "comment": {x.name}}, x.headers...)
		if (got.status == http.StatusSeeOther) != x.ok || (!x.ok && got.status != http.StatusForbidden) {
			t.Errorf("%s: %d", x.name, got.status)
		}
	}
}

// A page asks nothing of anybody: no script, no style or picture from elsewhere,
// no cookie; and its policy forbids what it does not need.
func TestPagesAreSelfContained(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := serve(t, dbtest.SQLite(t, c), c)
	path := "/s/" + surveytest.Token(s.Asked())
	s.do(http.MethodPost, path, url.Values{"score": {"4"}})
	for _, p := range []string{path, path + "/thanks", path + "/stop", "/s/unknown"} {
		a := s.get(p)
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Set-Cookie": ""} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", p, name, got)
			}
		}
		_, rest, _ := strings.Cut(a.body, "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		policy := a.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy does not fit the page's style: %s", p, policy)
		}
		doc, err := html.Parse(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		look(t, p, doc)
		if len(a.body) > 24<<10 {
			t.Errorf("%s has %d bytes", p, len(a.body))
		}
	}
}

// look walks a page for what would load or run something, and for fields without a name.
func look(t *testing.T, page string, n *html.Node) {
	t.Helper()
	if n.Type == html.ElementNode {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || strings.Contains(a.Val, "://") || strings.Contains(a.Val, "javascript:") {
				t.Errorf("%s: <%s %s=%q>", page, n.Data, a.Key, a.Val)
			}
		}
		switch {
		case n.Data == "script" || n.Data == "iframe" || n.Data == "img":
			t.Errorf("%s: <%s>", page, n.Data)
		case n.Data == "link" && attr["href"] != "data:,":
			t.Errorf("%s: <link href=%q>", page, attr["href"])
		case n.Data == "html" && attr["lang"] == "":
			t.Errorf("%s has no language", page)
		case n.Data == "textarea" && attr["aria-describedby"] == "":
			t.Errorf("%s: a text field without its hint", page)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		look(t, page, c)
	}
}

// A brand's name and subject are words, never markup; its colour is a colour.
func TestNamesAreWords(t *testing.T) {
	c := clock.NewManual(dbtest.Start)
	s := serve(t, dbtest.SQLite(t, c), c)
	id := s.Take(surveytest.Mail{From: "x@example.jp", Name: `<img src=x>`, Subject: `"><script>alert(1)</script>`, Text: "x", Language: "en"})
	if _, err := s.Brands.Change(t.Context(), actor.OfSystem("test"), s.Brand.ID, brand.Change{Name: new(`</title><script>alert(2)</script>`)}); err != nil {
		t.Fatal(err)
	}
	s.Resolve(id)
	m := s.Surveyed()
	path := "/s/" + surveytest.Token(m)
	s.do(http.MethodPost, path, url.Values{"score": {"1"}, "comment": {`</textarea><script>alert(3)</script>`}})
	for name, body := range map[string]string{"mail": m.HTML, "form": s.get(path).body, "thanks": s.get(path + "/thanks").body, "stop": s.get(path + "/stop").body} {
		for _, bad := range []string{"<script", "<img"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %s", name, bad)
			}
		}
	}
	if strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject %q", m.Subject)
	}
}

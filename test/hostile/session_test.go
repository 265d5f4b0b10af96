package hostile

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/app"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

func TestCookieIsGuarded(t *testing.T) {
	d := open(t, "", nil)
	r := d.nobody().call("POST", "/session", object{"email": d.root.email, "password": password})
	line := r.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(line, want) {
			t.Errorf("the cookie lacks %s: %s", want, line)
		}
	}
	if strings.Contains(line, "Domain=") {
		t.Errorf("the cookie is for other hosts too: %s", line)
	}
	for _, h := range []string{"X-Content-Type-Options", "Content-Security-Policy", "Strict-Transport-Security", "Referrer-Policy", "Cross-Origin-Opener-Policy"} {
		if r.header.Get(h) == "" {
			t.Errorf("no %s", h)
		}
	}
	if r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("other sites may read answers")
	}
}

// TestForgedRequests are what a page of another site can make a signed-in
// browser send.
func TestForgedRequests(t *testing.T) {
	onBoth(t, func(d *desk) {
		forged := [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Origin", "https://desk.example.evil.example"}, {"Origin", "http://desk.example"}, {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer x"},
			{"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"}, {"Origin", "https://evil.example", "Content-Type", "application/x-www-form-urlencoded"},
		}
		for _, h := range forged {
			for _, c := range [][2]string{{"POST", "/keys"}, {"PATCH", "/me"}, {"DELETE", "/sessions"}, {"DELETE", "/session"}, {"POST", "/session"}, {"POST", "/attachments"}, {"PUT", "/authorities"}} {
				if r := d.root.call(c[0], c[1], `{"name":"forged","role":"administrator"}`, h...); r.status < 400 {
					t.Errorf("%v %v: %d", h, c, r.status)
				}
			}
		}
		// A form of an old browser that sends neither header cannot speak JSON.
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""} {
			r := d.root.call("POST", "/keys", `{"name":"forged","role":"administrator"}`, "Content-Type", kind)
			if r.status < 400 {
				t.Errorf("%q: %d", kind, r.status)
			}
		}
		for _, k := range d.root.list("/keys") {
			if k["name"] == "forged" {
				t.Errorf("a forged key: %v", k)
			}
		}
		if r := d.root.call("GET", "/me", nil); r.status != http.StatusOK {
			t.Errorf("signed out by a forged request: %d", r.status)
		}
		// The live connection asks where the page came from.
		for _, origin := range []string{"https://evil.example", "null", "https://desk.example.evil.example", "https://evil.example/desk.example"} {
			r, err := d.root.try("GET", api.Base+"/live", nil, "Origin", origin, "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			if err != nil || r.status != http.StatusUnauthorized {
				t.Errorf("live from %s: %d %v", origin, r.status, err)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	onBoth(t, func(d *desk) {
		// A session that was there before signing in is not the one after it.
		planted := &person{desk: d, cookie: "kse_planted", email: d.root.email}
		planted.signIn()
		if planted.cookie == "kse_planted" || planted.cookie == "" {
			t.Error("the planted session was taken over")
		}
		old := *planted
		planted.signIn()
		if r := old.call("GET", "/me", nil); r.status != http.StatusUnauthorized || planted.cookie == old.cookie {
			t.Errorf("signing in again leaves the old session: %d", r.status)
		}

		p := d.hire("mika", team.Worker)
		laptop, phone := *p, &person{desk: d, email: p.email, id: p.id}
		phone.signIn()
		p.ok("DELETE", "/sessions", nil)
		for _, s := range []*person{&laptop, phone} {
			if r := s.call("GET", "/me", nil); r.status != http.StatusUnauthorized {
				t.Errorf("still signed in: %d", r.status)
			}
		}
		p.signIn()
		phone.cookie = ""
		phone.signIn()
		p.ok("POST", "/me/password", object{"current": password, "new": "a wholly different one"})
		if r := phone.call("GET", "/me", nil); r.status != http.StatusUnauthorized {
			t.Errorf("the other session outlives the password: %d", r.status)
		}
		if r := p.call("GET", "/me", nil); r.status != http.StatusOK {
			t.Errorf("one's own session ends with the password: %d", r.status)
		}
		d.root.ok("POST", "/agents/"+p.id+"/password", object{"password": "set by somebody else"})
		if r := p.call("GET", "/me", nil); r.status != http.StatusUnauthorized {
			t.Errorf("a password set by an administrator leaves sessions: %d", r.status)
		}
		q := d.hire("gone", team.Worker)
		d.root.ok("PATCH", "/agents/"+q.id, object{"active": false})
		if r := q.call("GET", "/conversations", nil); r.status != http.StatusUnauthorized {
			t.Errorf("who left is still here: %d", r.status)
		}
		key := d.program(team.Worker)
		id := d.root.list("/keys")[0]["id"].(string)
		d.root.ok("DELETE", "/keys/"+id, nil)
		if r := key.call("GET", "/conversations", nil); r.status != http.StatusUnauthorized {
			t.Errorf("a revoked key works: %d", r.status)
		}
		d.wait(31 * 24 * time.Hour)
		if r := d.root.call("GET", "/me", nil); r.status != http.StatusUnauthorized {
			t.Errorf("a session of a month ago: %d", r.status)
		}
	})
}

// guess tries wrong passwords until one is refused for the rate, and returns how
// many got through.
func (d *desk) guess(email string, header func(i int) []string) int {
	d.Helper()
	for i := range 100 {
		r := d.nobody().call("POST", "/session", object{"email": email, "password": fmt.Sprint("wrong password ", i)}, header(i)...)
		switch r.status {
		case http.StatusUnauthorized:
		case http.StatusTooManyRequests:
			if r.header.Get("Retry-After") == "" {
				d.Error("no Retry-After")
			}
			return i
		default:
			d.Fatalf("%d %s", r.status, r.body)
		}
	}
	return 100
}

func TestGuessingPasswords(t *testing.T) {
	onBoth(t, func(d *desk) {
		if n := d.guess(d.root.email, func(int) []string { return nil }); n > 10 {
			t.Errorf("%d tries of one account", n)
		}
		if r := d.root.call("GET", "/me", nil); r.status != http.StatusOK {
			t.Errorf("guessing locks the agent out of their session: %d", r.status)
		}
		if n := d.guess("other@desk.example", func(i int) []string { return []string{"X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)} }); n > 10 {
			t.Errorf("%d tries by writing another X-Forwarded-For each time", n)
		}
		for i := range 100 { // many accounts from one address
			if r := d.nobody().call("POST", "/session", object{"email": fmt.Sprintf("a%d@desk.example", i), "password": "wrong password"}); r.status == http.StatusTooManyRequests {
				break
			} else if i > 45 {
				t.Fatalf("%d accounts tried from one address", i)
			}
		}
		// Keys have 160 bits and more; guessing costs nothing and yields nothing.
		stranger := &person{desk: d, key: "kak_guess"}
		if r := stranger.call("GET", "/conversations", nil); r.status != http.StatusUnauthorized {
			t.Errorf("a guessed key: %d", r.status)
		}
	})
}

// TestForwardedAddresses believes X-Forwarded-For from a configured proxy only,
// and of it only what that proxy wrote.
func TestForwardedAddresses(t *testing.T) {
	d := open(t, "", func(c *app.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	forged := func(i int) []string {
		return []string{"X-Forwarded-For", fmt.Sprintf("198.51.100.%d, 203.0.113.9", i)} // what the client wrote, then what the proxy saw
	}
	if n := d.guess("a@desk.example", forged); n > 10 {
		t.Errorf("%d tries behind a proxy", n)
	}
	other := func(int) []string { return []string{"X-Forwarded-For", "203.0.113.10"} }
	if n := d.guess("a@desk.example", other); n < 3 {
		t.Errorf("another client is held up too: %d", n)
	}
	p := &person{desk: d, email: d.root.email}
	r := p.call("POST", "/session", object{"email": p.email, "password": password}, "X-Forwarded-For", "<script>, 203.0.113.77")
	p.cookie = r.cookie()
	var seen []string
	for _, s := range p.call("GET", "/sessions", nil).items() {
		seen = append(seen, fmt.Sprint(s["address"]))
	}
	if !slices.Contains(seen, "203.0.113.77") {
		t.Errorf("addresses: %v", seen)
	}
}

// TestSigningInTellsNothing compares how long a wrong password takes for an
// agent that is there and for one that is not.
func TestSigningInTellsNothing(t *testing.T) {
	d := open(t, "", func(c *app.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	gone := d.hire("gone", team.Worker)
	d.root.ok("PATCH", "/agents/"+gone.id, object{"active": false})
	emails := []string{d.root.email, gone.email, "nobody@desk.example"}
	took := map[string][]time.Duration{}
	said := map[string]string{}
	for i := range 15 {
		for _, email := range emails {
			start := time.Now()
			r := d.nobody().call("POST", "/session", object{"email": email, "password": "wrong password"}, "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
			took[email] = append(took[email], time.Since(start))
			said[email] = fmt.Sprint(r.status, r.body)
		}
	}
	var quickest []time.Duration // what a busy machine adds says nothing
	for _, email := range emails {
		quickest = append(quickest, slices.Min(took[email]))
		if said[email] != said[emails[0]] {
			t.Errorf("%s is told %s, others %s", email, said[email], said[emails[0]])
		}
	}
	t.Logf("quickest of 15: known %s, out of service %s, unknown %s", quickest[0], quickest[1], quickest[2])
	if lo, hi := slices.Min(quickest), slices.Max(quickest); hi > 2*lo {
		t.Errorf("the time tells who there is: %v", quickest)
	}
}

package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// cookieOf returns the session cookie that an answer sets.
func (a *answer) cookieOf() *http.Cookie {
	a.Helper()
	for _, c := range a.Result().Cookies() {
		if c.Name == api.CookieName {
			return c
		}
	}
	a.Fatalf("%s sets no cookie", a.what)
	return nil
}

func TestFirstRun(t *testing.T) {
	onBoth(t, func(s *site) {
		var state api.Setup
		visitor := s.nobody()
		visitor.lang = "ja-JP"
		visitor.get("/setup").ok(200, &state)
		if !state.Needed || state.Steps != (api.SetupSteps{}) || state.Locale != "ja" {
			s.Errorf("before: %+v", state)
		}
		token, err := s.Setup.Token(s.Context())
		s.must(err)
		in := object{"token": "setup_guess", "name": "院長", "email": "boss@example.jp", "password": password, "locale": "ja"}
		p := visitor.post("/setup/administrator", in).problem(403, "error.setup.token", "body.token error.setup.token")
		if !strings.Contains(p.Detail, "リンク") {
			s.Errorf("not in the reader's language: %s", p.Detail)
		}
		in["token"], in["password"], in["email"] = token, "short", "boss"
		visitor.post("/setup/administrator", in).problem(422, "error.invalid", "body.password error.password.short", "body.email error.agent.email")
		in["password"], in["email"] = password, "boss@example.jp"
		var me api.Me
		made := visitor.post("/setup/administrator", in).ok(200, &me)
		if me.Role != "administrator" || me.Name != "院長" || len(me.Permissions) < 15 || me.SendKey != "mod-enter" {
			s.Errorf("made %+v", me)
		}
		boss := &user{site: s, cookie: made.cookieOf().Value, lang: "ja"}
		boss.get("/me").ok(200, &me)
		visitor.post("/setup/administrator", in).problem(409, "error.setup.done")
		boss.post("/brands", object{"name": "窯", "locale": "ja", "timeZone": "Asia/Tokyo"}).ok(201, nil)
		visitor.get("/setup").ok(200, &state)
		if state.Needed || state.Steps != (api.SetupSteps{Administrator: true, Brand: true}) {
			s.Errorf("after: %+v", state)
		}
	})
}

func TestSignInOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		_, a := s.agent("Aki", team.Worker)
		visitor := s.nobody()
		visitor.lang = "ja"
		visitor.get("/me").problem(401, "error.signIn")
		p := visitor.post("/session", object{"email": a.Email, "password": "wrong password"}).problem(401, "error.session.refused")
		if !strings.Contains(p.Detail, "パスワード") {
			s.Errorf("not in the reader's language: %s", p.Detail)
		}
		var me api.Me
		c := visitor.post("/session", object{"email": "AKI@example.jp", "password": password}).ok(200, &me).cookieOf()
		if me.ID != a.ID || me.AvatarHue < 0 || me.AvatarHue > 359 || me.Teams == nil {
			s.Errorf("signed in as %+v", me)
		}
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 30*24*3600 {
			s.Errorf("the cookie is %+v", c)
		}
		aki := &user{site: s, cookie: c.Value, lang: "en"}
		if again := aki.get("/me").ok(200, nil).cookieOf(); again.Value != c.Value || again.MaxAge != c.MaxAge {
			s.Errorf("the cookie does not slide: %+v", again)
		}
		rotated := aki.post("/session", object{"email": a.Email, "password": password}).ok(200, nil).cookieOf()
		aki.get("/me").problem(401, "error.signIn")
		aki.cookie = rotated.Value
		gone := aki.remove("/session").ok(204, nil).cookieOf()
		if gone.MaxAge != -1 || gone.Value != "" {
			s.Errorf("signing out leaves the cookie %+v", gone)
		}
		aki.get("/me").problem(401, "error.signIn")
		aki.remove("/session").ok(204, nil)

		for range 8 {
			visitor.post("/session", object{"email": "other@example.jp", "password": "wrong password"}).problem(401, "error.session.refused")
		}
		limited := visitor.post("/session", object{"email": "other@example.jp", "password": password})
		limited.problem(429, "error.tooMany")
		if limited.Header().Get("Retry-After") != "20" {
			s.Errorf("Retry-After %q", limited.Header().Get("Retry-After"))
		}
	})
}

func TestSessionsOverHTTP(t *testing.T) {
	onBoth(t, func(s *site) {
		here, a := s.agent("Aki", team.Worker)
		s.clock.Advance(time.Minute)
		_, token, err := s.Agents.SignIn(s.Context(), team.SignIn{Email: a.Email, Password: password, UserAgent: "Phone", Address: "198.51.100.1"})
		s.must(err)
		there := &user{site: s, cookie: token}
		var list api.Page[api.Session]
		here.get("/sessions").ok(200, &list)
		if len(list.Items) != 2 || list.Items[0].UserAgent != "Phone" || list.Items[0].Current || !list.Items[1].Current {
			s.Fatalf("sessions %+v", list.Items)
		}
		here.remove("/sessions/"+list.Items[0].ID).ok(204, nil)
		there.get("/me").problem(401, "error.signIn")
		here.remove("/sessions/"+list.Items[0].ID).problem(404, "error.session.notFound")
		if c := here.remove("/sessions").ok(204, nil).cookieOf(); c.MaxAge != -1 {
			s.Errorf("signing out everywhere leaves the cookie %+v", c)
		}
		here.get("/sessions").problem(401, "error.signIn")

		robot := s.key(team.Administrator)
		for _, path := range []string{"/me", "/sessions"} {
			robot.get(path).problem(403, "error.session.agentOnly")
		}
	})
}

func TestMe(t *testing.T) {
	onBoth(t, func(s *site) {
		aki, _ := s.agent("Aki", team.Manager)
		var me api.Me
		aki.patch("/me", object{"theme": "dark", "locale": "ja", "timeZone": "Asia/Tokyo", "signature": "-- \n秋"}).ok(200, &me)
		if me.Theme != "dark" || me.Locale != "ja" || me.TimeZone != "Asia/Tokyo" || me.Signature != "-- \n秋" || me.Name != "Aki" {
			s.Errorf("changed to %+v", me)
		}
		p := aki.patch("/me", object{"timeZone": "Mars/Base"}).problem(422, "error.invalid", "body.timeZone hours.zone.unknown")
		if !strings.Contains(p.Errors[0].Message, "Mars/Base") {
			s.Errorf("says %s", p.Errors[0].Message)
		}
		aki.patch("/me", object{"theme": "purple"}).problem(422, "error.invalid")
		aki.post("/me/password", object{"current": "wrong", "new": "a better one now"}).problem(422, "error.invalid", "body.current error.password.wrong")
		aki.post("/me/password", object{"current": password, "new": "short"}).problem(422, "error.invalid", "body.new error.password.short")
		aki.post("/me/password", object{"current": password, "new": "a better one now"}).ok(204, nil)
		aki.get("/me").ok(200, nil)
		s.nobody().post("/session", object{"email": "aki@example.jp", "password": "a better one now"}).ok(200, nil)
	})
}

func TestKeyIsGoneAtOnce(t *testing.T) {
	onBoth(t, func(s *site) {
		boss, _ := s.agent("Boss", team.Administrator)
		var made api.NewKey
		boss.post("/keys", object{"name": "Shop", "role": "agent"}).ok(201, &made)
		robot := &user{site: s, key: made.Token}
		robot.get("/brands").ok(200, nil)
		robot.get("/keys").problem(403, "error.denied")
		var list api.Page[api.Key]
		answer := boss.get("/keys").ok(200, &list)
		if len(list.Items) != 1 || list.Items[0].LastUsedAt == nil || strings.Contains(answer.Body.String(), made.Token) {
			s.Errorf("keys %s", answer.Body)
		}
		boss.remove("/keys/"+made.ID).ok(204, nil)
		robot.get("/brands").problem(401, "error.signIn")
		boss.remove("/keys/"+made.ID).problem(404, "error.key.notFound")
	})
}

package chat_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

func TestTwoVisitorsNeverReadEachOther(t *testing.T) {
	each(t, func(r *room) {
		ann, bob := r.visitor(), r.visitor()
		ann.say("Ann's secret")
		annConv := r.thread()
		bob.say("Bob's secret")
		bobConv := r.thread()
		if annConv == bobConv {
			r.Fatal("two visitors share a conversation")
		}
		r.reply(annConv, "To Ann")
		r.reply(bobConv, "To Bob")
		r.Wait(hold)
		apart := func(when string) {
			r.Helper()
			for _, query := range []string{"", "?since=0", "?before=9999999999999.x"} {
				a, b := ann.history(query), bob.history(query)
				if words := a.words(); strings.Contains(words, "Bob") || !a.Reset && !strings.Contains(words, "To Ann") {
					r.Errorf("%s, %q: Ann reads %q", when, query, words)
				}
				if words := b.words(); strings.Contains(words, "Ann") || !b.Reset && !strings.Contains(words, "To Bob") {
					r.Errorf("%s, %q: Bob reads %q", when, query, words)
				}
			}
		}
		apart("at first")
		// A hand slips: an agent joins the two.
		if _, err := r.Threads.Merge(r.Context(), r.Hana, annConv, bobConv); err != nil {
			r.Fatal(err)
		}
		r.Rest()
		apart("joined")
		// The same person in another inbox is another visitor.
		other := r.stranger()
		other.box, other.token = r.open("Other", inbox.Values{"origins": []any{site}}), ann.token
		other.call("GET", "/messages", nil).refused(http.StatusUnauthorized, "error.chat.session")
		// Mail of the same customer is no part of the chat.
		r.Receive(threadtest.Mail{Message: channel.Message{From: channel.Address{Address: "ann@customer.example"}, Text: "by mail", Subject: "x"}})
		apart("with mail about")
	})
}

func TestWhoHasNoSessionReadsNothing(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		p.say("Hello")
		good := p.token
		for name, token := range map[string]string{"none": "", "garbage": "x", "another": "kch_" + strings.Repeat("A", 27), "long": "kch_" + strings.Repeat("A", 5000),
			"cut": good[:len(good)-1], "an agent's": "kts_" + good[4:]} {
			p.token = token
			for _, call := range []func() answer{
				func() answer { return p.call("GET", "/messages", nil) },
				func() answer { return p.call("POST", "/messages", object{"id": "client-0009", "text": "x"}) },
				func() answer { return p.call("POST", "/files?name=x", []byte("x")) },
				func() answer { return p.call("POST", "/read", object{"upTo": "x"}) },
				func() answer { return p.call("POST", "/visitor", object{"name": "x"}) },
				func() answer { return p.call("DELETE", "/session", nil) },
			} {
				if a := call(); a.status != http.StatusUnauthorized {
					r.Errorf("with %s token %s is %d", name, a.what, a.status)
				}
			}
		}
		p.token = good
		p.call("DELETE", "/session", nil).ok(nil)
		p.call("GET", "/messages", nil).refused(http.StatusUnauthorized, "error.chat.session")
	})
}

func TestOnlyNamedSites(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		wild := r.open("Wild", inbox.Values{"origins": []any{"https://*.example.org", "http://localhost:3000"}})
		for _, c := range []struct {
			box    inbox.Inbox
			origin string
			ok     bool
		}{
			{r.box, site, true}, {r.box, "https://WWW.shop.example", true}, {r.box, "", true}, {r.box, "https://desk.example", true},
			{r.box, "http://www.shop.example", false}, {r.box, "https://www.shop.example:444", false}, {r.box, "https://shop.example", false},
			{r.box, "https://www.shop.example.evil.example", false}, {r.box, "null", false}, {r.box, "https://evil.example", false},
			{wild, "https://a.example.org", true}, {wild, "https://a.b.example.org", true}, {wild, "https://example.org", false},
			{wild, "https://evilexample.org", false}, {wild, "http://localhost:3000", true}, {wild, "http://localhost:3001", false}, {wild, site, false},
		} {
			p.box, p.origin = c.box, c.origin
			a := p.call("GET", "/about", nil)
			if c.ok != (a.status == 200) || a.header.Get("Access-Control-Allow-Origin") != c.origin {
				r.Errorf("%q: %d %v", c.origin, a.status, a.header)
			}
			if !c.ok {
				a.refused(http.StatusForbidden, "error.chat.origin")
			}
			if a := p.call("OPTIONS", "/messages", nil); c.ok != (a.status == http.StatusNoContent) {
				r.Errorf("before a request of %q: %d", c.origin, a.status)
			}
			if a.header.Get("Access-Control-Allow-Credentials") != "" || a.header.Get("Set-Cookie") != "" {
				r.Errorf("a cookie: %v", a.header)
			}
		}
		p.box, p.origin = r.Desk.Support, site
		p.call("GET", "/about", nil).refused(http.StatusNotFound, "error.chat.inbox")
		off := false
		if _, err := r.Inboxes.Change(r.Context(), actor.OfSystem("test"), r.box.ID, inbox.Change{Active: &off}); err != nil {
			r.Fatal(err)
		}
		p.box = r.box
		p.call("GET", "/messages", nil).refused(http.StatusNotFound, "error.chat.inbox")
	})
}

func TestTooMuchIsRefused(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		p.call("POST", "/messages", object{"id": "short", "text": "x"}).refused(422, "error.field.invalid")
		p.call("POST", "/messages", object{"id": "client-0001", "text": " \n "}).refused(422, "error.chat.empty")
		p.call("POST", "/messages", object{"id": "client-0001", "text": strings.Repeat("字", webchat.MaxText+1)}).refused(422, "error.chat.long")
		p.call("POST", "/messages", []byte(strings.Repeat("x", 300<<10))).refused(413, "error.tooLarge")
		p.call("POST", "/messages", []byte("{")).refused(422, "error.malformed")
		p.call("POST", "/messages", []byte(`{"id": 7}`)).refused(422, "error.malformed")
		r.Clock.Advance(time.Hour)
		p.call("POST", "/messages", object{"id": "client-0002", "text": strings.Repeat("字", webchat.MaxText)}).ok(nil)
		p.call("POST", "/messages", object{"id": "client-0003", "text": "nul \x00 and \xff broken"}).ok(nil)

		// One visitor's flood ends, another still writes.
		flooded := false
		for i := range 40 {
			a := p.call("POST", "/messages", object{"id": fmt.Sprintf("flood-%04d", i), "text": "x"})
			if a.status == http.StatusTooManyRequests {
				a.refused(429, "error.tooMany")
				if a.header.Get("Retry-After") == "" {
					r.Error("nobody says when")
				}
				flooded = true
				break
			}
		}
		if !flooded {
			r.Error("a flood was let in")
		}
		r.visitor().say("quietly")
		r.Clock.Advance(time.Minute)
		p.say("again, later")

		// Beginning costs, and one address cannot begin for ever.
		begun := 0
		for range 60 {
			if a := r.stranger().call("POST", "/session", object{}); a.status == 200 {
				begun++
			}
		}
		if begun >= 60 || begun < 10 {
			r.Errorf("an address began %d times", begun)
		}
		r.from = "198.51.100.9"
		r.visitor()
	})
}

func TestFiles(t *testing.T) {
	each(t, func(r *room) {
		p, q := r.visitor(), r.visitor()
		png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...)
		type file struct {
			ID, Name, Type string
			Size           int64
		}
		var a, b, c file
		p.call("POST", "/files?name=..%2F..%2Fbowl.exe", png).ok(&a)
		p.call("POST", "/files?name=page.png", []byte("<html><script>alert(1)</script>")).ok(&b)
		p.call("POST", "/files?name=list.csv", []byte("a,b\n1,2\n")).ok(&c)
		if a.Type != "image/png" || a.Name != "bowl.exe" || a.Size != int64(len(png)) || !strings.HasPrefix(b.Type, "text/html") || c.Type != "text/csv" {
			r.Errorf("files %+v %+v %+v", a, b, c)
		}
		// Nobody takes along what somebody else sent.
		q.call("POST", "/messages", object{"id": "client-0001", "text": "mine", "files": []string{a.ID}}).refused(422, "error.attachment.notFound")
		p.say("", a.ID, b.ID)
		h := p.history("")
		if len(h.Messages) != 1 || len(h.Messages[0].Files) != 2 || h.Messages[0].Files[0].Name != "bowl.exe" {
			r.Fatalf("history %+v", h)
		}
		// The agents have it, too, and the bytes are the same.
		r.Read(func(tx *sqldb.Tx) error {
			m, err := r.Threads.Message(r.Context(), tx, conversation.MessageID(h.Messages[0].ID))
			if err != nil {
				return err
			}
			if len(m.Attachments) != 2 || m.Attachments[0].ContentType != "image/png" || m.Attachments[0].ID == a.ID {
				r.Errorf("the message has %+v", m.Attachments)
			}
			got, err := r.Blobs.Read(r.Context(), m.Attachments[0].BlobKey)
			if !bytes.Equal(got, png) {
				r.Error("the bytes are others")
			}
			return err
		})
		fetch := func(url string) *httptest.ResponseRecorder {
			rec := httptest.NewRecorder()
			r.chat.ServeHTTP(rec, httptest.NewRequest("GET", url, nil))
			return rec
		}
		got := fetch(h.Messages[0].Files[0].URL)
		if body, _ := io.ReadAll(got.Body); got.Code != 200 || !bytes.Equal(body, png) || got.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(got.Header().Get("Content-Disposition"), "inline") {
			r.Errorf("the picture: %d %v", got.Code, got.Header())
		}
		page := fetch(h.Messages[0].Files[1].URL)
		if page.Code != 200 || !strings.HasPrefix(page.Header().Get("Content-Disposition"), "attachment") || !strings.Contains(page.Header().Get("Content-Security-Policy"), "sandbox") ||
			page.Header().Get("X-Content-Type-Options") != "nosniff" {
			r.Errorf("the page: %d %v", page.Code, page.Header())
		}
		for _, wrong := range []string{"/chat/f/x/y", strings.Replace(h.Messages[0].Files[0].URL, "/f/", "/f/A", 1)} {
			if rec := fetch(wrong); rec.Code != 404 {
				r.Errorf("%s is %d", wrong, rec.Code)
			}
		}
		r.Clock.Advance(25 * time.Hour)
		if rec := fetch(h.Messages[0].Files[0].URL); rec.Code != 404 {
			r.Errorf("after a day the address still works: %d", rec.Code)
		}
		p.call("POST", "/files?name=big", make([]byte, conversation.MaxUpload+1)).refused(413, "error.attachment.large")
		var most file
		p.call("POST", "/files?name=most", bytes.Repeat([]byte("x"), conversation.MaxUpload)).ok(&most)
		p.call("POST", "/messages", object{"id": "client-0009", "text": "", "files": []string{most.ID, c.ID}}).refused(422, "error.chat.large")
		// An address does not fill the disk, however many visitors it has.
		last := 0
		for range 40 {
			last = r.visitor().call("POST", "/files?name=more", bytes.Repeat([]byte("x"), conversation.MaxUpload)).status
			if last != http.StatusOK {
				break
			}
		}
		if last != http.StatusTooManyRequests {
			r.Errorf("the last file is answered %d", last)
		}
	})
}

// proof is what a site gives its page about who is signed in.
func proof(key, alg string, claims object) string {
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(object{"alg": alg, "typ": "JWT"}) + "." + part(claims)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestWhoASiteVouchesFor(t *testing.T) {
	each(t, func(r *room) {
		end := r.Clock.Now().Add(time.Hour).Unix()
		mei := object{"sub": "4711", "email": "mei@customer.example", "name": "Mei", "exp": end}
		for name, wrong := range map[string]string{
			"another secret": proof("another secret that is quite long enough", "HS256", mei),
			"no algorithm":   proof(secret, "none", mei),
			"no signature":   strings.Join(strings.Split(proof(secret, "HS256", mei), ".")[:2], ".") + ".",
			"over":           proof(secret, "HS256", object{"sub": "4711", "exp": r.Clock.Now().Unix()}),
			"without an end": proof(secret, "HS256", object{"sub": "4711"}),
			"for ever":       proof(secret, "HS256", object{"sub": "4711", "exp": end + 100*365*86400}),
			"nobody":         proof(secret, "HS256", object{"sub": "", "exp": end}),
			"no address":     proof(secret, "HS256", object{"sub": "1", "email": "x", "exp": end}),
			"garbage":        "a.b.c",
		} {
			if a := r.stranger().call("POST", "/session", object{"identity": wrong}); a.status != http.StatusForbidden {
				r.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		// The customer of that mail address is known; the chat is theirs.
		r.Receive(threadtest.Mail{Message: channel.Message{From: channel.Address{Name: "Mei", Address: "mei@customer.example"}, Subject: "x", Text: "y"}})
		phone, laptop := r.stranger(), r.stranger()
		if v := phone.begin(object{"identity": proof(secret, "HS256", mei)}); !v.Proven || v.Email != "mei@customer.example" {
			r.Errorf("visitor %+v", v)
		}
		phone.say("From my phone")
		laptop.begin(object{"identity": proof(secret, "HS256", mei)})
		if got := laptop.history("").words(); got != "From my phone" {
			r.Errorf("the laptop reads %q", got)
		}
		if r.Count("customer") != 1 {
			r.Errorf("there are %d customers", r.Count("customer"))
		}
		phone.call("POST", "/visitor", object{"email": "other@customer.example"}).refused(http.StatusConflict, "error.chat.proven")
		// A proof without an address takes none away.
		bare := r.stranger()
		bare.begin(object{"identity": proof(secret, "HS256", object{"sub": "4713", "exp": end})})
		bare.call("POST", "/visitor", object{"email": "left@customer.example"}).ok(nil)
		if v := bare.begin(object{"identity": proof(secret, "HS256", object{"sub": "4713", "exp": end})}); v.Email != "left@customer.example" || v.Proven {
			r.Errorf("after another proof it is %+v", v)
		}
		// Somebody else of that site reads nothing of it.
		other := r.stranger()
		other.begin(object{"identity": proof(secret, "HS256", object{"sub": "4712", "exp": end})})
		if got := other.history("").words(); got != "" {
			r.Errorf("another person reads %q", got)
		}
		// Who signs in later keeps what they wrote before.
		late := r.visitor()
		late.say("Before I signed in")
		old := late.token
		late.begin(object{"identity": proof(secret, "HS256", mei)})
		if got := late.history("").words(); !strings.Contains(got, "Before I signed in") || !strings.Contains(got, "From my phone") {
			r.Errorf("after signing in it reads %q", got)
		}
		if got := laptop.history("").words(); !strings.Contains(got, "Before I signed in") {
			r.Errorf("the laptop reads %q", got)
		}
		late.token = old
		late.call("GET", "/messages", nil).refused(http.StatusUnauthorized, "error.chat.session")
	})
}

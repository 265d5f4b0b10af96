package hostile

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
)

// upload sends a file; its name and type are written into the part as they are.
func (p *person) upload(name, kind, content string) reply {
	p.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="`+name+`"`)
	if kind != "" {
		h.Set("Content-Type", kind)
	}
	part, err := w.CreatePart(h)
	p.must(err)
	_, err = part.Write([]byte(content))
	p.must(err)
	p.must(w.Close())
	return p.send("POST", api.Base+"/attachments", b.String(), "Content-Type", w.FormDataContentType())
}

// conversation opens one by a customer's mail and returns its id.
func (d *desk) conversation(from string) string {
	d.Helper()
	d.mail(d.letter(from, "A question of "+from))
	d.rest()
	id, _ := d.ledger()["conversationId"].(string)
	if id == "" {
		d.Fatalf("no conversation: %v", d.ledger())
	}
	return id
}

// TestOthersObjects lets everybody reach for what belongs to somebody else: an
// agent's drafts, unsent files, sessions, notices and kept answers are theirs
// alone, also before an administrator.
func TestOthersObjects(t *testing.T) {
	onBoth(t, func(d *desk) {
		conv := d.conversation("ana@customer.example")
		owner := d.hire("owner", team.Worker)
		const secret = "the owner's secret words"
		owner.ok("PUT", "/conversations/"+conv+"/draft", object{"kind": "reply", "text": secret})
		file := owner.upload("secret-name.txt", "text/plain", secret).json()["id"].(string)
		session := owner.call("GET", "/sessions", nil).items()[0]["id"].(string)
		// A mention makes a notice of the owner's.
		d.root.ok("POST", "/conversations/"+conv+"/messages", object{"kind": "note", "text": "look", "mentions": []string{owner.id}})
		d.rest()
		notices := owner.call("GET", "/notices", nil).items()
		if len(notices) != 1 {
			t.Fatalf("notices: %v", notices)
		}
		notice := notices[0]["id"].(string)
		first := owner.call("POST", "/conversations/"+conv+"/messages", object{"kind": "note", "text": "once"}, "Idempotency-Key", "k1")
		if first.status != http.StatusCreated {
			t.Fatal(first.status, first.body)
		}

		others := map[string]*person{"worker": d.hire("worker", team.Worker), "manager": d.hire("manager", team.Manager), "administrator": d.root,
			"worker key": d.program(team.Worker), "administrator key": d.program(team.Administrator), "nobody": d.nobody()}
		for name, p := range others {
			tries := map[string]reply{
				"draft":                p.call("GET", "/conversations/"+conv+"/draft", nil),
				"file":                 p.call("GET", "/attachments/"+file, nil),
				"file inline":          p.call("GET", "/attachments/"+file+"?inline=true", nil),
				"draft with the file":  p.call("PUT", "/conversations/"+conv+"/draft", object{"kind": "reply", "text": "mine", "attachmentIds": []string{file}}),
				"reply with the file":  p.call("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "text": "x", "attachmentIds": []string{file}}),
				"reply showing it":     p.call("POST", "/conversations/"+conv+"/messages", object{"kind": "reply", "html": `<img src="/api/v1/attachments/` + file + `">`}),
				"inline":               p.call("GET", "/inline/"+file+"/0000000000000000", nil),
				"end session":          p.call("DELETE", "/sessions/"+session, nil),
				"read notice":          p.call("POST", "/notices/"+notice+"/read", object{}),
				"kept answer":          p.call("POST", "/conversations/"+conv+"/messages", object{"kind": "note", "text": "once"}, "Idempotency-Key", "k1"),
				"own notices":          p.call("GET", "/notices", nil),
				"own sessions":         p.call("GET", "/sessions", nil),
				"drop draft":           p.call("DELETE", "/conversations/"+conv+"/draft", nil),
				"read all notices":     p.call("POST", "/notices/read", object{}),
				"change the password":  p.call("POST", "/me/password", object{"current": password, "new": "short"}),
				"document of the file": p.call("GET", "/messages/"+file+"/document", nil),
			}
			for what, r := range tries {
				if r.status >= 500 {
					t.Errorf("%s: %s: %d %s", name, what, r.status, r.body)
				}
				if strings.Contains(r.body, secret) || strings.Contains(r.body, "secret-name") || what != "kept answer" && strings.Contains(r.body, session) || what == "own notices" && strings.Contains(r.body, notice) {
					t.Errorf("%s: %s shows what is another's: %d %s", name, what, r.status, r.body)
				}
				if r.header.Get("Idempotency-Replayed") != "" {
					t.Errorf("%s: %s was given another's answer", name, what)
				}
			}
			for _, what := range []string{"file", "file inline", "inline", "end session", "read notice", "reply with the file", "document of the file"} {
				if r := tries[what]; r.status < 400 {
					t.Errorf("%s: %s: %d %s", name, what, r.status, r.body)
				}
			}
		}

		// Nothing of the owner's has changed.
		if got := owner.ok("GET", "/conversations/"+conv+"/draft", nil)["text"]; got != secret {
			t.Errorf("the draft is now %q", got)
		}
		if r := owner.call("GET", "/attachments/"+file, nil); r.status != http.StatusOK || r.body != secret {
			t.Errorf("the file: %d %s", r.status, r.body)
		}
		if n := owner.call("GET", "/notices", nil).items(); len(n) != 1 || n[0]["readAt"] != nil {
			t.Errorf("the notice was read for them: %v", n)
		}
		if again := owner.call("POST", "/conversations/"+conv+"/messages", object{"kind": "note", "text": "once"}, "Idempotency-Key", "k1"); again.header.Get("Idempotency-Replayed") == "" || again.json()["id"] != first.json()["id"] {
			t.Errorf("the owner's kept answer: %d %s", again.status, again.body)
		}
	})
}

// TestAgentCannotRise lets an agent and a manager try to become more than they are.
func TestAgentCannotRise(t *testing.T) {
	onBoth(t, func(d *desk) {
		for _, role := range []team.Role{team.Worker, team.Manager} {
			p := d.hire("low"+string(role), role)
			key := d.program(role)
			for _, who := range []*person{p, key} {
				for _, c := range []struct {
					method, path string
					body         object
				}{
					{"PATCH", "/agents/" + p.id, object{"role": "administrator"}}, {"PATCH", "/agents/" + d.root.id, object{"active": false}},
					{"POST", "/agents", object{"name": "x", "email": "x@desk.example", "role": "administrator", "password": password}},
					{"POST", "/agents/" + d.root.id + "/password", object{"password": "another long enough one"}},
					{"POST", "/keys", object{"name": "x", "role": "administrator"}}, {"GET", "/keys", nil},
					{"PATCH", "/me", object{"role": "administrator", "active": true}},
					{"PATCH", "/inboxes/" + d.boxes[support], object{"send": object{"host": "127.0.0.1"}}},
					{"POST", "/inboxes/check", object{}}, {"PUT", "/authorities", object{}},
					{"POST", "/setup/administrator", object{"token": "", "name": "x", "email": "y@desk.example", "password": password}},
				} {
					r := who.call(c.method, c.path, c.body)
					if c.path == "/me" && r.status < 300 && strings.Contains(r.body, `"role":"administrator"`) || c.path != "/me" && r.status < 400 {
						t.Errorf("%s: %s %s: %d %s", role, c.method, c.path, r.status, r.body)
					}
				}
				// What is set in the inbox of others is not shown either.
				r := who.call("GET", "/inboxes/"+d.boxes[support], nil)
				if strings.Contains(r.body, password) || strings.Contains(r.body, "127.0.0.1") {
					t.Errorf("%s sees the servers: %s", role, r.body)
				}
			}
			if got := p.ok("GET", "/me", nil)["role"]; got != string(role) {
				t.Errorf("%s is now %v", role, got)
			}
		}
		if n := len(d.root.list("/agents")); n != 3 {
			t.Errorf("%d agents, want 3", n)
		}
		// The last administrator cannot be taken away, by whatever road.
		for _, change := range []object{{"role": "agent"}, {"active": false}} {
			if r := d.root.call("PATCH", "/agents/"+d.root.id, change); r.status < 400 {
				t.Errorf("the last administrator: %v: %d", change, r.status)
			}
		}
	})
}

// TestIDsAreNotPaths gives every route ids made to leave their place.
func TestIDsAreNotPaths(t *testing.T) {
	onBoth(t, func(d *desk) {
		ids := []string{"..%2f..%2fkey", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "a%00b", "%ff%fe", "'%20OR%201=1--", "conv_%27;DROP%20TABLE%20agent;--", strings.Repeat("a", 65), strings.Repeat("a", 5000), "%0d%0aSet-Cookie:%20x=y", "..", "%5c..%5c"}
		for _, path := range []string{"/attachments/%s", "/messages/%s/document", "/messages/%s/raw", "/ledger/%s/raw", "/conversations/%s", "/customers/%s", "/cases/%s", "/inline/%s/x", "/inline/x/%s",
			"/conversations?cursor=%s", "/search?q=x&cursor=%s", "/ledger?cursor=%s", "/jobs?cursor=%s", "/customers?cursor=%s", "/reports/loop.csv?number=%s", "/conversations?status=%s"} {
			for _, id := range ids {
				r := d.root.call("GET", fmt.Sprintf(path, id), nil)
				if r.status >= 500 || r.header.Get("Set-Cookie") != "" || strings.Contains(r.body, "root:") {
					t.Errorf("%s with %.60q: %d %.200s", path, id, r.status, r.body)
				}
			}
		}
		for _, path := range []string{"/..%2f..%2fetc/passwd", "/assets/..%2f..%2fkey", "/assets/../../key", "//evil.example/x", "/%2f%2fevil.example", "/\\evil.example", "/kintsugi.db", "/.git/config", "/api/v1/../../key"} {
			r := d.nobody().send("GET", path, nil)
			if to := r.header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "evil.example") && !strings.HasPrefix(to, "/evil") && !strings.HasPrefix(to, "/%2F") {
				t.Errorf("%s leads to %q", path, to)
			}
			if strings.Contains(r.body, "root:") || strings.Contains(r.body, "SQLite format") {
				t.Errorf("%s: %.100q", path, r.body)
			}
		}
	})
}

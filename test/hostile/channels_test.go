package hostile

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
)

const (
	hookKey = "S2ludHN1Z2kga2VlcHMgdGhlIGdvbGQgaW4u"
	shop    = "https://www.shop.example"
)

// door opens an inbox of another channel than mail, and returns its id.
func (d *desk) door(kind string, values inbox.Values) string {
	d.Helper()
	brands := d.root.call("GET", "/brands", nil).items()
	brand, _ := brands[0]["id"].(string)
	name := kind + " door"
	box, err := d.in.Inboxes.Create(d.Context(), system(), inbox.Change{Kind: kind, BrandID: &brand, Name: &name, Values: values})
	d.must(err)
	return box.ID
}

// knock makes a call of a door as Standard Webhooks sign it.
func (d *desk) knock(box, id string, doc any) reply {
	d.Helper()
	body, is := doc.(string)
	if !is {
		b, err := json.Marshal(doc)
		d.must(err)
		body = string(b)
	}
	key, err := base64.StdEncoding.DecodeString(hookKey)
	d.must(err)
	at := fmt.Sprint(d.clock.Now().Unix())
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(id + "." + at + "." + body)) // a hash never fails to write
	return d.nobody().send("POST", "/hook/"+box, body, "Webhook-Id", id, "Webhook-Timestamp", at, "Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// visitor begins a chat and returns its token.
func (d *desk) visitor(box string) string {
	d.Helper()
	r := d.nobody().send("POST", "/chat/"+box+"/session", object{}, "Origin", shop)
	token, _ := r.json()["token"].(string)
	if token == "" {
		d.Fatalf("no session: %d %s", r.status, r.body)
	}
	return token
}

// TestOutletsWithOddIDs gives every outlet ids, keys and words that a database or
// a path may choke on: each is refused or taken, and never our own failure.
func TestOutletsWithOddIDs(t *testing.T) {
	onBoth(t, func(d *desk) {
		hook := d.door("hook", inbox.Values{"secret": "whsec_" + hookKey})
		chat := d.door("webchat", inbox.Values{"origins": []any{shop}})
		token := d.visitor(chat)
		as := []string{"Authorization", "Bearer " + token, "Origin", shop}
		check := func(what string, r reply) {
			t.Helper()
			if r.status >= 500 {
				t.Errorf("%s: %d %.200s", what, r.status, r.body)
			}
		}
		odd := []string{"a%00b", "%ff%fe", "..%2f..%2fkey", strings.Repeat("a", 5000), "%0d%0aSet-Cookie:%20x=y", "'%20OR%201=1--"}
		for _, id := range odd {
			for _, path := range []string{"/hook/%s", "/hook/%s/status", "/hook/" + hook + "/%s", "/chat/%s/about", "/chat/%s/messages", "/chat/%s/live", "/chat/f/%s/x", "/f/%s/x", "/f/x.y/%s",
				"/chat/" + chat + "/messages?before=%s", "/chat/" + chat + "/messages?before=5.%s", "/chat/" + chat + "/messages?since=%s", "/chat/" + chat + "/about?lang=%s"} {
				check(fmt.Sprintf("GET %s %.30q", path, id), d.nobody().send("GET", fmt.Sprintf(path, id), nil, as...))
			}
			check("POST /hook "+id, d.nobody().send("POST", "/hook/"+id, object{}))
			check("a file "+id, d.nobody().send("POST", "/chat/"+chat+"/files?name="+id, "x", as...))
		}
		said := func(v object) reply { return d.nobody().send("POST", "/chat/"+chat+"/messages", v, as...) }
		check("a name", d.nobody().send("POST", "/chat/"+chat+"/visitor", object{"name": "a\x00b\u202e", "email": "a@b.example"}, as...))
		check("words", said(object{"id": "11111111", "text": "a\x00b", "page": "https://x\x00"}))
		check("files", said(object{"id": "22222222", "text": "x", "files": []string{"a\x00b", strings.Repeat("x", 5000)}}))
		check("an id", said(object{"id": "3333\x00333", "text": "x"}))
		check("read", d.nobody().send("POST", "/chat/"+chat+"/read", object{"upTo": "a\x00b"}, as...))
		check("a mail address", d.nobody().send("POST", "/chat/"+chat+"/visitor", object{"email": "\"a\x00b\"@b.example"}, as...))
		check("a proof", d.nobody().send("POST", "/chat/"+chat+"/session", object{"identity": "a.b.c\x00"}, "Origin", shop))
		check("a token", d.nobody().send("GET", "/chat/"+chat+"/messages", nil, "Authorization", "Bearer kch_\xff\xfe"))

		long := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz", 300)
		random := noise(9000)
		for name, c := range map[string]struct {
			id  string
			doc object
		}{
			"a key that is no UTF-8": {"k\xff\xfe", object{"from": object{"address": "hana"}, "text": "x"}},
			"a long id":              {"k1", object{"id": random, "from": object{"address": "hana"}, "text": "x"}},
			"a long reference":       {"k2", object{"inReplyTo": random, "from": object{"address": "hana"}, "text": "x"}},
			"a long edit":            {"k3", object{"edits": random, "from": object{"address": "hana"}, "text": "x"}},
			"a long deletion":        {"k4", object{"deletes": random, "from": object{"address": "hana"}}},
			"a long receipt":         {"k5", object{"receipts": []object{{"id": random, "state": "read"}}}},
			"a long failure":         {"k6", object{"failed": object{"id": random, "text": long}}},
			"a long name":            {"k7", object{"from": object{"address": "hana", "name": random}, "text": "x", "subject": random, "language": random}},
			"a long file":            {"k8", object{"from": object{"address": "hana"}, "files": []object{{"name": random, "contentType": random, "data": "eA=="}}}},
			"NUL everywhere":         {"k9", object{"id": "a\x00", "inReplyTo": "b\x00", "language": "e\x00", "subject": "s\x00", "from": object{"address": "h\x00", "name": "n\x00"}, "text": "t\x00", "thing": object{"name": "call", "data": object{"a\x00": "b\x00"}}, "files": []object{{"name": "f\x00", "contentType": "t\x00", "data": "eA=="}, {"url": "https://x.invalid/\x00"}}}},
			"an odd language":        {"k10", object{"from": object{"address": "hana3"}, "text": "x", "language": long}},
			"an old time":            {"k11", object{"from": object{"address": "hana"}, "text": "x", "at": "0000-01-01T00:00:00Z"}},
			"a late time":            {"k12", object{"from": object{"address": "hana"}, "text": "x", "at": "9999-12-31T23:59:59Z"}},
		} {
			check(name, d.knock(hook, c.id, c.doc))
		}
		check("deep", d.knock(hook, "k20", `{"thing":`+strings.Repeat(`{"a":`, 200_000)+`1`+strings.Repeat(`}`, 200_001)))
		d.rest()
		for _, line := range strings.Split(d.log.String(), "\n") {
			if strings.Contains(line, "level=ERROR") {
				t.Errorf("%.400s", line)
			}
		}
	})
}

// noise is text that nothing makes shorter.
func noise(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		b.WriteString(base64.RawURLEncoding.EncodeToString(sum[:]))
	}
	return b.String()[:n]
}

package chat_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// receive sets what the chat shows beside the conversation.
func (r *room) receive(d reception.Content) {
	r.Helper()
	var was reception.Reception
	r.Read(func(tx *sqldb.Tx) (err error) {
		was, err = r.beside.Of(r.Context(), tx, r.box.ID)
		return err
	})
	was.Content = d
	_, err := r.beside.Set(r.Context(), r.Hana, was)
	r.must(err)
}

type besideView struct {
	Form *struct {
		Unknown bool
		Fields  []struct {
			Name, Type, Label string
			Required          bool
			Choices           []string
		}
	}
	Prompts []struct {
		ID, Text, Page string
		After          int
	}
	Answers int
	Files   struct{ Panel, More, Prompt string }
}

func (p *page) about(lang string) (a besideView) {
	p.Helper()
	p.call("GET", "/about?lang="+lang, nil).ok(&a)
	return a
}

func prechat(when reception.When) reception.Content {
	return reception.Content{Form: reception.Form{When: when, Fields: []reception.Field{
		{Name: "who", Type: reception.Name},
		{Name: "mail", Type: reception.Email, Required: true},
		{Name: "topic", Type: reception.Choice, Label: phrase.Words{Ja: "ご用件", En: "Topic"}, Choices: []phrase.Words{{Ja: "配送", En: "Delivery"}, {Ja: "返品", En: "Return"}}},
		{Name: "order", Type: reception.Text, Label: phrase.Words{En: "Order number"}},
	}}}
}

func TestWhatIsEnteredComesWithTheFirstWords(t *testing.T) {
	each(t, func(r *room) {
		r.receive(prechat(reception.Always))
		p := r.stranger()
		a := p.about("ja")
		if a.Form == nil || a.Form.Unknown || len(a.Form.Fields) != 4 || a.Form.Fields[1].Label != "メールアドレス" || a.Form.Fields[2].Choices[1] != "返品" || a.Form.Fields[3].Label != "Order number" {
			r.Fatalf("form %+v", a.Form)
		}
		p.begin(nil)
		entered := object{"who": "Mei", "mail": mei, "topic": "1", "order": "A-17\nB", "other": "x"}
		body := object{"id": "client-0001", "text": "It is too small.", "entered": entered}
		p.call("POST", "/messages", body).ok(nil)
		var said struct{ Visitor visitorView }
		p.call("POST", "/messages", body).ok(&said)
		if said.Visitor.Name != "Mei" || said.Visitor.Email != mei {
			r.Errorf("the page is told of %+v", said.Visitor)
		}
		if n := r.Count("message"); n != 1 {
			r.Errorf("%d messages", n)
		}
		thing := r.thing()
		if thing.Name != "entered" || thing.Data["lines"] != "Your name: Mei\nE-mail address: "+mei+"\nTopic: Return\nOrder number: A-17 B" {
			r.Errorf("agents see %+v", thing)
		}
		if got := p.history("").words(); got != "It is too small." {
			r.Errorf("the visitor reads %q", got)
		}
		var v visitorView
		p.call("POST", "/session", object{}).ok(&v)
		if v.Name != "Mei" || v.Email != mei || v.Proven {
			r.Errorf("visitor %+v", v)
		}
		// Nothing that is entered is a reason to lose the words.
		q := r.visitor()
		q.call("POST", "/messages", object{"id": "client-0001", "text": "Hello", "entered": object{"mail": "nonsense", "topic": "99", "order": strings.Repeat("x", 5000)}}).ok(nil)
		if lines := r.thing().Data["lines"]; !strings.HasPrefix(lines, "E-mail address: nonsense\nOrder number: xxx") || len(lines) > 600 {
			r.Errorf("agents see %q", lines)
		}
		q.call("POST", "/session", object{}).ok(&v)
		if v.Email != "" {
			r.Errorf("visitor %+v", v)
		}
		q.call("POST", "/visitor", object{"email": mei}).ok(nil)
		q.call("POST", "/messages", object{"id": "client-0002", "text": "Are you there?"}).ok(nil)
		// Whoever is at those addresses, agents see that nobody has confirmed it.
		for _, one := range []*page{p, q} {
			one.call("POST", "/session", object{}).ok(&v)
			r.Read(func(tx *sqldb.Tx) error {
				who, _, err := r.Customers.ByPoint(r.Context(), tx, webchat.Name, v.ID)
				r.must(err)
				told, err := r.claims.Of(r.Context(), tx, who.ID)
				if err != nil || len(told) != 1 || told[0].Address != mei {
					r.Errorf("told %+v, %v", told, err)
				}
				return nil
			})
		}
	})
}

// thing is what stands beside the newest words.
func (r *room) thing() (e conversation.EventData) {
	r.Helper()
	r.Read(func(tx *sqldb.Tx) error {
		return tx.QueryRow(r.Context(), `SELECT event FROM message WHERE kind = 'incoming' ORDER BY id DESC LIMIT 1`).Scan(sqldb.JSON{V: &e})
	})
	return e
}

func TestWhoIsAskedAndPrompted(t *testing.T) {
	each(t, func(r *room) {
		p := r.stranger()
		if a := p.about("en"); a.Form != nil || len(a.Prompts) != 0 || a.Answers != 0 {
			r.Errorf("nothing is set: %+v", a)
		}
		d := prechat(reception.Closed)
		d.Prompts = []reception.Prompt{
			{ID: "i1", Active: true, Text: phrase.Words{Ja: "お困りですか。", En: "Can we help?"}, Page: "/cart", After: 5},
			{ID: "i2", Active: true, Text: phrase.Words{Ja: "こんにちは"}},
			{ID: "i3", Active: true, Text: phrase.Words{En: "We are here."}, Open: true},
			{ID: "i4", Text: phrase.Words{En: "Not on."}},
		}
		r.receive(d)
		r.Clock.Set(time.Date(2026, 5, 12, 1, 0, 0, 0, time.UTC)) // a Tuesday, 10:00 in Tokyo
		if a := p.about("en"); a.Form != nil || len(a.Prompts) != 2 || a.Prompts[0].Text != "Can we help?" || a.Prompts[0].Page != "/cart" || a.Prompts[1].ID != "i3" {
			r.Errorf("while it is open: %+v", a)
		}
		r.Clock.Set(time.Date(2026, 5, 16, 1, 0, 0, 0, time.UTC)) // Saturday
		if a := p.about("en"); a.Form == nil || len(a.Prompts) != 1 {
			r.Errorf("while it is closed: %+v", a)
		}
		// What the page said first is told to the agent, and stands in the thread.
		p.begin(nil)
		p.call("POST", "/messages?lang=en", object{"id": "client-0001", "text": "Yes", "prompt": "i1"}).ok(nil)
		if thing := r.thing(); thing.Data["asked"] != "Can we help?" {
			r.Errorf("agents see %+v", thing)
		}
		if h := p.history(""); h.Messages[0].Asked != "Can we help?" || !h.Talking {
			r.Errorf("the visitor sees %+v", h)
		}
		p.call("POST", "/messages", object{"id": "client-0002", "text": "Yes", "prompt": "gone"}).ok(nil)
		if r.thing().Data["asked"] != "" {
			r.Error("a prompt that does not exist was told")
		}
	})
}

func TestQuickAnswers(t *testing.T) {
	each(t, func(r *room) {
		r.receive(reception.Content{Answers: []reception.Answer{
			{ID: "a1", Title: phrase.Words{Ja: "送料", En: "Postage"}, Body: phrase.Words{Ja: "無料です。", En: "It is free."}},
			{ID: "a2", Title: phrase.Words{Ja: "返品"}, Body: phrase.Words{Ja: "14日以内です。"}},
		}})
		p := r.stranger()
		var list struct {
			Answers []struct{ ID, Title, Body string }
		}
		p.call("GET", "/answers?lang=en", nil).ok(&list)
		if len(list.Answers) != 1 || list.Answers[0].Body != "It is free." || p.about("ja").Answers != 2 {
			r.Errorf("answers %+v", list)
		}
		p.call("POST", "/answers/a1", object{"helped": true}).ok(nil)
		p.call("POST", "/answers/a1", object{"helped": true}).ok(nil)
		p.call("POST", "/answers/a1", object{"helped": false}).ok(nil)
		p.call("POST", "/answers/a9", object{"helped": true}).refused(http.StatusNotFound, "error.reception.answer")
		var tallies []reception.Tally
		r.Read(func(tx *sqldb.Tx) (err error) {
			tallies, err = r.beside.Tallies(r.Context(), tx, r.box.ID, 0)
			return err
		})
		if len(tallies) != 1 || tallies[0] != (reception.Tally{AnswerID: "a1", Yes: 2, No: 1}) {
			r.Errorf("tallies %+v", tallies)
		}
		if r.Count("chat_session") != 0 {
			r.Error("a vote left a session behind")
		}
		// Somebody who saw an older version overwrites nothing.
		if _, err := r.beside.Set(r.Context(), r.Hana, reception.Reception{InboxID: r.box.ID}); !fault.Is(err, fault.Conflict) {
			r.Errorf("a stale version: %v", err)
		}
		if _, err := r.beside.Set(r.Context(), r.Hana, reception.Reception{InboxID: r.Support.ID}); !fault.Is(err, fault.NotFound) {
			r.Errorf("an inbox of mail: %v", err)
		}
	})
}

func TestPartsHaveNamesOfWhatTheyHold(t *testing.T) {
	each(t, func(r *room) {
		name := r.stranger().about("en").Files.Panel
		get := func(path string) (string, string, int) {
			res, err := r.server.Client().Get(r.server.URL + "/chat" + path)
			r.must(err)
			defer func() { _ = res.Body.Close() }()
			b, err := io.ReadAll(res.Body)
			r.must(err)
			return string(b), res.Header.Get("Cache-Control"), res.StatusCode
		}
		if body, keep, _ := get(".js"); body != "// loader" || keep != "public, max-age=300" {
			r.Errorf("loader: %q %q", body, keep)
		}
		if body, keep, _ := get("/" + name); body != "// panel" || !strings.Contains(keep, "immutable") || !strings.HasPrefix(name, "panel-") {
			r.Errorf("%s: %q %q", name, body, keep)
		}
		// A page that was opened before an upgrade asks by the name of then.
		if body, keep, status := get("/panel-0123456789abcdef.js"); body != "// panel" || keep != "no-store" || status != http.StatusOK {
			r.Errorf("the panel of another release: %d %q %q", status, body, keep)
		}
		if body, keep, _ := get("/panel.js"); body != "// panel" || keep != "public, max-age=300" {
			r.Errorf("the panel's first name: %q %q", body, keep)
		}
		for _, path := range []string{"/other-0123.js", "/panel", "/loader.js", "/..%2fpanel.js"} {
			if _, _, status := get(path); status != http.StatusNotFound {
				r.Errorf("%s: %d", path, status)
			}
		}
	})
}

func TestAVisitorAsksToBeTold(t *testing.T) {
	each(t, func(r *room) {
		p := r.visitor()
		var k struct{ Key string }
		p.call("GET", "/push", nil).ok(&k)
		if len(k.Key) != 87 {
			r.Errorf("key %q", k.Key)
		}
		keys := object{"p256dh": k.Key, "auth": "BTBZMqHH6r4Tts7J_aSIgg"} // any point of the curve will do
		p.call("POST", "/push", object{"endpoint": "https://push.example/abc", "keys": keys, "page": site + "/bowls"}).ok(nil)
		p.call("POST", "/push", object{"endpoint": "https://push.example/def", "keys": keys, "page": "https://evil.example/" + site}).ok(nil)
		p.call("POST", "/push", object{"endpoint": "http://169.254.169.254/", "keys": keys}).refused(http.StatusUnprocessableEntity, "error.field.invalid")
		r.stranger().call("POST", "/push", object{"endpoint": "https://push.example/abc", "keys": keys}).refused(http.StatusUnauthorized, "error.chat.session")
		var pages, secrets string
		r.Read(func(tx *sqldb.Tx) error {
			return tx.QueryRow(r.Context(), `SELECT MIN(page) || MAX(page), MAX(sealed) FROM chat_push`).Scan(&pages, &secrets)
		})
		if pages != site+"/bowls" || strings.Contains(secrets, "push.example") {
			r.Errorf("kept %q %q", pages, secrets)
		}
		p.call("DELETE", "/push", nil).ok(nil)
		if n := r.Count("chat_push"); n != 0 {
			r.Errorf("%d browsers", n)
		}
	})
}

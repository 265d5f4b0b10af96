package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/search"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/api"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// counter is a site with an inbox, where mail comes in as JSON and goes out to a wire.
type counter struct {
	*site
	wire *threadtest.Wire
	box  inbox.Inbox
	n    int
}

func newCounter(s *site) *counter {
	s.Helper()
	c := &counter{site: s, wire: &threadtest.Wire{}}
	d := &s.Deps
	ids, log := id.NewSource(s.clock, rand.Reader), slog.New(slog.DiscardHandler)
	var err error
	d.Blobs, err = blob.Open(s.TempDir())
	s.must(err)
	d.Key = seal.Random()
	d.Outbox = delivery.New(delivery.Tools{DB: d.DB, IDs: ids, Journal: d.Journal, Queue: d.Queue, Blobs: d.Blobs, Log: log,
		Open: func(context.Context, string) (channel.Channel, error) { return c.wire, nil }})
	d.Threads = conversation.New(conversation.Tools{DB: d.DB, IDs: ids, Journal: d.Journal, Queue: d.Queue, Outbox: d.Outbox, Inboxes: d.Inboxes,
		Brands: d.Brands, Customers: d.Customers, Agents: d.Agents, Teams: d.Teams, Tags: d.Tags, Phrases: d.Phrases, Key: d.Key})
	d.Drafts, d.Files = conversation.NewDrafts(d.DB, d.Journal), conversation.NewFiles(d.DB, ids, d.Blobs)
	d.Door = intake.New(intake.Tools{DB: d.DB, Queue: d.Queue, IDs: ids, Journal: d.Journal, Blobs: d.Blobs, Inboxes: d.Inboxes, Customers: d.Customers,
		Outbox: d.Outbox, Threads: d.Threads, Kinds: []channel.Kind{{Name: inbox.Email, Parse: func(raw []byte) (*channel.Message, error) {
			var m channel.Message
			err := json.Unmarshal(raw, &m)
			return &m, err
		}}}})
	d.Finder = search.New()
	event.On(d.Journal, delivery.Changed, "conversation.delivery", d.Threads.Reactor().OnDelivery)
	event.On(d.Journal, conversation.ReceivedFact, "search.message", d.Finder.OnMessage)
	d.Journal.Listen(customer.CreatedFact, "search.customer", d.Finder.OnCustomer)
	d.Journal.Listen(conversation.OpenedFact, "search.conversation", d.Finder.OnConversation)
	d.Origin = "https://desk.example"
	s.mux = http.NewServeMux()
	s.routes = api.New(s.mux, *d)
	name, address, locale := "Support", "support@shop.example", "ja"
	b, err := d.Brands.Create(s.Context(), actor.OfSystem("test"), brand.Change{Name: &name, Locale: &locale})
	s.must(err)
	c.box, err = d.Inboxes.Create(s.Context(), actor.OfSystem("test"), inbox.Change{BrandID: &b.ID, Name: &name, Address: &address})
	s.must(err)
	return c
}

// mail takes a mail in and returns its entry.
func (c *counter) mail(m channel.Message) intake.Entry {
	c.Helper()
	c.n++
	if m.From.Address == "" {
		m.From = channel.Address{Name: "山田太郎", Address: "taro@customer.example"}
	}
	m.To, m.ExternalID, m.Visible = []channel.Address{{Address: c.box.Address}}, fmt.Sprintf("m%d@customer.example", c.n), m.Text
	b, err := json.Marshal(m)
	c.must(err)
	e, err := c.Door.Accept(c.Context(), c.box.ID, channel.Raw{Source: "test", Key: fmt.Sprint(c.n), Bytes: b})
	c.must(err)
	return e
}

func (c *counter) rest(d time.Duration) {
	c.Helper()
	c.clock.Advance(d)
	_, err := c.Queue.Drain(c.Context())
	c.must(err)
}

type conv struct {
	ID, Subject, Status, Priority, Preview string
	Ref                                    int64
	AssigneeID, SnoozedUntil, WaitingSince *string
	Tags                                   []string
	Unread                                 bool
	Version                                int64
	Customer                               struct{ ID, Name, Address string }
	Reason                                 string
}

type said struct {
	ID, Kind, Text, Quoted string
	Author                 struct{ Kind, Name string }
	Delivery               *struct {
		State, Error string
		HoldUntil    *string
	}
	Attachments []struct {
		ID, Name string
		Inline   bool
	}
	RemoteImages int
	Event        *struct {
		Name string
		Data map[string]string
	}
}

func TestADayAtTheDesk(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		hana, a := c.agent("Hana", team.Worker)
		e := c.mail(channel.Message{Subject: "割れた茶碗", Text: "届いた茶碗が割れていました。"})
		c.rest(0)
		path := "/conversations/" + string(e.ConversationID)

		var list struct {
			Items []conv
			Next  *string
		}
		hana.get("/conversations?view=unassigned&status=open").ok(200, &list)
		if len(list.Items) != 1 || list.Items[0].Ref != 1001 || !list.Items[0].Unread || list.Items[0].Customer.Address != "taro@customer.example" {
			t.Fatalf("%+v", list)
		}
		hana.call("PUT", path+"/read", nil).ok(204, nil)
		var one conv
		hana.patch(path, object{"assigneeId": a.ID, "priority": "high"}).ok(200, &one)
		if one.AssigneeID == nil || *one.AssigneeID != a.ID || one.Priority != "high" || one.Unread {
			t.Fatalf("%+v", one)
		}
		hana.patch(path, object{"priority": "low", "version": one.Version - 1}).problem(409, "error.stale")
		hana.patch(path, object{"priority": "normal"}).ok(200, &one)
		if one.AssigneeID == nil {
			t.Error("leaving assigneeId out took the assignment away")
		}
		hana.patch(path, object{"assigneeId": nil}).ok(200, &one)
		if one.AssigneeID != nil {
			t.Error("null did not take the assignment away")
		}
		hana.patch(path, object{"status": "snoozed", "snoozedUntil": c.clock.Now().Add(time.Hour)}).ok(200, &one)
		hana.patch(path, object{"snoozedUntil": nil}).ok(200, &one)
		if one.Status != "open" || one.SnoozedUntil != nil {
			t.Errorf("null did not end the snooze: %+v", one)
		}
		hana.patch(path, object{"status": "snoozed", "snoozedUntil": "2001-01-01T00:00:00Z"}).problem(422, "error.invalid", "body.snoozedUntil error.conversation.snooze")
		hana.patch(path, object{"assigneeId": "agt_none"}).problem(422, "error.invalid", "body.assigneeId error.conversation.assignee")
		hana.get("/conversations/conv_none").problem(404, "error.conversation.notFound")

		var m said
		hana.post(path+"/messages", object{"kind": "reply", "text": "交換いたします。", "resolve": true}).ok(201, &m)
		if m.Delivery == nil || m.Delivery.State != "held" || m.Delivery.HoldUntil == nil {
			t.Fatalf("%+v", m)
		}
		var draft struct{ Kind, Text string }
		hana.post("/messages/"+m.ID+"/cancel", nil).ok(200, &draft)
		if draft.Kind != "reply" || draft.Text != "交換いたします。" {
			t.Fatalf("%+v", draft)
		}
		hana.post(path+"/messages", object{"kind": "reply", "text": draft.Text, "resolve": true}).ok(201, &m)
		c.rest(11 * time.Second)
		hana.post("/messages/"+m.ID+"/cancel", nil).problem(409, "error.delivery.gone")
		hana.post("/messages/"+m.ID+"/retry", nil).problem(409, "error.delivery.state")
		var thread struct {
			Items       []said
			Next, Later *string
		}
		hana.get(path+"/messages").ok(200, &thread)
		last := thread.Items[len(thread.Items)-1]
		if thread.Next != nil || last.Event == nil || last.Event.Data["to"] != "resolved" || len(c.wire.Sent()) != 1 {
			t.Fatalf("%+v", thread)
		}
		hana.post(path+"/messages", object{"kind": "note", "text": "在庫確認", "mentions": []string{a.ID}}).ok(201, &m)
		hana.post(path+"/messages", object{"kind": "note", "text": " "}).problem(422, "error.invalid", "body.text error.field.required")
		hana.get(path+"/messages?limit=1").ok(200, &thread)
		if len(thread.Items) != 1 || thread.Items[0].Kind != "note" || thread.Next == nil {
			t.Fatalf("%+v", thread)
		}
		hana.get(path+"/messages?limit=200&before="+*thread.Next).ok(200, &thread)
		if thread.Items[0].Kind != "incoming" || thread.Next != nil || thread.Later == nil {
			t.Fatalf("%+v", thread)
		}
		hana.get(path+"/messages?before=nonsense").problem(422, "error.cursor")
		for _, list := range []string{path + "/messages", "/conversations", "/customers", "/notices", "/search?q=x"} {
			mark := "?"
			if strings.Contains(list, "?") {
				mark = "&"
			}
			for _, garbage := range []string{"nonsense", "led_", "~", "-", "conv_00000000000000000000000000", "job_0000000000000000000000000!"} {
				if r := hana.get(list + mark + "cursor=" + url.QueryEscape(garbage)); r.Code != 422 {
					t.Errorf("%s with the cursor %q: %d %.200s", list, garbage, r.Code, r.Body)
				}
			}
		}
		// Whoever knows only next and cursor reads a thread to its beginning.
		hana.get(path+"/messages").ok(200, &thread)
		var whole, walked []string
		for _, m := range thread.Items {
			whole = append(whole, m.ID)
		}
		for next := "?limit=1"; ; next = "?limit=1&cursor=" + *thread.Next {
			hana.get(path+"/messages"+next).ok(200, &thread)
			walked = append([]string{thread.Items[0].ID}, walked...)
			if thread.Next == nil {
				break
			}
		}
		if len(whole) < 4 || !slices.Equal(whole, walked) {
			t.Errorf("walked %v, want %v", walked, whole)
		}
		hana.get(path+"/messages?limit=200&cursor="+*thread.Later).ok(200, &thread)
		if len(thread.Items) != len(whole)-1 || thread.Later != nil {
			t.Errorf("and back: %d of %d", len(thread.Items), len(whole))
		}
		var counts struct{ Views, Statuses, Inboxes map[string]int }
		hana.get("/conversations/counts").ok(200, &counts)
		if counts.Views["all"] != 0 || counts.Statuses["open"] != 0 {
			t.Errorf("%+v", counts)
		}
	})
}

func TestAFailureIsShownInTheReadersLanguage(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		hana, _ := c.agent("Hana", team.Worker)
		hana.lang = "ja"
		path := "/conversations/" + string(c.mail(channel.Message{Text: "x"}).ConversationID)
		c.wire.Fail(&channel.AmbiguousError{Err: io.EOF})
		var m said
		hana.post(path+"/messages", object{"kind": "reply", "text": "はい。"}).ok(201, &m)
		c.rest(time.Minute)
		var thread struct{ Items []said }
		hana.get(path+"/messages").ok(200, &thread)
		if d := thread.Items[1].Delivery; d.State != "ambiguous" || !strings.Contains(d.Error, "再送信する前に") {
			t.Errorf("%+v", d)
		}
		c.wire.Fail(nil)
		hana.post("/messages/"+m.ID+"/retry", nil).ok(200, &m)
		if m.Delivery.State != "queued" {
			t.Errorf("%+v", m.Delivery)
		}
		c.rest(0)
		if len(c.wire.Sent()) != 1 {
			t.Error("not sent again")
		}
	})
}

func TestJoiningAndWritingFirst(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		hana, _ := c.agent("Hana", team.Worker)
		g, err := c.Tags.Create(c.Context(), actor.OfSystem("test"), tag.Change{Name: ptr("配送")})
		c.must(err)
		a := string(c.mail(channel.Message{Subject: "茶碗", Text: "一"}).ConversationID)
		b := string(c.mail(channel.Message{Subject: "Re: 茶碗", Text: "二"}).ConversationID)
		var near struct{ Items []conv }
		hana.get("/conversations/"+a+"/suggestions").ok(200, &near)
		if len(near.Items) != 1 || near.Items[0].ID != b || near.Items[0].Reason != "subject" {
			t.Fatalf("%+v", near)
		}
		var one conv
		hana.post("/conversations/"+b+"/merge", object{"intoId": a}).ok(200, &one)
		if one.ID != a {
			t.Fatalf("%+v", one)
		}
		hana.get("/conversations/"+b).ok(200, &one)
		if one.ID != a {
			t.Error("the merged one does not lead on")
		}
		hana.post("/conversations/"+b+"/merge", object{"intoId": a}).problem(422, "error.invalid", "body.intoId error.conversation.same")
		var thread struct{ Items []said }
		hana.get("/conversations/"+a+"/messages").ok(200, &thread)
		for _, m := range thread.Items {
			if m.Event != nil && m.Event.Name == "merged" {
				hana.post("/conversations/"+a+"/split", object{"messageId": m.ID}).ok(200, &one)
			}
		}
		if one.ID != b {
			t.Fatalf("not brought back: %+v", one)
		}
		var bulk struct{ Items []conv }
		hana.post("/conversations/bulk", object{"ids": []string{a, b}, "patch": object{"tags": []string{g.ID}, "status": "resolved"}}).ok(200, &bulk)
		if len(bulk.Items) != 2 || bulk.Items[0].Status != "resolved" || bulk.Items[1].Tags[0] != g.ID {
			t.Fatalf("%+v", bulk)
		}
		hana.get("/conversations?tagId="+g.ID+"&status=any&sort=waiting").ok(200, &bulk)
		if len(bulk.Items) != 2 {
			t.Errorf("%+v", bulk)
		}
		hana.post("/conversations", object{"inboxId": c.box.ID, "to": []object{{"name": "Mary", "address": "mary@customer.example"}}, "subject": "Your order", "text": "Hello"}).ok(201, &one)
		if one.Customer.Name != "Mary" || one.Status != "pending" {
			t.Errorf("%+v", one)
		}
		hana.post("/conversations", object{"inboxId": c.box.ID, "to": []object{{"address": "nobody"}}, "subject": "x", "text": "y"}).
			problem(422, "error.invalid", "body.to error.conversation.address")
	})
}

func ptr[T any](v T) *T { return &v }

func (u *user) upload(name, kind, body string) *answer {
	u.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h := map[string][]string{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {kind}}
	part, err := w.CreatePart(h)
	u.must(err)
	_, err = io.WriteString(part, body)
	u.must(err)
	u.must(w.Close())
	req := httptest.NewRequest("POST", api.Base+"/attachments", &b).WithContext(u.Context())
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.AddCookie(&http.Cookie{Name: api.CookieName, Value: u.cookie})
	rec := httptest.NewRecorder()
	u.mux.ServeHTTP(rec, req)
	return &answer{u, rec, "POST /attachments"}
}

func TestDraftsAndFiles(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		hana, _ := c.agent("Hana", team.Worker)
		ken, _ := c.agent("Ken", team.Worker)
		path := "/conversations/" + string(c.mail(channel.Message{Text: "x"}).ConversationID)
		var f struct {
			ID, Name string
			Size     int64
		}
		hana.upload("見積.html", "text/html", "<script>alert(1)</script>").ok(201, &f)
		if f.Name != "見積.html" || f.Size != 25 {
			t.Fatalf("%+v", f)
		}
		ken.get("/attachments/"+f.ID).problem(404, "error.attachment.notFound")
		got := hana.get("/attachments/"+f.ID+"?inline=1").ok(200, nil)
		if h := got.Header(); h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("a page of a stranger is shown: %v", h)
		}
		var d struct {
			Version     int64
			Text        string
			Attachments []struct{ Name string }
		}
		hana.get(path+"/draft").ok(200, &d)
		if d.Version != 0 {
			t.Errorf("%+v", d)
		}
		hana.call("PUT", path+"/draft", object{"kind": "reply", "text": "一", "attachmentIds": []string{f.ID}}).ok(200, &d)
		hana.call("PUT", path+"/draft", object{"kind": "reply", "text": "二", "attachmentIds": []string{f.ID}, "version": d.Version}).ok(200, &d)
		hana.call("PUT", path+"/draft", object{"kind": "reply", "text": "三", "version": 1}).problem(409, "error.stale")
		hana.get(path+"/draft").ok(200, &d)
		if d.Text != "二" || d.Version != 2 || d.Attachments[0].Name != "見積.html" {
			t.Errorf("%+v", d)
		}
		var m said
		hana.post(path+"/messages", object{"kind": "reply", "text": "二", "attachmentIds": []string{f.ID}}).ok(201, &m)
		ken.get("/attachments/"+f.ID).ok(200, nil)
		hana.get(path+"/draft").ok(200, &d)
		if d.Version != 0 {
			t.Error("the draft is still there")
		}
		hana.call("PUT", path+"/draft", object{"kind": "note", "text": "四"}).ok(200, &d)
		hana.remove(path+"/draft").ok(204, nil)
		c.key(team.Worker).call("PUT", path+"/draft", object{"kind": "note", "text": "x"}).problem(403, "error.draft.agent")
	})
}

// A form is bounded before the framework spools it to disk.
func TestAnUploadBeyondTheLimitIsNotRead(t *testing.T) {
	now := clock.NewManual(dbtest.Start)
	s := newSite(t, dbtest.SQLite(t, now), now)
	c := newCounter(s)
	hana, _ := c.agent("Hana", team.Worker)
	for _, length := range []int64{conversation.MaxUpload + 2<<20, -1} { // told in advance, or not
		body := &endless{}
		req := httptest.NewRequest("POST", api.Base+"/attachments", body).WithContext(t.Context())
		req.ContentLength = length
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		req.AddCookie(&http.Cookie{Name: api.CookieName, Value: hana.cookie})
		rec := httptest.NewRecorder()
		s.mux.ServeHTTP(rec, req)
		if rec.Code < 400 || rec.Code >= 500 || body.read > conversation.MaxUpload+3<<20 {
			t.Errorf("length %d: %d after %d bytes: %s", length, rec.Code, body.read, rec.Body)
		}
	}
}

// endless is a form whose file does not end for a long while.
type endless struct{ read int64 }

// Read implements io.Reader.
func (e *endless) Read(p []byte) (int, error) {
	const head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	if e.read > 80<<20 {
		return 0, io.EOF
	}
	n := len(p)
	if e.read == 0 {
		n = copy(p, head)
	}
	e.read += int64(n)
	return n, nil
}

func TestAMailIsShownSafely(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		hana, _ := c.agent("Hana", team.Worker)
		png := "\x89PNG\r\n\x1a\n"
		e := c.mail(channel.Message{Text: "写真", Subject: "写真\r\nX: y", HTML: `<p onclick="x()">写真<img src="cid:p1"><img src="cid:p2"><img src="https://tracker.example/a.gif"><script>x()</script></p>`,
			Parts: []channel.Part{{Name: "写真.png", ContentType: "image/png", ContentID: "p1", Inline: true, Data: []byte(png)},
				{Name: "evil.svg", ContentType: "image/svg+xml", ContentID: "p2", Inline: true, Data: []byte("<svg/>")}}})
		got := hana.get("/messages/"+string(e.MessageID)+"/document").ok(200, nil)
		body, policy := got.Body.String(), got.Header().Get("Content-Security-Policy")
		for _, bad := range []string{"<script", "onclick", ` src="https://tracker`, "cid:"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s in %s", bad, body)
			}
		}
		if !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "https:") {
			t.Errorf("policy %s", policy)
		}
		address := regexp.MustCompile(api.Base + `(/inline/[^"]+)`).FindStringSubmatch(body)
		if address == nil {
			t.Fatalf("no picture in %s", body)
		}
		pic := c.nobody().get(address[1]).ok(200, nil)
		if pic.Body.String() != png || pic.Header().Get("Content-Type") != "image/png" {
			t.Errorf("%q %v", pic.Body, pic.Header())
		}
		c.nobody().get(address[1]+"0").problem(404, "error.blob.notFound")
		with := hana.get("/messages/"+string(e.MessageID)+"/document?images=1").ok(200, nil)
		if !strings.Contains(with.Body.String(), `src="https://tracker.example/a.gif"`) {
			t.Errorf("pictures were asked for: %s", with.Body)
		}
		raw := hana.get("/messages/"+string(e.MessageID)+"/raw").ok(200, nil)
		if !strings.Contains(raw.Body.String(), "ExternalID") || raw.Header().Get("Content-Type") != "message/rfc822" {
			t.Errorf("%v %s", raw.Header(), raw.Body)
		}
		hana.get("/messages/msg_none/document").problem(404, "error.message.notFound")
	})
}

func TestSearchFindsTwoCharacters(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		hana, _ := c.agent("Hana", team.Worker)
		c.mail(channel.Message{Subject: "割れた茶碗", Text: "届いた茶碗が割れていました。"})
		c.rest(0)
		var found struct {
			Items []struct {
				Kind, Snippet, Title string
				Highlights           [][2]int
				ConversationID       *string
			}
		}
		hana.get("/search?q="+"茶碗").ok(200, &found)
		kinds := map[string]bool{}
		for _, h := range found.Items {
			kinds[h.Kind] = true
			if h.Kind == "message" && (h.Snippet != "届いた茶碗が割れていました。" || len(h.Highlights) != 1 || h.Highlights[0] != [2]int{3, 2}) {
				t.Errorf("%+v", h)
			}
		}
		if !kinds["message"] || !kinds["conversation"] {
			t.Errorf("%+v", found)
		}
		hana.get("/search?q=taro&kind=customers").ok(200, &found)
		if len(found.Items) != 1 {
			t.Errorf("%+v", found)
		}
	})
}

func TestTheLedgerIsShownToThoseWhoMay(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		worker, _ := c.agent("Hana", team.Worker)
		manager, _ := c.agent("Ken", team.Manager)
		manager.lang = "ja"
		e := c.mail(channel.Message{Text: "x", Spam: "X-Spam-Flag: YES"})
		c.mail(channel.Message{Text: "y"})
		worker.get("/ledger").problem(403, "error.denied")
		var list struct {
			Items []api.LedgerRow
			Next  string
		}
		manager.get("/ledger?state=spam").ok(200, &list)
		if len(list.Items) != 1 || list.Items[0].ID != e.ID || list.Items[0].Reason != "受信サーバーが迷惑メールと判定しました：X-Spam-Flag: YES" || !list.Items[0].Retryable {
			t.Fatalf("%+v", list)
		}
		if raw := manager.get("/ledger/"+e.ID+"/raw").ok(200, nil); !strings.Contains(raw.Body.String(), "X-Spam-Flag") {
			t.Errorf("%s", raw.Body)
		}
		var row api.LedgerRow
		manager.post("/ledger/"+e.ID+"/retry", nil).ok(200, &row)
		if row.State != "linked" || row.ConversationID == nil || row.Retryable {
			t.Errorf("%+v", row)
		}
		manager.post("/ledger/"+e.ID+"/retry", nil).problem(409, "error.ledger.state")
		manager.get("/ledger?limit=1").ok(200, &list)
		if len(list.Items) != 1 || list.Next == "" {
			t.Errorf("%+v", list)
		}
		for _, garbage := range []string{"nonsense", "led_", "job_00000000000000000000000000"} {
			manager.get("/ledger?cursor="+garbage).problem(422, "error.cursor")
		}
		manager.get("/ledger?cursor="+list.Next).ok(200, &list)
	})
}

func TestJobsAreShownAndRevived(t *testing.T) {
	onBoth(t, func(s *site) {
		c := newCounter(s)
		manager, _ := c.agent("Ken", team.Manager)
		admin, _ := c.agent("Admin", team.Administrator)
		c.wire.Fail(fault.New(fault.Internal, "error.internal"))
		path := "/conversations/" + string(c.mail(channel.Message{Text: "x"}).ConversationID)
		admin.post(path+"/messages", object{"kind": "reply", "text": "はい。"}).ok(201, nil)
		c.rest(time.Minute)
		var list struct{ Items []api.Job }
		manager.get("/jobs?state=ready").ok(200, &list)
		manager.get("/jobs?state=ready&cursor=nonsense").problem(422, "error.cursor")
		var waiting api.Job
		for _, j := range list.Items {
			if j.Kind == "delivery.send" {
				waiting = j
			}
		}
		if waiting.ID == "" {
			t.Fatalf("%+v", list)
		}
		manager.post("/jobs/"+waiting.ID+"/retry", nil).problem(403, "error.denied")
		admin.post("/jobs/job_none/retry", nil).problem(404, "error.job.notFound")
		c.wire.Fail(nil)
		admin.post("/jobs/"+waiting.ID+"/retry", nil).ok(204, nil)
		c.rest(0)
		if len(c.wire.Sent()) != 1 {
			t.Error("it did not run")
		}
	})
}

package forms_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/claim"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/form"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

func TestFromTheFormToTheAnswer(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		e := w.filled(map[string]string{"answer-order": "Ａ－１０２４", "answer-how": "1"})
		e.files = [][2]string{{"写真.jpg", "jpeg"}}
		page := w.arrived(e)

		c, thread := w.only()
		m := thread[0]
		if c.Subject != "お問い合わせ" || c.InboxID != w.Support.ID || m.Body != "内容：茶碗が割れていました。\n注文番号：A-1024\n種類：品質" || m.Envelope.From.Address != "taro@customer.example" {
			t.Fatalf("conversation %+v, message %+v", c, m)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Name != "写真.jpg" || m.Attachments[0].Size != 4 {
			t.Fatalf("files %+v", m.Attachments)
		}

		w.Wait(time.Minute)
		mails := w.Wire.Sent()
		if len(mails) != 1 || mails[0].To[0].Address != "taro@customer.example" || !mails[0].Automatic || !strings.Contains(mails[0].Text, "https://desk.example/c/status/") ||
			strings.Contains(mails[0].Text, "茶碗") || strings.Contains(mails[0].HTML, "山田") {
			t.Fatalf("receipt %+v", mails)
		}

		a := w.get(page + "?sent=1")
		w.has(a, http.StatusOK, w.say("ja", "form.thanks.title", map[string]any{"ref": "#1001"}), w.say("ja", "form.state.received", nil), "茶碗が割れていました。", "写真.jpg")
		if a.header.Get("Cache-Control") != "no-store" || !strings.Contains(a.header.Get("X-Robots-Tag"), "noindex") || a.header.Get("X-Frame-Options") != "DENY" {
			t.Fatalf("headers %v", a.header)
		}

		if _, err := w.Threads.Post(w.Context(), w.Hana, conversation.Reply{ConversationID: c.ID, Text: "新しい茶碗をお送りします。"}); err != nil {
			t.Fatal(err)
		}
		if a := w.get(page); strings.Contains(a.body, "新しい茶碗") {
			t.Fatal("what can still be taken back is shown")
		}
		w.Wait(time.Minute)
		a = w.get(page)
		w.has(a, http.StatusOK, "新しい茶碗をお送りします。", "金継堂サポート", w.say("ja", "form.state.answered", nil))
		if strings.Contains(a.body, "佐藤花") {
			t.Fatal("the agent's name is shown")
		}

		add := entry{fields: map[string]string{"ticket": w.ticket(page), "text": "色は青を希望します。"}}
		first, again := w.post(page, add), w.post(page, add)
		if first.status != http.StatusSeeOther || again.status != http.StatusSeeOther {
			t.Fatalf("added: %d %d %s", first.status, again.status, first.body)
		}
		c, thread = w.only()
		incoming := slices.DeleteFunc(slices.Clone(thread), func(m conversation.Message) bool { return m.Kind != conversation.Incoming })
		if len(incoming) != 2 || incoming[1].Body != "色は青を希望します。" || c.Status != conversation.Open {
			t.Fatalf("thread %+v", thread)
		}
		w.Wait(time.Minute)
		if n := len(w.Wire.Sent()); n != 2 { // the receipt and the answer
			t.Fatalf("%d mails", n)
		}
		w.has(w.get(page), http.StatusOK, "色は青を希望します。", w.say("ja", "form.state.working", nil))
	})
}

func TestAComplaintNeedsNoAddressAndGetsItsTag(t *testing.T) {
	each(t, form.Complaint, func(t *testing.T, w *world) {
		page := w.arrived(w.filled(map[string]string{"email": "", "name": ""}))
		c, thread := w.only()
		if len(c.TagIDs) != 1 {
			t.Fatalf("tags %v", c.TagIDs)
		}
		w.Read(func(tx *sqldb.Tx) error {
			g, err := w.Tags.ByID(w.Context(), tx, c.TagIDs[0])
			if err == nil && !g.Complaint {
				t.Errorf("the tag is %+v", g)
			}
			return err
		})
		if !slices.Contains(w.Facts(string(c.ID)), conversation.TaggedFact) || thread[0].Event == nil || thread[0].Event.Name != "noAddress" {
			t.Fatalf("facts %v, message %+v", w.Facts(string(c.ID)), thread[0])
		}
		w.Wait(time.Hour)
		if n := len(w.Wire.Sent()); n != 0 {
			t.Fatalf("%d mails to nobody", n)
		}
		w.has(w.get(page), http.StatusOK, "茶碗")
		if _, err := w.Threads.Post(w.Context(), w.Hana, conversation.Reply{ConversationID: c.ID, Text: "申し訳ありません。"}); err == nil {
			t.Fatal("an answer by mail to nobody")
		}
	})
}

func TestTwiceIsOnceAndAlteredIsAnother(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		e := w.filled(nil)
		one, two := w.arrived(e), w.arrived(e)
		if n := w.Count("message"); n != 1 || one == "" || two == "" {
			t.Fatalf("%d messages", n)
		}
		e.fields["answer-what"] = "別の件です。"
		w.arrived(e)
		if n := w.Count("conversation"); n != 2 {
			t.Fatalf("%d conversations", n)
		}
	})
}

func TestWhatIsWrongComesBackWithWhatWasTyped(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			more map[string]string
			want string
		}{
			"no address":      {map[string]string{"email": ""}, w.Phrases.Text("ja", "error.field.required", nil)},
			"two addresses":   {map[string]string{"email": "a@b.example, c@d.example"}, w.Phrases.Text("ja", "error.form.email", nil)},
			"a header":        {map[string]string{"email": "a@b.example\r\nBcc: c@d.example"}, w.Phrases.Text("ja", "error.form.email", nil)},
			"our address":     {map[string]string{"email": "support@shop.example"}, w.Phrases.Text("ja", "error.form.ours", nil)},
			"nothing said":    {map[string]string{"answer-what": "  "}, w.Phrases.Text("ja", "error.field.required", nil)},
			"no such choice":  {map[string]string{"answer-how": "7"}, w.Phrases.Text("ja", "error.form.choice", nil)},
			"a choice's name": {map[string]string{"answer-how": "品質"}, w.Phrases.Text("ja", "error.form.choice", nil)},
			"huge":            {map[string]string{"answer-what": strings.Repeat("長", form.MaxLong+1)}, w.Phrases.Text("ja", "error.text.long", map[string]any{"max": form.MaxLong})},
		} {
			e := w.filled(map[string]string{"answer-order": "<b>&\"order"})
			e.fields["answer-order"] = "A-1"
			for k, v := range c.more {
				e.fields[k] = v
			}
			a := w.post("/c/contact-us", e)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.want) || !strings.Contains(a.body, "山田太郎") || !strings.Contains(a.body, `value="A-1"`) {
				t.Errorf("%s: %d, want %q in %s", name, a.status, c.want, a.body)
			}
			w.from += "x" // a person each
		}
		if n := w.Count("conversation"); n != 0 {
			t.Fatalf("%d conversations", n)
		}
	})
}

func TestMachinesAreAskedTwice(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		fast := w.get("/c/contact-us", "Accept-Language", "ja")
		e := w.filled(nil)
		e.fields["ticket"] = ticketIn(w.get("/c/contact-us").body)
		a := w.post("/c/contact-us", e)
		w.has(a, http.StatusUnprocessableEntity, w.say("ja", "form.again.fast", nil), "茶碗が割れていました。")

		e.fields["ticket"] = ticketIn(fast.body)
		w.Clock.Advance(25 * time.Hour)
		a = w.post("/c/contact-us", e)
		w.has(a, http.StatusUnprocessableEntity, w.say("ja", "form.again.expired", nil))

		w.make("other", form.Contact)
		for name, ticket := range map[string]string{"none": "", "garbage": "1.2.3", "another form's": w.ticket("/c/other"), "altered": "9" + w.ticket("/c/contact-us")} {
			e.fields["ticket"] = ticket
			if a := w.post("/c/contact-us", e); a.status != http.StatusUnprocessableEntity {
				t.Errorf("a ticket that is %s: %d", name, a.status)
			}
		}
		e.fields["ticket"], e.fields["reference"] = w.ticket("/c/contact-us"), "http://spam.example"
		a = w.post("/c/contact-us", e)
		w.has(a, http.StatusUnprocessableEntity, w.say("ja", "form.again.trap", nil))
		if n := w.Count("ledger"); n != 0 {
			t.Fatalf("%d in the ledger", n)
		}
		delete(e.fields, "reference")
		e.fields["ticket"] = ticketIn(a.body)
		w.Clock.Advance(10 * time.Second)
		w.arrived(e) // the second try
	})
}

func TestWorkOpensTheQuickLane(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		send := func(worked bool) int {
			e := w.filled(nil)
			w.Clock.Advance(-time.Minute)
			w.Clock.Advance(4 * time.Second)
			if worked {
				e.fields["work"] = work(e.fields["ticket"])
			}
			return w.post("/c/contact-us", e).status
		}
		passed := 0
		for range 8 {
			if send(false) == http.StatusSeeOther {
				passed++
			}
		}
		if passed < 5 || passed > 6 {
			t.Fatalf("%d without work", passed)
		}
		if got := send(false); got != http.StatusTooManyRequests {
			t.Fatalf("too much is %d", got)
		}
		if got := send(true); got != http.StatusSeeOther {
			t.Fatalf("with work: %d", got)
		}
	})
}

func TestTryingAddressesSlowsDownNobodyElse(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		for range 20 {
			w.has(w.get("/c/status/none"), http.StatusNotFound)
		}
		for _, path := range []string{"/c/status/none", "/c/nothing", claim.Path + "none"} {
			if a := w.get(path); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "60" {
				t.Errorf("%s: %d %v", path, a.status, a.header)
			}
		}
		w.has(w.get("/c/contact-us"), http.StatusOK)
	})
}

func TestFilesHaveLimits(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		big, ok := strings.Repeat("x", form.MaxFile+1), strings.Repeat("x", form.MaxFile)
		for name, c := range map[string]struct {
			files [][2]string
			key   string
			max   int
		}{
			"large":    {[][2]string{{"a.bin", big}}, "error.form.fileLarge", 10},
			"many":     {[][2]string{{"1", "x"}, {"2", "x"}, {"3", "x"}, {"4", "x"}, {"5", "x"}, {"6", "x"}}, "error.form.files", 5},
			"together": {[][2]string{{"1", ok}, {"2", ok}, {"3", ok}}, "error.form.filesLarge", 25},
			"empty":    {[][2]string{{"1", ""}}, "error.form.fileEmpty", 0},
		} {
			e := w.filled(nil)
			e.files = c.files
			a := w.post("/c/contact-us", e)
			if want := w.Phrases.Text("ja", c.key, map[string]any{"max": c.max}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) || !strings.Contains(a.body, "茶碗") {
				t.Errorf("%s: %d, want %q", name, a.status, want)
			}
			w.from += "x"
		}
		e := w.filled(map[string]string{"ticket": ""})
		e.files = [][2]string{{"a.txt", "never stored"}}
		w.has(w.post("/c/contact-us", e), http.StatusUnprocessableEntity, w.say("ja", "form.again.files", nil))
		e = w.filled(nil)
		e.files = [][2]string{{`C:\fakepath\..\..\etc/passwd` + "\r\nX: y", "x"}}
		w.arrived(e)
		if _, thread := w.only(); strings.ContainsAny(thread[0].Attachments[0].Name, "/\\\r\n") {
			t.Fatalf("a file called %q", thread[0].Attachments[0].Name)
		}
	})
}

func TestHTMLStaysText(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		evil := `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
		e := w.filled(map[string]string{"answer-what": evil, "name": "a\r\nBcc: b@c.example " + evil})
		bad := w.filled(map[string]string{"answer-what": evil, "name": evil, "email": evil})
		for _, a := range []answer{w.post("/c/contact-us", bad), w.get(w.arrived(e))} {
			if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img") || !strings.Contains(a.body, "&lt;script&gt;") {
				t.Fatalf("not escaped: %s", a.body)
			}
			if p := a.header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
				t.Fatalf("policy %q", p)
			}
		}
		if _, thread := w.only(); strings.ContainsAny(thread[0].Envelope.From.Name, "\r\n") || thread[0].HasHTML {
			t.Fatalf("message %+v", thread[0])
		}
	})
}

func TestAPassOpensItsMatterAlone(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		mine := w.arrived(w.filled(nil))
		c, _ := w.only()
		theirs := w.arrived(w.filled(map[string]string{"email": "other@customer.example", "answer-what": "秘密の話です。"}))
		if a := w.get(mine); strings.Contains(a.body, "秘密") {
			t.Fatal("another's matter is shown")
		}
		for name, path := range map[string]string{"altered": mine[:len(mine)-3] + "AAA", "cut": mine[:40], "an id": "/c/status/" + string(c.ID), "empty": "/c/status/x"} {
			if a := w.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s: %d", name, a.status)
			}
		}
		add := entry{fields: map[string]string{"ticket": w.ticket(theirs), "text": "乗っ取り"}}
		if a := w.post(mine, add); a.status != http.StatusUnprocessableEntity {
			t.Fatalf("another page's ticket: %d", a.status)
		}
		// Joined with somebody's conversation by mail, the page shows nothing of it.
		m := w.Receive(threadtestMail("taro@customer.example", "前からの件です。"))
		if _, err := w.Threads.Post(w.Context(), w.Hana, conversation.Reply{ConversationID: m.ConversationID, Text: "暗証番号は1234です。"}); err != nil {
			t.Fatal(err)
		}
		w.Wait(time.Minute)
		if _, err := w.Threads.Merge(w.Context(), w.Hana, c.ID, m.ConversationID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Threads.Post(w.Context(), w.Hana, conversation.Reply{ConversationID: m.ConversationID, Text: "口座番号は5678です。"}); err != nil {
			t.Fatal(err)
		}
		w.Wait(time.Minute)
		a := w.get(mine)
		w.has(a, http.StatusOK, w.say("ja", "form.status.together", nil), "茶碗", survey.Ref(c.Ref))
		if other := w.Conversation(m.ConversationID); other.Ref == c.Ref || strings.Contains(a.body, survey.Ref(other.Ref)) {
			t.Fatalf("the number of the other matter, %d, is shown", other.Ref)
		}
		add = entry{fields: map[string]string{"ticket": w.ticket(mine), "text": "どうなりましたか。"}}
		next := w.post(mine, add)
		if path, _, _ := strings.Cut(next.header.Get("Location"), "?"); path != mine {
			t.Fatalf("leads to %q", path)
		}
		for _, secret := range []string{"1234", "5678", "前から"} {
			if strings.Contains(a.body, secret) || strings.Contains(w.get(mine).body, secret) {
				t.Fatalf("%s is shown", secret)
			}
		}
		w.Clock.Advance(form.PassLasts + time.Hour)
		if a := w.get(mine); a.status != http.StatusNotFound {
			t.Fatalf("an old pass: %d", a.status)
		}
	})
}

// Two customers whom an agent took for one learn nothing of each other: neither
// the number of the other's matter, nor how it stands, nor that there is one. Nor do two whose matters an agent put together without taking
// them for one.
func TestAMistakenJoinTellsNobodyOfTheOther(t *testing.T) {
	for name, join := range map[string]func(*world, conversation.ID, conversation.ID) error{
		"as one customer": func(w *world, from, into conversation.ID) error {
			_, err := conversation.ClerkOf(w.Threads).Join(w.Context(), w.Hana, conversation.Joined{From: from, Into: into, SameCustomer: true})
			return err
		},
		"as two": func(w *world, from, into conversation.ID) error {
			_, err := w.Threads.Merge(w.Context(), w.Hana, from, into)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { foreignMatter(t, join) })
	}
}

func foreignMatter(t *testing.T, join func(w *world, from, into conversation.ID) error) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		mine := w.arrived(w.filled(nil))
		own, _ := w.only()
		theirs := w.arrived(w.filled(map[string]string{"email": "other@customer.example", "answer-what": "秘密の話です。"}))
		var other conversation.Conversation
		w.Read(func(tx *sqldb.Tx) error {
			var id conversation.ID
			err := tx.QueryRow(w.Context(), `SELECT id FROM conversation WHERE id <> $1`, string(own.ID)).Scan(&id)
			if err != nil {
				return err
			}
			other, err = w.Threads.ByID(w.Context(), tx, id)
			return err
		})
		before := w.get(mine)
		w.has(before, http.StatusOK, w.say("ja", "form.state.received", nil), survey.Ref(own.Ref))

		if err := join(w, own.ID, other.ID); err != nil {
			t.Fatal(err)
		}
		w.Rest()
		settled := conversation.Resolved
		if _, err := w.Threads.Change(w.Context(), w.Hana, other.ID, conversation.Patch{Status: &settled}); err != nil {
			t.Fatal(err)
		}
		w.Wait(time.Hour)
		a := w.get(mine)
		w.has(a, http.StatusOK, survey.Ref(own.Ref), "茶碗", w.say("ja", "form.status.apart", nil), w.say("ja", "form.state.received.text", map[string]any{"at": survey.Moment("ja", own.CreatedAt, w.Brand.Zone)}))
		for _, foreign := range []string{survey.Ref(other.Ref), "秘密", w.say("ja", "form.status.together", nil)} {
			if strings.Contains(a.body, foreign) {
				t.Errorf("the page says %q", foreign)
			}
		}
		add := entry{fields: map[string]string{"ticket": w.ticket(mine), "text": "どうなりましたか。"}}
		if next := w.post(mine, add); !strings.HasPrefix(next.header.Get("Location"), mine) || strings.Contains(w.get(next.header.Get("Location")).body, survey.Ref(other.Ref)) {
			t.Errorf("what is added leads to %q", next.header.Get("Location"))
		}
		if kept := w.get(theirs); strings.Contains(kept.body, "茶碗") || strings.Contains(kept.body, "どうなりました") || strings.Contains(kept.body, survey.Ref(own.Ref)) {
			t.Errorf("the other page tells of the first: %s", kept.body)
		}
	})
}

func TestNobodyIsFloodedWithReceipts(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		for i := range 8 {
			w.from = strings.Repeat("y", i+1)
			w.arrived(w.filled(nil))
		}
		w.Wait(time.Minute)
		if n := len(w.Wire.Sent()); n != 5 {
			t.Fatalf("%d receipts", n)
		}
	})
}

func TestOnlyItsSitesFrameAForm(t *testing.T) {
	each(t, form.Contact, func(t *testing.T, w *world) {
		a := w.get("/c/contact-us?embed=1")
		if p := a.header.Get("Content-Security-Policy"); a.header.Get("X-Frame-Options") != "" || !strings.HasSuffix(p, "frame-ancestors 'self' https://shop.example") {
			t.Fatalf("policy %q", p)
		}
		for _, path := range []string{"/c/contact-us", "/c/nothing?embed=1"} {
			a := w.get(path)
			if p := a.header.Get("Content-Security-Policy"); a.header.Get("X-Frame-Options") != "DENY" || !strings.HasSuffix(p, "frame-ancestors 'none'") {
				t.Fatalf("%s: policy %q", path, p)
			}
		}
		off := false
		if _, err := w.forms.Change(w.Context(), w.Hana, w.form.ID, form.Change{Active: &off}); err != nil {
			t.Fatal(err)
		}
		if a := w.get("/c/contact-us"); a.status != http.StatusNotFound {
			t.Fatalf("switched off: %d", a.status)
		}
		if a := w.do(http.MethodPost, "/c/contact-us", nil, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
			t.Fatalf("from another site: %d", a.status)
		}
	})
}

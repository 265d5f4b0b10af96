package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// sent lets the hold pass and returns the latest letter.
func sent(t *testing.T, d *threadtest.Desk) channel.Outgoing {
	t.Helper()
	d.Wait(11 * time.Second)
	all := d.Wire.Sent()
	if len(all) == 0 {
		t.Fatal("nothing was sent")
	}
	return all[len(all)-1]
}

func TestTheLetterOfAnAnswer(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		first := mail(taro, "m1@customer.example")
		first.From.Name, first.Subject, first.Text = "山田太郎", "Re: Fw: 割れた茶碗", "茶碗が割れていました。\n\n写真を送ります。"
		id := d.Receive(first).ConversationID
		m := reply(t, d, conversation.Reply{ConversationID: id, Text: "申し訳ございません。\n交換いたします。"})
		l := sent(t, d)
		want := "申し訳ございません。\n交換いたします。\n\n-- \n金継堂 お客様窓口\n電話 03-0000-0000\n\n" +
			"2026年4月15日(水) 10:00 山田太郎 <taro@customer.example>:\n> 茶碗が割れていました。\n>\n> 写真を送ります。"
		if l.Text != want || l.HTML != "" {
			t.Errorf("text:\n%s\nwant:\n%s\nHTML: %s", l.Text, want, l.HTML)
		}
		if l.ID != m.ExternalID || !strings.HasSuffix(l.ID, "@shop.example") || l.InReplyTo != "m1@customer.example" || !slices.Equal(l.References, []string{"m1@customer.example"}) {
			t.Errorf("ids: %s, %s, %v", l.ID, l.InReplyTo, l.References)
		}
		if l.Subject != "Re: 割れた茶碗" || l.From.Name != "金継堂サポート" || l.From.Address != threadtest.Support || l.Automatic {
			t.Errorf("%q from %+v", l.Subject, l.From)
		}
		if m.Body != "申し訳ございません。\n交換いたします。" || !strings.HasPrefix(m.Quoted, "-- \n金継堂") || !strings.Contains(m.Quoted, "> 写真") {
			t.Errorf("kept: %q / %q", m.Body, m.Quoted)
		}
	})
}

// An answer that nothing can carry is refused when it is written, instead of
// waiting for ever; a note needs no carrier.
func TestNoAnswerWithoutAWayToSend(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		d.Wire.Mute(true)
		_, err := d.Threads.Post(t.Context(), d.Hana, conversation.Reply{ConversationID: id, Text: "交換いたします。"})
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Conflict || f.Key != "error.inbox.cannotSend" {
			t.Errorf("an answer: %v", err)
		}
		_, _, err = d.Threads.Begin(t.Context(), d.Hana, conversation.Opening{InboxID: d.Support.ID, Subject: "ご案内",
			To: []channel.Address{{Address: taro}}, Text: "ご案内です"})
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Key != "error.inbox.cannotSend" {
			t.Errorf("a first word: %v", err)
		}
		if _, err := d.Threads.Note(t.Context(), d.Hana, conversation.NewNote{ConversationID: id, Text: "要確認"}); err != nil {
			t.Errorf("a note: %v", err)
		}
		d.Wire.Mute(false)
		reply(t, d, conversation.Reply{ConversationID: id, Text: "交換いたします。"})
		sent(t, d)
	})
}

func TestTheLetterSpeaksTheCustomersLanguage(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		m := mail("mary@customer.example", "m1@customer.example")
		m.From.Name, m.Language, m.Subject, m.Text = "Mary Shelley", "en", "Broken bowl", "It arrived broken."
		reply(t, d, conversation.Reply{ConversationID: d.Receive(m).ConversationID, Text: "We are sorry."})
		if l := sent(t, d); !strings.Contains(l.Text, "On Wed, Apr 15, 2026 at 10:00, Mary Shelley <mary@customer.example> wrote:\n> It arrived broken.") || l.Subject != "Re: Broken bowl" {
			t.Errorf("%q\n%s", l.Subject, l.Text)
		}
	})
}

func TestRichTextIsCleanedAndItsPicturesGoAlong(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		in := mail(taro, "m1@customer.example")
		in.HTML = `<p>茶碗が<img src="https://tracker.example/p.gif"><img src="cid:photo@customer"><script>alert(1)</script>割れました</p>`
		id := d.Receive(in).ConversationID
		picture := upload(t, d, "写真.png", "image/png")
		m := reply(t, d, conversation.Reply{ConversationID: id, HTML: `<p onclick="x()">ご覧ください<img src="/api/v1/attachments/` + picture.ID + `?inline=1"></p><script>x()</script><form action="//evil"><input></form>`})
		l := sent(t, d)
		for _, bad := range []string{"script", "onclick", "form", "input", "cid:photo"} {
			if strings.Contains(l.HTML, bad) {
				t.Errorf("%s in the letter: %s", bad, l.HTML)
			}
		}
		for _, part := range []string{"ご覧ください", `src="cid:` + picture.ID + `@kintsugi"`, `<blockquote type="cite">`, "割れました", "2026年4月15日(水) 10:00", "金継堂 お客様窓口<br>電話"} {
			if !strings.Contains(l.HTML, part) {
				t.Errorf("no %s in the letter: %s", part, l.HTML)
			}
		}
		if !strings.HasPrefix(l.Text, "ご覧ください") {
			t.Errorf("text: %s", l.Text)
		}
		if len(l.Parts) != 1 || !l.Parts[0].Inline || l.Parts[0].ContentID != picture.ID+"@kintsugi" || len(m.Attachments) != 1 {
			t.Errorf("parts: %+v", l.Parts)
		}
		d.Read(func(tx *sqldb.Tx) error {
			kept, err := d.Threads.HTML(t.Context(), tx, d.Thread(id)[0].ID)
			if strings.Contains(kept, "script") || !strings.Contains(kept, `src="https://tracker.example/p.gif"`) || !strings.Contains(kept, `src="cid:photo@customer"`) {
				t.Errorf("kept of the customer's mail: %s", kept)
			}
			return err
		})
	})
}

// The pictures inside the quoted mail go back with the answer; other files of
// it, and references to nothing, do not.
func TestPicturesOfTheQuotedMailGoAlong(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		in := mail(taro, "m1@customer.example")
		in.HTML = `<p>割れました<img src="cid:photo@customer"><img src="cid:photo@customer"><img src="cid:evil@customer"><img src="cid:none@customer"></p>`
		in.Files = []conversation.Attachment{
			{Name: "photo.jpg", ContentType: "image/jpeg", ContentID: "photo@customer", Inline: true},
			{Name: "evil.svg", ContentType: "image/svg+xml", ContentID: "evil@customer", Inline: true},
			{Name: "receipt.pdf", ContentType: "application/pdf"},
		}
		first := d.Receive(in)
		m := reply(t, d, conversation.Reply{ConversationID: first.ConversationID, HTML: "<p>拝見しました。</p>"})
		l := sent(t, d)
		photo := first.Attachments[0]
		if len(l.Parts) != 1 || l.Parts[0].ContentID != photo.ID+"@kintsugi" || !l.Parts[0].Inline || l.Parts[0].Name != "photo.jpg" {
			t.Errorf("parts: %+v", l.Parts)
		}
		if strings.Count(l.HTML, `src="cid:`+photo.ID+`@kintsugi"`) != 2 || strings.Count(l.HTML, "cid:") != 2 {
			t.Errorf("the letter: %s", l.HTML)
		}
		if len(m.Attachments) != 0 {
			t.Errorf("the customer's picture counts as ours: %+v", m.Attachments)
		}
		plain := reply(t, d, conversation.Reply{ConversationID: first.ConversationID, Text: "拝見しました。"})
		if l := sent(t, d); len(l.Parts) != 0 || len(plain.Attachments) != 0 {
			t.Errorf("a plain answer has parts: %+v", l.Parts)
		}
	})
}

func upload(t *testing.T, d *threadtest.Desk, name, kind string) conversation.Attachment {
	t.Helper()
	a, err := d.Files.Upload(t.Context(), d.Hana, conversation.Attachment{Name: name, ContentType: kind}, strings.NewReader(name))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhoAnAnswerGoesTo(t *testing.T) {
	const colleague = "saburo@customer.example"
	cases := []struct {
		name   string
		in     func(m *threadtest.Mail)
		reply  conversation.Reply
		to, cc []string
	}{
		{"the sender", nil, conversation.Reply{}, []string{taro}, nil},
		{"their Reply-To", func(m *threadtest.Mail) { m.ReplyTo = addrs(jiro) }, conversation.Reply{}, []string{jiro}, nil},
		{"to all, never to ourselves", func(m *threadtest.Mail) {
			m.To, m.Cc = addrs(threadtest.Support, colleague, "HELP@shop.example"), addrs(jiro, taro, threadtest.Sales)
		}, conversation.Reply{ToAll: true}, []string{taro}, []string{colleague, jiro}},
		{"a Reply-To that is ours falls back to the customer", func(m *threadtest.Mail) { m.ReplyTo = addrs(threadtest.Support) }, conversation.Reply{}, []string{taro}, nil},
		{"as the agent says, each once", nil, conversation.Reply{To: addrs(jiro, threadtest.Alias, jiro), Cc: addrs("JIRO@customer.example", colleague)}, []string{jiro}, []string{colleague}},
	}
	on(t, func(t *testing.T, d *threadtest.Desk) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				in := mail(taro, fmt.Sprintf("m%d@customer.example", i))
				if c.in != nil {
					c.in(&in)
				}
				r := c.reply
				r.ConversationID, r.Text, r.Hold = d.Receive(in).ConversationID, "承知しました。", -1
				m := reply(t, d, r)
				if got := list(m.Envelope.To); !slices.Equal(got, c.to) {
					t.Errorf("to %v, want %v", got, c.to)
				}
				if got := list(m.Envelope.Cc); !slices.Equal(got, c.cc) {
					t.Errorf("cc %v, want %v", got, c.cc)
				}
			})
		}
	})
}

func list(in []channel.Address) (out []string) {
	for _, a := range in {
		out = append(out, a.Address)
	}
	return out
}

func TestWhatCannotBeSent(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		other := d.Receive(mail(jiro, "m2@customer.example"))
		var many []channel.Address
		for i := range 51 {
			many = append(many, addr(fmt.Sprintf("a%d@customer.example", i)))
		}
		foreign, err := d.Files.Upload(t.Context(), d.Ken, conversation.Attachment{Name: "a"}, strings.NewReader("a"))
		if err != nil {
			t.Fatal(err)
		}
		before := d.Count("message")
		for field, r := range map[string]conversation.Reply{
			"body.text: error.field.required":               {HTML: "<p> </p>"},
			"body.to: error.conversation.address":           {Text: "x", To: addrs("no address")},
			"body.cc: error.conversation.address":           {Text: "x", To: addrs(taro), Cc: []channel.Address{{Name: "a\r\nBcc: b@x", Address: jiro}}},
			"body.to: error.conversation.recipients":        {Text: "x", To: many},
			"body.to: error.field.required":                 {Text: "x", To: addrs(threadtest.Support)},
			"body.attachmentIds: error.attachment.notFound": {Text: "x", AttachmentIDs: []string{foreign.ID}},
			"body.replyTo: error.message.notFound":          {Text: "x", ReplyTo: other.ID},
		} {
			r.ConversationID = id
			_, err := d.Threads.Post(t.Context(), d.Hana, r)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if d.Count("message") != before || d.Count("delivery") != 0 {
			t.Error("something was written")
		}
		if _, err := d.Threads.Post(t.Context(), d.Hana, conversation.Reply{ConversationID: "conv_none", Text: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("no conversation: %v", err)
		}
	})
}

func TestTheReferencesStayBounded(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m0@customer.example")).ConversationID
		for i := 1; i < 30; i++ {
			m := mail(taro, fmt.Sprintf("m%d@customer.example", i))
			m.InReplyTo = []string{"m0@customer.example"}
			d.Receive(m)
		}
		reply(t, d, conversation.Reply{ConversationID: id, Text: "まとめてお答えします。"})
		l := sent(t, d)
		if n := len(l.References); n != 20 || l.References[0] != "m0@customer.example" || l.References[19] != "m29@customer.example" || l.InReplyTo != "m29@customer.example" {
			t.Errorf("%d references: %v", n, l.References)
		}
	})
}

func TestWritingFirst(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		start := d.Clock.Now()
		c, m, err := d.Threads.Begin(t.Context(), d.Hana, conversation.Opening{InboxID: d.Sales.ID, To: []channel.Address{{Name: "山田太郎", Address: taro}},
			Subject: "ご注文の確認", Text: "ご注文ありがとうございます。"})
		if err != nil {
			t.Fatal(err)
		}
		if c.Origin != "agent" || c.Status != conversation.Pending || c.AssigneeID != d.Hana.ID || !c.FirstCustomerAt.IsZero() || !c.FirstResponseAt.IsZero() {
			t.Errorf("%+v", c)
		}
		l := sent(t, d)
		if l.Subject != "ご注文の確認" || l.InReplyTo != "" || len(l.References) != 0 || strings.Contains(l.Text, ">") {
			t.Errorf("%q %q %s", l.Subject, l.InReplyTo, l.Text)
		}
		d.Clock.Advance(time.Hour)
		in := mail(taro, "m1@customer.example")
		in.Inbox, in.InReplyTo = d.Sales, []string{m.ExternalID}
		if got := d.Receive(in); got.ConversationID != c.ID {
			t.Fatal("the answer did not come back")
		}
		d.Clock.Advance(time.Hour)
		reply(t, d, conversation.Reply{ConversationID: c.ID, Text: "承知しました。"})
		got := d.Conversation(c.ID)
		if !got.FirstResponseAt.Equal(got.FirstCustomerAt.Add(time.Hour)) || !got.FirstCustomerAt.After(start) {
			t.Errorf("the clock of the first response: %v → %v", got.FirstCustomerAt, got.FirstResponseAt)
		}
		for field, o := range map[string]conversation.Opening{
			"body.to": {InboxID: d.Sales.ID, Subject: "x", Text: "x"}, "body.subject": {InboxID: d.Sales.ID, To: addrs(taro), Text: "x"},
			"body.text": {InboxID: d.Sales.ID, To: addrs(taro), Subject: "x"}, "body.inboxId": {To: addrs(taro), Subject: "x", Text: "x"},
		} {
			if _, _, err := d.Threads.Begin(t.Context(), d.Hana, o); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), field) {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func TestNotesStayInside(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		if _, err := d.Drafts.Save(t.Context(), d.Hana, id, conversation.DraftChange{Kind: conversation.DraftReply, Text: "途中"}); err != nil {
			t.Fatal(err)
		}
		n, err := d.Threads.Note(t.Context(), d.Hana, conversation.NewNote{ConversationID: id, Text: "在庫を見てください", Mentions: []string{d.Ken.ID, d.Ken.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if _, found := draftOf(d, id); !found {
			t.Error("a note took the draft of an answer away")
		}
		reply(t, d, conversation.Reply{ConversationID: id, Text: "確認します。"})
		l := sent(t, d)
		if strings.Contains(l.Text, "在庫") || slices.Contains(l.References, n.ExternalID) && n.ExternalID != "" {
			t.Errorf("the note leaked: %s", l.Text)
		}
		d.Read(func(tx *sqldb.Tx) error {
			page, err := d.Threads.List(t.Context(), tx, conversation.Filter{Reader: d.Ken.ID, View: conversation.Mentions})
			if len(page.Items) != 1 || page.Items[0].ID != id {
				t.Errorf("Ken's mentions: %+v", page.Items)
			}
			return err
		})
		if _, err := d.Threads.Note(t.Context(), d.Hana, conversation.NewNote{ConversationID: id, Text: "x", Mentions: []string{"agt_none"}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("mention of nobody: %v", err)
		}
	})
}

func TestDraftsKnowWhoWroteLast(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		save := func(text string, version int64) (conversation.Draft, error) {
			return d.Drafts.Save(t.Context(), d.Hana, id, conversation.DraftChange{Text: text, To: addrs(taro), Version: version})
		}
		one, err := save("一", 0)
		if err != nil || one.Version != 1 {
			t.Fatal(one, err)
		}
		two, err := save("二", one.Version)
		if err != nil || two.Version != 2 {
			t.Fatal(two, err)
		}
		if _, err := save("三", one.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old page overwrote: %v", err)
		}
		if got, found := draftOf(d, id); !found || got.Text != "二" || got.To[0].Address != taro {
			t.Errorf("%+v", got)
		}
		if err := d.Drafts.Drop(t.Context(), d.Hana, id); err != nil {
			t.Fatal(err)
		}
		if _, found := draftOf(d, id); found {
			t.Error("still there")
		}
	})
}

func TestCustomersWhoBecomeOne(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		a, b := d.Receive(mail(taro, "m1@customer.example")).ConversationID, d.Receive(mail(jiro, "m2@customer.example")).ConversationID
		from, into := d.Conversation(a).CustomerID, d.Conversation(b).CustomerID
		if _, err := d.Customers.Merge(t.Context(), d.Hana, from, into); err != nil {
			t.Fatal(err)
		}
		d.Read(func(tx *sqldb.Tx) error { // before the reaction ran, the list already leads to the one who is left
			page, err := d.Threads.List(t.Context(), tx, conversation.Filter{})
			for _, s := range page.Items {
				if s.CustomerAddress == "" {
					t.Errorf("no address: %+v", s)
				}
			}
			return err
		})
		d.Rest()
		if got := d.Conversation(a).CustomerID; got != into {
			t.Errorf("still with %s", got)
		}
		if !slices.Contains(d.Facts(from), customer.MergedFact) {
			t.Error("no fact")
		}
	})
}

func TestAProgramWritesAndTakesBack(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		key, _, err := d.Agents.CreateKey(t.Context(), d.Hana, team.NewKey{Name: "CRM", Role: team.Worker})
		if err != nil {
			t.Fatal(err)
		}
		by := actor.ForKey(key.ID)
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		m, err := d.Threads.Post(t.Context(), by, conversation.Reply{ConversationID: id, Text: "自動のご連絡です。"})
		if err != nil {
			t.Fatal(err)
		}
		if c := d.Conversation(id); m.AuthorName != "CRM" || !c.FirstResponseAt.IsZero() || c.WaitingSince.IsZero() {
			t.Errorf("a program answered for a person: %q %+v", m.AuthorName, c)
		}
		back, err := d.Threads.Undo(t.Context(), by, m.ID)
		if err != nil || back.Text != "自動のご連絡です。" || d.Count("draft") != 0 {
			t.Errorf("%+v, %v, %d drafts", back, err, d.Count("draft"))
		}
		if c := d.Conversation(id); c.Status != conversation.Open || c.MessageCount != 1 {
			t.Errorf("%+v", c)
		}
	})
}

func TestTextThatNoDatabaseTakes(t *testing.T) {
	const bad = "a\x00b\xffc"
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		patch(t, d, id, conversation.Patch{Subject: ref(bad)})
		if _, err := d.Drafts.Save(t.Context(), d.Hana, id, conversation.DraftChange{Text: bad, HTML: bad, To: []channel.Address{{Name: bad, Address: bad}}, AttachmentIDs: []string{bad}}); err != nil {
			t.Error(err)
		}
		m := reply(t, d, conversation.Reply{ConversationID: id, Text: bad, HTML: "<p>" + bad + "</p>"})
		if m.Body != "ab\uFFFDc" {
			t.Errorf("%q", m.Body)
		}
		if _, err := d.Threads.Note(t.Context(), d.Hana, conversation.NewNote{ConversationID: id, Text: bad}); err != nil {
			t.Error(err)
		}
		if a := upload(t, d, "../"+bad, bad); strings.ContainsAny(a.Name, "/\x00") {
			t.Errorf("%q", a.Name)
		}
	})
}

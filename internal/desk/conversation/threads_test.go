package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

func on(t *testing.T, fn func(t *testing.T, d *threadtest.Desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(t, threadtest.New(t, db, c)) })
}

func ref[T any](v T) *T { return &v }

func patch(t *testing.T, d *threadtest.Desk, id conversation.ID, p conversation.Patch) conversation.Conversation {
	t.Helper()
	c, err := d.Threads.Change(t.Context(), d.Hana, id, p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reply(t *testing.T, d *threadtest.Desk, r conversation.Reply) conversation.Message {
	t.Helper()
	m, err := d.Threads.Post(t.Context(), d.Hana, r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryMove(t *testing.T) {
	allowed := map[conversation.Status][]conversation.Status{
		conversation.Open:     {conversation.Pending, conversation.Snoozed, conversation.Resolved, conversation.Closed},
		conversation.Pending:  {conversation.Open, conversation.Snoozed, conversation.Resolved, conversation.Closed},
		conversation.Snoozed:  {conversation.Open, conversation.Pending, conversation.Resolved, conversation.Closed},
		conversation.Resolved: {conversation.Open, conversation.Pending, conversation.Snoozed, conversation.Closed},
		conversation.Closed:   {conversation.Open},
	}
	on(t, func(t *testing.T, d *threadtest.Desk) {
		for _, from := range conversation.Statuses() {
			for _, to := range conversation.Statuses() {
				if from == to {
					continue
				}
				id := d.Receive(mail(taro, fmt.Sprintf("%s-%s@customer.example", from, to))).ConversationID
				until := d.Clock.Now().Add(time.Hour)
				if from != conversation.Open {
					patch(t, d, id, conversation.Patch{Status: &from, SnoozedUntil: &until})
				}
				before := d.Conversation(id)
				until = until.Add(time.Hour)
				c, err := d.Threads.Change(t.Context(), d.Hana, id, conversation.Patch{Status: &to, SnoozedUntil: &until})
				if may := slices.Contains(allowed[from], to); may != (err == nil) {
					t.Fatalf("%s → %s: allowed %v, got %v", from, to, may, err)
				}
				if err != nil {
					if !fault.Is(err, fault.Invalid) || d.Conversation(id).Version != before.Version {
						t.Errorf("%s → %s was refused with %v and changed something", from, to, err)
					}
					continue
				}
				checkMove(t, d, before, c, to)
			}
		}
	})
}

func checkMove(t *testing.T, d *threadtest.Desk, before, c conversation.Conversation, to conversation.Status) {
	t.Helper()
	facts := d.Facts(string(c.ID))
	last := facts[len(facts)-1]
	switch {
	case to == conversation.Resolved && (last != conversation.ResolvedFact || c.Resolution != before.Resolution+1 || c.ResolvedAt.IsZero() || !c.WaitingSince.IsZero()):
		t.Errorf("%s → resolved: %s, %+v", before.Status, last, c)
	case to != conversation.Resolved && last != conversation.StatusFact:
		t.Errorf("%s → %s: last fact %s", before.Status, to, last)
	case to == conversation.Snoozed != !c.SnoozedUntil.IsZero():
		t.Errorf("%s → %s: snoozed until %v", before.Status, to, c.SnoozedUntil)
	case to == conversation.Open && (c.WaitingSince.IsZero() || !c.ResolvedAt.IsZero()):
		t.Errorf("%s → open: nobody answered, waiting since %v, resolved %v", before.Status, c.WaitingSince, c.ResolvedAt)
	}
	entries := d.Thread(c.ID)
	e := entries[len(entries)-1].Event
	if e == nil || e.Data["from"] != string(before.Status) || (to != conversation.Snoozed && e.Data["to"] != string(to)) {
		t.Errorf("%s → %s: last entry %+v", before.Status, to, e)
	}
}

func TestTheClocksOfAConversation(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		start := d.Clock.Now()
		first := d.Receive(mail(taro, "m1@customer.example"))
		id := first.ConversationID
		c := d.Conversation(id)
		if c.Status != conversation.Open || !c.FirstCustomerAt.Equal(start) || !c.WaitingSince.Equal(start) || c.Ref != 1001 || c.MessageCount != 1 {
			t.Fatalf("after the first mail: %+v", c)
		}
		d.Clock.Advance(10 * time.Minute)
		again := mail(taro, "m2@customer.example")
		again.InReplyTo = []string{"m1@customer.example"}
		d.Receive(again)
		if c = d.Conversation(id); !c.WaitingSince.Equal(start) || c.MessageCount != 2 {
			t.Fatalf("a second mail moved the clock: %+v", c)
		}
		d.Clock.Advance(20 * time.Minute)
		if _, err := d.Threads.Note(t.Context(), d.Ken, conversation.NewNote{ConversationID: id, Text: "在庫を確認します"}); err != nil {
			t.Fatal(err)
		}
		if c = d.Conversation(id); c.WaitingSince.IsZero() || !c.FirstResponseAt.IsZero() || c.LastFrom != "customer" {
			t.Fatalf("a note moved a clock: %+v", c)
		}
		reply(t, d, conversation.Reply{ConversationID: id, Text: "お調べします。"})
		c = d.Conversation(id)
		if !c.WaitingSince.IsZero() || !c.FirstResponseAt.Equal(start.Add(30*time.Minute)) || c.Status != conversation.Pending || c.LastFrom != "agent" {
			t.Fatalf("after the answer: %+v", c)
		}
		d.Wait(time.Minute)
		patch(t, d, id, conversation.Patch{Status: ref(conversation.Resolved)})
		d.Clock.Advance(time.Hour)
		third := mail(taro, "m3@customer.example")
		third.InReplyTo = []string{"m1@customer.example"}
		at := d.Receive(third).At
		if c = d.Conversation(id); c.Status != conversation.Open || !c.WaitingSince.Equal(at) || c.Resolution != 1 || c.FirstResolvedAt.IsZero() || !c.ResolvedAt.IsZero() {
			t.Fatalf("after reopening: %+v", c)
		}
	})
}

func TestMachinesMailMovesNothing(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		reply(t, d, conversation.Reply{ConversationID: id, Text: "お調べします。"})
		d.Wait(time.Minute)
		patch(t, d, id, conversation.Patch{Status: ref(conversation.Resolved)})
		before := d.Conversation(id)
		d.Clock.Advance(time.Hour)
		away := mail(taro, "away@customer.example")
		away.InReplyTo, away.Auto, away.Visible = []string{"m1@customer.example"}, "auto-reply", "休暇中です"
		m := d.Receive(away)
		c := d.Conversation(id)
		if m.ConversationID != id || !m.Automatic || c.Status != conversation.Resolved || !c.WaitingSince.IsZero() || !c.LastAt.Equal(before.LastAt) || c.Preview != before.Preview {
			t.Fatalf("an automatic reply changed %+v", c)
		}
		shop := mail("noreply@mall.example", "order@mall.example")
		shop.Auto, shop.Muted = "auto-generated", true
		muted := d.Conversation(d.Receive(shop).ConversationID)
		if !muted.Muted || !muted.WaitingSince.IsZero() || muted.Preview == "" {
			t.Fatalf("a machine's thread: %+v", muted)
		}
		person := mail("noreply@mall.example", "person@mall.example")
		person.InReplyTo = []string{"order@mall.example"}
		d.Receive(person)
		if c := d.Conversation(muted.ID); c.Muted || c.WaitingSince.IsZero() {
			t.Fatalf("a person wrote into a machine's thread: %+v", c)
		}
	})
}

func TestSnoozeWakes(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		until := d.Clock.Now().Add(2 * time.Hour)
		patch(t, d, id, conversation.Patch{SnoozedUntil: &until})
		later := until.Add(time.Hour)
		patch(t, d, id, conversation.Patch{SnoozedUntil: &later})
		d.Wait(2*time.Hour + time.Minute)
		if c := d.Conversation(id); c.Status != conversation.Snoozed {
			t.Fatalf("woke at the first time: %s", c.Status)
		}
		d.Wait(time.Hour)
		if c := d.Conversation(id); c.Status != conversation.Open || !c.SnoozedUntil.IsZero() {
			t.Fatalf("did not wake: %+v", c)
		}
		until = d.Clock.Now().Add(time.Hour)
		patch(t, d, id, conversation.Patch{SnoozedUntil: &until})
		patch(t, d, id, conversation.Patch{Status: ref(conversation.Closed)})
		d.Wait(2 * time.Hour)
		if c := d.Conversation(id); c.Status != conversation.Closed {
			t.Fatalf("a closed conversation woke: %s", c.Status)
		}
		past := d.Clock.Now().Add(-time.Minute)
		if _, err := d.Threads.Change(t.Context(), d.Hana, id, conversation.Patch{Status: ref(conversation.Open), SnoozedUntil: &past}); err != nil {
			t.Fatalf("opening with a snooze of the past: %v", err)
		}
		if _, err := d.Threads.Change(t.Context(), d.Hana, id, conversation.Patch{SnoozedUntil: &past}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("snoozing into the past: %v", err)
		}
	})
}

func TestUndoGivesEverythingBack(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		file, err := d.Files.Upload(t.Context(), d.Hana, conversation.Attachment{Name: `C:\見積.pdf`, ContentType: "application/pdf"}, strings.NewReader("pdf"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Drafts.Save(t.Context(), d.Hana, id, conversation.DraftChange{Text: "途中"}); err != nil {
			t.Fatal(err)
		}
		before := d.Conversation(id)
		m := reply(t, d, conversation.Reply{ConversationID: id, HTML: "<p>至急<b>交換</b>いたします。</p>", Cc: addrs(jiro), To: addrs(taro), AttachmentIDs: []string{file.ID}, Resolve: true})
		if m.Attachments[0].Name != "見積.pdf" {
			t.Errorf("file name %q", m.Attachments[0].Name)
		}
		if _, found := draftOf(d, id); found {
			t.Error("the draft is still there")
		}
		d.Clock.Advance(9 * time.Second)
		d.Rest()
		draft, err := d.Threads.Undo(t.Context(), d.Hana, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if draft.HTML != "<p>至急<b>交換</b>いたします。</p>" || len(draft.Attachments) != 1 || draft.Cc[0].Address != jiro {
			t.Errorf("the draft came back as %+v", draft)
		}
		after := d.Conversation(id)
		before.Version, after.Version = 0, 0
		if fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("the conversation was\n%+v and is\n%+v", before, after)
		}
		for _, one := range d.Thread(id) {
			if one.ID == m.ID {
				t.Error("the message is still in the thread")
			}
		}
		d.Wait(time.Hour)
		if n := len(d.Wire.Sent()); n != 0 {
			t.Errorf("%d letters left", n)
		}
		again := reply(t, d, conversation.Reply{ConversationID: id, Text: draft.Text + "改めて", AttachmentIDs: []string{file.ID}, Resolve: true})
		d.Wait(11 * time.Second)
		if _, err := d.Threads.Undo(t.Context(), d.Hana, again.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("taking back a sent message: %v", err)
		}
		if c := d.Conversation(id); c.Status != conversation.Resolved || c.Resolution != 1 {
			t.Errorf("sent, but %s", c.Status)
		}
		if parts := d.Wire.Sent()[0].Parts; len(parts) != 1 || parts[0].Name != "見積.pdf" {
			t.Errorf("parts %+v", parts)
		}
	})
}

// An answer to a closed conversation that is taken back leaves it closed as it
// was: resolved then, settled up to there, the responsibility of whoever had it.
func TestUndoClosesAgain(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		patch(t, d, id, conversation.Patch{AssigneeID: ref(d.Ken.ID)})
		for _, s := range []conversation.Status{conversation.Resolved, conversation.Closed} {
			d.Clock.Advance(time.Minute)
			patch(t, d, id, conversation.Patch{Status: &s})
		}
		if _, err := d.Agents.Change(t.Context(), d.Hana, d.Ken.ID, team.Change{Active: ref(false)}); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		before := d.Conversation(id)
		if before.ResolvedAt.IsZero() || before.Settled == "" || before.AssigneeID != d.Ken.ID {
			t.Fatalf("closed: %+v", before)
		}
		d.Clock.Advance(time.Minute)
		m := reply(t, d, conversation.Reply{ConversationID: id, Text: "追記です。"})
		if c := d.Conversation(id); c.Status != conversation.Pending || !c.ResolvedAt.IsZero() || c.AssigneeID != "" {
			t.Fatalf("answered: %+v", c)
		}
		d.Clock.Advance(time.Second)
		if _, err := d.Threads.Undo(t.Context(), d.Hana, m.ID); err != nil {
			t.Fatal(err)
		}
		d.Rest()
		after := d.Conversation(id)
		before.Version, after.Version = 0, 0
		if fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("the conversation was\n%+v and is\n%+v", before, after)
		}
		facts := d.Facts(string(id))
		if n := len(slices.DeleteFunc(facts, func(name string) bool { return name != conversation.ResolvedFact })); n != 1 {
			t.Errorf("resolved %d times", n)
		}
	})
}

func draftOf(d *threadtest.Desk, id conversation.ID) (draft conversation.Draft, found bool) {
	d.Read(func(tx *sqldb.Tx) (err error) {
		draft, found, err = d.Drafts.ByAgent(d.Context(), tx, id, d.Hana.ID)
		return err
	})
	return draft, found
}

func TestResolvingWaitsForTheLetter(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		reply(t, d, conversation.Reply{ConversationID: id, Text: "交換品をお送りしました。", Resolve: true})
		if c := d.Conversation(id); c.Status != conversation.Pending || slices.Contains(d.Facts(string(id)), conversation.ResolvedFact) {
			t.Fatalf("resolved before it was sent: %s", c.Status)
		}
		d.Wait(5 * time.Second)
		more := mail(taro, "m2@customer.example") // the customer writes while the letter is held
		more.InReplyTo = []string{"m1@customer.example"}
		d.Receive(more)
		d.Wait(10 * time.Second)
		if c := d.Conversation(id); c.Status != conversation.Open {
			t.Fatalf("a new mail was buried: %s", c.Status)
		}
		reply(t, d, conversation.Reply{ConversationID: id, Text: "承知しました。", Resolve: true})
		d.Wait(11 * time.Second)
		if c := d.Conversation(id); c.Status != conversation.Resolved {
			t.Fatalf("not resolved: %s", c.Status)
		}
	})
}

func TestAnAnswerThatFailsComesBack(t *testing.T) {
	for name, c := range map[string]struct {
		fail  error
		state string
	}{
		"refused":   {&channel.RefusedError{Code: 550, Text: "550 no such user"}, "failed"},
		"ambiguous": {&channel.AmbiguousError{Err: fmt.Errorf("cut")}, "ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, d *threadtest.Desk) {
				id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
				d.Wire.Fail(c.fail)
				m := reply(t, d, conversation.Reply{ConversationID: id, Text: "お調べします。", Resolve: true})
				d.Wait(time.Minute)
				if got := d.Conversation(id); got.Status != conversation.Open || got.Resolution != 0 {
					t.Fatalf("status %s, resolution %d", got.Status, got.Resolution)
				}
				list := d.Thread(id)
				var e *conversation.EventData
				for _, one := range list {
					if one.Event != nil && one.Event.Name == conversation.EntryDelivery {
						e = one.Event
					}
				}
				if e == nil || e.Data["state"] != c.state || e.Data["messageId"] != string(m.ID) {
					t.Fatalf("entry %+v", e)
				}
				d.Wire.Fail(nil)
				if _, err := d.Outbox.RetryMessage(t.Context(), d.Hana, string(m.ID)); err != nil {
					t.Fatal(err)
				}
				d.Rest()
				if got := d.Conversation(id); got.Status != conversation.Resolved || len(d.Wire.Sent()) != 1 {
					t.Fatalf("after the retry: %s", got.Status)
				}
			})
		})
	}
}

func TestChangesMakeFactsAndEntriesOnce(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		ctx := t.Context()
		red, err := d.Tags.Create(ctx, d.Hana, tag.Change{Name: ref("苦情"), Complaint: ref(true)})
		if err != nil {
			t.Fatal(err)
		}
		blue, err := d.Tags.Create(ctx, d.Hana, tag.Change{Name: ref("配送")})
		if err != nil {
			t.Fatal(err)
		}
		group, err := d.Teams.Create(ctx, d.Hana, "配送チーム", []string{d.Ken.ID})
		if err != nil {
			t.Fatal(err)
		}
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		p := conversation.Patch{AssigneeID: &d.Ken.ID, TeamID: &group.ID, Priority: ref(conversation.Urgent), TagIDs: &[]string{red.ID, blue.ID, red.ID},
			Subject: ref(" 割れた\r\n茶碗の交換 "), Status: ref(conversation.Resolved)}
		c := patch(t, d, id, p)
		if c.Subject != "割れた 茶碗の交換" || c.Priority != conversation.Urgent || len(c.TagIDs) != 2 || c.AssigneeID != d.Ken.ID || c.TeamID != group.ID {
			t.Fatalf("%+v", c)
		}
		want := []string{"conversation.opened", "message.received", "conversation.assigned", "conversation.updated", "conversation.updated",
			"conversation.tagged", "conversation.tagged", "conversation.status", "conversation.resolved"}
		if got := d.Facts(string(id)); !slices.Equal(got, want) {
			t.Fatalf("facts %v", got)
		}
		entries := len(d.Thread(id))
		version := patch(t, d, id, p).Version // once more: nothing changes
		if got := d.Facts(string(id)); !slices.Equal(got, want) || len(d.Thread(id)) != entries {
			t.Fatalf("facts of no change: %v", got)
		}
		if _, err := d.Threads.Change(ctx, d.Hana, id, conversation.Patch{Version: version - 1, Priority: ref(conversation.Low)}); !fault.Is(err, fault.Conflict) {
			t.Errorf("stale version: %v", err)
		}
		for field, bad := range map[string]conversation.Patch{
			"body.assigneeId": {AssigneeID: ref("agt_none")}, "body.teamId": {TeamID: ref("team_none")}, "body.tags": {TagIDs: &[]string{"tag_none"}},
			"body.priority": {Priority: ref(conversation.Priority(9))}, "body.status": {Status: ref(conversation.Status("lost"))},
		} {
			_, err := d.Threads.Change(ctx, d.Hana, id, bad)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		patch(t, d, id, conversation.Patch{AssigneeID: ref(""), TagIDs: &[]string{blue.ID}})
		if c := d.Conversation(id); c.AssigneeID != "" || !slices.Equal(c.TagIDs, []string{blue.ID}) {
			t.Errorf("%+v", c)
		}
		if _, err := d.Agents.Change(ctx, d.Hana, d.Ken.ID, team.Change{Active: ref(false)}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Threads.Change(ctx, d.Hana, id, conversation.Patch{AssigneeID: &d.Ken.ID}); !fault.Is(err, fault.Invalid) {
			t.Errorf("assigned to somebody who left: %v", err)
		}
	})
}

func TestBulkIsAllOrNothing(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		var ids []conversation.ID
		for i := range 5 {
			ids = append(ids, d.Receive(mail(taro, fmt.Sprintf("m%d@customer.example", i))).ConversationID)
		}
		patch(t, d, ids[3], conversation.Patch{Status: ref(conversation.Closed)})
		if _, err := d.Threads.ChangeAll(t.Context(), d.Hana, ids, conversation.Patch{Status: ref(conversation.Resolved)}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("one of them is closed: %v", err)
		}
		for i, id := range ids {
			if c := d.Conversation(id); c.Status == conversation.Resolved {
				t.Errorf("conversation %d was changed", i)
			}
		}
		changed, err := d.Threads.ChangeAll(t.Context(), d.Hana, append(ids[:3], ids[0]), conversation.Patch{Status: ref(conversation.Resolved)})
		if err != nil || len(changed) != 3 {
			t.Fatalf("%d changed, %v", len(changed), err)
		}
	})
}

func TestAPartlyRefusedAnswerIsTold(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		id := d.Receive(mail(taro, "m1@customer.example")).ConversationID
		d.Wire.Fail(&channel.RefusedError{Code: 550, Text: "550 no such user", Recipients: []string{jiro}})
		reply(t, d, conversation.Reply{ConversationID: id, Text: "お調べします。", To: addrs(taro), Cc: addrs(jiro), Resolve: true})
		d.Wait(time.Minute)
		told := slices.ContainsFunc(d.Thread(id), func(m conversation.Message) bool {
			return m.Event != nil && m.Event.Name == conversation.EntryDelivery && strings.Contains(m.Event.Data["error"], jiro)
		})
		if c := d.Conversation(id); c.Status != conversation.Resolved || !told {
			t.Fatalf("%s, told: %v", c.Status, told)
		}
	})
}

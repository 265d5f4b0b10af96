package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation/threadtest"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// said are the messages of people in a thread, without the entries.
func said(d *threadtest.Desk, id conversation.ID) (out []conversation.MessageID) {
	d.Helper()
	for _, m := range d.Thread(id) {
		if m.Kind != conversation.Event {
			out = append(out, m.ID)
		}
	}
	return out
}

// shape is what a conversation looks like to everybody, without version and
// order of changes.
func shape(c conversation.Conversation) string {
	c.Version = 0
	return fmt.Sprintf("%+v", c)
}

func TestSplitUndoesMerge(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		ctx := t.Context()
		a := d.Receive(mail(taro, "a1@customer.example")).ConversationID
		d.Clock.Advance(time.Minute)
		b := d.Receive(mail(jiro, "b1@customer.example")).ConversationID
		d.Clock.Advance(time.Minute)
		reply(t, d, conversation.Reply{ConversationID: a, Text: "確認します。"})
		d.Wait(time.Minute)
		until := d.Clock.Now().Add(24 * time.Hour)
		patch(t, d, b, conversation.Patch{SnoozedUntil: &until})
		beforeA, beforeB, saidA, saidB := shape(d.Conversation(a)), shape(d.Conversation(b)), said(d, a), said(d, b)

		merged, err := d.Threads.Merge(ctx, d.Hana, b, a)
		if err != nil {
			t.Fatal(err)
		}
		if merged.ID != a || merged.MessageCount != 3 || !slices.Equal(said(d, a), []conversation.MessageID{saidA[0], saidB[0], saidA[1]}) {
			t.Fatalf("after the merge: %+v %v", merged, said(d, a))
		}
		if got := d.Conversation(b); got.ID != a {
			t.Fatalf("the merged one leads to %s", got.ID)
		}
		again := mail(jiro, "b2@customer.example")
		again.InReplyTo = []string{"b1@customer.example"}
		late := d.Receive(again)
		if late.ConversationID != a {
			t.Fatal("an answer to the merged one did not follow")
		}
		if _, err := d.Threads.Merge(ctx, d.Hana, b, a); !fault.Is(err, fault.Invalid) {
			t.Errorf("merged twice: %v", err)
		}
		d.Wait(25 * time.Hour)
		if got := d.Conversation(a); got.Status != conversation.Open { // Jiro wrote
			t.Errorf("status %s", got.Status)
		}

		back, err := d.Threads.Split(ctx, d.Hana, a, entryOf(t, d, a, conversation.EntryMerged))
		if err != nil {
			t.Fatal(err)
		}
		if back.ID != b || !slices.Equal(said(d, b), saidB) || !slices.Equal(said(d, a), append(slices.Clone(saidA), late.ID)) {
			t.Fatalf("after the split: %s %v / %v", back.ID, said(d, b), said(d, a))
		}
		if got := shape(d.Conversation(b)); got != beforeB {
			t.Errorf("b was\n%s\nand is\n%s", beforeB, got)
		}
		d.Rest()
		if got := d.Conversation(b); got.Status != conversation.Open { // its snooze had ended meanwhile
			t.Errorf("b is %s after its snooze", got.Status)
		}
		if got := d.Conversation(a); got.MessageCount != 3 {
			t.Errorf("a was\n%s\nand is\n%s", beforeA, shape(got))
		}
		if _, err := d.Threads.Split(ctx, d.Hana, a, entryOf(t, d, a, conversation.EntryMerged)); !fault.Is(err, fault.Conflict) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func entryOf(t *testing.T, d *threadtest.Desk, id conversation.ID, name string) conversation.MessageID {
	t.Helper()
	for _, m := range d.Thread(id) {
		if m.Event != nil && m.Event.Name == name {
			return m.ID
		}
	}
	t.Fatalf("no entry %s", name)
	return ""
}

// What is done to the merged conversation while it is brought back is not lost.
func TestSplitSeesWhatItWaitedFor(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		a, b := d.Receive(mail(taro, "a1@customer.example")).ConversationID, d.Receive(mail(jiro, "b1@customer.example")).ConversationID
		if _, err := d.Threads.Merge(t.Context(), d.Hana, b, a); err != nil {
			t.Fatal(err)
		}
		entry := entryOf(t, d, a, conversation.EntryMerged)
		split := make(chan error, 1)
		err := d.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			if err := tx.Lock(t.Context(), "conversation", string(b)); err != nil {
				return err
			}
			go func() {
				_, err := d.Threads.Split(t.Context(), d.Hana, a, entry)
				split <- err
			}()
			time.Sleep(300 * time.Millisecond) // until it waits for the lock
			_, err := tx.Exec(t.Context(), `UPDATE conversation SET priority = 2 WHERE id = $1`, string(b))
			return err
		})
		if err := errors.Join(err, <-split); err != nil {
			t.Fatal(err)
		}
		if got := d.Conversation(b); got.ID != b || int(got.Priority) != 2 {
			t.Errorf("what came between is lost: %+v", got)
		}
	})
}

func TestMergeUndoesSplit(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		ctx := t.Context()
		a := d.Receive(mail(taro, "a1@customer.example")).ConversationID
		for i := range 4 {
			d.Clock.Advance(time.Minute)
			m := mail(taro, fmt.Sprintf("a%d@customer.example", i+2))
			m.InReplyTo, m.Subject = []string{"a1@customer.example"}, fmt.Sprintf("Re: 別件 %d", i)
			d.Receive(m)
		}
		before, all := shape(d.Conversation(a)), said(d, a)
		if _, err := d.Threads.Split(ctx, d.Hana, a, all[0]); !fault.Is(err, fault.Invalid) {
			t.Errorf("split at the first message: %v", err)
		}
		part, err := d.Threads.Split(ctx, d.Hana, a, all[2])
		if err != nil {
			t.Fatal(err)
		}
		if part.Subject != "別件 1" || !slices.Equal(said(d, part.ID), all[2:]) || !slices.Equal(said(d, a), all[:2]) {
			t.Fatalf("%q: %v / %v", part.Subject, said(d, part.ID), said(d, a))
		}
		answer := mail(taro, "later@customer.example")
		answer.InReplyTo = []string{"a4@customer.example"}
		if got := d.Receive(answer); got.ConversationID != part.ID {
			t.Error("an answer to a moved message did not follow it")
		}
		if !slices.Contains(d.Facts(string(part.ID)), conversation.OpenedFact) {
			t.Errorf("facts of the new one: %v", d.Facts(string(part.ID)))
		}
		if _, err := d.Threads.Merge(ctx, d.Hana, part.ID, a); err != nil {
			t.Fatal(err)
		}
		got := said(d, a)
		if !slices.Equal(got[:5], all) || len(got) != 6 {
			t.Fatalf("not whole again: %v", got)
		}
		if c := d.Conversation(a); c.MessageCount != 6 || !strings.Contains(before, string(c.ID)) {
			t.Errorf("%+v", c)
		}
	})
}

func TestWhatStaysApart(t *testing.T) {
	on(t, func(t *testing.T, d *threadtest.Desk) {
		ctx := t.Context()
		other, err := d.Brands.Create(ctx, d.Hana, brand.Change{Name: ref("別ブランド")})
		if err != nil {
			t.Fatal(err)
		}
		box, err := d.Inboxes.Create(ctx, d.Hana, inbox.Change{BrandID: &other.ID, Name: ref("Other"), Address: ref("other@else.example")})
		if err != nil {
			t.Fatal(err)
		}
		a := d.Receive(mail(taro, "a1@customer.example")).ConversationID
		m := mail(taro, "o1@customer.example")
		m.Inbox = box
		b := d.Receive(m).ConversationID
		for name, pair := range map[string][2]conversation.ID{"itself": {a, a}, "another brand": {a, b}} {
			if _, err := d.Threads.Merge(ctx, d.Hana, pair[0], pair[1]); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := d.Threads.Merge(ctx, d.Hana, a, "conv_none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("nothing: %v", err)
		}
	})
}

// Whatever happens to conversations, in any order, each one is what its messages
// say, no message is lost, and every one is in exactly one living thread.
func TestConversationsAreWhatTheirMessagesSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := threadtest.New(t, db, c)
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			w := &world{Desk: d, run: run, r: r}
			r.Repeat(map[string]func(*rapid.T){
				"mail":    func(*rapid.T) { w.mail(false) },
				"machine": func(*rapid.T) { w.mail(true) },
				"reply":   func(*rapid.T) { w.reply() },
				"note":    func(*rapid.T) { w.note() },
				"status":  func(*rapid.T) { w.status() },
				"undo":    func(*rapid.T) { w.undo() },
				"merge":   func(*rapid.T) { w.merge() },
				"split":   func(*rapid.T) { w.split() },
				"time": func(*rapid.T) {
					d.Clock.Advance(time.Duration(rapid.IntRange(1, 7200).Draw(r, "seconds")) * time.Second)
					d.Rest()
				},
				"": func(*rapid.T) { w.check() },
			})
		})
	})
}

// world is a few conversations to which things happen.
type world struct {
	*threadtest.Desk
	r     *rapid.T
	run   int
	n     int
	convs []conversation.ID
	kept  int // messages and notes that must be somewhere
	held  []conversation.MessageID
}

func (w *world) pick() conversation.ID {
	if len(w.convs) == 0 {
		w.mail(false)
	}
	return rapid.SampledFrom(w.convs).Draw(w.r, "conversation")
}

func (w *world) mail(machine bool) {
	w.n++
	m := mail(taro, fmt.Sprintf("r%d-%d@customer.example", w.run, w.n))
	m.At = w.Clock.Now().Add(-time.Duration(rapid.IntRange(0, 600).Draw(w.r, "late")) * time.Second)
	if len(w.convs) > 0 && rapid.Bool().Draw(w.r, "answers") {
		thread := w.Thread(w.pick())
		for _, one := range thread {
			if one.ExternalID != "" {
				m.InReplyTo = []string{one.ExternalID}
			}
		}
	}
	if machine {
		m.Auto, m.Muted = "auto-generated", true
	}
	got := w.Receive(m)
	w.kept++
	if !slices.Contains(w.convs, got.ConversationID) {
		w.convs = append(w.convs, got.ConversationID)
	}
}

func (w *world) reply() {
	m, err := w.Threads.Post(w.Context(), w.Hana, conversation.Reply{ConversationID: w.pick(), Text: "お答えします。",
		Resolve: rapid.Bool().Draw(w.r, "resolve")})
	if err != nil {
		w.r.Fatal(err)
	}
	w.kept++
	w.held = append(w.held, m.ID)
}

func (w *world) note() {
	if _, err := w.Threads.Note(w.Context(), w.Hana, conversation.NewNote{ConversationID: w.pick(), Text: "内部"}); err != nil {
		w.r.Fatal(err)
	}
	w.kept++
}

func (w *world) status() {
	to := rapid.SampledFrom(conversation.Statuses()).Draw(w.r, "status")
	until := w.Clock.Now().Add(time.Hour)
	_, err := w.Threads.Change(w.Context(), w.Hana, w.pick(), conversation.Patch{Status: &to, SnoozedUntil: &until})
	if err != nil && !fault.Is(err, fault.Invalid) {
		w.r.Fatal(err)
	}
}

func (w *world) undo() {
	if len(w.held) == 0 {
		return
	}
	_, err := w.Threads.Undo(w.Context(), w.Hana, w.held[len(w.held)-1])
	if err == nil {
		w.kept--
	} else if !fault.Is(err, fault.Conflict) {
		w.r.Fatal(err)
	}
	w.held = w.held[:len(w.held)-1]
}

func (w *world) merge() {
	_, err := w.Threads.Merge(w.Context(), w.Hana, w.pick(), w.pick())
	if err != nil && !fault.Is(err, fault.Invalid) {
		w.r.Fatal(err)
	}
}

func (w *world) split() {
	id := w.pick()
	thread := w.Thread(id)
	m := rapid.SampledFrom(thread).Draw(w.r, "message")
	c, err := w.Threads.Split(w.Context(), w.Hana, id, m.ID)
	if err != nil {
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			w.r.Fatal(err)
		}
		return
	}
	if !slices.Contains(w.convs, c.ID) {
		w.convs = append(w.convs, c.ID)
	}
}

func (w *world) check() {
	seen := map[conversation.MessageID]bool{}
	living := map[conversation.ID]bool{}
	for _, id := range w.convs {
		c := w.Conversation(id)
		if living[c.ID] {
			continue
		}
		living[c.ID] = true
		stored := w.derived(c)
		if shape(stored) != shape(c) {
			w.r.Fatalf("stored\n%s\nthe messages say\n%s", shape(c), shape(stored))
		}
		for _, m := range w.Thread(c.ID) {
			if m.Kind == conversation.Event {
				continue
			}
			if seen[m.ID] {
				w.r.Fatalf("%s is in two threads", m.ID)
			}
			seen[m.ID] = true
		}
	}
	if len(seen) != w.kept {
		w.r.Fatalf("%d messages, want %d", len(seen), w.kept)
	}
}

// derived computes a conversation from its messages, naively.
func (w *world) derived(c conversation.Conversation) conversation.Conversation {
	thread := w.Thread(c.ID)
	slices.SortFunc(thread, func(a, b conversation.Message) int { return strings.Compare(string(a.ID), string(b.ID)) })
	c.MessageCount, c.FirstCustomerAt, c.FirstResponseAt, c.WaitingSince = 0, time.Time{}, time.Time{}, time.Time{}
	people := slices.ContainsFunc(thread, func(m conversation.Message) bool {
		return m.Kind == conversation.Outgoing || m.Kind == conversation.Incoming && !m.Automatic
	})
	if len(thread) > 0 && slices.ContainsFunc(thread, func(m conversation.Message) bool {
		return m.Kind == conversation.Incoming || m.Kind == conversation.Outgoing
	}) {
		c.Muted = !people
	}
	var last conversation.Message
	for _, m := range thread {
		if m.Kind != conversation.Incoming && m.Kind != conversation.Outgoing {
			continue
		}
		c.MessageCount++
		if !people || m.Kind == conversation.Outgoing || !m.Automatic {
			if last.ID == "" || !m.At.Before(last.At) {
				last = m
			}
		}
		switch {
		case m.Automatic:
		case m.Kind == conversation.Incoming:
			if c.FirstCustomerAt.IsZero() {
				c.FirstCustomerAt = m.At
			}
			if c.WaitingSince.IsZero() && m.ID > c.Settled {
				c.WaitingSince = m.At
			}
		default:
			c.WaitingSince = time.Time{}
			if c.FirstResponseAt.IsZero() && !c.FirstCustomerAt.IsZero() {
				c.FirstResponseAt = m.At
			}
		}
	}
	if !c.Status.Active() {
		c.WaitingSince = time.Time{}
	}
	if last.ID != "" {
		c.LastAt, c.Preview, c.LastFrom = last.At, last.Body, "agent"
		if last.Kind == conversation.Incoming {
			c.LastFrom = "customer"
		}
	}
	return c
}

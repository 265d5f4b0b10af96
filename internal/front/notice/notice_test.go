package notice_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/notice"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey/surveytest"
	"github.com/kintsugi-desk/kintsugi/web"
)

// house is a desk whose agents are told what happens.
type house struct {
	*surveytest.Desk
	recovery.Handles
	bell                *notice.Bell
	worker, boss, admin team.Agent
}

func each(t *testing.T, fn func(h *house)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		d := surveytest.New(t, db, c)
		h := &house{Desk: d, Handles: recovery.New(recovery.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Queue: d.Queue, Agents: d.Agents,
			Brands: d.Brands, Threads: d.Threads, Program: d.Program})}
		h.bell = notice.New(notice.Tools{DB: db, IDs: d.IDs, Journal: d.Journal, Agents: d.Agents, Brands: d.Brands, Customers: d.Customers,
			Inboxes: d.Inboxes, Threads: d.Threads, Outbox: d.Outbox, Words: d.Phrases, PublicURL: "https://desk.example/"})
		event.On(d.Journal, recovery.OpenedFact, "notice.opened", h.bell.OnCaseOpened)
		event.On(d.Journal, recovery.UpdatedFact, "notice.updated", h.bell.OnCaseUpdated)
		event.On(d.Journal, recovery.EscalatedFact, "notice.escalated", h.bell.OnEscalated)
		event.On(d.Journal, recovery.BrokenFact, "notice.promise", h.bell.OnPromiseBroken)
		event.On(d.Journal, conversation.NotedFact, "notice.mention", h.bell.OnNoted)
		event.On(d.Journal, conversation.AssignedFact, "notice.assigned", h.bell.OnAssigned)
		event.On(d.Journal, inbox.HealthFact, "notice.inbox", h.bell.OnInboxHealth)
		event.On(d.Journal, inbox.ExpiryFact, "notice.expiry", h.bell.OnInboxExpiry)
		smtp, host, port := inbox.ModeSMTP, "smtp.example.net", 587
		for _, in := range []inbox.Inbox{d.Support, d.Sales} {
			_, err := d.Inboxes.Change(t.Context(), d.Hana, in.ID, inbox.Change{Send: &inbox.SendChange{Mode: &smtp, Host: &host, Port: &port}})
			h.must(err)
		}
		h.worker, h.boss, h.admin = h.hire("Sato", team.Worker, "en"), h.hire("Mori", team.Manager, "ja"), h.hire("Adachi", team.Administrator, "")
		fn(h)
	})
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) hire(name string, r team.Role, locale string) team.Agent {
	h.Helper()
	a, err := h.Agents.Create(h.Context(), actor.OfSystem("test"), team.NewAgent{Name: name, Email: strings.ToLower(name) + "@work.example", Role: r, Locale: locale})
	h.must(err)
	return a
}

// opened is a case that a worker opened about something that hurts this much.
func (h *house) opened(harm int) recovery.Case {
	h.Helper()
	c, err := h.Cases.Open(h.Context(), actor.ForAgent(h.worker.ID), recovery.ManualOpening{ConversationID: string(h.Hanako()), Harm: harm, Reason: "<b>割れていました</b>"})
	h.must(err)
	h.Rest()
	return c
}

func (h *house) notices(a team.Agent) (p notice.Page) {
	h.Helper()
	h.Read(func(tx *sqldb.Tx) (err error) {
		p, err = notice.List(h.Context(), tx, notice.Look{AgentID: a.ID})
		return err
	})
	return p
}

func (h *house) kinds(a team.Agent) (out []notice.Kind) {
	h.Helper()
	for _, n := range h.notices(a).Items {
		out = append(out, n.Kind)
	}
	return out
}

// mails are the letters to an agent, oldest first.
func (h *house) mails(a team.Agent) (out []channel.Outgoing) {
	for _, m := range h.Wire.Sent() {
		if m.To[0].Address == a.Email {
			out = append(out, m)
		}
	}
	return out
}

func TestOwnerIsToldOfACase(t *testing.T) {
	each(t, func(h *house) {
		c := h.opened(recovery.Danger)
		if got := h.kinds(h.boss); !slices.Equal(got, []notice.Kind{notice.CaseOpened}) {
			t.Fatalf("the manager has %v", got)
		}
		if got := h.kinds(h.worker); got != nil {
			t.Errorf("whoever opened it has %v", got)
		}
		mails := h.mails(h.boss)
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		m := mails[0]
		if m.Subject != "新しいケース #1(重大度1): 山田 花子様" || !strings.Contains(m.Text, "https://desk.example/cases/"+string(c.ID)+"\n") ||
			m.From.Address != "support@shop.example" || !m.Automatic || !strings.HasSuffix(m.ID, "@shop.example") {
			t.Errorf("mail %+v", m)
		}
		if _, err := html.Parse(strings.NewReader(m.HTML)); err != nil || !strings.Contains(m.HTML, `<html lang="ja">`) || strings.Contains(m.HTML, "<b>") {
			t.Errorf("html %v: %s", err, m.HTML)
		}
	})
}

func TestEachEscalationIsMailedAndShownOnce(t *testing.T) {
	each(t, func(h *house) {
		h.opened(recovery.Danger)
		for range 6 {
			h.Clock.Advance(time.Hour)
			h.Rest()
		}
		n, m := h.notices(h.boss), h.mails(h.boss)
		if len(m) < 5 || len(n.Items) != 2 || n.Unread != 2 || n.Items[0].Kind != notice.CaseEscalated {
			t.Fatalf("%d mails, notices %+v", len(m), n)
		}
		if got := n.Items[0].Data["n"]; got != "6" {
			t.Errorf("the bell tells of escalation %s", got)
		}
		if admin := h.mails(h.admin); len(admin) == 0 || !strings.Contains(admin[0].Subject, "受け止めてお詫びする") {
			t.Errorf("administrators got %+v", admin)
		}
		if h.mails(h.worker) != nil {
			t.Error("an agent who has nothing to do with it got mail")
		}
	})
}

func TestOthersAreTold(t *testing.T) {
	each(t, func(h *house) {
		by := actor.ForAgent(h.worker.ID)
		c := h.opened(recovery.LostMoney)
		_, err := h.Cases.Change(h.Context(), actor.ForAgent(h.boss.ID), c.ID, recovery.Patch{OwnerID: &h.worker.ID})
		h.must(err)
		h.Rest()
		if got := h.kinds(h.worker); !slices.Equal(got, []notice.Kind{notice.CaseOwner}) {
			t.Errorf("the new owner has %v", got)
		}
		if m := h.mails(h.worker); len(m) != 1 || m[0].Subject != "Case #1 is yours now: 山田 花子" {
			t.Errorf("in English: %+v", m)
		}
		_, err = h.Remedies.Propose(h.Context(), by, team.Worker, c.ID, recovery.Offer{Type: recovery.Refund, Amount: 9000, Currency: "JPY"})
		h.must(err)
		_, err = h.Promises.Make(h.Context(), actor.ForAgent(h.boss.ID), c.ID, recovery.Word{Text: "電話します", DueAt: h.Clock.Now().Add(time.Hour)})
		h.must(err)
		h.Rest()
		if got := h.kinds(h.boss); !slices.Contains(got, notice.RemedyProposed) {
			t.Errorf("the approver has %v", got)
		}
		h.Clock.Advance(time.Hour)
		h.Rest()
		for _, a := range []team.Agent{h.worker, h.boss} {
			if got := h.kinds(a); !slices.Contains(got, notice.PromiseBroken) {
				t.Errorf("%s has %v", a.Name, got)
			}
		}

		conv := conversation.ID(c.ConversationID)
		_, err = h.Threads.Note(h.Context(), by, conversation.NewNote{ConversationID: conv, Text: "見てください", Mentions: []string{h.admin.ID, h.worker.ID}})
		h.must(err)
		_, err = h.Threads.Change(h.Context(), by, conv, conversation.Patch{AssigneeID: &h.admin.ID})
		h.must(err)
		h.Rest()
		if got := h.kinds(h.admin); !slices.Equal(got, []notice.Kind{notice.Assigned, notice.Mention}) || len(h.mails(h.admin)) != 0 {
			t.Errorf("the mentioned one has %v and %d mails", got, len(h.mails(h.admin)))
		}
		if got := h.kinds(h.worker); slices.Contains(got, notice.Mention) {
			t.Errorf("whoever wrote the note has %v", got)
		}
	})
}

func TestReopenedCaseIsTold(t *testing.T) {
	each(t, func(h *house) {
		c := h.opened(recovery.Inconvenience)
		by := actor.ForAgent(h.worker.ID)
		_, err := h.Cases.Change(h.Context(), by, c.ID, recovery.Patch{Cause: &recovery.Cause{Category: "product", Text: "x"}, Measure: &recovery.Measure{Text: "y"}})
		h.must(err)
		_, err = h.Cases.Close(h.Context(), by, c.ID, recovery.Closing{Outcome: recovery.Declined, Reason: "z"})
		h.must(err)
		_, err = h.Cases.Reopen(h.Context(), by, c.ID, "nothing arrived")
		h.must(err)
		h.Rest()
		if got := h.kinds(h.boss); !slices.Contains(got, notice.CaseReopened) {
			t.Errorf("the owner has %v", got)
		}
	})
}

func TestFailingInboxIsToldFromAnother(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.Inboxes.Healthy(h.Context(), h.Support.ID, inbox.Sending, &channel.RefusedError{Code: 535, Text: "authentication failed"}))
		h.Rest()
		if got := h.kinds(h.admin); !slices.Equal(got, []notice.Kind{notice.InboxFailing}) {
			t.Fatalf("administrators have %v", got)
		}
		if m := h.mails(h.admin); len(m) != 1 || m[0].From.Address != "sales@shop.example" || !strings.Contains(m[0].Text, "authentication failed") {
			t.Errorf("mails %+v", m)
		}
		if got := h.kinds(h.boss); got != nil {
			t.Errorf("the manager has %v", got)
		}
		for range 3 { // mail comes in all the while
			h.Clock.Advance(time.Minute)
			h.must(h.Inboxes.Healthy(h.Context(), h.Support.ID, inbox.Receiving, nil))
			h.must(h.Inboxes.Healthy(h.Context(), h.Support.ID, inbox.Sending, &channel.RefusedError{Code: 535, Text: "authentication failed"}))
		}
		h.Rest()
		if got := h.kinds(h.admin); len(got) != 1 {
			t.Errorf("still failing: %v", got)
		}
		h.must(h.Inboxes.Healthy(h.Context(), h.Support.ID, inbox.Sending, nil))
		h.Rest()
		if got := h.kinds(h.admin); len(got) != 1 {
			t.Errorf("recovered: %v", got)
		}
	})
}

func TestAdministratorsAreToldOfAnExpiry(t *testing.T) {
	each(t, func(h *house) {
		ends := h.Clock.Now().Add(10 * 24 * time.Hour)
		h.must(inbox.Expires(h.Context(), h.Inboxes, h.Support.ID, ends))
		h.Rest()
		h.Clock.Set(ends)
		h.must(inbox.Remind(h.Context(), h.Inboxes, h.Support.ID))
		h.Rest()
		if got := h.kinds(h.admin); !slices.Equal(got, []notice.Kind{notice.InboxExpired, notice.InboxExpiring}) {
			t.Errorf("administrators have %v", got)
		}
		if m := h.mails(h.admin); len(m) != 2 || !strings.Contains(m[0].Text, ends.UTC().Format(time.DateOnly)) {
			t.Errorf("mails %+v", m)
		}
		if got := h.kinds(h.boss); got != nil {
			t.Errorf("the manager has %v", got)
		}
	})
}

// An inbox that cannot fetch can still mail, if it must.
func TestInboxThatCannotReceiveIsToldByItself(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.Inboxes.Healthy(h.Context(), h.Sales.ID, inbox.Sending, errors.New("535")))
		h.Rest()
		before := len(h.mails(h.admin))
		h.Clock.Advance(time.Hour)
		h.must(h.Inboxes.Healthy(h.Context(), h.Support.ID, inbox.Receiving, errors.New("login refused")))
		h.Rest()
		if m := h.mails(h.admin); len(m) != before+1 || !slices.ContainsFunc(m, func(l channel.Outgoing) bool {
			return l.From.Address == h.Support.Address && strings.Contains(l.Text, "login refused")
		}) {
			t.Errorf("mails %+v", m)
		}
	})
}

func TestReadingNotices(t *testing.T) {
	each(t, func(h *house) {
		for range 5 {
			h.opened(recovery.Danger)
			h.Clock.Advance(time.Minute)
		}
		var seen []string
		for cursor := ""; ; {
			var p notice.Page
			h.Read(func(tx *sqldb.Tx) (err error) {
				p, err = notice.List(h.Context(), tx, notice.Look{AgentID: h.boss.ID, Unread: true, Limit: 2, Cursor: cursor})
				return err
			})
			for _, n := range p.Items {
				seen = append(seen, n.ID)
			}
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		if len(seen) != len(h.notices(h.boss).Items) || len(seen) < 4 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Errorf("paged through %v", seen)
		}
		h.must(h.bell.Read(h.Context(), h.boss.ID, seen[0]))
		h.must(h.bell.Read(h.Context(), h.boss.ID, seen[0]))
		if err := h.bell.Read(h.Context(), h.worker.ID, seen[1]); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		if p := h.notices(h.boss); p.Unread != len(seen)-1 || p.Items[0].ReadAt.IsZero() {
			t.Errorf("after one: %+v", p)
		}
		h.must(h.bell.ReadAll(h.Context(), h.boss.ID))
		if p := h.notices(h.boss); p.Unread != 0 {
			t.Errorf("after all: %+v", p)
		}
	})
}

func TestWordsAreComplete(t *testing.T) {
	words, err := phrase.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range phrase.Languages() {
		for _, k := range notice.Kinds() {
			n := notice.Notice{Kind: k, Data: map[string]string{"ref": "7", "severity": "2", "customer": "葵", "step": "listen", "n": "3", "text": "t", "subject": "", "inbox": "i", "agent": "a", "date": "2026-12-01"}}
			title, text := notice.Say(words, lang, n)
			for _, s := range []string{title, text} {
				if s == "" || strings.ContainsAny(s, "{}") || strings.HasPrefix(s, "notice.") {
					t.Errorf("%s %s: %q", lang, k, s)
				}
			}
		}
	}
}

// Without an inbox that can send there is the bell.
func TestWithoutAWayToSendThereIsTheBell(t *testing.T) {
	each(t, func(h *house) {
		none := inbox.ModeNone
		for _, in := range []inbox.Inbox{h.Support, h.Sales} {
			_, err := h.Inboxes.Change(h.Context(), h.Hana, in.ID, inbox.Change{Send: &inbox.SendChange{Mode: &none}})
			h.must(err)
		}
		h.opened(recovery.Danger)
		if len(h.kinds(h.boss)) != 1 || len(h.mails(h.boss)) != 0 {
			t.Errorf("notices %v, %d mails", h.kinds(h.boss), len(h.mails(h.boss)))
		}
	})
}

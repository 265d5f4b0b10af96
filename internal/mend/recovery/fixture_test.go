package recovery_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/tag"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
	"github.com/kintsugi-desk/kintsugi/internal/kit/worktime"
	"github.com/kintsugi-desk/kintsugi/internal/mend/recovery"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
	"github.com/kintsugi-desk/kintsugi/web"
)

// shop is a small company with all slices below recovery at work: one brand
// open Monday to Friday from 9 to 18 in Tokyo, one inbox whose mail goes into
// sent, and four people.
type shop struct {
	testing.TB
	ctx     context.Context
	db      *sqldb.DB
	clock   *clock.Manual
	queue   *job.Queue
	journal *event.Journal
	agents  *team.Agents
	book    *customer.Book
	tags    *tag.Tags
	threads *conversation.Threads
	program *survey.Program
	inbox   inbox.Inbox
	recovery.Handles

	hana, taro, mori, admin actor.Actor // two agents, a manager, an administrator
	mu                      sync.Mutex
	sent                    []channel.Outgoing
	refuse                  bool // the far side refuses every letter
	n                       int
}

var setup = actor.OfSystem("test")

func each(t *testing.T, fn func(s *shop)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) { fn(newShop(t, db, c)) })
}

func newShop(t testing.TB, db *sqldb.DB, c *clock.Manual) *shop {
	t.Helper()
	ids := id.NewSource(c, rand.Reader)
	log := slog.New(slog.DiscardHandler)
	words, err := phrase.Load(web.Messages())
	key := seal.Random()
	s := &shop{TB: t, ctx: t.Context(), db: db, clock: c, queue: job.New(db, ids, log)}
	s.must(err)
	s.journal = event.NewJournal(db, s.queue)
	blobs, err := blob.Open(t.TempDir())
	s.must(err)
	s.agents, s.book, s.tags = team.NewAgents(db, ids, s.journal), customer.NewBook(db, ids, s.journal), tag.NewTags(db, ids, s.journal)
	brands, inboxes := brand.NewBrands(db, ids, s.journal), inbox.NewInboxes(db, ids, s.journal, key)
	post := delivery.New(delivery.Tools{DB: db, IDs: ids, Journal: s.journal, Queue: s.queue, Blobs: blobs, Log: log,
		Open: func(context.Context, string) (channel.Channel, error) { return wire{s}, nil },
		Flag: func(context.Context, string, error) {}})
	s.threads = conversation.New(conversation.Tools{DB: db, IDs: ids, Journal: s.journal, Queue: s.queue, Outbox: post, Inboxes: inboxes,
		Brands: brands, Customers: s.book, Agents: s.agents, Tags: s.tags, Phrases: words, Key: key})
	s.program, err = survey.New(survey.Tools{DB: db, IDs: ids, Journal: s.journal, Queue: s.queue, Brands: brands, Customers: s.book,
		Inboxes: inboxes, Threads: s.threads, Post: post, Words: words, PublicURL: "https://desk.example"})
	s.must(err)
	s.Handles = recovery.New(recovery.Tools{DB: db, IDs: ids, Journal: s.journal, Queue: s.queue, Agents: s.agents, Brands: brands,
		Threads: s.threads, Program: s.program})
	s.listen()
	hours := worktime.Weekdays("Asia/Tokyo", "09:00", "18:00")
	b, err := brands.Create(s.ctx, setup, brand.Change{Name: ptr("Kiln"), Locale: ptr("ja"), Zone: ptr("Asia/Tokyo"), Hours: &hours})
	s.must(err)
	s.inbox, err = inboxes.Create(s.ctx, setup, inbox.Change{BrandID: &b.ID, Name: ptr("Support"), Address: ptr("help@kiln.example")})
	s.must(err)
	_, err = s.program.SetPolicy(s.ctx, setup, survey.Policy{InboxID: s.inbox.ID, Enabled: true, Sampling: 100})
	s.must(err)
	s.hana, s.taro = s.hire("Hana", team.Worker), s.hire("Taro", team.Worker)
	s.mori, s.admin = s.hire("Mori", team.Manager), s.hire("Adachi", team.Administrator)
	return s
}

// listen is the part of the application's table that recovery needs.
func (s *shop) listen() {
	j, x := s.journal, s.Cases
	event.On(j, survey.RespondedFact, "recovery.responded", x.OnResponded)
	event.On(j, survey.UnansweredFact, "recovery.unanswered", x.OnUnanswered)
	event.On(j, survey.SkippedFact, "recovery.skipped", x.OnSkipped)
	event.On(j, conversation.TaggedFact, "recovery.tagged", x.OnTagged)
	event.On(j, conversation.MergedFact, "recovery.merged", x.OnConversationMerged)
	event.On(j, conversation.UnmergedFact, "recovery.unmerged", x.OnConversationUnmerged)
	event.On(j, customer.MergedFact, "recovery.customerMerged", x.OnCustomerMerged)
	event.On(j, delivery.Changed, "recovery.delivery", x.OnDelivery)
	event.On(j, delivery.Changed, "survey.delivery", s.program.OnDelivery)
	event.On(j, delivery.Changed, "conversation.delivery", s.threads.Reactor().OnDelivery)
	event.On(j, customer.MergedFact, "conversation.customerMerged", s.threads.Reactor().OnCustomerMerged)
	event.On(j, customer.MergedFact, "survey.customerMerged", s.program.OnCustomerMerged)
	event.On(j, conversation.ResolvedFact, "survey.resolved", s.program.OnResolved)
}

// wire is the far side: what is sent is kept, or refused.
type wire struct{ s *shop }

func (w wire) Send(ctx context.Context, m *channel.Outgoing) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if w.s.refuse {
		return &channel.RefusedError{Code: 550, Text: "no such user"}
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	w.s.sent = append(w.s.sent, *m)
	return nil
}

func (wire) Close() error { return nil }

func ptr[T any](v T) *T { return &v }

func (s *shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shop) hire(name string, r team.Role) actor.Actor {
	s.Helper()
	a, err := s.agents.Create(s.ctx, setup, team.NewAgent{Name: name, Email: name + "@kiln.example", Role: r})
	s.must(err)
	return actor.ForAgent(a.ID)
}

// rest lets the system come to rest.
func (s *shop) rest() {
	s.Helper()
	_, err := s.queue.Drain(s.ctx)
	s.must(err)
}

// pass lets time go by, doing every duty at its own moment.
func (s *shop) pass(d time.Duration) {
	s.Helper()
	for end := s.clock.Now().Add(d); s.clock.Now().Before(end); s.rest() {
		next := end
		s.read(func(tx *sqldb.Tx) error {
			var at time.Time
			err := tx.QueryRow(s.ctx, `SELECT MIN(run_at) FROM job WHERE state = 'ready' AND run_at > $1`, tx.Now.UnixMilli()).Scan(sqldb.At(&at))
			if err == nil && !at.IsZero() && at.Before(end) {
				next = at
			}
			return err
		})
		s.clock.Set(next)
	}
}

func (s *shop) read(fn func(tx *sqldb.Tx) error) {
	s.Helper()
	s.must(s.db.Read(s.ctx, fn))
}

// mail lets a customer write; it returns the new conversation.
func (s *shop) mail(address string) conversation.Conversation {
	s.Helper()
	s.n++
	var c conversation.Conversation
	s.must(s.db.Write(s.ctx, func(tx *sqldb.Tx) error {
		cus, _, err := s.book.ResolveTx(s.ctx, tx, customer.Seen{Kind: customer.Email, Address: address, Locale: "ja"})
		if err != nil {
			return err
		}
		m, err := s.threads.ReceiveTx(s.ctx, tx, conversation.Received{Inbox: s.inbox, Customer: cus, Message: &channel.Message{
			ExternalID: time.Now().String() + address, From: channel.Address{Address: address}, To: []channel.Address{{Address: s.inbox.Address}},
			Subject: "届きません", Text: "まだ届きません", Visible: "まだ届きません"}})
		if err != nil {
			return err
		}
		c, err = s.threads.ByID(s.ctx, tx, m.ConversationID)
		return err
	}))
	s.rest()
	return c
}

// handled lets a customer write and an agent answer and resolve it, and returns
// the conversation and the token of the survey that was sent.
func (s *shop) handled(address string, by actor.Actor) (conversation.Conversation, string) {
	s.Helper()
	c := s.mail(address)
	_, err := s.threads.Change(s.ctx, by, c.ID, conversation.Patch{AssigneeID: ptr(by.ID)})
	s.must(err)
	before := len(s.sent)
	_, err = s.threads.Post(s.ctx, by, conversation.Reply{ConversationID: c.ID, Text: "本日発送しました", Hold: -1, Resolve: true})
	s.must(err)
	s.rest()
	return c, s.token(before)
}

var tokenIn = regexp.MustCompile(`https://desk\.example/s/([A-Za-z0-9_-]+)`)

// token finds the survey link in the letters sent since the nth.
func (s *shop) token(since int) string {
	s.Helper()
	for _, m := range slices.Backward(s.sent[since:]) {
		if found := tokenIn.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	s.Fatalf("no survey among %d letters", len(s.sent)-since)
	return ""
}

func (s *shop) answer(token string, score int, comment string) {
	s.Helper()
	_, err := s.program.Answer(s.ctx, token, survey.Answer{Score: score, Comment: comment})
	s.must(err)
	s.rest()
}

// disappointed is a case that a dissatisfied customer opened.
func (s *shop) disappointed(address string, score int) recovery.Full {
	s.Helper()
	_, token := s.handled(address, s.hana)
	s.answer(token, score, "")
	return s.only(recovery.Filter{State: recovery.Detected})
}

// only is the single case of a filter.
func (s *shop) only(f recovery.Filter) recovery.Full {
	s.Helper()
	all := s.list(f)
	if len(all) != 1 {
		s.Fatalf("%d cases, want 1: %+v", len(all), all)
	}
	return s.load(all[0].ID)
}

func (s *shop) list(f recovery.Filter) []recovery.Case {
	s.Helper()
	var p recovery.Page
	s.read(func(tx *sqldb.Tx) (err error) {
		p, err = recovery.List(s.ctx, tx, f)
		return err
	})
	return p.Items
}

func (s *shop) load(id recovery.ID) (f recovery.Full) {
	s.Helper()
	s.read(func(tx *sqldb.Tx) (err error) {
		f, err = recovery.Load(s.ctx, tx, id)
		return err
	})
	return f
}

// facts lists the names of all facts about a case so far.
func (s *shop) facts(id recovery.ID) (names []string) {
	s.Helper()
	for _, f := range s.about(id) {
		names = append(names, f.Name)
	}
	return names
}

func (s *shop) about(id recovery.ID) (out []event.Fact) {
	s.Helper()
	s.read(func(tx *sqldb.Tx) (err error) {
		out, err = s.journal.About(s.ctx, tx, string(id))
		return err
	})
	return out
}

// active is the step that is on.
func active(f recovery.Full) recovery.Step {
	for _, st := range f.Steps {
		if st.State == recovery.Active {
			return st
		}
	}
	return recovery.Step{}
}

// complete finishes the step that is on, which must be key.
func (s *shop) complete(by actor.Actor, id recovery.ID, key recovery.StepKey) {
	s.Helper()
	st := active(s.load(id))
	if st.Key != key {
		s.Fatalf("%s is on, not %s", st.Key, key)
	}
	_, err := s.Steps.Complete(s.ctx, by, recovery.StepRef{CaseID: id, StepID: st.ID}, recovery.Evidence{Text: "by telephone"})
	s.must(err)
	s.rest()
}

// ready does everything that closing needs.
func (s *shop) ready(by actor.Actor, id recovery.ID) {
	s.Helper()
	for _, key := range []recovery.StepKey{recovery.StepAcknowledge, recovery.StepListen, recovery.StepExplain, recovery.StepAgree} {
		s.complete(by, id, key)
	}
	_, err := s.Cases.Change(s.ctx, by, id, recovery.Patch{
		Cause:   &recovery.Cause{Category: "process", Locus: "firm", Stability: "once", Text: "The parcel lay in the depot"},
		Measure: &recovery.Measure{Text: "Ask the depot every morning"}})
	s.must(err)
	s.rest()
}

// closeAsking closes a case and returns the token of the follow-up survey.
func (s *shop) closeAsking(by actor.Actor, id recovery.ID) string {
	s.Helper()
	before := len(s.sent)
	_, err := s.Cases.Close(s.ctx, by, id, recovery.Closing{FollowUp: true})
	s.must(err)
	s.rest()
	return s.token(before)
}

func (s *shop) hours() worktime.Hours { return worktime.Weekdays("Asia/Tokyo", "09:00", "18:00") }

package delivery_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb/dbtest"
)

// wire is a channel whose far side follows a script: one act a letter, the last
// one for ever.
type wire struct {
	mu       sync.Mutex
	acts     []act
	accepted []string // Message-IDs the far side took
	reached  []string // whom the last of them went to
	bodies   map[string]string
}

type act func(ctx context.Context, m *channel.Outgoing) (accept bool, err error)

func (w *wire) Send(ctx context.Context, m *channel.Outgoing) error {
	w.mu.Lock()
	a := w.acts[0]
	if len(w.acts) > 1 {
		w.acts = w.acts[1:]
	}
	w.mu.Unlock()
	took, err := a(ctx, m)
	w.mu.Lock()
	defer w.mu.Unlock()
	if took {
		w.accepted, w.reached = append(w.accepted, m.ID), nil
		for _, a := range m.Recipients() {
			w.reached = append(w.reached, a.Address)
		}
		for _, p := range m.Parts {
			r, err := p.Open(ctx)
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil {
				return err
			}
			w.bodies[p.Name] = string(b)
		}
	}
	return err
}

func (w *wire) Close() error { return nil }

func (w *wire) times(id string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.accepted {
		if a == id {
			n++
		}
	}
	return n
}

func accepts(ctx context.Context, m *channel.Outgoing) (bool, error) {
	if err := m.Committing(ctx); err != nil {
		return false, err
	}
	return true, nil
}

// before fails before the point of no return, after behind it.
func before(err error) act {
	return func(context.Context, *channel.Outgoing) (bool, error) { return false, err }
}

func after(took bool, err error) act {
	return func(ctx context.Context, m *channel.Outgoing) (bool, error) {
		if e := m.Committing(ctx); e != nil {
			return false, e
		}
		return took, err
	}
}

type office struct {
	t     *testing.T
	db    *sqldb.DB
	clock *clock.Manual
	queue *job.Queue
	blobs *blob.Store
	post  *delivery.Post
	wire  *wire
	flags []error
	facts []delivery.ChangedData
	n     int
}

const inboxID = "inb_1"

func newOffice(t *testing.T, db *sqldb.DB, c *clock.Manual, acts ...act) *office {
	t.Helper()
	ids := id.NewSource(c, rand.Reader)
	log := slog.New(slog.DiscardHandler)
	o := &office{t: t, db: db, clock: c, wire: &wire{acts: acts, bodies: map[string]string{}}}
	o.queue = job.New(db, ids, log)
	journal := event.NewJournal(db, o.queue)
	var err error
	if o.blobs, err = blob.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	o.post = delivery.New(delivery.Tools{DB: db, IDs: ids, Journal: journal, Queue: o.queue, Blobs: o.blobs, Log: log,
		Open: func(_ context.Context, inbox string) (channel.Channel, error) {
			if inbox != inboxID {
				return nil, fault.New(fault.NotFound, "error.inbox.notFound")
			}
			return o.wire, nil
		},
		Flag: func(_ context.Context, _ string, err error) { o.flags = append(o.flags, err) },
	})
	event.On(journal, delivery.Changed, "test.watch", func(_ context.Context, _ *sqldb.Tx, _ event.Fact, d delivery.ChangedData) error {
		o.facts = append(o.facts, d)
		return nil
	})
	journal.Listen("inbox.changed", "delivery.wake", o.post.OnInbox)
	o.write(func(tx *sqldb.Tx) error {
		for _, q := range []string{
			`INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ('brn_1', 'Shop', 'ja', 'Asia/Tokyo', '{}', '', 0, 1)`,
			`INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_error, created_at, version)
				VALUES ('inb_1', 'brn_1', 'Support', 'test', 'support@shop.example', '{}', '', '', '', false, true, '', 0, 1)`,
		} {
			if _, err := tx.Exec(t.Context(), q); err != nil {
				return err
			}
		}
		return nil
	})
	return o
}

func (o *office) write(fn func(tx *sqldb.Tx) error) {
	o.t.Helper()
	if err := o.db.Write(o.t.Context(), fn); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) drain() {
	o.t.Helper()
	if _, err := o.queue.Drain(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// queueLetter queues a letter that is held for a while.
func (o *office) queueLetter(hold time.Duration) (delivery.ID, string) {
	o.t.Helper()
	o.n++
	external, message := fmt.Sprintf("letter-%d@shop.example", o.n), fmt.Sprintf("msg_%d", o.n)
	o.message(message)
	var d delivery.Delivery
	o.write(func(tx *sqldb.Tx) (err error) {
		d, err = o.post.QueueTx(o.t.Context(), tx, delivery.Letter{InboxID: inboxID, Purpose: "reply", MessageID: message, Subject: "conv_1", ExternalID: external,
			HoldUntil: tx.Now.Add(hold), From: channel.Address{Address: "support@shop.example"}, To: []channel.Address{{Address: "Hana@Example.jp"}, {Address: "jiro@example.jp"}}})
		return err
	})
	return d.ID, external
}

func (o *office) look(id delivery.ID) (d delivery.Delivery) {
	o.t.Helper()
	if err := o.db.Read(o.t.Context(), func(tx *sqldb.Tx) (err error) {
		d, err = o.post.ByID(o.t.Context(), tx, id)
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	return d
}

func (o *office) want(id delivery.ID, state delivery.State, reason string) {
	o.t.Helper()
	if d := o.look(id); d.State != state || d.Error != reason {
		o.t.Fatalf("state %s (%q), want %s (%q)", d.State, d.Error, state, reason)
	}
}

var (
	errBusy    = errors.New("451 4.3.2 try again later")
	errRefused = &channel.RefusedError{Code: 550, Text: "550 5.1.1 no such user"}
)

func TestWhatBecomesOfALetter(t *testing.T) {
	cases := []struct {
		name     string
		acts     []act
		advance  []time.Duration // before each further run
		state    delivery.State
		reason   string
		accepted int
		facts    []delivery.State
	}{
		{"accepted at once", []act{accepts}, nil, delivery.Sent, "", 1, []delivery.State{delivery.Sent}},
		{"refused", []act{before(errRefused)}, nil, delivery.Failed, "550 5.1.1 no such user", 0, []delivery.State{delivery.Failed}},
		{"refused after the data", []act{after(false, errRefused)}, nil, delivery.Failed, "550 5.1.1 no such user", 0, []delivery.State{delivery.Failed}},
		{"one of several refused", []act{after(true, &channel.RefusedError{Code: 550, Text: "550 no such user", Recipients: []string{"jiro@example.jp"}})}, nil,
			delivery.Sent, "jiro@example.jp: 550 no such user", 1, []delivery.State{delivery.Sent}},
		{"all of them refused", []act{before(&channel.RefusedError{Code: 550, Text: "550 no such user", Recipients: []string{"hana@example.jp", "jiro@example.jp"}})}, nil,
			delivery.Failed, "550 no such user", 0, []delivery.State{delivery.Failed}},
		{"busy, then accepted", []act{before(errBusy), accepts}, []time.Duration{2 * time.Minute}, delivery.Sent, "", 1,
			[]delivery.State{delivery.Queued, delivery.Sent}},
		{"busy after the data, then accepted", []act{after(false, errBusy), accepts}, []time.Duration{2 * time.Minute}, delivery.Sent, "", 1,
			[]delivery.State{delivery.Queued, delivery.Sent}},
		{"busy, not yet due", []act{before(errBusy), accepts}, []time.Duration{30 * time.Second}, delivery.Queued, errBusy.Error(), 0,
			[]delivery.State{delivery.Queued}},
		{"busy for a day", []act{before(errBusy)}, []time.Duration{3 * time.Hour, 10 * time.Hour, 12 * time.Hour}, delivery.Failed, errBusy.Error(), 0,
			[]delivery.State{delivery.Queued, delivery.Failed}},
		{"lost after the data", []act{after(true, &channel.AmbiguousError{Err: io.EOF}), accepts}, []time.Duration{48 * time.Hour}, delivery.Ambiguous, delivery.ReasonLost, 1,
			[]delivery.State{delivery.Ambiguous}},
		{"lost after the data, told badly", []act{after(true, io.ErrUnexpectedEOF), accepts}, []time.Duration{48 * time.Hour}, delivery.Ambiguous, delivery.ReasonLost, 1,
			[]delivery.State{delivery.Ambiguous}},
		{"lost before the data", []act{before(io.EOF), accepts}, []time.Duration{2 * time.Minute}, delivery.Sent, "", 1,
			[]delivery.State{delivery.Queued, delivery.Sent}},
		{"settings wrong", []act{before(&channel.SettingsError{Err: errors.New("535 bad password")}), accepts}, []time.Duration{time.Minute}, delivery.Queued, delivery.ReasonSettings, 0,
			[]delivery.State{delivery.Queued}},
		{"settings mended", []act{before(&channel.SettingsError{Err: errors.New("535 bad password")}), accepts}, []time.Duration{time.Hour}, delivery.Sent, "", 1,
			[]delivery.State{delivery.Queued, delivery.Sent}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *sqldb.DB, clk *clock.Manual) {
				o := newOffice(t, db, clk, c.acts...)
				id, external := o.queueLetter(0)
				o.drain()
				for _, d := range c.advance {
					clk.Advance(d)
					o.drain()
				}
				o.want(id, c.state, c.reason)
				if n := o.wire.times(external); n != c.accepted {
					t.Errorf("the far side took it %d times, want %d", n, c.accepted)
				}
				var states []delivery.State
				for _, f := range o.facts {
					states = append(states, f.State)
				}
				if fmt.Sprint(states) != fmt.Sprint(c.facts) {
					t.Errorf("facts %v, want %v", states, c.facts)
				}
			})
		})
	}
}

func TestAHeldLetterCanBeTakenBackUntilItLeaves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		o := newOffice(t, db, c, accepts)
		o.message("msg_1")
		o.message("msg_2")
		by := actor.ForAgent("agt_1")
		first, second := o.queueFor("msg_1", 10*time.Second), o.queueFor("msg_2", 10*time.Second)
		o.drain()
		o.want(first, delivery.Held, "")
		if err := o.cancel(by, "msg_1"); err != nil {
			t.Fatal(err)
		}
		c.Advance(11 * time.Second)
		o.drain()
		o.want(first, delivery.Cancelled, delivery.ReasonWithdrawn)
		o.want(second, delivery.Sent, "")
		if err := o.cancel(by, "msg_2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("taking back a sent letter: %v", err)
		}
		if err := o.cancel(by, "msg_1"); !fault.Is(err, fault.Conflict) {
			t.Errorf("taking back twice: %v", err)
		}
		if err := o.cancel(by, "msg_none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("taking back nothing: %v", err)
		}
		if n := len(o.wire.accepted); n != 1 {
			t.Errorf("%d letters left, want 1", n)
		}
	})
}

// A crash between the point of no return and the outcome leaves the letter
// sending. Whoever picks the duty up next must not send it again.
func TestACrashWhileSendingIsShownNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx := t.Context()
		died := make(chan struct{})
		o := newOffice(t, db, c, func(ctx context.Context, m *channel.Outgoing) (bool, error) {
			if err := m.Committing(ctx); err != nil {
				return false, err
			}
			close(died)
			<-ctx.Done() // the process hangs; its member dies below
			return true, &channel.AmbiguousError{Err: ctx.Err()}
		}, accepts)
		id, external := o.queueLetter(0)
		dead, err := db.Join(ctx, "node_dead")
		if err != nil {
			t.Fatal(err)
		}
		hanging, cut := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { _, err := o.queue.Step(hanging, delivery.MailLane, "node_dead"); done <- err }()
		<-died
		if d := o.look(id); d.State != delivery.Sending {
			t.Fatalf("state %s while the far side decides", d.State)
		}
		if err := dead.Leave(); err != nil {
			t.Fatal(err)
		}
		if n, err := o.queue.Reclaim(ctx); err != nil || n != 1 {
			t.Fatalf("reclaimed %d, %v", n, err)
		}
		o.drain()
		o.want(id, delivery.Ambiguous, delivery.ReasonCutOff)
		cut()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		o.drain()
		o.want(id, delivery.Ambiguous, delivery.ReasonCutOff)
		if err := o.retry(id); err != nil {
			t.Fatal(err)
		}
		o.drain()
		o.want(id, delivery.Sent, "")
		if n := o.wire.times(external); n != 2 { // once unseen, once because a person decided so
			t.Errorf("the far side took it %d times", n)
		}
	})
}

// While a letter is on its way its inbox may be mended, and another duty waits
// for it. After a crash that one finds a letter which is not its own.
func TestACrashIsShownThoughAnotherDutyWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx := t.Context()
		died := make(chan struct{})
		var o *office
		o = newOffice(t, db, c, func(ctx context.Context, m *channel.Outgoing) (bool, error) {
			if err := db.Write(ctx, func(tx *sqldb.Tx) error { return o.post.OnInbox(ctx, tx, event.Fact{Subject: inboxID}) }); err != nil {
				return false, err
			}
			if err := m.Committing(ctx); err != nil {
				return false, err
			}
			close(died)
			<-ctx.Done()
			return true, &channel.AmbiguousError{Err: ctx.Err()}
		})
		id, _ := o.queueLetter(0)
		dead, err := db.Join(ctx, "node_dead")
		if err != nil {
			t.Fatal(err)
		}
		hanging, cut := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { _, err := o.queue.Step(hanging, delivery.MailLane, "node_dead"); done <- err }()
		<-died
		if err := dead.Leave(); err != nil {
			t.Fatal(err)
		}
		if _, err := o.queue.Reclaim(ctx); err != nil {
			t.Fatal(err)
		}
		o.drain()
		o.want(id, delivery.Ambiguous, delivery.ReasonCutOff)
		cut()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

// A try that takes too long is the letter's failure: it is shown, and ends with
// the letter's own patience.
func TestATryThatTakesTooLongIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		o := newOffice(t, db, c, func(ctx context.Context, _ *channel.Outgoing) (bool, error) {
			<-ctx.Done()
			return false, ctx.Err()
		}, accepts)
		id, _ := o.queueLetter(0)
		m, err := db.Join(t.Context(), "node_1")
		if err != nil {
			t.Fatal(err)
		}
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := o.queue.Step(short, delivery.MailLane, m.ID()); err != nil {
			t.Fatal(err)
		}
		if err := m.Leave(); err != nil {
			t.Fatal(err)
		}
		o.want(id, delivery.Queued, context.DeadlineExceeded.Error())
		c.Advance(2 * time.Minute)
		o.drain()
		o.want(id, delivery.Sent, "")
	})
}

func TestAStopBeforeThePointOfNoReturnIsRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		ctx, stop := context.WithCancel(t.Context())
		o := newOffice(t, db, c, func(ctx context.Context, _ *channel.Outgoing) (bool, error) {
			stop()
			return false, ctx.Err()
		}, accepts)
		id, external := o.queueLetter(0)
		m, err := db.Join(t.Context(), "node_1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.queue.Step(ctx, delivery.MailLane, m.ID()); err != nil {
			t.Fatal(err)
		}
		if err := m.Leave(); err != nil {
			t.Fatal(err)
		}
		o.want(id, delivery.Queued, "")
		c.Advance(2 * time.Second)
		o.drain()
		o.want(id, delivery.Sent, "")
		if n := o.wire.times(external); n != 1 {
			t.Errorf("the far side took it %d times", n)
		}
	})
}

func TestOnlyAPersonSendsAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		o := newOffice(t, db, c, before(errRefused), accepts)
		id, external := o.queueLetter(0)
		if err := o.retry(id); !fault.Is(err, fault.Conflict) {
			t.Errorf("retry of a waiting letter: %v", err)
		}
		o.drain()
		c.Advance(100 * time.Hour)
		o.drain()
		o.want(id, delivery.Failed, "550 5.1.1 no such user")
		if err := o.retry(id); err != nil {
			t.Fatal(err)
		}
		o.drain()
		o.want(id, delivery.Sent, "")
		if n := o.wire.times(external); n != 1 {
			t.Errorf("the far side took it %d times", n)
		}
	})
}

func TestAnInboxIsFlaggedAndItsLettersWakeWhenItIsMended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		wrong := &channel.SettingsError{Err: errors.New("535 bad password")}
		o := newOffice(t, db, c, before(wrong), accepts)
		id, _ := o.queueLetter(0)
		o.drain()
		if len(o.flags) != 1 || !channel.IsSettings(o.flags[0]) {
			t.Fatalf("flags: %v", o.flags)
		}
		o.write(func(tx *sqldb.Tx) error {
			o.emit(tx, "inbox.changed", inboxID)
			return nil
		})
		o.drain()
		o.want(id, delivery.Sent, "")
		if len(o.flags) != 2 || o.flags[1] != nil {
			t.Fatalf("flags: %v", o.flags)
		}
	})
}

func TestABounceFindsItsLetter(t *testing.T) {
	cases := []struct {
		name   string
		bounce func(external string) delivery.Bounce
		found  bool
		state  delivery.State
		reason string
	}{
		{"by Message-ID", func(x string) delivery.Bounce {
			return delivery.Bounce{ExternalID: x, Text: "550 5.1.1 unknown"}
		}, true, delivery.Bounced, "550 5.1.1 unknown"},
		{"by recipient", func(string) delivery.Bounce {
			return delivery.Bounce{Recipients: []string{"HANA@example.jp"}, Reason: "userunknown"}
		}, true, delivery.Bounced, "userunknown HANA@example.jp"},
		{"only delayed", func(x string) delivery.Bounce {
			return delivery.Bounce{ExternalID: x, Delayed: true, Text: "still trying"}
		}, true, delivery.Sent, ""},
		{"of somebody else's Message-ID", func(string) delivery.Bounce {
			return delivery.Bounce{ExternalID: "other@else.example", Recipients: []string{"hana@example.jp"}}
		}, false, delivery.Sent, ""},
		{"of a stranger", func(string) delivery.Bounce {
			return delivery.Bounce{Recipients: []string{"taro@example.jp"}}
		}, false, delivery.Sent, ""},
		{"in another inbox, by recipient", func(string) delivery.Bounce {
			return delivery.Bounce{InboxID: "inb_2", Recipients: []string{"hana@example.jp"}}
		}, false, delivery.Sent, ""},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
				o := newOffice(t, db, c, accepts)
				id, external := o.queueLetter(0)
				o.drain()
				b := k.bounce(external)
				if b.InboxID == "" {
					b.InboxID = inboxID
				}
				o.write(func(tx *sqldb.Tx) error {
					got, found, err := o.post.BounceTx(t.Context(), tx, b)
					if found != k.found || (found && got.SubjectID != "conv_1") {
						t.Errorf("found %v: %+v", found, got)
					}
					return err
				})
				o.want(id, k.state, k.reason)
			})
		})
	}
}

// Whoever has a letter does not get it again because somebody else did not.
func TestARetryGoesToThoseWhoDoNotHaveIt(t *testing.T) {
	const hana, jiro = "Hana@Example.jp", "jiro@example.jp"
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		var o *office
		bounce := func(external string, b delivery.Bounce) {
			t.Helper()
			b.InboxID, b.ExternalID, b.Text = inboxID, external, "550 unknown"
			o.write(func(tx *sqldb.Tx) error {
				_, _, err := o.post.BounceTx(t.Context(), tx, b)
				return err
			})
		}
		again := func(id delivery.ID, want ...string) {
			t.Helper()
			if err := o.retry(id); err != nil {
				t.Fatal(err)
			}
			o.drain()
			o.want(id, delivery.Sent, "")
			if !slices.Equal(o.wire.reached, want) {
				t.Errorf("went again to %v, want %v", o.wire.reached, want)
			}
		}
		o = newOffice(t, db, c, accepts)
		id, external := o.queueLetter(0)
		bounce(external, delivery.Bounce{Recipients: []string{hana}}) // of a letter that has not left
		o.drain()
		if want := []string{hana, jiro}; !slices.Equal(o.wire.reached, want) {
			t.Errorf("went to %v, want %v", o.wire.reached, want)
		}
		bounce(external, delivery.Bounce{Recipients: []string{"hana@example.jp"}})
		o.want(id, delivery.Bounced, "550 unknown")
		again(id, hana)
		bounce("", delivery.Bounce{Recipients: []string{jiro}}) // another machine, which quotes nothing
		o.want(id, delivery.Bounced, "550 unknown")
		bounce("", delivery.Bounce{Recipients: []string{hana}})
		again(id, hana, jiro)
		bounce(external, delivery.Bounce{Recipients: []string{"box7@forwarder.example"}}) // nobody knows who that is
		again(id, hana, jiro)
		bounce(external, delivery.Bounce{Recipients: []string{hana}, Delayed: true})
		bounce(external, delivery.Bounce{Recipients: []string{jiro}})
		again(id, jiro)

		o.wire.acts = []act{after(true, &channel.RefusedError{Code: 550, Text: "no", Recipients: []string{"hana@example.jp"}}), accepts}
		id, external = o.queueLetter(0)
		o.drain()
		bounce(external, delivery.Bounce{Recipients: []string{"box7@forwarder.example"}})
		again(id, hana) // refused at the door, so it is known
	})
}

func TestAttachmentsAreReadWhenSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB, c *clock.Manual) {
		o := newOffice(t, db, c, accepts)
		key, _, err := o.blobs.Put(t.Context(), stringReader("the file"))
		if err != nil {
			t.Fatal(err)
		}
		var whole, missing delivery.Delivery
		o.write(func(tx *sqldb.Tx) (err error) {
			l := delivery.Letter{InboxID: inboxID, ExternalID: "a@shop.example", To: []channel.Address{{Address: "hana@example.jp"}},
				Attachments: []delivery.Attachment{{Name: "見積.pdf", BlobKey: key}}}
			if whole, err = o.post.QueueTx(t.Context(), tx, l); err != nil {
				return err
			}
			l.ExternalID, l.Attachments = "b@shop.example", []delivery.Attachment{{Name: "gone", BlobKey: "00"}}
			missing, err = o.post.QueueTx(t.Context(), tx, l)
			return err
		})
		o.drain()
		o.want(whole.ID, delivery.Sent, "")
		if o.wire.bodies["見積.pdf"] != "the file" {
			t.Errorf("bytes sent: %q", o.wire.bodies)
		}
		o.want(missing.ID, delivery.Failed, delivery.ReasonBlobGone)
	})
}

package delivery

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Limits of sending.
const (
	MailLane     = "mail"           // the lane of the queue on which letters are sent
	mailWorkers  = 4                // letters under way at a time, on one node
	tryTimeout   = 5 * time.Minute  // for one try, large attachments included
	firstPause   = time.Minute      // after the first temporary failure, then doubling
	longestPause = 2 * time.Hour    // between two tries
	giveUp       = 24 * time.Hour   // after the first try a letter fails for good
	repairPause  = 15 * time.Minute // between tries while an inbox's settings are wrong
	bounceWindow = 5 * 24 * time.Hour
)

// Reasons of our own in Delivery.Error. They are phrase keys; anything else in
// Error is the other side's own words.
const (
	ReasonCutOff    = "delivery.reason.cutOff"    // the program ended while the other side may have accepted
	ReasonLost      = "delivery.reason.lost"      // the connection was lost at that point
	ReasonSettings  = "delivery.reason.settings"  // the inbox cannot send until its settings are mended
	ReasonBlobGone  = "delivery.reason.blobGone"  // an attachment's bytes are missing
	ReasonNoInbox   = "delivery.reason.noInbox"   // the inbox does not exist any more
	ReasonRestored  = "delivery.reason.restored"  // it waited when the backup was made that the database came out of
	ReasonWithdrawn = "delivery.reason.withdrawn" // taken back by its writer
	ReasonBlocked   = "delivery.reason.blocked"   // the customer does not want messages there
)

// Post sends letters. Make it with New; it is safe for concurrent use.
type Post struct {
	Tools
}

// Tools are what a Post works with.
type Tools struct {
	DB      *sqldb.DB
	IDs     *id.Source
	Journal *event.Journal
	Queue   *job.Queue
	Blobs   *blob.Store
	Log     *slog.Logger
	// Open returns the open channel of an inbox. The Post closes it.
	Open func(ctx context.Context, inboxID string) (channel.Channel, error)
	// Flag is told that an inbox cannot send (its settings are wrong), or, with
	// nil, that it can again.
	Flag func(ctx context.Context, inboxID string, err error)
	// Link returns an address from which the other side can fetch a file for a
	// while; nil where nobody outside can reach us.
	Link func(a Attachment) string
	// Preview likewise, of a small picture of a file; "" where there is none.
	Preview func(a Attachment) string
}

const sendDuty = "delivery.send"

// New returns a Post and registers its duty with the queue.
func New(t Tools) *Post {
	p := &Post{Tools: t}
	t.Queue.Lane(MailLane, mailWorkers)
	t.Queue.Call(sendDuty, MailLane, tryTimeout, p.send)
	return p
}

type duty struct {
	ID ID `json:"id"`
}

func (p *Post) plan(ctx context.Context, tx *sqldb.Tx, d Delivery, at time.Time) error {
	return p.Queue.Replace(ctx, tx, job.Duty{Kind: sendDuty, Key: string(d.ID), Subject: string(d.ID), Data: duty{d.ID}, RunAt: at})
}

// QueueTx takes a letter over. It leaves once its hold has ended and its RunAt
// has come. A letter without recipients is Invalid.
func (p *Post) QueueTx(ctx context.Context, tx *sqldb.Tx, l Letter) (Delivery, error) {
	if len(l.To)+len(l.Cc)+len(l.Bcc) == 0 {
		return Delivery{}, fault.New(fault.Invalid, "error.delivery.noRecipient")
	}
	d := Delivery{ID: ID(p.IDs.New("dlv")), InboxID: l.InboxID, Purpose: l.Purpose, MessageID: l.MessageID,
		State: Queued, HoldUntil: l.HoldUntil, StateAt: tx.Now}
	if l.HoldUntil.After(tx.Now) {
		d.State = Held
	}
	if err := insert(ctx, tx, d, l); err != nil {
		return Delivery{}, err
	}
	return d, p.plan(ctx, tx, d, latest(tx.Now, l.HoldUntil, l.RunAt))
}

func latest(times ...time.Time) (t time.Time) {
	for _, other := range times {
		if other.After(t) {
			t = other
		}
	}
	return t
}

// CancelTx takes back the letter of a message while it is held. Afterwards it
// is Conflict "error.delivery.gone".
func (p *Post) CancelTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, messageID string) (Delivery, error) {
	r, err := lockByMessage(ctx, tx, messageID)
	if err != nil {
		return Delivery{}, err
	}
	if r.State != Held {
		return r.Delivery, fault.New(fault.Conflict, "error.delivery.gone")
	}
	if err := p.Queue.Cancel(ctx, tx, sendDuty, string(r.ID)); err != nil {
		return r.Delivery, err
	}
	err = p.move(ctx, tx, &r, change{to: Cancelled, reason: ReasonWithdrawn, by: by})
	return r.Delivery, err
}

// RetryMessage sends a message's letter that failed, bounced or is ambiguous once more, because
// somebody decided so: to those who are known not to have it, or to everybody if
// that is known of nobody. In any other state it is Conflict "error.delivery.state".
func (p *Post) RetryMessage(ctx context.Context, by actor.Actor, messageID string) (d Delivery, err error) {
	err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		r, err := lockByMessage(ctx, tx, messageID)
		if err != nil {
			return err
		}
		d, err = p.again(ctx, tx, by, r)
		return err
	})
	return d, err
}

func (p *Post) again(ctx context.Context, tx *sqldb.Tx, by actor.Actor, r row) (Delivery, error) {
	if r.State != Failed && r.State != Ambiguous && r.State != Bounced {
		return r.Delivery, fault.New(fault.Conflict, "error.delivery.state")
	}
	r.Attempts, r.tried = 0, time.Time{}
	if err := p.move(ctx, tx, &r, change{to: Queued, by: by}); err != nil {
		return r.Delivery, err
	}
	return r.Delivery, p.plan(ctx, tx, r.Delivery, tx.Now)
}

const unsentSQL = `SELECT id FROM delivery WHERE state IN ('held', 'queued') ORDER BY id`

// DoubtTx makes all letters that wait to leave ambiguous, in a database that came
// out of a backup: they may have left after the backup was made. It returns how
// many they are.
func (p *Post) DoubtTx(ctx context.Context, tx *sqldb.Tx) (n int, err error) {
	ids, err := sqldb.List(ctx, tx, func(r *sql.Rows) (id ID, err error) {
		err = r.Scan(&id)
		return id, err
	}, unsentSQL)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		r, err := lock(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		if err := p.Queue.Cancel(ctx, tx, sendDuty, string(id)); err != nil {
			return 0, err
		}
		r.lease = ""
		if err := p.move(ctx, tx, &r, change{to: Ambiguous, reason: ReasonRestored, by: system()}); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// OnInbox lets letters that wait for an inbox try at once, because its settings
// have changed.
func (p *Post) OnInbox(ctx context.Context, tx *sqldb.Tx, f event.Fact) error {
	waiting, err := waitingFor(ctx, tx, f.Subject)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if err := p.plan(ctx, tx, d, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// change is a step to another state.
type change struct {
	to     State
	reason string
	by     actor.Actor
	quiet  bool // nobody needs to know
}

// move writes a new state and, unless quiet, reports it.
func (p *Post) move(ctx context.Context, tx *sqldb.Tx, r *row, c change) error {
	told := r.State != c.to || r.Error != c.reason
	r.State, r.Error, r.StateAt = c.to, c.reason, tx.Now
	if err := save(ctx, tx, *r); err != nil {
		return err
	}
	if told && !c.quiet {
		p.Journal.Emit(tx, Changed, string(r.ID), c.by, r.changed())
	}
	return nil
}

package delivery

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// system is the actor of everything the outbox does by itself.
func system() actor.Actor { return actor.OfSystem("delivery") }

// errNotOurs stops a try whose letter was taken back or taken over meanwhile.
var errNotOurs = errors.New("the letter is not this duty's to send any more")

// send is one try of one letter.
func (p *Post) send(ctx context.Context, j job.Job) error {
	var d duty
	if err := j.Decode(&d); err != nil {
		return job.Give(err)
	}
	r, err := p.take(ctx, d.ID, j.ID)
	if err != nil || r.lease != j.ID {
		return err
	}
	committed := false
	theirs, err := p.hand(ctx, r, func(ctx context.Context) error {
		if err := p.commit(ctx, r.ID, j.ID); err != nil {
			return err
		}
		committed = true
		return nil
	})
	if errors.Is(err, errNotOurs) {
		return nil
	}
	if !committed && errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx) // stopped before anything happened: the duty runs again
	}
	return p.settle(ctx, r.ID, j.ID, outcome{err: err, committed: committed, only: r.only, theirs: theirs})
}

// take leases a letter to a duty. The row's lease differs from the duty's id
// when there is nothing to do.
func (p *Post) take(ctx context.Context, id ID, lease string) (r row, err error) {
	err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		r, err = lock(ctx, tx, id)
		if fault.Is(err, fault.NotFound) {
			r = row{}
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case r.State == Sending: // a try that was cut off: of a letter's duties one runs at a time
			r.lease = ""
			return p.move(ctx, tx, &r, change{to: Ambiguous, reason: ReasonCutOff, by: system()})
		case r.State != Held && r.State != Queued:
			r.lease = ""
			return nil
		case r.HoldUntil.After(tx.Now):
			return job.Later(r.HoldUntil)
		}
		if r.only, err = missing(ctx, tx, id); err != nil {
			return err
		}
		r.lease = lease
		r.Attempts++
		if r.tried.IsZero() {
			r.tried = tx.Now
		}
		return p.move(ctx, tx, &r, change{to: Queued, reason: r.Error, by: system(), quiet: true})
	})
	return r, err
}

// commit marks the point of no return.
func (p *Post) commit(ctx context.Context, id ID, lease string) error {
	return p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		r, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.State != Queued || r.lease != lease {
			return errNotOurs
		}
		return p.move(ctx, tx, &r, change{to: Sending, reason: r.Error, by: system(), quiet: true})
	})
}

// hand gives the letter to its channel and returns the ids it got there.
func (p *Post) hand(ctx context.Context, r row, committing func(context.Context) error) ([]string, error) {
	ch, err := p.Open(ctx, r.InboxID)
	if err != nil {
		return nil, err
	}
	out := p.outgoing(r, committing)
	err = ch.Send(ctx, out)
	if cerr := ch.Close(); cerr != nil {
		p.Log.WarnContext(ctx, "closing a channel", "inbox", r.InboxID, "error", cerr)
	}
	return out.Accepted, err
}

func (p *Post) outgoing(r row, committing func(context.Context) error) *channel.Outgoing {
	l := r.letter
	out := &channel.Outgoing{
		ID: l.ExternalID, From: l.From, ReplyTo: l.ReplyTo, To: l.To, Cc: l.Cc, Bcc: l.Bcc, Only: r.only,
		Subject: l.Title, Text: l.Text, HTML: l.HTML, InReplyTo: l.InReplyTo, References: l.References,
		Automatic: l.Automatic, Headers: l.Headers, At: r.at, Token: l.Token, Template: l.Template, Choices: l.Choices, Public: l.Public, HeardAt: l.HeardAt, Committing: committing,
	}
	if p.Link != nil {
		out.Link = func(part int) string { return p.Link(l.Attachments[part]) }
	}
	if p.Preview != nil {
		out.Preview = func(part int) string { return p.Preview(l.Attachments[part]) }
	}
	for _, a := range l.Attachments {
		out.Parts = append(out.Parts, channel.OutgoingPart{
			Name: a.Name, ContentType: a.ContentType, ContentID: a.ContentID, Inline: a.Inline, Size: a.Size,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return p.Blobs.Get(ctx, a.BlobKey) },
		})
	}
	return out
}

// outcome is how a try ended.
type outcome struct {
	err       error
	committed bool
	only      []string // whom the try was for, if not all
	theirs    []string // ids that the other side gave the letter
}

// settlePause is the longest rest between two tries to write an outcome down.
const settlePause = 4 * time.Second

// settle records what became of a try. The other side may have accepted, so the
// writing is tried again for as long as the duty is ours, however long the
// database is away: an outcome that is known must not become an ambiguous one.
// When the duty is taken from us its next run finds the letter ambiguous.
func (p *Post) settle(held context.Context, id ID, lease string, o outcome) (err error) {
	ctx := context.WithoutCancel(held)
	var next error
	for i := 0; ; i++ {
		if i > 0 {
			wake, stop := p.DB.Clock().After(min(time.Second<<min(i, 8), settlePause))
			<-wake
			stop()
		}
		err = p.DB.Write(ctx, func(tx *sqldb.Tx) error {
			r, err := lock(ctx, tx, id)
			if err != nil {
				return err
			}
			if r.lease != lease || (r.State != Queued && r.State != Sending) {
				next = nil
				return nil
			}
			r.only = o.only
			c, at := judge(o, r, tx.Now)
			if !at.IsZero() {
				next = job.Later(at)
			}
			r.lease = ""
			if err := accepted(ctx, tx, r.Delivery, o.theirs); err != nil {
				return err
			}
			if c.to == Sent {
				if err := reached(ctx, tx, r, o.err); err != nil {
					return err
				}
			}
			return p.move(ctx, tx, &r, c)
		})
		if !fault.Is(err, fault.Unavailable) || errors.Is(held.Err(), context.Canceled) {
			break
		}
	}
	if err != nil {
		return err
	}
	if channel.IsSettings(o.err) || o.err == nil {
		p.flag(ctx, id, o.err)
	}
	return next
}

// reached notes who has a letter now and who of them was refused.
func reached(ctx context.Context, tx *sqldb.Tx, r row, err error) error {
	if err := setMissed(ctx, tx, r.ID, time.Time{}, r.only); err != nil {
		return err
	}
	if refused, ok := channel.IsRefused(err); ok {
		return setMissed(ctx, tx, r.ID, tx.Now, refused.Recipients)
	}
	return nil
}

// flag tells the inbox whether it can send.
func (p *Post) flag(ctx context.Context, id ID, cause error) {
	if p.Flag == nil {
		return
	}
	var d Delivery
	err := p.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		d, err = p.ByID(ctx, tx, id)
		return err
	})
	if err != nil {
		p.Log.WarnContext(ctx, "cannot tell an inbox how sending went", "delivery", id, "error", err)
		return
	}
	p.Flag(ctx, d.InboxID, cause)
}

// judge decides from a try's outcome what becomes of the letter, and when the
// next try is (zero: none).
func judge(o outcome, r row, now time.Time) (change, time.Time) {
	c := change{by: system()}
	refused, isRefused := channel.IsRefused(o.err)
	later, isLater := channel.AsLater(o.err)
	switch {
	case o.err == nil:
		c.to = Sent
	case isRefused && len(refused.Recipients) > 0 && len(refused.Recipients) < r.recipients():
		// Everybody else has it: sending again would give it to them twice.
		c.to, c.reason = Sent, words(strings.Join(refused.Recipients, ", ")+": "+refused.Text)
	case isRefused:
		c.to, c.reason = Failed, words(refused.Text)
	case channel.IsBlocked(o.err):
		c.to, c.reason = Failed, ReasonBlocked
	case channel.IsAmbiguous(o.err), o.committed && lost(o.err):
		c.to, c.reason = Ambiguous, ReasonLost
	case fault.Is(o.err, fault.NotFound): // the inbox, or an attachment's bytes, are gone: waiting brings nothing back
		c.to, c.reason = Failed, gone(o.err)
	case channel.IsSettings(o.err):
		c.to, c.reason = Queued, ReasonSettings
		return c, now.Add(repairPause)
	case now.Sub(r.tried) >= giveUp:
		c.to, c.reason = Failed, words(o.err.Error())
	case isLater:
		c.to, c.reason = Queued, words(later.Text)
		return c, now.Add(min(max(later.After, time.Second), longestPause))
	default:
		c.to, c.reason = Queued, words(o.err.Error())
		return c, now.Add(pause(r.Attempts))
	}
	return c, time.Time{}
}

// pause is how long to wait after the nth temporary failure.
func pause(attempts int) time.Duration {
	if attempts > 8 {
		return longestPause
	}
	return min(firstPause<<max(attempts-1, 0), longestPause)
}

// lost reports whether err may mean that the answer of the other side was
// missed. Channels say AmbiguousError; this catches what they did not think of.
func lost(err error) bool {
	var n net.Error
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &n)
}

func gone(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Key == "error.blob.notFound" {
		return ReasonBlobGone
	}
	return ReasonNoInbox
}

// maxWords bounds what is kept of the other side's words.
const maxWords = 500

// words are fit for both databases, which refuse broken UTF-8 and NUL.
func words(text string) string {
	r := []rune(strings.ReplaceAll(text, "\x00", ""))
	if len(r) > maxWords {
		return string(r[:maxWords]) + "…"
	}
	return string(r)
}

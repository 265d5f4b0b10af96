package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/front/handout"
	"github.com/kintsugi-desk/kintsugi/internal/front/webhook"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// outside is what the other sides of channels reach.
type outside struct{ *App }

// called builds the outlet on which the other sides of channels call us.
func (a outside) called() *webhook.Calls {
	return webhook.New(webhook.Deps{
		Open: a.exchange.answering, Tell: a.exchange.believed, Clock: a.cfg.Clock, Log: a.log, Origin: a.cfg.PublicURL, ClientAddress: a.clientAddress,
		Count: func(result string) { a.metrics.calls.WithLabelValues(result).Inc() },
		Accept: func(ctx context.Context, inboxID string, raw channel.Raw) error {
			_, err := a.door.Accept(ctx, inboxID, raw)
			return err
		},
	})
}

// handed builds the outlet from which the other sides fetch files.
func (a outside) handed() *handout.Files {
	return &handout.Files{Key: a.key, Clock: a.cfg.Clock, Origin: a.cfg.PublicURL, Get: a.blobs.Get}
}

// linkTo returns an address from which the other side of a channel can fetch a
// file of a letter.
func (a outside) linkTo(file delivery.Attachment) string {
	return a.handed().Link(handout.File{BlobKey: file.BlobKey, ContentType: file.ContentType, Name: file.Name})
}

// previewOf returns an address of a small picture of a file.
func (a outside) previewOf(file delivery.Attachment) string {
	return a.handed().Preview(handout.File{BlobKey: file.BlobKey, ContentType: file.ContentType, Name: file.Name}, file.Size)
}

// answering opens the channel of an inbox that is in service.
func (x *exchange) answering(ctx context.Context, id string) (channel.Channel, error) {
	var in inbox.Inbox
	err := x.app.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		in, err = x.app.inboxes.ByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !in.Active {
		return nil, fault.New(fault.NotFound, "error.inbox.notFound")
	}
	return x.channel(ctx, id)
}

// believed notes on an inbox how a call went. One that is not believed makes the
// inbox look ill only as long as none was: it shows a wrong secret while the inbox
// is set up. Later anybody could send such calls, and they are heldBack as a trouble.
func (x *exchange) believed(ctx context.Context, id string, cause error) {
	ctx = context.WithoutCancel(ctx)
	if err := x.note(ctx, id, cause); err != nil {
		x.app.log.WarnContext(ctx, "noting an inbox's health", "inbox", id, "error", err)
	}
}

func (x *exchange) note(ctx context.Context, id string, cause error) error {
	if cause == nil {
		return x.app.inboxes.Healthy(ctx, id, inbox.Receiving, nil)
	}
	var in inbox.Inbox
	err := x.app.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		in, err = x.app.inboxes.ByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	trouble := inbox.Trouble{Sort: inbox.Doubted, Words: cause.Error()}
	_, skewed := channel.Skewed(cause)
	switch {
	case channel.IsMalformed(cause):
		trouble.Sort = inbox.Garbled
	case in.Health.Receive.SuccessAt.IsZero():
		return x.app.inboxes.Healthy(ctx, id, inbox.Receiving, cause)
	case skewed:
		trouble.Sort = inbox.Skewed
	}
	if trouble.Times = x.odd.due(id+" "+string(trouble.Sort), x.app.cfg.Clock.Now()); trouble.Times == 0 {
		return nil
	}
	return x.app.db.Write(ctx, func(tx *sqldb.Tx) error {
		one := trouble
		if one.Times > 1 { // what was held back belongs to a trouble that still shows
			shown, err := inbox.Troubles(ctx, tx, id)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(shown, func(t inbox.Trouble) bool { return t.Sort == one.Sort }) {
				one.Times = 1 // somebody has looked at it since
			}
		}
		return inbox.Note(ctx, tx, id, one)
	})
}

// noteEvery is how often at most one trouble of an inbox is written because of a
// call: anybody may send calls that are not believed, and they come in floods.
const noteEvery = time.Second

// tally counts what is not written yet. It holds one entry an inbox and sort.
type tally struct {
	mu   sync.Mutex
	kept map[string]heldBack
}

type heldBack struct {
	at time.Time // when it was last written
	n  int       // what came since
}

// due counts one and returns how many are to be written now: 0 if they can wait for
// the next one.
func (t *tally) due(key string, now time.Time) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.kept[key]
	c.n++
	if now.Sub(c.at).Abs() >= noteEvery {
		n, c = c.n, heldBack{at: now}
	}
	if t.kept == nil {
		t.kept = map[string]heldBack{}
	}
	t.kept[key] = c
	return n
}

package push

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// When somebody is told.
const (
	// Bundle is how long after an answer has left it is looked whether it is unread:
	// what follows at once is told with it.
	Bundle = 15 * time.Second
	// Fresh is how long a sign of a connected page holds.
	Fresh = 75 * time.Second

	keptFor     = 24 * time.Hour // by a push service, for a browser that is away
	callFor     = 2 * time.Hour  // how long a call is tried again
	callTimeout = 30 * time.Second
	laterPause  = time.Minute // when the other side asks to wait and does not say how long
)

// The duties.
const (
	lookDuty = "chat.push"
	sendDuty = "chat.pushSend"
	hookDuty = "chat.pushHook"
	laneName = "chat.push"
	workers  = 4
)

// Deps is what visitors are told with.
type Deps struct {
	DB      *sqldb.DB
	Queue   *job.Queue
	Key     *seal.Key
	Inboxes *inbox.Inboxes
	Brands  *brand.Brands
	Threads *conversation.Threads
	Words   *phrase.Catalogue
	Log     *slog.Logger
	Client  *http.Client // under the product's rules for outgoing connections
	Origin  string       // of this instance: where a push service can complain
}

// Push tells visitors who are away. Make it with New; it is safe for concurrent use.
type Push struct{ Deps }

// New returns a Push and registers its duties with the queue.
func New(d Deps) *Push {
	p := &Push{d}
	d.Queue.Lane(laneName, workers)
	d.Queue.Do(lookDuty, p.look)
	d.Queue.Call(sendDuty, laneName, callTimeout+5*time.Second, p.send)
	d.Queue.Call(hookDuty, laneName, callTimeout+5*time.Second, p.call)
	return p
}

// about is the conversation and the chat that a look is about.
type about struct {
	ConversationID string `json:"conversationId"`
	InboxID        string `json:"inboxId"`
}

// OnDelivered reacts to message.delivered: when an answer of a chat has left, it
// is looked a moment later whether its visitor is away.
func (p *Push) OnDelivered(ctx context.Context, tx *sqldb.Tx, f event.Fact, d conversation.DeliveredData) error {
	if d.State != string(delivery.Sent) {
		return nil
	}
	m, err := p.Threads.Message(ctx, tx, d.MessageID)
	if err != nil {
		return err
	}
	box, err := p.Inboxes.ByID(ctx, tx, m.InboxID)
	if err != nil || box.Kind != webchat.Name || !box.Active {
		return err
	}
	return p.Queue.Add(ctx, tx, job.Duty{Kind: lookDuty, Key: f.Subject, Subject: f.Subject, Data: about{f.Subject, box.ID}, RunAt: tx.Now.Add(Bundle)})
}

// look finds who is away and has not read, and plans that they are told.
func (p *Push) look(ctx context.Context, tx *sqldb.Tx, j job.Job) error {
	var a about
	if err := j.Decode(&a); err != nil {
		return job.Give(err)
	}
	box, err := p.Inboxes.ByID(ctx, tx, a.InboxID)
	if err != nil {
		return err
	}
	secrets, err := p.Inboxes.Secrets(ctx, tx, a.InboxID)
	if err != nil {
		return err
	}
	settings, err := webchat.Read(box.Settings, secrets)
	if err != nil {
		return job.Give(err)
	}
	list, err := readers(ctx, tx, a)
	if err != nil {
		return err
	}
	again, err := p.tell(ctx, tx, a, settings, list)
	if err != nil || again.IsZero() {
		return err
	}
	return p.Queue.Add(ctx, tx, job.Duty{Kind: lookDuty, Key: a.ConversationID, Subject: a.ConversationID, Data: a, RunAt: again})
}

// tell plans that those are told who are away, and returns when it is to be looked
// again because somebody who sees it may go without having read; zero: never.
func (p *Push) tell(ctx context.Context, tx *sqldb.Tx, a about, settings webchat.Settings, list []reader) (again time.Time, err error) {
	live := map[string]time.Time{} // by visitor: one page is enough
	for _, r := range list {
		if until := r.LiveAt.Add(Fresh); until.After(tx.Now) && until.After(live[r.Address]) {
			live[r.Address] = until
		}
	}
	called := map[string]bool{}
	for _, r := range list {
		if until := live[r.Address]; !until.IsZero() {
			if r.Browsers > 0 || settings.PushAddress != "" {
				again = until
			}
			continue
		}
		if err := p.plan(ctx, tx, r); err != nil {
			return again, err
		}
		if settings.PushAddress == "" || called[r.Address] {
			continue
		}
		called[r.Address] = true
		if err := p.Queue.Add(ctx, tx, job.Duty{Kind: hookDuty, Key: a.ConversationID + " " + r.Address, Subject: a.ConversationID,
			Data: call{about: a, Visitor: who{ID: r.Address, Sub: r.Subject}}}); err != nil {
			return again, err
		}
	}
	return again, nil
}

// plan has the browsers of a session told, if they were not since it was read.
func (p *Push) plan(ctx context.Context, tx *sqldb.Tx, r reader) error {
	if r.Browsers == 0 || !r.ToldAt.IsZero() {
		return nil
	}
	ids, err := browsers(ctx, tx, r.Hash)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := p.Queue.Add(ctx, tx, job.Duty{Kind: sendDuty, Key: id, Subject: id, Data: sending{id}}); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE chat_session SET told_at = $2 WHERE token_hash = $1`, r.Hash, tx.Now.UnixMilli())
	return err
}

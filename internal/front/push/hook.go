package push

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// who is a visitor as the company's own server knows them.
type who struct {
	ID  string `json:"id"`            // as the session told it
	Sub string `json:"sub,omitempty"` // the site's own id of them, where it has proven it
}

// call is a call that is to be made.
type call struct {
	about
	Visitor who `json:"visitor"`
}

// unread is its document.
type unread struct {
	Type         string    `json:"type"`
	Visitor      who       `json:"visitor"`
	Conversation string    `json:"conversation"`
	Unread       int       `json:"unread"`
	At           time.Time `json:"at"`
}

const typeUnread = "unread"

// call tells the company's server that a visitor who is away has an answer. The
// call's id is the duty's, so that one made again is taken once. Who has looked
// since it was planned is not called.
func (p *Push) call(ctx context.Context, j job.Job) error {
	var d call
	if err := j.Decode(&d); err != nil {
		return job.Give(err)
	}
	var settings webchat.Settings
	var now, until time.Time
	var count int
	err := p.DB.Read(ctx, func(tx *sqldb.Tx) error {
		now = tx.Now
		list, err := readers(ctx, tx, d.about)
		if err != nil {
			return err
		}
		count, until = waits(tx.Now, list, d.Visitor.ID)
		box, err := p.Inboxes.ByID(ctx, tx, d.InboxID)
		if err != nil {
			return err
		}
		secrets, err := p.Inboxes.Secrets(ctx, tx, d.InboxID)
		if err != nil {
			return err
		}
		settings, err = webchat.Read(box.Settings, secrets)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && (settings.PushAddress == "" || count == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return p.lookAgain(ctx, d.about, until)
	}
	body, err := json.Marshal(unread{typeUnread, d.Visitor, d.ConversationID, count, now})
	if err != nil {
		return job.Give(err)
	}
	h := http.Header{}
	if err := hook.Sign(h, settings.PushSecret, hook.Signed{ID: j.ID, At: now, Body: body}); err != nil {
		return job.Give(err)
	}
	a := outcome(p.ask(ctx, fetch.JSON(http.MethodPost, settings.PushAddress, h, body)))
	if a.err == nil && a.status/100 == 2 {
		return nil
	}
	return p.later(ctx, j, a, "telling a company's server")
}

// waits returns how many messages a visitor has not read, and until when a page of
// theirs holds as connected; zero: they are away.
func waits(now time.Time, list []reader, address string) (count int, until time.Time) {
	for _, r := range list {
		if r.Address != address {
			continue
		}
		count = r.Unread
		if fresh := r.LiveAt.Add(Fresh); fresh.After(now) && fresh.After(until) {
			until = fresh
		}
	}
	return count, until
}

// lookAgain plans a look: who has come may go without having read.
func (p *Push) lookAgain(ctx context.Context, a about, at time.Time) error {
	return p.DB.Write(ctx, func(tx *sqldb.Tx) error {
		return p.Queue.Add(ctx, tx, job.Duty{Kind: lookDuty, Key: a.ConversationID, Subject: a.ConversationID, Data: a, RunAt: at})
	})
}

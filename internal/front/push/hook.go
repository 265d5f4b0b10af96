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
	Unread  int `json:"unread"`
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
// call's id is the duty's, so that one made again is taken once.
func (p *Push) call(ctx context.Context, j job.Job) error {
	var d call
	if err := j.Decode(&d); err != nil {
		return job.Give(err)
	}
	var settings webchat.Settings
	var now time.Time
	err := p.DB.Read(ctx, func(tx *sqldb.Tx) error {
		now = tx.Now
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
	if fault.Is(err, fault.NotFound) || err == nil && settings.PushAddress == "" {
		return nil
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(unread{typeUnread, d.Visitor, d.ConversationID, d.Unread, now})
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

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// checkTimeout bounds a test of a connection: a form waits for it.
const checkTimeout = 40 * time.Second

// InboxCheck is what a test of a connection found; a direction that was not
// tried is null.
type InboxCheck struct {
	Receive *CheckSteps `json:"receive"`
	Send    *CheckSteps `json:"send"`
}

// CheckSteps is one direction of a test.
type CheckSteps struct {
	OK    bool        `json:"ok"`
	Steps []CheckStep `json:"steps" nullable:"false"`
}

// CheckStep is one step of a test.
type CheckStep struct {
	Name string `json:"name" doc:"resolve, connect, tls, login, folders, …"`
	OK   bool   `json:"ok"`
	Text string `json:"text" doc:"What was reached, or the server's own words, or ours in the reader's language."`
}

type inboxCheckInput struct {
	Body struct {
		InboxID  string        `json:"inboxId,omitempty" maxLength:"64" doc:"Its stored settings fill what is absent."`
		Kind     string        `json:"kind,omitempty" maxLength:"40" doc:"Of a new inbox; absent: email."`
		Settings ChannelValues `json:"settings,omitempty"`
		Receive  *ReceiveWrite `json:"receive,omitempty"`
		Send     *SendWrite    `json:"send,omitempty"`
	}
}

func addInboxChecks(r *Routes) {
	Handle(r, Op{Method: http.MethodPost, Path: "/inboxes/check", Permission: team.InboxWrite, Summary: "Try settings without storing them or sending mail"},
		func(ctx context.Context, who Caller, in *inboxCheckInput) (InboxCheck, error) {
			var kind string
			var settings, secrets []byte
			err := r.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
				kind, settings, secrets, err = r.Inboxes.Try(ctx, tx, inbox.Trial{
					InboxID: in.Body.InboxID, Kind: in.Body.Kind, Values: inbox.Values(in.Body.Settings), Receive: in.Body.Receive.change(), Send: in.Body.Send.change(),
				})
				return err
			})
			if err != nil {
				return InboxCheck{}, err
			}
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			steps, err := r.CheckInbox(ctx, in.Body.InboxID, kind, settings, secrets)
			for i, s := range steps {
				if r.Phrases.Has(who.Locale, s.Text) {
					steps[i].Text = r.Phrases.Text(who.Locale, s.Text, nil)
				}
			}
			return InboxCheck{Receive: part(steps, "receive"), Send: part(steps, "send")}, err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/inboxes/{id}/fetch", Permission: team.InboxWrite, Summary: "Look for new mail now", Status: http.StatusAccepted},
		func(ctx context.Context, who Caller, in *ByID) error {
			if _, err := inboxByID(ctx, r, who, in.ID); err != nil {
				return err
			}
			r.FetchInbox(in.ID)
			return nil
		})
}

// part gathers the steps of one direction.
func part(steps []channel.Step, name string) *CheckSteps {
	var out *CheckSteps
	for _, s := range steps {
		if s.Part != name {
			continue
		}
		if out == nil {
			out = &CheckSteps{OK: true}
		}
		out.OK = out.OK && s.OK
		out.Steps = append(out.Steps, CheckStep{Name: s.Name, OK: s.OK, Text: s.Text})
	}
	return out
}

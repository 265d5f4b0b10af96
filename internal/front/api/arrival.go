package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/label"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Arrival is how customers get to an inbox from elsewhere.
type Arrival struct {
	URL       string `json:"url" doc:"Leads into the conversation; empty if there is no such address."`
	WithWords string `json:"withWords" doc:"The same with words entered for the customer: theirs, encoded for addresses, take the place of WORDS. Empty if that cannot be."`
}

// arrivalWords stands in an address for the words that are entered.
const arrivalWords = "WORDS"

func viewArrival(k channel.Kind, settings []byte) (a Arrival) {
	if k.Arrive == nil {
		return a
	}
	a.URL = k.Arrive(settings, "")
	if with := k.Arrive(settings, arrivalWords); with != a.URL {
		a.WithWords = with
	}
	return a
}

type arrivalInput struct {
	ByID
	Format string `query:"format" enum:"svg,png" default:"svg"`
	Words  string `query:"words" maxLength:"1000" doc:"Entered for the customer, where the channel can."`
}

func addArrival(r *Routes) {
	Register(r, Op{Method: http.MethodGet, Path: "/inboxes/{id}/arrival/image", Permission: team.SettingsRead, Summary: "The address that leads customers into an inbox, as a QR code"},
		func(ctx context.Context, _ Caller, in *arrivalInput) (*stream, error) {
			var i inbox.Inbox
			err := r.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
				i, err = r.Inboxes.ByID(ctx, tx, in.ID)
				return err
			})
			if err != nil {
				return nil, err
			}
			kind, _ := r.Inboxes.Kind(i.Kind)
			at, err := arrivalAt(kind, i.Settings, strings.TrimSpace(in.Words))
			if err != nil {
				return nil, err
			}
			code, err := label.Encode(at)
			if err != nil {
				var c fault.Check
				c.Add("query.words", "error.inbox.arrival.long")
				return nil, c.Err()
			}
			return pictured(code, in.Format, caption{Title: i.Name, File: i.Name})
		})
}

// arrivalAt is the address that is drawn. Words that a channel cannot enter are an
// error: whoever printed them would learn it from customers.
func arrivalAt(k channel.Kind, settings []byte, words string) (string, error) {
	a := viewArrival(k, settings)
	switch {
	case a.URL == "":
		return "", fault.New(fault.NotFound, "error.inbox.arrival")
	case words == "":
		return a.URL, nil
	case a.WithWords == "":
		var c fault.Check
		c.Add("query.words", "error.inbox.arrival.words")
		return "", c.Err()
	}
	return k.Arrive(settings, words), nil
}

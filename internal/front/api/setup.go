package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Setup tells how far the first run has come.
type Setup struct {
	Needed bool       `json:"needed" doc:"Nobody is an administrator yet: the printed link makes the first."`
	Steps  SetupSteps `json:"steps"`
	Locale string     `json:"locale" enum:"ja,en" doc:"What this browser's reader reads."`
}

// SetupSteps tells which steps of the first run are done.
type SetupSteps struct {
	Administrator bool `json:"administrator"`
	Brand         bool `json:"brand"`
	Inbox         bool `json:"inbox"`
}

type administratorInput struct {
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"From the link that the server prints while there is no administrator."`
		Name     string `json:"name"`
		Email    string `json:"email"`
		Password string `json:"password"`
		Locale   string `json:"locale,omitempty" enum:"ja,en,"`
	}
}

func addSetup(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/setup", Permission: Public, Summary: "Tell how far the first run has come"},
		func(ctx context.Context, who Caller, _ *struct{}) (Setup, error) { return setupState(ctx, r, who) })
	Register(r, Op{Method: http.MethodPost, Path: "/setup/administrator", Permission: Public, Summary: "Add the first administrator and sign in"},
		func(ctx context.Context, who Caller, in *administratorInput) (*SignedInOutput, error) {
			b := in.Body
			agent, token, err := r.Setup.Administrator(ctx, team.FirstAdministrator{
				Token: b.Token, Name: b.Name, Email: b.Email, Password: b.Password, Locale: b.Locale,
				UserAgent: who.UserAgent, Address: who.Address,
			})
			return signedIn(r, agent, token), err
		})
}

func setupState(ctx context.Context, r *Routes, who Caller) (s Setup, err error) {
	s.Locale = who.Locale
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if s.Needed, err = r.Setup.Needed(ctx, tx); err != nil {
			return err
		}
		brands, err := r.Brands.List(ctx, tx)
		if err != nil {
			return err
		}
		inboxes, err := r.Inboxes.List(ctx, tx)
		s.Steps = SetupSteps{Administrator: !s.Needed, Brand: len(brands) > 0, Inbox: len(inboxes) > 0}
		return err
	})
	return s, err
}

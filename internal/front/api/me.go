package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// Me is the signed-in agent with what they may do and how they like the screen.
type Me struct {
	Agent
	Permissions []string `json:"permissions" nullable:"false"`
	Theme       string   `json:"theme" enum:"system,light,dark"`
	Density     string   `json:"density" enum:"comfortable,compact"`
	Signature   string   `json:"signature"`
	Composer    string   `json:"composer" enum:"rich,plain"`
	SendKey     string   `json:"sendKey" enum:"mod-enter,enter"`
	Demo        bool     `json:"demo" doc:"The instance is a demonstration: its mail goes to a post office of its own."`
	MailServer  string   `json:"mailServer" doc:"Where the built-in mail server takes mail, host:port; empty when it does not run."`
}

// MePatch names what agents change of themselves; what is absent stays.
type MePatch struct {
	Name      *string `json:"name,omitempty"`
	Locale    *string `json:"locale,omitempty" enum:"ja,en,"`
	TimeZone  *string `json:"timeZone,omitempty" doc:"IANA name; empty for the browser's."`
	Theme     *string `json:"theme,omitempty" enum:"system,light,dark"`
	Density   *string `json:"density,omitempty" enum:"comfortable,compact"`
	Signature *string `json:"signature,omitempty"`
	Composer  *string `json:"composer,omitempty" enum:"rich,plain"`
	SendKey   *string `json:"sendKey,omitempty" enum:"mod-enter,enter"`
}

type mePatchInput struct{ Body MePatch }

type myPasswordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"4096"`
		New     string `json:"new" maxLength:"4096"`
	}
}

func addMe(r *Routes) {
	Register(r, Op{Method: http.MethodGet, Path: "/me", Permission: SignedIn, Summary: "Tell who is signed in"},
		func(_ context.Context, who Caller, _ *struct{}) (*SignedInOutput, error) {
			if err := agentOnly(who); err != nil {
				return nil, err
			}
			// The cookie is set again, so that it slides with the session.
			return signedIn(r, who.Agent, who.Token), nil
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/me", Permission: SignedIn, Summary: "Change my own settings"},
		func(ctx context.Context, who Caller, in *mePatchInput) (Me, error) {
			if err := agentOnly(who); err != nil {
				return Me{}, err
			}
			b := in.Body
			agent, err := r.Agents.ChangeSelf(ctx, who.Agent.ID, team.Profile{
				Name: b.Name, Locale: b.Locale, Zone: b.TimeZone, Theme: b.Theme, Density: b.Density,
				Signature: b.Signature, Composer: b.Composer, SendKey: b.SendKey,
			})
			return viewMe(r, agent), err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/me/password", Permission: SignedIn, Summary: "Change my password and sign out elsewhere"},
		func(ctx context.Context, who Caller, in *myPasswordInput) error {
			if err := agentOnly(who); err != nil {
				return err
			}
			return r.Agents.ChangePassword(ctx, team.NewPassword{
				AgentID: who.Agent.ID, SessionID: who.SessionID, Address: who.Address, Current: in.Body.Current, New: in.Body.New,
			})
		})
}

func viewMe(r *Routes, a team.Agent) Me {
	me := Me{
		Agent: viewAgent(a), Theme: a.Preferences.Theme, Density: a.Preferences.Density,
		Signature: a.Preferences.Signature, Composer: a.Preferences.Composer, SendKey: a.Preferences.SendKey, Permissions: []string{},
		Demo: r.PostOffice != nil,
	}
	if r.MailServer != nil {
		me.MailServer = r.MailServer()
	}
	for _, p := range a.Role.Permissions() {
		me.Permissions = append(me.Permissions, string(p))
	}
	return me
}

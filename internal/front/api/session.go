package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// SignedInOutput is who is signed in, with the cookie that proves it.
type SignedInOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

// signedOutOutput takes the cookie away.
type signedOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

// Session is one sign-in of one browser.
type Session struct {
	ID         string    `json:"id"`
	Current    bool      `json:"current" doc:"The one that asks."`
	UserAgent  string    `json:"userAgent"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"createdAt"`
	LastSeenAt time.Time `json:"lastSeenAt"`
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"320"`
		Password string `json:"password" maxLength:"4096"`
	}
}

func addSessions(r *Routes) {
	Register(r, Op{Method: http.MethodPost, Path: "/session", Permission: Public, Summary: "Sign in"},
		func(ctx context.Context, who Caller, in *signInInput) (*SignedInOutput, error) {
			agent, token, err := r.Agents.SignIn(ctx, team.SignIn{
				Email: in.Body.Email, Password: in.Body.Password, UserAgent: who.UserAgent, Address: who.Address, Previous: who.Token,
			})
			return signedIn(r, agent, token), err
		})
	// Signing out works without a session too: what is left of one is the cookie.
	Register(r, Op{Method: http.MethodDelete, Path: "/session", Permission: Public, Summary: "Sign out", Status: http.StatusNoContent},
		func(ctx context.Context, who Caller, _ *struct{}) (*signedOutOutput, error) {
			if who.SessionID != "" {
				err := r.Agents.EndSession(ctx, who.Actor, who.Agent.ID, who.SessionID)
				if err != nil && !fault.Is(err, fault.NotFound) {
					return nil, err
				}
			}
			return &signedOutOutput{SetCookie: sessionCookie("", r.Secure)}, nil
		})
	Handle(r, Op{Method: http.MethodGet, Path: "/sessions", Permission: SignedIn, Summary: "List my sessions, the last used first"},
		func(ctx context.Context, who Caller, _ *struct{}) (Page[Session], error) {
			return sessionsOf(ctx, r, who)
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/sessions/{id}", Permission: SignedIn, Summary: "End one of my sessions"},
		func(ctx context.Context, who Caller, in *ByID) error {
			if err := agentOnly(who); err != nil {
				return err
			}
			return r.Agents.EndSession(ctx, who.Actor, who.Agent.ID, in.ID)
		})
	Register(r, Op{Method: http.MethodDelete, Path: "/sessions", Permission: SignedIn, Summary: "Sign out everywhere", Status: http.StatusNoContent},
		func(ctx context.Context, who Caller, _ *struct{}) (*signedOutOutput, error) {
			if err := agentOnly(who); err != nil {
				return nil, err
			}
			return &signedOutOutput{SetCookie: sessionCookie("", r.Secure)}, r.Agents.EndSessions(ctx, who.Actor, who.Agent.ID)
		})
}

func sessionsOf(ctx context.Context, r *Routes, who Caller) (Page[Session], error) {
	page := Page[Session]{Items: []Session{}}
	if err := agentOnly(who); err != nil {
		return page, err
	}
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		list, err := r.Agents.Sessions(ctx, tx, who.Agent.ID)
		for _, s := range list {
			page.Items = append(page.Items, Session{
				ID: s.ID, Current: s.ID == who.SessionID, UserAgent: s.UserAgent, Address: s.Address,
				CreatedAt: s.CreatedAt, LastSeenAt: s.SeenAt,
			})
		}
		return err
	})
	return page, err
}

// signedIn is the answer to a successful sign-in.
func signedIn(r *Routes, a team.Agent, token string) *SignedInOutput {
	return &SignedInOutput{SetCookie: sessionCookie(token, r.Secure), Body: viewMe(r, a)}
}

// sessionCookie writes the cookie of a session; an empty token takes it away. Scripts cannot
// read it, other sites' forms do not send it.
func sessionCookie(token string, secure bool) string {
	c := http.Cookie{
		Name: CookieName, Value: token, Path: "/", HttpOnly: true, Secure: secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(team.SessionLife.Seconds()),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// agentOnly turns API keys away from what belongs to a person.
func agentOnly(who Caller) error {
	if who.Agent.ID == "" {
		return fault.New(fault.Denied, "error.session.agentOnly")
	}
	return nil
}

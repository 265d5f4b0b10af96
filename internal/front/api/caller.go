package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
)

// CookieName is the session cookie's name.
const CookieName = "kintsugi_session"

type callerKey struct{}

func callerOf(ctx context.Context) Caller {
	who, _ := ctx.Value(callerKey{}).(Caller)
	return who
}

// authenticate finds out who calls. It refuses nobody: an unknown or expired
// token makes an anonymous caller, whom each operation's permission turns away.
func (r *Routes) authenticate(hc huma.Context, next func(huma.Context)) {
	req, _ := humago.Unwrap(hc)
	who, err := r.Identify(req)
	if err != nil {
		p := r.problem(hc.Context(), who.Locale, err)
		r.write(hc, p)
		return
	}
	next(huma.WithValue(hc, callerKey{}, who))
}

// Identify tells who makes a request, by bearer token or session cookie. An
// error means that it could not be found out (the database is away), never that
// the caller is unknown.
func (r *Routes) Identify(req *http.Request) (Caller, error) {
	ctx := req.Context()
	who := Caller{
		Locale:    phrase.Pick(req.Header.Get("Accept-Language")),
		Address:   r.ClientAddress(req),
		UserAgent: strings.ToValidUTF8(req.UserAgent(), ""),
	}
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
		key, err := r.Agents.Key(ctx, token)
		if err != nil {
			return who, unlessUnknown(err)
		}
		who.Actor, who.Role = actor.ForKey(string(key.ID)), key.Role
		return who, nil
	}
	c, err := req.Cookie(CookieName)
	if err != nil || c.Value == "" {
		return who, nil // no cookie: anonymous
	}
	agent, session, err := r.Agents.Session(ctx, c.Value)
	if err != nil {
		return who, unlessUnknown(err)
	}
	who.Actor, who.Agent, who.Role = actor.ForAgent(string(agent.ID)), agent, agent.Role
	who.SessionID, who.Token = string(session.ID), c.Value
	who.Locale = phrase.Pick(agent.Locale, req.Header.Get("Accept-Language"))
	return who, nil
}

func unlessUnknown(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.Unauthenticated || f.Kind == fault.NotFound || f.Kind == fault.Denied) {
		return nil
	}
	return err
}

func (r *Routes) write(hc huma.Context, p *Problem) {
	for k, vs := range p.GetHeaders() {
		for _, v := range vs {
			hc.SetHeader(k, v)
		}
	}
	hc.SetHeader("Content-Type", p.ContentType(""))
	hc.SetStatus(p.Status)
	if err := r.api.Marshal(hc.BodyWriter(), "application/json", p); err != nil {
		r.Log.WarnContext(hc.Context(), "writing a problem", "error", err)
	}
}

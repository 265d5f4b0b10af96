package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// Key lets a program act with a role.
type Key struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Role       string     `json:"role" enum:"administrator,manager,agent"`
	CreatedAt  time.Time  `json:"createdAt"`
	LastUsedAt *time.Time `json:"lastUsedAt" doc:"To the minute; null if never."`
}

// NewKey is a key with its token, which is shown this once.
type NewKey struct {
	Key
	Token string `json:"token"`
}

type newKeyInput struct {
	Body struct {
		Name string `json:"name"`
		Role string `json:"role" enum:"administrator,manager,agent"`
	}
}

func addKeys(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/keys", Permission: team.KeyWrite, Summary: "List the API keys that work"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Key], error) {
			return allOf(ctx, r, r.Agents.Keys, viewKey)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/keys", Permission: team.KeyWrite, Summary: "Make an API key; its token is shown once", Status: http.StatusCreated, Secret: true},
		func(ctx context.Context, who Caller, in *newKeyInput) (NewKey, error) {
			k, token, err := r.Agents.CreateKey(ctx, who.Actor, team.NewKey{Name: in.Body.Name, Role: team.Role(in.Body.Role)})
			return NewKey{Key: viewKey(k), Token: token}, err
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/keys/{id}", Permission: team.KeyWrite, Summary: "Revoke an API key"},
		func(ctx context.Context, who Caller, in *ByID) error {
			return r.Agents.RevokeKey(ctx, who.Actor, in.ID)
		})
}

func viewKey(k team.APIKey) Key {
	return Key{ID: k.ID, Name: k.Name, Role: string(k.Role), CreatedAt: k.CreatedAt, LastUsedAt: moment(k.UsedAt)}
}

package api

import (
	"context"
	"hash/fnv"
	"net/http"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Agent is somebody who serves.
type Agent struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Role      string    `json:"role" enum:"administrator,manager,agent"`
	Locale    string    `json:"locale" enum:"ja,en,"`
	TimeZone  string    `json:"timeZone"`
	Active    bool      `json:"active"`
	Teams     []string  `json:"teams" nullable:"false"`
	AvatarHue int       `json:"avatarHue" minimum:"0" maximum:"359"`
	CreatedAt time.Time `json:"createdAt"`
	Released  *Released `json:"released,omitempty" doc:"Only in the answer to taking an agent out of service: what needs somebody else now."`
}

// Released counts what an agent leaves behind. Conversations go back to the
// team, cases with their promises to a manager, steps wait to be taken again,
// and whoever may decide about a remedy is told.
type Released struct {
	Conversations int `json:"conversations"`
	Cases         int `json:"cases"`
	Steps         int `json:"steps"`
	Promises      int `json:"promises"`
	Approvals     int `json:"approvals"`
}

type newAgentInput struct {
	Body struct {
		Name     string   `json:"name"`
		Email    string   `json:"email"`
		Role     string   `json:"role" enum:"administrator,manager,agent"`
		Password string   `json:"password,omitempty" doc:"Without one the agent cannot sign in until it is set."`
		Locale   string   `json:"locale,omitempty" enum:"ja,en,"`
		Teams    []string `json:"teams,omitempty" maxItems:"200"`
	}
}

type agentPatchInput struct {
	ByID
	Body struct {
		Name   *string   `json:"name,omitempty"`
		Role   *string   `json:"role,omitempty" enum:"administrator,manager,agent"`
		Active *bool     `json:"active,omitempty" doc:"false ends all sessions of the agent."`
		Teams  *[]string `json:"teams,omitempty" maxItems:"200"`
	}
}

type passwordInput struct {
	ByID
	Body struct {
		Password string `json:"password" maxLength:"4096"`
	}
}

func addAgents(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/agents", Permission: team.SettingsRead, Summary: "List all agents"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Agent], error) {
			return allOf(ctx, r, r.Agents.List, viewAgent)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/agents", Permission: team.AgentWrite, Summary: "Add an agent", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newAgentInput) (Agent, error) {
			b := in.Body
			a, err := r.Agents.Create(ctx, who.Actor, team.NewAgent{
				Name: b.Name, Email: b.Email, Role: team.Role(b.Role), Password: b.Password, Locale: b.Locale, TeamIDs: b.Teams,
			})
			return viewAgent(a), err
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/agents/{id}", Permission: team.AgentWrite, Summary: "Change an agent"},
		func(ctx context.Context, who Caller, in *agentPatchInput) (Agent, error) {
			ch := team.Change{Name: in.Body.Name, Active: in.Body.Active, TeamIDs: in.Body.Teams}
			if in.Body.Role != nil {
				role := team.Role(*in.Body.Role)
				ch.Role = &role
			}
			leaves, err := r.leaves(ctx, in)
			if err != nil {
				return Agent{}, err
			}
			a, err := r.Agents.Change(ctx, who.Actor, in.ID, ch)
			v := viewAgent(a)
			v.Released = leaves
			return v, err
		})
	HandleEmpty(r, Op{Method: http.MethodPost, Path: "/agents/{id}/password", Permission: team.AgentWrite, Summary: "Set an agent's password and end their sessions"},
		func(ctx context.Context, who Caller, in *passwordInput) error {
			return r.Agents.SetPassword(ctx, who.Actor, in.ID, in.Body.Password)
		})
}

// leaves counts what is about to be released, if the change takes an agent out
// of service; nil if it does not.
func (r *Routes) leaves(ctx context.Context, in *agentPatchInput) (out *Released, err error) {
	if in.Body.Active == nil || *in.Body.Active {
		return nil, nil
	}
	err = r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		a, err := r.Agents.ByID(ctx, tx, in.ID)
		if err != nil || !a.Active {
			return err
		}
		n, err := r.Threads.Held(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		h, err := r.Cases.Cases.HeldBy(ctx, tx, a)
		out = &Released{Conversations: n, Cases: h.Cases, Steps: h.Steps, Promises: h.Promises, Approvals: h.Approvals}
		return err
	})
	return out, err
}

func viewAgent(a team.Agent) Agent {
	return Agent{
		ID: a.ID, Name: a.Name, Email: a.Email, Role: string(a.Role), Locale: a.Locale, TimeZone: a.Zone, Active: a.Active,
		Teams: append([]string{}, a.TeamIDs...), AvatarHue: hue(a.ID), CreatedAt: a.CreatedAt,
	}
}

// hue gives everybody a colour of their own that stays.
func hue(id string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails to write
	return int(h.Sum32() % 360)
}

// allOf reads a short list whole and shows each item.
func allOf[T, V any](ctx context.Context, r *Routes, list func(context.Context, *sqldb.Tx) ([]T, error), view func(T) V) (Page[V], error) {
	page := Page[V]{Items: []V{}}
	err := r.DB.Read(ctx, func(tx *sqldb.Tx) error {
		items, err := list(ctx, tx)
		for _, item := range items {
			page.Items = append(page.Items, view(item))
		}
		return err
	})
	return page, err
}

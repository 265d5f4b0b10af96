package api

import (
	"context"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
)

// Team is a group of agents to whom work can be given.
type Team struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	AgentIDs []string `json:"agentIds" nullable:"false"`
}

type newTeamInput struct {
	Body struct {
		Name     string   `json:"name"`
		AgentIDs []string `json:"agentIds,omitempty" maxItems:"2000"`
	}
}

type teamPatchInput struct {
	ByID
	Body struct {
		Name     *string   `json:"name,omitempty"`
		AgentIDs *[]string `json:"agentIds,omitempty" maxItems:"2000"`
	}
}

func addTeams(r *Routes) {
	Handle(r, Op{Method: http.MethodGet, Path: "/teams", Permission: team.SettingsRead, Summary: "List all teams"},
		func(ctx context.Context, _ Caller, _ *struct{}) (Page[Team], error) {
			return allOf(ctx, r, r.Teams.List, viewTeam)
		})
	Handle(r, Op{Method: http.MethodPost, Path: "/teams", Permission: team.AgentWrite, Summary: "Make a team", Status: http.StatusCreated},
		func(ctx context.Context, who Caller, in *newTeamInput) (Team, error) {
			t, err := r.Teams.Create(ctx, who.Actor, in.Body.Name, in.Body.AgentIDs)
			return viewTeam(t), err
		})
	Handle(r, Op{Method: http.MethodPatch, Path: "/teams/{id}", Permission: team.AgentWrite, Summary: "Change a team"},
		func(ctx context.Context, who Caller, in *teamPatchInput) (Team, error) {
			t, err := r.Teams.Change(ctx, who.Actor, in.ID, team.TeamChange{Name: in.Body.Name, AgentIDs: in.Body.AgentIDs})
			return viewTeam(t), err
		})
	HandleEmpty(r, Op{Method: http.MethodDelete, Path: "/teams/{id}", Permission: team.AgentWrite, Summary: "Remove a team"},
		func(ctx context.Context, who Caller, in *ByID) error { return r.Teams.Delete(ctx, who.Actor, in.ID) })
}

func viewTeam(t team.Team) Team {
	return Team{ID: t.ID, Name: t.Name, AgentIDs: append([]string{}, t.AgentIDs...)}
}

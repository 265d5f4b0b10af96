package team

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Team is a group of agents to whom work can be given.
type Team struct {
	ID        string
	Name      string
	AgentIDs  []string
	CreatedAt time.Time
}

// Teams is the handle on teams.
type Teams struct {
	db      *sqldb.DB
	ids     *id.Source
	journal *event.Journal
}

// NewTeams returns the teams of a database.
func NewTeams(db *sqldb.DB, ids *id.Source, journal *event.Journal) *Teams {
	return &Teams{db: db, ids: ids, journal: journal}
}

// TeamChange is what may change of a team; nil leaves a field.
type TeamChange struct {
	Name     *string
	AgentIDs *[]string
}

// List returns all teams in the order they were made.
func (t *Teams) List(ctx context.Context, tx *sqldb.Tx) ([]Team, error) {
	return readTeams(ctx, tx, teamsSQL)
}

// ByID returns a team; fault.NotFound if there is none.
func (t *Teams) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Team, error) {
	found, err := readTeams(ctx, tx, teamByIDSQL, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.team.notFound")
	}
	if err != nil {
		return Team{}, err
	}
	return found[0], nil
}

const (
	teamSQL     = `SELECT t.id, t.name, t.created_at, m.agent_id FROM team t LEFT JOIN team_member m ON m.team_id = t.id `
	teamsSQL    = teamSQL + `ORDER BY t.id, m.agent_id`
	teamByIDSQL = teamSQL + `WHERE t.id = $1 ORDER BY m.agent_id`
)

// readTeams runs one of the queries above: a row a member.
func readTeams(ctx context.Context, tx *sqldb.Tx, query string, args ...any) ([]Team, error) {
	out := []Team{}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var t Team
		var agent string
		if err := r.Scan(&t.ID, &t.Name, sqldb.At(&t.CreatedAt), sqldb.Str(&agent)); err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].ID != t.ID {
			t.AgentIDs = []string{}
			out = append(out, t)
		}
		if agent != "" {
			last := &out[len(out)-1]
			last.AgentIDs = append(last.AgentIDs, agent)
		}
		return nil
	}, query, args...)
	return out, err
}

// Create makes a team of agents.
func (t *Teams) Create(ctx context.Context, by actor.Actor, name string, agentIDs []string) (made Team, err error) {
	err = t.db.Write(ctx, func(tx *sqldb.Tx) error {
		made = Team{ID: t.ids.New("team"), CreatedAt: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO team (id, name, created_at) VALUES ($1, '', $2)`, made.ID, tx.Now.UnixMilli()); err != nil {
			return err
		}
		return t.applyTx(ctx, tx, by, &made, TeamChange{Name: &name, AgentIDs: &agentIDs})
	})
	return made, err
}

// Change renames a team or changes who stands in it.
func (t *Teams) Change(ctx context.Context, by actor.Actor, id string, ch TeamChange) (team Team, err error) {
	err = t.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "team", id); err != nil {
			return err
		}
		if team, err = t.ByID(ctx, tx, id); err != nil {
			return err
		}
		return t.applyTx(ctx, tx, by, &team, ch)
	})
	return team, err
}

func (t *Teams) applyTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, team *Team, ch TeamChange) error {
	var fields []string
	if ch.Name != nil {
		var c fault.Check
		name := strings.TrimSpace(*ch.Name)
		checkName(&c, "body.name", name, maxName)
		if err := c.Err(); err != nil {
			return err
		}
		if fields = set(fields, "name", &team.Name, name); len(fields) > 0 {
			if _, err := tx.Exec(ctx, `UPDATE team SET name = $2 WHERE id = $1`, team.ID, name); err != nil {
				return err
			}
		}
	}
	if ch.AgentIDs != nil && !slices.Equal(unique(*ch.AgentIDs), team.AgentIDs) {
		team.AgentIDs = unique(*ch.AgentIDs)
		fields = append(fields, "agents")
		if err := setMembers(ctx, tx, *team); err != nil {
			return err
		}
	}
	if len(fields) > 0 {
		t.journal.Emit(tx, TeamUpdatedFact, team.ID, by, GroupData{Name: team.Name, AgentIDs: team.AgentIDs})
	}
	return nil
}

func setMembers(ctx context.Context, tx *sqldb.Tx, team Team) error {
	if _, err := tx.Exec(ctx, `DELETE FROM team_member WHERE team_id = $1`, team.ID); err != nil {
		return err
	}
	for _, agent := range team.AgentIDs {
		n, err := tx.Exec(ctx, `INSERT INTO team_member (team_id, agent_id) SELECT $1, id FROM agent WHERE id = $2`, team.ID, agent)
		if err != nil {
			return err
		}
		if n == 0 {
			return invalid("body.agentIds", "error.agent.notFound")
		}
	}
	return nil
}

// Delete removes a team. Conversations that were given to it are given to no team.
func (t *Teams) Delete(ctx context.Context, by actor.Actor, id string) error {
	return t.db.Write(ctx, func(tx *sqldb.Tx) error {
		team, err := t.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		t.journal.Emit(tx, TeamDeletedFact, id, by, GroupData{Name: team.Name, AgentIDs: team.AgentIDs})
		_, err = tx.Exec(ctx, `DELETE FROM team WHERE id = $1`, id)
		return err
	})
}

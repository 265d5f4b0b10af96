package team

import (
	"context"
	"database/sql"
	"slices"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

const (
	agentSQL        = `SELECT id, email, name, role, active, locale, zone, preferences, created_at, version FROM agent `
	agentByIDSQL    = agentSQL + `WHERE id = $1`
	agentByEmailSQL = agentSQL + `WHERE email_key = $1`
	agentsSQL       = agentSQL + `ORDER BY id`
	activeSQL       = agentSQL + `WHERE active ORDER BY id`
)

func agentFields(a *Agent) []any {
	return []any{&a.ID, &a.Email, &a.Name, &a.Role, &a.Active, &a.Locale, &a.Zone,
		sqldb.JSON{V: &a.Preferences}, sqldb.At(&a.CreatedAt), &a.Version}
}

func scanAgent(r *sql.Rows) (a Agent, err error) {
	err = r.Scan(agentFields(&a)...)
	a.Preferences = a.Preferences.withDefaults()
	return a, err
}

// manyAgents runs one of the queries above and adds the teams.
func manyAgents(ctx context.Context, tx *sqldb.Tx, query string, args ...any) ([]Agent, error) {
	agents, err := sqldb.List(ctx, tx, scanAgent, query, args...)
	if err != nil {
		return nil, err
	}
	teams := map[string][]string{}
	members, of := `SELECT agent_id, team_id FROM team_member ORDER BY agent_id, team_id`, []any{}
	if len(agents) == 1 {
		members, of = `SELECT agent_id, team_id FROM team_member WHERE agent_id = $1 ORDER BY agent_id, team_id`, []any{agents[0].ID}
	}
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var agent, team string
		err := r.Scan(&agent, &team)
		teams[agent] = append(teams[agent], team)
		return err
	}, members, of...)
	for i := range agents {
		agents[i].TeamIDs = teams[agents[i].ID]
	}
	return agents, err
}

func oneAgent(ctx context.Context, tx *sqldb.Tx, query string, args ...any) (Agent, error) {
	agents, err := manyAgents(ctx, tx, query, args...)
	if err != nil {
		return Agent{}, err
	}
	if len(agents) == 0 {
		return Agent{}, fault.New(fault.NotFound, "error.agent.notFound")
	}
	return agents[0], nil
}

// lockAgent reads an agent for a change.
func lockAgent(ctx context.Context, tx *sqldb.Tx, id string) (Agent, error) {
	if err := tx.Lock(ctx, "agent", id); err != nil {
		return Agent{}, err
	}
	return oneAgent(ctx, tx, agentByIDSQL, id)
}

// credentials reads an agent with the password hash.
func credentials(ctx context.Context, db *sqldb.DB, query string, arg any) (a Agent, hash string, err error) {
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		if a, err = oneAgent(ctx, tx, query, arg); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT password_hash FROM agent WHERE id = $1`, a.ID).Scan(&hash)
	})
	return a, hash, err
}

func withRoles(agents []Agent, roles []Role) []Agent {
	return slices.DeleteFunc(agents, func(a Agent) bool { return !slices.Contains(roles, a.Role) })
}

const insertAgentSQL = `INSERT INTO agent (id, email, email_key, name, role, password_hash, active, locale, zone, preferences, created_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (email_key) DO NOTHING`

// insertAgent reports false when the mail address is another agent's.
func insertAgent(ctx context.Context, tx *sqldb.Tx, a Agent, hash string) (bool, error) {
	n, err := tx.Exec(ctx, insertAgentSQL, a.ID, a.Email, emailKey(a.Email), a.Name, string(a.Role), hash, a.Active,
		a.Locale, a.Zone, sqldb.JSON{V: a.Preferences}, a.CreatedAt.UnixMilli(), a.Version)
	return n == 1, err
}

const updateAgentSQL = `UPDATE agent SET name = $2, role = $3, active = $4, locale = $5, zone = $6, preferences = $7, version = $8 WHERE id = $1`

func updateAgent(ctx context.Context, tx *sqldb.Tx, a Agent) error {
	_, err := tx.Exec(ctx, updateAgentSQL, a.ID, a.Name, string(a.Role), a.Active, a.Locale, a.Zone, sqldb.JSON{V: a.Preferences}, a.Version)
	return err
}

// setTeams makes teams the ones an agent stands in. Only existing teams may be named.
func setTeams(ctx context.Context, tx *sqldb.Tx, agentID string, teams []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM team_member WHERE agent_id = $1`, agentID); err != nil {
		return err
	}
	for _, team := range teams {
		n, err := tx.Exec(ctx, `INSERT INTO team_member (team_id, agent_id) SELECT id, $2 FROM team WHERE id = $1`, team, agentID)
		if err != nil {
			return err
		}
		if n == 0 {
			return invalid("body.teams", "error.team.notFound")
		}
	}
	return nil
}

// emailKey is what a mail address is found by.
func emailKey(email string) string { return text.Fold(email) }

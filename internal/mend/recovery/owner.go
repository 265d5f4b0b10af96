package recovery

import (
	"context"
	"database/sql"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// needsManager is the rule of ownership: severe cases and double deviations
// belong to a manager, all others to the agent who is responsible.
func needsManager(c Case) bool { return c.Severity <= 2 || c.DoubleDeviation }

// owner returns who is to own a case: the responsible agent where the rule lets
// them and they are in service; else the manager, else the administrator, with
// the fewest open cases. "" if there is nobody at all.
func (k *core) owner(ctx context.Context, tx *sqldb.Tx, manager bool, responsible string) (string, error) {
	all, err := k.Agents.Active(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, a := range all {
		if a.ID == responsible && (!manager || a.Role != team.Worker) {
			return a.ID, nil
		}
	}
	load, err := openCases(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, role := range []team.Role{team.Manager, team.Administrator, team.Worker} {
		best := ""
		for _, a := range all {
			if a.Role == role && (best == "" || load[a.ID] < load[best]) {
				best = a.ID
			}
		}
		if best != "" {
			return best, nil
		}
	}
	return "", nil
}

// The second condition says again what the first implies, for the partial index.
const loadSQL = `SELECT owner_id, COUNT(*) FROM recovery_case
WHERE state NOT IN ('surveyed', 'closed') AND state <> 'closed' AND owner_id IS NOT NULL GROUP BY owner_id`

// openCases counts the cases each agent still has to work on.
func openCases(ctx context.Context, tx *sqldb.Tx) (map[string]int, error) {
	out := map[string]int{}
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var agent string
		var n int
		if err := r.Scan(&agent, &n); err != nil {
			return err
		}
		out[agent] = n
		return nil
	}, loadSQL)
	return out, err
}

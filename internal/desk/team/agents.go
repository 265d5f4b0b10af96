package team

import (
	"context"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// Agents is the handle on agents, their sessions and the API keys. It is safe
// for concurrent use.
type Agents struct {
	db      *sqldb.DB
	ids     *id.Source
	journal *event.Journal
	hasher  *hasher
	tries   tries
}

// NewAgents returns the agents of a database.
func NewAgents(db *sqldb.DB, ids *id.Source, journal *event.Journal) *Agents {
	return &Agents{db: db, ids: ids, journal: journal, hasher: newHasher(), tries: tries{db, newLimiter(maxTracked)}}
}

// ByID returns an agent, active or not; fault.NotFound if there is none.
func (s *Agents) ByID(ctx context.Context, tx *sqldb.Tx, id string) (Agent, error) {
	return oneAgent(ctx, tx, agentByIDSQL, id)
}

// List returns all agents in the order they came.
func (s *Agents) List(ctx context.Context, tx *sqldb.Tx) ([]Agent, error) {
	return manyAgents(ctx, tx, agentsSQL)
}

// Active returns the active agents who have one of the roles, or all active
// agents if no role is named, in the order they came.
func (s *Agents) Active(ctx context.Context, tx *sqldb.Tx, roles ...Role) ([]Agent, error) {
	all, err := manyAgents(ctx, tx, activeSQL)
	if err != nil || len(roles) == 0 {
		return all, err
	}
	return withRoles(all, roles), nil
}

// Create adds an agent. Errors: fault.Invalid with fields; the mail address
// must not be another agent's.
func (s *Agents) Create(ctx context.Context, by actor.Actor, n NewAgent) (Agent, error) {
	if err := n.check(); err != nil {
		return Agent{}, err
	}
	hash, err := s.hasher.hashOrNone(ctx, n.Password)
	if err != nil {
		return Agent{}, err
	}
	var a Agent
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		a, err = s.createTx(ctx, tx, by, n, hash)
		return err
	})
	return a, err
}

func (s *Agents) createTx(ctx context.Context, tx *sqldb.Tx, by actor.Actor, n NewAgent, hash string) (Agent, error) {
	a := Agent{
		ID: s.ids.New("agt"), Name: n.Name, Email: n.Email, Role: n.Role, Active: true, Locale: n.Locale,
		Preferences: Preferences{}.withDefaults(), TeamIDs: unique(n.TeamIDs), CreatedAt: tx.Now, Version: 1,
	}
	added, err := insertAgent(ctx, tx, a, hash)
	if err != nil {
		return Agent{}, err
	}
	if !added {
		return Agent{}, invalid("body.email", "error.agent.email.taken")
	}
	if err := setTeams(ctx, tx, a.ID, a.TeamIDs); err != nil {
		return Agent{}, err
	}
	s.journal.Emit(tx, AgentCreatedFact, a.ID, by, AgentData{Role: a.Role, Active: true})
	return a, nil
}

// Change changes an agent. Taking an agent out of service ends all of the
// agent's sessions. The last active administrator can neither be taken out of
// service nor lose the role: fault.Conflict.
func (s *Agents) Change(ctx context.Context, by actor.Actor, id string, ch Change) (Agent, error) {
	var a Agent
	err := s.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		// One at a time, or two administrators could retire each other.
		if err := tx.Serialize(ctx, "team.administrators"); err != nil {
			return err
		}
		if a, err = lockAgent(ctx, tx, id); err != nil {
			return err
		}
		was := a
		fields, err := ch.apply(&a)
		if err != nil || len(fields) == 0 {
			return err
		}
		if reigns(was) && !reigns(a) {
			if err := keepOne(ctx, tx, a.ID); err != nil {
				return err
			}
		}
		if err := setTeams(ctx, tx, a.ID, a.TeamIDs); err != nil {
			return err
		}
		if was.Active && !a.Active {
			if err := s.endAll(ctx, tx, by, a.ID, ""); err != nil {
				return err
			}
		}
		return s.save(ctx, tx, by, &a, fields)
	})
	return a, err
}

// ChangeSelf changes what agents may change of themselves.
func (s *Agents) ChangeSelf(ctx context.Context, id string, p Profile) (Agent, error) {
	var a Agent
	err := s.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		if a, err = lockAgent(ctx, tx, id); err != nil {
			return err
		}
		fields, err := p.apply(&a)
		if err != nil || len(fields) == 0 {
			return err
		}
		return s.save(ctx, tx, actor.ForAgent(id), &a, fields)
	})
	return a, err
}

func (s *Agents) save(ctx context.Context, tx *sqldb.Tx, by actor.Actor, a *Agent, fields []string) error {
	a.Version++
	if err := updateAgent(ctx, tx, *a); err != nil {
		return err
	}
	s.journal.Emit(tx, AgentUpdatedFact, a.ID, by, AgentData{Role: a.Role, Active: a.Active, Fields: fields})
	return nil
}

// SetPassword gives an agent a new password, on behalf of an administrator, and
// ends all of the agent's sessions. Nobody does it to themselves: whoever finds
// a screen unlocked must not get hold of the account (fault.Denied).
func (s *Agents) SetPassword(ctx context.Context, by actor.Actor, id, password string) error {
	if by.AgentID() == id {
		return fault.New(fault.Denied, "error.password.own")
	}
	a, _, err := credentials(ctx, s.db, agentByIDSQL, id)
	if err != nil {
		return err
	}
	return s.replacePassword(ctx, by, a, password, "")
}

// NewPassword is an agent's own change of password.
type NewPassword struct {
	AgentID   string
	SessionID string // the session that stays
	Address   string // the client's, for the limit of tries
	Current   string
	New       string
}

// ChangePassword changes an agent's own password, which proves the current one,
// and ends the agent's other sessions.
func (s *Agents) ChangePassword(ctx context.Context, n NewPassword) error {
	a, stored, err := credentials(ctx, s.db, agentByIDSQL, n.AgentID)
	if err != nil {
		return err
	}
	if err := s.tries.take(ctx, n.Address, a.ID); err != nil {
		return err
	}
	ok, err := s.hasher.matches(ctx, stored, n.Current)
	if err != nil {
		return err
	}
	if !ok {
		return invalid("body.current", "error.password.wrong")
	}
	if err := s.db.Write(ctx, func(tx *sqldb.Tx) error { return s.tries.forgiveTx(ctx, tx, n.Address, a.ID) }); err != nil {
		return err
	}
	if n.New == n.Current {
		return invalid("body.new", "error.password.same")
	}
	return s.replacePassword(ctx, actor.ForAgent(a.ID), a, n.New, n.SessionID)
}

func (s *Agents) replacePassword(ctx context.Context, by actor.Actor, a Agent, password, keep string) error {
	own, path := by.AgentID() == a.ID, "body.password"
	if own {
		path = "body.new"
	}
	var c fault.Check
	checkPassword(&c, path, password, a.Email)
	if err := c.Err(); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE agent SET password_hash = $2, version = version + 1 WHERE id = $1`, a.ID, hash); err != nil {
			return err
		}
		s.journal.Emit(tx, PasswordFact, a.ID, by, PasswordData{Own: own})
		return s.endAll(ctx, tx, by, a.ID, keep)
	})
}

// reigns reports whether an agent counts as one of the administrators of whom one must remain.
func reigns(a Agent) bool { return a.Active && a.Role == Administrator }

func keepOne(ctx context.Context, tx *sqldb.Tx, id string) error {
	var others int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM agent WHERE active AND role = 'administrator' AND id <> $1`, id).Scan(&others)
	if err == nil && others == 0 {
		err = fault.New(fault.Conflict, "error.agent.last")
	}
	return err
}

func invalid(path, key string, args ...any) error {
	var c fault.Check
	c.Add(path, key, args...)
	return c.Err()
}

// isMissing reports whether err says that there is no such thing.
func isMissing(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.NotFound
}

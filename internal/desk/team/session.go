package team

import (
	"context"
	"database/sql"
	"time"
	"unicode/utf8"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// How long sessions live.
const (
	SessionLife  = 30 * 24 * time.Hour // since it was last used
	touchEvery   = 5 * time.Minute     // how exactly the last use is known
	maxSessions  = 50                  // an agent; the longest unused one ends first
	maxUserAgent = 300                 // bytes kept
)

// Session is one sign-in of one browser. Its ID may be shown; the token that
// proves it is known only to the browser.
type Session struct {
	ID        string
	AgentID   string
	UserAgent string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// SignIn is an attempt to sign in. Address is the client's, as the caller has
// learned it from proxies it trusts. Previous is the token of the session that
// the browser still holds, if any: it ends, so that a sign-in always rotates.
type SignIn struct {
	Email     string
	Password  string
	UserAgent string
	Address   string
	Previous  string
}

// SignIn starts a session and returns its token. Errors: fault.Unauthenticated,
// the same for an unknown address, a wrong password and an agent out of
// service; fault.TooMany with the time to wait.
func (s *Agents) SignIn(ctx context.Context, in SignIn) (Agent, string, error) {
	key := emailKey(in.Email)
	if err := s.tries.take(ctx, in.Address, key); err != nil {
		return Agent{}, "", err
	}
	a, stored, err := credentials(ctx, s.db, agentByEmailSQL, key)
	if err != nil && !isMissing(err) {
		return Agent{}, "", err
	}
	ok, err := s.hasher.matches(ctx, stored, in.Password)
	if err != nil {
		return Agent{}, "", err
	}
	if !ok || !a.Active {
		return Agent{}, "", refused()
	}
	fresh, err := s.hasher.renew(ctx, stored, in.Password)
	if err != nil {
		return Agent{}, "", err
	}
	token, err := s.start(ctx, &a, stored, fresh, in)
	return a, token, err
}

func refused() error { return fault.New(fault.Unauthenticated, "error.session.refused") }

// start writes the session if the agent is still the one whose password was verified.
func (s *Agents) start(ctx context.Context, a *Agent, stored, fresh string, in SignIn) (token string, err error) {
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if *a, err = lockAgent(ctx, tx, a.ID); err != nil {
			return err
		}
		var now string
		if err := tx.QueryRow(ctx, `SELECT password_hash FROM agent WHERE id = $1`, a.ID).Scan(&now); err != nil {
			return err
		}
		if !a.Active || now != stored {
			return refused()
		}
		if fresh != "" {
			if _, err := tx.Exec(ctx, `UPDATE agent SET password_hash = $2 WHERE id = $1`, a.ID, fresh); err != nil {
				return err
			}
		}
		if token, err = s.startTx(ctx, tx, a.ID, in); err != nil {
			return err
		}
		return s.tries.forgiveTx(ctx, tx, in.Address, emailKey(in.Email))
	})
	return token, err
}

const insertSessionSQL = `INSERT INTO session (id, token_hash, agent_id, created_at, seen_at, expires_at, user_agent, address)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)`

// startTx writes a new session and clears away what is over.
func (s *Agents) startTx(ctx context.Context, tx *sqldb.Tx, agentID string, in SignIn) (string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM session WHERE expires_at <= $1 OR token_hash = $2`, tx.Now.UnixMilli(), seal.Hash(in.Previous)); err != nil {
		return "", err
	}
	token, hash := seal.Token("kse_")
	data := SessionData{SessionID: s.ids.New("ses"), Address: in.Address, UserAgent: clip(in.UserAgent, maxUserAgent)}
	if _, err := tx.Exec(ctx, insertSessionSQL, data.SessionID, hash, agentID, tx.Now.UnixMilli(),
		tx.Now.Add(SessionLife).UnixMilli(), data.UserAgent, data.Address); err != nil {
		return "", err
	}
	_, err := tx.Exec(ctx, `DELETE FROM session WHERE agent_id = $1 AND id NOT IN
(SELECT id FROM session WHERE agent_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2)`, agentID, maxSessions)
	s.journal.Emit(tx, SessionStartedFact, agentID, actor.ForAgent(agentID), data)
	return token, err
}

const sessionSQL = `SELECT id, agent_id, user_agent, address, created_at, seen_at, expires_at FROM session `

func sessionFields(x *Session) []any {
	return []any{&x.ID, &x.AgentID, &x.UserAgent, &x.Address, sqldb.At(&x.CreatedAt), sqldb.At(&x.SeenAt), sqldb.At(&x.ExpiresAt)}
}

func scanSession(r *sql.Rows) (x Session, err error) {
	err = r.Scan(sessionFields(&x)...)
	return x, err
}

// callerSQL reads a session and its agent in one, a row a team: every request
// begins with it.
const callerSQL = `SELECT s.id, s.agent_id, s.user_agent, s.address, s.created_at, s.seen_at, s.expires_at,
a.id, a.email, a.name, a.role, a.active, a.locale, a.zone, a.preferences, a.created_at, a.version, m.team_id
FROM session s JOIN agent a ON a.id = s.agent_id LEFT JOIN team_member m ON m.agent_id = a.id
WHERE s.token_hash = $1 AND s.expires_at > $2 ORDER BY m.team_id`

func scanCaller(r *sql.Rows, more ...any) (x Session, a Agent, err error) {
	err = r.Scan(append(append(sessionFields(&x), agentFields(&a)...), more...)...)
	a.Preferences = a.Preferences.withDefaults()
	return x, a, err
}

// Session returns whose session a token proves, and prolongs it. Errors:
// fault.Unauthenticated if it is unknown, over, or its agent out of service.
func (s *Agents) Session(ctx context.Context, token string) (a Agent, x Session, err error) {
	hash, now := seal.Hash(token), s.db.Clock().Now()
	var teams []string
	err = s.db.Look(ctx, func(tx *sqldb.Tx) error {
		return tx.Each(ctx, func(r *sql.Rows) error {
			var team string
			if x, a, err = scanCaller(r, sqldb.Str(&team)); err == nil && team != "" {
				teams = append(teams, team)
			}
			return err
		}, callerSQL, hash, now.UnixMilli())
	})
	if err == nil && !a.Active { // or there is no such session
		err = fault.New(fault.Unauthenticated, "error.signIn")
	}
	if err != nil {
		return Agent{}, Session{}, err
	}
	a.TeamIDs = teams
	if now.Sub(x.SeenAt) >= touchEvery {
		x.SeenAt, x.ExpiresAt = now, now.Add(SessionLife)
		// A database that can be read but not written (a full disk) must not
		// lock everybody out: the next request tries again.
		_ = s.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1`, x.ID, x.SeenAt.UnixMilli(), x.ExpiresAt.UnixMilli())
			return err
		})
	}
	return a, x, nil
}

// Sessions lists an agent's sessions, the last used first.
func (s *Agents) Sessions(ctx context.Context, tx *sqldb.Tx, agentID string) ([]Session, error) {
	return sqldb.List(ctx, tx, scanSession, sessionSQL+`WHERE agent_id = $1 AND expires_at > $2 ORDER BY seen_at DESC, id DESC`,
		agentID, tx.Now.UnixMilli())
}

// EndSession ends one session of an agent: signing out, here or on a device
// left behind. fault.NotFound if the agent has no such session.
func (s *Agents) EndSession(ctx context.Context, by actor.Actor, agentID, sessionID string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM session WHERE id = $1 AND agent_id = $2`, sessionID, agentID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "error.session.notFound")
		}
		s.journal.Emit(tx, SessionEndedFact, agentID, by, SessionData{SessionID: sessionID})
		return nil
	})
}

// EndSessions ends all sessions of an agent.
func (s *Agents) EndSessions(ctx context.Context, by actor.Actor, agentID string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error { return s.endAll(ctx, tx, by, agentID, "") })
}

// endAll ends an agent's sessions except one, which may be "".
func (s *Agents) endAll(ctx context.Context, tx *sqldb.Tx, by actor.Actor, agentID, keep string) error {
	n, err := tx.Exec(ctx, `DELETE FROM session WHERE agent_id = $1 AND id <> $2`, agentID, keep)
	if err == nil && n > 0 {
		s.journal.Emit(tx, SessionEndedFact, agentID, by, SessionData{})
	}
	return err
}

// clip cuts text to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

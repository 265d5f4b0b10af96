package team

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	setupSetting = "setup.tokens"
	// Every start of the server prints a new link; the last few stay good, for
	// several nodes, and for the link somebody copied before a restart.
	maxSetupTokens = 5
)

// Setup is the first run: the one time when somebody becomes an administrator
// without being made one by another.
type Setup struct{ agents *Agents }

// NewSetup returns the first run of a database.
func NewSetup(agents *Agents) *Setup { return &Setup{agents: agents} }

// Needed reports whether there is no administrator yet.
func (s *Setup) Needed(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM agent WHERE role = 'administrator'`).Scan(&n)
	return n == 0, err
}

// Token makes a one-time token for the first administrator and returns it for
// the link that the server prints; "" when there is an administrator already.
func (s *Setup) Token(ctx context.Context) (token string, err error) {
	err = s.agents.db.Write(ctx, func(tx *sqldb.Tx) error {
		token = ""
		if err := tx.Serialize(ctx, "setup"); err != nil {
			return err
		}
		needed, err := s.Needed(ctx, tx)
		if err != nil || !needed {
			return err
		}
		hashes, err := setupHashes(ctx, tx)
		if err != nil {
			return err
		}
		var hash string
		token, hash = seal.Token("setup_")
		hashes = append(hashes, hash)
		hashes = hashes[max(0, len(hashes)-maxSetupTokens):]
		_, err = tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			setupSetting, sqldb.JSON{V: hashes})
		return err
	})
	return token, err
}

func setupHashes(ctx context.Context, tx *sqldb.Tx) ([]string, error) {
	var hashes []string
	err := tx.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, setupSetting).Scan(sqldb.JSON{V: &hashes})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return hashes, err
}

// FirstAdministrator is what the first run asks for. Address and UserAgent are
// the browser's, for the session that it starts.
type FirstAdministrator struct {
	Token     string
	Name      string
	Email     string
	Password  string
	Locale    string
	UserAgent string
	Address   string
}

// Administrator adds the first administrator and signs them in. Errors:
// fault.Conflict when there is one already; fault.Denied when the token is
// not, or no longer, the printed one; fault.Invalid with fields.
func (s *Setup) Administrator(ctx context.Context, f FirstAdministrator) (a Agent, token string, err error) {
	n := NewAgent{Name: f.Name, Email: f.Email, Password: f.Password, Role: Administrator, Locale: f.Locale}
	if err := s.admit(ctx, f.Token); err != nil { // before the costly hash
		return Agent{}, "", err
	}
	if n.Password == "" {
		return Agent{}, "", invalid("body.password", "error.field.required")
	}
	if err := n.check(); err != nil {
		return Agent{}, "", err
	}
	hash, err := s.agents.hasher.hash(ctx, n.Password)
	if err != nil {
		return Agent{}, "", err
	}
	err = s.agents.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Serialize(ctx, "setup"); err != nil {
			return err
		}
		if err := s.admitTx(ctx, tx, f.Token); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM setting WHERE name = $1`, setupSetting); err != nil {
			return err
		}
		if a, err = s.agents.createTx(ctx, tx, actor.OfSystem("setup"), n, hash); err != nil {
			return err
		}
		token, err = s.agents.startTx(ctx, tx, a.ID, SignIn{UserAgent: f.UserAgent, Address: f.Address})
		return err
	})
	return a, token, err
}

func (s *Setup) admit(ctx context.Context, token string) error {
	return s.agents.db.Read(ctx, func(tx *sqldb.Tx) error { return s.admitTx(ctx, tx, token) })
}

func (s *Setup) admitTx(ctx context.Context, tx *sqldb.Tx, token string) error {
	needed, err := s.Needed(ctx, tx)
	if err != nil {
		return err
	}
	if !needed {
		return fault.New(fault.Conflict, "error.setup.done")
	}
	hashes, err := setupHashes(ctx, tx)
	if err != nil {
		return err
	}
	given, found := seal.Hash(token), 0
	for _, h := range hashes {
		found |= subtle.ConstantTimeCompare([]byte(h), []byte(given))
	}
	if found == 0 {
		return &fault.Error{Kind: fault.Denied, Key: "error.setup.token", Fields: []fault.Field{{Path: "body.token", Key: "error.setup.token"}}}
	}
	return nil
}

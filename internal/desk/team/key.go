package team

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/actor"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// usedEvery is how exactly the last use of a key is known: writing it at each
// request would make every read a write.
const usedEvery = time.Minute

// APIKey lets a program act with a role. Its token is shown once, when it is made.
type APIKey struct {
	ID        string
	Name      string
	Role      Role
	CreatedBy string
	CreatedAt time.Time
	UsedAt    time.Time // zero: never
	RevokedAt time.Time // zero: it works
}

// NewKey is what is needed to make an API key.
type NewKey struct {
	Name string
	Role Role
}

// CreateKey makes an API key and returns its token, which cannot be had again.
func (s *Agents) CreateKey(ctx context.Context, by actor.Actor, n NewKey) (k APIKey, token string, err error) {
	var c fault.Check
	n.Name = strings.TrimSpace(n.Name)
	checkName(&c, "body.name", n.Name, maxName)
	c.That(n.Role.Valid(), "body.role", "error.agent.role")
	if err := c.Err(); err != nil {
		return APIKey{}, "", err
	}
	token, hash := seal.Token("kak_")
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		k = APIKey{ID: s.ids.New("key"), Name: n.Name, Role: n.Role, CreatedBy: by.ID, CreatedAt: tx.Now}
		s.journal.Emit(tx, KeyCreatedFact, k.ID, by, KeyData{Name: k.Name, Role: k.Role})
		_, err := tx.Exec(ctx, `INSERT INTO api_key (id, name, role, token_hash, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			k.ID, k.Name, string(k.Role), hash, k.CreatedBy, k.CreatedAt.UnixMilli())
		return err
	})
	return k, token, err
}

const keySQL = `SELECT id, name, role, created_by, created_at, used_at, revoked_at FROM api_key `

func scanKey(r *sql.Rows) (k APIKey, err error) {
	err = r.Scan(&k.ID, &k.Name, &k.Role, &k.CreatedBy, sqldb.At(&k.CreatedAt), sqldb.At(&k.UsedAt), sqldb.At(&k.RevokedAt))
	return k, err
}

// Keys lists the keys that work, in the order they were made.
func (s *Agents) Keys(ctx context.Context, tx *sqldb.Tx) ([]APIKey, error) {
	return sqldb.List(ctx, tx, scanKey, keySQL+`WHERE revoked_at IS NULL ORDER BY id`)
}

// Key returns which key a token is. Errors: fault.Unauthenticated if it is
// unknown or revoked.
func (s *Agents) Key(ctx context.Context, token string) (k APIKey, err error) {
	err = s.db.Look(ctx, func(tx *sqldb.Tx) error {
		found, err := sqldb.List(ctx, tx, scanKey, keySQL+`WHERE token_hash = $1 AND revoked_at IS NULL`, seal.Hash(token))
		if err == nil && len(found) == 0 {
			err = fault.New(fault.Unauthenticated, "error.key.unknown")
		}
		if err == nil {
			k = found[0]
		}
		return err
	})
	if err != nil {
		return APIKey{}, err
	}
	if now := s.db.Clock().Now(); now.Sub(k.UsedAt) >= usedEvery {
		k.UsedAt = now
		// As with sessions, a database that cannot be written still answers reads.
		_ = s.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE api_key SET used_at = $2 WHERE id = $1`, k.ID, now.UnixMilli())
			return err
		})
	}
	return k, nil
}

// RevokeKey ends an API key for good. fault.NotFound if none works under this id.
func (s *Agents) RevokeKey(ctx context.Context, by actor.Actor, id string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		var d KeyData
		err := tx.QueryRow(ctx, `UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING name, role`,
			id, tx.Now.UnixMilli()).Scan(&d.Name, &d.Role)
		if err != nil {
			return sqldb.NotFound(err, "error.key.notFound")
		}
		s.journal.Emit(tx, KeyRevokedFact, id, by, d)
		return nil
	})
}

package inbox

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

const (
	columns = `i.id, i.brand_id, i.name, i.kind, i.address, i.settings, i.sender_name, i.signature, i.catch_all, i.active,
i.last_success_at, i.last_error, i.last_error_at, i.send_success_at, i.send_error, i.send_error_at, i.expires_at, i.expiry_told, i.created_at, i.version`
	listSQL     = `SELECT ` + columns + ` FROM inbox i ORDER BY i.id`
	byIDSQL     = `SELECT ` + columns + ` FROM inbox i WHERE i.id = $1`
	catchallSQL = `SELECT ` + columns + ` FROM inbox i WHERE i.catch_all AND i.active ORDER BY i.id LIMIT 1`
	addressSQL  = `SELECT ` + columns + ` FROM inbox_address a JOIN inbox i ON i.id = a.inbox_id WHERE a.address_key = $1 AND i.active`
	oursSQL     = `SELECT a.address_key FROM inbox_address a JOIN inbox i ON i.id = a.inbox_id WHERE i.active AND a.address_key IN (`
	aliasesSQL  = `SELECT address FROM inbox_address WHERE inbox_id = $1 AND NOT main ORDER BY address_key`
)

func scan(r *sql.Rows) (i Inbox, err error) {
	var settings string
	err = r.Scan(&i.ID, &i.BrandID, &i.Name, &i.Kind, &i.Address, &settings, &i.SenderName, &i.Signature, &i.CatchAll, &i.Active,
		sqldb.At(&i.Health.Receive.SuccessAt), &i.Health.Receive.Error, sqldb.At(&i.Health.Receive.ErrorAt),
		sqldb.At(&i.Health.Send.SuccessAt), &i.Health.Send.Error, sqldb.At(&i.Health.Send.ErrorAt),
		sqldb.At(&i.ExpiresAt), &i.told, sqldb.At(&i.CreatedAt), &i.Version)
	i.Settings = []byte(settings)
	return i, err
}

// read runs one of the queries above and adds the aliases.
func read(ctx context.Context, tx *sqldb.Tx, query string, args ...any) ([]Inbox, error) {
	found, err := sqldb.List(ctx, tx, scan, query, args...)
	if err != nil {
		return nil, err
	}
	for n := range found {
		found[n].Aliases, err = sqldb.List(ctx, tx, func(r *sql.Rows) (a string, err error) {
			err = r.Scan(&a)
			return a, err
		}, aliasesSQL, found[n].ID)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// first returns the first inbox of a query, false if there is none.
func first(ctx context.Context, tx *sqldb.Tx, query string, args ...any) (Inbox, bool, error) {
	found, err := read(ctx, tx, query, args...)
	if err != nil || len(found) == 0 {
		return Inbox{}, false, err
	}
	return found[0], true, nil
}

const insertSQL = `INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_error, created_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13)`

func insert(ctx context.Context, tx *sqldb.Tx, i Inbox, sealed string) error {
	_, err := tx.Exec(ctx, insertSQL, i.ID, i.BrandID, i.Name, i.Kind, i.Address, string(i.Settings), sealed,
		i.SenderName, i.Signature, i.CatchAll, i.Active, i.CreatedAt.UnixMilli(), i.Version)
	return err
}

const updateSQL = `UPDATE inbox SET brand_id = $2, name = $3, address = $4, settings = $5, secrets = $6, sender_name = $7,
signature = $8, catch_all = $9, active = $10, version = $11 WHERE id = $1`

func update(ctx context.Context, tx *sqldb.Tx, i Inbox, sealed string) error {
	_, err := tx.Exec(ctx, updateSQL, i.ID, i.BrandID, i.Name, i.Address, string(i.Settings), sealed,
		i.SenderName, i.Signature, i.CatchAll, i.Active, i.Version)
	return err
}

// checkCatchall makes sure that no other inbox catches what is addressed to none.
func checkCatchall(ctx context.Context, tx *sqldb.Tx, i Inbox) error {
	if !i.CatchAll {
		return nil
	}
	var name string
	err := tx.QueryRow(ctx, `SELECT name FROM inbox WHERE catch_all AND id <> $1`, i.ID).Scan(&name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return invalid("body.catchAll", "error.inbox.catchall", "name", name)
}

// setAddresses makes the inbox answer to its address and aliases, which must
// not be another's.
func setAddresses(ctx context.Context, tx *sqldb.Tx, i Inbox) error {
	if _, err := tx.Exec(ctx, `DELETE FROM inbox_address WHERE inbox_id = $1`, i.ID); err != nil {
		return err
	}
	var c fault.Check
	for _, a := range i.addresses() {
		n, err := tx.Exec(ctx, `INSERT INTO inbox_address (address_key, address, inbox_id, main) VALUES ($1, $2, $3, $4) ON CONFLICT (address_key) DO NOTHING`,
			addressKey(a), a, i.ID, a == i.Address)
		if err != nil {
			return err
		}
		c.That(n == 1, pathOf(i, a), "error.inbox.address.taken")
	}
	return c.Err()
}

// pathOf returns where an address stood in the request.
func pathOf(i Inbox, address string) string {
	for n, a := range i.Aliases {
		if a == address && a != i.Address {
			return aliasPath(n)
		}
	}
	return "body.address"
}

func aliasPath(n int) string { return "body.aliases[" + strconv.Itoa(n) + "]" }

func invalid(path, key string, args ...any) error {
	var c fault.Check
	c.Add(path, key, args...)
	return c.Err()
}

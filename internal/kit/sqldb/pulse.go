package sqldb

import "context"

const pulseSQL = `INSERT INTO counter (name, value) VALUES ('pulse', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// Pulse writes something and commits it. A database may answer and still take
// nothing: its disk is full, or it is a replica.
func (db *DB) Pulse(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, pulseSQL, tx.Now.UnixMilli())
		return err
	})
}

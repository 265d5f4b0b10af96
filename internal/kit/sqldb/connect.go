package sqldb

import (
	"context"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
)

// A machine that is cut off says nothing. Both sides of a connection must notice
// soon: the server, because what the lost one has locked holds up all others; we,
// because work that waits for an answer is better begun again. Left to
// themselves both would wait for a quarter of an hour, or for two.
const (
	keepAlive    = 10 * time.Second // of silence, before the other side is asked
	keepInterval = 5 * time.Second  // between two questions
	keepCount    = 3                // without an answer
	unheard      = 25 * time.Second // how long what was sent may stay unacknowledged
	idleInside   = time.Minute      // how long a transaction may stand still
	connectWait  = 10 * time.Second
)

// sessionSQL asks the server for the same. On a socket of this machine the
// first four mean nothing.
const sessionSQL = `SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = 25000; SET idle_in_transaction_session_timeout = 60000` // arch:postgres-only

// parsePostgres reads a url into how to connect.
func parsePostgres(url string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	d := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepInterval, Count: keepCount},
		Control:         limitUnheard,
	}
	cfg.DialFunc = d.DialContext
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectWait
	}
	return cfg, nil
}

// settle prepares a new connection.
func settle(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, sessionSQL)
	return err
}

// connect opens a connection that belongs to no pool.
func (db *DB) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, db.postgres.Copy())
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, conn); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx)) // the first error is the one to tell
		return nil, err
	}
	return conn, nil
}

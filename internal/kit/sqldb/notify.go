package sqldb

import (
	"context"
	"time"
)

// notifyChannel is where nodes on one PostgreSQL tell each other that there is news.
const notifyChannel = "kintsugi"

// reconnectPause is how long Hear waits before it listens again after a lost connection.
const reconnectPause = time.Second

// Announce tells the other nodes payload (a few bytes: ids, a number). On SQLite
// there are no others. It is a hint: whoever misses it finds out by polling.
func (db *DB) Announce(ctx context.Context, payload string) error {
	if db.dialect == SQLite {
		return nil
	}
	_, err := db.write.ExecContext(ctx, "SELECT pg_notify($1, $2)", notifyChannel, payload) // arch:postgres-only
	return Classify(err)
}

// Hear calls fn with every payload that other nodes announce, until ctx ends.
// After a lost connection it listens again and calls fn("") once, as something
// may have been missed.
func (db *DB) Hear(ctx context.Context, fn func(payload string)) error {
	if db.dialect == SQLite {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		_ = db.hear(ctx, fn) // a lost connection is expected; polling covers the gap
		fn("")
		select {
		case <-ctx.Done():
		case <-time.After(reconnectPause):
		}
	}
	return nil
}

func (db *DB) hear(ctx context.Context, fn func(string)) error {
	conn, err := db.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), reconnectPause)
		defer cancel()
		_ = conn.Close(closing) // it may be lost already
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+notifyChannel); err != nil { // arch:postgres-only
		return err
	}
	fn("")
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		fn(n.Payload)
	}
}

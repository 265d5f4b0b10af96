package sqldb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// memberClass marks our advisory locks among others in the same database ("kint").
const memberClass = 0x6b696e74

// memberBeat is how often a member makes sure that its connection lives.
const memberBeat = 5 * time.Second

// memberQueue is how often a member asks whether the one before it has left.
const memberQueue = time.Second

// Member is one running process's claim to be alive. What a member leases is
// its own for exactly as long as it is alive; no clock takes part, so clocks
// may jump.
//
// On PostgreSQL a member is a connection that holds an advisory lock: it dies
// with its process or its network. On SQLite a data folder has one serving
// process, which holds a file lock.
type Member struct {
	id   string
	db   *DB
	conn *pgx.Conn
	lost chan struct{}
	stop context.CancelFunc

	watched chan struct{} // closed when watch has returned
}

// Join makes this process a member under an id that is unique among members:
// while another has it, in this process or elsewhere, Join waits for it to leave.
// On SQLite it fails if another process serves the same file.
func (db *DB) Join(ctx context.Context, id string) (*Member, error) {
	m := &Member{id: id, db: db, lost: make(chan struct{})}
	if db.dialect == SQLite {
		return m, m.joinSQLite(ctx)
	}
	conn, err := db.connect(ctx)
	if err != nil {
		return nil, Classify(err)
	}
	if err := seat(ctx, conn, id); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx)) // the first error is the one to tell
		return nil, Classify(err)
	}
	m.conn, m.watched = conn, make(chan struct{})
	beat, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.watch(beat)
	return m, nil
}

// seat takes the lock that shows a member to be alive. When the network is cut
// the server notices after the member has (a beat, and a beat for the answer),
// and not after hours: see connect.
//
// It asks again and again, since waiting inside the statement would hold a
// snapshot: a node that stands by for days would keep vacuum from all tables.
func seat(ctx context.Context, conn *pgx.Conn, id string) error {
	for {
		var seated bool
		err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", memberClass, memberKey(id)).Scan(&seated) // arch:postgres-only
		if seated || err != nil {
			return err
		}
		t := time.NewTimer(memberQueue)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}

func (m *Member) joinSQLite(ctx context.Context) error {
	for {
		taken, err := m.seatSQLite()
		if taken == nil || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-taken:
		}
	}
}

// seatSQLite makes m a member; if another has its id it returns a channel that
// is closed when that one leaves.
func (m *Member) seatSQLite() (taken <-chan struct{}, err error) {
	db := m.db
	db.mu.Lock()
	defer db.mu.Unlock()
	if other, ok := db.members[m.id]; ok {
		return other, nil
	}
	if len(db.members) == 0 {
		f, err := os.OpenFile(db.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			_ = f.Close() // nothing was written
			return nil, fmt.Errorf("another process serves %s; stop it, or choose another data folder", db.path)
		}
		db.serving = f
	}
	db.members[m.id] = make(chan struct{})
	return nil, nil
}

// watch notices at once when the server ends the connection, and by asking when
// the network does.
func (m *Member) watch(ctx context.Context) {
	defer close(m.watched)
	for {
		quiet, cancel := context.WithTimeout(ctx, memberBeat)
		_, err := m.conn.WaitForNotification(quiet) // nobody notifies: it ends by the clock or by the connection
		cancel()
		if ctx.Err() != nil {
			return
		}
		if err != nil && !m.conn.IsClosed() {
			probe, cancel := context.WithTimeout(ctx, memberBeat)
			err = m.conn.Ping(probe)
			cancel()
		}
		if err != nil && ctx.Err() == nil {
			close(m.lost)
			return
		}
	}
}

// ID returns the id this member joined under.
func (m *Member) ID() string { return m.id }

// Lost is closed when the membership ended without Leave: whatever was leased
// may be taken by others, so its work must stop.
func (m *Member) Lost() <-chan struct{} { return m.lost }

// Leave ends the membership; what it leased is free at once.
func (m *Member) Leave() error {
	if m.db.dialect == SQLite {
		return m.leaveSQLite()
	}
	m.stop()
	<-m.watched
	ctx, cancel := context.WithTimeout(context.Background(), memberBeat)
	defer cancel()
	// Closing alone would free what it leased a moment later. A lost connection
	// has freed it already, and says so below.
	_, err := m.conn.Exec(ctx, "SELECT pg_advisory_unlock($1, $2)", memberClass, memberKey(m.id)) // arch:postgres-only
	return errors.Join(err, m.conn.Close(ctx))
}

func (m *Member) leaveSQLite() error {
	db := m.db
	db.mu.Lock()
	defer db.mu.Unlock()
	if left, ok := db.members[m.id]; ok {
		delete(db.members, m.id)
		close(left)
	}
	if len(db.members) > 0 || db.serving == nil {
		return nil
	}
	f := db.serving
	db.serving = nil
	return f.Close()
}

// Members returns the ids, out of those asked for, whose members are alive.
func (tx *Tx) Members(ctx context.Context, db *DB, ids []string) (map[string]bool, error) {
	alive := map[string]bool{}
	if db.dialect == SQLite {
		db.mu.Lock()
		defer db.mu.Unlock()
		for _, id := range ids {
			_, alive[id] = db.members[id]
		}
		return alive, nil
	}
	held := map[int32]bool{}
	rows, err := tx.Query(ctx, `SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND classid::bigint = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, int64(memberClass)) // arch:postgres-only
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err reports what matters
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		held[int32(uint32(key))] = true
	}
	for _, id := range ids {
		alive[id] = held[memberKey(id)]
	}
	return alive, rows.Err()
}

func memberKey(id string) int32 { return int32(uint32(lockKey(id))) }

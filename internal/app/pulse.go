package app

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// pulseEvery is how often at most writing is tried, however many ask.
const pulseEvery = time.Second

// pulse remembers whether the instance could write when it last tried.
type pulse struct {
	mu       sync.Mutex
	next     time.Time
	database error
	storage  error
}

// writing tries whether the database and the data folder take anything. What
// cannot be written is not ready, however well it can be read.
func (p *pulse) writing(ctx context.Context, db *sqldb.DB, dir string) (database, storage error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := clock.System{}.Now() // also where a test's clock stands still
	if now.Before(p.next) && p.next.Sub(now) <= pulseEvery {
		return p.database, p.storage
	}
	p.database, p.storage = db.Pulse(ctx), leaveTrace(dir)
	p.next = now.Add(pulseEvery)
	return p.database, p.storage
}

// check notes in r whether the instance can keep anything, and returns why not.
func (p *pulse) check(ctx context.Context, db *sqldb.DB, dir string, r *Readiness) error {
	database, storage := p.writing(ctx, db, dir)
	r.Storage.OK = storage == nil
	if database != nil {
		r.Database.OK, r.Database.Error = false, "the database takes nothing: is its disk full, or is it a replica?"
	}
	if storage != nil {
		r.Storage.Error = "the data folder takes no files: is its disk full, or is it read-only?"
	}
	return errors.Join(database, storage)
}

// leaveTrace writes a file and takes it away. The size makes sure that a full
// disk has to refuse it.
func leaveTrace(dir string) (err error) {
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	_, err = f.Write(make([]byte, 4<<10))
	return err
}

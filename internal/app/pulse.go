package app

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
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
func (a *App) writing(ctx context.Context) (database, storage error) {
	p := &a.pulse
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now() // arch:time measures a duration
	if now.Before(p.next) {
		return p.database, p.storage
	}
	p.database, p.storage = a.db.Pulse(ctx), leaveTrace(a.cfg.blobPath())
	p.next = now.Add(pulseEvery)
	return p.database, p.storage
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

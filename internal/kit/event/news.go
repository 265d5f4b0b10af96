package event

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// announceEvery bounds how often this node tells the others of news: a NOTIFY
// in every commit would halve PostgreSQL's throughput.
const announceEvery = 20 * time.Millisecond

// news wakes those who follow the journal. It carries no facts, only that there are some.
type news struct {
	mu        sync.Mutex
	followers map[chan struct{}]struct{}
	outgoing  chan int64
}

func newNews() *news {
	return &news{followers: map[chan struct{}]struct{}{}, outgoing: make(chan int64, 1)}
}

func (n *news) tell(seq int64) {
	n.wake()
	select {
	case n.outgoing <- seq:
	default: // an announcement is under way and says no less
	}
}

func (n *news) wake() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for ch := range n.followers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Follow returns a channel that receives whenever the journal may have grown,
// here or on another node, and a func that ends it. Read Since after each.
func (j *Journal) Follow() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	j.news.mu.Lock()
	defer j.news.mu.Unlock()
	j.news.followers[ch] = struct{}{}
	return ch, func() {
		j.news.mu.Lock()
		defer j.news.mu.Unlock()
		delete(j.news.followers, ch)
	}
}

// Run relays news between nodes until ctx ends.
func (j *Journal) Run(ctx context.Context) error {
	var g errgroup.Group
	g.Go(func() error { j.announce(ctx); return nil })
	g.Go(func() error { return j.db.Hear(ctx, j.announced) })
	return g.Wait()
}

// announce tells other nodes of this one's news, bundled.
func (j *Journal) announce(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case seq := <-j.news.outgoing:
			// Losing an announcement only delays: every follower also polls.
			_ = j.db.Announce(ctx, strconv.FormatInt(seq, 10))
		}
		t := time.NewTimer(announceEvery)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

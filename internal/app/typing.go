package app

import (
	"sync"
	"time"
)

const (
	// typingHeard is how long somebody at another node types without another word:
	// the node may be gone.
	typingHeard = 15 * time.Second
	// typingAgain is how often a node says anew that its agents still type.
	typingAgain = typingHeard / 3
)

// typists knows in which conversations agents type, those of this node apart from
// those of other nodes: neither ends what the other has begun. Make it with newTypists.
type typists struct {
	show func(conversationID string, on bool) // to the visitor
	say  func(conversationID string, on bool) // to other nodes

	mu        sync.Mutex
	here      map[string]*time.Timer // says it again
	elsewhere map[string]*time.Timer // forgets it
}

func newTypists(show, say func(conversationID string, on bool)) *typists {
	return &typists{show: show, say: say, here: map[string]*time.Timer{}, elsewhere: map[string]*time.Timer{}}
}

// local is told, as often as one likes, whether agents of this node type.
func (t *typists) local(id string, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timer := t.here[id]
	if on == (timer != nil) {
		return
	}
	if on {
		t.here[id] = time.AfterFunc(typingAgain, func() { t.again(id) }) // arch:time of other nodes
	} else {
		timer.Stop()
		delete(t.here, id)
	}
	t.say(id, on)
	t.tell(id)
}

// again says that agents of this node still type, before others forget it.
func (t *typists) again(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if timer := t.here[id]; timer != nil {
		t.say(id, true)
		timer.Reset(typingAgain)
	}
}

// remote is told what another node says of its agents.
func (t *typists) remote(id string, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if timer := t.elsewhere[id]; timer != nil {
		timer.Stop()
		delete(t.elsewhere, id)
	}
	if on {
		t.elsewhere[id] = time.AfterFunc(typingHeard, func() { t.remote(id, false) }) // arch:time of other nodes
	}
	t.tell(id)
}

func (t *typists) tell(id string) {
	t.show(id, t.here[id] != nil || t.elsewhere[id] != nil)
}

package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
)

// What nodes whisper: a kind, a conversation, a value.
const (
	saysVisitor = "visitor" // types, or has ceased
	saysAgents  = "agents"  // type, or have ceased
	saysSeen    = "seen"    // by an agent, up to a moment in milliseconds
)

const (
	whispersWaiting = 64
	whisperLimit    = 2 * time.Second
)

// whisperer passes on to other nodes what visitors and agents do just now. What
// there is no room for is left out.
type whisperer struct {
	app    *App
	out    chan string
	agents *typists

	mu    sync.Mutex
	typed map[string]*time.Timer // visitors of other nodes who type, by conversation
}

func newWhisperer(a *App) *whisperer {
	w := &whisperer{app: a, out: make(chan string, whispersWaiting), typed: map[string]*time.Timer{}}
	w.agents = newTypists(func(id string, on bool) { a.chat.AgentsType(id, on) }, func(id string, on bool) { w.say(saysAgents, id, on) })
	a.journal.OnWhisper(w.hear)
	return w
}

func (w *whisperer) say(kind, conversationID string, value any) {
	select {
	case w.out <- fmt.Sprint(kind, " ", conversationID, " ", value):
	default:
	}
}

func (w *whisperer) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case words := <-w.out:
			one, cancel := context.WithTimeout(ctx, whisperLimit)
			if err := w.app.journal.Whisper(one, words); err != nil && ctx.Err() == nil {
				w.app.log.DebugContext(ctx, "whispering to other nodes", "error", err)
			}
			cancel()
		}
	}
}

// visitorTypes is told of a visitor of this node.
func (w *whisperer) visitorTypes(id string, on bool) {
	w.app.hub.CustomerTypes(id, on)
	w.say(saysVisitor, id, on)
}

// looked is told when an agent of this node has read a conversation.
func (w *whisperer) looked(id conversation.ID, at time.Time) {
	if w.app.chat == nil { // a command line, not a desk
		return
	}
	w.app.chat.AgentsLooked(string(id), at)
	w.say(saysSeen, string(id), at.UnixMilli())
}

// hear passes on what another node whispers.
func (w *whisperer) hear(words string) {
	part := strings.Split(words, " ")
	if len(part) != 3 || w.app.chat == nil {
		return
	}
	kind, id, on := part[0], part[1], part[2] == "true"
	switch kind {
	case saysVisitor:
		w.typesElsewhere(id, on)
	case saysAgents:
		w.agents.remote(id, on)
	case saysSeen:
		if ms, err := strconv.ParseInt(part[2], 10, 64); err == nil {
			w.app.chat.AgentsLooked(id, time.UnixMilli(ms))
		}
	}
}

func (w *whisperer) typesElsewhere(id string, on bool) {
	w.mu.Lock()
	if t := w.typed[id]; t != nil {
		t.Stop()
		delete(w.typed, id)
	}
	if on {
		w.typed[id] = time.AfterFunc(typingHeard, func() { w.typesElsewhere(id, false) }) // arch:time of other nodes
	}
	w.mu.Unlock()
	w.app.hub.CustomerTypes(id, on)
}

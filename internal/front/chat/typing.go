package chat

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// agentsType passes on that agents begin or cease to type in a conversation.
func (h *hub) agentsType(conversationID string, on bool) {
	h.mu.Lock()
	was := h.writing[conversationID]
	if on {
		h.writing[conversationID] = true
	} else {
		delete(h.writing, conversationID)
	}
	listeners := len(h.all)
	h.mu.Unlock()
	if was != on && listeners > 0 {
		go h.passTyping(conversationID, on)
	}
}

// agentsLooked passes on that an agent has read a conversation up to a moment.
func (h *hub) agentsLooked(conversationID string, at time.Time) {
	if h.count() > 0 {
		go h.passSeen(conversationID, at)
	}
}

// passSeen tells a conversation's visitor, if it is the one they are in: a page
// shows all they said as one thread.
func (h *hub) passSeen(conversationID string, at time.Time) {
	ctx, cancel := asking()
	defer cancel()
	who, err := h.partakers(ctx, []string{conversationID})
	if err != nil {
		h.Log.DebugContext(ctx, "telling a visitor that they were read", "error", err)
		return
	}
	for _, s := range h.everybody() {
		if !h.concerns(s, who) {
			continue
		}
		h.mu.Lock()
		own := s.own
		h.mu.Unlock()
		if id, err := h.current(ctx, own); err == nil && id == conversationID {
			s.send(signal{Type: "seen", At: &at})
		}
	}
}

// current is the conversation that a visitor is in; "" if none.
func (h *hub) current(ctx context.Context, own []string) (id string, err error) {
	if len(own) == 0 {
		return "", nil
	}
	err = h.DB.Read(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRow(ctx, currentSQL, own[0]).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return id, err
}

// passTyping tells a conversation's visitor. It is only a whisper: what fails is
// left out.
func (h *hub) passTyping(conversationID string, on bool) {
	ctx, cancel := asking()
	defer cancel()
	who, err := h.partakers(ctx, []string{conversationID})
	if err != nil {
		h.Log.DebugContext(ctx, "telling a visitor that somebody types", "error", err)
		return
	}
	for _, s := range h.everybody() {
		if h.concerns(s, who) {
			s.send(signal{Type: "typing", On: on})
		}
	}
}

const currentSQL = `SELECT c.id FROM participant p JOIN conversation c ON c.id = p.conversation_id
WHERE p.address_key = $1 AND c.merged_into IS NULL AND c.status <> 'closed' ORDER BY c.last_at DESC, c.id DESC LIMIT 1`

// types passes on to the agents that a visitor types, or has ceased.
func (h *hub) types(s *socket, on bool) {
	if !on {
		h.silent(s)
		return
	}
	h.mu.Lock()
	now := h.Clock.Now()
	early := now.Sub(s.typedAt) < typingPause
	if !early {
		s.typedAt = now
	}
	own := s.own
	h.mu.Unlock()
	if early || h.Typing == nil {
		return
	}
	ctx, cancel := asking()
	defer cancel()
	id, err := h.current(ctx, own)
	if err != nil || id == "" {
		return // there is no conversation yet in which anybody could look on
	}
	h.mu.Lock()
	before := s.typesIn
	s.typesIn = id
	h.mu.Unlock()
	if before != "" && before != id {
		h.Typing(before, false)
	}
	h.Typing(id, true)
	time.AfterFunc(typingEnds, func() { // arch:time of real sockets
		h.mu.Lock()
		old := h.Clock.Now().Sub(s.typedAt) >= typingEnds
		h.mu.Unlock()
		if old {
			h.silent(s)
		}
	})
}

// silent tells the agents that a visitor does not type any more.
func (h *hub) silent(s *socket) {
	h.mu.Lock()
	id := s.typesIn
	s.typesIn = ""
	h.mu.Unlock()
	if id != "" && h.Typing != nil {
		h.Typing(id, false)
	}
}

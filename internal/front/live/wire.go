package live

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lxzan/gws"

	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
)

// factMessage is a fact as browsers see it: ids only, no words of customers.
type factMessage struct {
	Type           string         `json:"type"`
	Seq            int64          `json:"seq"`
	Name           string         `json:"name"`
	Subject        string         `json:"subject"`
	ConversationID string         `json:"conversationId,omitempty"`
	CaseID         string         `json:"caseId,omitempty"`
	Actor          any            `json:"actor"`
	Fields         map[string]any `json:"fields,omitempty"`
}

// passed are the members of a fact's data that browsers may see.
var passed = []string{"messageId", "kind", "state", "from", "to", "assigneeId", "teamId", "tagId", "added", "into", "fields", "agentId", "inboxId", "brandId", "customerId", "score", "band", "automatic", "purpose"}

func encodeFact(f event.Fact) []byte {
	m := factMessage{Type: "fact", Seq: f.Seq, Name: f.Name, Subject: f.Subject, Actor: f.Actor}
	var data map[string]any
	if json.Unmarshal(f.Data, &data) == nil && data != nil {
		for _, id := range []any{f.Subject, data["conversationId"], data["subjectId"], data["caseId"]} {
			switch s, _ := id.(string); {
			case strings.HasPrefix(s, "conv_"):
				m.ConversationID = s
			case strings.HasPrefix(s, "case_"):
				m.CaseID = s
			}
		}
		m.Fields = map[string]any{}
		for _, name := range passed {
			if v, ok := data[name]; ok && v != "" && v != nil {
				m.Fields[name] = v
			}
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return []byte(`{"type":"resync"}`) // the page then finds out by loading
	}
	return b
}

// whisper is what a browser sends.
type whisper struct {
	Type           string `json:"type"`
	Since          int64  `json:"since"`
	ConversationID string `json:"conversationId"`
	On             bool   `json:"on"`
}

// presence is who looks at a conversation, and who types.
type presence struct {
	Type           string   `json:"type"`
	ConversationID string   `json:"conversationId"`
	Viewing        []string `json:"viewing"`
	Typing         []string `json:"typing"`
	Customer       bool     `json:"customer"` // types, too
}

type handler struct {
	gws.BuiltinEventHandler
	hub *Hub
}

// OnOpen implements gws.Event.
func (h *handler) OnOpen(conn *gws.Conn) { _ = conn.SetDeadline(time.Now().Add(silence)) } // arch:time real sockets

// OnPing implements gws.Event.
func (h *handler) OnPing(conn *gws.Conn, payload []byte) {
	_ = conn.SetDeadline(time.Now().Add(silence)) // arch:time real sockets
	_ = conn.WritePong(payload)                   // it may be gone already
}

// OnPong implements gws.Event.
func (h *handler) OnPong(conn *gws.Conn, _ []byte) { _ = conn.SetDeadline(time.Now().Add(silence)) } // arch:time real sockets

// OnClose implements gws.Event.
func (h *handler) OnClose(conn *gws.Conn, _ error) {
	h.hub.mu.Lock()
	c := h.hub.clients[conn]
	delete(h.hub.clients, conn)
	h.hub.mu.Unlock()
	if c != nil && c.viewing != "" {
		h.hub.showPresence(c.viewing)
	}
}

// OnMessage implements gws.Event.
func (h *handler) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer func() { _ = message.Close() }()        // returns a buffer
	_ = conn.SetDeadline(time.Now().Add(silence)) // arch:time real sockets
	h.hub.mu.Lock()
	c := h.hub.clients[conn]
	h.hub.mu.Unlock()
	var w whisper
	if c == nil || json.Unmarshal(message.Bytes(), &w) != nil {
		return
	}
	switch w.Type {
	case "hello":
		h.hub.hello(c, w.Since)
	case "viewing":
		h.hub.view(c, w.ConversationID, false)
	case "typing":
		h.hub.view(c, w.ConversationID, w.On)
	case "ping":
		c.send(map[string]string{"type": "pong"})
	}
}

// hello tells a page where the journal stands and what it missed since a number.
func (h *Hub) hello(c *client, since int64) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c.ready.Store(true) // from here on facts arrive; some may come twice, the number tells
	var last int64
	var missed []event.Fact
	err := h.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		if last, err = h.journal.Last(ctx, tx); err != nil || since == 0 || since >= last {
			return err
		}
		if last-since <= maxCatchUp {
			missed, err = h.journal.Since(ctx, tx, since, maxCatchUp)
		}
		return err
	})
	if err != nil {
		_ = c.conn.WriteClose(1013, []byte("try again")) // the page reconnects by itself
		return
	}
	c.send(map[string]any{"type": "hello", "seq": last, "agentId": c.viewer.AgentID})
	if since > last || (since > 0 && last-since > maxCatchUp) {
		c.send(map[string]string{"type": "resync"})
	}
	for _, f := range missed {
		c.send(json.RawMessage(encodeFact(f)))
	}
}

func (h *Hub) view(c *client, conversation string, typing bool) {
	h.mu.Lock()
	before := c.viewing
	changed := before != conversation || c.typing != typing
	c.viewing, c.typing = conversation, typing
	h.mu.Unlock()
	if !changed {
		return
	}
	if before != "" && before != conversation {
		h.showPresence(before)
	}
	if conversation != "" {
		h.showPresence(conversation)
	}
}

// showPresence tells everybody who looks at a conversation that look at it.
func (h *Hub) showPresence(conversation string) {
	p := presence{Type: "presence", ConversationID: conversation, Viewing: []string{}, Typing: []string{}}
	var there []*client
	h.mu.Lock()
	p.Customer = h.customers[conversation]
	for _, c := range h.clients {
		if c.viewing != conversation {
			continue
		}
		there = append(there, c)
		if !slices.Contains(p.Viewing, c.viewer.AgentID) {
			p.Viewing = append(p.Viewing, c.viewer.AgentID)
		}
		if c.typing && !slices.Contains(p.Typing, c.viewer.AgentID) {
			p.Typing = append(p.Typing, c.viewer.AgentID)
		}
	}
	h.mu.Unlock()
	if h.typing != nil {
		h.typing(conversation, len(p.Typing) > 0)
	}
	slices.Sort(p.Viewing)
	slices.Sort(p.Typing)
	for _, c := range there {
		c.send(p)
	}
}

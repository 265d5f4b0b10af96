package app

import (
	"io/fs"
	"net/http"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/chat"
	"github.com/kintsugi-desk/kintsugi/web"
)

// newChat builds the outlet for visitors of web pages. Typing is a whisper
// between its hub and the agents', in both directions.
func newChat(a *App) (*chat.Chat, error) {
	built, err := fs.Sub(web.Dist(), "chat")
	if err != nil {
		return nil, err
	}
	c, err := chat.New(chat.Deps{
		DB: a.db, IDs: a.ids, Journal: a.journal, Key: a.key, Blobs: a.blobs, Words: a.words, Clock: a.cfg.Clock, Log: a.log,
		Brands: a.brands, Inboxes: a.inboxes, Customers: a.customers, Outbox: a.outbox, Threads: a.threads, Files: a.files, Door: a.door, Surveys: a.program, Reception: a.reception,
		Built: built, Client: func(r *http.Request) string { return team.Network(a.clientAddress(r)) }, Origin: a.cfg.PublicURL, Push: a.push, Typing: a.whispers.visitorTypes, Told: a.claims.Hear,
	})
	if err == nil {
		a.hub.OnTyping(a.whispers.agents.local)
	}
	return c, err
}

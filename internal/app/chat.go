package app

import (
	"io/fs"

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
		Brands: a.brands, Inboxes: a.inboxes, Customers: a.customers, Outbox: a.outbox, Threads: a.threads, Files: a.files, Door: a.door,
		Built: built, ClientAddress: a.clientAddress, Origin: a.cfg.PublicURL, Typing: a.hub.CustomerTypes,
	})
	if err == nil {
		a.hub.OnTyping(c.AgentsType)
	}
	return c, err
}

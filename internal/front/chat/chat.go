package chat

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/desk/brand"
	"github.com/kintsugi-desk/kintsugi/internal/desk/conversation"
	"github.com/kintsugi-desk/kintsugi/internal/desk/customer"
	"github.com/kintsugi-desk/kintsugi/internal/desk/delivery"
	"github.com/kintsugi-desk/kintsugi/internal/desk/inbox"
	"github.com/kintsugi-desk/kintsugi/internal/desk/intake"
	"github.com/kintsugi-desk/kintsugi/internal/desk/reception"
	"github.com/kintsugi-desk/kintsugi/internal/kit/blob"
	"github.com/kintsugi-desk/kintsugi/internal/kit/clock"
	"github.com/kintsugi-desk/kintsugi/internal/kit/event"
	"github.com/kintsugi-desk/kintsugi/internal/kit/id"
	"github.com/kintsugi-desk/kintsugi/internal/kit/phrase"
	"github.com/kintsugi-desk/kintsugi/internal/kit/seal"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/voice/survey"
)

// Base is the path below which visitors are served; Script is the address of the
// script that a page includes.
const (
	Base   = "/chat/"
	Script = "/chat.js"
)

// Deps is what visitors are served with.
type Deps struct {
	DB        *sqldb.DB
	IDs       *id.Source
	Journal   *event.Journal
	Key       *seal.Key
	Blobs     *blob.Store
	Words     *phrase.Catalogue
	Clock     clock.Clock
	Log       *slog.Logger
	Brands    *brand.Brands
	Inboxes   *inbox.Inboxes
	Customers *customer.Book
	Outbox    *delivery.Post
	Threads   *conversation.Threads
	Files     *conversation.Files
	Door      *intake.Door
	Surveys   *survey.Program
	Reception *reception.Receptions
	Built     fs.FS // the built panel: loader.js, panel.js
	// Client returns what a client behind trusted proxies can be told by, see team.Network.
	Client func(*http.Request) string
	Origin string // the address under which others reach us, without a slash at the end
	Push   Pusher // tells who is away; nil: nobody is told
	// Typing tells the agents who look at a conversation whether its customer types.
	Typing func(conversationID string, on bool)
	// Told notes a mail address that a visitor left, for agents to see.
	Told func(ctx context.Context, customerID, address string) error
}

// Chat serves Script and everything below Base. Make it with New.
type Chat struct {
	Deps
	mux    *http.ServeMux
	pace   *pace
	usual  *conversation.Usual
	hub    *hub
	script *scripts
}

// New returns the outlet. Run keeps its WebSockets told.
func New(d Deps) (*Chat, error) {
	c := &Chat{Deps: d, mux: http.NewServeMux(), pace: newPace(d.Clock), usual: conversation.NewUsual()}
	var err error
	if c.script, err = newScripts(d.Built); err != nil {
		return nil, err
	}
	c.hub = newHub(c)
	c.mux.HandleFunc("GET "+Script, c.script.first)
	c.mux.HandleFunc("GET "+Base+"{script}", c.script.part)
	c.mux.HandleFunc("GET "+Base+"f/{token}/{name}", archive{c}.download)
	c.mux.HandleFunc("GET "+Base+"{inbox}/live", c.hub.serve)
	for _, r := range c.routes() {
		c.mux.HandleFunc(r.method+" "+Base+"{inbox}/"+r.path, func(w http.ResponseWriter, req *http.Request) { c.serve(w, req, r.answer) })
	}
	c.mux.HandleFunc("OPTIONS "+Base+"{inbox}/{rest...}", c.preflight)
	return c, nil
}

type route struct {
	method, path string
	answer       func(*visit) (any, error)
}

func (c *Chat) routes() []route {
	in, out, who, tell := mouth{c}, archive{c}, guests{c}, teller{c}
	return []route{
		{http.MethodGet, "about", c.about},
		{http.MethodGet, "answers", c.answers},
		{http.MethodPost, "answers/{answer}", c.helped},
		{http.MethodPost, "session", who.begin},
		{http.MethodDelete, "session", signedIn(who.leave)},
		{http.MethodPost, "visitor", signedIn(who.introduce)},
		{http.MethodGet, "messages", signedIn(out.read)},
		{http.MethodPost, "messages", signedIn(in.say)},
		{http.MethodPost, "files", signedIn(in.upload)},
		{http.MethodPost, "read", signedIn(out.seen)},
		{http.MethodGet, "push", signedIn(tell.key)},
		{http.MethodPost, "push", signedIn(tell.subscribe)},
		{http.MethodDelete, "push", signedIn(tell.unsubscribe)},
		{http.MethodPost, "survey", signedIn(out.answer)},
	}
}

// Run tells connected visitors what happens until ctx ends.
func (c *Chat) Run(ctx context.Context) error { return c.hub.run(ctx) }

// AgentsType is told whether any agent types in a conversation, each time that may
// have changed.
func (c *Chat) AgentsType(conversationID string, on bool) {
	c.hub.agentsType(conversationID, on)
}

// AgentsLooked is told when an agent has read a conversation up to a moment.
func (c *Chat) AgentsLooked(conversationID string, at time.Time) {
	c.hub.agentsLooked(conversationID, at)
}

// ServeHTTP implements http.Handler.
func (c *Chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // pages of other sites are whom this is for
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
	if strings.HasPrefix(c.Origin, "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.mux.ServeHTTP(w, r)
}

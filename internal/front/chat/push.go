package chat

import (
	"context"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/kit/fault"
	"github.com/kintsugi-desk/kintsugi/internal/kit/sqldb"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
	"github.com/kintsugi-desk/kintsugi/internal/kit/webpush"
)

// Pusher tells visitors who are away that there is an answer. front/push is one.
type Pusher interface {
	// PublicKey returns the key that a page hands to its browser.
	PublicKey(ctx context.Context) (string, error)
	// Subscribe lets a browser be told. fault.Invalid with fields.
	Subscribe(ctx context.Context, session, page, lang string, s webpush.Subscription) error
	// Unsubscribe ends it for the browsers of a session.
	Unsubscribe(ctx context.Context, session string) error
	// Live notes that pages of sessions are connected; called says that somebody is
	// called when they are away, even where no browser is.
	Live(ctx context.Context, sessions []string, called bool) error
	// LookedTx notes that a visitor has looked.
	LookedTx(ctx context.Context, tx *sqldb.Tx, address string) error
}

// teller lets visitors say whether their browsers are to be told.
type teller struct{ *Chat }

type pushKey struct {
	Key string `json:"key"`
}

// pushable is fault.NotFound where nobody can be told: browsers want https.
func (c teller) able() error {
	if c.Push == nil || !strings.HasPrefix(c.Origin, "https://") {
		return fault.New(fault.NotFound, "error.chat.push")
	}
	return nil
}

func (c teller) key(v *visit) (any, error) {
	if err := c.able(); err != nil {
		return nil, err
	}
	key, err := c.Push.PublicKey(v.Context())
	return pushKey{key}, err
}

// wish is what a page sends: its browser's subscription, and the page to open.
type wish struct {
	webpush.Subscription
	Page string `json:"page"`
}

// subscribe lets a visitor's browser be told, which the visitor has asked for.
func (c teller) subscribe(v *visit) (any, error) {
	if err := c.able(); err != nil {
		return nil, err
	}
	if err := c.slower(introducing, v.who.Address); err != nil {
		return nil, err
	}
	var in wish
	if err := v.body(&in); err != nil {
		return nil, err
	}
	// Only a page of the site that asks: else a notification could lead anywhere.
	page, origin := text.Line(in.Page), v.Header.Get("Origin")
	if len(page) > maxPage || origin == "" || page != origin && !strings.HasPrefix(page, origin+"/") {
		page = ""
	}
	return nil, c.Push.Subscribe(v.Context(), v.who.Hash, page, v.lang, in.Subscription)
}

func (c teller) unsubscribe(v *visit) (any, error) {
	if err := c.able(); err != nil {
		return nil, err
	}
	return nil, c.Push.Unsubscribe(v.Context(), v.who.Hash)
}

// looked notes a sign of life: the visitor has seen what there is.
func (c *Chat) looked(ctx context.Context, tx *sqldb.Tx, who session) error {
	if err := touch(ctx, tx, who.Hash); err != nil || c.Push == nil {
		return err
	}
	return c.Push.LookedTx(ctx, tx, who.Address)
}

// live notes which sessions are connected, where somebody would be told who is not.
func (h *hub) live(ctx context.Context, list []*socket) {
	if h.Push == nil {
		return
	}
	browsers, apps := map[string]bool{}, map[string]bool{}
	h.mu.Lock()
	for _, s := range list {
		switch {
		case s.who.Hash == "":
		case s.called:
			apps[s.who.Hash] = true
		default:
			browsers[s.who.Hash] = true
		}
	}
	h.mu.Unlock()
	for called, hashes := range map[bool]map[string]bool{false: browsers, true: apps} {
		if len(hashes) == 0 {
			continue
		}
		if err := h.Push.Live(ctx, keysOf(hashes), called); err != nil && ctx.Err() == nil {
			h.Log.WarnContext(ctx, "noting which visitors are connected", "error", err)
		}
	}
}

func keysOf(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

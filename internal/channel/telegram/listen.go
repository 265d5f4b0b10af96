package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	pollTime   = 25 * time.Second // how long Telegram holds a request when there is nothing
	pollGrace  = 10 * time.Second // and how much longer its answer may take
	pollLimit  = 100              // updates at a time
	firstPause = time.Second      // after a failure, then doubling
	maxPause   = time.Minute
	hookEvery  = 10 * time.Minute // how often the webhook is looked after
	// renumbered is after how long without updates their numbers are not trusted
	// any more: Telegram chooses new ones after a week.
	renumbered = 6 * 24 * time.Hour
	folder     = "updates" // of the cursor
)

func wanted() []string {
	return []string{"message", "edited_message", "callback_query", "my_chat_member"}
}

// Listen implements channel.Listener: it fetches updates, or looks after the
// webhook by which they come.
func (e *endpoint) Listen(ctx context.Context, deliver func(context.Context, channel.Raw) error) error {
	turn := (&care{endpoint: e}).turn
	if e.mode == modePoll {
		p := &poll{endpoint: e, deliver: deliver}
		turn = p.turn
	}
	pause := firstPause
	for ctx.Err() == nil {
		rest, err := turn(ctx)
		if ctx.Err() != nil {
			return nil
		}
		e.host.Healthy(ctx, err)
		if err == nil {
			pause = firstPause
		} else {
			rest = cmp.Or(asked(err), pause+rand.N(pause))
			pause = min(pause*2, maxPause)
		}
		if rest > 0 && !e.wait(ctx, rest) {
			return nil
		}
	}
	return nil
}

// asked is how long Telegram wants to be left alone.
func asked(err error) time.Duration {
	if later, ok := channel.AsLater(err); ok {
		return later.After
	}
	return 0
}

// poll fetches updates. offset confirms what was delivered before; zero asks for
// all that is not confirmed.
type poll struct {
	*endpoint
	deliver func(context.Context, channel.Raw) error
	begun   bool
	offset  int64
}

// turn asks once for updates and delivers them.
func (p *poll) turn(ctx context.Context) (time.Duration, error) {
	if !p.begun {
		if err := p.begin(ctx); err != nil {
			return 0, err
		}
	}
	list, err := p.updates(ctx)
	var conflict *conflictError
	if errors.As(err, &conflict) {
		return 0, errors.Join(conflict, p.freed(ctx))
	}
	if err != nil {
		return 0, err
	}
	p.offset = 0 // what it confirmed is confirmed
	for _, raw := range list {
		n := number(raw)
		if err := p.deliver(ctx, delivery(raw, p.host.Clock.Now())); err != nil {
			p.offset = max(n, p.offset)
			return 0, err
		}
		p.offset = max(n+1, p.offset)
		p.heard(ctx, raw)
		if err := p.remember(ctx, n); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// heard answers a pressed button. It is only for the eye: a failure is noted and
// holds up nothing.
func (p *poll) heard(ctx context.Context, raw []byte) {
	u, err := decode(raw)
	if err != nil || u.Callback == nil {
		return
	}
	if err := p.call(ctx, "answerCallbackQuery", answered{ID: string(u.Callback.ID)}, nil); err != nil && ctx.Err() == nil {
		p.host.Log.DebugContext(ctx, "answering a pressed button", "error", err)
	}
}

// number is that of an update; -1 for what is none, which is kept like any
// other and confirms nothing.
func number(raw []byte) int64 {
	u, err := decode(raw)
	if err != nil {
		return -1
	}
	n, err := strconv.ParseInt(string(u.ID), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// begin goes on where the last Listen ended.
func (p *poll) begin(ctx context.Context) error {
	at, err := p.host.Cursor.Get(ctx, folder)
	if err != nil {
		return err
	}
	last := time.Unix(int64(at.UIDValidity), 0)
	if at.UID > 0 && p.host.Clock.Now().Sub(last) < renumbered {
		p.offset = int64(at.UID) + 1
	}
	p.begun = true
	return nil
}

// remember notes which update was delivered last, and when: a position has no
// other place for the time than the epoch of its numbers, which it is.
func (p *poll) remember(ctx context.Context, n int64) error {
	now := p.host.Clock.Now().Unix()
	if n <= 0 || n >= math.MaxUint32 || now < 0 || now > math.MaxUint32 {
		return nil // it would come once more after a restart, under its own key
	}
	return p.host.Cursor.Set(ctx, folder, channel.Position{UIDValidity: uint32(now), UID: uint32(n)})
}

func (p *poll) updates(ctx context.Context) (list []json.RawMessage, err error) {
	ctx, cancel := context.WithTimeout(ctx, pollTime+pollGrace)
	defer cancel()
	in := map[string]any{"timeout": int(pollTime.Seconds()), "limit": pollLimit, "allowed_updates": wanted()}
	if p.offset != 0 {
		in["offset"] = p.offset
	}
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	err = p.ask(ctx, fetch.JSON(http.MethodPost, p.api+"getUpdates", nil, doc), &list)
	return list, err
}

// freed takes away a webhook, to which updates go as long as there is one. What
// waits for it is not dropped. Two who fetch for one bot is another conflict,
// which only a person can end.
func (p *poll) freed(ctx context.Context) error {
	info, err := p.hookInfo(ctx)
	if err != nil || info.URL == "" {
		return err
	}
	return p.call(ctx, "deleteWebhook", map[string]any{"drop_pending_updates": false}, nil)
}

// hookInfo is what Telegram tells of a webhook.
type hookInfo struct {
	URL       string `json:"url"`
	Pending   int    `json:"pending_update_count"`
	FailedAt  int64  `json:"last_error_date"`
	LastError string `json:"last_error_message"`
}

func (e *endpoint) hookInfo(ctx context.Context) (info hookInfo, err error) {
	err = e.call(ctx, "getWebhookInfo", struct{}{}, &info)
	return info, err
}

// care looks after the webhook.
type care struct {
	*endpoint
	begun bool
}

// turn registers the webhook at first, because nobody can see under which secret
// it was registered before, and where it is not ours any more; it tells of
// failures.
func (e *care) turn(ctx context.Context) (time.Duration, error) {
	if e.host.Hook == "" {
		return 0, errors.New("this server has no address that Telegram could call")
	}
	info, err := e.hookInfo(ctx)
	if err != nil {
		return 0, err
	}
	if info.URL != e.host.Hook || !e.begun {
		err := e.register(ctx)
		e.begun = err == nil
		if err != nil || info.URL != e.host.Hook {
			return hookEvery, err
		}
	}
	if at := unix(info.FailedAt); info.Pending > 0 && e.host.Clock.Now().Sub(at) < hookEvery {
		return hookEvery, fmt.Errorf("telegram: %s; %d updates wait", info.LastError, info.Pending)
	}
	return hookEvery, nil
}

func (e *endpoint) register(ctx context.Context) error {
	return e.call(ctx, "setWebhook", map[string]any{"url": e.host.Hook, "secret_token": e.hookSecret(), "allowed_updates": wanted()}, nil)
}

package line

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	retryKey   = "X-Line-Retry-Key"
	pushTries  = 3              // of one push, with the same key
	pushPause  = time.Second    // before the second try, then doubling
	retryLimit = 23 * time.Hour // LINE knows a key for a day
	replyPath  = "/v2/bot/message/reply"
	pushPath   = "/v2/bot/message/push"
)

// folded is an id of LINE's as an address book keeps it.
var folded = regexp.MustCompile(`^[ucr][0-9a-f]{32}$`)

// errToken says that a reply token is not accepted (any more): nothing was sent.
var errToken = errors.New("the reply token is not accepted")

// Send implements channel.Channel.
func (e *endpoint) Send(ctx context.Context, m *channel.Outgoing) error {
	to, err := recipient(m)
	if err != nil {
		return err
	}
	objects, err := compose(ctx, m)
	if err != nil {
		return err
	}
	if _, err := e.bearer(ctx); err != nil { // lent now, and not when nobody knows any more what was sent
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.Committing(ctx); err != nil {
		return err
	}
	if token, ok := freshToken(m.Token, e.host.Clock.Now()); ok && len(objects) <= maxObjects {
		// What takes several requests is pushed: the key of each makes it safe to
		// begin again, which a reply cannot be.
		m.Accepted, err = e.reply(ctx, token, objects)
		if !errors.Is(err, errToken) {
			return err
		}
	}
	done := 0
	for batch := range slices.Chunk(objects, maxObjects) {
		ids, err := e.push(ctx, uuid(m.ID, done), to, batch)
		m.Accepted = append(m.Accepted, ids...)
		if err != nil {
			return e.stopped(m, done, len(objects), err)
		}
		done += len(batch)
	}
	return nil
}

// recipient is the one whom a message is for.
func recipient(m *channel.Outgoing) (string, error) {
	to := m.Recipients()
	if len(to) != 1 {
		return "", &channel.RefusedError{Text: fmt.Sprintf("a LINE message is for one person, not for %d", len(to))}
	}
	id := to[0].Address
	if folded.MatchString(id) { // LINE's ids begin with a capital
		id = strings.ToUpper(id[:1]) + id[1:]
	}
	return id, nil
}

// reply answers the event of a token. An answer that was lost cannot be asked for
// again.
func (e *endpoint) reply(ctx context.Context, token string, objects []object) ([]string, error) {
	a, err := e.ask(ctx, http.MethodPost, replyPath, nil, map[string]any{"replyToken": token, "messages": objects})
	switch {
	case fetch.Unsent(err):
		return nil, err
	case err != nil:
		return nil, &channel.AmbiguousError{Err: err}
	case a.OK():
		return idsOf(a), nil
	case a.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(wordsOf(a)), "reply token"):
		return nil, errToken
	case a.Status >= 500:
		return nil, &channel.AmbiguousError{Err: e.judge(a)}
	}
	return nil, e.judge(a)
}

// push sends one request's worth of messages, under a key with which LINE carries
// it out once however often it is made.
func (e *endpoint) push(ctx context.Context, key, to string, objects []object) (ids []string, err error) {
	header := http.Header{retryKey: {key}}
	pause := pushPause
	for try := 1; ; try++ {
		a, asked := e.ask(ctx, http.MethodPost, pushPath, header, map[string]any{"to": to, "messages": objects})
		switch {
		case fetch.Unsent(asked):
			return nil, asked
		case asked == nil && (a.OK() || a.Status == http.StatusConflict): // conflict: it was accepted before
			return idsOf(a), nil
		case asked == nil && a.Status < 500:
			return nil, e.judge(a)
		}
		if err = asked; err == nil {
			err = e.judge(a)
		}
		if try == pushTries || !e.wait(ctx, pause) {
			return nil, &unansweredError{err}
		}
		pause *= 2
	}
}

// unansweredError says that nobody knows whether a push was carried out, and that
// it can be made again.
type unansweredError struct{ err error }

// Error implements error. The cause is told and not wrapped: for the product this
// is a failure like any other that may be tried again.
func (e *unansweredError) Error() string { return "LINE did not answer: " + e.err.Error() }

// stopped says what it means that sending ended at the message after done.
func (e *endpoint) stopped(m *channel.Outgoing, done, all int, err error) error {
	var unanswered *unansweredError
	old := !m.At.IsZero() && e.host.Clock.Now().Sub(m.At) > retryLimit
	_, refused := channel.IsRefused(err)
	switch {
	case errors.As(err, &unanswered) && old: // LINE may have forgotten the key
		return &channel.AmbiguousError{Err: err}
	case refused && done > 0: // told and not wrapped: the whole is not refused
		return &channel.AmbiguousError{Err: fmt.Errorf("%d of %d parts arrived, then: %s", done, all, err.Error())}
	}
	return err
}

// wait rests; false when the context ends before.
func (e *endpoint) wait(ctx context.Context, d time.Duration) bool {
	wake, stop := e.host.Clock.After(d)
	defer stop()
	select {
	case <-wake:
		return true
	case <-ctx.Done():
		return false
	}
}

// uuid names the request of a message that begins at its nth part: always the
// same, as RFC 9562's version 8 writes it.
func uuid(id string, n int) string {
	sum := sha256.Sum256([]byte(id + "\x00" + strconv.Itoa(n)))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

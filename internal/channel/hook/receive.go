package hook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	source = "hook" // Raw.Source
	// longestDelay is how old a message may be and still count from when it was
	// written: whoever was away tells later.
	longestDelay = 7 * 24 * time.Hour
)

// Receive implements channel.Receiver. What is believed and wrong is answered
// with the reason, for whoever wrote the other side.
func (e *endpoint) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	if err := e.in.verify(c); err != nil {
		return channel.Reception{}, err
	}
	if c.Method != http.MethodPost {
		return wrong(http.StatusMethodNotAllowed, fmt.Errorf("the method %s", c.Method))
	}
	m, err := Parse(c.Body)
	if err != nil {
		return wrong(http.StatusBadRequest, err)
	}
	raw := channel.Raw{Source: source, Key: c.Header.Get(idHeader), At: c.At, Bytes: c.Body}
	if !m.At.IsZero() && m.At.Before(c.At) && c.At.Sub(m.At) < longestDelay {
		raw.At = m.At
	}
	return channel.Reception{Raws: []channel.Raw{raw}, ContentType: "application/json", Body: []byte("{}\n")}, nil
}

// wrong answers a call that cannot be taken.
func wrong(status int, err error) (channel.Reception, error) {
	body, merr := json.Marshal(map[string]string{"error": err.Error()})
	return channel.Reception{Status: status, ContentType: "application/json", Body: body}, merr
}

// Fetch implements channel.Fetcher.
func (e *endpoint) Fetch(ctx context.Context, ref string) (io.ReadCloser, string, error) {
	link, ok := strings.CutPrefix(ref, refURL)
	if !ok || !reachable(link) {
		return nil, "", &channel.RefusedError{Text: "nobody knows where the file is"}
	}
	resp, err := fetch.Open(ctx, e.host.Client, fetch.Request{Method: http.MethodGet, URL: link})
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, resp.Header.Get("Content-Type"), nil
	}
	_ = resp.Body.Close() // its words do not matter
	words := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch {
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
		return nil, "", &channel.LaterError{After: fetch.RetryAfter(resp.Header, e.host.Clock.Now(), laterPause), Text: words}
	case resp.StatusCode >= 300 && resp.StatusCode < 500:
		return nil, "", &channel.RefusedError{Code: resp.StatusCode, Text: words}
	}
	return nil, "", fmt.Errorf("fetching a file: %s", words)
}

package line

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/kit/fetch"
)

const (
	leasePath  = "/oauth2/v3/token"
	verifyPath = "/v2/oauth/verify"
	// leaseMargin is how long before its end a lent token is not used any more: a
	// push that is made again must not outlive it.
	leaseMargin = 3 * time.Minute
	// farAway is from when on the end of a token is none: LINE tells of its
	// long-lived ones that they last a century.
	farAway = 365 * 24 * time.Hour
	// maxLeases is how many channels' tokens are remembered.
	maxLeases = 1000
)

// leaseKey is for whom LINE lends a token.
type leaseKey struct {
	api, channelID string
	secret         [sha256.Size]byte // hashed: a key is kept longer than an endpoint
}

// leases are the tokens that were lent, for all endpoints of this channel.
type leases struct {
	mu sync.Mutex
	of map[leaseKey]*lease
}

// find returns the lease of a channel, which may be without a token.
func (l *leases) find(key leaseKey) *lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one, ok := l.of[key]; ok {
		return one
	}
	if len(l.of) >= maxLeases {
		clear(l.of) // they are lent anew
	}
	one := &lease{}
	l.of[key] = one
	return one
}

// lease is a token that LINE lends to whoever knows the channel's id and secret,
// for a quarter of an hour. There may be any number of them.
type lease struct {
	mu    sync.Mutex
	token string
	until time.Time
}

// forget drops a token that LINE does not take any more, so that the next request
// asks for another one.
func (l *lease) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token, l.until = "", time.Time{}
}

// bearer is the token for the next request: the one that was entered, or one that
// LINE lends. Errors: channel.SettingsError when LINE lends none for this channel.
func (e *endpoint) bearer(ctx context.Context) (string, error) {
	if e.token != "" {
		return e.token, nil
	}
	e.lease.mu.Lock()
	defer e.lease.mu.Unlock()
	now := e.host.Clock.Now()
	if now.Before(e.lease.until) {
		return e.lease.token, nil
	}
	a, err := e.form(ctx, leasePath, url.Values{"grant_type": {"client_credentials"}, "client_id": {e.channelID}, "client_secret": {string(e.secret)}})
	if err != nil {
		return "", err
	}
	var got struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
		Error   string `json:"error"`
		Words   string `json:"error_description"`
	}
	bad := json.Unmarshal(a.Body, &got)
	switch {
	case a.Status == http.StatusTooManyRequests, a.Status >= http.StatusInternalServerError:
		return "", e.judge(a)
	case !a.OK():
		return "", &channel.SettingsError{Err: fmt.Errorf("LINE lends no token for the channel id and secret: %d %s %s", a.Status, got.Error, got.Words), Token: true}
	case bad != nil || got.Token == "":
		return "", fmt.Errorf("LINE's answer is not understood: %w", bad)
	}
	e.lease.token, e.lease.until = got.Token, now.Add(time.Duration(got.Seconds)*time.Second-leaseMargin)
	return got.Token, nil
}

// ends asks LINE when the token that was entered ends; zero if it does not. Errors:
// LINE does not say, so that nobody takes silence for a token without end.
func (e *endpoint) ends(ctx context.Context) (time.Time, error) {
	a, err := e.form(ctx, verifyPath, url.Values{"access_token": {e.token}})
	if err != nil {
		return time.Time{}, err
	}
	if !a.OK() {
		return time.Time{}, e.judge(a)
	}
	var got struct {
		Seconds int64 `json:"expires_in"`
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		return time.Time{}, fmt.Errorf("LINE's answer is not understood: %w", err)
	}
	if got.Seconds <= 0 || got.Seconds > int64(farAway/time.Second) {
		return time.Time{}, nil
	}
	return e.host.Clock.Now().Add(time.Duration(got.Seconds) * time.Second), nil
}

func (e *endpoint) form(ctx context.Context, path string, form url.Values) (fetch.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return fetch.Ask(ctx, e.host.Client, fetch.Request{Method: http.MethodPost, URL: e.api + path,
		Body: strings.NewReader(form.Encode()), Type: "application/x-www-form-urlencoded"})
}

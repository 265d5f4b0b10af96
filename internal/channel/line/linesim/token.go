package linesim

import (
	"net/http"
	"strconv"
	"time"
)

// How long tokens hold.
const (
	lent      = 15 * time.Minute
	longLived = 100 * 365 * 24 * time.Hour
)

// knows reports whether a token was entered or lent, and has not ended.
func (a api) knows(token string) bool {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	until, ok := a.s.lent[token]
	if token == a.s.cfg.Token {
		until, ok = a.s.cfg.Ends, true
	}
	return ok && (until.IsZero() || a.s.cfg.Clock.Now().Before(until))
}

// lend gives a token to whoever knows the channel's id and secret.
func (a api) lend(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || a.s.cfg.ID == "" || r.PostForm.Get("grant_type") != "client_credentials" ||
		r.PostForm.Get("client_id") != a.s.cfg.ID || r.PostForm.Get("client_secret") != a.s.cfg.Secret {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_client", "error_description": "invalid client_id or client_secret"})
		return
	}
	a.s.mu.Lock()
	a.s.seq++
	token := "lent-" + strconv.FormatInt(a.s.seq, 10)
	a.s.lent[token] = a.s.cfg.Clock.Now().Add(lent)
	a.s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"token_type": "Bearer", "access_token": token, "expires_in": int(lent.Seconds()) - 1})
}

// verify tells how long the entered token holds.
func (a api) verify(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || !a.knows(r.PostForm.Get("access_token")) {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "access token expired"})
		return
	}
	left := longLived
	if !a.s.cfg.Ends.IsZero() {
		left = a.s.cfg.Ends.Sub(a.s.cfg.Clock.Now())
	}
	answer(w, http.StatusOK, map[string]any{"client_id": a.s.cfg.ID, "expires_in": int64(left.Seconds()), "scope": "P CM"})
}

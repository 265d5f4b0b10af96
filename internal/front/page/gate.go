package page

import (
	"net/http"
	"strconv"
	"time"
)

// Caller is who asks for a page, and when.
type Caller struct {
	Address string
	Now     time.Time
}

// Gate stands before all pages whose address is a secret: it sets their headers,
// slows down who tries addresses, refuses posts of other sites, and bounds what is
// read of a post to most bytes. It returns the name of the page that refuses, with
// its status; "" lets the request pass.
func (m *Misses) Gate(w http.ResponseWriter, r *http.Request, c Caller, most int64) (refused string, status int) {
	Private(w.Header())
	if m.Full(c.Address, c.Now) {
		w.Header().Set("Retry-After", strconv.Itoa(int(MissEvery.Seconds())*MissBurst))
		return "slow", http.StatusTooManyRequests
	}
	if r.Method == http.MethodPost {
		if Foreign(r) {
			return "foreign", http.StatusForbidden
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
	}
	return "", 0
}

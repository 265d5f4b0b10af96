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
// refuses posts of other sites, and bounds what is read of a post to most bytes. It
// returns the name of the page that refuses, with its status; "" lets the request
// pass.
func Gate(w http.ResponseWriter, r *http.Request, most int64) (refused string, status int) {
	Private(w.Header())
	if r.Method == http.MethodPost {
		if Foreign(r) {
			return "foreign", http.StatusForbidden
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
	}
	return "", 0
}

// Missed counts that somebody named what does not exist, and returns the page that
// answers with its status: the one given, or "slow" to an address that does so all
// the time. Whoever names what does exist is never held up: many people may share an
// address with one who tries.
func (m *Misses) Missed(w http.ResponseWriter, c Caller, name string) (answer string, status int) {
	if m.Full(c.Address, c.Now) {
		w.Header().Set("Retry-After", strconv.Itoa(int(MissEvery.Seconds())*MissBurst))
		return "slow", http.StatusTooManyRequests
	}
	m.Add(c.Address, c.Now)
	return name, http.StatusNotFound
}

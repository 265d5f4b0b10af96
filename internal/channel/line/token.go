package line

import (
	"strconv"
	"strings"
	"time"
)

// tokenLife is how long after its event a reply token is tried. LINE promises a
// minute; the request takes some of it.
const tokenLife = 50 * time.Second

// newToken keeps a reply token with the time from which it counts: "" if there
// is none.
func newToken(reply string, at time.Time) string {
	if reply == "" || at.IsZero() || strings.ContainsRune(reply, ' ') {
		return ""
	}
	return reply + " " + strconv.FormatInt(at.UnixMilli(), 10)
}

// freshToken returns the reply token of a kept one, as long as it is worth trying.
func freshToken(kept string, now time.Time) (string, bool) {
	reply, at, ok := strings.Cut(kept, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return "", false
	}
	age := now.Sub(time.UnixMilli(ms))
	return reply, age < tokenLife && age > -tokenLife
}

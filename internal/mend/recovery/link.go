package recovery

import (
	"strconv"
	"strings"
)

// link is what comes back with the answer to a follow-up survey:
// "case_…/<round>/<try>".
func link(id ID, at awaited) string {
	return string(id) + "/" + itoa(at.Round) + "/" + itoa(at.Try)
}

func parseLink(s string) (id ID, at awaited, ok bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 {
		return "", at, false
	}
	var err1, err2 error
	at.Round, err1 = strconv.Atoi(parts[1])
	at.Try, err2 = strconv.Atoi(parts[2])
	return ID(parts[0]), at, err1 == nil && err2 == nil
}

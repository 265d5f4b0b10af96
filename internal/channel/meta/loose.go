package meta

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Loose is a text that may also come as a number or a truth value: ids, times
// and codes do, depending on the version and on who relays a call.
type Loose string

// UnmarshalJSON implements json.Unmarshaler.
func (l *Loose) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0 || bytes.Equal(b, []byte("null")):
		*l = ""
		return nil
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(l))
	case b[0] == '{' || b[0] == '[':
		*l = "" // nothing that could be shown
		return nil
	}
	*l = Loose(b)
	return nil
}

// Seconds reads l as seconds since 1970; zero if it is not that.
func (l Loose) Seconds() time.Time {
	n, err := strconv.ParseInt(string(l), 10, 64)
	if err != nil || n <= 0 || n > maxSeconds {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// Milliseconds reads l as milliseconds since 1970, or as a time written out; zero
// if it is neither.
func (l Loose) Milliseconds() time.Time {
	if at, err := time.Parse("2006-01-02T15:04:05-0700", string(l)); err == nil {
		return at.UTC()
	}
	whole, _, _ := strings.Cut(string(l), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n <= 0 || n > maxSeconds*1000 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// maxSeconds is the last second of the year 9999, which every format can write.
const maxSeconds = 253402300799

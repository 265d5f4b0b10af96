package twilio

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Event is one call as it is kept: the vendor's form, one value a name.
type Event struct {
	Path   string            `json:"path,omitempty"` // what of ours was called
	Params map[string]string `json:"params"`
}

// Raw returns the event as a delivery. key "" makes one of what is in it.
func (e Event) Raw(source, key string) (channel.Raw, error) {
	doc, err := json.Marshal(e)
	if err != nil {
		return channel.Raw{}, err
	}
	if key == "" {
		sum := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(e.Params)) {
			sum.Write([]byte(name + "=" + e.Params[name] + "\n"))
		}
		key = e.Path + ":" + hex.EncodeToString(sum.Sum(nil))
	}
	return channel.Raw{Source: source, Key: key, Bytes: doc}, nil
}

// ReadEvent reads what Raw wrote.
func ReadEvent(raw []byte) (e Event, err error) {
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, err
	}
	if len(e.Params) == 0 {
		return e, errors.New("no call of Twilio's")
	}
	return e, nil
}

// Time reads a time of the vendor's; zero if it is none.
func Time(s string) time.Time {
	t, err := time.Parse(time.RFC1123Z, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

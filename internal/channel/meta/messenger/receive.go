package messenger

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// call is what the vendor posts: any number of entries, each with events of one
// page or account.
type call struct {
	Object string  `json:"object"`
	Entry  []entry `json:"entry"`
	// Aside is why an event is kept and opens nothing. It is ours.
	Aside string `json:"aside,omitempty"`
}

type entry struct {
	ID        meta.Loose        `json:"id,omitempty"`
	Time      json.RawMessage   `json:"time,omitempty"`
	Messaging []json.RawMessage `json:"messaging,omitempty"`
	Standby   []json.RawMessage `json:"standby,omitempty"` // while another app leads the conversation
	Changes   []json.RawMessage `json:"changes,omitempty"` // posts and comments
}

// errNoCall is why a body is none of the vendor's.
var errNoCall = errors.New("no call of a page or an account")

// Receive implements channel.Receiver.
func (e *Endpoint) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	answer, done, err := e.hook.Believe(c)
	if done || err != nil {
		return answer, err
	}
	var in call
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return answer, &channel.MalformedError{Err: err}
	}
	if in.Object == "" || in.Entry == nil {
		return answer, &channel.MalformedError{Err: errNoCall}
	}
	for _, en := range in.Entry {
		for _, one := range en.single() {
			raw, err := e.raw(in.Object, one)
			if err != nil {
				return channel.Reception{}, &channel.MalformedError{Err: err}
			}
			answer.Raws = append(answer.Raws, raw)
		}
	}
	return answer, nil
}

// single splits an entry into entries with one event each. One without a list
// that is known is an event itself.
func (en entry) single() (out []entry) {
	for _, ev := range en.Messaging {
		out = append(out, entry{ID: en.ID, Time: en.Time, Messaging: []json.RawMessage{ev}})
	}
	for _, ev := range en.Standby {
		out = append(out, entry{ID: en.ID, Time: en.Time, Standby: []json.RawMessage{ev}})
	}
	for _, ev := range en.Changes {
		out = append(out, entry{ID: en.ID, Time: en.Time, Changes: []json.RawMessage{ev}})
	}
	if len(out) == 0 {
		return []entry{{ID: en.ID, Time: en.Time}}
	}
	return out
}

// raw is an entry with one event as a delivery.
func (e *Endpoint) raw(object string, en entry) (raw channel.Raw, err error) {
	doc := call{Object: object, Entry: []entry{en}}
	switch {
	case en.ID != "" && string(en.ID) != e.settings.ID:
		doc.Aside = "another page: " + string(en.ID)
	case len(en.Changes) > 0 && !e.settings.Comments:
		doc.Aside = "comments are not taken"
	}
	raw.Source = e.kind
	if raw.Bytes, err = json.Marshal(doc); err != nil {
		return raw, err
	}
	if raw.Key = en.key(); raw.Key == "" {
		en.Time = nil // of the call, not of the event
		raw.Key, err = meta.HashKey("event", en)
	}
	return raw, err
}

// key names an event by the vendor's id; "" if it has none.
func (en entry) key() string {
	for _, raw := range append(en.Messaging, en.Standby...) {
		var ev event
		if json.Unmarshal(raw, &ev) != nil || ev.Message == nil || ev.Message.ID == "" {
			continue
		}
		switch {
		case ev.Message.echo():
			return "echo:" + string(ev.Message.ID)
		case ev.Message.Deleted:
			return "deleted:" + string(ev.Message.ID)
		case len(en.Standby) > 0:
			return "standby:" + string(ev.Message.ID)
		}
		return "message:" + string(ev.Message.ID)
	}
	return ""
}

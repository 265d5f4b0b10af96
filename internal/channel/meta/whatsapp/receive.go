package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// call is what the vendor posts: any number of changes of any number of
// accounts, each with any number of events.
type call struct {
	Object string  `json:"object"`
	Entry  []entry `json:"entry"`
	// Elsewhere marks an event of another number than the endpoint's. It is ours.
	Elsewhere string `json:"elsewhere,omitempty"`
}

type entry struct {
	ID      meta.Loose      `json:"id,omitempty"`
	Time    json.RawMessage `json:"time,omitempty"`
	Changes []change        `json:"changes"`
}

type change struct {
	Field string                     `json:"field"`
	Value map[string]json.RawMessage `json:"value"`
}

// The names of this channel and of what the vendor calls about.
const (
	source        = "whatsapp"
	accountObject = "whatsapp_business_account"
)

// events lists the members of a change that hold one event each, in the order
// in which they are taken.
var events = []string{"messages", "statuses", "message_echoes", "calls", "user_preferences", "user_id_update"}

// errNoCall is why a body is none of the vendor's.
var errNoCall = errors.New("no call of a WhatsApp account")

// Receive implements channel.Receiver.
func (e *Endpoint) Receive(_ context.Context, c *channel.Call) (channel.Reception, error) {
	answer, done, err := e.hook.Believe(c)
	if done || err != nil {
		return answer, err
	}
	answer.Raws, err = cut(c.Body, e.settings.PhoneNumberID)
	return answer, err
}

// cut makes one delivery of every event in a call.
func cut(body []byte, number string) (raws []channel.Raw, err error) {
	var in call
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, &channel.MalformedError{Err: err}
	}
	if in.Object == "" || in.Entry == nil {
		return nil, &channel.MalformedError{Err: errNoCall}
	}
	for _, en := range in.Entry {
		for _, ch := range en.Changes {
			for _, one := range ch.single() {
				raw, err := one.raw(call{Object: in.Object, Entry: []entry{{ID: en.ID, Time: en.Time}}}, number)
				if err != nil {
					return nil, &channel.MalformedError{Err: err}
				}
				raws = append(raws, raw)
			}
		}
	}
	return raws, nil
}

// single splits a change into changes with one event each. One without a list
// that is known is an event itself.
func (c change) single() (out []change) {
	for _, name := range events {
		var list []json.RawMessage
		if c.Value[name] == nil || json.Unmarshal(c.Value[name], &list) != nil {
			continue
		}
		for _, one := range list {
			value := map[string]json.RawMessage{}
			for key, v := range c.Value {
				if !isEvents(key) {
					value[key] = v
				}
			}
			value[name] = json.RawMessage("[" + string(one) + "]")
			out = append(out, change{Field: c.Field, Value: value})
		}
	}
	if len(out) == 0 {
		return []change{c}
	}
	return out
}

func isEvents(name string) bool {
	for _, one := range events {
		if one == name {
			return true
		}
	}
	return false
}

// raw is a change with one event as a delivery.
func (c change) raw(in call, number string) (channel.Raw, error) {
	in.Entry[0].Changes = []change{c}
	ev, bad := c.understand() // what is not understood is kept, for Parse to say so
	if id := string(ev.Metadata.PhoneNumberID); id != "" && id != number {
		in.Elsewhere = id
	}
	doc, err := json.Marshal(in)
	if err != nil {
		return channel.Raw{}, fmt.Errorf("writing the event: %w", err)
	}
	raw := channel.Raw{Source: source, Key: ev.key(), Bytes: doc}
	if raw.Key == "" || bad != nil {
		raw.Key, err = meta.HashKey(c.Field, c)
	}
	return raw, err
}

package whatsapp

import (
	"encoding/json"
	"strings"

	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// event is the value of a change with one event.
type event struct {
	Metadata struct {
		PhoneNumberID meta.Loose `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts []person          `json:"contacts"`
	Messages []json.RawMessage `json:"messages"`
	Statuses []status          `json:"statuses"`
	Calls    []phoneCall       `json:"calls"`
}

// person is who an event is about.
type person struct {
	Profile struct {
		Name     meta.Loose `json:"name"`
		Username meta.Loose `json:"username"`
	} `json:"profile"`
	WaID   meta.Loose `json:"wa_id"`
	UserID meta.Loose `json:"user_id"`
}

// head is what all messages have.
type head struct {
	From       meta.Loose `json:"from"`
	FromUserID meta.Loose `json:"from_user_id"` // of people who do not show their number
	ID         meta.Loose `json:"id"`
	Timestamp  meta.Loose `json:"timestamp"`
	Type       string     `json:"type"`
	Context    struct {
		ID meta.Loose `json:"id"`
	} `json:"context"`
	Errors []fault `json:"errors"`
}

// fault is the vendor's word on what went wrong.
type fault struct {
	Code    meta.Loose `json:"code"`
	Title   meta.Loose `json:"title"`
	Message meta.Loose `json:"message"`
	Data    struct {
		Details meta.Loose `json:"details"`
	} `json:"error_data"`
}

// words is what the vendor says of a fault, each thing once.
func (f fault) words() string {
	var out []string
	for _, s := range []meta.Loose{f.Code, f.Title, f.Message, f.Data.Details} {
		if s != "" && !strings.Contains(strings.Join(out, " "), string(s)) {
			out = append(out, string(s))
		}
	}
	return strings.Join(out, " ")
}

// understand reads the members of a change that are known.
func (c change) understand() (ev event, err error) {
	doc, err := json.Marshal(c.Value)
	if err != nil {
		return ev, err
	}
	return ev, json.Unmarshal(doc, &ev)
}

// key names an event by the vendor's ids; "" if it has none.
func (ev event) key() string {
	switch {
	case len(ev.Messages) == 1:
		var h head
		if json.Unmarshal(ev.Messages[0], &h) == nil && h.ID != "" {
			return "message:" + string(h.ID)
		}
	case len(ev.Statuses) == 1:
		if s := ev.Statuses[0]; s.ID != "" {
			return "status:" + strings.Join([]string{string(s.ID), s.Status, string(s.recipient()), string(s.Timestamp)}, ":")
		}
	case len(ev.Calls) == 1:
		if c := ev.Calls[0]; c.ID != "" {
			return "call:" + string(c.ID) + ":" + c.Event
		}
	}
	return ""
}

// sender is the person whose id is one of those given, or the only one there is.
func (ev event) sender(ids ...meta.Loose) person {
	for _, p := range ev.Contacts {
		for _, id := range ids {
			if id != "" && (p.WaID == id || p.UserID == id) {
				return p
			}
		}
	}
	if len(ev.Contacts) == 1 {
		return ev.Contacts[0]
	}
	return person{}
}

// address is where an answer to one of these ids can be sent: a number in E.164
// where there is one, else the vendor's id of the person.
func address(ids ...meta.Loose) string {
	for _, id := range ids {
		s := strings.TrimPrefix(string(id), "+")
		switch {
		case s == "":
		case plainID(s):
			return "+" + s
		default:
			return s
		}
	}
	return ""
}

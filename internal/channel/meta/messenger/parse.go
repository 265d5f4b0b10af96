package messenger

import (
	"encoding/json"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta"
)

// Parse is Kind.Parse: it reads a call of the vendor's with one event in it.
func Parse(raw []byte) (*channel.Message, error) {
	var in call
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	if len(in.Entry) != 1 {
		return nil, errNoCall
	}
	en := in.Entry[0]
	switch {
	case len(en.Messaging)+len(en.Standby)+len(en.Changes) > 1:
		return nil, errors.New("more than one event")
	case in.Aside != "":
		return &channel.Message{Subject: in.Aside}, nil
	case len(en.Messaging) == 1:
		return messaging(en.Messaging[0])
	case len(en.Standby) == 1:
		return &channel.Message{Subject: "standby: another app leads this conversation"}, nil
	case len(en.Changes) == 1:
		return posted(en.Changes[0], string(en.ID))
	}
	return &channel.Message{Subject: "unknown"}, nil
}

// messaging reads an event between a person and us.
func messaging(raw json.RawMessage) (*channel.Message, error) {
	var ev event
	if err := json.Unmarshal(raw, &ev); err != nil {
		return nil, err
	}
	m := &channel.Message{From: channel.Address{Address: string(ev.Sender.ID)}, At: ev.Timestamp.Milliseconds()}
	what := name(raw)
	switch {
	case ev.Message != nil && ev.Message.echo():
		return &channel.Message{At: m.At, Subject: "echo"}, nil
	case ev.Sender.ID == "":
		ev.tell(m, what)
	case ev.Message != nil:
		ev.Message.into(m)
	case ev.Edit != nil:
		m.ExternalID, m.Edits, m.Text = string(ev.Edit.ID), string(ev.Edit.ID), string(ev.Edit.Text)
	case ev.Postback != nil:
		p := ev.Postback
		m.ExternalID, m.Text = string(p.ID), string(p.Title)
		thing(m, "choice", map[string]meta.Loose{"title": p.Title, "value": p.Payload})
		if p.Title == "" {
			m.Text = string(p.Payload)
		}
	case ev.Reaction != nil:
		ev.reacted(m)
	case housekeeping[what]:
		ev.tell(m, what)
	default:
		thing(m, "unknown", map[string]meta.Loose{"kind": meta.Loose(what)})
	}
	m.Visible = m.Text
	return m, nil
}

// tell notes an event in which nobody says anything.
func (ev event) tell(m *channel.Message, what string) {
	m.Subject = what
	switch {
	case ev.Read != nil && ev.Read.ID != "":
		m.Receipts = []channel.Receipt{{ExternalID: string(ev.Read.ID), State: "read", At: m.At}}
	case ev.Delivery != nil:
		for _, id := range ev.Delivery.IDs {
			m.Receipts = append(m.Receipts, channel.Receipt{ExternalID: string(id), State: "delivered", At: m.At})
		}
	case ev.Policy != nil:
		m.Subject = lines(": ", meta.Loose(what), ev.Policy.Action, ev.Policy.Reason)
	}
}

func (ev event) reacted(m *channel.Message) {
	r := ev.Reaction
	if r.Action == "unreact" {
		m.Subject = "reaction taken back"
		return
	}
	m.InReplyTo = []string{string(r.ID)}
	thing(m, "reaction", map[string]meta.Loose{"emoji": r.Emoji, "to": r.ID, "kind": r.Name})
}

// into reads a message.
func (s *said) into(m *channel.Message) {
	m.ExternalID, m.Text = string(s.ID), string(s.Text)
	if s.Deleted {
		m.ExternalID, m.Deletes = "", string(s.ID) // the event has no id of its own
		return
	}
	for _, a := range s.Attachments {
		a.into(m)
	}
	if s.QuickReply != nil {
		thing(m, "choice", map[string]meta.Loose{"title": s.Text, "value": s.QuickReply.Payload})
	}
	if (s.Sticker != "" || s.StickerToo != "") && m.Thing == nil {
		thing(m, "sticker", map[string]meta.Loose{"id": s.Sticker + s.StickerToo})
	}
	if s.ReplyTo != nil {
		if s.ReplyTo.ID != "" {
			m.InReplyTo = []string{string(s.ReplyTo.ID)}
		}
		if story := s.ReplyTo.Story; story != nil {
			thing(m, "story", map[string]meta.Loose{"id": story.ID, "kind": "reply"})
			file(m, "story", story.URL)
		}
	}
	if r := s.Referral; r != nil && m.Thing == nil {
		thing(m, "referral", map[string]meta.Loose{"title": r.Ads.Title, "permalink": r.URI, "kind": r.Source})
	}
	if m.Empty() {
		kind := meta.Loose("empty")
		if s.Unsupported {
			kind = "unsupported"
		}
		thing(m, "unknown", map[string]meta.Loose{"kind": kind})
	}
}

// thing notes what is not words, without members that say nothing.
func thing(m *channel.Message, name string, data map[string]meta.Loose) {
	m.Thing = &channel.Thing{Name: name, Data: map[string]string{}}
	for key, v := range data {
		if v != "" {
			m.Thing.Data[key] = string(v)
		}
	}
}

package whatsapp

import (
	"cmp"
	"encoding/json"
	"errors"

	"github.com/kintsugi-desk/kintsugi/internal/channel"
)

// Parse is Kind.Parse: it reads a call of the vendor's with one event in it.
func Parse(raw []byte) (*channel.Message, error) {
	var in call
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	if len(in.Entry) != 1 || len(in.Entry[0].Changes) != 1 {
		return nil, errors.New("not one event of a WhatsApp account")
	}
	ch := in.Entry[0].Changes[0]
	ev, err := ch.understand()
	if err != nil {
		return nil, err
	}
	switch {
	case len(ev.Messages)+len(ev.Statuses)+len(ev.Calls) > 1:
		return nil, errors.New("more than one event")
	case in.Elsewhere != "":
		return &channel.Message{Subject: "another number: " + in.Elsewhere}, nil
	case len(ev.Messages) == 1:
		return ev.message(ev.Messages[0])
	case len(ev.Statuses) == 1:
		return ev.Statuses[0].message(), nil
	case len(ev.Calls) == 1:
		return ev.called(ev.Calls[0]), nil
	}
	return &channel.Message{Subject: cmp.Or(ch.Field, "unknown")}, nil
}

// message reads what a person sent.
func (ev event) message(raw json.RawMessage) (*channel.Message, error) {
	var h head
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	who := ev.sender(h.From, h.FromUserID)
	m := &channel.Message{
		ExternalID: string(h.ID), At: h.Timestamp.Seconds(),
		From: channel.Address{Name: string(cmp.Or(who.Profile.Name, who.Profile.Username)), Address: address(h.From, who.WaID, h.FromUserID, who.UserID)},
	}
	if h.Context.ID != "" {
		m.InReplyTo = []string{string(h.Context.ID)}
	}
	for _, f := range h.Errors {
		m.Problems = append(m.Problems, f.words())
	}
	if read := contents[h.Type]; read == nil || !read(m, members[h.Type]) {
		unknown(m, h, members)
	}
	if advert(m, members["referral"]); m.Thing == nil && m.Text == "" && len(m.Parts) == 0 && m.Subject == "" && m.Deletes == "" {
		unknown(m, h, members)
	}
	m.Visible = m.Text
	return m, nil
}

// unknown keeps a message of a kind that nobody here has heard of. Words are
// words whatever they come in.
func unknown(m *channel.Message, h head, members map[string]json.RawMessage) {
	if m.Text == "" && text(m, members["text"]) && m.Text != "" {
		return
	}
	if m.From.Address == "" {
		m.Subject = cmp.Or(h.Type, "unknown")
		return
	}
	data := map[string]string{"kind": cmp.Or(h.Type, "unknown")}
	if len(h.Errors) > 0 {
		data["reason"] = h.Errors[0].words()
	}
	m.Thing = &channel.Thing{Name: "unknown", Data: data}
}
